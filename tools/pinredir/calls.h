/* SPDX-License-Identifier: GPL-2.0-only */
/* Which syscalls are supervised, and which of their arguments are paths. */
#ifndef CALLS_H
#define CALLS_H

#include <pinredir.h>
#include <seccomp.h>
#include <stdbool.h>

/* The most paths that a call has */
#define CALL_PATHS	2
/* There is no such argument: relative to the working directory */
#define CALL_NO_DIRFD	(-1)

/**
 * struct call_path - a path argument
 * @arg: which argument it is
 * @dirfd: which argument it is relative to, or CALL_NO_DIRFD
 */
struct call_path {
	unsigned int arg;
	int dirfd;
};

/**
 * call_paths - the paths of a syscall by which it finds files
 * @syscall: the syscall
 * @paths: filled in
 *
 * Not the text of a new symbolic link: what it means depends on where the link
 * is when it is followed.
 *
 * Return: how many there are
 */
unsigned int call_paths(const struct pinredir_syscall *syscall,
			struct call_path paths[CALL_PATHS]);

/**
 * calls_filter - a filter that notifies of syscalls
 * @filter: set to it
 * @wanted: whether to notify of one
 * @data: for @wanted
 *
 * Other calls are allowed, but for what would get round all this: those of other
 * ABIs kill the process, and io_uring is ENOSYS.
 *
 * Return: 0 or -errno
 */
int calls_filter(scmp_filter_ctx *filter,
		 bool (*wanted)(const struct pinredir_syscall *syscall,
				void *data), void *data);

#endif /* CALLS_H */
