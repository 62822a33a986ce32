// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Opening a file for a target. What a path leads to can change between a look at
 * it and the call, with pinned bytes as well: so the supervisor walks it, once, and
 * hands over what it has found.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "private.h"
#include "proc.h"

/* What open() looks at; all else it has always ignored. */
#define OPEN_FLAGS	(O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | \
			 O_APPEND | O_NONBLOCK | O_SYNC | O_ASYNC | O_DIRECT | \
			 O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC | \
			 O_PATH | O_TMPFILE)

/* The kernel's; glibc's is 0 where it goes without saying. */
#ifdef __aarch64__
#define LARGEFILE	0400000
#else
#define LARGEFILE	0100000
#endif

/* O_TMPFILE holds O_DIRECTORY. */
#define TMPFILE_BIT	(O_TMPFILE & ~O_DIRECTORY)

#define PERMISSIONS	07777U

/* Each takes a rename, or somebody who makes and removes the file. */
#define OPEN_TRIES	16

/* Of major number 1: null, zero, full, random, urandom */
#define MEM_MAJOR	1
#define MEM_MINORS	(1 << 3 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 9)

static void how_of_open(struct open_how *how, uint64_t flags, uint64_t mode)
{
	how->flags = flags & OPEN_FLAGS;
	if (how->flags & (O_CREAT | TMPFILE_BIT))
		how->mode = mode & PERMISSIONS;
}

static int how_of_openat2(struct pinredir_call *call, struct open_how *how)
{
	size_t i, len = arg_value(call, 3);
	const unsigned char *rest;
	const void *bytes;
	int err;

	if (len < sizeof(*how))
		return -EINVAL;
	err = pinredir_get_bytes(call, 2, &bytes, &len);
	if (err)
		return err;
	if (!bytes)
		return -EFAULT;
	memcpy(how, bytes, sizeof(*how));
	for (rest = bytes, i = sizeof(*how); i < len; i++)
		if (rest[i])
			return -E2BIG;
	/* The kernel would say so, but not of all the ways it is asked here. */
	if (how->flags & ~(uint64_t)(OPEN_FLAGS | LARGEFILE) ||
	    how->mode & ~(uint64_t)PERMISSIONS ||
	    (how->mode && !(how->flags & (O_CREAT | TMPFILE_BIT))))
		return -EINVAL;
	if (how->resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT))
		return -EOPNOTSUPP;
	return 0;
}

/* How the call would open the file */
static int call_how(struct pinredir_call *call, struct open_how *how)
{
	memset(how, 0, sizeof(*how));
	if (!pinredir_is_native(&call_received(call)->data))
		return -EINVAL;
	switch (pinredir_nr(call)) {
	case SYS_openat2:
		return how_of_openat2(call, how);
	case SYS_openat:
		how_of_open(how, arg_value(call, 2), arg_value(call, 3));
		return 0;
#ifdef SYS_open
	case SYS_open:
		how_of_open(how, arg_value(call, 1), arg_value(call, 2));
		return 0;
	case SYS_creat:
		how_of_open(how, O_CREAT | O_WRONLY | O_TRUNC,
			    arg_value(call, 1));
		return 0;
#endif
	default:
		return -EINVAL;
	}
}

/* Whether @ours are no more than @theirs */
static bool rights_within(const struct proc_status *ours,
			  const struct proc_status *theirs)
{
	size_t i;

	if (ours->uid != theirs->uid || ours->caps & ~theirs->caps ||
	    !pinredir_proc_in_group(theirs, ours->gid))
		return false;
	for (i = 0; i < ours->count; i++)
		if (!pinredir_proc_in_group(theirs, ours->groups[i]))
			return false;
	return true;
}

/* Capabilities of a user namespace of its own are none here. */
static int rights_compare(const char *who, const struct proc_status *ours,
			  const struct proc_status *theirs)
{
	int same;

	if (!rights_within(ours, theirs))
		return -EPERM;
	if (!ours->caps)
		return 0;
	same = pinredir_proc_same_namespace(who, "user");
	return same < 0 ? same : same ? 0 : -EPERM;
}

/**
 * struct creating - how a file comes to be
 * @root, @path, @how: as for openat2()
 * @umask: the target's
 * @fd: the file, or a negative errno
 * @borrow: this process's umask is another
 */
struct creating {
	int root;
	const char *path;
	const struct open_how *how;
	uint32_t umask;
	int fd;
	bool borrow;
};

/*
 * What the target may, and its umask. A thread's rights stay while it waits; the umask is
 * that of the moment, for other threads share it.
 */
