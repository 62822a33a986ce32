/* SPDX-License-Identifier: GPL-2.0-only */
/* What costs are counted in: instructions, or nanoseconds where asked for. */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Count nanoseconds from now on. */
void clock_use_time(void);

/* Whether the guest's clock counts instructions: exits with a message if not */
void clock_check(void);

uint64_t clock_now(void);

#endif /* BENCH_CLOCK_H */
