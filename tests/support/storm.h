/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests share that do things at random, in many processes. */
#ifndef STORM_H
#define STORM_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include "regs.h"

/* Random numbers that a seed determines */
struct chance {
	uint64_t state;
};

/* The seed: $SEED, or a new one; printed, so that it can be given again. */
uint64_t chance_seed(void);
/* One sequence for each that draws from it: @who is its number. */
void chance_init(struct chance *chance, uint64_t seed, uint64_t who);
uint64_t chance_draw(struct chance *chance);
/* A number below @n */
unsigned int chance_below(struct chance *chance, unsigned int n);
/* Once in @n times */
bool chance_hit(struct chance *chance, unsigned int n);

/*
 * For processes that are no tests: what must hold, or the process exits with
 * COMPLAINED and says so. Whoever waits for it has to look at that.
 */
#define COMPLAINED	99
void complain(const char *file, int line, const char *what, long value);
#define HOLDS(condition) do {						\
	if (!(condition))						\
		complain(__FILE__, __LINE__, #condition, 0);		\
} while (0)
/* An error (or 0) is one of those that are listed. */
#define ONE_OF(err, ...) do {						\
	const int list_[] = { 0, __VA_ARGS__ };				\
	int err_ = (err);						\
									\
	if (!one_of(err_, list_, sizeof(list_) / sizeof(*list_)))	\
		complain(__FILE__, __LINE__, #err, err_);		\
} while (0)
bool one_of(int err, const int *list, unsigned int count);

/* The same as AWAIT, in such a process */
#define AWAIT_HOLDS(condition) do {					\
	uint64_t start_ = now_ms();					\
									\
	while (!(condition)) {						\
		if (now_ms() - start_ >= TIME_LIMIT_MS)			\
			complain(__FILE__, __LINE__, #condition, 0);	\
		sched_yield();						\
	}								\
} while (0)

/* A call after which the argument registers must be what they were */
static inline long own_call(long nr, unsigned long args[6])
{
	unsigned long own[6];
	long ret;

	memcpy(own, args, sizeof(own));
	ret = regs_call(nr, args);
	if (memcmp(own, args, sizeof(own)))
		complain(__FILE__, __LINE__, "other registers after call", nr);
	return ret;
}

/*
 * Reap a child, whichever: 1, 0 if none has ended, or -1 if there are none.
 * It must have ended well, or by SIGKILL.
 */
int reap(pid_t *pid);
/* Children of children that have died are ours to reap. */
void reap_orphans(void);
/* Until there is none; each has to end within TIME_LIMIT_MS. */
void reap_all(void);

/* References to the module */
int module_refs(void);
/* Unload it, if it is not in use: 0 or -errno */
int module_unload(void);
void module_load(void);

#endif /* STORM_H */
