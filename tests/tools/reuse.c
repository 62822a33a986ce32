// SPDX-License-Identifier: GPL-2.0-only
/*
 * reuse: ends, and leaves a process that starts another one with the number that this
 * one had, and has it end as an orphan. Then it makes a call with a path, again and
 * again, and writes "over" to the file of that name.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A child with this number, as soon as it is free */
static pid_t child_with(pid_t number)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = (uintptr_t)&number,
		.set_tid_size = 1,
	};
	const struct timespec moment = { .tv_nsec = 10000000 };
	pid_t pid;

	while ((pid = syscall(SYS_clone3, &args, sizeof(args))) < 0) {
		if (errno != EEXIST)
			_exit(2);
		nanosleep(&moment, NULL);
	}
	return pid;
}

int main(void)
{
	pid_t number = getpid(), parent;
	int fd, i, pipes[2];
	char byte;

	if (pipe(pipes))
		return 2;
	if (fork())
		return 4;
	/* The one in between ends at once, and the other is an orphan. */
	parent = fork();
	if (!parent) {
		if (!child_with(number)) {
			/* Until the parent is gone */
			close(pipes[1]);
			_exit(read(pipes[0], &byte, 1) != 0);
		}
		_exit(0);
	}
	waitpid(parent, NULL, 0);
	close(pipes[1]);
	/* It is gone when the supervisor has waited for it. */
	while (!kill(number, 0))
		access("/nonesuch", F_OK);
	for (i = 0; i < 100; i++)
		access("/nonesuch", F_OK);
	fd = open("over", O_CREAT | O_WRONLY, 0600);
	return fd < 0;
}
