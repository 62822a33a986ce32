// SPDX-License-Identifier: GPL-2.0-only
/*
 * I6: memory that does not come, and locks that are not let go of, stall the
 * target whose they are, and nobody else.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuse.h"
#include "pin.h"

/* What a request that has to wait for the target may wait */
#define SHORT_MS	100
/* Until somebody lets it go on, which takes a slow machine a while */
#define LONG_MS		SECCOMP_PIN_MAX_TIMEOUT
#define PATTERN		0x5a

static const char *const trap_openat[] = { "openat", NULL };

/**
 * struct seen - what targets and the test know of each other
 * @step: how far the target may go, or has come
 * @tid: of the thread that holds the lock
 * @go: a call is to be made
 * @ret: of the call in stuck memory
 * @other: the other target
 * @served: how many calls of the other target have returned
 * @uffd: in the target
 * @page: its page
 */
struct seen {
	volatile int step;
	volatile int tid;
	volatile int go;
	volatile int ret;
	volatile int other;
	volatile int served;
	volatile int uffd;
	char *page;
};

static struct seen *seen;
static struct fuse fuse;

/**
 * struct memory - memory whose pages come when the target's owner likes
 * @name: what it is
 * @map: in the target: a page of it
 * @begin: the test begins to look at the page of a target
 * @waits: whether somebody waits for the page
 * @come: it comes, with this string
 */
struct memory {
	const char *name;
	void *(*map)(void);
	void (*begin)(pid_t pid);
	bool (*waits)(void);
	void (*come)(const char *string);
};

static void *map_uffd(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = {
		.range.len = 4096,
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int uffd = syscall(SYS_userfaultfd, O_NONBLOCK);
	void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	reg.range.start = (uintptr_t)map;
	if (uffd < 0 || map == MAP_FAILED || ioctl(uffd, UFFDIO_API, &api) ||
	    ioctl(uffd, UFFDIO_REGISTER, &reg))
		return NULL;
	seen->uffd = uffd;
	return map;
}

/* Our duplicate of the target's */
static int uffd;

static void begin_uffd(pid_t pid)
{
	int pidfd = syscall(SYS_pidfd_open, pid, 0);

	assert_true(pidfd >= 0);
	uffd = syscall(SYS_pidfd_getfd, pidfd, seen->uffd, 0);
	assert_true(uffd >= 0);
	close(pidfd);
}

static bool waits_uffd(void)
{
	struct pollfd pollfd = { .fd = uffd, .events = POLLIN };

	return poll(&pollfd, 1, 0) == 1 && pollfd.revents == POLLIN;
}

static int copy_uffd(const char *string)
{
	static char page[4096];
	struct uffdio_copy copy = {
		.dst = (uintptr_t)seen->page,
		.src = (uintptr_t)page,
		.len = sizeof(page),
	};

	strcpy(page, string);
	return ioctl(uffd, UFFDIO_COPY, &copy) ? -errno : 0;
}

static void come_uffd(const char *string)
{
	assert_int_equal(copy_uffd(string), 0);
	close(uffd);
}

static void *map_fuse(void)
{
	return fuse_map(&fuse, 0);
}

static void begin_fuse(pid_t pid)
{
	(void)pid;
}

static bool waits_fuse(void)
{
	return fuse_waiting(&fuse);
}

static void come_fuse(const char *string)
{
	fuse_answer(&fuse, string);
}

/* Chosen by the test; made before there is a filter */
static const struct memory *memory;

static void prepare_memory(void)
{
	seen->page = memory->map();
	if (!seen->page)
		_exit(90);
}

static const struct memory memories[] = {
	{ "userfaultfd", map_uffd, begin_uffd, waits_uffd, come_uffd },
	{ "FUSE", map_fuse, begin_fuse, waits_fuse, come_fuse },
};

#define for_each_index(i, table) \
	for (unsigned int i = 0; i < sizeof(table) / sizeof(*(table)); i++)

static int setup(void **state)
{
	(void)state;
	seen = shared_memory(4096);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return munmap(seen, 4096);
}

static void begin_round(void)
{
	memset(seen, 0, sizeof(*seen));
	fuse_start(&fuse);
}

static void open_path(const char *path)
{
	int fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);

	seen->ret = fd < 0 ? -errno : 0;
	close(fd);
}

