// SPDX-License-Identifier: GPL-2.0-only
/* Files that the supervisor opens for its targets, and what it does not open. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <pinredir.h>

#include "pin.h"

#define TOP	"/tmp/open-test"
#define ROOT	TOP "/root"

/* A call of the target's, and what it has found with the file */
struct shared {
	volatile int go;
	long ret;
	int nr;
	unsigned long args[4];
	char path[256];
	struct open_how how[2];
	char content[64];
	int flags;
	int fd_flags;
	struct stat st;
	uint32_t umask;
	bool drop_rights;
	bool chroot;
};

static struct shared *shared;

static struct {
	struct target target;
	struct pinredir *ctx;
	struct pinredir_call *call;
	int root;
} f;

static const char *const traps[] = { "open", "openat", "openat2", "creat",
				     "dup", NULL };

static long result(long ret)
{
	return ret < 0 ? -errno : ret;
}

static int run_open(void *arg)
{
	ssize_t n;
	int fd;

	(void)arg;
	umask(shared->umask);
	if (shared->chroot && (chroot(TOP) || chdir("/")))
		return 1;
	if (shared->drop_rights && (syscall(SYS_setgid, 1000) ||
				    syscall(SYS_setuid, 1000)))
		return 1;
	prctl(PR_SET_DUMPABLE, 1);
	fd = syscall(shared->nr, shared->args[0], shared->args[1],
		     shared->args[2], shared->args[3]);
	shared->ret = result(fd);
	if (fd < 0)
		return 0;
	n = read(fd, shared->content, sizeof(shared->content) - 1);
	shared->content[n < 0 ? 0 : n] = 0;
	shared->flags = fcntl(fd, F_GETFL);
	shared->fd_flags = fcntl(fd, F_GETFD);
	return fstat(fd, &shared->st);
}

static void make(const char *path, const char *content)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, strlen(content)),
			 (ssize_t)strlen(content));
	close(fd);
}

