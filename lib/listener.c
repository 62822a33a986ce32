// SPDX-License-Identifier: LGPL-2.1-or-later
/* Passing a listener from the process that has it to its supervisor. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "private.h"

union fd_control {
	char buf[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

int pinredir_send_listener(int socket, int listener)
{
	union fd_control control = { 0 };
	struct iovec iov = { .iov_base = (char[1]){ 0 }, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &listener, sizeof(int));
	return sendmsg(socket, &msg, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* The most descriptors that a message can have: SCM_MAX_FD of the kernel */
#define MAX_FDS		253

/* What can come besides: credentials, a security label, and a pidfd, where asked for */
#define OTHER_CONTROL	1024

/* Of the kernel; not in every libc */
#ifndef SCM_PIDFD
#define SCM_PIDFD	0x04
#endif

/**
 * struct message - what one recvmsg() has got
 * @fds: the descriptors, close-on-exec
 * @count: how many
 * @len: bytes of the payload
 * @flags: of recvmsg()
 */
struct message {
	int fds[MAX_FDS];
	size_t count;
	size_t len;
	int flags;
};

static void close_fds(const struct message *message)
{
	size_t i;

	for (i = 0; i < message->count; i++)
		close(message->fds[i]);
}

static void message_take(struct message *message, struct cmsghdr *cmsg)
{
	size_t count = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	int pidfd;

	if (cmsg->cmsg_level != SOL_SOCKET)
		return;
	if (cmsg->cmsg_type == SCM_PIDFD && count == 1) {
		memcpy(&pidfd, CMSG_DATA(cmsg), sizeof(pidfd));
		close(pidfd);
	}
	if (cmsg->cmsg_type != SCM_RIGHTS || count > MAX_FDS - message->count)
		return;
	memcpy(message->fds + message->count, CMSG_DATA(cmsg),
	       count * sizeof(int));
	message->count += count;
}

/* 0, or -errno. -EMFILE: the process can have no more descriptors; it gets none then */
static int message_recv(int socket, void *data, size_t len,
			struct message *message)
{
	union {
		char buf[CMSG_SPACE(MAX_FDS * sizeof(int)) + OTHER_CONTROL];
		struct cmsghdr align;
	} control;
	struct iovec iov = { .iov_base = data, .iov_len = len };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf),
	};
	struct cmsghdr *cmsg;
	ssize_t n;

	message->count = 0;
	n = recvmsg(socket, &msg, MSG_CMSG_CLOEXEC);
	if (n < 0)
		return -errno;
	message->len = n;
	message->flags = msg.msg_flags;
	for (cmsg = CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg))
		message_take(message, cmsg);
	/* There was room for all that a message can have. */
	if (msg.msg_flags & MSG_CTRUNC) {
		close_fds(message);
		return -EMFILE;
	}
	return n || message->count ? 0 : -EPIPE;
}

/* By its name: a FUSE server could answer an ioctl on its file, or never do so. */
int pinredir_is_listener(int fd)
{
	char path[32], name[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, name, sizeof(name) - 1);
	if (n < 0)
		return errno == ENOENT && fcntl(fd, F_GETFD) < 0 ? -EBADF :
								   -ESRCH;
	name[n] = '\0';
	return !strcmp(name, "anon_inode:seccomp notify");
}

int pinredir_recv_fds(int socket, void *data, size_t *len, int *fds,
		      size_t *count)
{
	struct message message;
	int err;

	if (!*len)
		return -EINVAL;
	err = message_recv(socket, data, *len, &message);
	if (err)
		return err;
	if (message.flags & MSG_TRUNC)
		err = -EMSGSIZE;
	else if (message.count > *count)
		err = -E2BIG;
	if (err) {
		close_fds(&message);
		return err;
	}
	memcpy(fds, message.fds, message.count * sizeof(*fds));
	*len = message.len;
	*count = message.count;
	return 0;
}

int pinredir_recv_listener(int socket)
{
	struct message message;
	int listener = -EPROTO;
	char byte;
	size_t i;
	int err = message_recv(socket, &byte, 1, &message);

	if (err)
		return err;
	for (i = 0; i < message.count; i++)
		if (listener < 0 && (message.count == 1 ||
				     pinredir_is_listener(message.fds[i]) == 1))
			listener = message.fds[i];
		else
			close(message.fds[i]);
	return listener;
}
