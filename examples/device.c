// SPDX-License-Identifier: GPL-2.0-only
/*
 * device COMMAND...: what the smallest supervisor does, by the device itself: runs a
 * program that cannot open /etc/shadow by that name. For who writes the like of
 * libpinredir, in another language.
 *
 * gcc -o device device.c $(pkg-config --cflags pinredir) -lseccomp
 */
#define _GNU_SOURCE
#include <errno.h>
#include <error.h>
#include <fcntl.h>
#include <limits.h>
#include <seccomp.h>
#include <seccomp_pin.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SLOT	8192U
#define WINDOW	(16 * SLOT)
#define ARENA	(1UL << 30)	/* only what is in use takes memory */
#define SEALS	(F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL)

/*
 * The arena. This mapping is the only one that can be written, for it was made
 * before the seals: no child gets it, no core dump, and nobody who could write
 * this process's memory.
 */
static char *make_arena(int *fd)
{
	char *arena;

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return NULL;
	*fd = memfd_create("arena", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (*fd < 0 || ftruncate(*fd, ARENA))
		return NULL;
	arena = mmap(NULL, ARENA, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	if (arena == MAP_FAILED || madvise(arena, ARENA, MADV_DONTFORK) ||
	    madvise(arena, ARENA, MADV_DONTDUMP) ||
	    fcntl(*fd, F_ADD_SEALS, SEALS))
		return NULL;
	return arena;
}

/* The calls that open a file by its path, and which argument that is */
static const struct {
	int nr;
	unsigned int path;
} opens[] = {
	{ SCMP_SYS(open), 0 },
	{ SCMP_SYS(creat), 0 },
	{ SCMP_SYS(openat), 1 },
	{ SCMP_SYS(openat2), 1 },
	{ SCMP_SYS(open_tree), 1 },
};

#define OPENS (sizeof(opens) / sizeof(*opens))

/* Bind the device to the listener, and say which arguments are strings. */
static int attach(int device, int listener, int arena)
{
	struct seccomp_pin_attach attach = {
		.listener = listener,
		.arena = arena,
		.slot_size = SLOT,
		.window_size = WINDOW,
		.windows_per_mm = 64,
		.flags = SECCOMP_PIN_ATTACH_SOLE,
	};
	struct seccomp_pin_rule rule[OPENS];
	struct seccomp_pin_rules rules = {
		.rules = (uintptr_t)rule,
		.count = OPENS,
	};
	size_t i;

	for (i = 0; i < OPENS; i++)
		rule[i] = (struct seccomp_pin_rule){
			.nr = opens[i].nr,
			.arg = opens[i].path,
			.kind = SECCOMP_PIN_STRING,
			.max = PATH_MAX,
		};
	if (ioctl(device, SECCOMP_PIN_ATTACH, &attach))
		return -1;
	return ioctl(device, SECCOMP_PIN_RULES, &rules);
}

static int deny(int device, __u64 id, int error)
{
	struct seccomp_pin_redirect redirect = {
		.id = id,
		.flags = SECCOMP_PIN_DENY,
		.error = error,
	};

	return ioctl(device, SECCOMP_PIN_REDIRECT, &redirect);
}

/* What is in the slot is looked at, and what is looked at is what runs. */
static void answer(int device, const char *arena,
		   const struct seccomp_pin_receive *r)
{
	struct seccomp_pin_redirect redirect = {
		.id = r->id,
		.flags = SECCOMP_PIN_COPIED,
	};
	const struct seccomp_pin_copy *copy;
	const char *path;
	size_t i = 0;
	int ret;

	while (i < OPENS && opens[i].nr != r->data.nr)
		i++;
	if (i == OPENS) {
		deny(device, r->id, ENOSYS);
		return;
	}
	copy = &r->copies[opens[i].path];
	path = arena + r->slot_offset + copy->offset;
	if (copy->error)
		ret = deny(device, r->id, -copy->error);
	else if (copy->kind == SECCOMP_PIN_STRING &&
		 !strcmp(path, "/etc/shadow"))
		ret = deny(device, r->id, EACCES);
	else	/* or it is NULL, and stays so */
		ret = ioctl(device, SECCOMP_PIN_REDIRECT, &redirect);
	/* Whatever it is that went wrong, it must not wait for ever. */
	if (ret && errno != ENOENT)
		deny(device, r->id, errno);
}

static void serve(int device, const char *arena)
{
	struct seccomp_pin_receive r;

	for (;;) {
		memset(&r, 0, sizeof(r));
		if (!ioctl(device, SECCOMP_PIN_RECEIVE, &r))
			answer(device, arena, &r);
		else if (errno == ESRCH)
			return;	/* no targets any more */
		else if (errno != EINTR && errno != ENOENT)
			error(126, errno, "receiving");
	}
}

/* A child under the filter, which waits until its listener was taken over */
static pid_t start(scmp_filter_ctx filter, char **argv, int *listener)
{
	int number, pidfd, sockets[2];
	char byte = 0;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets))
		return -1;
	pid = fork();
	if (!pid) {
		if (seccomp_load(filter))
			_exit(126);
		number = seccomp_notify_fd(filter);
		if (write(sockets[1], &number, sizeof(number)) < 0 ||
		    read(sockets[1], &byte, 1) != 1)
			_exit(126);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(sockets[1]);
	if (pid < 0 || read(sockets[0], &number, sizeof(number)) < 4)
		return -1;
	pidfd = syscall(SYS_pidfd_open, pid, 0);
	*listener = syscall(SYS_pidfd_getfd, pidfd, number, 0);
	if (*listener < 0 || write(sockets[0], &byte, 1) < 0)
		return -1;
	close(pidfd);
	close(sockets[0]);
	return pid;
}

int main(int argc, char **argv)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int device = open(SECCOMP_PIN_DEVICE, O_RDWR | O_CLOEXEC);
	int listener, status, arena_fd;
	char *arena;
	size_t i;
	pid_t pid;

	if (argc < 2)
		error(2, 0, "no command");
	if (device < 0)
		error(126, errno, "%s", SECCOMP_PIN_DEVICE);
	for (i = 0; i < OPENS; i++)
		seccomp_rule_add(filter, SCMP_ACT_NOTIFY, opens[i].nr, 0);
	/* What opens files without a call that a filter sees */
	seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
			 SCMP_SYS(io_uring_setup), 0);
	pid = start(filter, argv + 1, &listener);
	if (pid < 0)
		error(126, errno, "%s", argv[1]);
	/* Not before: until its execve, a child is no more dumpable than this. */
	arena = make_arena(&arena_fd);
	if (!arena)
		error(126, errno, "no arena");
	if (attach(device, listener, arena_fd))
		error(126, errno, "attaching");
	close(arena_fd);

	/* The listener stays open: closed, it answers every call with ENOSYS. */
	serve(device, arena);
	if (waitpid(pid, &status, 0) < 0)
		error(126, errno, "%s", argv[1]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