static int call_rights(const struct pinredir_call *call, bool as_supervisor,
		       struct creating *creating)
{
	struct proc_status ours, theirs;
	char who[PROC_WHO];
	int err;

	err = pinredir_proc_target(call, who);
	if (err)
		return err;
	err = pinredir_proc_status(who, &theirs);
	if (!err) {
		err = pinredir_proc_status(PROC_SELF, &ours);
		if (!err && !as_supervisor)
			err = rights_compare(who, &ours, &theirs);
		creating->umask = theirs.umask;
		creating->borrow = ours.umask != theirs.umask;
		pinredir_proc_status_free(&ours);
	}
	pinredir_proc_status_free(&theirs);
	return pinredir_still_waits(call) ? PINREDIR_GONE : err;
}

static int try_openat2(int root, const char *path, const struct open_how *how)
{
	int fd, tries = OPEN_TRIES;

	do {
		fd = syscall(SYS_openat2, root, path, how, sizeof(*how));
	} while (fd < 0 && (errno == EINTR ||
			    (errno == EAGAIN && --tries)));
	return fd < 0 ? -errno : fd;
}

/* Whether it is one of those that opening does nothing to */
static int file_check(int fd, uint64_t flags)
{
	struct statfs fs;
	struct stat st;

	if (fstat(fd, &st) || fstatfs(fd, &fs))
		return -errno;
	/* Somebody else's /proc/self, for one */
	if (fs.f_type == PROC_SUPER_MAGIC)
		return -EOPNOTSUPP;
	switch (st.st_mode & S_IFMT) {
	case S_IFREG:
		return 0;
	case S_IFDIR:
		return flags & O_CREAT ? -EISDIR : 0;
	case S_IFLNK:
		return -ELOOP;
	case S_IFSOCK:
		return -ENXIO;
	case S_IFCHR:
		if (major(st.st_rdev) == MEM_MAJOR &&
		    minor(st.st_rdev) < 32 &&
		    MEM_MINORS & 1U << minor(st.st_rdev))
			return 0;
		return -EOPNOTSUPP;
	default:
		return -EOPNOTSUPP;
	}
}

/* O_NONBLOCK was for the opening, because of leases. */
static int file_block(int fd, uint64_t flags)
{
	int now;

	if (flags & O_NONBLOCK)
		return 0;
	now = fcntl(fd, F_GETFL);
	return now < 0 || fcntl(fd, F_SETFL, now & ~O_NONBLOCK) ? -errno : 0;
}

