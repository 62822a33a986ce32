// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "start.h"

const int forwarded_signals[] = {
	SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGTSTP,
	SIGTTIN, SIGTTOU, SIGCONT, SIGWINCH, SIGPIPE, SIGXFSZ, 0
};

bool signal_ends(int signal)
{
	return signal == SIGINT || signal == SIGTERM || signal == SIGHUP ||
	       signal == SIGQUIT;
}

static int start_look_at_fd(struct start *start, int fd)
{
	int flags = fcntl(fd, F_GETFD), *fds;

	if (flags < 0 || flags & FD_CLOEXEC)
		return 0;
	fds = reallocarray(start->fds, start->count + 1, sizeof(*fds));
	if (!fds)
		return -ENOMEM;
	start->fds = fds;
	start->fds[start->count++] = fd;
	return 0;
}

static int start_look_at_fds(struct start *start)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	int fd, err = 0;

	if (!dir)
		return -errno;
	while (!err && (entry = readdir(dir))) {
		/* "." and ".." are 0, which does not count. */
		fd = atoi(entry->d_name);
		if (fd > 2)
			err = start_look_at_fd(start, fd);
	}
	closedir(dir);
	return err;
}

static int start_fill(struct start *start)
{
	int fd;

	for (fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		/* The lowest that is free, which is this one */
		if (open("/dev/null", O_RDWR) != fd)
			return -errno;
		start->closed |= 1U << fd;
	}
	return 0;
}

#define LISTEN_PID	"LISTEN_PID"

/* With room for any other number: the command's process can allocate nothing. */
static int start_look_at_sockets(struct start *start)
{
	const char *value = getenv(LISTEN_PID);

	if (!value || atoi(value) != getpid())
		return 0;
	if (setenv(LISTEN_PID, "                    ", 1))
		return -errno;
	start->listen_pid = getenv(LISTEN_PID);
	return 0;
}

static void put_number(char *to, unsigned int number)
{
	char digits[20];
	unsigned int count = 0;

	do {
		digits[count++] = '0' + number % 10;
		number /= 10;
	} while (number);
	while (count)
		*to++ = digits[--count];
	*to = '\0';
}

int start_look(struct start *start)
{
	sigset_t blocked;
	const int *signal;
	int err;

	*start = (struct start){ .group = getpgrp() };
	err = start_fill(start);
	if (!err)
		err = start_look_at_fds(start);
	if (!err)
		err = start_look_at_sockets(start);
	if (err)
		return err;
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGCHLD);
	for (signal = forwarded_signals; *signal; signal++)
		sigaddset(&blocked, *signal);
	return sigprocmask(SIG_BLOCK, &blocked, &start->mask) ? -errno : 0;
}

int start_restore(const struct start *start)
{
	int fd;

	for (fd = 0; fd <= 2; fd++)
		if (start->closed & 1U << fd)
			close(fd);
	if (start->listen_pid)
		put_number(start->listen_pid, getpid());
	/* In the foreground, if that is where it was started */
	return start->group && setpgid(0, start->group) ? -errno : 0;
}

void start_close_fds(const struct start *start)
{
	size_t i;

	for (i = 0; i < start->count; i++)
		close(start->fds[i]);
}
