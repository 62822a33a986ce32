// SPDX-License-Identifier: GPL-2.0-only
#include <time.h>
#include <x86intrin.h>

#include "clock.h"
#include "fail.h"

/* Of a loop of two instructions; a tick in between is less than 1 % of it. */
#define TURNS		1000000U
#define TOLERANCE	(2 * TURNS / 100)

static bool time_wanted;

void clock_use_time(void)
{
	time_wanted = true;
}

uint64_t clock_now(void)
{
	struct timespec ts;

	if (!time_wanted)
		return __rdtsc();
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

void clock_check(void)
{
	uint64_t begin, took;
	uint32_t turns = TURNS;

	if (time_wanted)
		return;
	begin = clock_now();
	asm volatile("1: dec %0\n\tjnz 1b" : "+r"(turns));
	took = clock_now() - begin;
	if (took < 2 * TURNS || took > 2 * TURNS + TOLERANCE)
		fail("the TSC does not count instructions: %llu for %u",
		     (unsigned long long)took, 2 * TURNS);
}
