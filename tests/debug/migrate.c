// SPDX-License-Identifier: GPL-2.0-only
/*
 * I1 where the kernel moves the pages of an arena: what the module writes reaches the
 * page that the pin shows.
 *
 * A target has a thread that makes the kernel move pages of the target's pin: by
 * move_pages(2), or by collapsing them into a huge page. The kernel waits at the worst
 * moment (tests/debug/delay), and there the target makes a call whose bytes the module
 * writes to that page.
 *
 * Compaction has no test of its own. It chooses itself which pages it moves; but what
 * it has chosen goes the way of move_pages(2): migrate_pages() locks the folio, and
 * migrate_folio() copies it and looks at its references.
 *
 * The supervisor allows and remembers rename(FROM, ALLOWED), and denies the rest. FROM
 * takes all of the slot's first page, so that the other path is in the second one.
 *
 * Each test fails in its first round with a module whose pin_arena_lock_page() neither
 * locks the folio nor looks at its mapping again (so pin_arena_unlock_page() does not
 * unlock it), and whose pin_window_memory() keeps no page. Where such a module keeps
 * pages, i1_migration_of_denied_bytes passes, and i1_collapse shows the stale page.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scene.h"
#include "storm.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

#define DELAY		"/sys/kernel/debug/pin_delay/"
#define HUGE_SETTING	"/sys/kernel/mm/transparent_hugepage/shmem_enabled"
#define DIR		"/tmp/migrate"
#define ALLOWED_TO	DIR "/allowed"
#define DENIED_TO	DIR "/denied"

#define HUGE		(2UL << 20)
/* Of a window that a huge page fits */
#define HUGE_SLOT	(HUGE / SECCOMP_PIN_MAX_SLOTS)

/* Each with a target of its own */
#define ROUNDS		3
/* With one target */
#define HUGE_ROUNDS	10
/* Somebody else may have a reference for a moment. */
#define TRIES		5

enum how { MOVE, COLLAPSE };

/**
 * struct mover - the thread of the target that moves pages
 * @ready: the target's child can make its call
 * @turn: counts what it is asked for
 * @done: of that, what it has done
 * @how: to move
 * @page: which page; COLLAPSE: where the pin begins
 * @offset: COLLAPSE: of the pin in the arena
 * @err: 0 or -errno: whether it could
 */
struct mover {
	volatile int ready;
	volatile int turn;
	volatile int done;
	volatile enum how how;
	volatile unsigned long page;
	volatile unsigned long offset;
	volatile int err;
};

static struct mover *mover;

/* The target and its supervisor, while a test runs; teardown ends what one leaves. */
static struct scene s;
static bool started;

static const char *const trap_renames[] = { "rename", "socket", NULL };

/* rename() of these: one that is allowed, and one that is not. */
static char from[PAGE];
static char denied_from[PAGE];

/*
 * The delay
 */
