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
 * @kind: it is a string; or it is in the address of a socket, which is an argument,
 *	or in a message that is sent
 */
struct call_path {
	unsigned int arg;
	int dirfd;
	enum { CALL_STRING, CALL_ADDRESS, CALL_MESSAGE } kind;
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
 * call_path_get - have a path in the call's slot, and look at it
 * @call: the call
 * @path: which
 * @string: set to it, or to NULL: there is none, as in the address of no Unix socket
 *
 * Return: 0 or -errno: the call cannot be allowed
 */
int call_path_get(struct pinredir_call *call, const struct call_path *path,
		  const char **string);

/* Let the call run on another path. 0 or -errno; -ENAMETOOLONG: for a socket */
int call_path_set(struct pinredir_call *call, const struct call_path *path,
		  const char *string);

/* Whether a call fails with ENOSYS in every filter: io_uring's */
bool call_is_closed(const struct pinredir_syscall *syscall);

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
