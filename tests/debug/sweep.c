// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every allocation of every request, and of everything that a target does for
 * its supervisor, fails once: ENOMEM, or what the ABI says instead, and nothing
 * else happened. That nothing leaked is kmemleak's to say, at the end.
 *
 * The n-th allocation of a task fails, for n = 1, 2, ... until there are fewer
 * of them. Not all failures can be told by the result: some are of the kernel's
 * debugging aids, or there is another way to get the memory.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/rseq.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pin.h"
#include "regs.h"

#define PAGE		4096U
#define SLOT_PAGES	64U
#define SWEEP_SLOT	(SLOT_PAGES * PAGE)
#define SWEEP_WINDOW	(2 * SWEEP_SLOT)
#define SWEEP_ARENA	(1024ULL * SWEEP_WINDOW)
#define THP_SHMEM	"/sys/kernel/mm/transparent_hugepage/shmem_enabled"

/* Longer than what a call has room for without an allocation */
#define PATH_LEN	600
/* See struct sweep: far more than it takes */
#define SWEEPS		10
/* Steps take fewer allocations; but a step that never ends is a mistake. */
#define MOST		2000

/* The libraries make do with openat(). */
static const char *const trap_open[] = { "open", NULL };
static const char *const trap_clone3[] = { "clone3", NULL };

/* All kinds of allocations can fail, and nothing is printed when they do. */
static int fail_setup(void)
{
	static const char *const settings[][2] = {
		{ "failslab/ignore-gfp-wait", "N" },
		{ "failslab/verbose", "0" },
		{ "fail_page_alloc/ignore-gfp-wait", "N" },
		{ "fail_page_alloc/ignore-gfp-highmem", "N" },
		{ "fail_page_alloc/min-order", "0" },
		{ "fail_page_alloc/verbose", "0" },
	};
	char path[128];
	unsigned int i;
	int err = 0;

	for (i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s",
			 settings[i][0]);
		err = err ?: write_file(path, settings[i][1]);
	}
	return err;
}

static int fail_open(pid_t tid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/fail-nth", tid, tid);
	return open(path, O_RDWR | O_CLOEXEC);
}

static int fail_nth(int fd, unsigned int n)
{
	char buf[16];
	int len = snprintf(buf, sizeof(buf), "%u", n);

	return write(fd, buf, len) == len ? 0 : -errno;
}

/* How many more it would have taken, 0 if one has failed; none does now. */
static int fail_left(int fd)
{
	char buf[16] = "";
	int err;

	if (pread(fd, buf, sizeof(buf) - 1, 0) <= 0)
		return -EIO;
	err = fail_nth(fd, 0);
	return err ?: atoi(buf);
}

/**
 * struct sweep - a step whose allocations fail one after the other
 * @name: of the step
 * @fd: for fail_nth(), of the task
 * @once: each only once; twice otherwise, for how many there are before it can
 *	change from one time to the next
 * @n: which one it is
 * @rounds: how often the step was made
 * @failed: how often an allocation failed in it
 * @told: how often it told that there was no memory
 * @more: it has as many as @n, or has not been made yet
 * @until: if not NULL, the test sweeps again until this is not 0, SWEEPS times at most.
 *	What the slabs hold decides which allocation has a number: where the kernel can
 *	do without the one that fails, the step does not tell of it
 * @sweeps: how often the test has swept
 */
struct sweep {
	const char *name;
	int fd;
	bool once;
	unsigned int n;
	unsigned int rounds;
	unsigned int failed;
	unsigned int told;
	bool more;
	const unsigned int *until;
	unsigned int sweeps;
};

/* The test's own allocations, where the task is no other one */
static struct sweep sweep_own(const char *name)
{
	struct sweep s = { .name = name, .fd = fail_open(gettid()) };

	assert_true(s.fd >= 0);
	return s;
}

/* The step is to be made once more. */
static bool sweep_next(struct sweep *s)
{
	if (s->once || s->rounds % 2 == 0) {
		if (s->n && !s->more) {
			if (!s->until || *s->until || ++s->sweeps == SWEEPS)
				return false;
			s->n = 0;
		}
		s->n++;
		s->more = false;
	}
	s->rounds++;
	assert_true(s->n < MOST);
	return true;
}

static void sweep_arm(struct sweep *s)
{
	assert_int_equal(fail_nth(s->fd, s->n), 0);
}

/* The result of a step, and what fail_left() said after it */
static void sweep_result(struct sweep *s, int left, int err)
{
	assert_true(left >= 0);
	if (!left) {
		s->failed++;
		s->more = true;
	}
	if (err) {
		assert_int_equal(err, -ENOMEM);
		assert_int_equal(left, 0);
		s->told++;
	}
}

static void sweep_done(struct sweep *s, int err)
{
	sweep_result(s, fail_left(s->fd), err);
}

/* What is known of a step: whether it allocates, and if so, can do without */
enum needs { NEEDS_NONE, NEEDS_SOME, NEEDS_ALL };

static void sweep_end(struct sweep *s, enum needs needs)
{
	print_message("%s: %u allocations failed, %u told\n", s->name,
		      s->failed, s->told);
	if (needs >= NEEDS_SOME)
		assert_true(s->failed > 0);
	if (needs >= NEEDS_ALL)
		assert_true(s->told > 0);
	if (s->fd >= 0)
		close(s->fd);
}

/* What a target is told to do */
enum what { CALL, CLONE, FRESH, END, CONTEND, QUIET };

struct order {
	enum what what;
	unsigned int n;
};

/**
 * struct reply - what a target says
 * @ret: of the call
 * @same: its registers are what they were; for CLONE, the child's as well
 * @left: as fail_left()
 */