static unsigned long delay_count(const char *name)
{
	char path[64], text[32] = "";
	int fd;

	snprintf(path, sizeof(path), DELAY "%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_true(read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	return strtoul(text, NULL, 0);
}

static void delay_watch(pid_t pid, unsigned long address)
{
	char text[64];

	snprintf(text, sizeof(text), "%d %lx", pid, address);
	assert_int_equal(write_file(DELAY "watch", text), 0);
}

/* The kernel waits with the page, or has done so. */
static bool delayed(void)
{
	return delay_count("stops") > 0;
}

/*
 * The thread that moves pages, in the target
 */
static int move_page(void)
{
	int flags = geteuid() ? MPOL_MF_MOVE : MPOL_MF_MOVE_ALL;
	void *page = (void *)mover->page;
	int node, status;
	long ret;

	/* Where is it? */
	if (syscall(SYS_move_pages, 0, 1, &page, NULL, &status, 0))
		return -errno;
	if (status < 0)
		return status;
	node = !status;
	ret = syscall(SYS_move_pages, 0, 1, &page, &node, &status, flags);
	if (ret)
		return ret < 0 ? -errno : -EBUSY;
	return status == node ? 0 : status;
}

/* By a mapping without VM_DONTEXPAND; needs CAP_CHECKPOINT_RESTORE */
static int collapse(void)
{
	int fd, err = 0;
	char path[64];
	char *room, *map;

	snprintf(path, sizeof(path), "/proc/self/map_files/%lx-%lx",
		 mover->page, mover->page + HUGE);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	room = mmap(NULL, 2 * HUGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	map = (char *)(((unsigned long)room + HUGE - 1) & -HUGE);
	if (fd < 0 || mmap(map, HUGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd,
			   mover->offset) != map)
		return -errno;
	if (write_file(DELAY "collapse", "1"))
		return -ENODEV;
	if (madvise(map, HUGE, MADV_COLLAPSE))
		err = -errno;
	munmap(room, 2 * HUGE);
	close(fd);
	return err;
}

static void use_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	HOLDS(!sched_setaffinity(0, sizeof(set), &set));
}

static void *run_mover(void *arg)
{
	int err, tries;

	(void)arg;
	/* It keeps others from running here while it waits. */
	use_cpu(1);
	for (;;) {
		AWAIT_HOLDS(mover->turn != mover->done);
		tries = TRIES;
		do {
			err = mover->how == MOVE ? move_page() : collapse();
		} while ((err == -EBUSY || err == -EAGAIN) && --tries);
		mover->err = err;
		mover->done = mover->turn;
	}
	return NULL;
}

/*
 * A child of the target makes the call that is remembered, for the target as well: the
 * module has written nothing to the target's window then.
 */
static void run_child(void)
{
	unsigned long args[6];
	pid_t pid = fork();
	int status;

	HOLDS(pid >= 0);
	if (!pid) {
		AWAIT_HOLDS(mover->ready);
		/* When it returns, the board may have another call. */
		memcpy(args, board->args, sizeof(args));
		_exit(own_call(SYS_rename, args) != 0);
	}
	HOLDS(waitpid(pid, &status, 0) == pid && !status);
}

static int run_target(void *arg)
{
	pthread_t thread;

	run_child();
	HOLDS(!pthread_create(&thread, NULL, run_mover, NULL));
	return run_orders(arg);
}

static int run_unprivileged(void *arg)
{
	HOLDS(!setresuid(NOBODY, NOBODY, NOBODY));
	/* That has undone what target_start() does about targets that outlive it. */
	HOLDS(!prctl(PR_SET_PDEATHSIG, SIGKILL));
	/* As it is after an exec: or its calls would always be asked about. */
	HOLDS(!prctl(PR_SET_DUMPABLE, 1));
	return run_target(arg);
}

/* Have it move the page, until the kernel waits with it, or it could not. */
static void move_start(enum how how, unsigned long page)
{
	delay_watch(s.target.pid, page);
	mover->how = how;
	mover->page = page;
	mover->turn++;
	AWAIT(delayed() || mover->done == mover->turn);
}

static int move_end(void)
{
	await_word(&mover->done, mover->turn);
	return mover->err;
}

/*
 * The kernel waited with the page. Who came waited as well, and did not write before
 * the kernel had moved the page, or had given up: who waits has a reference.
 */
static void assert_waited(void)
{
	int err = move_end();

	assert_true(!err || err == -EBUSY);
	assert_int_equal(delay_count("written"), 0);
	assert_true(delay_count("waited") > 0);
}

/*
 * Calls
 */
static bool exists(const char *path)
{
	return !access(path, F_OK);
}

static void make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

	assert_true(fd >= 0);
	close(fd);
}

static void rename_is(const char *old, const char *new)
{
	unlink(ALLOWED_TO);
	unlink(DENIED_TO);
	make_file(DIR "/a");
	make_file(DIR "/c");
	memcpy(board->path, old, strlen(old) + 1);
	strcpy(board->value, new);
	call_is(SYS_rename, (uintptr_t)board->path, (uintptr_t)board->value, 0, 0,
		0);
}

/* The call that is remembered ran on its own bytes. */
static void assert_served(void)
{
	rename_is(from, ALLOWED_TO);
	assert_int_equal(served(&s), 0);
	assert_true(exists(ALLOWED_TO));
	assert_false(exists(DENIED_TO));
}

/* One that is denied leaves its bytes in the slot. */
static void ask_denied(void)
{
	rename_is(denied_from, DENIED_TO);
	asked(&s);
	assert_int_equal(s.r.copies[1].offset, PAGE);
	assert_string_equal(pin_slot(&s.pin, &s.r) + PAGE, DENIED_TO);
	assert_int_equal(pin_deny(&s.pin, s.r.id, EPERM), 0);
	assert_int_equal(finished(), -EPERM);
}

static void set_rename_rules(void)
{
	const struct seccomp_pin_rule two[] = {
		{ SYS_rename, 0, SECCOMP_PIN_STRING, PAGE, 0 },
		{ SYS_rename, 1, SECCOMP_PIN_STRING, 64, 0 },
	};
	struct seccomp_pin_rules rules = {
		.rules = (uintptr_t)two,
		.count = 2,
	};

	assert_int_equal(pin_ioctl(s.pin.fd, SECCOMP_PIN_RULES, &rules), 0);
}

