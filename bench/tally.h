/* SPDX-License-Identifier: GPL-2.0-only */
/* What supervisors were asked, and what they could not let run. */
#ifndef BENCH_TALLY_H
#define BENCH_TALLY_H

#include <stdint.h>

/* Errors are told apart up to the last that Linux has. */
#define TALLY_ERRORS	134

/**
 * struct tally - of one measurement, shared by its processes
 * @asked: calls that a supervisor was asked about
 * @refused: of @asked, those that could not be read, pinned or run, by errno
 */
struct tally {
	uint64_t asked;
	uint64_t refused[TALLY_ERRORS];
};

/* The present one, or NULL: then nothing is counted. */
extern struct tally *tally;

/* A call could not be: @err is negative, and what it fails with. */
static inline void tally_refuse(int err)
{
	if (tally)
		tally->refused[-err < TALLY_ERRORS ? -err : 0]++;
}

/* A call was looked at: @err is 0 if it can be let run. */
static inline void tally_ask(int err)
{
	if (!tally)
		return;
	tally->asked++;
	if (err)
		tally_refuse(err);
}

#endif /* BENCH_TALLY_H */
