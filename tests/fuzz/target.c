// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fuzzer's targets: threads that call with good and bad pointers, fork,
 * exec, get stuck and die, and that see to it themselves that a write ran on
 * the bytes that it should have, and that no pin shows what is not theirs.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"

#define CALLERS		3
#define VERDICT_MS	1000

const char *const fuzz_traps[] = {
	"+getppid", "openat", "write", "clone", "execve", "poll", NULL
};

struct caller {
	struct chance chance;
	unsigned int index;
	int pipe[2];
	char *text;
};

static unsigned int lane_index, generation;
static uint64_t mm_tag;
static char texts[CALLERS][TEXT];
static atomic_bool stuck;

static bool over(void)
{
	return board->generation[lane_index] != generation;
}

static bool caller_init(struct caller *caller)
{
	caller->index = atomic_fetch_add(&board->callers, 1) % VERDICTS;
	/*
	 * Whoever answers may have put fds here, and there is no room left, or
	 * none where nobody puts them in the place of others.
	 */
	return !pipe2(caller->pipe, O_CLOEXEC | O_NONBLOCK) &&
	       caller->pipe[0] < OWN_FDS && caller->pipe[1] < OWN_FDS;
}

/*
 * Turns the callers' texts into others, and back, while they are looked at. The
 * pause leaves the processors to those who look; nothing waits for its end.
 */
static void *scribble(void *arg)
{
	unsigned int i, n;

	for (n = 0; !over(); n++) {
		for (i = 0; i < CALLERS; i++)
			((volatile char *)texts[i])[0] = n % 2 ? 'A' : 'E';
		usleep(500);
	}
	return arg;
}

/* All that is in the pipe; as much of it as there is room, and how much it was */
static size_t drain(int fd, char *buf, size_t len)
{
	char rest[4096];
	size_t total = 0;
	ssize_t n;

	while ((n = read(fd, rest, sizeof(rest))) > 0) {
		if (total < len)
			memcpy(buf + total, rest,
			       (size_t)n < len - total ? (size_t)n :
							 len - total);
		total += n;
	}
	return total;
}

static void judge(struct verdict *verdict, uint64_t serial, long ret,
		  const char *text, size_t len)
{
	uint64_t start = now_ms();

	/* The listener was closed: nobody answered. */
	if (ret == -ENOSYS)
		return;
	while (verdict->serial != serial) {
		if (now_ms() - start > VERDICT_MS) {
			board->unjudged++;
			return;
		}
		sched_yield();
	}
	if (verdict->pinned) {
		HOLDS(ret == TEXT && len == TEXT);
		HOLDS(!memcmp(text, verdict->text, TEXT));
		board->pinned++;
	} else if (ret == TEXT && len == TEXT) {
		board->loose++;
		if (text[0] == 'E')
			board->races++;
	}
}

