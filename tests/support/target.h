/* SPDX-License-Identifier: GPL-2.0-only */
/* Making targets: processes under a filter whose listener we have. */
#ifndef TARGET_H
#define TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/**
 * struct target - a process under a filter
 * @pid: the process; a child of ours
 * @listener: the listener of its filter
 */
struct target {
	pid_t pid;
	int listener;
};

/* Installs a filter in the current process; outer to those that follow. */
typedef void (*target_filter)(void);

/**
 * target_start - start a target
 * @target: filled in
 * @outer: installs filters outer to the one that notifies, or NULL
 * @traps: names of the syscalls to notify of, ended by NULL; or NULL
 * @run: what the target does; its result is the exit status
 * @arg: for @run
 *
 * Return: 0 or a negative errno
 */
int target_start(struct target *target, target_filter outer,
		 const char *const *traps, int (*run)(void *arg), void *arg);

/* The same for a program: argv[0] is looked up in PATH; exit status 127: not */
int target_exec(struct target *target, const char *const *traps, char **argv);

/**
 * target_wait - wait for a target's end
 * @target: the target; its listener is closed as well, if it is not -1
 *
 * Return: the exit status, or 128 + the number of the signal that killed it
 */
int target_wait(struct target *target);

/* The last argument of a call that is trapped whatever its number and ABI */
#define TARGET_MAGIC	0x7abbed

/*
 * In the current process: notify of these; returns the listener or -errno. If
 * the first has a '+' before its name, those of i386 are trapped as well; "#1" is
 * number 1. NULL: all calls whose last argument is TARGET_MAGIC.
 */
int target_trap(const char *const *traps);

#endif /* TARGET_H */
