// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "fail.h"
#include "notify.h"
#include "tally.h"

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

static int listener_of(const void *opened)
{
	return (intptr_t)opened;
}

void *notify_open(const struct supervised *supervised)
{
	notify_sync(supervised->listener);
	return (void *)(intptr_t)supervised->listener;
}

/* One is kept: with a call at a time, there is nothing to allocate. */
static __thread struct seccomp_notif *spare;

struct seccomp_notif *notify_next(void *opened)
{
	struct seccomp_notif *notif = spare ? spare : malloc(sizeof(*notif));

	need(notif, "malloc");
	spare = NULL;
	for (;;) {
		/* The kernel insists. */
		memset(notif, 0, sizeof(*notif));
		if (!ioctl(listener_of(opened), SECCOMP_IOCTL_NOTIF_RECV,
			   notif))
			return notif;
		/* No targets, or one that was killed */
		if (errno == ENOENT)
			return NULL;
		need(errno == EINTR, "receiving");
	}
}

void notify_forget(struct seccomp_notif *notif)
{
	free(spare);
	spare = notif;
}

static void send_response(void *opened, struct seccomp_notif_resp *resp)
{
	need(!ioctl(listener_of(opened), SECCOMP_IOCTL_NOTIF_SEND, resp) ||
	     errno == ENOENT, "answering");
}

void notify_continue(void *opened, uint64_t id)
{
	struct seccomp_notif_resp resp = {
		.id = id,
		.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE,
	};

	tally_ask(0);
	send_response(opened, &resp);
}

void notify_return(void *opened, uint64_t id, int64_t value, int error)
{
	struct seccomp_notif_resp resp = {
		.id = id,
		.val = error ? 0 : value,
		.error = -error,
	};

	tally_ask(-error);
	send_response(opened, &resp);
}

void notify_addfd(void *opened, uint64_t id, int fd, uint32_t flags)
{
	struct seccomp_notif_addfd addfd = {
		.id = id,
		.flags = SECCOMP_ADDFD_FLAG_SEND,
		.srcfd = fd,
		.newfd_flags = flags,
	};

	need(ioctl(listener_of(opened), SECCOMP_IOCTL_NOTIF_ADDFD,
		   &addfd) >= 0 || errno == ENOENT || errno == ESRCH, "SECCOMP_IOCTL_NOTIF_ADDFD");
}