struct reply {
	long ret;
	int same;
	int left;
};

/* Shared with the target: untouched pages, and what a child of it says */
static char *untouched;
static volatile int *child_same;

static char path[PATH_LEN + 1];
static int sockets[2];
static pthread_t contender;
static volatile int contending;

/* Keeps the mmap lock taken, most of the time. */
static void *contend(void *arg)
{
	size_t len = 16 << 20;
	void *map = mmap(NULL, len, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			 0);

	(void)arg;
	while (contending && map != MAP_FAILED) {
		madvise(map, len, MADV_POPULATE_READ);
		madvise(map, len, MADV_DONTNEED);
	}
	munmap(map, len);
	return NULL;
}

/* A call, in which the target's own n-th allocation fails if it is told so. */
static struct reply target_call(long nr, unsigned long arg0, unsigned long arg1,
				unsigned int n)
{
	unsigned long args[6] = { arg0, arg1, 0, 0xa3, 0xa4, 0xa5 }, own[6];
	int fd = fail_open(gettid());
	struct reply reply;

	memcpy(own, args, sizeof(own));
	if (n)
		fail_nth(fd, n);
	reply.ret = regs_call(nr, args);
	if (nr == SYS_clone3 && !reply.ret) {
		*child_same = !memcmp(args, own, sizeof(own));
		_exit(0);
	}
	reply.left = fail_left(fd);
	reply.same = !memcmp(args, own, sizeof(own));
	close(fd);
	return reply;
}

static struct reply target_clone(unsigned int n)
{
	static struct clone_args clone_args = { .exit_signal = SIGCHLD };
	struct reply reply;

	*child_same = 0;
	reply = target_call(SYS_clone3, (uintptr_t)&clone_args,
			    sizeof(clone_args), n);
	if (reply.ret > 0) {
		waitpid(reply.ret, NULL, 0);
		reply.same = reply.same && *child_same;
	}
	return reply;
}

/* Does what it is told; a fresh child goes on with that until its end. */
static int run(void *arg)
{
	struct reply reply = { 0 };
	struct order order;

	(void)arg;
	while (recv(sockets[1], &order, sizeof(order), 0) == sizeof(order)) {
		switch (order.what) {
		case CALL:
			reply = target_call(SYS_open, (uintptr_t)path,
					    O_RDONLY, order.n);
			if (reply.ret >= 0)
				close(reply.ret);
			break;
		case CLONE:
			reply = target_clone(order.n);
			break;
		case FRESH:
			reply.ret = fork();
			if (reply.ret) {
				waitpid(reply.ret, NULL, 0);
				break;
			}
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			break;
		case END:
			/* The parent replies. */
			_exit(0);
		case CONTEND:
			contending = 1;
			reply.ret = -pthread_create(&contender, NULL, contend,
						    NULL);
			break;
		case QUIET:
			contending = 0;
			reply.ret = -pthread_join(contender, NULL);
			break;
		}
		send(sockets[1], &reply, sizeof(reply), 0);
	}
	return 0;
}

/* The target, and its context if there is one */
static struct target target;
static struct pin pin;

static void order(enum what what, unsigned int n)
{
	struct order order = { .what = what, .n = n };

	assert_int_equal(send(sockets[0], &order, sizeof(order), 0),
			 sizeof(order));
}

static struct reply reply_of(void)
{
	struct pollfd pollfd = { .fd = sockets[0], .events = POLLIN };
	struct reply reply;

	assert_int_equal(poll(&pollfd, 1, TIME_LIMIT_MS), 1);
	assert_int_equal(recv(sockets[0], &reply, sizeof(reply), 0),
			 sizeof(reply));
	return reply;
}

static long ask(enum what what)
{
	order(what, 0);
	return reply_of().ret;
}

static void start(const char *const *traps)
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
				    sockets), 0);
	assert_int_equal(target_start(&target, NULL, traps, run, NULL), 0);
}

static void attach(void)
{
	struct seccomp_pin_attach attach = pin_attach_default();

	attach.slot_size = SWEEP_SLOT;
	attach.window_size = SWEEP_WINDOW;
	attach.windows_per_mm = 1024;
	/* One that is lost would be missed. */
	attach.completions = 1;
	attach.verdicts = 4;
	pin_open_with(&pin, target.listener, SWEEP_ARENA, &attach);
}

