/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Targets that do what they are told over shared memory, which is at the same address
 * in all of them and in the test, so that the same pointers mean the same bytes. The
 * calls are such as a program does not make when it starts.
 */
#ifndef BOARD_H
#define BOARD_H

#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>

#include "regs.h"

#define PAGE		4096UL
#define NOBODY		65534

/* Files of one byte, which says which of them it is */
#define DIRECTORY	"/tmp/verdicts"
#define ALLOWED		DIRECTORY "/a"
#define FORBIDDEN	DIRECTORY "/f"
#define OTHER		DIRECTORY "/other"

/* Where all have the board, and memory that nobody has */
#define BOARD		((struct board *)0x600000000000)
#define NOWHERE		0x600100000000UL

enum what { CALL, REGS, FORK, THREAD, EXEC, SETUID, SETGID, CAPSET, END };

/**
 * struct board - what targets are told, and what they tell
 * @turn: counts the orders
 * @done: of those, how many have been obeyed
 * @who: the target that the next order is for: 0 for the first one, then in the order
 *	of their making
 * @given: the last order: its turn, and above that the target's number
 * @made: how many there are
 * @tid: of who has obeyed last
 * @what: to do
 * @nr: CALL and REGS: the call
 * @args: its arguments
 * @ret: what it returned
 * @opened: what the file that it opened begins with, or 0
 * @same: it has left its argument registers alone; REGS: all registers
 * @path: for calls that take one; room for one that is too long
 * @how: for openat2()
 * @value: for prctl()
 * @handled: REGS: how often a signal handler ran
 * @in_handler: what it saw
 * @seq: of the loops: the call that is made next
 * @stop: of the loops: come to an end
 * @count: of the loops: files opened, by what they begin with
 */
struct board {
	volatile int turn;
	volatile int done;
	volatile int who;
	volatile uint64_t given;
	volatile int made;
	volatile int tid;
	enum what what;
	long nr;
	unsigned long args[6];
	volatile long ret;
	volatile int opened;
	volatile bool same;
	char path[2 * PAGE];
	struct open_how how;
	char value[64];
	volatile int handled;
	struct regs in_handler;
	volatile unsigned long seq;
	volatile int stop;
	volatile unsigned long count[256];
};

static struct board *const board = BOARD;

/* A new one, for a new target: the old one's is what that knows. */
void board_make(void);

/* The memory that it is in, and to have another */
extern int board_fd;
void board_map(int fd);

/* The files; 0, or -1 */
int board_files(void);

/* For target_start(): the first target */
int run_orders(void *arg);

/* In the program that EXEC has run */
int run_executed(char **argv);

/* What a file that is open begins with, which is closed; 0 if it is not one */
int first_byte(long fd);

/* Tell targets what to do; told() waits until they have. */
void order(enum what what);
void told(enum what what);
bool is_done(void);

/* The call that is made by CALL and REGS */
void call_is(long nr, unsigned long a0, unsigned long a1, unsigned long a2,
	     unsigned long a3, unsigned long a4);
void open_is(const char *path);
void access_is(const char *path);
void socket_is(unsigned long family);

/* It is over: what it returned */
long finished(void);

#endif /* BOARD_H */
