/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * I1: attacks on the bytes of a parked call, between the supervisor's check and
 * the kernel's read. A table has them; each is seen to succeed on memory that
 * lacks the defence, where there is such, and to fail on a pin.
 *
 * The call is an openat2(), which nobody else here makes, so that attackers can
 * open what they like. The supervisor has seen that it is for CHECKED, and the
 * attacker wants it to be for PLANTED. What counts is the file that is opened.
 */
#ifndef ATTACK_H
#define ATTACK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define CHECKED	"/tmp/attacks/checked"
#define PLANTED	"/tmp/attacks/planted"

#define PAGE	4096UL

/* Where the attacker is */
enum position {
	PEER,			/* a thread of the target */
	VFORK,			/* a child that shares the target's memory */
	CHILD,			/* one that does not */
	USER,			/* an unrelated process of the same user */
	ROOT_PEER,		/* a thread of a target that is root's */
	ROOT,			/* an unrelated process of root's */
	SUPERVISORS_CHILD,	/* forked by the supervisor */
	POSITIONS
};

#define AT(position)	(1U << (position))
#define SHARING		(AT(PEER) | AT(VFORK))

/* What memory the path is in */
enum site {
	NONE,
	PRIVATE,	/* the target's own, writable */
	HEAP,		/* the same, made by brk() */
	MEMFD,		/* a memfd of the target's, mapped shared, read-only */
	SEALED,		/* the same, by mseal() as well, its fd closed */
	UNGUARDED,	/* a memfd that a careless supervisor has mapped, too */
	PIN,
	LIBRARY		/* a pin, its arena made by libpinredir */
};

#define STEPS	8

struct attack_run;

/**
 * struct attack - a line of the table
 * @name: what it does
 * @run: does it, and tells what each step of it said
 * @arg: for @run
 * @positions: from where, AT() bits; the same happens from each of them
 * @control: memory on which it succeeds, or NONE
 * @why: why there is none
 * @steps: what each step says where it is made against a pin, or NULL: the call
 *	does not survive it, wherever its bytes are
 */
struct attack {
	const char *name;
	void (*run)(struct attack_run *a);
	long arg;
	unsigned int positions;
	enum site control;
	const char *why;
	const char *steps;
};

/**
 * struct attack_run - an attack being made; shared by all who take part
 * @attack: which
 * @position: from where
 * @site: against what
 * @ready: the supervisor is there
 * @go: the supervisor has checked
 * @done: the attack has been made
 * @finish: the call is over; what holds the attack up can go
 * @opened: what came of the call: OPENED_* or -errno
 * @again: what came of the same call, made once more and answered by a verdict
 * @pid: whose memory it is
 * @tid: a thread of that which can be stopped without ending the call
 * @map: the mapping that the path is in
 * @len: of it
 * @path: where the path is: at the start of a page, not the first
 * @offset: of the path in the file that is mapped
 * @fd: of that file, in the target, or -1
 * @nr_steps: how many there are in @steps
 * @steps: 0 or an errno
 */
struct attack_run {
	const struct attack *attack;
	enum position position;
	enum site site;
	volatile int ready;
	volatile int go;
	volatile int done;
	volatile int finish;
	volatile int opened;
	volatile int again;
	pid_t pid;
	volatile int tid;
	char *map;
	size_t len;
	char *path;
	uint64_t offset;
	int fd;
	int nr_steps;
	int steps[STEPS];
};

#define OPENED_NOTHING	0
#define OPENED_CHECKED	1
#define OPENED_PLANTED	2

/* Take down what a step said: -1 with errno, or success. Returns the latter. */
bool attack_step(struct attack_run *a, long ret);

/* A page of the attacker's, with PLANTED in it */
char *attack_page(void);

/* Write PLANTED with a plain store, where the path is or somewhere else. */
void attack_store(struct attack_run *a);
void attack_store_at(struct attack_run *a, char *at);

/* The tables, ended by an attack without a name */
extern const struct attack mapping_attacks[];
extern const struct attack advice_attacks[];
extern const struct attack page_attacks[];
extern const struct attack process_attacks[];
extern const struct attack supervisor_attacks[];

#endif /* ATTACK_H */