static int module_users(void)
{
	char buf[16] = "";
	int fd = open("/sys/module/seccomp_pin/refcnt", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_true(read(fd, buf, sizeof(buf) - 1) > 0);
	close(fd);
	return atoi(buf);
}

/* There was nothing but the target itself, and now there is not even that. */
static void stop(void)
{
	assert_int_equal(kill(target.pid, SIGKILL), 0);
	assert_int_equal(target_wait(&target), 128 + SIGKILL);
	close(sockets[0]);
	close(sockets[1]);
	AWAIT(module_users() == 0);
}

/* The same with a context: it holds no call, and nobody has a window. */
static void detach_and_stop(void)
{
	struct seccomp_pin_query query;

	kill(target.pid, SIGKILL);
	assert_int_equal(waitpid(target.pid, NULL, 0), target.pid);
	AWAIT(pin_query(&pin).targets == 0);
	query = pin_query(&pin);
	assert_int_equal(query.windows, 0);
	assert_int_equal(query.slots, 0);
	assert_int_equal(query.calls, 0);
	pin_close(&pin);
	close(target.listener);
	close(sockets[0]);
	close(sockets[1]);
	AWAIT(module_users() == 0);
}

static void trap(struct seccomp_pin_receive *r)
{
	order(CALL, 0);
	pin_receive_call(&pin, r, "open");
}

/* A call that waits is answered, and its target has lost nothing by it. */
static void deny(const struct seccomp_pin_receive *r)
{
	struct reply reply;

	assert_int_equal(pin_deny(&pin, r->id, EPERM), 0);
	reply = reply_of();
	assert_int_equal(reply.ret, -EPERM);
	assert_true(reply.same);
}

static void assert_query(const struct seccomp_pin_query *before)
{
	struct seccomp_pin_query now = pin_query(&pin);

	assert_memory_equal(before, &now, sizeof(now));
}

/* A call is what it was, waits, and is held as often as it was. */
static void assert_waits(const struct seccomp_pin_receive *r)
{
	struct seccomp_pin_receive again;

	assert_true(pin_pending(&pin, r->id));
	assert_int_equal(pin_adopt(&pin, &again, r->id), 0);
	assert_memory_equal(&again.data, &r->data, sizeof(again.data));
	assert_int_equal(again.slot_offset, r->slot_offset);
	assert_int_equal(pin_release(&pin, r->id), 0);
}

static void open_of_the_device(void **state)
{
	struct sweep s = sweep_own("open");
	int fd;

	(void)state;
	while (sweep_next(&s)) {
		sweep_arm(&s);
		fd = open(SECCOMP_PIN_DEVICE, O_RDWR | O_CLOEXEC);
		sweep_done(&s, fd < 0 ? -errno : 0);
		if (fd >= 0)
			close(fd);
		assert_int_equal(module_users(), 0);
	}
	sweep_end(&s, NEEDS_ALL);
}

static void close_of_the_device(void **state)
{
	struct sweep s = sweep_own("close");
	struct seccomp_pin_receive r;
	int ret;

	(void)state;
	start(trap_open);
	while (sweep_next(&s)) {
		attach();
		trap(&r);
		sweep_arm(&s);
		ret = close(pin.fd);
		sweep_done(&s, ret);
		pin.fd = -1;
		pin_close(&pin);
		deny(&r);
	}
	sweep_end(&s, NEEDS_NONE);
	stop();
}

/* What could not be attached is as it was, and can be. */
static void attach_of_a_context(void **state)
{
	struct sweep s = sweep_own("ATTACH");
	struct seccomp_pin_attach attach = pin_attach_default();
	struct seccomp_pin_rules rules = { 0 };
	int err;

	(void)state;
	start(trap_open);
	attach.listener = target.listener;
	attach.verdicts = 64;
	pin.fd = -1;
	while (sweep_next(&s)) {
		if (pin.fd < 0) {
			pin.fd = pin_device();
			attach.arena = pin_memfd(TEST_ARENA, ARENA_SEALS, NULL);
		}
		sweep_arm(&s);
		err = pin_ioctl(pin.fd, SECCOMP_PIN_ATTACH, &attach);
		sweep_done(&s, err);
		assert_int_equal(pin_query(&pin).calls, 0);
		assert_int_equal(pin_ioctl(pin.fd, SECCOMP_PIN_RULES, &rules),
				 err ? -ENOTCONN : 0);
		if (!err) {
			close(pin.fd);
			close(attach.arena);
			pin.fd = -1;
		}
	}
	sweep_end(&s, NEEDS_ALL);
	stop();
}

static int set_rule(uint32_t max, uint32_t count)
{
	static struct seccomp_pin_rule array[SECCOMP_PIN_MAX_RULES];
	struct seccomp_pin_rules rules = {
		.rules = (uintptr_t)array,
		.count = count,
	};
	uint32_t i;

	for (i = 0; i < count; i++)
		array[i] = (struct seccomp_pin_rule){
			.nr = (SYS_open + i) % SECCOMP_PIN_MAX_NR,
			.arg = i / SECCOMP_PIN_MAX_NR,
			.kind = SECCOMP_PIN_STRING,
			.max = max,
		};
	return pin_ioctl(pin.fd, SECCOMP_PIN_RULES, &rules);
}

/* The old rule is in force until there is a new one. */
static void sweep_rules(const char *name, uint32_t count, enum needs needs)
{
	struct sweep s = sweep_own(name);
	struct seccomp_pin_receive r;
	int err;

	start(trap_open);
	attach();
	while (sweep_next(&s)) {
		assert_int_equal(set_rule(PAGE, count), 0);
		sweep_arm(&s);
		err = set_rule(8, count);
		sweep_done(&s, err);
		trap(&r);
		assert_int_equal(r.copies[0].kind, SECCOMP_PIN_STRING);
		assert_int_equal(r.copies[0].error, err ? 0 : -ENAMETOOLONG);
		deny(&r);
	}
	sweep_end(&s, needs);
	detach_and_stop();
}

static void rules(void **state)
{
	(void)state;
	sweep_rules("RULES", 1, NEEDS_ALL);
	/* For so many, there are two ways to get the memory. */
	sweep_rules("RULES, many", SECCOMP_PIN_MAX_RULES, NEEDS_SOME);
}

/*
 * The window of an mm that is dead is emptied. Where it is part of a huge page,
 * that takes memory; without, it stays as it is until there is some.
 */
static void sweep_query(const char *name, bool huge)
{
	struct sweep s = sweep_own(name);
	struct seccomp_pin_receive r;
	struct seccomp_pin_query query;

	start(trap_open);
	while (sweep_next(&s)) {
		assert_int_equal(write_file(THP_SHMEM,
					    huge ? "always" : "never"), 0);
		attach();
		order(FRESH, 0);
		assert_int_equal(reply_of().ret, 0);
		trap(&r);
		strcpy(pin_slot(&pin, &r), "of the dead");
		assert_int_equal(write_file(THP_SHMEM, "never"), 0);
		deny(&r);
		assert_true(ask(END) > 0);

		sweep_arm(&s);
		query = pin_query(&pin);
		sweep_done(&s, query.windows ? -ENOMEM : 0);
		assert_int_equal(query.targets, query.windows);
		AWAIT(pin_query(&pin).windows == 0);
		assert_int_equal(pin_query(&pin).targets, 0);
		assert_int_equal(*pin_slot(&pin, &r), 0);
		pin_close(&pin);
	}
	sweep_end(&s, huge ? NEEDS_ALL : NEEDS_NONE);
	stop();
}

static void query(void **state)
{
	(void)state;
	sweep_query("QUERY", false);
	sweep_query("QUERY, a huge page", true);
}

/* What SECCOMP_IOCTL_NOTIF_RECV says of a call that waits */
static uint64_t receive_by_listener(void)
{
	struct pollfd pollfd = { .fd = target.listener, .events = POLLIN };
	struct seccomp_notif notif = { 0 };

	assert_int_equal(poll(&pollfd, 1, TIME_LIMIT_MS), 1);
	assert_int_equal(pin_ioctl(target.listener, SECCOMP_IOCTL_NOTIF_RECV,
				   &notif), 0);
	return notif.id;
}

/*
 * A call is received whatever is lacking: the pages that its bytes go to are the
 * target's to make. If they could not go there, that would be said of the bytes,
 * and they can be had when it is adopted later.
 */
static void sweep_receive(const char *name, bool adopt)
{
	struct pollfd pollfd = { .fd = -1, .events = POLLIN };
	struct sweep s = sweep_own(name);
	struct seccomp_pin_receive r;
	uint64_t id;
	int err;

	start(trap_open);
	attach();
	pin_rule_string(&pin, "open", 0);
	pollfd.fd = target.listener;
	while (sweep_next(&s)) {
		order(FRESH, 0);
		assert_int_equal(reply_of().ret, 0);
		order(CALL, 0);
		assert_int_equal(poll(&pollfd, 1, TIME_LIMIT_MS), 1);
		memset(&r, 0, sizeof(r));
		if (adopt) {
			r.id = receive_by_listener();
			r.flags = SECCOMP_PIN_ADOPT;
		}
		sweep_arm(&s);
		err = pin_ioctl(pin.fd, SECCOMP_PIN_RECEIVE, &r);
		sweep_done(&s, err ?: r.copies[0].error);
		assert_int_equal(err, 0);
		assert_int_equal(r.slot_error, 0);
		id = r.id;
		assert_int_equal(pin_adopt(&pin, &r, id), 0);
		assert_int_equal(r.copies[0].error, 0);
		assert_string_equal(pin_slot(&pin, &r) + r.copies[0].offset,
				    path);
		assert_int_equal(pin_release(&pin, id), 0);
		deny(&r);
		assert_true(ask(END) > 0);
	}
	sweep_end(&s, NEEDS_NONE);
	detach_and_stop();
}

static void receive(void **state)
{
	(void)state;
	sweep_receive("RECEIVE", false);
	sweep_receive("RECEIVE, adopting", true);
}

static void fetch(void **state)
{
	struct sweep s = sweep_own("FETCH");
	struct seccomp_pin_query before;
	struct seccomp_pin_receive r;
	int err;

	(void)state;
	start(trap_open);
	attach();
	trap(&r);
	before = pin_query(&pin);
	while (sweep_next(&s)) {
		/* To a page of the slot that is not there yet */
		struct seccomp_pin_fetch fetch = {
			.id = r.id,
			.address = r.data.args[0],
			.kind = SECCOMP_PIN_STRING,
			.len = PAGE,
			.offset = s.rounds * PAGE,
		};

		sweep_arm(&s);
		err = pin_fetch(&pin, &fetch);
		sweep_done(&s, err);
		assert_string_equal(pin_slot(&pin, &r) + s.rounds * PAGE,
				    err ? "" : path);
		assert_query(&before);
		assert_waits(&r);
	}
	sweep_end(&s, NEEDS_ALL);
	deny(&r);
	detach_and_stop();
}

/*
 * Memory of the target that takes memory to be read. Where that fails, it is
 * read again, byte by byte, before it is EFAULT.
 */
static void fetch_in_the_target(void **state)
{
	struct sweep s = { .name = "FETCH, the target" };
	struct seccomp_pin_query before;
	struct seccomp_pin_receive r;
	int err;

	(void)state;
	untouched = shared_memory(SLOT_PAGES * PAGE);
	start(trap_open);
	attach();
	trap(&r);
	s.fd = fail_open(r.pid);
	before = pin_query(&pin);
	while (sweep_next(&s)) {
		struct seccomp_pin_fetch fetch = {
			.id = r.id,
			.address = (uintptr_t)untouched + s.rounds * PAGE,
			.kind = SECCOMP_PIN_BYTES,
			.len = 16,
		};

		assert_true(s.rounds < SLOT_PAGES);
		sweep_arm(&s);
		err = pin_fetch(&pin, &fetch);
		sweep_done(&s, err == -EFAULT ? -ENOMEM : err);
		assert_query(&before);
		assert_waits(&r);
		assert_int_equal(pin_fetch(&pin, &fetch), 0);
		assert_memory_equal(pin_slot(&pin, &r), untouched + s.rounds * PAGE,
				    fetch.len);
	}
	sweep_end(&s, NEEDS_SOME);
	deny(&r);
	detach_and_stop();
	munmap(untouched, SLOT_PAGES * PAGE);
}

static int install_one(const struct seccomp_pin_receive *r)
{
	struct seccomp_pin_install install = {
		.id = r->id,
		.length = PAGE,
		.timeout = SECCOMP_PIN_MAX_TIMEOUT,
	};

	return pin_ioctl(pin.fd, SECCOMP_PIN_INSTALL, &install);
}

static void assert_installed(struct seccomp_pin_query *before, int err)
{
	if (!err)
		before->windows++;
	assert_query(before);
}

static void install(void **state)
{
	struct sweep s = sweep_own("INSTALL");
	struct seccomp_pin_query before;
	struct seccomp_pin_receive r;
	int err;

	(void)state;
	start(trap_open);
	attach();
	trap(&r);
	before = pin_query(&pin);
	while (sweep_next(&s)) {
		sweep_arm(&s);
		err = install_one(&r);
		sweep_done(&s, err);
		assert_installed(&before, err);
		assert_waits(&r);
	}
	sweep_end(&s, NEEDS_ALL);
	deny(&r);
	detach_and_stop();
}

/*
 * With the mmap lock taken, the target does it. That is so most of the time:
 * where none of its allocations were counted, it was not, and does not count.
 */
static void install_in_the_target(void **state)
{
	struct sweep s = { .name = "INSTALL, the target" };
	struct seccomp_pin_query before;
	struct seccomp_pin_receive r;
	int err, left;

	(void)state;
	start(trap_open);
	attach();
	assert_int_equal(ask(CONTEND), 0);
	trap(&r);
	s.fd = fail_open(r.pid);
	before = pin_query(&pin);
	while (sweep_next(&s)) {
		do {
			sweep_arm(&s);
			err = install_one(&r);
			left = fail_left(s.fd);
			assert_installed(&before, err);
		} while (left == (int)s.n);
		sweep_result(&s, left, err);
		assert_waits(&r);
	}
	sweep_end(&s, NEEDS_ALL);
	deny(&r);
	assert_int_equal(ask(QUIET), 0);
	detach_and_stop();
}

/* The supervisor's part of the same */
static void install_by_the_target(void **state)
{
	struct sweep s = sweep_own("INSTALL, with the mmap lock taken");
	struct seccomp_pin_query before;
	struct seccomp_pin_receive r;
	int err;

	(void)state;
	start(trap_open);
	attach();
	assert_int_equal(ask(CONTEND), 0);
	trap(&r);
	before = pin_query(&pin);
	while (sweep_next(&s)) {
		sweep_arm(&s);
		err = install_one(&r);
		sweep_done(&s, err);
		assert_installed(&before, err);
		assert_waits(&r);
	}
	sweep_end(&s, NEEDS_ALL);
	deny(&r);
	assert_int_equal(ask(QUIET), 0);
	detach_and_stop();
}

/*
 * A larger slot that takes one more window, of an mm that has none to spare; by
 * the target if its mmap lock is taken. Where none of the target's allocations
 * were counted, it was not.
 */
static void sweep_alloc(struct sweep *s, bool contend, bool in_the_target)
{
	struct seccomp_pin_query before;
	struct seccomp_pin_receive r;
	struct seccomp_pin_alloc alloc;
	int err, left;

	start(trap_open);
	attach();
	while (sweep_next(s)) {
		do {
			order(FRESH, 0);
			assert_int_equal(reply_of().ret, 0);
			if (contend)
				assert_int_equal(ask(CONTEND), 0);
			trap(&r);
			if (in_the_target)
				s->fd = fail_open(r.pid);
			before = pin_query(&pin);
			sweep_arm(s);
			err = pin_alloc(&pin, r.id, SWEEP_WINDOW, &alloc);
			left = fail_left(s->fd);
			if (!err) {
				before.windows++;
				before.slots += SWEEP_WINDOW / SWEEP_SLOT;
			}
			assert_query(&before);
			assert_waits(&r);
			deny(&r);
			if (contend)
				assert_int_equal(ask(QUIET), 0);
			assert_true(ask(END) > 0);
			AWAIT(pin_query(&pin).targets == 0);
			if (in_the_target) {
				close(s->fd);
				s->fd = -1;
			}
		} while (in_the_target && left == (int)s->n);
		sweep_result(s, left, err);
	}
	sweep_end(s, NEEDS_ALL);
	detach_and_stop();
}

static void alloc(void **state)
{
	struct sweep s = sweep_own("ALLOC");

	(void)state;
	sweep_alloc(&s, false, false);
}

static void alloc_in_the_target(void **state)
{
	struct sweep s = { .name = "ALLOC, the target", .fd = -1 };

	(void)state;
	sweep_alloc(&s, true, true);
}

static void alloc_by_the_target(void **state)
{
	struct sweep s = sweep_own("ALLOC, with the mmap lock taken");

	(void)state;
	sweep_alloc(&s, true, false);
}

static void release(void **state)
{
	struct sweep s = sweep_own("RELEASE");
	struct seccomp_pin_receive r;
	uint64_t id;
	int err;

	(void)state;
	start(trap_open);
	attach();
	trap(&r);
	id = r.id;
	while (sweep_next(&s)) {
		sweep_arm(&s);
		err = pin_release(&pin, id);
		sweep_done(&s, err);
		assert_int_equal(err, 0);
		assert_int_equal(pin_adopt(&pin, &r, id), 0);
	}
	sweep_end(&s, NEEDS_NONE);
	deny(&r);
	detach_and_stop();
}

/* Memory that cannot be read for lack of memory is EFAULT, a pin as well. */
static int call_error(long ret)
{
	if (ret >= 0)
		return 0;
	return ret == -EFAULT ? -ENOMEM : ret;
}

/* How a redirected call ended, as its target and as its supervisor see it */
static void assert_completed(const struct reply *reply)
{
	struct seccomp_pin_completion completion;

	assert_true(reply->same);
	assert_int_equal(read(pin.fd, &completion, sizeof(completion)),
			 sizeof(completion));
	assert_int_equal(completion.how, SECCOMP_PIN_RETURNED);
	assert_int_equal(completion.retval, reply->ret);
}

/* A pointer to a place in the slot of a call, instead of its argument */
static int redirect_to(const struct seccomp_pin_receive *r, unsigned int arg,
		       uint64_t offset, uint64_t len, bool string)
{
	struct seccomp_pin_redirect redirect = {
		.id = r->id,
		.flags = SECCOMP_PIN_COMPLETION,
		.args_mask = 1 << arg,
		.ptr_mask = 1 << arg,
		.arena_mask = 1 << arg,
		.str_mask = string << arg,
	};

	redirect.args[arg] = r->slot_offset + offset;
	redirect.ptr_len[arg] = len;
	return pin_redirect(&pin, &redirect);
}

/* To a string on a page that is not there yet, to be looked at */
static void redirect(void **state)
{
	struct sweep s = sweep_own("REDIRECT");
	struct seccomp_pin_query before;
	struct seccomp_pin_receive r;
	struct reply reply;
	int err = 0;

	(void)state;
	start(trap_open);
	attach();
	while (sweep_next(&s)) {
		assert_true(s.rounds < SLOT_PAGES);
		if (!err)
			trap(&r);
		before = pin_query(&pin);
		sweep_arm(&s);
		err = redirect_to(&r, 0, s.rounds * PAGE, 1, true);
		sweep_done(&s, err);
		if (err) {
			assert_query(&before);
			assert_waits(&r);
			continue;
		}
		reply = reply_of();
		assert_int_equal(reply.ret, -ENOENT);
		assert_completed(&reply);
	}
	sweep_end(&s, NEEDS_ALL);
	detach_and_stop();
}

/* The same as one of two answers, and nothing is received: EAGAIN */
static void next(void **state)
{
	struct sweep s = sweep_own("NEXT");
	struct seccomp_pin_query before;
	struct seccomp_pin_receive r;
	struct reply reply;
	int err = 0;

	(void)state;
	start(trap_open);
	attach();
	while (sweep_next(&s)) {
		struct seccomp_pin_redirect answer = {
			.args_mask = 1,
			.ptr_mask = 1,
			.arena_mask = 1,
			.str_mask = 1,
			.ptr_len[0] = 1,
		};
		struct seccomp_pin_next n = {
			.answers = (uintptr_t)&answer,
			.size = sizeof(answer),
			.count = 1,
			.receive.flags = SECCOMP_PIN_NONBLOCK,
		};

		assert_true(s.rounds < SLOT_PAGES);
		if (!err)
			trap(&r);
		answer.id = r.id;
		answer.args[0] = r.slot_offset + s.rounds * PAGE;
		before = pin_query(&pin);
		sweep_arm(&s);
		err = pin_ioctl(pin.fd, SECCOMP_PIN_NEXT, &n);
		sweep_done(&s, n.answered ? 0 : err);
		if (!n.answered) {
			assert_query(&before);
			assert_waits(&r);
			continue;
		}
		assert_int_equal(err, -EAGAIN);
		err = 0;
		reply = reply_of();
		assert_int_equal(reply.ret, -ENOENT);
		assert_true(reply.same);
	}
	sweep_end(&s, NEEDS_ALL);
	detach_and_stop();
}

/* The call is over, or waits to be received. */
static bool replied(void)
{
	struct pollfd pollfds[] = {
		{ .fd = sockets[0], .events = POLLIN },
		{ .fd = pin.listener, .events = POLLIN },
	};

	assert_true(poll(pollfds, 2, TIME_LIMIT_MS) > 0);
	return pollfds[0].revents;
}

static void drop_all(void)
{
	struct seccomp_pin_drop drop = { .flags = SECCOMP_PIN_DROP_ALL };

	assert_int_equal(pin_ioctl(pin.fd, SECCOMP_PIN_DROP, &drop), 0);
	assert_int_equal(pin_query(&pin).verdicts, 0);
}

static int deny_and_remember(const struct seccomp_pin_receive *r)
{
	struct seccomp_pin_redirect answer = {
		.id = r->id,
		.flags = SECCOMP_PIN_DENY | SECCOMP_PIN_REMEMBER,
		.error = EUCLEAN,
	};

	return pin_redirect(&pin, &answer);
}

/*
 * An answer is given whether there is memory to remember it with or not, and a
 * verdict that there is no memory for is just not there.
 */
static void remember(void **state)
{
	struct sweep s = sweep_own("REDIRECT, remembering");
	struct seccomp_pin_receive r;
	struct reply reply;
	uint32_t verdicts;
	int err, left;

	(void)state;
	start(trap_open);
	attach();
	pin_rule_string(&pin, "open", 0);
	while (sweep_next(&s)) {
		trap(&r);
		sweep_arm(&s);
		err = deny_and_remember(&r);
		left = fail_left(s.fd);
		verdicts = pin_query(&pin).verdicts;
		sweep_result(&s, left, verdicts ? 0 : -ENOMEM);
		assert_int_equal(err, 0);
		assert_int_equal(reply_of().ret, -EUCLEAN);
		order(CALL, 0);
		assert_int_equal(replied(), verdicts);
		if (!verdicts) {
			pin_receive_call(&pin, &r, "open");
			deny(&r);
			continue;
		}
		reply = reply_of();
		assert_int_equal(reply.ret, -EUCLEAN);
		assert_true(reply.same);
		drop_all();
	}
	sweep_end(&s, NEEDS_ALL);
	detach_and_stop();
}

/*
 * A call that there is a verdict on. It makes do with the memory that the calls
 * before it had; if it ever needs some, and there is none, it is asked about.
 */
static void remembered(void **state)
{
	struct sweep s = { .name = "a call that is remembered" };
	struct seccomp_pin_receive r;
	struct reply reply;
	bool served;

	(void)state;
	start(trap_open);
	attach();
	pin_rule_string(&pin, "open", 0);
	trap(&r);
	assert_int_equal(deny_and_remember(&r), 0);
	assert_int_equal(reply_of().ret, -EUCLEAN);
	while (sweep_next(&s)) {
		order(CALL, s.n);
		served = replied();
		if (!served) {
			pin_receive_call(&pin, &r, "open");
			assert_int_equal(pin_deny(&pin, r.id, EPERM), 0);
		}
		reply = reply_of();
		sweep_result(&s, reply.left, served ? 0 : -ENOMEM);
		assert_int_equal(reply.ret, served ? -EUCLEAN : -EPERM);
		assert_true(reply.same);
		assert_int_equal(pin_query(&pin).calls, 0);
	}
	sweep_end(&s, NEEDS_NONE);
	detach_and_stop();
}

static void drop(void **state)
{
	struct sweep s = sweep_own("DROP");
	struct seccomp_pin_drop drop = { .flags = SECCOMP_PIN_DROP_ALL };
	struct seccomp_pin_receive r;
	int err;

	(void)state;
	start(trap_open);
	attach();
	while (sweep_next(&s)) {
		trap(&r);
		assert_int_equal(deny_and_remember(&r), 0);
		assert_int_equal(reply_of().ret, -EUCLEAN);
		assert_int_equal(pin_query(&pin).verdicts, 1);
		sweep_arm(&s);
		err = pin_ioctl(pin.fd, SECCOMP_PIN_DROP, &drop);
		sweep_done(&s, err);
		assert_int_equal(err, 0);
		assert_int_equal(pin_query(&pin).verdicts, 0);
	}
	sweep_end(&s, NEEDS_NONE);
	detach_and_stop();
}

static void read_of_completions(void **state)
{
	struct sweep s = sweep_own("read");
	struct seccomp_pin_completion completion;
	struct seccomp_pin_receive r;
	ssize_t n;

	(void)state;
	start(trap_open);
	attach();
	while (sweep_next(&s)) {
		trap(&r);
		assert_int_equal(redirect_to(&r, 0, 0, 1, true), 0);
		assert_int_equal(reply_of().ret, -ENOENT);
		sweep_arm(&s);
		n = read(pin.fd, &completion, sizeof(completion));
		sweep_done(&s, n < 0 ? -errno : 0);
		assert_int_equal(n, sizeof(completion));
		assert_int_equal(completion.id, r.id);
	}
	sweep_end(&s, NEEDS_NONE);
	detach_and_stop();
}

/* What can be lacking when a call is parked */
enum lack { LACK_NOTHING, LACK_RECORD, LACK_SLOT, LACK_COPY, LACKS };

static enum lack park_lacks(const struct seccomp_pin_receive *r)
{
	assert_true(!r->slot_size == !!r->slot_error);
	if (!r->slot_error)
		return r->copies[0].error ? LACK_COPY : LACK_NOTHING;
	return r->copies[0].kind ? LACK_SLOT : LACK_RECORD;
}

/* Requests for a call that is not known say so, and leave it as it is. */
static void assert_no_record(const struct seccomp_pin_receive *r)
{
	struct seccomp_pin_fetch fetch = {
		.id = r->id,
		.address = r->data.args[0],
		.kind = SECCOMP_PIN_STRING,
		.len = PAGE,
	};

	assert_int_equal(pin_query(&pin).calls, 0);
	assert_int_equal(pin_allow(&pin, r->id), -ENOMEM);
	assert_int_equal(pin_fetch(&pin, &fetch), -ENOMEM);
	assert_int_equal(install_one(r), -ENOMEM);
	assert_true(pin_pending(&pin, r->id));
}

static int park_error(const struct seccomp_pin_receive *r)
{
	switch (park_lacks(r)) {
	case LACK_NOTHING:
		return 0;
	case LACK_SLOT:
		assert_int_equal(r->copies[0].error, -ENOMEM);
		assert_int_equal(pin_query(&pin).slots, 0);
		assert_int_equal(pin_query(&pin).windows, 0);
		return r->slot_error;
	case LACK_RECORD:
		assert_no_record(r);
		return r->slot_error;
	default:
		return r->copies[0].error;
	}
}

/*
 * A target that traps for the first time: a record, a window, room for what is
 * copied. Whatever is lacking, the call is received and can be answered, its
 * arguments are what they were, and the next one lacks nothing.
 */
static void park(void **state)
{
	unsigned int lacks[LACKS] = { 0 };
	struct sweep s = { .name = "park", .until = &lacks[LACK_COPY] };
	struct seccomp_pin_receive r;

	(void)state;
	start(trap_open);
	attach();
	pin_rule_string(&pin, "open", 0);
	while (sweep_next(&s)) {
		order(FRESH, 0);
		assert_int_equal(reply_of().ret, 0);
		order(CALL, s.n);
		pin_receive_call(&pin, &r, "open");
		s.fd = fail_open(r.pid);
		sweep_done(&s, park_error(&r));
		close(s.fd);
		s.fd = -1;
		lacks[park_lacks(&r)]++;
		deny(&r);

		trap(&r);
		assert_int_equal(park_lacks(&r), LACK_NOTHING);
		assert_string_equal(pin_slot(&pin, &r) + r.copies[0].offset,
				    path);
		deny(&r);
		assert_true(ask(END) > 0);
		AWAIT(pin_query(&pin).targets == 0);
		assert_int_equal(pin_query(&pin).windows, 0);
	}
	sweep_end(&s, NEEDS_ALL);
	/* A call always has a record: there would be nobody to answer it. */
	assert_int_equal(lacks[LACK_RECORD], 0);
	assert_true(lacks[LACK_SLOT] > 0);
	assert_true(lacks[LACK_COPY] > 0);
	detach_and_stop();
}

/* The same for a call that waits when its context is attached */
static void park_late(void **state)
{
	unsigned int lacks[LACKS] = { 0 };
	struct sweep s = { .name = "park, late", .until = &lacks[LACK_SLOT] };
	struct seccomp_pin_receive r;
	uint64_t id;
	int err;

	(void)state;
	start(trap_open);
	order(CALL, 0);
	id = receive_by_listener();
	s.fd = fail_open(target.pid);
	while (sweep_next(&s)) {
		sweep_arm(&s);
		attach();
		AWAIT((err = pin_adopt(&pin, &r, id)) != -EAGAIN);
		assert_int_equal(err, 0);
		if (r.slot_error && pin_query(&pin).calls)
			lacks[LACK_SLOT]++;
		else if (r.slot_error)
			lacks[LACK_RECORD]++;
		sweep_done(&s, r.slot_error);
		pin_close(&pin);
	}
	sweep_end(&s, NEEDS_ALL);
	assert_int_equal(lacks[LACK_RECORD], 0);
	assert_true(lacks[LACK_SLOT] > 0);
	deny(&r);
	stop();
}

/* A redirected call runs out of memory: its error, its own registers */
static void redirected_open(void **state)
{
	struct sweep s = { .name = "redirected open" };
	struct seccomp_pin_receive r;
	struct reply reply;

	(void)state;
	start(trap_open);
	attach();
	s.fd = fail_open(target.pid);
	while (sweep_next(&s)) {
		trap(&r);
		strcpy(pin_slot(&pin, &r), "/dev/null");
		sweep_arm(&s);
		assert_int_equal(redirect_to(&r, 0, 0, 10, true), 0);
		reply = reply_of();
		sweep_result(&s, reply.left, call_error(reply.ret));
		assert_completed(&reply);
	}
	sweep_end(&s, NEEDS_ALL);
	detach_and_stop();
}

/* A clone is redirected, and has its parent's own registers if there is one. */
static void sweep_clone(const char *name, uint64_t flags, bool once)
{
	struct clone_args args = { .flags = flags, .exit_signal = SIGCHLD };
	struct sweep s = { .name = name, .once = once };
	struct seccomp_pin_receive r;
	struct reply reply;

	start(trap_clone3);
	attach();
	s.fd = fail_open(target.pid);
	while (sweep_next(&s)) {
		order(CLONE, 0);
		pin_receive_call(&pin, &r, "clone3");
		memcpy(pin_slot(&pin, &r), &args, sizeof(args));
		sweep_arm(&s);
		assert_int_equal(redirect_to(&r, 0, 0, sizeof(args), false), 0);
		reply = reply_of();
		sweep_result(&s, reply.left, call_error(reply.ret));
		assert_completed(&reply);
	}
	sweep_end(&s, NEEDS_ALL);
	detach_and_stop();
}

static void redirected_clone(void **state)
{
	(void)state;
	sweep_clone("redirected clone, sharing its mm", CLONE_VM | CLONE_VFORK,
		    false);
	/* Hundreds of allocations, for all that its mm has */
	sweep_clone("redirected clone", 0, true);
}

/*
 * What a forked target writes first may be its rseq area, by the kernel on its way
 * back: it has to be copied, and if there is no page for that, the target is killed
 * with SIGSEGV, and has not been told ENOMEM. So it is to have none.
 */
static int without_rseq(char **argv)
{
	static const char off[] = "glibc.pthread.rseq=0";
	const char *now = getenv("GLIBC_TUNABLES");

	if (!__rseq_size)
		return 0;
	if (!now || strcmp(now, off)) {
		setenv("GLIBC_TUNABLES", off, 1);
		execv("/proc/self/exe", argv);
	}
	fputs("there is an rseq area, whatever GLIBC_TUNABLES says\n", stderr);
	return -1;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(open_of_the_device),
		cmocka_unit_test(close_of_the_device),
		cmocka_unit_test(attach_of_a_context),
		cmocka_unit_test(rules),
		cmocka_unit_test(query),
		cmocka_unit_test(receive),
		cmocka_unit_test(fetch),
		cmocka_unit_test(fetch_in_the_target),
		cmocka_unit_test(install),
		cmocka_unit_test(install_in_the_target),
		cmocka_unit_test(install_by_the_target),
		cmocka_unit_test(alloc),
		cmocka_unit_test(alloc_in_the_target),
		cmocka_unit_test(alloc_by_the_target),
		cmocka_unit_test(release),
		cmocka_unit_test(redirect),
		cmocka_unit_test(next),
		cmocka_unit_test(remember),
		cmocka_unit_test(remembered),
		cmocka_unit_test(drop),
		cmocka_unit_test(read_of_completions),
		cmocka_unit_test(park),
		cmocka_unit_test(park_late),
		cmocka_unit_test(redirected_open),
		cmocka_unit_test(redirected_clone),
	};

	(void)argc;
	if (without_rseq(argv) || fail_setup())
		return 1;
	memset(path, '/', PATH_LEN);
	child_same = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	/* As run_group(), but it may take as long as a program can. */
	alarm(590);
	return cmocka_run_group_tests_name(__FILE__, tests, NULL, NULL);
}
