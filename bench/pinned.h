/* SPDX-License-Identifier: GPL-2.0-only */
/* What supervisors with libpinredir share. */
#ifndef BENCH_PINNED_H
#define BENCH_PINNED_H

#include <pinredir.h>

#include "supervisor.h"

/*
 * For struct supervisor: a context with rules for all that a row's calls read,
 * and the answer to a call, which is released
 */
void *pinned_open(const struct supervised *supervised);
void pinned_answer(void *opened, void *call);

/* How large a row's slots are, and those rules: to be freed */
size_t pinned_slot(const struct row *row);
struct seccomp_pin_rule *pinned_rules(const struct row *row, size_t *count);

/* A call, or NULL if there are no targets any more */
struct pinredir_call *pinned_receive(void *opened);

/*
 * Look at all that a call reads; it is pinned thereby. Returns 0, or the errno
 * to deny it with, negative.
 */
int pinned_look(struct pinredir_call *call);

#endif /* BENCH_PINNED_H */
