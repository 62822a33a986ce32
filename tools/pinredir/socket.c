// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "socket.h"

#define PATH_AT		offsetof(struct sockaddr_un, sun_path)
/* Of a message that is sent here */
#define PIECES		64
/* Linux 6.9: a pidfd of a thread */
#define THREAD		O_EXCL

static const struct {
	const char *name;
	struct call_path path;
} calls[] = {
	{ "connect", { 1, CALL_NO_DIRFD, CALL_ADDRESS } },
	{ "bind", { 1, CALL_NO_DIRFD, CALL_ADDRESS } },
	{ "sendto", { 4, CALL_NO_DIRFD, CALL_ADDRESS } },
	{ "sendmsg", { 1, CALL_NO_DIRFD, CALL_MESSAGE } },
};

bool socket_path(const struct pinredir_syscall *syscall,
		 struct call_path *path)
{
	size_t i;

	for (i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		if (strcmp(syscall->name, calls[i].name))
			continue;
		*path = calls[i].path;
		return true;
	}
	return false;
}

/* NULL, if it is none; @address has a NUL behind @len. */
static const char *path_in(const void *address, size_t len)
{
	const struct sockaddr_un *un = address;

	if (len <= PATH_AT || un->sun_family != AF_UNIX || !un->sun_path[0])
		return NULL;
	return un->sun_path;
}

/**
 * struct message - a msghdr that has its name behind it, in the slot
 * @header: what sendmsg() reads; the rest of what it points to is the target's
 * @name: of the socket
 * @end: NUL
 */
struct message {
	struct msghdr header;
	struct sockaddr_storage name;
	char end;
};

static int message_pin(struct pinredir_call *call, unsigned int arg,
		       const struct message *message)
{
	size_t len = sizeof(*message);
	struct message *pinned;
	const void *bytes;
	int err = pinredir_set_bytes(call, arg, message, len);

	if (!err)
		err = pinredir_get_bytes(call, arg, &bytes, &len);
	if (err)
		return err;
	/* The arena is this process's to write. */
	pinned = (struct message *)bytes;
	pinned->header.msg_name =
		(void *)pinredir_address(call, &pinned->name);
	return 0;
}

/*
 * The header and the name alone: what the message says may be longer than a slot,
 * and no path is in it.
 */
static int message_get(struct pinredir_call *call, unsigned int arg,
		       struct message *message)
{
	struct msghdr *header = &message->header;
	size_t len = sizeof(*header);
	const void *bytes;
	int err = pinredir_get_bytes(call, arg, &bytes, &len);

	memset(message, 0, sizeof(*message));
	if (err)
		return err;
	if (!bytes)
		return -EFAULT;
	memcpy(header, bytes, sizeof(*header));
	if ((int)header->msg_namelen < 0)
		return -EINVAL;
	if (!header->msg_name || !header->msg_namelen)
		return 0;
	/* As the kernel has it */
	if (header->msg_namelen > sizeof(message->name))
		header->msg_namelen = sizeof(message->name);
	len = header->msg_namelen;
	err = pinredir_fetch(call, (uintptr_t)header->msg_name,
			     PINREDIR_BYTES, &bytes, &len);
	if (err)
		return err;
	memcpy(&message->name, bytes, header->msg_namelen);
	return message_pin(call, arg, message);
}

static int message_path_get(struct pinredir_call *call, unsigned int arg,
			    const char **string)
{
	struct message message;
	const void *bytes;
	size_t len = sizeof(message);
	int err = message_get(call, arg, &message);

	if (err || !path_in(&message.name, message.header.msg_namelen))
		return err;
	err = pinredir_get_bytes(call, arg, &bytes, &len);
	if (!err)
		*string = path_in(&((const struct message *)bytes)->name,
				  message.header.msg_namelen);
	return err;
}

int socket_path_get(struct pinredir_call *call, const struct call_path *path,
		    const char **string)
{
	const struct sockaddr *address;
	size_t len;
	int err;

	*string = NULL;
	if (path->kind == CALL_MESSAGE)
		return message_path_get(call, path->arg, string);
	err = pinredir_get_sockaddr(call, path->arg, &address, &len);
	if (!err && address)
		*string = path_in(address, len);
	return err;
}

