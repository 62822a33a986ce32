// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What the courier and the child of spawn.c run. They are copies of a process that may
 * have threads: nothing here takes a lock or memory. What of it is run cannot be
 * counted, for the counts are gone with the copies.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "private.h"
#include "spawn.h"

/* Where a setup that puts file descriptors at low numbers does no harm */
#define SOCKET_MIN	512

#define EXIT_NOT_RUN	127

void pinredir_sorted_add(int *keep, size_t count, int fd)
{
	for (; count && keep[count - 1] > fd; count--)
		keep[count] = keep[count - 1];
	keep[count] = fd;
}

/* In the child: the caller's handlers are not there after execve, nor before. */
static void child_default_signals(void)
{
	struct sigaction action;
	int sig;

	for (sig = 1; sig < NSIG; sig++) {
		if (sigaction(sig, NULL, &action) ||
		    action.sa_handler == SIG_IGN ||
		    action.sa_handler == SIG_DFL)
			continue;
		memset(&action, 0, sizeof(action));
		action.sa_handler = SIG_DFL;
		sigaction(sig, &action, NULL);
	}
}

static int child_keep_fds(const struct pinredir_spawn *how)
{
	size_t i;
	int flags;

	for (i = 0; i < how->keep_count; i++) {
		flags = fcntl(how->keep_fds[i], F_GETFD);
		if (flags < 0 ||
		    fcntl(how->keep_fds[i], F_SETFD, flags & ~FD_CLOEXEC))
			return -errno;
	}
	return 0;
}

/* As execvp() would find it, but so that there is one execve only */
static int child_find(const struct spawn_plan *plan, char path[PATH_MAX])
{
	const char *file = plan->how->file, *at = plan->search, *end;
	size_t len = strlen(file), dir;
	int err = -ENOENT;
	struct stat st;

	if (!at) {
		if (len >= PATH_MAX)
			return -ENAMETOOLONG;
		memcpy(path, file, len + 1);
		return 0;
	}
	for (;; at = end + 1) {
		end = strchrnul(at, ':');
		dir = end - at;
		if (dir + 1 + len < PATH_MAX) {
			memcpy(path, at, dir);
			path[dir] = '/';
			/* No directory at all is the current one. */
			memcpy(path + dir + !!dir, file, len + 1);
			errno = 0;
			if (!faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) &&
			    !stat(path, &st) && S_ISREG(st.st_mode))
				return 0;
			if (errno == EACCES)
				err = -EACCES;
		}
		if (!*end)
			return err;
	}
}

static bool same_file(int fd, const struct stat *was)
{
	struct stat st;

	return !fstat(fd, &st) && st.st_dev == was->st_dev &&
	       st.st_ino == was->st_ino;
}

/* What comes before the filter: any syscall may still be made. */
static int child_prepare(const struct spawn_plan *plan, int socket,
			 char path[PATH_MAX])
{
	const struct pinredir_spawn *how = plan->how;
	struct stat st;
	int err;

	child_default_signals();
	if (fstat(socket, &st))
		return -errno;
	/* Before setup(), which may give up rights: that undoes it, rightly. */
	if (plan->make_dumpable && prctl(PR_SET_DUMPABLE, 1, 0, 0, 0))
		return -errno;
	err = child_keep_fds(how);
	if (err)
		return err;
	if (how->directory && chdir(how->directory))
		return -errno;
	err = how->setup ? how->setup(how->setup_data) : 0;
	if (err)
		return err < 0 ? err : -EINVAL;
	/* The listener is about to go out by it. */
	if (!same_file(socket, &st))
		return -EBADF;
	err = plan->run ? 0 : child_find(plan, path);
	if (err)
		return err;
	if (plan->no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	/* What was sent to it by now takes effect here. */
	return sigprocmask(SIG_SETMASK, &plan->mask, NULL) ? -errno : 0;
}

/*
 * Kernels before 5.19 know no killable wait: their filters do without it, as contexts
 * without the device can be on such a kernel.
 */
static int child_filter(const struct spawn_plan *plan)
{
	unsigned int flags = plan->flags;
	int listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags,
			       &plan->prog);

	if (listener < 0 && errno == EINVAL) {
		flags &= ~SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
		listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags,
				   &plan->prog);
	}
	return listener < 0 ? -errno : listener;
}

__attribute__((noreturn))
static void child_main(const struct spawn_plan *plan, int socket)
{
	struct spawn_shared *shared = plan->shared;
	char path[PATH_MAX];
	int listener, err = child_prepare(plan, socket, path);

	if (!err) {
		listener = child_filter(plan);
		err = listener < 0 ? listener : 0;
	}
	if (err) {
		tell(&shared->error, err);
		_exit(EXIT_NOT_RUN);
	}
	tell(&shared->listener, listener + 1);
	if (plan->run) {
		plan->run();
	} else {
		syscall(SYS_execve, path, plan->how->argv, plan->envp);
		tell(&shared->exec_error, -errno);
	}
	syscall(SYS_exit_group, EXIT_NOT_RUN);
	/* That is not let through either; this takes no syscall. */
	for (;;)
		__builtin_trap();
}

/* Close all from 3 on but these, which are in order. */
static int close_others(const int *fds, size_t count)
{
	unsigned int next = 3;
	size_t i;

	for (i = 0; i < count; i++) {
		if (fds[i] < 3)
			continue;
		if (next < (unsigned int)fds[i] &&
		    syscall(SYS_close_range, next, fds[i] - 1, 0))
			return -errno;
		next = fds[i] + 1;
	}
	return syscall(SYS_close_range, next, UINT_MAX, 0) ? -errno : 0;
}

void pinredir_courier_main(const struct spawn_plan *plan, int *keep, int socket)
{
	struct spawn_shared *shared = plan->shared;
	int err, high = fcntl(socket, F_DUPFD_CLOEXEC, SOCKET_MIN);
	char byte = 0;
	pid_t child;

	if (high >= 0)
		socket = high;
	pinredir_sorted_add(keep, plan->how->keep_count, socket);
	err = close_others(keep, plan->how->keep_count + 1);
	if (!err) {
		/*
		 * fork() would make it a child of this process. Its number is
		 * told before it runs, and can close this socket.
		 */
		child = syscall(SYS_clone, CLONE_FILES | CLONE_PARENT |
				CLONE_PARENT_SETTID, 0, &shared->pid, 0, 0);
		if (!child)
			child_main(plan, socket);
		err = child < 0 ? -errno : 0;
	}
	if (err)
		tell(&shared->pid, err);
	if (err || send(socket, &byte, 1, MSG_NOSIGNAL) != 1)
		_exit(1);
	/* Now it knows the child; and then, that there is a listener. */
	if (recv(socket, &byte, 1, 0) == 1)
		pinredir_send_listener(socket, told(&shared->listener) - 1);
	_exit(0);
}
