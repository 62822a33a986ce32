/* SPDX-License-Identifier: GPL-2.0-only */
/* A memory cgroup for processes of a test; whatever fails is loud. */
#ifndef CGROUP_H
#define CGROUP_H

#include <stdbool.h>
#include <sys/types.h>

/**
 * struct cgroup - a cgroup, and the mount that it is in
 * @root: where that is
 */
struct cgroup {
	char root[32];
};

/* Make it, with nobody in it and without limits. */
void cgroup_start(struct cgroup *cgroup);
/* Remove it, as soon as all who were in it have left it or ended. */
void cgroup_end(const struct cgroup *cgroup);

/* Have a process in it, or in the one above it. */
void cgroup_enter(const struct cgroup *cgroup, pid_t pid);
void cgroup_leave(const struct cgroup *cgroup, pid_t pid);

/* Write to one of its files, memory.max for one; 0 or -errno */
int cgroup_write(const struct cgroup *cgroup, const char *name,
		 unsigned long value);
/* A line of its memory.stat, in bytes */
unsigned long cgroup_stat(const struct cgroup *cgroup, const char *name);
/* Whether all who are in it are frozen, as its cgroup.freeze may ask for */
bool cgroup_frozen(const struct cgroup *cgroup);

#endif /* CGROUP_H */