/* Another target of the same listener, which makes one call after the other */
static void start_other(void)
{
	pid_t parent = getpid();

	if (fork()) {
		AWAIT(seen->other);
		return;
	}
	/* Before its first call, which is told from others by that */
	seen->other = getpid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (getppid() == parent) {
		close(syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY));
		seen->served++;
	}
	_exit(0);
}

/* Every request returns, if not in this time then hardly ever. */
static int bounded(struct pin *pin, unsigned long request, void *arg,
		   unsigned int timeout)
{
	uint64_t start = now_ms();
	int err = pin_ioctl(pin->fd, request, arg);

	assert_true(now_ms() - start < timeout + TIME_LIMIT_MS / 2);
	return err;
}

static int fetch_within(struct pin *pin, uint64_t id, const void *address,
			uint32_t offset, uint32_t timeout)
{
	struct seccomp_pin_fetch fetch = {
		.id = id,
		.address = (uintptr_t)address,
		.kind = SECCOMP_PIN_STRING,
		.len = 64,
		.offset = offset,
		.timeout = timeout,
	};

	return bounded(pin, SECCOMP_PIN_FETCH, &fetch, timeout);
}

static int install_within(struct pin *pin, uint64_t id, uint32_t timeout)
{
	struct seccomp_pin_install install = {
		.id = id,
		.length = 4096,
		.timeout = timeout,
	};

	return bounded(pin, SECCOMP_PIN_INSTALL, &install, timeout);
}

/* A call of the other target is looked at and made, and it goes on. */
static void serve_other(struct pin *pin, struct seccomp_pin_receive *r)
{
	int served = seen->served;

	assert_int_equal(r->pid, seen->other);
	assert_int_equal(fetch_within(pin, r->id, (void *)r->data.args[1], 0,
				      LONG_MS), 0);
	assert_string_equal(pin_slot(pin, r), "/dev/null");
	assert_int_equal(pin_allow_string(pin, r, 1, "/dev/zero"), 0);
	AWAIT(seen->served > served);
}

static void serve_others(struct pin *pin)
{
	struct seccomp_pin_receive r;
	int i;

	for (i = 0; i < 10; i++) {
		pin_receive_call(pin, &r, "openat");
		serve_other(pin, &r);
	}
}

/* The call of another thread than the other target's */
static void receive_call(struct pin *pin, struct seccomp_pin_receive *r)
{
	for (;;) {
		pin_receive_call(pin, r, "openat");
		if ((int)r->pid != seen->other)
			return;
		serve_other(pin, r);
	}
}

static bool all_is(const char *bytes, size_t len, char byte)
{
	while (len && bytes[len - 1] == byte)
		len--;
	return !len;
}

/* Whatever they wait for, nothing holds up their end or is left of them. */
static void end_round(struct target *target, struct pin *pin)
{
	kill(seen->other, SIGKILL);
	kill(target->pid, SIGKILL);
	assert_int_equal(await_exit(target->pid), SIGKILL);
	AWAIT(pin_query(pin).targets == 0);
	assert_int_equal(pin_query(pin).calls, 0);
	close(target->listener);
	pin_close(pin);
	fuse_stop(&fuse);
}

/* A call in stuck memory, one that is not, and a long wait */
static int run_stuck(void *arg)
{
	(void)arg;
	start_other();
	await_word(&seen->step, 1);
	open_path(seen->page);
	seen->step = 2;
	open_path("/dev/null");
	await_word(&seen->step, -1);
	return 0;
}

static void start_stuck(struct target *target, struct pin *pin,
			int (*run)(void *arg))
{
	begin_round();
	assert_int_equal(target_start(target, prepare_memory, trap_openat, run,
				      NULL), 0);
	pin_open(pin, target->listener);
	memory->begin(target->pid);
}

/*
 * A fetch that takes too long. Whether the target has begun with it is seen by
 * the page that it waits for; on a busy machine it may have been too late.
 */
static bool fetch_is_stuck(struct pin *pin, uint64_t id)
{
	int err = fetch_within(pin, id, seen->page, 0, SHORT_MS);

	assert_true(err == -ETIMEDOUT || err == -EBUSY);
	return memory->waits();
}

