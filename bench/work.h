/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows of another table: whole commands. */
#ifndef BENCH_WORK_H
#define BENCH_WORK_H

#include "row.h"

/* Where they have all that they need: bench/root.sh makes it. */
#define WORK_ROOT	"/tmp/root"

/* One of them, good until the next is asked for; NULL behind the last */
const struct row *work_row(unsigned int i);

/*
 * What "bench commands" and "bench command NAME" do, which does not return if
 * there is such a command. Returns whether it is one of the two.
 */
bool work_command(char *const *words);

#endif /* BENCH_WORK_H */