/* Open what is at @look, which is what it is by now. */
static int file_reopen(int look, uint64_t flags)
{
	char name[64];
	int fd, err;

	snprintf(name, sizeof(name), "/proc/" PROC_SELF "/fd/%d", look);
	flags &= ~(uint64_t)(O_CREAT | O_EXCL | O_NOFOLLOW);
	do {
		fd = open(name, flags | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	} while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return -errno;
	err = file_block(fd, flags);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

/* First look, then open: opening a FIFO, or a device, is something done to it. */
static int open_existing(const struct creating *file)
{
	struct open_how look = {
		.flags = O_PATH | O_CLOEXEC |
			 (file->how->flags & (O_NOFOLLOW | O_DIRECTORY)),
		.resolve = file->how->resolve,
	};
	int fd, err = try_openat2(file->root, file->path, &look);

	if (err < 0)
		return err;
	fd = err;
	err = file_check(fd, file->how->flags);
	if (!err)
		err = file_reopen(fd, file->how->flags);
	close(fd);
	return err;
}

static int creating_main(void *arg)
{
	struct creating *file = arg;

	umask(file->umask);
	file->fd = try_openat2(file->root, file->path, file->how);
	return 0;
}

/*
 * The umask is this whole process's. A child that shares memory and file
 * descriptors, but no umask, makes the file, while this thread waits.
 */
static int create_with_umask(struct creating *file)
{
	char stack[16384] __attribute__((aligned(16)));
	sigset_t all, mask;
	pid_t pid;

	file->fd = -EAGAIN;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &mask);
	pid = clone(creating_main, stack + sizeof(stack),
		    CLONE_VM | CLONE_VFORK | CLONE_FILES, file);
	if (pid < 0)
		file->fd = -errno;
	else
		while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
			;
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	return file->fd;
}

static int create(struct creating *file)
{
	return file->borrow ? create_with_umask(file) :
			      try_openat2(file->root, file->path, file->how);
}

/*
 * A file that is new is never opened by way of what somebody has put there in the
 * meantime: O_EXCL.
 */
static int open_or_create(const struct creating *file)
{
	struct open_how how = *file->how;
	struct creating new = *file;
	int fd, tries = OPEN_TRIES;

	new.how = &how;
	how.flags |= O_CLOEXEC | O_NOCTTY;
	if (how.flags & TMPFILE_BIT)
		return create(&new);
	if (!(how.flags & O_CREAT))
		return open_existing(file);
	how.flags |= O_EXCL;
	while (tries--) {
		fd = file->how->flags & O_EXCL ? -ENOENT : open_existing(file);
		if (fd == -ENOENT)
			fd = create(&new);
		if (fd != -EEXIST || file->how->flags & O_EXCL)
			return fd;
	}
	return -EOPNOTSUPP;
}

int pinredir_open_beneath(struct pinredir_call *call, int root,
			  const char *path, uint64_t resolve)
{
	bool as_supervisor = resolve & PINREDIR_AS_SUPERVISOR;
	struct creating file = { .root = root, .path = path };
	struct open_how how;
	int err = call_check(call), fd;

	if (!err)
		err = call_how(call, &how);
	if (err)
		return err;
	if (how.flags & O_PATH)
		return -EOPNOTSUPP;
	how.resolve |= (resolve & ~PINREDIR_AS_SUPERVISOR) |
		       RESOLVE_NO_MAGICLINKS;
	if (!(how.resolve & RESOLVE_IN_ROOT))
		how.resolve |= RESOLVE_BENEATH;
	file.how = &how;
	if (!as_supervisor || how.flags & (O_CREAT | TMPFILE_BIT)) {
		err = call_rights(call, as_supervisor, &file);
		if (err)
			return err;
	}
	fd = open_or_create(&file);
	if (fd < 0)
		return fd;
	err = pinredir_addfd(call, fd, how.flags & O_CLOEXEC);
	close(fd);
	return err < 0 ? err : 0;
}

/* Where in /proc the directory is that a path goes out from */
static int absolute_base(const char *who, int dirfd, const char *path,
			 char *link, size_t size)
{
	if (*path == '/')
		snprintf(link, size, "/proc/%s/root", who);
	else if (dirfd == AT_FDCWD)
		snprintf(link, size, "/proc/%s/cwd", who);
	else if (dirfd >= 0)
		snprintf(link, size, "/proc/%s/fd/%d", who, dirfd);
	else
		return -EBADF;
	return 0;
}

/* The name of what a link of /proc leads to, if that is where it is */
static int absolute_name(const char *link, bool directory, char *buf,
			 size_t size)
{
	struct stat st, named;
	ssize_t len;

	if (stat(link, &st))
		return errno == ENOENT ? -EBADF : -errno;
	if (directory && !S_ISDIR(st.st_mode))
		return -ENOTDIR;
	/* Closed since then */
	len = readlink(link, buf, size);
	if (len < 0)
		return errno == ENOENT ? -EBADF : -errno;
	if ((size_t)len >= size)
		return -ENAMETOOLONG;
	buf[len] = 0;
	if (*buf != '/')
		return -EXDEV;
	if (stat(buf, &named) || named.st_dev != st.st_dev ||
	    named.st_ino != st.st_ino)
		return -ESTALE;
	return 0;
}

static int absolute_join(char *buf, size_t size, const char *path)
{
	size_t len = strlen(buf), more = strlen(path);

	if (!more)
		return 0;
	/* One slash between them */
	if (buf[len - 1] == '/')
		len--;
	if (*path == '/') {
		path++;
		more--;
	}
	if (len + 1 + more >= size)
		return -ENAMETOOLONG;
	buf[len] = '/';
	memcpy(buf + len + 1, path, more + 1);
	return 0;
}

static int absolute(const char *who, int dirfd, const char *path, char *buf,
		    size_t size)
{
	int same = pinredir_proc_same_namespace(who, "mnt"), err;
	char link[64];

	if (same <= 0)
		return same ? same : -EXDEV;
	err = absolute_base(who, dirfd, path, link, sizeof(link));
	if (!err)
		err = absolute_name(link, *path, buf, size);
	return err ? err : absolute_join(buf, size, path);
}

int pinredir_absolute(struct pinredir_call *call, int dirfd, const char *path,
		      char *buf, size_t size)
{
	char who[PROC_WHO];
	int err = call_check(call);

	if (!err)
		err = pinredir_proc_target(call, who);
	if (err)
		return err;
	err = absolute(who, dirfd, path, buf, size);
	return pinredir_still_waits(call) ? PINREDIR_GONE : err;
}
