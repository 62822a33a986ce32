/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Places: what a target's names mean. A target can have another root, and other mounts,
 * than the supervisor.
 *
 * All of it is what /proc and the kernel's caches say: no file system is asked, for a
 * target can serve one, and wait for the supervisor. place_resolve() is the exception,
 * and keeps away from mounts that a FUSE server serves.
 */
#ifndef PLACE_H
#define PLACE_H

#include <errno.h>
#include <limits.h>
#include <stdbool.h>

#include "mounts.h"

/* Nobody can tell where it is. */
#define PLACE_UNKNOWN	(-ESTALE)

/**
 * struct world - the supervisor's own mounts
 * @mounts: as they were when somebody looked last
 * @changes: readable with POLLPRI when they have changed since
 * @root: the mount that its root is on
 * @ns_device, @ns_inode: the mount namespace
 */
struct world {
	struct mounts mounts;
	int changes;
	uint64_t root;
	uint64_t ns_device;
	uint64_t ns_inode;
};

/**
 * struct view - what a target sees
 * @world: the supervisor's
 * @who: the thread, in /proc
 * @mounts: what its names are looked up in: @world's or @others
 * @others: those of another mount namespace
 * @own: it is in the supervisor's mount namespace
 * @root: its root, by the supervisor's root or that of its namespace; "" if it is that
 * @root_fd: the same, O_PATH
 * @root_mount: the mount that its root is on
 */
struct view {
	struct world *world;
	char who[16];
	const struct mounts *mounts;
	struct mounts others;
	bool own;
	char root[PATH_MAX];
	int root_fd;
	const struct mount *root_mount;
};

/**
 * struct place - where a name leads
 * @mounts: that @name is looked up in
 * @mount: that it is on
 * @name: absolute and normalised, "" being the root of @mounts
 * @root: how many bytes of @name are the target's root
 * @outside: not below the target's root: no absolute name of the target's leads there
 * @deep: below a directory that is too deep for its name to be told: @name has that of
 *	the last directory above it that can be told, and an empty component
 */
struct place {
	const struct mounts *mounts;
	const struct mount *mount;
	char name[3 * PATH_MAX];
	size_t root;
	bool outside;
	bool deep;
};

/* Where the supervisor is. Returns 0 or -errno. */
int world_open(struct world *world);
/* A table of its mounts as they are now, and the one that its root is on */
int world_mounts(const struct world *world, struct mounts *mounts,
		 const struct mount **root);

void world_close(struct world *world);

/**
 * view_open - look at a target
 * @view: filled in; to be closed in any case
 * @world: the supervisor's
 * @tid: the thread, which waits
 *
 * Return: 0 or
 * * -ESRCH: it does not wait any more
 * * PLACE_UNKNOWN: nobody can tell where its root is
 * * -EACCES, -ENOMEM, -EMFILE, ...: why it cannot be looked at
 */
int view_open(struct view *view, struct world *world, int tid);
void view_close(struct view *view);

/* The target's root */
void place_root(const struct view *view, struct place *place);

/**
 * place_directory - where a directory of the target's is
 * @view: the target's
 * @dirfd: its file descriptor, or AT_FDCWD
 * @path: what is relative to it. In a deep directory, the ".." that it begins with are
 *	taken off, and the place is where they lead; otherwise unchanged. NULL: ".."
 *	does not lead out of the directory
 * @place: set to it
 *
 * Return: 0 or
 * * -EBADF, -ENOTDIR: @dirfd is not open, or no directory
 * * PLACE_UNKNOWN: nobody can tell, such as in a tree that is mounted nowhere
 * * -EACCES, ...: why it cannot be looked at
 */
int place_directory(const struct view *view, int dirfd, const char **path,
		    struct place *place);

/**
 * place_resolve - have the kernel resolve the path of a directory
 * @view: the target's
 * @from: where the path begins
 * @path: the first @len bytes of it; absolute or not
 * @len: how many
 * @place: set to the directory, a name without symbolic links
 *
 * Return: 1; 0: there is no symbolic link on the way, so that @path can be read as
 * text; -ENOENT, -ENOTDIR, -ELOOP; PLACE_UNKNOWN: nobody can tell
 */
int place_resolve(const struct view *view, const struct place *from,
		  const char *path, size_t len, struct place *place);

/**
 * place_append - go on from a place
 * @place: where; changed
 * @path: from there; symbolic links are not followed
 * @floor: ".." does not lead above the first @floor bytes of its name
 *
 * Return: 0, -ENAMETOOLONG or PLACE_UNKNOWN: nobody can tell
 */
int place_append(struct place *place, const char *path, size_t floor);

/* Its name as the target sees it */
const char *place_name(const struct place *place);

/* As mount_file() */
int place_file(const struct place *place, char *file, size_t size);

#endif /* PLACE_H */