/* What is to be fetched does not come: that call waits, nobody else. */
static void fetch_in(void)
{
	struct seccomp_pin_receive r, again;
	struct target target;
	struct pin pin;

	start_stuck(&target, &pin, run_stuck);
	seen->step = 1;
	receive_call(&pin, &r);
	AWAIT(fetch_is_stuck(&pin, r.id));
	/* It is at it, and all else can be done meanwhile. */
	assert_int_equal(fetch_within(&pin, r.id, "", 0, SHORT_MS), -EBUSY);
	assert_int_equal(install_within(&pin, r.id, SHORT_MS), 0);
	memset(&again, 0, sizeof(again));
	again.id = r.id;
	again.flags = SECCOMP_PIN_ADOPT;
	assert_int_equal(bounded(&pin, SECCOMP_PIN_RECEIVE, &again, 0), 0);
	assert_int_equal(pin_release(&pin, again.id), 0);
	serve_others(&pin);
	assert_true(pin_query(&pin).calls > 0);
	assert_int_equal(pin_allow_string(&pin, &r, 1, "/dev/zero"), 0);
	serve_others(&pin);
	assert_true(memory->waits());
	assert_int_equal(seen->step, 1);

	/* The answer takes effect when the page is there. */
	memory->come("/no/such/file");
	receive_call(&pin, &r);
	assert_int_equal(seen->step, 2);
	assert_int_equal(seen->ret, 0);
	assert_int_equal(pin_allow(&pin, r.id), 0);
	end_round(&target, &pin);
}

static void i6_memory_to_be_fetched(void **state)
{
	(void)state;
	for_each_index(i, memories) {
		memory = &memories[i];
		fetch_in();
	}
}

/* An argument that a rule asks for: it waits by itself, and is not seen. */
static void rule_in(bool comes)
{
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;

	start_stuck(&target, &pin, run_stuck);
	pin_rule_string(&pin, "openat", 1);
	seen->step = 1;
	AWAIT(memory->waits());
	/* All that can be received are the calls of the other one. */
	serve_others(&pin);
	assert_int_equal(seen->step, 1);
	if (comes) {
		memory->come("/dev/null");
		receive_call(&pin, &r);
		assert_int_equal(r.copies[1].error, 0);
		assert_string_equal(pin_slot(&pin, &r), "/dev/null");
		assert_int_equal(pin_allow(&pin, r.id), 0);
	}
	end_round(&target, &pin);
}

static void i6_arguments_with_a_rule(void **state)
{
	(void)state;
	for_each_index(i, memories) {
		memory = &memories[i];
		rule_in(true);
		rule_in(false);
	}
}

/*
 * What was to be fetched comes when nobody wants it any more: no byte changes,
 * of the slot or of the next call's, which has the same one.
 */
static void late_in(bool deny)
{
	struct seccomp_pin_receive r, next;
	struct target target;
	struct pin pin;
	char *slot;

	start_stuck(&target, &pin, run_stuck);
	seen->step = 1;
	receive_call(&pin, &r);
	slot = pin_slot(&pin, &r);
	AWAIT(fetch_is_stuck(&pin, r.id));
	if (deny)
		assert_int_equal(pin_deny(&pin, r.id, EPERM), 0);
	memset(slot, PATTERN, r.slot_size);
	assert_true(memory->waits());
	memory->come("/late");
	if (!deny) {
		/* Until it has come round, it is at work. */
		AWAIT(fetch_within(&pin, r.id, NULL, 0, LONG_MS) ==
		      -EFAULT);
		assert_true(all_is(slot, r.slot_size, PATTERN));
		assert_int_equal(pin_deny(&pin, r.id, EPERM), 0);
	}
	receive_call(&pin, &next);
	assert_int_equal(next.slot_offset, r.slot_offset);
	assert_int_equal(seen->ret, -EPERM);
	assert_true(all_is(slot, r.slot_size, PATTERN));
	/* There it was indeed. */
	assert_int_equal(fetch_within(&pin, next.id, seen->page, 8,
				      LONG_MS), 0);
	assert_string_equal(slot + 8, "/late");
	assert_int_equal(pin_allow(&pin, next.id), 0);
	end_round(&target, &pin);
}

static void i6_a_late_fetch_changes_nothing(void **state)
{
	(void)state;
	for_each_index(i, memories) {
		memory = &memories[i];
		late_in(false);
		late_in(true);
	}
}

/* A page that comes before the fetch, after it, or about when time runs out */
static int rounds(void)
{
	return debug_kernel() ? 60 : 300;
}

static int run_race(void *arg)
{
	(void)arg;
	start_other();
	for (;;) {
		madvise(seen->page, 4096, MADV_DONTNEED);
		open_path(seen->page);
	}
	return 0;
}

