// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <sys/ioctl.h>

#include "fail.h"
#include "notify.h"

#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif

void notify_sync(int listener)
{
	need(!ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS,
		    SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP) || errno == EINVAL,
	     "SECCOMP_IOCTL_NOTIF_SET_FLAGS");
}

bool notify_receive(int listener, struct seccomp_notif *notif)
{
	for (;;) {
		/* The kernel insists. */
		memset(notif, 0, sizeof(*notif));
		if (!ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, notif))
			return true;
		/* No targets, or one that was killed */
		if (errno == ENOENT)
			return false;
		need(errno == EINTR, "receiving");
	}
}

static void send_response(int listener, struct seccomp_notif_resp *resp)
{
	need(!ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, resp) ||
	     errno == ENOENT, "answering");
}

void notify_continue(int listener, uint64_t id)
{
	struct seccomp_notif_resp resp = {
		.id = id,
		.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE,
	};

	send_response(listener, &resp);
}

void notify_return(int listener, uint64_t id, int64_t value, int error)
{
	struct seccomp_notif_resp resp = {
		.id = id,
		.val = error ? 0 : value,
		.error = -error,
	};

	send_response(listener, &resp);
}

void notify_addfd(int listener, uint64_t id, int fd, uint32_t flags)
{
	struct seccomp_notif_addfd addfd = {
		.id = id,
		.flags = SECCOMP_ADDFD_FLAG_SEND,
		.srcfd = fd,
		.newfd_flags = flags,
	};

	need(ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &addfd) >= 0 ||
	     errno == ENOENT || errno == ESRCH, "SECCOMP_IOCTL_NOTIF_ADDFD");
}
