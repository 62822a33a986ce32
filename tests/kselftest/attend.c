// SPDX-License-Identifier: GPL-2.0-only
/*
 * To be preloaded into a program that makes listeners: attaches a context to each.
 * $ATTEND says when, and what becomes of the context:
 *
 *   made      as soon as the listener is made; it is kept open
 *   gone      then, too, but it is closed at once: the listener is attended, and
 *             has no context
 *   parked    when the first call waits to be received
 *   received  when the first call has been received
 *
 * A line for each listener is appended to the file $ATTEND_LOG: "attached", or
 * what went wrong. Whoever runs the program looks at that. The program itself must
 * see nothing of it but what it sees of its listener: neither errno nor an fd below
 * FIRST_FD changes, and no syscall is used that it may have trapped.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <seccomp_pin.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FIRST_FD	900
#define SLOT		4096U
#define WINDOW		(4 * SLOT)
#define ARENA		(64 * WINDOW)
#define ARENA_SEALS	(F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | \
			 F_SEAL_SEAL)

typedef long (*syscall_fn)(long nr, ...);
typedef int (*ioctl_fn)(int fd, unsigned long request, ...);

static syscall_fn real_syscall;
static ioctl_fn real_ioctl;
static enum { MADE, GONE, PARKED, RECEIVED } mode;
/* The listener that this process used last is attached. */
static bool attached;

/* What cannot be told must not look well. */
static void tell(const char *what, int err)
{
	const char *path = getenv("ATTEND_LOG");
	char line[128];
	int fd, len;

	len = err ? snprintf(line, sizeof(line), "%s: %s\n", what,
			     strerrorname_np(err)) :
		    snprintf(line, sizeof(line), "%s\n", what);
	fd = path ? open(path, O_WRONLY | O_APPEND | O_CLOEXEC) : -1;
	if (fd < 0 || write(fd, line, len) != len)
		abort();
	close(fd);
}

/* A function of the C library; what it lacks, the program would lack as well. */
static void *next(const char *name)
{
	void *function = dlsym(RTLD_NEXT, name);

	if (!function)
		abort();
	return function;
}

__attribute__((constructor))
static void start(void)
{
	static const char *const modes[] = {
		[MADE] = "made", [GONE] = "gone", [PARKED] = "parked",
		[RECEIVED] = "received"
	};
	const char *wanted = getenv("ATTEND");
	unsigned int i;

	/* Not later: a filter may be in the way then. */
	real_syscall = (syscall_fn)next("syscall");
	real_ioctl = (ioctl_fn)next("ioctl");
	for (i = 0; i <= RECEIVED; i++) {
		if (wanted && !strcmp(wanted, modes[i])) {
			mode = i;
			return;
		}
	}
	tell("no such mode", EINVAL);
}

/* To where no test looks for a free one */
static int move_up(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FD);
	int err = errno;

	close(fd);
	errno = err;
	return high;
}

static int make_arena(void)
{
	int fd = memfd_create("arena", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -1;
	if (ftruncate(fd, ARENA) || fcntl(fd, F_ADD_SEALS, ARENA_SEALS)) {
		close(fd);
		return -1;
	}
	return move_up(fd);
}

static void attach(int listener)
{
	struct seccomp_pin_attach request = {
		.listener = listener,
		.slot_size = SLOT,
		.window_size = WINDOW,
		.windows_per_mm = 4,
		.completions = 16,
		.verdicts = 16,
	};
	int device, saved = errno;

	attached = true;
	device = open(SECCOMP_PIN_DEVICE, O_RDWR | O_CLOEXEC);
	if (device >= 0)
		device = move_up(device);
	if (device < 0) {
		tell("no device", errno);
		goto out;
	}
	request.arena = make_arena();
	if (request.arena < 0)
		tell("no arena", errno);
	else if (real_ioctl(device, SECCOMP_PIN_ATTACH, &request))
		tell("not attached", errno);
	else
		tell("attached", 0);
	if (request.arena >= 0)
		close(request.arena);
	/* Else it is open for as long as the program and its children run. */
	if (mode == GONE)
		close(device);
out:
	errno = saved;
}

long syscall(long nr, ...)
{
	long a[6], ret;
	unsigned int i;
	va_list ap;

	va_start(ap, nr);
	for (i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	ret = real_syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	if (nr == SYS_seccomp && a[0] == SECCOMP_SET_MODE_FILTER && ret >= 0 &&
	    a[1] & SECCOMP_FILTER_FLAG_NEW_LISTENER) {
		attached = false;
		if (mode == MADE || mode == GONE)
			attach(ret);
	}
	return ret;
}

int ioctl(int fd, unsigned long request, ...)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };
	va_list ap;
	void *arg;
	int ret;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (request != SECCOMP_IOCTL_NOTIF_RECV || attached)
		return real_ioctl(fd, request, arg);
	if (mode == PARKED) {
		/* Or until nobody is left who could call. */
		poll(&pollfd, 1, -1);
		attach(fd);
	}
	ret = real_ioctl(fd, request, arg);
	if (mode == RECEIVED && !ret)
		attach(fd);
	return ret;
}
