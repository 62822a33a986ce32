// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "path.h"
#include "place.h"

/* RESOLVE_CACHED; Debian 12's glibc has it, others may be older. */
#ifndef RESOLVE_CACHED
#define RESOLVE_CACHED	0x20
#endif

/* So many ".." are asked for at a time: 3 * UPS bytes are a path. */
#define UPS		1024U
/* The kernel's cache can be in use, and then says that it does not know. */
#define CACHE_TRIES	16

/* What an O_PATH descriptor of the supervisor's is of */
struct looked {
	uint64_t mount;
	bool directory;
	char name[PATH_MAX];
};

static bool path_is_below(const char *path, const char *top)
{
	return path_below(path, top, strlen(top));
}

static int look_name(int fd, char *name)
{
	char link[64];
	ssize_t len;

	*name = '\0';
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, name, PATH_MAX);
	if (len < 0)
		return -errno;
	if (len == PATH_MAX)
		return -ENAMETOOLONG;
	name[len] = '\0';
	if (!strcmp(name, "/"))
		*name = '\0';
	return 0;
}

/* What is known of it without a question to its file system */
static int look_mount(int fd, struct looked *looked)
{
	struct statx stx;

	looked->mount = 0;
	looked->directory = false;
	*looked->name = '\0';
	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, 0, &stx))
		return -errno;
	if (!(stx.stx_mask & STATX_MNT_ID))
		return PLACE_UNKNOWN;
	looked->mount = stx.stx_mnt_id;
	/* A file system that this process may not ask tells no mode at all. */
	looked->directory = S_ISDIR(stx.stx_mode) || !stx.stx_mode;
	return 0;
}