/* Who lets the page come; another thread of the supervisor */
static volatile int comer_go, comer_spins;
static volatile int comer_err;

static void *comer(void *arg)
{
	volatile int i;

	(void)arg;
	for (;;) {
		while (!comer_go)
			sched_yield();
		if (comer_go < 0)
			return NULL;
		for (i = 0; i < comer_spins; i++)
			;
		comer_err = copy_uffd("/come");
		comer_go = 0;
	}
}

static int race_once(struct pin *pin, unsigned int when, unsigned int *seed)
{
	struct seccomp_pin_receive r;
	char *slot;
	int err;

	receive_call(pin, &r);
	slot = pin_slot(pin, &r);
	memset(slot, PATTERN, r.slot_size);
	comer_spins = when == 2 ? rand_r(seed) % 2000000 : 0;
	if (when != 1)
		comer_go = 1;
	if (!when)
		await_word(&comer_go, 0);
	err = fetch_within(pin, r.id, seen->page, 0,
			   when ? 1 : LONG_MS);
	if (when == 1)
		comer_go = 1;
	await_word(&comer_go, 0);
	assert_int_equal(comer_err, 0);
	AWAIT(fetch_within(pin, r.id, NULL, 0, LONG_MS) == -EFAULT);
	if (err) {
		assert_int_equal(err, -ETIMEDOUT);
		assert_true(all_is(slot, r.slot_size, PATTERN));
	} else {
		assert_string_equal(slot, "/come");
		assert_true(all_is(slot + 6, r.slot_size - 6, PATTERN));
	}
	assert_int_equal(pin_deny(pin, r.id, EPERM), 0);
	return err;
}

static void i6_a_fetch_races_with_its_time(void **state)
{
	unsigned int seed = now_ms(), late = 0;
	struct target target;
	pthread_t thread;
	struct pin pin;
	int i, err;

	(void)state;
	printf("# seed %u\n", seed);
	memory = &memories[0];
	start_stuck(&target, &pin, run_race);
	comer_go = 0;
	assert_int_equal(pthread_create(&thread, NULL, comer, NULL), 0);
	for (i = 0; i < rounds(); i++) {
		err = race_once(&pin, i % 3, &seed);
		if (i % 3 < 2)
			assert_int_equal(err, i % 3 ? -ETIMEDOUT : 0);
		else if (err)
			late++;
	}
	printf("# %u of %d too late\n", late, rounds() / 3);
	comer_go = -1;
	pthread_join(thread, NULL);
	close(uffd);
	end_round(&target, &pin);
}

/* A page that a peer takes away and brings back all the time */
static void *page_comes_and_goes(void *arg)
{
	char *page = arg;

	for (;;) {
		if (mmap(page, 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) !=
		    page)
			_exit(91);
		strcpy(page, "/dev/null");
		mprotect(page, 4096, PROT_NONE);
		munmap(page, 4096);
	}
	return NULL;
}

static int run_unmapped(void *arg)
{
	pthread_t thread;

	(void)arg;
	start_other();
	seen->page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	if (pthread_create(&thread, NULL, page_comes_and_goes, seen->page))
		return 90;
	for (;;)
		open_path(seen->page);
	return 0;
}

static void i6_pages_that_come_and_go(void **state)
{
	unsigned int copied = 0, installed = 0;
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;
	int i, err;

	(void)state;
	begin_round();
	assert_int_equal(target_start(&target, NULL, trap_openat, run_unmapped,
				      NULL), 0);
	pin_open(&pin, target.listener);
	pin_rule_string(&pin, "openat", 1);
	for (i = 0; i < rounds(); i++) {
		receive_call(&pin, &r);
		err = r.copies[1].kind ? r.copies[1].error : -EFAULT;
		assert_true(!err || err == -EFAULT);
		copied += !err;
		err = fetch_within(&pin, r.id, seen->page, 64, LONG_MS);
		assert_true(!err || err == -EFAULT);
		copied += !err;
		if (i % 32 == 0) {
			/* The lock is taken now and again, not for good. */
			err = install_within(&pin, r.id, LONG_MS);
			assert_int_equal(err, 0);
			installed++;
		}
		assert_int_equal(pin_deny(&pin, r.id, EPERM), 0);
	}
	printf("# %u of %d copied\n", copied, 2 * rounds());
	assert_true(pin_query(&pin).windows > installed);
	end_round(&target, &pin);
}

