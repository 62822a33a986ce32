/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What /proc says about a thread. */
#ifndef PINREDIR_PROC_H
#define PINREDIR_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pinredir.h>

/* The calling thread, whose credentials are its own */
#define PROC_SELF	"thread-self"

#define PROC_WHO	16

/**
 * struct proc_status - what the rights of a thread are
 * @uid, @gid: those that count for files, in this process's user namespace
 * @umask: its umask
 * @caps: effective capabilities, in its own user namespace
 * @groups, @count: supplementary groups
 * @found: lines that were there
 * @error: a negative errno
 */
struct proc_status {
	uint32_t uid;
	uint32_t gid;
	uint32_t umask;
	uint64_t caps;
	uint32_t *groups;
	size_t count;
	int found;
	int error;
};

/* Read a thread's; 0 or -errno. To be freed in any case */
int pinredir_proc_status(const char *who, struct proc_status *status);
void pinredir_proc_status_free(struct proc_status *status);
bool pinredir_proc_in_group(const struct proc_status *status, uint32_t group);

/* Whether a thread is in this one's namespace of that kind: 1, 0 or -errno */
int pinredir_proc_same_namespace(const char *who, const char *kind);

/* The name of a call's thread in /proc; 0 or -ESRCH */
int pinredir_proc_target(const struct pinredir_call *call, char who[PROC_WHO]);

#endif /* PINREDIR_PROC_H */