/* Behind a link of /proc; opening it asks nobody. */
static int look_open(const char *who, const char *what)
{
	char link[64];
	int fd;

	snprintf(link, sizeof(link), "/proc/%s/%s", who, what);
	fd = open(link, O_PATH | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int namespace_of(const char *who, uint64_t *device, uint64_t *inode)
{
	char name[64];
	struct stat st;

	snprintf(name, sizeof(name), "/proc/%s/ns/mnt", who);
	if (stat(name, &st))
		return -errno;
	*device = st.st_dev;
	*inode = st.st_ino;
	return 0;
}

int world_mounts(const struct world *world, struct mounts *mounts,
		 const struct mount **root)
{
	int err = mounts_read(mounts, "self");

	if (!err)
		err = mounts_add_root(mounts, world->root);
	*root = mounts_find(mounts, world->root);
	return err;
}

static int world_read(struct world *world)
{
	const struct mount *root;

	return world_mounts(world, &world->mounts, &root);
}

int world_open(struct world *world)
{
	struct looked root;
	int fd, err;

	*world = (struct world){ .changes = -1 };
	world->changes = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	if (world->changes < 0)
		return -errno;
	err = namespace_of("self", &world->ns_device, &world->ns_inode);
	if (err)
		return err;
	fd = look_open("self", "root");
	if (fd < 0)
		return fd;
	err = look_mount(fd, &root);
	close(fd);
	if (err)
		return err;
	world->root = root.mount;
	return world_read(world);
}

void world_close(struct world *world)
{
	if (world->changes >= 0)
		close(world->changes);
	mounts_free(&world->mounts);
}

static int world_refresh(struct world *world)
{
	struct pollfd changes = { .fd = world->changes, .events = POLLPRI };

	/* Without mounts, reading them has failed. */
	if (poll(&changes, 1, 0) <= 0 && world->mounts.count)
		return 0;
	mounts_free(&world->mounts);
	return world_read(world);
}

static int view_mounts(struct view *view, uint64_t root)
{
	int err;

	if (view->own) {
		view->mounts = &view->world->mounts;
	} else {
		err = mounts_read(&view->others, view->who);
		if (err)
			return err;
		view->mounts = &view->others;
	}
	view->root_mount = mounts_find(view->mounts, root);
	return view->root_mount ? 0 : PLACE_UNKNOWN;
}

int view_open(struct view *view, struct world *world, int tid)
{
	uint64_t device = 0, inode = 0;
	struct looked looked;
	int err;

	view->world = world;
	view->others = (struct mounts){ 0 };
	view->root_fd = -1;
	snprintf(view->who, sizeof(view->who), "%d", tid);
	err = namespace_of(view->who, &device, &inode);
	if (err)
		return err == -ENOENT ? -ESRCH : err;
	view->own = device == world->ns_device && inode == world->ns_inode;
	err = world_refresh(world);
	if (err)
		return err;
	view->root_fd = look_open(view->who, "root");
	if (view->root_fd < 0)
		return view->root_fd;
	err = look_mount(view->root_fd, &looked);
	if (!err)
		err = look_name(view->root_fd, view->root);
	return err ? err : view_mounts(view, looked.mount);
}

void view_close(struct view *view)
{
	if (view->root_fd >= 0)
		close(view->root_fd);
	mounts_free(&view->others);
}

void place_root(const struct view *view, struct place *place)
{
	place->mounts = view->mounts;
	place->mount = view->root_mount;
	/* Mounts of another namespace are listed by the target's own root. */
	strcpy(place->name, view->own ? view->root : "");
	place->root = strlen(place->name);
	place->outside = false;
	place->deep = false;
}

/* A directory, by what was seen of it */
static int place_set(const struct view *view, const struct looked *looked,
		     struct place *place)
{
	bool inside = path_is_below(looked->name, view->root);

	place_root(view, place);
	place->mount = mounts_find(view->mounts, looked->mount);
	if (place->mount && (inside || view->own)) {
		strcpy(place->name, looked->name +
		       (view->own ? 0 : strlen(view->root)));
	} else {
		/* It may be the supervisor's that the target has kept open. */
		place->mounts = &view->world->mounts;
		place->mount = mounts_find(place->mounts, looked->mount);
		strcpy(place->name, looked->name);
		inside = false;
	}
	if (!inside) {
		place->outside = true;
		place->root = 0;
	}
	return place->mount ? 0 : PLACE_UNKNOWN;
}

/*
 * From the kernel's cache, and by other means only where no program can be asked: there is
 * no FUSE, or it is not on the mount @on that @fd is on, which is not left then.
 */
static int look_at(const struct view *view, int fd, const struct mount *on,
		   const char *path, uint64_t resolve)
{
	bool served = view->mounts->served || view->world->mounts.served;
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = resolve | RESOLVE_CACHED,
	};
	int tries = CACHE_TRIES, found;

	do {
		found = syscall(SYS_openat2, fd, path, &how, sizeof(how));
		if (found >= 0)
			return found;
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
		if (!served)
			how.resolve = resolve;
		else if (on && !mount_served(on))
			how.resolve = resolve | RESOLVE_NO_XDEV;
	} while (--tries);
	return PLACE_UNKNOWN;
}

static int ups_path(char *path, unsigned int ups)
{
	if (ups > UPS)
		return PLACE_UNKNOWN;
	while (ups--)
		path = stpcpy(path, "../");
	strcpy(path, ".");
	return 0;
}

/* Up so many directories: 0, and the name; -ENAMETOOLONG: it cannot be told yet. */
static int look_up(const struct view *view, int fd, unsigned int ups,
		   struct looked *looked)
{
	char path[3 * UPS + 2];
	int up, err = ups_path(path, ups);

	looked->mount = 0;
	if (err)
		return err;
	up = look_at(view, fd, NULL, path, 0);
	if (up < 0)
		return up;
	err = look_mount(up, looked);
	if (!err)
		err = look_name(up, looked->name);
	close(up);
	return err;
}

/*
 * No rule is about what is below the last directory whose name can be told, for such
 * names are longer than those that rules can have.
 */
static int place_above(const struct view *view, int fd, struct place *place)
{
	unsigned int too_few = 0, enough = 1, half;
	struct looked dir, top;
	int err;

	if (view->mounts->deep)
		return PLACE_UNKNOWN;
	err = look_mount(fd, &dir);
	if (err)
		return err;
	while ((err = look_up(view, fd, enough, &top)) == -ENAMETOOLONG &&
	       enough < UPS) {
		too_few = enough;
		enough *= 2;
	}
	while (!err && enough - too_few > 1) {
		half = too_few + (enough - too_few) / 2;
		err = look_up(view, fd, half, &top);
		if (err == -ENAMETOOLONG) {
			too_few = half;
			err = 0;
		} else {
			enough = half;
		}
	}
	if (!err)
		err = look_up(view, fd, enough, &top);
	if (err)
		return err == -ENAMETOOLONG ? PLACE_UNKNOWN : err;
	err = place_set(view, &top, place);
	if (!err && (top.mount != dir.mount || place->outside))
		err = PLACE_UNKNOWN;
	place->deep = true;
	strcat(place->name, "//");
	return err;
}

static int place_of(const struct view *view, int fd, struct place *place)
{
	struct looked looked;
	int err = look_mount(fd, &looked);

	if (err)
		return err;
	if (!looked.directory)
		return -ENOTDIR;
	err = look_name(fd, looked.name);
	if (err == -ENAMETOOLONG)
		return place_above(view, fd, place);
	if (err)
		return err;
	/* "pipe:[4711]" */
	if (*looked.name && *looked.name != '/')
		return -ENOTDIR;
	return place_set(view, &looked, place);
}

/* How many ".." a path begins with; they are taken off. */
static unsigned int path_ups(const char **path)
{
	unsigned int ups = 0;
	size_t len;

	for (;; *path += len + strspn(*path + len, "/")) {
		len = strcspn(*path, "/");
		if (len == 2 && !strncmp(*path, "..", 2))
			ups++;
		else if (len != 1 || **path != '.')
			return ups;
	}
}

/* Of a deep directory there is no text from which ".." could be taken. */
static int place_deep(const struct view *view, int fd, const char **path,
		      struct place *place)
{
	char ups[3 * UPS + 2];
	unsigned int count = path_ups(path);
	int up, err;

	if (!count)
		return place_above(view, fd, place);
	err = ups_path(ups, count);
	if (err)
		return err;
	up = look_at(view, fd, NULL, ups, 0);
	if (up < 0)
		return up;
	err = place_of(view, up, place);
	close(up);
	/* Above its root, the target would go no further. */
	return !err && place->outside ? PLACE_UNKNOWN : err;
}

int place_directory(const struct view *view, int dirfd, const char **path,
		    struct place *place)
{
	char what[32] = "cwd", name[PATH_MAX];
	int fd, err;

	if (dirfd < 0 && dirfd != AT_FDCWD)
		return -EBADF;
	if (dirfd != AT_FDCWD)
		snprintf(what, sizeof(what), "fd/%d", dirfd);
	fd = look_open(view->who, what);
	if (fd < 0)
		return fd == -ENOENT ? -EBADF : fd;
	err = path && look_name(fd, name) == -ENAMETOOLONG ?
	      place_deep(view, fd, path, place) : place_of(view, fd, place);
	close(fd);
	return err;
}

int place_resolve(const struct view *view, const struct place *from,
		  const char *path, size_t len, struct place *place)
{
	char text[PATH_MAX];
	struct looked looked;
	int fd, err;

	if (from->outside || from->deep ||
	    (size_t)snprintf(text, sizeof(text), "%s/%.*s",
			     from->name + from->root, (int)len,
			     path) >= sizeof(text))
		return PLACE_UNKNOWN;
	fd = look_at(view, view->root_fd, view->root_mount, text,
		     RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
	if (fd >= 0) {
		close(fd);
		return 0;
	}
	if (fd == -ELOOP)
		fd = look_at(view, view->root_fd, view->root_mount, text,
			     RESOLVE_IN_ROOT);
	if (fd < 0)
		return fd == -ENOENT || fd == -ENOTDIR ? fd : PLACE_UNKNOWN;
	err = look_mount(fd, &looked);
	if (!err)
		err = look_name(fd, looked.name);
	close(fd);
	if (!err)
		err = place_set(view, &looked, place);
	/* /proc/self is the supervisor here. */
	if (err || place->outside || !strcmp(place->mount->type, "proc"))
		return PLACE_UNKNOWN;
	return 1;
}

/*
 * Its mount, after ".." has left no more than @low bytes of its name, and others were put
 * behind them. ".." leads to what is mounted on a directory, not to what is below that.
 */
static int place_cross(struct place *place, size_t base, size_t low)
{
	const struct mount *mount = place->mount;

	if (low < base) {
		while (mount && low < strlen(mount->point))
			mount = mounts_find(place->mounts, mount->parent);
		if (!mount)
			return PLACE_UNKNOWN;
		mount = mounts_top(place->mounts, mount, place->name, low);
	}
	place->mount = mounts_cross(place->mounts, mount, place->name,
				    low < base ? low : base);
	return 0;
}

int place_append(struct place *place, const char *path, size_t floor)
{
	size_t base = strlen(place->name), at = base, low = base, len;

	for (; *path; path += len) {
		path += strspn(path, "/");
		len = strcspn(path, "/");
		if (len == 2 && !strncmp(path, "..", 2)) {
			while (at > floor && place->name[--at] != '/')
				;
			if (at < low)
				low = at;
		} else if (len && !(len == 1 && *path == '.')) {
			if (at + 1 + len >= sizeof(place->name))
				return -ENAMETOOLONG;
			place->name[at++] = '/';
			memcpy(place->name + at, path, len);
			at += len;
		}
	}
	place->name[at] = '\0';
	return place_cross(place, base, low);
}

const char *place_name(const struct place *place)
{
	const char *name = place->name + place->root;

	return *name ? name : "/";
}

int place_file(const struct place *place, char *file, size_t size)
{
	return mount_file(place->mount, place->name, file, size);
}