/*
 * The mmap lock of a target, held for as long as a FUSE server likes: for write
 * by an mmap() that waits to drop a page of the file which is just being read,
 * for read by a fault that may not let go of it.
 */
static char *fuse_page;
static int fd_cached, fd_direct, fd_mem;

static void prepare_lock(void)
{
	fuse_page = fuse_map(&fuse, 0);
	fd_cached = open(fuse.path, O_RDONLY | O_CLOEXEC);
	fd_direct = open(fuse.path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	fd_mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	if (!fuse_page || fd_cached < 0 || fd_direct < 0 || fd_mem < 0)
		_exit(90);
}

static void *read_cached(void *arg)
{
	char byte;

	(void)arg;
	await_word(&seen->step, 1);
	if (pread(fd_cached, &byte, 1, 0) != 1)
		_exit(91);
	return NULL;
}

static void *hold_for_write(void *arg)
{
	(void)arg;
	await_word(&seen->step, 2);
	seen->tid = gettid();
	if (mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd_direct, 0) ==
	    MAP_FAILED)
		_exit(92);
	return NULL;
}

static void *hold_for_read(void *arg)
{
	char byte;

	(void)arg;
	await_word(&seen->step, 1);
	seen->tid = gettid();
	if (pread(fd_mem, &byte, 1, (uintptr_t)fuse_page) != 1)
		_exit(93);
	return NULL;
}

/**
 * struct lock - how the lock is held
 * @nr: the call in which it is
 * @hold: the thread that makes it
 * @read: a thread that begins to read the file before that, or NULL
 */
struct lock {
	int nr;
	void *(*hold)(void *arg);
	void *(*read)(void *arg);
};

static const struct lock locks[] = {
	{ SYS_mmap, hold_for_write, read_cached },
	{ SYS_pread64, hold_for_read, NULL },
};

/* Its first call comes before the lock is held, or after. */
static int run_locked(void *arg)
{
	const struct lock *lock = arg;
	pthread_t thread;

	start_other();
	if ((lock->read && pthread_create(&thread, NULL, lock->read, NULL)) ||
	    pthread_create(&thread, NULL, lock->hold, NULL))
		return 90;
	seen->ret = 1;
	await_word(&seen->go, 1);
	open_path("/dev/null");
	await_word(&seen->step, -1);
	return 0;
}

static void start_locked(struct target *target, struct pin *pin,
			 const struct lock *lock)
{
	begin_round();
	assert_int_equal(target_start(target, prepare_lock, trap_openat,
				      run_locked, (void *)lock), 0);
	pin_open(pin, target->listener);
}

static void hold_lock(const struct lock *lock)
{
	seen->step = 1;
	AWAIT(fuse_waiting(&fuse));
	if (lock->read)
		seen->step = 2;
	AWAIT(seen->tid);
	/* It may have had to wait for the lock itself, for a moment. */
	await_sleep_in(seen->tid, lock->nr, "folio_wait");
}

static bool install_is_stuck(struct pin *pin, uint64_t id)
{
	int err = install_within(pin, id, SHORT_MS);

	assert_true(err == -ETIMEDOUT || err == -EBUSY);
	return err == -EBUSY;
}

/* No window can be installed, and that is told in time. */
static void install_in(const struct lock *lock)
{
	struct seccomp_pin_receive r, again;
	struct target target;
	struct pin pin;

	start_locked(&target, &pin, lock);
	seen->go = 1;
	receive_call(&pin, &r);
	hold_lock(lock);
	assert_int_equal(install_within(&pin, r.id, SHORT_MS), -ETIMEDOUT);
	/* It may not have begun in that time, but then it does in the next. */
	AWAIT(install_is_stuck(&pin, r.id));
	assert_int_equal(fetch_within(&pin, r.id, "", 0, SHORT_MS), -EBUSY);
	memset(&again, 0, sizeof(again));
	again.id = r.id;
	again.flags = SECCOMP_PIN_ADOPT;
	assert_int_equal(bounded(&pin, SECCOMP_PIN_RECEIVE, &again, 0), 0);
	assert_int_equal(pin_release(&pin, again.id), 0);
	serve_others(&pin);
	/* The answer does not wait; the target does, and then acts on it. */
	assert_int_equal(pin_allow_string(&pin, &r, 1, "/dev/zero"), 0);
	serve_others(&pin);
	assert_int_equal(seen->ret, 1);
	fuse_answer(&fuse, "");
	AWAIT(seen->ret == 0);
	end_round(&target, &pin);
}

