// SPDX-License-Identifier: GPL-2.0-only
/*
 * I6: targets that have no room left, or that let nobody look: an error for
 * their calls, and nothing for those of others.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cgroup.h"
#include "pin.h"

#define NOBODY		65534
#define MAX_MAP_COUNT	"/proc/sys/vm/max_map_count"
/* Targets that die together */
#define DEAD		128

static const char *const trap_openat[] = { "openat", NULL };

/**
 * struct seen - what targets and the test know of each other
 * @step: how far the targets may go
 * @other: the other target
 * @pids: targets that die together
 * @windows: where they have their windows
 * @full: how many of them have all of its pages
 */
struct seen {
	volatile int step;
	volatile int other;
	volatile pid_t pids[DEAD];
	volatile uint64_t windows[DEAD];
	volatile int full;
};

static struct seen *seen;

static int setup(void **state)
{
	(void)state;
	seen = shared_memory(4096);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	write_file(MAX_MAP_COUNT, "65530");
	return munmap(seen, 4096);
}

static int open_null(void)
{
	int fd = syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* As many mappings as there may be; for the time of the test, these */
#define MANY_MAPS	"200"

static char *maps;

static bool fill_map_count(void)
{
	int i;

	/* Neighbours differ, or they would be one. */
	maps = mmap(NULL, 4096 * 1024, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
		    -1, 0);
	if (maps == MAP_FAILED)
		return false;
	for (i = 1; i < 1024; i += 2)
		if (mprotect(maps + 4096 * i, 4096, PROT_NONE))
			return errno == ENOMEM;
	return false;
}

static void free_map_count(void)
{
	munmap(maps, 4096 * 1024);
}

/* No more address space than it has now */
static bool fill_rlimit_as(void)
{
	struct rlimit limit = { .rlim_max = RLIM_INFINITY };

	return !setrlimit(RLIMIT_AS, &limit) &&
	       mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0) == MAP_FAILED && errno == ENOMEM;
}

static void free_rlimit_as(void)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	setrlimit(RLIMIT_AS, &limit);
}

/* No free area of the size of a window: all are filled but small ones */
static void *filled;

static bool fill_areas(void)
{
	size_t size;
	void *map;

	for (size = 1UL << 46; size >= TEST_WINDOW; size /= 2) {
		do {
			map = mmap(NULL, size, PROT_NONE, MAP_PRIVATE |
				   MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
			if (!filled && map != MAP_FAILED)
				filled = map;
		} while (map != MAP_FAILED);
		if (errno != ENOMEM)
			return false;
	}
	return filled;
}

static void free_areas(void)
{
	munmap(filled, 1UL << 40);
}

/* Future mappings would be locked, and there is no room for them to be */
static bool fill_memlock(void)
{
	struct rlimit limit = { 0 };

	if (mlockall(MCL_FUTURE) || setrlimit(RLIMIT_MEMLOCK, &limit) ||
	    setresuid(NOBODY, NOBODY, NOBODY))
		return false;
	return mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0) == MAP_FAILED && errno == EAGAIN;
}

static void free_memlock(void)
{
}

/**
 * struct limit - a limit that a target comes to
 * @fill: in the target: go there, and see that it is there
 * @free: go away from it
 * @slot_error: of its calls then
 * @install_error: of a window from outside
 */
struct limit {
	const char *name;
	bool (*fill)(void);
	void (*free)(void);
	int slot_error;
	int install_error;
};

static const struct limit limits[] = {
	{ "map count", fill_map_count, free_map_count, -ENOMEM, -ENOMEM },
	/* From outside, it is not known. */
	{ "RLIMIT_AS", fill_rlimit_as, free_rlimit_as, -ENOMEM, 0 },
	{ "areas", fill_areas, free_areas, -ENOMEM, -ENOMEM },
	/* Windows are not locked. */
	{ "mlockall", fill_memlock, free_memlock, 0, 0 },
};

/* Another target, without a limit */
static pid_t start_other(void)
{
	pid_t child = fork();

	if (child)
		return child;
	/* It outlives a target that is killed, but not for long. */
	await_word(&seen->step, 2);
	_exit(open_null() != 0);
}

