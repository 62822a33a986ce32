/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A child under a filter, whatever it runs. */
#ifndef PINREDIR_SPAWN_H
#define PINREDIR_SPAWN_H

#include <linux/filter.h>
#include <signal.h>

#include <pinredir.h>

/**
 * struct spawn_shared - what the child and the courier tell
 * @pid: the child, in the courier's and this process's pid namespace; or a
 *	negative errno
 * @listener: its file descriptor, plus 1
 * @error: a negative errno, for which there is no filter
 * @exec_error: a negative errno of its execve
 *
 * Each is stored once, and 0 before.
 */
struct spawn_shared {
	int pid;
	int listener;
	int error;
	int exec_error;
};

static inline void tell(int *word, int value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

static inline int told(const int *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

/**
 * struct spawn_plan - what the child is made by, complete before there is a child
 * @prog: the filter
 * @flags: SECCOMP_FILTER_FLAG_* to install it with
 * @no_new_privs: to be set first
 * @make_dumpable: see spawn_make_dumpable()
 * @how: what to execute
 * @search: PATH, if it is to be looked for there, or NULL
 * @envp: its environment
 * @run: called in place of an execve, or NULL; makes no syscall but those that
 *	the filter lets through
 * @mask: the signal mask that it gets
 * @shared: memory that it tells this process by
 */
struct spawn_plan {
	struct sock_fprog prog;
	unsigned int flags;
	bool no_new_privs;
	bool make_dumpable;
	const struct pinredir_spawn *how;
	const char *search;
	char *const *envp;
	void (*run)(void);
	sigset_t mask;
	struct spawn_shared *shared;
};

/* pinredir_spawn(), but for the filter and what is executed */
int pinredir_spawn_plan(struct pinredir_child **child, struct spawn_plan *plan);

/*
 * What the two other processes run, which never return: spawn_child.c. @keep are the
 * file descriptors to be kept, in order, with room for one more.
 */
__attribute__((noreturn))
void pinredir_courier_main(const struct spawn_plan *plan, int *keep, int socket);
void pinredir_sorted_add(int *keep, size_t count, int fd);

/* Kill it, wait for it, and free it */
void pinredir_child_end(struct pinredir_child *child);

#endif /* PINREDIR_SPAWN_H */
