/* SPDX-License-Identifier: GPL-2.0-only */
/* What supervisors with libpinredir share. */
#ifndef BENCH_PINNED_H
#define BENCH_PINNED_H

#include <pinredir.h>

#include "row.h"

/* A context with rules for all that a row's calls read, or fail */
struct pinredir *pinned_open(int listener, const struct row *row);

/*
 * Have the vector of strings in an argument, or the message, in the slot, with
 * all that it points to. Returns 0 or -errno.
 */
int pinned_strings(struct pinredir_call *call, unsigned int arg);
int pinned_message(struct pinredir_call *call, unsigned int arg);

#endif /* BENCH_PINNED_H */
