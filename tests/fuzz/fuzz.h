/* SPDX-License-Identifier: GPL-2.0-only */
/* What the fuzzer's files share. */
#ifndef FUZZ_H
#define FUZZ_H

#include <pthread.h>
#include <stdatomic.h>

#include "pin.h"
#include "storm.h"

#define LANES		2	/* contexts with their targets, at a time */
#define KNOWN		8	/* received calls that any thread may act on */
#define VERDICTS	4096
#define TEXT		32U	/* bytes in a write that is judged */
#define FDS		1024	/* that a process can have */
#define OWN_FDS		1000	/* from here on targets have none of their own */

/* The calls that targets trap in; the first for i386 as well */
extern const char *const fuzz_traps[];

/**
 * struct verdict - how a target's write was answered
 * @serial: the write's; set last
 * @pinned: it ran on this text; what else was answered is not to be judged
 * @text: what the supervisor saw in the slot
 */
struct verdict {
	_Atomic uint64_t serial;
	bool pinned;
	char text[TEXT];
};

/**
 * struct board - what the fuzzer and its targets see
 * @generation: of the targets of each lane; those of an older one have to end
 * @stuck: whether a target waits for memory that never comes; by lane
 * @serials: of writes
 * @tags: of mms
 * @callers: each has a verdict of its own
 * @pinned: writes that ran on the bytes that were seen
 * @loose: writes that were answered in another way, and ran
 * @races: those of them that ran on what a peer wrote after the check
 * @unjudged: writes of which nobody said in time how they were answered
 * @scans: how often a target looked at all of its pins
 * @marks: marks of its own that it found there
 * @verdicts: by caller
 */
struct board {
	atomic_uint generation[LANES];
	atomic_bool stuck[LANES];
	_Atomic uint64_t serials;
	_Atomic uint64_t tags;
	atomic_uint callers;
	atomic_ulong pinned;
	atomic_ulong loose;
	atomic_ulong races;
	atomic_ulong unjudged;
	atomic_ulong scans;
	atomic_ulong marks;
	struct verdict verdicts[VERDICTS];
};

extern struct board *board;
extern uint64_t fuzz_seed;

/* In a slot, for who finds it in a pin: whose mm it was meant for */
struct mark {
	_Atomic uint64_t magic;
	_Atomic uint64_t tag;
};

/* Not a constant, or it would be found in the program's own memory. */
static inline uint64_t mark_magic(void)
{
	volatile uint32_t half = 0x5ec0a7e5;

	return (uint64_t)half << 32 | ~half;
}

/**
 * struct lane - a context and its targets
 * @index: which lane
 * @lock: held for reading by who uses it, for writing by who makes it anew
 * @target: the first of its targets
 * @pin: the context; its fds can turn into others at any time
 * @attach: how it is attached; the arena's fd is -1 once it is
 * @untold_lock: held by who receives a call without being told of it, and by who
 *	guesses ids: a call that is adopted then would wait for nobody
 * @known_lock: protects what follows
 * @known: calls that any thread may answer. One that is not here is its
 *	receiver's alone, who may write into its slot
 * @next: the one to be replaced
 * @over: ids of calls that have been answered
 * @next_over: the one to be replaced
 */
struct lane {
	unsigned int index;
	pthread_rwlock_t lock;
	struct target target;
	struct pin pin;
	struct seccomp_pin_attach attach;
	pthread_mutex_t untold_lock;
	pthread_mutex_t known_lock;
	struct seccomp_pin_receive known[KNOWN];
	unsigned int next;
	uint64_t over[KNOWN];
	unsigned int next_over;
};

#define ANSWERS		3

/**
 * struct fuzzer - a thread that makes requests
 * @chance: its random numbers
 * @index: which thread
 * @readonly: a page
 * @rules: those that it sets
 * @answers: those that it gives at a time
 * @answered: the calls that they are to
 * @thread: the thread
 */
struct fuzzer {
	struct chance chance;
	unsigned int index;
	void *readonly;
	struct seccomp_pin_rule rules[4];
	struct seccomp_pin_redirect answers[ANSWERS];
	struct seccomp_pin_receive answered[ANSWERS];
	pthread_t thread;
};

/* target.c: what targets do; @arg: struct lane */
int fuzz_target(void *arg);
int fuzz_executed(void);

/* request.c */
extern int null_fd;
/* What is judged is copied at the trap. */
extern const struct seccomp_pin_rule fuzz_rule;
/* One random request */
void fuzz_request(struct fuzzer *fuzzer, struct lane *lane);
/* Attach, and count that as well. */
int fuzz_attach(int fd, struct seccomp_pin_attach *attach);
/* Nobody knows them any more: all known calls are released, and denied. */
void forget_known(struct lane *lane);
/* With no request under way: what poll says of the calls that are known. */
void check_known(struct lane *lane);
/* The same, when there are none: nothing can be answered. */
void check_none_known(struct lane *lane);
/* All that waits is denied: whether there still are tasks that could call */
bool deny_all(struct lane *lane);
/* How much of what must come of requests has not come yet */
unsigned int fuzz_lacks(void);
/* Print what came of them. */
void fuzz_report(void);

#endif /* FUZZ_H */
