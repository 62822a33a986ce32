// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mounts.h"
#include "path.h"

/* The words of a line of mountinfo that come before the optional ones */
enum { ID, PARENT, DEVICE, ROOT, POINT, WORDS };

static void unescape(char *word)
{
	char *to = word;

	for (; *word; word++, to++) {
		*to = *word;
		/* The kernel writes \ooo, and a backslash in no other way. */
		if (*word == '\\' && strlen(word) >= 4) {
			*to = (word[1] - '0') << 6 | (word[2] - '0') << 3 |
			      (word[3] - '0');
			word += 3;
		}
	}
	*to = '\0';
}

static char *copied(char *word)
{
	unescape(word);
	return strdup(strcmp(word, "/") ? word : "");
}

bool mount_served(const struct mount *mount)
{
	return !strncmp(mount->type, "fuse", 4) &&
	       strcmp(mount->type, "fusectl");
}

static void mount_free(struct mount *mount)
{
	free(mount->file);
	free(mount->point);
	free(mount->type);
}

/* Without memory for it, some of it is NULL. */
static void mount_set(struct mount *mount, char **words, const char *type)
{
	char *root = copied(words[ROOT]);

	mount->id = strtoull(words[ID], NULL, 10);
	mount->parent = strtoull(words[PARENT], NULL, 10);
	mount->point = copied(words[POINT]);
	mount->type = strdup(type);
	mount->file = NULL;
	/* Roots of some file systems are no paths: "net:[4026531840]" */
	if (root && asprintf(&mount->file, "/%s%s%s", words[DEVICE],
			     *root && *root != '/' ? "/" : "", root) < 0)
		mount->file = NULL;
	free(root);
}

static int mounts_add(struct mounts *mounts, char *line)
{
	char *words[WORDS], *type, *rest = line;
	struct mount mount, *list;
	unsigned int i;

	type = strstr(line, " - ");
	if (!type)
		return -EIO;
	*type = '\0';
	type += 3;
	type[strcspn(type, " \n")] = '\0';
	for (i = 0; i < WORDS; i++) {
		words[i] = strsep(&rest, " ");
		if (!words[i])
			return -EIO;
	}
	mount_set(&mount, words, type);
	list = reallocarray(mounts->list, mounts->count + 1, sizeof(*list));
	if (list)
		mounts->list = list;
	if (!list || !mount.file || !mount.point || !mount.type) {
		mount_free(&mount);
		return -ENOMEM;
	}
	list[mounts->count++] = mount;
	if (mount_served(&mount))
		mounts->served = true;
	if (strlen(mount.point) >= PATH_MAX)
		mounts->deep = true;
	return 0;
}

int mounts_add_root(struct mounts *mounts, uint64_t id)
{
	char line[64];

	if (mounts_find(mounts, id))
		return 0;
	snprintf(line, sizeof(line), "%llu 0 chroot / / - unknown",
		 (unsigned long long)id);
	return mounts_add(mounts, line);
}

int mounts_read(struct mounts *mounts, const char *who)
{
	char name[64], *line = NULL;
	size_t size = 0;
	int err = 0;
	FILE *file;

	*mounts = (struct mounts){ 0 };
	snprintf(name, sizeof(name), "/proc/%s/mountinfo", who);
	file = fopen(name, "re");
	if (!file)
		return -errno;
	while (!err && getline(&line, &size, file) > 0)
		err = mounts_add(mounts, line);
	if (!err && ferror(file))
		err = -EIO;
	free(line);
	fclose(file);
	return err;
}

void mounts_free(struct mounts *mounts)
{
	size_t i;

	for (i = 0; i < mounts->count; i++)
		mount_free(&mounts->list[i]);
	free(mounts->list);
	*mounts = (struct mounts){ 0 };
}

const struct mount *mounts_find(const struct mounts *mounts, uint64_t id)
{
	size_t i;

	for (i = 0; i < mounts->count; i++)
		if (mounts->list[i].id == id)
			return &mounts->list[i];
	return NULL;
}

/* What is mounted on a mount, at the first @len bytes of @name */
static const struct mount *mounts_on(const struct mounts *mounts,
				     const struct mount *on, const char *name,
				     size_t len)
{
	const struct mount *mount;

	for (mount = mounts->list; mount < mounts->list + mounts->count;
	     mount++)
		if (mount->parent == on->id && mount != on &&
		    !strncmp(mount->point, name, len) && !mount->point[len])
			return mount;
	return NULL;
}

const struct mount *mounts_top(const struct mounts *mounts,
			       const struct mount *mount, const char *name,
			       size_t len)
{
	const struct mount *next;
	size_t left;

	/* A table that was read while mounts moved can have a circle. */
	for (left = mounts->count; left; left--) {
		next = mounts_on(mounts, mount, name, len);
		if (!next)
			break;
		mount = next;
	}
	return mount;
}

const struct mount *mounts_cross(const struct mounts *mounts,
				 const struct mount *mount, const char *name,
				 size_t len)
{
	while (name[len]) {
		len += 1 + strcspn(name + len + 1, "/");
		mount = mounts_top(mounts, mount, name, len);
	}
	return mount;
}

int mount_file(const struct mount *mount, const char *name, char *file,
	       size_t size)
{
	size_t len = strlen(mount->point);

	if ((size_t)snprintf(file, size, "%s%s", mount->file,
			     strlen(name) >= len ? name + len : "") >= size)
		return -ENAMETOOLONG;
	return 0;
}

bool mounts_name(const struct mounts *mounts, const struct mount *root,
		 const struct mount *mount, const char *file, char *name,
		 size_t size)
{
	size_t len = strlen(mount->file);

	if (!path_below(file, mount->file, len) ||
	    (size_t)snprintf(name, size, "%s%s", mount->point,
			     file + len) >= size)
		return false;
	/* It can be below what is mounted there as well. */
	if (mounts_cross(mounts, root, name, 0) != mount)
		return false;
	if (!*name)
		strcpy(name, "/");
	return true;
}
