// SPDX-License-Identifier: GPL-2.0-only
/*
 * clone3 COMMAND...: runs a program that can make processes and threads, and no
 * namespaces. A filter can see the flags of clone() and unshare(), which are in
 * registers. Those of clone3() are in memory: until now, sandboxes had to answer it
 * with ENOSYS.
 *
 * gcc -o clone3 clone3.c $(pkg-config --cflags --libs pinredir) -lseccomp
 */
#include <errno.h>
#include <error.h>
#include <linux/sched.h>
#include <pinredir.h>
#include <seccomp.h>
#include <string.h>
#include <sys/wait.h>

#define NAMESPACES	(CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNET | \
			 CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUSER | \
			 CLONE_NEWUTS)

/* For clone3() only: to clone() this bit is part of a signal's number. */
#define NAMESPACES3	(NAMESPACES | CLONE_NEWTIME)

/* What the kernel takes, at most */
#define MOST		4096

static int on_clone3(struct pinredir_call *call, void *data)
{
	size_t len = pinredir_arg(call, 1);
	const void *bytes;
	__u64 flags;
	int err;

	(void)data;
	if (len < CLONE_ARGS_SIZE_VER0)
		return -EINVAL;
	if (len > MOST)
		return -E2BIG;
	err = pinredir_get_bytes(call, 0, &bytes, &len);
	if (err)
		return err;
	if (!bytes)
		return -EFAULT;
	/* The first member. What follows it may be newer than this program. */
	memcpy(&flags, bytes, sizeof(flags));
	return flags & NAMESPACES3 ? -EPERM : PINREDIR_ALLOW;
}

/* No namespaces by the calls whose flags a filter can see, one rule for each bit */
static void deny_in_registers(scmp_filter_ctx filter)
{
	unsigned long bit;

	for (bit = 1; bit <= NAMESPACES; bit <<= 1) {
		if (bit & NAMESPACES)
			seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM),
					 SCMP_SYS(clone), 1,
					 SCMP_A0(SCMP_CMP_MASKED_EQ, bit, bit));
		if (bit & NAMESPACES3)
			seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM),
					 SCMP_SYS(unshare), 1,
					 SCMP_A0(SCMP_CMP_MASKED_EQ, bit, bit));
	}
}

static int serve(struct pinredir *ctx)
{
	struct pinredir_loop *loop;
	int err = pinredir_loop_new(&loop, ctx, NULL);

	if (err)
		return err;
	pinredir_loop_handle(loop, SCMP_SYS(clone3), on_clone3, NULL);
	err = pinredir_loop_run(loop);
	pinredir_loop_free(loop);
	return err;
}

int main(int argc, char **argv)
{
	struct pinredir_spawn how = { .size = sizeof(how), .argv = argv + 1 };
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	struct pinredir_child *child;
	struct pinredir *ctx;
	int err, status;

	if (argc < 2)
		error(2, 0, "usage: clone3 COMMAND...");
	seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(clone3), 0);
	deny_in_registers(filter);
	err = pinredir_spawn(&child, filter, &how);
	if (!err)
		err = pinredir_open(&ctx, pinredir_child_listener(child), NULL);
	if (!err)
		err = serve(ctx);
	if (err)
		error(126, -err, "%s", argv[1]);
	pinredir_close(ctx);
	err = pinredir_child_wait(child, &status, 0);
	if (err)
		error(126, -err, "%s", argv[1]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
