/* SPDX-License-Identifier: GPL-2.0-only */
/* What a call costs where there are many: targets, threads, contexts. */
#ifndef BENCH_SCALE_H
#define BENCH_SCALE_H

#include "supervisor.h"

#define SCALE_MOST	1000U

/**
 * struct scene - something that there are one or many of
 * @name: what
 * @many: how many there are, if not one
 * @threads: targets are threads of one process, not processes
 * @waiting: all targets but one wait for an answer all the time; otherwise they
 *	take turns
 * @contexts: each target has a filter, a listener and a context of its own
 * @supervisors: it is not targets, but threads of the supervisor
 */
struct scene {
	const char *name;
	unsigned int many;
	bool threads;
	bool waiting;
	bool contexts;
	bool supervisors;
};

extern const struct scene scenes[];
extern const size_t scene_count;

/* How many calls are measured */
#define SCALE_CALLS	3000U

/* What all of them took, with many or with one */
uint64_t scale_measure(const struct scene *scene, bool many,
		       const struct supervisor *with);

#endif /* BENCH_SCALE_H */