int socket_path_set(struct pinredir_call *call, const struct call_path *path,
		    const char *string)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	size_t len = sizeof(struct message);
	struct message message;
	const void *bytes;
	int err;

	if (strlen(string) >= sizeof(un.sun_path))
		return -ENAMETOOLONG;
	strcpy(un.sun_path, string);
	if (path->kind == CALL_ADDRESS)
		return pinredir_set_sockaddr(call, path->arg,
					     (struct sockaddr *)&un,
					     sizeof(un));
	err = pinredir_get_bytes(call, path->arg, &bytes, &len);
	if (err)
		return err;
	memcpy(&message, bytes, sizeof(message));
	memset(&message.name, 0, sizeof(message.name));
	memcpy(&message.name, &un, sizeof(un));
	message.header.msg_namelen = sizeof(un);
	return message_pin(call, path->arg, &message);
}

/* The target's own socket, if it is of UDP. -ENOSYS: it is not */
static int udp_socket(struct pinredir_call *call, int pidfd)
{
	int domain, type;
	socklen_t len = sizeof(domain);
	int fd = syscall(SYS_pidfd_getfd, pidfd, (int)pinredir_arg(call, 0), 0);

	if (fd < 0)
		return -errno;
	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) ||
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) ||
	    (domain != AF_INET && domain != AF_INET6) || type != SOCK_DGRAM) {
		close(fd);
		return -ENOSYS;
	}
	return fd;
}

/* What an address in the target points to, instead of that; NULL stays NULL. */
static int fetch(struct pinredir_call *call, void **pointer, size_t len)
{
	const void *bytes = NULL;
	int err = 0;

	if (*pointer && len)
		err = pinredir_fetch(call, (uintptr_t)*pointer, PINREDIR_BYTES,
				     &bytes, &len);
	*pointer = (void *)bytes;
	return err;
}

/* Returns how many bytes, or -errno. */
static int send_one(struct pinredir_call *call, int fd, uint64_t at, int flags)
{
	struct iovec pieces[PIECES];
	void *bytes = (void *)at;
	struct msghdr header;
	ssize_t n;
	size_t i;
	int err = fetch(call, &bytes, sizeof(header));

	if (err || !bytes)
		return err ? err : -EFAULT;
	memcpy(&header, bytes, sizeof(header));
	if (header.msg_controllen || header.msg_iovlen > PIECES ||
	    header.msg_namelen > sizeof(struct sockaddr_storage))
		return -ENOSYS;
	bytes = header.msg_iov;
	err = fetch(call, &bytes, header.msg_iovlen * sizeof(*pieces));
	if (!err)
		err = fetch(call, &header.msg_name, header.msg_namelen);
	if (!err && header.msg_iovlen && !bytes)
		err = -EFAULT;
	if (!err && header.msg_iovlen)
		memcpy(pieces, bytes, header.msg_iovlen * sizeof(*pieces));
	for (i = 0; !err && i < header.msg_iovlen; i++)
		err = fetch(call, &pieces[i].iov_base, pieces[i].iov_len);
	if (err)
		return err;
	header.msg_iov = pieces;
	/* Without MSG_ZEROCOPY: the kernel would go on reading the slot. */
	n = sendmsg(fd, &header, (flags & ~MSG_ZEROCOPY) | MSG_DONTWAIT |
		    MSG_NOSIGNAL);
	return n < 0 ? -errno : n;
}

/* Returns how many messages, or why not the first. */
static int send_all(struct pinredir_call *call, int fd, int memory)
{
	uint64_t at = pinredir_arg(call, 1);
	unsigned int i, count = pinredir_arg(call, 2);
	int flags = pinredir_arg(call, 3), n;

	for (i = 0; i < count; i++, at += sizeof(struct mmsghdr)) {
		n = send_one(call, fd, at, flags);
		if (n >= 0 && pwrite(memory, &n, sizeof(n), at +
				     offsetof(struct mmsghdr, msg_len)) !=
		    sizeof(n))
			n = -EFAULT;
		if (n == PINREDIR_GONE || (n < 0 && !i))
			return n;
		if (n < 0)
			break;
	}
	return i;
}

int socket_send_many(struct pinredir_call *call, void *data)
{
	int memory, fd, n, err, pid = pinredir_pid(call);
	int pidfd = pid ? syscall(SYS_pidfd_open, pid, THREAD) : -1;
	char path[32];

	(void)data;
	/* What is opened before something is fetched of the call is the target's. */
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	memory = open(path, O_RDWR | O_CLOEXEC);
	fd = pidfd < 0 || memory < 0 ? -ENOSYS : udp_socket(call, pidfd);
	n = fd < 0 ? fd : send_all(call, fd, memory);
	if (fd >= 0)
		close(fd);
	if (memory >= 0)
		close(memory);
	if (pidfd >= 0)
		close(pidfd);
	if (n < 0)
		return n;
	err = pinredir_emulate(call, n);
	return err ? err : PINREDIR_ANSWERED;
}