static void call_write(struct caller *caller)
{
	uint64_t serial = atomic_fetch_add(&board->serials, 1) + 1;
	unsigned long args[6] = { caller->pipe[1], (uintptr_t)caller->text,
				  TEXT, caller->index, serial, mm_tag };
	char text[TEXT] = "";
	sigset_t all, old;
	size_t len;
	long ret;

	snprintf(caller->text, TEXT, "A%llx", (unsigned long long)serial);
	/* Begun anew after a signal, it would be answered more than once. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	ret = own_call(SYS_write, args);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	len = drain(caller->pipe[0], text, sizeof(text));
	judge(&board->verdicts[caller->index], serial, ret, text, len);
}

/* No mark of another mm: neither of who had this window before, nor ever. */
static void scan_pin(uint64_t start, uint64_t end)
{
	struct mark *mark = (struct mark *)(uintptr_t)start;
	uint64_t magic = mark_magic();

	for (; (uintptr_t)mark < end; mark++) {
		if (mark->magic != magic)
			continue;
		HOLDS(mark->tag == mm_tag);
		board->marks++;
	}
}

static void scan_pins(void)
{
	unsigned long start, end;
	char maps[16384], *line, *next;
	int fd = syscall(SYS_open, "/proc/self/maps", O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		return;
	while ((n = read(fd, maps + len, sizeof(maps) - 1 - len)) > 0)
		len += n;
	close(fd);
	maps[len] = '\0';
	for (line = maps; (next = strchr(line, '\n')); line = next + 1) {
		*next = '\0';
		if (strstr(line, "memfd:arena") &&
		    sscanf(line, "%lx-%lx", &start, &end) == 2)
			scan_pin(start, end);
	}
	board->scans++;
}

/* Memory whose pages never come */
static void *stuck_memory(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = {
		.range.len = 4096,
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	reg.range.start = (uintptr_t)map;
	if (map == MAP_FAILED || ioctl(uffd, UFFDIO_API, &api) ||
	    ioctl(uffd, UFFDIO_REGISTER, &reg))
		return NULL;
	return map;
}

static void call_openat(struct caller *caller)
{
	static char long_path[8192];
	const void *paths[] = {
		"/dev/null", "/dev/zero", "/nowhere", NULL, (void *)8,
		(void *)-4096UL, long_path, texts,
		(void *)(uintptr_t)chance_draw(&caller->chance),
	};
	unsigned long args[6] = { AT_FDCWD, 0, O_RDONLY | O_CLOEXEC, 3, 4, 5 };
	long fd;

	memset(long_path, 'x', sizeof(long_path));
	args[1] = (uintptr_t)paths[chance_below(&caller->chance, 9)];
	if (chance_hit(&caller->chance, 100) && !atomic_exchange(&stuck, true)) {
		board->stuck[lane_index] = true;
		args[1] = (uintptr_t)stuck_memory();
	}
	fd = own_call(SYS_openat, args);
	if (fd >= 0)
		close(fd);
}

static void call_poll(void)
{
	struct pollfd pollfd = { .fd = -1 };
	unsigned long args[6] = { (uintptr_t)&pollfd, 1, 0, 3, 4, 5 };

	own_call(SYS_poll, args);
}

/* Another ABI, where nothing can be redirected */
static void call_i386(void)
{
	long ret;

	__asm__ volatile("int $0x80" : "=a" (ret) : "0" (64L) : "memory",
			 "r8", "r9", "r10", "r11");
}

/* Holds the lock that is wanted from outside. */
static void churn(void)
{
	size_t size = 1 << 22;
	int i;

	for (i = 0; i < 20; i++) {
		void *map = mmap(NULL, size, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE,
				 -1, 0);

		if (map != MAP_FAILED)
			munmap(map, size);
	}
}

static void call_execve(bool good)
{
	static char *const argv[] = { "fuzz", "executed", NULL };
	unsigned long args[6] = { (uintptr_t)"/proc/self/exe", (uintptr_t)argv,
				  (uintptr_t)environ, 3, 4, 5 };
	int fd = syscall(SYS_open, "/dev/null", O_WRONLY | O_CLOEXEC);

	/* What the loader says of what it is given is of no interest. */
	if (good && fd >= 0)
		dup2(fd, STDERR_FILENO);
	if (!good)
		args[0] = 16;
	own_call(SYS_execve, args);
	close(fd);
}

static void call_some(struct caller *caller);

static void forked(struct caller caller)
{
	int i;

	mm_tag = atomic_fetch_add(&board->tags, 1) + 1;
	/* Nobody would kill it. */
	stuck = true;
	if (!caller_init(&caller))
		_exit(0);
	scan_pins();
	for (i = 0; i < 4 && !over(); i++)
		call_some(&caller);
	scan_pins();
	if (chance_hit(&caller.chance, 3))
		call_execve(true);
	/* It ends as it does where a program's loader is denied a file. */
	_exit(127);
}

static void call_fork(struct caller *caller)
{
	unsigned long args[6] = { SIGCHLD, 0, 0, 0, 0, 5 };
	int status = 0;
	long pid = own_call(SYS_clone, args);

	if (!pid)
		forked(*caller);
	while (pid > 0 && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return;
	HOLDS(!status || status == 127 << 8 || status == SIGKILL);
}

static void call_some(struct caller *caller)
{
	switch (chance_below(&caller->chance, 16)) {
	case 0:
		scan_pins();
		break;
	case 1:
		churn();
		break;
	case 2:
		call_fork(caller);
		break;
	case 3:
		call_poll();
		break;
	case 4:
		call_i386();
		break;
	case 5:
		call_execve(false);
		break;
	case 6:
	case 7:
	case 8:
		call_openat(caller);
		break;
	default:
		call_write(caller);
	}
}

static void *call_thread(void *arg)
{
	struct caller *caller = arg;
	unsigned int n = 20 + chance_below(&caller->chance, 200);

	while (n-- && !over())
		call_some(caller);
	if (chance_hit(&caller->chance, 10))
		call_execve(true);
	if (chance_hit(&caller->chance, 10))
		kill(getpid(), SIGKILL);
	return NULL;
}

int fuzz_target(void *arg)
{
	struct caller callers[CALLERS];
	pthread_t threads[CALLERS], scribbler;
	struct lane *lane = arg;
	unsigned int i;

	/* What the fuzzer has open is not for its targets. */
	HOLDS(!close_range(3, ~0U, 0));
	lane_index = lane->index;
	generation = board->generation[lane_index];
	mm_tag = atomic_fetch_add(&board->tags, 1) + 1;
	for (i = 0; i < CALLERS; i++) {
		chance_init(&callers[i].chance, fuzz_seed, mm_tag << 8 | i);
		callers[i].text = texts[i];
		HOLDS(caller_init(&callers[i]));
	}
	HOLDS(!pthread_create(&scribbler, NULL, scribble, NULL));
	while (!over()) {
		for (i = 0; i < CALLERS; i++)
			HOLDS(!pthread_create(&threads[i], NULL, call_thread,
					      &callers[i]));
		for (i = 0; i < CALLERS; i++)
			pthread_join(threads[i], NULL);
	}
	return 0;
}

int fuzz_executed(void)
{
	struct caller caller;
	int i;

	stuck = true;
	chance_init(&caller.chance, getpid(), 0);
	for (i = 0; i < 4; i++) {
		call_openat(&caller);
		call_poll();
	}
	return 0;
}