static int run_limited(void *arg)
{
	const struct limit *limit = arg;

	seen->other = start_other();
	if (!limit->fill())
		return 90;
	await_word(&seen->step, 1);
	if (open_null())
		return 91;
	limit->free();
	if (open_null())
		return 92;
	return await_exit(seen->other);
}

static int install(struct pin *pin, uint64_t id)
{
	struct seccomp_pin_install install = {
		.id = id,
		.length = TEST_WINDOW,
		.timeout = SECCOMP_PIN_MAX_TIMEOUT,
	};

	return pin_ioctl(pin->fd, SECCOMP_PIN_INSTALL, &install);
}

/* A call that can be looked at and answered as if there were no limits */
static void is_served(struct pin *pin, const struct seccomp_pin_receive *r)
{
	assert_int_equal(r->slot_error, 0);
	assert_int_equal(r->copies[1].error, 0);
	assert_string_equal(pin_slot(pin, r), "/dev/null");
	assert_int_equal(pin_allow_string(pin, r, 1, "/dev/zero"), 0);
}

static void serve_other(struct pin *pin)
{
	struct seccomp_pin_receive r;

	seen->step = 2;
	pin_receive_call(pin, &r, "openat");
	assert_int_equal(r.pid, seen->other);
	is_served(pin, &r);
}

static void comes_to(const struct limit *limit)
{
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;

	printf("# %s\n", limit->name);
	memset(seen, 0, sizeof(*seen));
	assert_int_equal(target_start(&target, NULL, trap_openat, run_limited,
				      (void *)limit), 0);
	pin_open(&pin, target.listener);
	pin_rule_string(&pin, "openat", 1);
	seen->step = 1;
	pin_receive_call(&pin, &r, "openat");
	assert_int_equal(r.pid, target.pid);
	assert_int_equal(r.slot_error, limit->slot_error);
	assert_int_equal(r.copies[1].error, limit->slot_error);
	assert_int_equal(install(&pin, r.id), limit->install_error);
	serve_other(&pin);
	if (r.slot_error) {
		assert_int_equal(r.slot_size, 0);
		assert_int_equal(pin_allow(&pin, r.id), 0);
	} else {
		is_served(&pin, &r);
	}
	/* With room again, the next call is like any other. */
	pin_receive_call(&pin, &r, "openat");
	is_served(&pin, &r);
	assert_int_equal(target_wait(&target), 0);
	assert_int_equal(pin_query(&pin).calls, 0);
	AWAIT(pin_query(&pin).windows == 0);
	pin_close(&pin);
}

static void i6_targets_without_room(void **state)
{
	unsigned int i;

	(void)state;
	assert_int_equal(write_file(MAX_MAP_COUNT, MANY_MAPS), 0);
	for (i = 0; i < sizeof(limits) / sizeof(*limits); i++)
		comes_to(&limits[i]);
}

/* For one target */
#define CGROUP_PAGES	64

static struct cgroup cgroup;

/* Without memory; @oom_score_adj: -1000 for who is not killed for want of it */
static void starve(pid_t pid, const char *oom_score_adj)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	assert_int_equal(write_file(path, oom_score_adj), 0);
	cgroup_start(&cgroup);
	assert_int_equal(cgroup_write(&cgroup, "memory.max", 0), 0);
	cgroup_enter(&cgroup, pid);
}

static int run_charged(void *arg)
{
	(void)arg;
	seen->other = start_other();
	await_word(&seen->step, 1);
	for (;;)
		open_null();
	return 0;
}

/*
 * The memory that a target makes us keep is its own, and so are the pages of the
 * arena that its arguments need, or a supervisor would run out of memory for
 * what its targets do. Calls for which there is none are errors of theirs,
 * wherever it ends, and none stays behind.
 */