static void set_no_rules(void)
{
	struct seccomp_pin_rules rules = { 0 };

	assert_int_equal(pin_ioctl(s.pin.fd, SECCOMP_PIN_RULES, &rules), 0);
}

/* The call of the target's child is answered, for the target as well. */
static void remember_for_all(void)
{
	struct seccomp_pin_redirect redirect;

	rename_is(from, ALLOWED_TO);
	mover->ready = 1;
	pin_receive_call(&s.pin, &s.r, "rename");
	redirect = remembered(&s.r, 0);
	redirect.flags |= SECCOMP_PIN_FOR_ALL;
	answer(&s, redirect);
	assert_int_equal(pin_query(&s.pin).verdicts, 1);
}

/* A target with a window that the module has written nothing to */
static void start(int (*run)(void *arg), unsigned int slot_size,
		  unsigned int window_size)
{
	struct seccomp_pin_attach attach = pin_attach_default();

	attach.verdicts = NR_VERDICTS;
	attach.slot_size = slot_size;
	attach.window_size = window_size;
	memset(mover, 0, sizeof(*mover));
	memset(&s, 0, sizeof(s));
	s.pin.fd = -1;
	board_make();
	assert_int_equal(target_start(&s.target, NULL, trap_renames, run, NULL), 0);
	started = true;
	pin_open_with(&s.pin, s.target.listener, 16ULL * window_size, &attach);
	set_rename_rules();
	remember_for_all();
	socket_is(AF_UNIX);
	asked_once(&s);
	assert_int_equal(s.r.slot_error, 0);
}

static void end(void)
{
	scene_end(&s);
	started = false;
}

/* What a test has left that failed; its mover would obey the next test. */
static int cleanup(void **state)
{
	(void)state;
	if (!started)
		return 0;
	started = false;
	kill(s.target.pid, SIGKILL);
	target_wait(&s.target);
	pin_close(&s.pin);
	return 0;
}

/*
 * The pages of the window are all there, mapped by the target. Those that the module
 * has not written to, nothing keeps the kernel from moving.
 */
static void populate(unsigned int window_size)
{
	call_is(SYS_madvise, s.r.slot_address, window_size, MADV_POPULATE_READ, 0, 0);
	order(CALL);
	assert_int_equal(finished(), 0);
}

static void start_small(int (*run)(void *arg))
{
	start(run, TEST_SLOT, TEST_WINDOW);
	populate(TEST_WINDOW);
}

/*
 * By move_pages(2)
 */

/*
 * The first bytes that the module writes to the page meet a migration. Anybody may
 * move pages that are mapped nowhere else.
 */
static void i1_move_pages(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		start_small(run_unprivileged);
		move_start(MOVE, s.r.slot_address + PAGE);
		assert_true(delayed());
		assert_served();
		assert_waited();
		end();
	}
}

/* A page that the module has written to stays where it is: the kernel gives up. */
static void i1_migration_of_denied_bytes(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		start_small(run_target);
		ask_denied();
		move_start(MOVE, s.r.slot_address + PAGE);
		assert_served();
		assert_int_equal(move_end(), -EBUSY);
		assert_false(delayed());
		end();
	}
}

/* What the target's pin shows */
static void assert_pin_shows(uint64_t address, const char *string)
{
	char path[64], shown[64] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", s.target.pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, shown, sizeof(shown) - 1, address),
			 sizeof(shown) - 1);
	close(fd);
	assert_string_equal(shown, string);
}

/* The target is parked in a call of which nothing was copied. */
static void park(void)
{
	set_no_rules();
	rename_is(DIR "/a", ALLOWED_TO);
	order(CALL);
	pin_receive_call(&s.pin, &s.r, "rename");
	assert_int_equal(s.r.slot_error, 0);
}

static void fetch_new_path(uint32_t offset)
{
	struct seccomp_pin_fetch fetch = {
		.id = s.r.id,
		.address = (uintptr_t)board->value,
		.kind = SECCOMP_PIN_STRING,
		.len = sizeof(board->value),
		.offset = offset,
	};

	assert_int_equal(pin_fetch(&s.pin, &fetch), 0);
	assert_int_equal(fetch.len, sizeof(ALLOWED_TO));
}

/* It runs on the path that is there. */
static void assert_runs_on(uint64_t address)
{
	struct seccomp_pin_redirect redirect = {
		.id = s.r.id,
		.args_mask = 1 << 1,
		.ptr_mask = 1 << 1,
		.args[1] = address,
		.ptr_len[1] = sizeof(ALLOWED_TO),
	};

	assert_pin_shows(address, ALLOWED_TO);
	/* What its memory holds now is of no account. */
	strcpy(board->value, DENIED_TO);
	answer(&s, redirect);
	assert_int_equal(finished(), 0);
	assert_true(exists(ALLOWED_TO));
}

