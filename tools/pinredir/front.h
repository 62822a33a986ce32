/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The process that was started as pinredir. It is what others wait for, signal and
 * stop; the supervisor is its child, in a process group of its own, and lives as
 * long as there are targets. They talk over a socket.
 */
#ifndef FRONT_H
#define FRONT_H

#include <sys/types.h>

/* Exit statuses of pinredir's own, as those of env(1) and timeout(1) */
#define STATUS_FAILED		125
#define STATUS_NOT_EXECUTABLE	126
#define STATUS_NOT_FOUND	127
/* The command was killed by a signal: plus its number */
#define STATUS_SIGNAL		128

/**
 * struct news - what the supervisor tells the front
 * @what: the command has stopped; it has ended, but other targets are waited for;
 *	or this is the end
 * @status: NEWS_ENDED, NEWS_END: to exit with
 * @signal: the command was killed by it; or 0
 * @text: NEWS_END: to be printed on standard error
 */
struct news {
	enum { NEWS_STOPPED, NEWS_ENDED, NEWS_END } what;
	int status;
	int signal;
	char text[1024];
};

/* What the front tells the supervisor: the number of a signal, an int */

/**
 * front_run - be the front
 * @socket: the other end is the supervisor's
 * @supervisor: the child
 *
 * Return: the status to exit with. Where a signal has killed the command, it kills this
 * process as well, if it can
 */
int front_run(int socket, pid_t supervisor);

#endif /* FRONT_H */