static void i6_memory_cgroup(void **state)
{
	struct seccomp_pin_receive r;
	unsigned long pages, refused = 0;
	struct target target;
	struct pin pin;
	int err;

	(void)state;
	assert_int_equal(target_start(&target, NULL, trap_openat, run_charged,
				      NULL), 0);
	pin_open(&pin, target.listener);
	pin_rule_string(&pin, "openat", 1);
	/* It is not to be charged for the other one. */
	AWAIT(seen->other > 0);
	starve(target.pid, "-1000");
	seen->step = 1;
	for (pages = 0; pages < CGROUP_PAGES; pages++) {
		pin_receive_call(&pin, &r, "openat");
		assert_int_equal(r.pid, target.pid);
		if (!r.slot_error && r.copies[1].kind && !r.copies[1].error)
			break;
		assert_true(!r.slot_error || r.slot_error == -ENOMEM);
		assert_true(!r.copies[1].kind ||
			    r.copies[1].error == -ENOMEM);
		refused++;
		err = install(&pin, r.id);
		assert_true(!err || err == -ENOMEM);
		if (pages == 0)
			serve_other(&pin);
		assert_int_equal(cgroup_write(&cgroup, "memory.max",
					      (pages + 1) * 4096), 0);
		assert_int_equal(pin_deny(&pin, r.id, EPERM), 0);
	}
	printf("# %lu pages\n", pages);
	assert_true(refused > 0);
	is_served(&pin, &r);
	/* Shared memory, which the arena's pages are */
	AWAIT(cgroup_stat(&cgroup, "shmem") >= 4096);
	assert_int_equal(kill(target.pid, SIGKILL), 0);
	assert_int_equal(await_exit(target.pid), SIGKILL);
	cgroup_end(&cgroup);
	AWAIT(pin_query(&pin).windows == 0);
	assert_int_equal(pin_query(&pin).calls, 0);
	close(target.listener);
	pin_close(&pin);
}

/* A target that is killed for want of memory in the middle of its trap */
static void i6_out_of_memory(void **state)
{
	struct target target;
	struct pin pin;

	(void)state;
	assert_int_equal(target_start(&target, NULL, trap_openat, run_charged,
				      NULL), 0);
	pin_open(&pin, target.listener);
	pin_rule_string(&pin, "openat", 1);
	/* It is not to be charged for the other one. */
	AWAIT(seen->other > 0);
	starve(target.pid, "0");
	seen->step = 1;
	assert_int_equal(await_exit(target.pid), SIGKILL);
	cgroup_end(&cgroup);
	assert_int_equal(pin_query(&pin).calls, 0);
	serve_other(&pin);
	AWAIT(pin_query(&pin).windows == 0);
	close(target.listener);
	pin_close(&pin);
}

/* Each has all pages of its window made, as a target can, and waits. */
static void run_full(int i)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	seen->pids[i] = getpid();
	open_null();
	while (!seen->windows[i])
		sched_yield();
	if (madvise((void *)(uintptr_t)seen->windows[i], TEST_WINDOW,
		    MADV_POPULATE_READ))
		_exit(1);
	__atomic_add_fetch(&seen->full, 1, __ATOMIC_SEQ_CST);
	for (;;)
		pause();
}

static int run_all_full(void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < DEAD; i++)
		if (!fork())
			run_full(i);
	for (;;)
		pause();
	return 0;
}

/* The kernel's shared memory, in KiB: the arenas' pages, and files of tmpfs */
static long shared_kib(void)
{
	FILE *file = fopen("/proc/meminfo", "r");
	char line[128];
	long kib = -1;

	assert_non_null(file);
	while (kib < 0 && fgets(line, sizeof(line), file))
		if (sscanf(line, "Shmem: %ld kB", &kib) != 1)
			kib = -1;
	fclose(file);
	assert_true(kib >= 0);
	return kib;
}

/*
 * Targets have pages made that cannot be evicted, and die together, by the OOM killer for
 * one. The pages go back though no target traps, and nobody makes a request.
 */