static void i1_migration_of_fetched_bytes(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		start_small(run_target);
		park();
		move_start(MOVE, s.r.slot_address + PAGE);
		assert_true(delayed());
		fetch_new_path(PAGE);
		move_end();
		assert_runs_on(s.r.slot_address + PAGE);
		assert_waited();
		end();
	}
}

/* A larger slot is at the end of the window. */
static void i1_migration_of_an_allocated_slot(void **state)
{
	const uint32_t size = 2 * TEST_SLOT;
	struct seccomp_pin_alloc alloc;
	uint64_t address;
	unsigned int i;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		start_small(run_target);
		park();
		address = s.r.slot_address + TEST_WINDOW - size;
		move_start(MOVE, address + PAGE);
		assert_true(delayed());
		assert_int_equal(pin_alloc(&s.pin, s.r.id, size, &alloc), 0);
		assert_int_equal(alloc.address, address);
		fetch_new_path(TEST_SLOT + PAGE);
		move_end();
		assert_runs_on(address + PAGE);
		assert_waited();
		end();
	}
}

/*
 * Huge pages
 */

/*
 * All of a window is collapsed into a huge page while the supervisor receives a call
 * that is denied. What is remembered runs on its own bytes after that.
 */
static void i1_collapse(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < ROUNDS; i++) {
		start(run_target, HUGE_SLOT, HUGE);
		populate(HUGE);
		mover->offset = s.r.slot_offset;
		move_start(COLLAPSE, s.r.slot_address);
		assert_true(delayed());
		ask_denied();
		assert_int_equal(move_end(), 0);
		assert_served();
		assert_waited();
		end();
	}
}

static int huge_setup(void **state)
{
	(void)state;
	return write_file(HUGE_SETTING, "always");
}

static int huge_teardown(void **state)
{
	cleanup(state);
	return write_file(HUGE_SETTING, "never");
}

/*
 * What the module writes first is a huge page then, to parts of which no reference is
 * kept: each write meets a migration.
 */
static void i1_huge_pages(void **state)
{
	unsigned int i;

	(void)state;
	start(run_target, HUGE_SLOT, HUGE);
	for (i = 0; i < HUGE_ROUNDS; i++) {
		ask_denied();
		if (!i)
			populate(HUGE);
		move_start(MOVE, s.r.slot_address + i % 2 * PAGE);
		assert_true(delayed());
		assert_served();
		assert_waited();
		assert_int_equal(delay_count("large"), delay_count("stops"));
	}
	end();
}

/*
 * The module that delays is there for the tests alone.
 */
static int setup(void **state)
{
	const char *path = getenv("SECCOMP_PIN_DELAY");
	int err, fd;

	(void)state;
	if (!path) {
		fputs("SECCOMP_PIN_DELAY: no tests/debug/delay.sh's module\n", stderr);
		return -1;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	err = syscall(SYS_finit_module, fd, "", 0) ? errno : 0;
	close(fd);
	if (err)
		fprintf(stderr, "%s: %s\n", path, strerror(err));
	return err;
}

static int teardown(void **state)
{
	(void)state;
	return syscall(SYS_delete_module, "pin_delay", O_NONBLOCK);
}

/* Paths that take a page each, of DIR/a and DIR/c */
static void make_paths(void)
{
	size_t len = strlen(DIR);

	memcpy(from, DIR, len);
	for (; len < PAGE - 4; len += 2)
		memcpy(from + len, "/.", 2);
	if (len < PAGE - 3)
		from[len++] = '/';
	memcpy(from + len, "/a", 3);
	memcpy(denied_from, from, PAGE);
	denied_from[strlen(from) - 1] = 'c';
}

#define migrate_test(test)	cmocka_unit_test_teardown(test, cleanup)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		migrate_test(i1_move_pages),
		migrate_test(i1_migration_of_denied_bytes),
		migrate_test(i1_migration_of_fetched_bytes),
		migrate_test(i1_migration_of_an_allocated_slot),
		migrate_test(i1_collapse),
		cmocka_unit_test_setup_teardown(i1_huge_pages, huge_setup,
						huge_teardown),
	};

	if (scene_main(argc, argv))
		return 1;
	mkdir(DIR, 0777);
	chmod(DIR, 0777);
	make_paths();
	mover = shared_memory(sizeof(*mover));
	use_cpu(0);
	alarm(PROGRAM_LIMIT);
	return cmocka_run_group_tests_name(__FILE__, tests, setup, teardown);
}
