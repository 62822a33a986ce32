/* SPDX-License-Identifier: GPL-2.0-only */
/* The one way out when something goes wrong: a message, and the process ends. */
#ifndef BENCH_FAIL_H
#define BENCH_FAIL_H

#include <stdbool.h>

__attribute__((noreturn, format(printf, 1, 2)))
void fail(const char *format, ...);

/* With errno's text */
void need(bool held, const char *what);

#endif /* BENCH_FAIL_H */
