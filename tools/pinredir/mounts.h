/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mounts, as /proc/PID/mountinfo has them: by them a name in one mount namespace or
 * root is told to be another name in a second one. A file's place in its file system is
 * the same whatever is mounted where.
 */
#ifndef MOUNTS_H
#define MOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct mount - one mount
 * @id: the kernel's; no other mount of any namespace has it at that time
 * @parent: the mount that it is mounted on
 * @file: which directory of its file system it shows: "/8:1/directory"
 * @point: where it is mounted; "" if that is the root
 * @type: of its file system
 */
struct mount {
	uint64_t id;
	uint64_t parent;
	char *file;
	char *point;
	char *type;
};

/**
 * struct mounts - those that one process sees
 * @list: in the order in which they were mounted
 * @count: how many
 * @served: mount_served() is true of one of them
 * @deep: one of them is mounted where no call can name it from the root
 */
struct mounts {
	struct mount *list;
	size_t count;
	bool served;
	bool deep;
};

/* Whether a program answers for its file system, by FUSE */
bool mount_served(const struct mount *mount);

/* Read those of /proc/@who. Returns 0 or -errno; give them back in any case. */
int mounts_read(struct mounts *mounts, const char *who);

/*
 * Add the mount that the root is on, if it is not among them: in a chroot() the kernel
 * does not list it. Nobody can tell then which directory of which file system it is.
 * Returns 0 or -ENOMEM.
 */
int mounts_add_root(struct mounts *mounts, uint64_t id);

void mounts_free(struct mounts *mounts);

/* The one with this id, or NULL */
const struct mount *mounts_find(const struct mounts *mounts, uint64_t id);

/* What is seen where several are stacked: the first @len bytes of @name lead to @mount */
const struct mount *mounts_top(const struct mounts *mounts,
			       const struct mount *mount, const char *name,
			       size_t len);

/**
 * mounts_cross - on which mount a name leads
 * @mounts: the mounts
 * @mount: the one that the first @len bytes of the name lead to
 * @name: absolute and normalised, or "" for the root
 * @len: where to begin
 *
 * By the text: symbolic links on the way are not followed.
 *
 * Return: the mount
 */
const struct mount *mounts_cross(const struct mounts *mounts,
				 const struct mount *mount, const char *name,
				 size_t len);

/**
 * mount_file - where a file is in its file system
 * @mount: the mount that @name leads to
 * @name: as for mounts_cross()
 * @file: set to "/DEVICE/PATH", normalised
 * @size: of it
 *
 * Return: 0 or -ENAMETOOLONG
 */
int mount_file(const struct mount *mount, const char *name, char *file,
	       size_t size);

/**
 * mounts_name - a name of a file
 * @mounts: where to look for it
 * @root: the mount that their root is on
 * @mount: one of them, by way of which it may have a name
 * @file: by mount_file(), of these mounts or of others
 * @name: set to it
 * @size: of it
 *
 * Return: whether it has one
 */
bool mounts_name(const struct mounts *mounts, const struct mount *root,
		 const struct mount *mount, const char *file, char *name,
		 size_t size);

#endif /* MOUNTS_H */