static void i6_pages_of_the_dead(void **state)
{
	const long all = DEAD * (TEST_WINDOW / 1024);
	struct seccomp_pin_receive r;
	struct target target;
	long before, with;
	struct pin pin;
	int i, n;

	(void)state;
	assert_int_equal(target_start(&target, NULL, trap_openat, run_all_full,
				      NULL), 0);
	pin_open(&pin, target.listener);
	before = shared_kib();
	for (n = 0; n < DEAD; n++) {
		pin_receive_call(&pin, &r, "openat");
		assert_int_equal(r.slot_error, 0);
		for (i = 0; seen->pids[i] != (pid_t)r.pid; i++)
			assert_true(i < DEAD - 1);
		seen->windows[i] = r.slot_address - r.slot_offset % TEST_WINDOW;
		assert_int_equal(pin_deny(&pin, r.id, EPERM), 0);
	}
	AWAIT(seen->full == DEAD);
	with = shared_kib();
	print_message("# %ld KiB of %ld\n", with - before, all);
	assert_true(with - before > all * 9 / 10);
	assert_int_equal(kill(target.pid, SIGKILL), 0);
	assert_int_equal(await_exit(target.pid), SIGKILL);
	AWAIT(shared_kib() < before + all / 10);
	close(target.listener);
	pin_close(&pin);
}

/*
 * A target of the same user, who does not let that user look, now and again; it
 * begins with one call that cannot be looked at and one that can.
 */
#define GAMES	200

static void *play(void *arg)
{
	for (;;) {
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
		prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	}
	return arg;
}

static int run_games(void *arg)
{
	pthread_t thread;
	int i;

	(void)arg;
	if (setresuid(NOBODY, NOBODY, NOBODY) ||
	    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0))
		return 90;
	seen->other = start_other();
	await_word(&seen->step, 1);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	open_null();
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	open_null();
	if (pthread_create(&thread, NULL, play, NULL))
		return 91;
	for (i = 0; i < GAMES; i++)
		open_null();
	return await_exit(seen->other);
}

/* Everything that can be asked for has one of two outcomes. */
static unsigned int ask_everything(struct pin *pin)
{
	struct seccomp_pin_fetch fetch = {
		.kind = SECCOMP_PIN_STRING,
		.len = 64,
		.offset = 64,
	};
	struct seccomp_pin_receive r;
	unsigned int i, refused = 0;
	int errors[4];

	pin_receive_call(pin, &r, "openat");
	assert_int_not_equal(r.pid, seen->other);
	assert_int_equal(r.slot_error, 0);
	errors[0] = r.copies[1].error;
	if (!errors[0])
		assert_string_equal(pin_slot(pin, &r), "/dev/null");
	fetch.id = r.id;
	fetch.address = r.data.args[1];
	errors[1] = pin_fetch(pin, &fetch);
	errors[2] = install(pin, r.id);
	if (errors[2] == -ENOBUFS)
		errors[2] = 0;
	errors[3] = pin_allow(pin, r.id);
	if (errors[3])
		assert_int_equal(pin_deny(pin, r.id, EPERM), 0);
	for (i = 0; i < 4; i++) {
		assert_true(!errors[i] || errors[i] == -EACCES);
		refused += errors[i] == -EACCES;
	}
	return refused;
}

/* As the user of the target; what it asserts ends it. */
static void supervise_games(struct pin *pin)
{
	int i;

	assert_int_equal(setresuid(NOBODY, NOBODY, NOBODY), 0);
	assert_int_equal(ask_everything(pin), 4);
	assert_int_equal(ask_everything(pin), 0);
	for (i = 0; i < GAMES; i++)
		ask_everything(pin);
	serve_other(pin);
	_exit(0);
}

static void i6_targets_that_let_nobody_look(void **state)
{
	struct target target;
	struct pin pin;
	pid_t supervisor;

	(void)state;
	assert_int_equal(write_file("/proc/sys/kernel/yama/ptrace_scope", "0"),
			 0);
	assert_int_equal(target_start(&target, NULL, trap_openat, run_games,
				      NULL), 0);
	supervisor = fork();
	if (!supervisor) {
		pin_open(&pin, target.listener);
		pin_rule_string(&pin, "openat", 1);
		seen->step = 1;
		supervise_games(&pin);
	}
	assert_int_equal(await_exit(supervisor), 0);
	assert_int_equal(target_wait(&target), 0);
}

#define LIMIT_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIMIT_TEST(i6_targets_without_room),
		LIMIT_TEST(i6_memory_cgroup),
		LIMIT_TEST(i6_out_of_memory),
		LIMIT_TEST(i6_pages_of_the_dead),
		LIMIT_TEST(i6_targets_that_let_nobody_look),
	};

	return run_group(tests);
}
