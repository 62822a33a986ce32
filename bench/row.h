/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows of the table: the calls whose costs are measured. */
#ifndef BENCH_ROW_H
#define BENCH_ROW_H

#include <stdbool.h>
#include <stddef.h>

/* The program that is executed: bench/execed.c, where the guest has no 9p */
#define EXECED	"/tmp/execed"

/**
 * struct row - a call that a target makes
 * @name: the row's
 * @traps: the numbers of the syscalls that are supervised, ended by -1
 * @calls: how many are measured in one repetition; 0: one, after one that is not
 *	measured
 * @slot: bytes of a slot, if the library's default is too small
 * @allowed: the filter lets @call pass, without a notification
 * @prepare: done once, before there is a filter; or NULL
 * @call: one call, with what belongs to it
 */
struct row {
	const char *name;
	const int *traps;
	unsigned int calls;
	size_t slot;
	bool allowed;
	void (*prepare)(void);
	void (*call)(void);
};

extern const struct row rows[];
extern const size_t row_count;

#endif /* BENCH_ROW_H */
