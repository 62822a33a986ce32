/* SPDX-License-Identifier: GPL-2.0-only */
/* What a process has when it starts, and what a command it runs should have. */
#ifndef START_H
#define START_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Signals that are passed on to the command */
extern const int forwarded_signals[];

/* Those of them that end the waiting for what the command has left behind */
bool signal_ends(int signal);

/**
 * struct start - as it was at the start
 * @group: the process group; 0: it is in an outer pid namespace, and nobody can
 *	return to it who leaves it
 * @mask: blocked signals
 * @closed: of 0, 1 and 2, those that were not open, a bit for each
 * @fds: open ones above those that a command inherits
 * @count: how many
 * @listen_pid: in the environment, where the number of the process belongs that has
 *	been passed sockets, if that is this one; otherwise NULL
 */
struct start {
	pid_t group;
	sigset_t mask;
	unsigned int closed;
	int *fds;
	size_t count;
	char *listen_pid;
};

/**
 * start_look - look at it, and be safe
 * @start: filled in
 *
 * Afterwards 0, 1 and 2 are open, if only on /dev/null: what is opened later
 * should not be taken for one of them. Forwarded signals and SIGCHLD are blocked.
 *
 * Return: 0 or -errno: /proc is not what it should be, or lack of resources
 */
int start_look(struct start *start);

/*
 * In the command's process, before its program: as it was, but for the mask, which
 * it inherits, and with the sockets that are passed to it. 0 or -errno
 */
int start_restore(const struct start *start);

/* Close what the command inherits: it alone decides how long it is open. */
void start_close_fds(const struct start *start);

#endif /* START_H */