static int setup(void **state)
{
	(void)state;
	umask(022);
	shared = shared_memory(sizeof(*shared));
	shared->umask = 022;
	assert_int_equal(system("rm -rf " TOP), 0);
	assert_int_equal(mkdir(TOP, 0755), 0);
	assert_int_equal(mkdir(ROOT, 0777), 0);
	assert_int_equal(mkdir(ROOT "/dir", 0755), 0);
	make(TOP "/secret", "secret");
	make(ROOT "/file", "inside");
	make(ROOT "/dir/deep", "deep");
	assert_int_equal(symlink("file", ROOT "/link"), 0);
	assert_int_equal(symlink("../secret", ROOT "/out"), 0);
	assert_int_equal(symlink(TOP "/secret", ROOT "/absolute"), 0);
	assert_int_equal(symlink("nothing", ROOT "/dangling"), 0);
	f.root = open(ROOT, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return f.root < 0;
}

static int teardown(void **state)
{
	(void)state;
	close(f.root);
	return 0;
}

static void start_call(int nr, unsigned long a, unsigned long b,
		       unsigned long c, unsigned long d)
{
	struct pinredir_options options = {
		.size = sizeof(options),
		.flags = PINREDIR_STAY_DUMPABLE,
	};

	shared->nr = nr;
	shared->args[0] = a;
	shared->args[1] = b;
	shared->args[2] = c;
	shared->args[3] = d;
	shared->ret = 0x5eed;
	assert_int_equal(target_start(&f.target, NULL, traps, run_open, NULL),
			 0);
	assert_int_equal(pinredir_open(&f.ctx, f.target.listener, &options),
			 0);
	assert_int_equal(pinredir_receive(f.ctx, &f.call, 0), 0);
}

/* openat() of a path that says nothing: what is opened is the supervisor's. */
static void start_openat(unsigned long flags, unsigned long mode)
{
	strcpy(shared->path, "whatever");
	start_call(SYS_openat, AT_FDCWD, (unsigned long)shared->path, flags,
		   mode);
}

static void finish(void)
{
	pinredir_release(f.call);
	assert_int_equal(await_exit(f.target.pid), 0);
	pinredir_close(f.ctx);
	close(f.target.listener);
}

/* The call fails with what this does, and it is the whole of an error. */
static void refused(unsigned long flags, const char *path, uint64_t resolve,
		    int err)
{
	start_openat(flags, 0644);
	assert_int_equal(pinredir_open_beneath(f.call, f.root, path, resolve),
			 err);
	assert_int_equal(pinredir_deny(f.call, -err), 0);
	finish();
	assert_int_equal(shared->ret, err);
}

static void opened(unsigned long flags, const char *path, uint64_t resolve,
		   const char *content)
{
	start_openat(flags, 0644);
	assert_int_equal(pinredir_open_beneath(f.call, f.root, path, resolve),
			 0);
	assert_int_equal(pinredir_deny(f.call, EPERM), -EINPROGRESS);
	assert_int_equal(pinredir_open_beneath(f.call, f.root, path, resolve),
			 -EINPROGRESS);
	finish();
	assert_true(shared->ret >= 0);
	assert_string_equal(shared->content, content);
}

static void files_beneath(void **state)
{
	(void)state;
	opened(O_RDONLY, "file", 0, "inside");
	assert_int_equal(shared->fd_flags, 0);
	assert_int_equal(shared->flags & (O_ACCMODE | O_NONBLOCK | O_APPEND),
			 O_RDONLY);
	opened(O_RDWR | O_CLOEXEC | O_APPEND | O_NONBLOCK, "link", 0,
	       "inside");
	assert_int_equal(shared->fd_flags, FD_CLOEXEC);
	assert_int_equal(shared->flags & (O_ACCMODE | O_NONBLOCK | O_APPEND),
			 O_RDWR | O_NONBLOCK | O_APPEND);
	opened(O_RDONLY, "dir/../dir/deep", 0, "deep");
	opened(O_RDONLY | O_DIRECTORY, "dir", 0, "");
	assert_true(S_ISDIR(shared->st.st_mode));
	/* With RESOLVE_IN_ROOT, the root is where paths end up. */
	opened(O_RDONLY, "/../../dir/deep", RESOLVE_IN_ROOT, "deep");
	/* Truncated, and not made again */
	opened(O_RDWR | O_CREAT | O_TRUNC, "file", 0, "");
	assert_int_equal(shared->st.st_size, 0);
}

static void nothing_else(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	refused(O_RDONLY, "../secret", 0, -EXDEV);
	refused(O_RDONLY, "out", 0, -EXDEV);
	refused(O_RDONLY, "absolute", 0, -EXDEV);
	refused(O_RDONLY, TOP "/secret", 0, -EXDEV);
	refused(O_RDONLY, "out", RESOLVE_IN_ROOT, -ENOENT);
	refused(O_RDONLY, "link", RESOLVE_NO_SYMLINKS, -ELOOP);
	refused(O_RDONLY | O_NOFOLLOW, "link", 0, -ELOOP);
	refused(O_RDONLY, "missing", 0, -ENOENT);
	refused(O_RDONLY | O_DIRECTORY, "file", 0, -ENOTDIR);
	refused(O_WRONLY, "dir", 0, -EISDIR);
	refused(O_CREAT | O_RDWR, "dir", 0, -EISDIR);
	refused(O_PATH, "file", 0, -EOPNOTSUPP);
	refused(O_CREAT | O_EXCL | O_RDWR, "file", 0, -EEXIST);
	refused(O_CREAT | O_RDWR, "dangling", 0, -EOPNOTSUPP);
	assert_int_equal(access(ROOT "/nothing", F_OK), -1);
	refused(O_RDONLY, "file", 1ULL << 40, -EINVAL);

	/* What opening waits for, or does something to */
	assert_int_equal(mkfifo(ROOT "/fifo", 0666), 0);
	refused(O_RDONLY, "fifo", 0, -EOPNOTSUPP);
	refused(O_WRONLY | O_CREAT, "fifo", 0, -EOPNOTSUPP);
	strcpy(address.sun_path, ROOT "/socket");
	assert_int_equal(bind(server, (void *)&address, sizeof(address)), 0);
	refused(O_RDWR, "socket", 0, -ENXIO);
	close(server);
	assert_int_equal(mknod(ROOT "/console", S_IFCHR | 0666,
			       makedev(5, 1)), 0);
	refused(O_RDWR, "console", 0, -EOPNOTSUPP);
	assert_int_equal(mknod(ROOT "/null", S_IFCHR | 0666, makedev(1, 3)),
			 0);
	opened(O_RDWR, "null", 0, "");
}

/* With the whole of it as the root, /proc/self would be the supervisor's. */
static void nothing_of_proc(void **state)
{
	struct open_how how = {
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	int fd;

	(void)state;
	close(f.root);
	f.root = open("/", O_PATH | O_CLOEXEC);
	/* What openat2() alone would hand out */
	fd = syscall(SYS_openat2, f.root, "proc/self/environ", &how,
		     sizeof(how));
	assert_true(fd >= 0);
	close(fd);
	refused(O_RDONLY, "proc/self/environ", 0, -EOPNOTSUPP);
	refused(O_RDONLY, "proc/self/mem", 0, -EOPNOTSUPP);
	refused(O_RDONLY, "proc/self/fd/0", 0, -ELOOP);
	refused(O_RDONLY | O_DIRECTORY, "proc/self", 0, -EOPNOTSUPP);
	refused(O_RDONLY, "proc/version", RESOLVE_NO_XDEV, -EXDEV);
	opened(O_RDONLY, "tmp/open-test/secret", 0, "secret");
}

/* As the target would make them: its umask, with this one's not in the way */
static void created(uint32_t ours, uint32_t theirs, mode_t mode)
{
	int flags = O_CREAT | O_RDWR;

	unlink(ROOT "/new");
	umask(ours);
	shared->umask = theirs;
	start_openat(flags, mode);
	assert_int_equal(pinredir_open_beneath(f.call, f.root, "new", 0), 0);
	finish();
	assert_int_equal(umask(022), ours);
	assert_true(shared->ret >= 0);
	assert_int_equal(shared->st.st_mode & 07777, mode & ~theirs);
}

static void creating(void **state)
{
	(void)state;
	created(022, 022, 0666);
	created(077, 002, 0666);
	created(0, 077, 0666);
	created(077, 0, 04777);
	shared->umask = 002;
	umask(077);
	start_openat(O_TMPFILE | O_RDWR, 0666);
	assert_int_equal(pinredir_open_beneath(f.call, f.root, "dir", 0), 0);
	finish();
	assert_int_equal(shared->st.st_mode & 07777, 0664);
	assert_int_equal(shared->st.st_nlink, 0);
	umask(022);
}

static void other_calls(void **state)
{
	struct open_how *how = shared->how;

	(void)state;
	strcpy(shared->path, "whatever");
#ifdef SYS_open
	start_call(SYS_open, (unsigned long)shared->path, O_RDONLY, 0, 0);
	assert_int_equal(pinredir_open_beneath(f.call, f.root, "file", 0), 0);
	finish();
	assert_string_equal(shared->content, "inside");
	start_call(SYS_creat, (unsigned long)shared->path, 0640, 0, 0);
	assert_int_equal(pinredir_open_beneath(f.call, f.root, "new", 0), 0);
	finish();
	assert_int_equal(shared->st.st_mode & 07777, 0640);
	assert_int_equal(shared->flags & O_ACCMODE, O_WRONLY);
#endif
	/* Bits that open() has never looked at */
	start_call(SYS_openat, AT_FDCWD, (unsigned long)shared->path,
		   O_RDONLY | 1UL << 30, 0xffff);
	assert_int_equal(pinredir_open_beneath(f.call, f.root, "file", 0), 0);
	finish();
	assert_string_equal(shared->content, "inside");
	/* The flags are what the supervisor has made of them. */
	start_openat(O_RDWR, 0);
	assert_int_equal(pinredir_set_value(f.call, 2, O_RDONLY), 0);
	assert_int_equal(pinredir_open_beneath(f.call, f.root, "file", 0), 0);
	finish();
	assert_int_equal(shared->flags & O_ACCMODE, O_RDONLY);
	start_call(SYS_dup, 0, 0, 0, 0);
	assert_int_equal(pinredir_open_beneath(f.call, f.root, "file", 0),
			 -EINVAL);
	assert_int_equal(pinredir_deny(f.call, EPERM), 0);
	finish();

	*how = (struct open_how){ .flags = O_RDONLY };
	start_call(SYS_openat2, AT_FDCWD, (unsigned long)shared->path,
		   (unsigned long)how, sizeof(*how));
	assert_int_equal(pinredir_open_beneath(f.call, f.root, "file", 0), 0);
	finish();
	assert_string_equal(shared->content, "inside");
}

/* openat2() is particular; so is this. */
static void openat2_is_particular(void **state)
{
	static const struct {
		struct open_how how[2];
		size_t size;
		const char *path;
		int err;
	} cases[] = {
		{ { { .flags = O_RDONLY } }, 23, "file", -EINVAL },
		{ { { .flags = O_RDONLY }, { .flags = 1 } }, 48, "file",
		  -E2BIG },
		{ { { .flags = 1UL << 40 } }, 24, "file", -EINVAL },
		{ { { .flags = O_RDONLY, .mode = 0600 } }, 24, "file",
		  -EINVAL },
		{ { { .flags = O_RDONLY, .resolve = RESOLVE_NO_SYMLINKS } },
		  24, "link", -ELOOP },
		{ { { .flags = O_RDONLY, .resolve = RESOLVE_BENEATH } }, 24,
		  "file", -EOPNOTSUPP },
		{ { { .flags = O_RDONLY, .resolve = RESOLVE_IN_ROOT } }, 24,
		  "file", -EOPNOTSUPP },
		{ { { .flags = O_RDONLY } }, 48, "file", 0 },
	};
	unsigned int i;
	int err;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		memcpy(shared->how, cases[i].how, sizeof(shared->how));
		strcpy(shared->path, "whatever");
		start_call(SYS_openat2, AT_FDCWD, (unsigned long)shared->path,
			   (unsigned long)shared->how, cases[i].size);
		err = pinredir_open_beneath(f.call, f.root, cases[i].path, 0);
		assert_int_equal(err, cases[i].err);
		if (err)
			assert_int_equal(pinredir_deny(f.call, -err), 0);
		finish();
		if (err)
			assert_int_equal(shared->ret, err);
		else
			assert_string_equal(shared->content, "inside");
	}
}

/* Root opens what its target may not: not unless it is told to. */
static void i5_rights_of_the_target(void **state)
{
	(void)state;
	assert_int_equal(chmod(ROOT "/file", 0600), 0);
	shared->drop_rights = true;
	refused(O_RDONLY, "file", 0, -EPERM);
	opened(O_RDONLY, "file", PINREDIR_AS_SUPERVISOR, "inside");
	shared->drop_rights = false;
	opened(O_RDONLY, "file", 0, "inside");
}

/* The swing: what a path leads to changes all the time. */
static volatile bool swinging;

static void *swing(void *arg)
{
	unsigned int n = 0;

	(void)arg;
	assert_int_equal(symlink("dir", ROOT "/a"), 0);
	assert_int_equal(symlink("..", ROOT "/b"), 0);
	while (swinging) {
		assert_int_equal(renameat2(AT_FDCWD, ROOT "/a", AT_FDCWD,
					   ROOT "/b", RENAME_EXCHANGE), 0);
		if (!(++n % 16))
			sched_yield();
	}
	return NULL;
}

static int count_secrets(int (*open_it)(void), unsigned int *good)
{
	int fd, secrets = 0;
	uint64_t start = now_ms();
	char buf[16] = "";

	/* Until both have been seen, if they can be */
	while (now_ms() - start < TIME_LIMIT_MS && !(secrets && *good)) {
		fd = open_it();
		if (fd < 0)
			continue;
		memset(buf, 0, sizeof(buf));
		assert_true(read(fd, buf, sizeof(buf) - 1) > 0);
		if (!strcmp(buf, "secret"))
			secrets++;
		else
			++*good;
		close(fd);
	}
	return secrets;
}

/* Looks where it leads, then opens: what a supervisor would do without help */
static int look_and_open(void)
{
	char name[256];

	if (!realpath(ROOT "/a/secret", name) ||
	    strncmp(name, ROOT "/", strlen(ROOT) + 1))
		return -1;
	return open(ROOT "/a/secret", O_RDONLY | O_CLOEXEC);
}

static int run_many(void *arg)
{
	unsigned int *count = arg;
	char buf[16];
	int fd, i;

	for (i = 0; i < 2000; i++) {
		fd = syscall(SYS_openat, AT_FDCWD, "a/secret", O_RDONLY);
		if (fd < 0)
			continue;
		memset(buf, 0, sizeof(buf));
		if (read(fd, buf, sizeof(buf) - 1) < 1)
			return 1;
		count[!!strcmp(buf, "secret")]++;
		close(fd);
	}
	return 0;
}

static int open_beneath(struct pinredir_call *call, void *data)
{
	const char *path;
	int err = pinredir_get_string(call, 1, &path);

	(void)data;
	return err ? err : pinredir_open_beneath(call, f.root, path, 0);
}

static void symlinks_that_swing(void **state)
{
	unsigned int *count = shared_memory(4096), good = 0;
	struct pinredir_loop *loop;
	pthread_t thread;

	(void)state;
	make(ROOT "/dir/secret", "harmless");
	swinging = true;
	assert_int_equal(pthread_create(&thread, NULL, swing, NULL), 0);
	AWAIT(!access(ROOT "/a", F_OK) && !access(ROOT "/b", F_OK));
	/* Without help, it gets what it has not seen. */
	assert_true(count_secrets(look_and_open, &good) > 0);

	assert_int_equal(target_start(&f.target, NULL, traps, run_many, count),
			 0);
	assert_int_equal(pinredir_open(&f.ctx, f.target.listener, NULL), 0);
	assert_int_equal(pinredir_loop_new(&loop, f.ctx, NULL), 0);
	assert_int_equal(pinredir_loop_handle(loop, SYS_openat, open_beneath,
					      NULL), 0);
	assert_int_equal(pinredir_loop_run(loop), 0);
	assert_int_equal(await_exit(f.target.pid), 0);
	swinging = false;
	assert_int_equal(pthread_join(thread, NULL), 0);
	/* With it, never; and what is inside, often. */
	assert_int_equal(count[0], 0);
	assert_true(count[1] > 0);
	pinredir_loop_free(loop);
	pinredir_close(f.ctx);
	close(f.target.listener);
}

#define DIR_FD		100
#define OTHER_FD	101

static void *swap_directories(void *arg)
{
	(void)arg;
	await_word(&shared->go, 1);
	dup2(OTHER_FD, DIR_FD);
	shared->go = 2;
	return NULL;
}

static int run_with_peer(void *arg)
{
	pthread_t peer;

	(void)arg;
	if (dup2(open(ROOT "/dir", O_PATH), DIR_FD) < 0 ||
	    dup2(open(TOP, O_PATH), OTHER_FD) < 0 ||
	    pthread_create(&peer, NULL, swap_directories, NULL))
		return 1;
	shared->go = 3;
	return run_open(NULL);
}

/* What was checked is in dir; then its peer puts another directory there. */
static void receive_and_swap(void)
{
	struct pinredir_options options = {
		.size = sizeof(options),
		.flags = PINREDIR_STAY_DUMPABLE,
	};
	const char *path;
	char buf[256];

	strcpy(shared->path, "secret");
	shared->nr = SYS_openat2;
	shared->how[0] = (struct open_how){ .flags = O_RDONLY };
	shared->args[0] = DIR_FD;
	shared->args[1] = (unsigned long)shared->path;
	shared->args[2] = (unsigned long)shared->how;
	shared->args[3] = sizeof(*shared->how);
	shared->go = 0;
	assert_int_equal(target_start(&f.target, NULL,
				      (const char *[]){ "openat2", NULL },
				      run_with_peer, NULL), 0);
	assert_int_equal(pinredir_open(&f.ctx, f.target.listener, &options),
			 0);
	assert_int_equal(pinredir_receive(f.ctx, &f.call, 0), 0);
	await_word(&shared->go, 3);
	assert_int_equal(pinredir_get_string(f.call, 1, &path), 0);
	assert_int_equal(pinredir_absolute(f.call, pinredir_arg(f.call, 0),
					   path, buf, sizeof(buf)), 0);
	assert_string_equal(buf, ROOT "/dir/secret");
	shared->go = 1;
	await_word(&shared->go, 2);
}

/* A number is pinned as a number: what it stands for is the target's to say. */
static void fd_numbers_are_racy(void **state)
{
	int dir;

	(void)state;
	make(ROOT "/dir/secret", "harmless");
	receive_and_swap();
	assert_int_equal(pinredir_allow(f.call), 0);
	finish();
	assert_string_equal(shared->content, "secret");

	/* The supervisor's own file descriptor is not. */
	dir = open(ROOT "/dir", O_PATH | O_CLOEXEC);
	receive_and_swap();
	assert_int_equal(pinredir_open_beneath(f.call, dir, "secret", 0), 0);
	finish();
	assert_string_equal(shared->content, "harmless");
	close(dir);
}

static void absolute_is(int dirfd, const char *path, const char *want)
{
	char buf[256];

	assert_int_equal(pinredir_absolute(f.call, dirfd, path, buf,
					   sizeof(buf)), 0);
	assert_string_equal(buf, want);
}

static void absolute(void **state)
{
	char buf[256];
	int dir = open(ROOT "/dir", O_RDONLY | O_CLOEXEC);
	int file = open(ROOT "/file", O_RDONLY | O_CLOEXEC);
	int top = open("/", O_RDONLY | O_CLOEXEC);
	int back = open(".", O_RDONLY | O_CLOEXEC);

	(void)state;
	/* The target has what its parent has. */
	assert_int_equal(chdir(ROOT), 0);
	start_openat(O_RDONLY, 0);
	assert_int_equal(fchdir(back), 0);
	absolute_is(AT_FDCWD, "file", ROOT "/file");
	absolute_is(AT_FDCWD, "../x//y", ROOT "/../x//y");
	absolute_is(AT_FDCWD, "", ROOT);
	absolute_is(AT_FDCWD, "/etc/passwd", "/etc/passwd");
	absolute_is(dir, "deep", ROOT "/dir/deep");
	absolute_is(dir, "/", "/");
	absolute_is(file, "", ROOT "/file");
	absolute_is(top, "etc", "/etc");
	assert_int_equal(pinredir_absolute(f.call, file, "x", buf, 256),
			 -ENOTDIR);
	assert_int_equal(pinredir_absolute(f.call, 999, "x", buf, 256),
			 -EBADF);
	assert_int_equal(pinredir_absolute(f.call, -1, "x", buf, 256),
			 -EBADF);
	assert_int_equal(pinredir_absolute(f.call, AT_FDCWD, "x", buf, 4),
			 -ENAMETOOLONG);
	assert_int_equal(pinredir_absolute(f.call, AT_FDCWD, "x", buf,
					   sizeof(ROOT) + 1), -ENAMETOOLONG);
	assert_int_equal(pinredir_absolute(f.call, AT_FDCWD, "x", buf,
					   sizeof(ROOT) + 2), 0);
	/* Another directory of that name has come. */
	assert_int_equal(rename(ROOT "/dir", ROOT "/moved"), 0);
	assert_int_equal(mkdir(ROOT "/dir", 0755), 0);
	absolute_is(dir, "deep", ROOT "/moved/deep");
	assert_int_equal(unlink(ROOT "/moved/deep"), 0);
	assert_int_equal(rmdir(ROOT "/moved"), 0);
	assert_int_equal(pinredir_absolute(f.call, dir, "deep", buf, 256),
			 -ESTALE);
	kill(f.target.pid, SIGKILL);
	AWAIT(pinredir_absolute(f.call, AT_FDCWD, "file", buf, 256) ==
	      PINREDIR_GONE);
	pinredir_release(f.call);
	assert_int_equal(await_exit(f.target.pid), SIGKILL);
	pinredir_close(f.ctx);
	close(f.target.listener);

	shared->chroot = true;
	start_openat(O_RDONLY, 0);
	absolute_is(AT_FDCWD, "/root/file", ROOT "/file");
	absolute_is(AT_FDCWD, "root", ROOT);
	assert_int_equal(pinredir_deny(f.call, EPERM), 0);
	finish();
	close(dir);
	close(file);
	close(top);
	close(back);
}

static void other_mounts(void)
{
	if (unshare(CLONE_NEWNS))
		_exit(1);
}

static void absolute_elsewhere(void **state)
{
	struct pinredir_call *call;
	char buf[256];

	(void)state;
	shared->nr = SYS_dup;
	assert_int_equal(target_start(&f.target, other_mounts, traps, run_open,
				      NULL), 0);
	assert_int_equal(pinredir_open(&f.ctx, f.target.listener, NULL), 0);
	assert_int_equal(pinredir_receive(f.ctx, &call, 0), 0);
	assert_int_equal(pinredir_absolute(call, AT_FDCWD, "x", buf, 256),
			 -EXDEV);
	assert_int_equal(pinredir_deny(call, EPERM), 0);
	assert_int_equal(pinredir_absolute(call, AT_FDCWD, "x", buf, 256),
			 -EINPROGRESS);
	f.call = call;
	finish();
}

/* In a mount namespace without /proc, as a thread of its own: what both say there */
static void *ask_without_proc(void *arg)
{
	int *said = arg, root = open(ROOT, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char buf[256];

	if (unshare(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", "/proc", "tmpfs", 0, NULL))
		return arg;
	said[0] = pinredir_absolute(f.call, AT_FDCWD, "x", buf, sizeof(buf));
	said[1] = pinredir_open_beneath(f.call, root, "file", 0);
	close(root);
	return NULL;
}

/* The target's file is not missing, and the target waits. */
static void no_proc_is_not_enoent(void **state)
{
	pthread_t thread;
	int said[2] = { 0 };
	void *failed;

	(void)state;
	start_openat(O_RDONLY, 0);
	assert_int_equal(pthread_create(&thread, NULL, ask_without_proc, said),
			 0);
	assert_int_equal(pthread_join(thread, &failed), 0);
	assert_null(failed);
	assert_int_equal(said[0], -ESRCH);
	assert_int_equal(said[1], -ESRCH);
	assert_int_equal(pinredir_deny(f.call, EPERM), 0);
	finish();
}

#define beneath_test(name)	\
	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		beneath_test(files_beneath),
		beneath_test(nothing_else),
		beneath_test(nothing_of_proc),
		beneath_test(creating),
		beneath_test(other_calls),
		beneath_test(openat2_is_particular),
		beneath_test(i5_rights_of_the_target),
		beneath_test(symlinks_that_swing),
		beneath_test(fd_numbers_are_racy),
		beneath_test(absolute),
		beneath_test(absolute_elsewhere),
		beneath_test(no_proc_is_not_enoent),
	};

	return run_group(tests);
}
