/* SPDX-License-Identifier: GPL-2.0-only */
/* Columns of the table: the ways to supervise a call. */
#ifndef BENCH_SUPERVISOR_H
#define BENCH_SUPERVISOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "row.h"

/**
 * struct supervised - what a supervisor has before it
 * @target: a process; it makes no call yet
 * @listener: of its filter; -1 if that has none
 * @row: what it is going to call
 */
struct supervised {
	pid_t target;
	int listener;
	const struct row *row;
};

/**
 * struct supervisor - a way to supervise
 * @name: the column's
 * @action: the filter's action for the calls of the row; SECCOMP_RET_ALLOW: no
 *	filter at all
 * @module: whether it needs the module
 * @open: done while the target waits; what it returns is for the others
 * @next: answer the call before this one, if it is not NULL, and receive one;
 *	NULL if there are no targets any more
 * @answer: answer a call, and no more
 * @run: in place of @next and @answer for those who do not receive calls: be a
 *	supervisor for as long as there are targets
 * @missing: why it cannot supervise these calls, or NULL if it can; or NULL
 */
struct supervisor {
	const char *name;
	uint32_t action;
	bool module;
	void *(*open)(const struct supervised *supervised);
	void *(*next)(void *opened, void *last);
	void (*answer)(void *opened, void *call);
	void (*run)(void *opened);
	const char *(*missing)(const struct row *row);
};

extern const struct supervisor native, blind, racy, perform, tracer, library,
	library_next, fastest, remembered, remembered_one;

/* Supervise until there are no targets. */
void supervise(const struct supervisor *with, void *opened);

#endif /* BENCH_SUPERVISOR_H */
