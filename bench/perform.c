// SPDX-License-Identifier: GPL-2.0-only
/* Make the call in the supervisor, on what it has read, and hand out the result. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fail.h"
#include "image.h"
#include "notify.h"

static struct image image;

static long make(unsigned int nr, const uint64_t *args)
{
	long ret = syscall(nr, args[0], args[1], args[2], args[3], args[4],
			   args[5]);

	return ret < 0 ? -errno : ret;
}

/* One that is kept for as long as calls come from the same process */
static int pidfd_of(pid_t pid)
{
	static pid_t last;
	static int pidfd = -1;

	if (pid == last)
		return pidfd;
	if (pidfd >= 0)
		close(pidfd);
	pidfd = syscall(SYS_pidfd_open, pid, 0);
	last = pid;
	return pidfd;
}

/* A call on a file descriptor of the target */
static long make_on_fd(const struct seccomp_notif *notif)
{
	int fd = syscall(SYS_pidfd_getfd, pidfd_of(notif->pid),
			 (int)image.args[0], 0);
	long ret;

	if (fd < 0)
		return -errno;
	image.args[0] = fd;
	ret = make(notif->data.nr, image.args);
	close(fd);
	return ret;
}

static long make_statx(const struct seccomp_notif *notif)
{
	struct statx buffer;
	struct iovec here = { .iov_base = &buffer, .iov_len = sizeof(buffer) };
	struct iovec there = here;
	long ret;

	there.iov_base = (void *)image.args[4];
	image.args[4] = (uintptr_t)&buffer;
	ret = make(SYS_statx, image.args);
	if (!ret && process_vm_writev(notif->pid, &here, 1, &there, 1, 0) !=
		    sizeof(buffer))
		ret = -EFAULT;
	return ret;
}

static long result(const struct seccomp_notif *notif)
{
	long ret = image_take(&image, notif->pid, notif->data.nr,
			      notif->data.args);

	if (ret)
		return ret;
	if (forbidden(image_string(&image, notif->data.nr)))
		return -EACCES;
	switch (notif->data.nr) {
	case SYS_connect:
	case SYS_sendmsg:
	case SYS_write:
		return make_on_fd(notif);
	case SYS_statx:
		return make_statx(notif);
	default:
		return make(notif->data.nr, image.args);
	}
}

static void answer(void *opened, void *call)
{
	struct seccomp_notif *notif = call;
	long ret = result(notif);

	if (ret >= 0 && notif->data.nr == SYS_openat) {
		notify_addfd(opened, notif->id, ret,
			     notif->data.args[2] & O_CLOEXEC);
		close(ret);
	} else {
		notify_return(opened, notif->id, ret, ret < 0 ? -ret : 0);
	}
	notify_forget(notif);
}

static void *next(void *opened, void *last)
{
	if (last)
		answer(opened, last);
	return notify_next(opened);
}

static const char *missing(const struct row *row)
{
	const int *nr;

	for (nr = row->traps; *nr >= 0; nr++)
		if (*nr == SYS_execve)
			return "execve cannot be made for another process";
	return NULL;
}

const struct supervisor perform = {
	.name = "addfd",
	.action = SECCOMP_RET_USER_NOTIF,
	.open = notify_open,
	.next = next,
	.answer = answer,
	.missing = missing,
};
