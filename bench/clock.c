// SPDX-License-Identifier: GPL-2.0-only
#include <time.h>
#include <x86intrin.h>

#include "clock.h"
#include "fail.h"

/* Of a loop of two instructions. Not each of them has a tick in between. */
#define TURNS		1000000U
#define TRIES		10
#define TOLERANCE	(2 * TURNS / 1000)

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

/* What the loop takes */
static uint64_t loop(void)
{
	uint64_t begin = clock_now();
	uint32_t turns = TURNS;

	asm volatile("1: dec %0\n\tjnz 1b" : "+r"(turns));
	return clock_now() - begin;
}

void clock_check(void)
{
	uint64_t took, least = UINT64_MAX;
	unsigned int i;

	if (time_wanted)
		return;
	for (i = 0; i < TRIES; i++) {
		took = loop();
		if (took < least)
			least = took;
	}
	if (least < 2 * TURNS || least > 2 * TURNS + TOLERANCE)
		fail("the TSC does not count instructions: %llu for %u",
		     (unsigned long long)least, 2 * TURNS);
}