static void i6_install_and_a_held_mmap_lock(void **state)
{
	(void)state;
	for_each_index(i, locks)
		install_in(&locks[i]);
}

static int alloc_within(struct pin *pin, uint64_t id, uint32_t size,
			uint32_t timeout)
{
	struct seccomp_pin_alloc alloc = {
		.id = id,
		.size = size,
		.timeout = timeout,
	};

	return bounded(pin, SECCOMP_PIN_ALLOC, &alloc, timeout);
}

static bool alloc_is_stuck(struct pin *pin, uint64_t id)
{
	int err = alloc_within(pin, id, TEST_WINDOW, SHORT_MS);

	assert_true(err == -ETIMEDOUT || err == -EBUSY);
	return err == -EBUSY;
}

/* Calls as long as they are wanted */
static int run_locked_often(void *arg)
{
	int ret = run_locked(arg);

	while (!ret && seen->go == 1)
		open_path("/dev/null");
	return ret;
}

/*
 * No larger slot can be had that takes a window more, and that is told in time;
 * one that does not, can. What the target maps too late is for calls to come.
 */
static void alloc_in(const struct lock *lock)
{
	struct seccomp_pin_receive r, next;
	struct target target;
	uint32_t windows;
	struct pin pin;

	begin_round();
	assert_int_equal(target_start(&target, prepare_lock, trap_openat,
				      run_locked_often, (void *)lock), 0);
	pin_open(&pin, target.listener);
	seen->go = 1;
	receive_call(&pin, &r);
	hold_lock(lock);
	/* One slot of the window there is is taken. */
	assert_int_equal(alloc_within(&pin, r.id, TEST_WINDOW, SHORT_MS),
			 -ETIMEDOUT);
	AWAIT(alloc_is_stuck(&pin, r.id));
	serve_others(&pin);
	windows = pin_query(&pin).windows;
	assert_int_equal(alloc_within(&pin, r.id, TEST_WINDOW - TEST_SLOT,
				      SHORT_MS), 0);
	assert_int_equal(pin_query(&pin).windows, windows);
	assert_int_equal(pin_allow_string(&pin, &r, 1, "/dev/zero"), 0);
	serve_others(&pin);
	assert_int_equal(seen->ret, 1);
	fuse_answer(&fuse, "");
	AWAIT(seen->ret == 0);

	/* There is no third window, and the answer has given back the rest. */
	seen->step = -1;
	receive_call(&pin, &next);
	windows = pin_query(&pin).windows;
	assert_int_equal(alloc_within(&pin, next.id, TEST_WINDOW,
				      LONG_MS), 0);
	assert_int_equal(pin_query(&pin).windows, windows);
	assert_int_equal(pin_allow_string(&pin, &next, 1, "/dev/zero"), 0);
	end_round(&target, &pin);
}

static void i6_alloc_and_a_held_mmap_lock(void **state)
{
	(void)state;
	for_each_index(i, locks)
		alloc_in(&locks[i]);
}

/* A target without a window waits for its own lock, unseen. */
static void trap_in(const struct lock *lock)
{
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;

	start_locked(&target, &pin, lock);
	hold_lock(lock);
	seen->go = 1;
	await_sleep_in(target.pid, SYS_openat, "");
	serve_others(&pin);
	assert_int_equal(seen->ret, 1);
	fuse_answer(&fuse, "");
	receive_call(&pin, &r);
	assert_int_equal(r.pid, target.pid);
	assert_int_equal(r.slot_error, 0);
	assert_int_equal(pin_allow_string(&pin, &r, 1, "/dev/zero"), 0);
	AWAIT(seen->ret == 0);
	end_round(&target, &pin);
}

static void i6_a_trap_and_a_held_mmap_lock(void **state)
{
	(void)state;
	for_each_index(i, locks)
		trap_in(&locks[i]);
}

#define STALL_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STALL_TEST(i6_memory_to_be_fetched),
		STALL_TEST(i6_arguments_with_a_rule),
		STALL_TEST(i6_a_late_fetch_changes_nothing),
		STALL_TEST(i6_a_fetch_races_with_its_time),
		STALL_TEST(i6_pages_that_come_and_go),
		STALL_TEST(i6_install_and_a_held_mmap_lock),
		STALL_TEST(i6_alloc_and_a_held_mmap_lock),
		STALL_TEST(i6_a_trap_and_a_held_mmap_lock),
	};

	return run_group(tests);
}
