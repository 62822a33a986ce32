// SPDX-License-Identifier: GPL-2.0-only
/*
 * connect ADDRESS COMMAND...: runs a program that reaches one IP address only, and
 * Unix sockets. What it connects and sends to is looked at where the kernel reads
 * it: in connect(), sendto() and sendmsg().
 *
 * gcc -o connect connect.c $(pkg-config --cflags --libs pinredir) -lseccomp
 */
#include <arpa/inet.h>
#include <errno.h>
#include <error.h>
#include <pinredir.h>
#include <seccomp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* The address that is allowed; IPv4 as ::ffff:a.b.c.d */
static struct in6_addr allowed;

static void map_v4(struct in6_addr *to, const struct in_addr *from)
{
	memset(to, 0, sizeof(*to));
	to->s6_addr[10] = 0xff;
	to->s6_addr[11] = 0xff;
	memcpy(&to->s6_addr[12], from, sizeof(*from));
}

/*
 * 0 or a negative errno. Of families only those that are known here: to UDP,
 * AF_UNSPEC is as good as AF_INET.
 */
static int judge(const struct sockaddr *address, size_t len)
{
	const struct sockaddr_in6 *in6 = (const void *)address;
	const struct sockaddr_in *in = (const void *)address;
	struct in6_addr to;

	if (len < sizeof(address->sa_family))
		return -EINVAL;
	switch (address->sa_family) {
	case AF_UNIX:
		return 0;
	case AF_INET:
		if (len < sizeof(*in))
			return -EINVAL;
		map_v4(&to, &in->sin_addr);
		break;
	case AF_INET6:
		if (len < sizeof(*in6))
			return -EINVAL;
		to = in6->sin6_addr;
		break;
	default:
		return -EACCES;
	}
	return memcmp(&to, &allowed, sizeof(to)) ? -EACCES : 0;
}

/* @data: which argument is the address; without one, the socket has one already */
static int on_address(struct pinredir_call *call, void *data)
{
	unsigned int arg = *(unsigned int *)data;
	const struct sockaddr *address;
	size_t len;
	int err = pinredir_get_sockaddr(call, arg, &address, &len);

	if (!err && address)
		err = judge(address, len);
	return err ? err : PINREDIR_ALLOW;
}

static int on_message(struct pinredir_call *call, void *data)
{
	struct pinredir_message message = { .size = sizeof(message) };
	int err = pinredir_get_message(call, 1, &message);

	(void)data;
	if (!err && message.name)
		err = judge(message.name, message.name_len);
	return err ? err : PINREDIR_ALLOW;
}

static int serve(struct pinredir *ctx)
{
	static unsigned int connect_arg = 1, sendto_arg = 4;
	struct pinredir_loop *loop;
	int err = pinredir_loop_new(&loop, ctx, NULL);

	if (err)
		return err;
	pinredir_loop_handle(loop, SCMP_SYS(connect), on_address, &connect_arg);
	pinredir_loop_handle(loop, SCMP_SYS(sendto), on_address, &sendto_arg);
	pinredir_loop_handle(loop, SCMP_SYS(sendmsg), on_message, NULL);
	err = pinredir_loop_run(loop);
	pinredir_loop_free(loop);
	return err;
}

static void refuse_socket(scmp_filter_ctx filter, struct scmp_arg_cmp which)
{
	seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
			 which);
}

int main(int argc, char **argv)
{
	struct pinredir_spawn how = { .size = sizeof(how), .argv = argv + 2 };
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	struct pinredir_child *child;
	struct pinredir *ctx;
	struct in_addr in;
	int err, status;
	unsigned int i;

	if (argc < 3)
		error(2, 0, "usage: connect ADDRESS COMMAND...");
	if (inet_pton(AF_INET, argv[1], &in) == 1)
		map_v4(&allowed, &in);
	else if (inet_pton(AF_INET6, argv[1], &allowed) != 1)
		error(2, 0, "%s: not an address", argv[1]);

	seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(connect), 0);
	seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(sendto), 0);
	seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(sendmsg), 0);
	/*
	 * Many addresses in one call that cannot be pinned, and no calls at all. The C
	 * library asks for names of hosts by sendmmsg(), and does not do without it:
	 * a supervisor that has to let it must send the messages itself.
	 */
	seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(sendmmsg), 0);
	seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
			 SCMP_SYS(io_uring_setup), 0);
	/*
	 * Sockets that send elsewhere: those of netlink and packets, and SCTP and MPTCP,
	 * which take more addresses by setsockopt() or have others added.
	 */
	for (i = AF_INET + 1; i < AF_INET6; i++)
		refuse_socket(filter, SCMP_A0(SCMP_CMP_EQ, i));
	refuse_socket(filter, SCMP_A0(SCMP_CMP_GT, AF_INET6));
	refuse_socket(filter, SCMP_A2(SCMP_CMP_EQ, IPPROTO_SCTP));
	refuse_socket(filter, SCMP_A2(SCMP_CMP_EQ, IPPROTO_MPTCP));
	err = pinredir_spawn(&child, filter, &how);
	if (!err)
		err = pinredir_open(&ctx, pinredir_child_listener(child), NULL);
	if (!err)
		err = serve(ctx);
	if (err)
		error(126, -err, "%s", argv[2]);
	pinredir_close(ctx);
	err = pinredir_child_wait(child, &status, 0);
	if (err)
		error(126, -err, "%s", argv[2]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
