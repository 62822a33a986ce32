/* SPDX-License-Identifier: GPL-2.0-only */
/* Cells of the table: a row under a supervisor, measured once. */
#ifndef BENCH_CELL_H
#define BENCH_CELL_H

#include "supervisor.h"

/*
 * What all measured calls took together, the supervisor's part included. In
 * processes of its own, so that no measurement finds what another has left.
 * Whether the calls, and what they are made for, have worked.
 */
bool cell_try(const struct row *row, const struct supervisor *with,
	      uint64_t *took);

/* The same for those that cannot fail: otherwise, the program ends. */
uint64_t cell_measure(const struct row *row, const struct supervisor *with);

/* How many calls that is: enough for a tick more or less not to matter. */
unsigned int cell_calls(const struct row *row, const struct supervisor *with);

/* A duplicate of a file descriptor of another process, or fail */
int steal_fd(pid_t pid, int fd);

#endif /* BENCH_CELL_H */
