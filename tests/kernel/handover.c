// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that wait on a listener when a context is attached to it are handed over to
 * the module, whatever has been done with them by then, and nobody notices. What
 * the listener does is tried three times: unattended, with calls that were handed
 * over, and with calls that came later.
 *
 * The targets have a processor of their own, so that they can be kept from running:
 * what comes at once then comes before they have looked around.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuse.h"
#include "pin.h"
#include "storm.h"

/* Headers of Debian 12 do not have them. */
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP	(1UL << 0)
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS	SECCOMP_IOW(4, uint64_t)
#endif

#define CALLERS		32
#define HELPERS		4

#define TARGETS_CPU	0
#define OUR_CPU		1

/* Minor numbers of the files that are opened */
#define NULL_MINOR	3
#define ZERO_MINOR	5

#define PAGE		4096UL
/* What a call is told that it returns */
#define VALUE		4242
/* Numbers that no target has in use, or can use */
#define FREE_FD		77
#define NO_FD		(1U << 30)

/* What a helper has got before it has got anything; no errno */
#define BUSY		(-1000)

static const char *const traps[] = { "openat", NULL };

/**
 * struct caller - a process that makes one call
 * @go: to make it
 * @pid: its own
 * @done: the call has returned
 * @ret: what, or -errno
 * @minor: of the file that was opened, or -1
 * @handled: how often its signal handler ran
 */
struct caller {
	volatile int go;
	volatile int pid;
	volatile int done;
	volatile long ret;
	volatile int minor;
	volatile int handled;
};

/**
 * struct helper - a process of ours that asks for something meanwhile
 * @stage: 1: it is to ask; 2: it has been answered, or it is to stop asking
 * @ret: what it got
 * @count: what it is to ask for, or has; how often it has asked
 */
struct helper {
	volatile int stage;
	volatile long ret;
	volatile long count;
};

static struct seen {
	struct caller callers[CALLERS];
	struct helper helpers[HELPERS];
	int n;
	int sa_flags;
	volatile int hog;
	char path[64];
	char *elsewhere;
} *seen;

static struct target target;
static struct pin pin;
static uint64_t ids[CALLERS];
static pid_t hog, asking[HELPERS];

/* These are for all processes, tests or not. */
static void run_on(pid_t tid, int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	REQUIRE(!sched_setaffinity(tid, sizeof(cpus), &cpus));
}

static void schedule_as(int policy, int priority)
{
	struct sched_param param = { .sched_priority = priority };

	REQUIRE(!sched_setscheduler(0, policy, &param));
}

static int setup(void **state)
{
	(void)state;
	seen = shared_memory(sizeof(*seen));
	strcpy(seen->path, "/dev/zero");
	pin.fd = -1;
	run_on(0, OUR_CPU);
	return 0;
}

static int teardown(void **state)
{
	int i;

	(void)state;
	/* After a failure they may be left. */
	if (hog > 0)
		kill(hog, SIGKILL);
	hog = 0;
	for (i = 0; i < HELPERS; i++)
		if (asking[i] > 0)
			kill(asking[i], SIGKILL);
	memset(asking, 0, sizeof(asking));
	if (target.pid > 0) {
		kill(target.pid, SIGKILL);
		close(target.listener);
	}
	target.pid = 0;
	if (pin.fd >= 0)
		pin_close(&pin);
	while (wait(NULL) > 0)
		;
	return munmap(seen, sizeof(*seen));
}

/*
 * The targets
 */
static struct caller *me;

static void on_usr1(int sig)
{
	(void)sig;
	me->handled++;
}

static void make_call(struct caller *caller)
{
	struct sigaction action = {
		.sa_handler = on_usr1,
		.sa_flags = seen->sa_flags,
	};
	struct stat st;
	long fd;

	me = caller;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigaction(SIGUSR1, &action, NULL);
	caller->pid = getpid();
	while (!caller->go)
		sched_yield();
	fd = syscall(SYS_openat, AT_FDCWD, seen->elsewhere ?: seen->path,
		     O_RDONLY, 0);
	caller->ret = fd < 0 ? -errno : fd;
	caller->minor = fd >= 0 && !fstat(fd, &st) ? (int)minor(st.st_rdev) :
						     -1;
	caller->done = 1;
	for (;;)
		pause();
}

static int run_callers(void *arg)
{
	int i;

	(void)arg;
	run_on(0, TARGETS_CPU);
	for (i = 0; i < seen->n; i++)
		if (!fork())
			make_call(&seen->callers[i]);
	for (;;)
		pause();
	return 0;
}

/* As many as there are to be, none of which has made its call yet */
static void start(int n)
{
	int i;

	memset(seen->callers, 0, sizeof(seen->callers));
	memset(seen->helpers, 0, sizeof(seen->helpers));
	seen->n = n;
	assert_int_equal(target_start(&target, NULL, traps, run_callers, NULL),
			 0);
	pin.listener = target.listener;
	pin.fd = -1;
	/* From then on they end with their parent. */
	for (i = 0; i < n; i++)
		AWAIT(seen->callers[i].pid);
}

/* It makes its call, and waits in it. */
static void go(int i)
{
	struct caller *caller = &seen->callers[i];

	caller->go = 1;
	await_sleep_in(caller->pid, SYS_openat, "");
}

static int listen_recv(struct seccomp_notif *notif)
{
	memset(notif, 0, sizeof(*notif));
	return pin_ioctl(pin.listener, SECCOMP_IOCTL_NOTIF_RECV, notif);
}

/* The listener's next call is this one. */
static void recv_call(int i)
{
	struct seccomp_notif notif;

	assert_int_equal(listen_recv(&notif), 0);
	assert_int_equal(notif.pid, seen->callers[i].pid);
	assert_int_equal(notif.data.nr, SYS_openat);
	assert_int_equal(notif.data.args[1],
			 (uintptr_t)(seen->elsewhere ?: seen->path));
	ids[i] = notif.id;
}

/* Unattended: the first ones are received, the others are not. */
static void park(int n, int received)
{
	int i;

	start(n);
	for (i = 0; i < n; i++) {
		go(i);
		if (i < received)
			recv_call(i);
	}
}

static void attach(struct pin *to)
{
	pin_open(to, target.listener);
}

/* All of so many calls are the context's, and their tasks wait again. */
static void arrived(struct pin *to, unsigned int n)
{
	int i;

	AWAIT(pin_query(to).calls == n);
	for (i = 0; i < seen->n; i++)
		if (seen->callers[i].go && !seen->callers[i].done)
			await_sleep_in(seen->callers[i].pid, SYS_openat,
				       "pin_");
}

/*
 * Keep the targets from running. Not for long: the scheduler lets nobody starve for
 * a second.
 */
static void hold(void)
{
	seen->hog = 0;
	hog = fork();
	if (!hog) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* It has nothing open that is to be closed meanwhile. */
		close(target.listener);
		if (pin.fd >= 0)
			close(pin.fd);
		run_on(0, TARGETS_CPU);
		schedule_as(SCHED_FIFO, 1);
		seen->hog = 1;
		while (seen->hog != 2)
			;
		_exit(0);
	}
	await_word(&seen->hog, 1);
}

static void let_go(void)
{
	seen->hog = 2;
	assert_int_equal(await_exit(hog), 0);
	hog = 0;
}

/* The call has returned this. */
static void returned(int i, long ret)
{
	await_word(&seen->callers[i].done, 1);
	assert_int_equal(seen->callers[i].ret, ret);
}

/* It has opened this. */
static void opened(int i, int number)
{
	await_word(&seen->callers[i].done, 1);
	assert_true(seen->callers[i].ret >= 0);
	assert_int_equal(seen->callers[i].minor, number);
}

static void kill_target(void)
{
	assert_int_equal(kill(target.pid, SIGKILL), 0);
	assert_int_equal(WTERMSIG(await_exit(target.pid)), SIGKILL);
	target.pid = 0;
}

/* Nothing is left of anybody's calls. */
static void end(void)
{
	kill_target();
	if (pin.fd >= 0) {
		AWAIT(!pin_query(&pin).targets);
		assert_int_equal(pin_query(&pin).calls, 0);
		assert_int_equal(pin_query(&pin).slots, 0);
		assert_int_equal(pin_query(&pin).windows, 0);
		pin_close(&pin);
	}
	close(target.listener);
}

/*
 * What is asked of the listener
 */
static int id_valid(uint64_t id)
{
	return pin_ioctl(pin.listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id);
}

static int addfd(uint64_t id, int srcfd, unsigned int flags, unsigned int newfd)
{
	struct seccomp_notif_addfd req = {
		.id = id,
		.srcfd = srcfd,
		.flags = flags,
		.newfd = newfd,
	};

	return pin_ioctl(pin.listener, SECCOMP_IOCTL_NOTIF_ADDFD, &req);
}

static int polled(void)
{
	struct pollfd pollfd = {
		.fd = pin.listener,
		.events = POLLIN | POLLOUT,
	};

	assert_true(poll(&pollfd, 1, 0) >= 0);
	return pollfd.revents;
}

static int send_it(uint64_t id, int error, long value, unsigned int flags)
{
	struct seccomp_notif_resp resp = {
		.id = id,
		.error = error,
		.val = value,
		.flags = flags,
	};

	return pin_ioctl(pin.listener, SECCOMP_IOCTL_NOTIF_SEND, &resp);
}

/* A file that can be told from all others in a target */
static int file_called(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

/* How many descriptors a caller has of it, and the last of them */
static int has_file(int i, const char *name, int *fd)
{
	char path[288], link[64], want[64];
	struct dirent *entry;
	int count = 0;
	ssize_t len;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", seen->callers[i].pid);
	snprintf(want, sizeof(want), "/memfd:%s (deleted)", name);
	dir = opendir(path);
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%s",
			 seen->callers[i].pid, entry->d_name);
		len = readlink(path, link, sizeof(link) - 1);
		if (len < 0)
			continue;
		link[len] = '\0';
		if (strcmp(link, want))
			continue;
		count++;
		if (fd)
			assert_int_equal(sscanf(entry->d_name, "%d", fd), 1);
	}
	closedir(dir);
	return count;
}

/*
 * Helpers: each waits for stage 1, asks, and has stage 2 when it has been answered.
 */
typedef void (*helper_fn)(struct helper *helper, int i);

static pid_t helper_start(int i, helper_fn ask)
{
	struct helper *helper = &seen->helpers[i];
	pid_t pid;

	helper->stage = 0;
	helper->ret = BUSY;
	helper->count = 0;
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (!helper->stage)
			sched_yield();
		ask(helper, i);
		_exit(0);
	}
	asking[i] = pid;
	return pid;
}

static void helper_end(pid_t pid)
{
	int i;

	assert_int_equal(await_exit(pid), 0);
	for (i = 0; i < HELPERS; i++)
		if (asking[i] == pid)
			asking[i] = 0;
}

/* It has got a descriptor, and no error. */
static void asked_well(int i)
{
	if (seen->helpers[i].ret < 0)
		fail_msg("helper %d: %s", i, strerror(-seen->helpers[i].ret));
}

/* It is asking, and sleeps. */
static void helper_asks(pid_t pid, int i)
{
	seen->helpers[i].stage = 1;
	await_sleep_in(pid, SYS_ioctl, "");
}

/*
 * What the device has received, and the listener answered. slots.c is about who
 * holds it then.
 */
static void let_go_of(uint64_t id)
{
	int err = pin_release(&pin, id);

	assert_true(!err || err == -ENOENT);
	assert_int_equal(pin_release(&pin, id), -ENOENT);
}

/*
 * Calls that nobody has received
 */
static void pending_by_device(void **state)
{
	struct seccomp_pin_receive r;

	(void)state;
	/* Its id tells that it is the same: the next after the first one's. */
	park(2, 1);
	hold();
	attach(&pin);
	pin_rule_string(&pin, "openat", 1);
	let_go();
	pin_receive_call(&pin, &r, "openat");
	assert_int_equal(r.pid, seen->callers[1].pid);
	assert_int_equal(r.id, ids[0] + 1);
	assert_int_equal(r.slot_error, 0);
	assert_int_equal(r.slot_size, TEST_SLOT);
	assert_int_equal(r.copies[1].kind, SECCOMP_PIN_STRING);
	assert_int_equal(r.copies[1].error, 0);
	assert_int_equal(r.copies[1].len, sizeof("/dev/zero"));
	assert_string_equal(pin_slot(&pin, &r) + r.copies[1].offset,
			    "/dev/zero");
	strcpy(seen->path, "/dev/null");
	assert_int_equal(pin_allow_copied(&pin, r.id), 0);
	opened(1, ZERO_MINOR);
	assert_int_equal(pin_emulate(&pin, ids[0], VALUE), 0);
	returned(0, VALUE);
	end();
}

/* Without a rule that comes in time, there is a slot all the same. */
static void pending_by_device_at_once(void **state)
{
	struct seccomp_pin_receive r = { 0 };

	(void)state;
	park(1, 0);
	attach(&pin);
	assert_int_equal(pin_ioctl(pin.fd, SECCOMP_PIN_RECEIVE, &r), 0);
	assert_int_equal(r.slot_error, 0);
	assert_int_equal(r.data.nr, SYS_openat);
	assert_int_equal(pin_allow_string(&pin, &r, 1, "/dev/null"), 0);
	opened(0, NULL_MINOR);
	end();
}

static void pending_by_listener(void **state)
{
	struct seccomp_notif notif;

	(void)state;
	park(2, 1);
	attach(&pin);
	assert_int_equal(listen_recv(&notif), 0);
	assert_int_equal(notif.id, ids[0] + 1);
	assert_int_equal(notif.pid, seen->callers[1].pid);
	assert_int_equal(id_valid(notif.id), 0);
	assert_int_equal(pin_continue(&pin, notif.id), 0);
	opened(1, ZERO_MINOR);
	assert_int_equal(pin_continue(&pin, ids[0]), 0);
	opened(0, ZERO_MINOR);
	end();
}

/* What waits is received in the order of their ids, older calls first. */
static void pending_in_order(void **state)
{
	struct seccomp_pin_receive r;
	uint64_t last = 0;
	int i;

	(void)state;
	park(4, 0);
	attach(&pin);
	arrived(&pin, 4);
	for (i = 0; i < 4; i++) {
		pin_receive(&pin, &r);
		assert_int_equal(r.pid, seen->callers[i].pid);
		assert_true(!i || r.id == last + 1);
		last = r.id;
		assert_int_equal(pin_emulate(&pin, r.id, VALUE + i), 0);
		returned(i, VALUE + i);
		let_go_of(r.id);
	}
	end();
}

/* A receiver that waits for it when the context comes */
static void ask_recv(struct helper *helper, int i)
{
	struct seccomp_notif notif;

	(void)i;
	helper->ret = listen_recv(&notif);
	helper->count = notif.id;
	helper->stage = 2;
}

static void receiver_goes_on(void **state)
{
	pid_t helper;

	(void)state;
	start(1);
	helper = helper_start(0, ask_recv);
	helper_asks(helper, 0);
	attach(&pin);
	helper_asks(helper, 0);
	assert_int_equal(seen->helpers[0].ret, BUSY);
	go(0);
	helper_end(helper);
	assert_int_equal(seen->helpers[0].ret, 0);
	assert_int_equal(id_valid(seen->helpers[0].count), 0);
	assert_int_equal(pin_emulate(&pin, seen->helpers[0].count, VALUE), 0);
	returned(0, VALUE);
	end();
}

/* The same, with others that wait by the device: each gets one call. */
static void ask_receive(struct helper *helper, int i)
{
	struct seccomp_pin_receive r = { 0 };

	(void)i;
	helper->ret = pin_ioctl(pin.fd, SECCOMP_PIN_RECEIVE, &r);
	helper->count = r.id;
	helper->stage = 2;
}

static void receivers_of_both_kinds(void **state)
{
	pid_t helpers[HELPERS];
	uint64_t id;
	int i;

	(void)state;
	start(4);
	for (i = 0; i < 2; i++) {
		helpers[i] = helper_start(i, ask_recv);
		helper_asks(helpers[i], i);
	}
	attach(&pin);
	for (; i < 4; i++) {
		helpers[i] = helper_start(i, ask_receive);
		helper_asks(helpers[i], i);
	}
	for (i = 0; i < 4; i++)
		go(i);
	for (i = 0; i < 4; i++) {
		helper_end(helpers[i]);
		assert_int_equal(seen->helpers[i].ret, 0);
	}
	assert_int_equal(polled(), POLLOUT);
	for (i = 0; i < 4; i++) {
		id = seen->helpers[i].count;
		assert_int_equal(pin_emulate(&pin, id, VALUE), 0);
		assert_int_equal(id_valid(id), -ENOENT);
		if (i < 2)
			assert_int_equal(pin_release(&pin, id), -ENOENT);
		else
			let_go_of(id);
	}
	for (i = 0; i < 4; i++)
		returned(i, VALUE);
	end();
}

/*
 * Calls that were received: at once, before their tasks have looked around, or when
 * they have
 */
enum when { HELD, AT_ONCE, LATER, NR_WHEN };

static void hand_over(int n, int received, enum when when)
{
	park(n, received);
	if (when == HELD)
		hold();
	attach(&pin);
	if (when == LATER)
		arrived(&pin, n);
}

static void go_on(enum when when)
{
	if (when == HELD)
		let_go();
}

static void received_is_valid(void **state)
{
	enum when when;

	(void)state;
	for (when = HELD; when < NR_WHEN; when++) {
		hand_over(1, 1, when);
		assert_int_equal(id_valid(ids[0]), 0);
		assert_int_equal(id_valid(ids[0] + 1), -ENOENT);
		assert_int_equal(polled(), POLLOUT);
		go_on(when);
		assert_int_equal(id_valid(ids[0]), 0);
		assert_int_equal(pin_emulate(&pin, ids[0], VALUE), 0);
		assert_int_equal(polled(), 0);
		assert_int_equal(id_valid(ids[0]), -ENOENT);
		returned(0, VALUE);
		end();
	}
}

/* All kinds of answers of the listener */
static void received_is_answered(void **state)
{
	enum when when;

	(void)state;
	for (when = HELD; when < NR_WHEN; when++) {
		hand_over(3, 3, when);
		assert_int_equal(send_it(ids[0], 0, VALUE, 0), 0);
		assert_int_equal(send_it(ids[1], -EUCLEAN, 0, 0), 0);
		assert_int_equal(send_it(ids[2], 0, 0,
					 SECCOMP_USER_NOTIF_FLAG_CONTINUE), 0);
		go_on(when);
		returned(0, VALUE);
		returned(1, -EUCLEAN);
		opened(2, ZERO_MINOR);
		end();
	}
}

/* One that is answered when its task has not come is answered once. */
static void received_is_answered_once(void **state)
{
	(void)state;
	hand_over(1, 1, HELD);
	assert_int_equal(send_it(ids[0], 0, VALUE, 0), 0);
	assert_int_equal(send_it(ids[0], 0, VALUE + 1, 0), -EINPROGRESS);
	assert_int_equal(addfd(ids[0], 0, 0, 0), -EINPROGRESS);
	assert_int_equal(id_valid(ids[0]), -ENOENT);
	assert_int_equal(polled(), 0);
	go_on(HELD);
	returned(0, VALUE);
	assert_int_equal(send_it(ids[0], 0, VALUE + 1, 0), -ENOENT);
	end();
}

/* An answer counts, whatever is closed behind it. */
static void answered_and_closed(bool attended, bool device_first)
{
	park(2, 2);
	hold();
	if (attended)
		attach(&pin);
	assert_int_equal(send_it(ids[0], 0, VALUE, 0), 0);
	assert_int_equal(send_it(ids[1], 0, 0,
				 SECCOMP_USER_NOTIF_FLAG_CONTINUE), 0);
	if (attended && device_first)
		pin_close(&pin);
	assert_int_equal(close(target.listener), 0);
	if (attended && !device_first)
		pin_close(&pin);
	let_go();
	returned(0, VALUE);
	opened(1, ZERO_MINOR);
	kill_target();
}

static void control_answer_before_the_close(void **state)
{
	(void)state;
	answered_and_closed(false, false);
}

static void answer_before_the_close(void **state)
{
	(void)state;
	answered_and_closed(true, true);
	answered_and_closed(true, false);
}

/* And what was not answered fails as ever. */
static void closed_without_an_answer(void **state)
{
	enum when when;

	(void)state;
	for (when = HELD; when < NR_WHEN; when++) {
		hand_over(2, 1, when);
		assert_int_equal(close(target.listener), 0);
		go_on(when);
		returned(0, -ENOSYS);
		returned(1, -ENOSYS);
		AWAIT(!pin_query(&pin).calls);
		pin_close(&pin);
		kill_target();
	}
}

static void ask_addfd(struct helper *helper, int i)
{
	char name[16];

	snprintf(name, sizeof(name), "helper%d", i);
	helper->ret = addfd(ids[0], file_called(name), 0, 0);
	helper->stage = 2;
}

static void ask_addfd_send(struct helper *helper, int i)
{
	helper->ret = addfd(ids[i], file_called("sent"),
			    SECCOMP_ADDFD_FLAG_SEND, 0);
	helper->stage = 2;
}

static void received_gets_files(void **state)
{
	enum when when;
	pid_t helpers[2];
	int fd = -1;

	(void)state;
	for (when = HELD; when < NR_WHEN; when++) {
		park(2, 2);
		helpers[0] = helper_start(0, ask_addfd);
		helpers[1] = helper_start(1, ask_addfd_send);
		if (when == HELD)
			hold();
		attach(&pin);
		if (when == LATER)
			arrived(&pin, 2);
		if (when == HELD) {
			helper_asks(helpers[0], 0);
			helper_asks(helpers[1], 1);
			let_go();
		}
		seen->helpers[0].stage = 1;
		helper_end(helpers[0]);
		assert_true(seen->helpers[0].ret >= 0);
		assert_int_equal(has_file(0, "helper0", &fd), 1);
		assert_int_equal(fd, seen->helpers[0].ret);
		assert_int_equal(id_valid(ids[0]), 0);
		assert_false(seen->callers[0].done);

		seen->helpers[1].stage = 1;
		helper_end(helpers[1]);
		returned(1, seen->helpers[1].ret);
		assert_int_equal(has_file(1, "sent", &fd), 1);
		assert_int_equal(fd, seen->helpers[1].ret);
		assert_int_equal(id_valid(ids[1]), -ENOENT);

		assert_int_equal(pin_continue(&pin, ids[0]), 0);
		opened(0, ZERO_MINOR);
		end();
	}
}

/* Adopted at once: with what the rules copy, if they were there in time */
static void received_is_adopted(void **state)
{
	struct seccomp_pin_redirect redirect = { .flags = SECCOMP_PIN_COPIED };
	struct seccomp_pin_receive r;

	(void)state;
	hand_over(1, 1, HELD);
	pin_rule_string(&pin, "openat", 1);
	let_go();
	assert_int_equal(pin_adopt(&pin, &r, ids[0]), 0);
	assert_int_equal(r.id, ids[0]);
	assert_int_equal(r.pid, seen->callers[0].pid);
	assert_int_equal(r.data.nr, SYS_openat);
	assert_int_equal(r.slot_error, 0);
	assert_int_equal(r.slot_size, TEST_SLOT);
	assert_int_equal(r.copies[1].error, 0);
	assert_string_equal(pin_slot(&pin, &r) + r.copies[1].offset,
			    "/dev/zero");
	assert_int_equal(pin_query(&pin).slots, 1);
	strcpy(seen->path, "/dev/null");
	redirect.id = ids[0];
	assert_int_equal(pin_ioctl(pin.fd, SECCOMP_PIN_REDIRECT_SHORT,
				   &redirect), 0);
	opened(0, ZERO_MINOR);
	end();
}

/* Each request by its id alone, when the call has not been adopted */
static void received_is_redirected(void **state)
{
	struct seccomp_pin_redirect redirect;
	enum when when;

	(void)state;
	for (when = AT_ONCE; when < NR_WHEN; when++) {
		hand_over(4, 4, when);
		assert_int_equal(pin_allow(&pin, ids[0]), 0);
		redirect = (struct seccomp_pin_redirect){
			.id = ids[1],
			.flags = SECCOMP_PIN_COPIED,
		};
		assert_int_equal(pin_ioctl(pin.fd, SECCOMP_PIN_REDIRECT_SHORT,
					   &redirect), 0);
		redirect.id = ids[2];
		redirect.flags = SECCOMP_PIN_DENY;
		redirect.error = EUCLEAN;
		assert_int_equal(pin_redirect(&pin, &redirect), 0);
		redirect = (struct seccomp_pin_redirect){
			.id = ids[3],
			.args_mask = 1 << 2,
			.args[2] = O_DIRECTORY,
		};
		assert_int_equal(pin_redirect(&pin, &redirect), 0);
		assert_int_equal(pin_redirect(&pin, &redirect), -ENOENT);
		opened(0, ZERO_MINOR);
		opened(1, ZERO_MINOR);
		returned(2, -EUCLEAN);
		returned(3, -ENOTDIR);
		end();
	}
}

/* An answer and the next call in one request: both were handed over. */
static void received_is_answered_by_next(void **state)
{
	struct seccomp_pin_redirect redirect;
	struct seccomp_pin_next next;
	enum when when;

	(void)state;
	for (when = AT_ONCE; when < NR_WHEN; when++) {
		hand_over(2, 1, when);
		redirect = (struct seccomp_pin_redirect){
			.id = ids[0],
			.flags = SECCOMP_PIN_COPIED,
		};
		next = (struct seccomp_pin_next){
			.answers = (uintptr_t)&redirect,
			.size = SECCOMP_PIN_SHORT,
			.count = 1,
		};
		assert_int_equal(pin_ioctl(pin.fd, SECCOMP_PIN_NEXT, &next), 0);
		assert_int_equal(next.answered, 1);
		assert_int_equal(next.receive.id, ids[0] + 1);
		assert_int_equal(next.receive.slot_error, 0);
		opened(0, ZERO_MINOR);
		assert_int_equal(pin_deny(&pin, next.receive.id, EUCLEAN), 0);
		returned(1, -EUCLEAN);
		let_go_of(next.receive.id);
		end();
	}
}

/* All that can be done with a call that is held */
static void adopted_is_served(void **state)
{
	struct seccomp_pin_install install = {
		.length = TEST_WINDOW,
		.timeout = SECCOMP_PIN_MAX_TIMEOUT,
	};
	struct seccomp_pin_redirect redirect = {
		.flags = SECCOMP_PIN_COMPLETION,
	};
	struct seccomp_pin_completion completion;
	struct seccomp_pin_fetch fetch = {
		.kind = SECCOMP_PIN_STRING,
		.len = 64,
	};
	struct seccomp_pin_receive r;
	struct seccomp_pin_alloc alloc;
	enum when when;

	(void)state;
	for (when = AT_ONCE; when < NR_WHEN; when++) {
		hand_over(2, 2, when);
		assert_int_equal(pin_adopt(&pin, &r, ids[0]), 0);
		assert_int_equal(r.slot_error, 0);
		/* Received by the listener, but not by the device */
		fetch.id = ids[1];
		fetch.address = (uintptr_t)seen->path;
		fetch.len = 64;
		assert_int_equal(pin_fetch(&pin, &fetch), -EINPROGRESS);
		fetch.id = ids[0];
		assert_int_equal(pin_fetch(&pin, &fetch), 0);
		assert_int_equal(fetch.len, sizeof("/dev/zero"));
		assert_string_equal(pin_slot(&pin, &r), "/dev/zero");

		install.id = ids[0];
		install.address = 0;
		install.offset = 0;
		assert_int_equal(pin_ioctl(pin.fd, SECCOMP_PIN_INSTALL,
					   &install), 0);
		assert_true(install.address != 0);
		assert_int_equal(pin_alloc(&pin, ids[0], 2 * TEST_SLOT, &alloc),
				 0);
		assert_int_equal(alloc.size, 2 * TEST_SLOT);

		/* On a string in the window that was installed */
		strcpy((char *)pin.arena + install.offset, "/dev/null");
		redirect.id = ids[0];
		redirect.args_mask = 2;
		redirect.ptr_mask = 2;
		redirect.str_mask = 2;
		redirect.args[1] = install.address;
		redirect.ptr_len[1] = sizeof("/dev/null");
		assert_int_equal(pin_redirect(&pin, &redirect), 0);
		opened(0, NULL_MINOR);
		assert_int_equal(read(pin.fd, &completion, sizeof(completion)),
				 sizeof(completion));
		assert_int_equal(completion.id, ids[0]);
		assert_int_equal(completion.thread, r.thread);
		assert_int_equal(completion.how, SECCOMP_PIN_RETURNED);
		assert_int_equal(completion.retval, seen->callers[0].ret);

		assert_int_equal(pin_adopt(&pin, &r, ids[1]), 0);
		assert_int_equal(pin_adopt(&pin, &r, ids[1]), 0);
		assert_int_equal(pin_release(&pin, ids[1]), 0);
		assert_int_equal(pin_release(&pin, ids[1]), 0);
		assert_int_equal(pin_release(&pin, ids[1]), -ENOENT);
		assert_int_equal(pin_deny(&pin, ids[1], EUCLEAN), 0);
		returned(1, -EUCLEAN);
		assert_int_equal(pin_adopt(&pin, &r, ids[1]), -ENOENT);
		end();
	}
}

/*
 * A target whose copies take their time: the device tells so, a second later, and
 * the listener is as fast as ever.
 */
static void slow_to_look_around(void **state)
{
	struct seccomp_pin_fetch fetch = {
		.kind = SECCOMP_PIN_BYTES,
		.len = 1,
	};
	struct seccomp_pin_receive r;
	struct fuse fuse;
	int fd = -1, file;

	(void)state;
	fuse_start(&fuse);
	seen->elsewhere = fuse_map(&fuse, 0);
	assert_non_null(seen->elsewhere);
	park(3, 2);
	hold();
	attach(&pin);
	pin_rule_string(&pin, "openat", 1);
	let_go();
	AWAIT(fuse_waiting(&fuse));
	assert_int_equal(pin_adopt(&pin, &r, ids[0]), -EAGAIN);
	fetch.id = ids[0];
	fetch.address = (uintptr_t)seen;
	assert_int_equal(pin_fetch(&pin, &fetch), -EAGAIN);
	assert_int_equal(pin_allow(&pin, ids[0]), -EAGAIN);
	assert_int_equal(pin_release(&pin, ids[0]), -ENOENT);
	/* What has not been received cannot be either. */
	memset(&r, 0, sizeof(r));
	r.flags = SECCOMP_PIN_NONBLOCK;
	assert_int_equal(pin_ioctl(pin.fd, SECCOMP_PIN_RECEIVE, &r), -EAGAIN);
	assert_int_equal(id_valid(ids[0]), 0);
	assert_int_equal(id_valid(ids[1]), 0);
	assert_int_equal(polled(), POLLOUT);
	assert_int_equal(send_it(ids[1], 0, VALUE, 0), 0);
	assert_int_equal(id_valid(ids[1]), -ENOENT);
	assert_false(seen->callers[1].done);
	fuse_answer(&fuse, "/dev/zero");
	returned(1, VALUE);

	assert_int_equal(pin_adopt(&pin, &r, ids[0]), 0);
	assert_int_equal(r.copies[1].error, 0);
	assert_string_equal(pin_slot(&pin, &r) + r.copies[1].offset,
			    "/dev/zero");
	file = file_called("slow");
	assert_true(addfd(ids[0], file, 0, 0) >= 0);
	assert_int_equal(has_file(0, "slow", &fd), 1);
	close(file);
	assert_int_equal(pin_allow_copied(&pin, ids[0]), 0);
	opened(0, ZERO_MINOR);
	pin_receive(&pin, &r);
	assert_int_equal(r.id, ids[1] + 1);
	assert_int_equal(r.copies[1].error, 0);
	assert_int_equal(pin_allow_copied(&pin, r.id), 0);
	opened(2, ZERO_MINOR);
	end();
	munmap(seen->elsewhere, PAGE);
	fuse_stop(&fuse);
}

/*
 * While the context comes
 */
#define ROUNDS	50

static void ask_id_valid(struct helper *helper, int i)
{
	int j;

	(void)i;
	/* On one processor or the other */
	while (helper->stage == 1) {
		for (j = 0; j < seen->n; j++) {
			if (id_valid(ids[j]))
				helper->ret = -ENOENT;
			helper->count++;
		}
	}
}

static int rounds(void)
{
	return debug_kernel() ? ROUNDS / 5 : ROUNDS;
}

static void always_valid(void **state)
{
	struct seccomp_pin_receive r;
	pid_t helper;
	int round, i;
	long count;

	(void)state;
	for (round = 0; round < rounds(); round++) {
		park(3, 3);
		helper = helper_start(0, ask_id_valid);
		run_on(helper, round % 2 ? OUR_CPU : TARGETS_CPU);
		seen->helpers[0].stage = 1;
		AWAIT(seen->helpers[0].count > 3);
		attach(&pin);
		count = seen->helpers[0].count;
		for (i = 0; i < 3; i++)
			assert_int_equal(pin_adopt(&pin, &r, ids[i]), 0);
		AWAIT(seen->helpers[0].count > count + 3);
		seen->helpers[0].stage = 2;
		helper_end(helper);
		assert_int_equal(seen->helpers[0].ret, BUSY);
		for (i = 0; i < 3; i++) {
			assert_int_equal(pin_emulate(&pin, ids[i], VALUE), 0);
			returned(i, VALUE);
			let_go_of(ids[i]);
		}
		end();
	}
}

/* Each does so exactly once, before, while or after. */
#define MOST_FILES	200

static void ask_addfd_often(struct helper *helper, int i)
{
	int fd = file_called("often");

	(void)i;
	while (helper->stage == 1 && helper->count < MOST_FILES) {
		helper->ret = addfd(ids[helper->count % seen->n], fd, 0, 0);
		if (helper->ret < 0)
			break;
		helper->count++;
	}
}

static void files_while_attaching(void **state)
{
	pid_t helpers[2];
	int round, i, made;

	(void)state;
	for (round = 0; round < rounds(); round++) {
		park(3, 3);
		for (i = 0; i < 2; i++) {
			helpers[i] = helper_start(i, ask_addfd_often);
			run_on(helpers[i], (round + i) % 2 ? OUR_CPU :
							     TARGETS_CPU);
			seen->helpers[i].stage = 1;
		}
		AWAIT(seen->helpers[0].count > round % 7);
		attach(&pin);
		made = seen->helpers[0].count;
		AWAIT(seen->helpers[0].count > made + 3 ||
		      seen->helpers[0].ret < 0 ||
		      seen->helpers[0].count == MOST_FILES);
		for (i = 0; i < 2; i++) {
			seen->helpers[i].stage = 2;
			helper_end(helpers[i]);
			if (seen->helpers[i].ret != BUSY)
				asked_well(i);
		}
		for (made = 0, i = 0; i < 3; i++) {
			made += has_file(i, "often", NULL);
			assert_int_equal(pin_emulate(&pin, ids[i], VALUE), 0);
			returned(i, VALUE);
		}
		assert_int_equal(made, seen->helpers[0].count +
				       seen->helpers[1].count);
		end();
	}
}

static void answers_while_attaching(void **state)
{
	pid_t helpers[3];
	int round, i, fd = -1;

	(void)state;
	for (round = 0; round < rounds(); round++) {
		park(3, 3);
		for (i = 0; i < 3; i++) {
			helpers[i] = helper_start(i, ask_addfd_send);
			run_on(helpers[i], (round + i) % 2 ? OUR_CPU :
							     TARGETS_CPU);
		}
		for (i = 0; i < 3; i++)
			seen->helpers[i].stage = 1;
		for (i = 0; i < round % 5; i++)
			sched_yield();
		attach(&pin);
		for (i = 0; i < 3; i++) {
			helper_end(helpers[i]);
			asked_well(i);
			returned(i, seen->helpers[i].ret);
			assert_int_equal(has_file(i, "sent", &fd), 1);
			assert_int_equal(fd, seen->helpers[i].ret);
		}
		end();
	}
}

/*
 * Requests that wait for the target when the context comes. They can go on before
 * all calls have been handed over: there are many, and those who ask have the
 * targets' processor then.
 */
static void ask_addfd_first(struct helper *helper, int i)
{
	/* In this order: it could not run there before. */
	schedule_as(SCHED_FIFO, 2);
	run_on(0, TARGETS_CPU);
	ask_addfd(helper, i);
}

static void ask_addfd_send_first(struct helper *helper, int i)
{
	/* In this order: it could not run there before. */
	schedule_as(SCHED_FIFO, 2);
	run_on(0, TARGETS_CPU);
	ask_addfd_send(helper, i);
}

static void files_on_their_way(void **state)
{
	pid_t helpers[3];
	int round, i, fd = -1;

	(void)state;
	for (round = 0; round < 5; round++) {
		park(CALLERS, CALLERS);
		helpers[0] = helper_start(0, ask_addfd_first);
		helpers[1] = helper_start(1, ask_addfd_send_first);
		helpers[2] = helper_start(2, ask_addfd_send_first);
		hold();
		for (i = 0; i < 3; i++)
			helper_asks(helpers[i], i);
		attach(&pin);
		let_go();
		for (i = 0; i < 3; i++) {
			helper_end(helpers[i]);
			asked_well(i);
		}
		assert_int_equal(has_file(0, "helper0", &fd), 1);
		assert_int_equal(fd, seen->helpers[0].ret);
		for (i = 1; i < 3; i++) {
			returned(i, seen->helpers[i].ret);
			assert_int_equal(has_file(i, "sent", &fd), 1);
			assert_int_equal(fd, seen->helpers[i].ret);
		}
		for (i = 0; i < CALLERS; i++) {
			if (i == 1 || i == 2)
				continue;
			assert_int_equal(pin_emulate(&pin, ids[i], VALUE), 0);
			returned(i, VALUE);
		}
		end();
	}
}

/*
 * Signals
 */
static void interrupted(enum when when, bool restart, bool received)
{
	struct seccomp_pin_receive r;
	uint64_t id;

	seen->sa_flags = restart ? SA_RESTART : 0;
	park(2, 1 + received);
	id = ids[0] + 1;
	if (when == HELD) {
		/* It comes first, and is seen later. */
		hold();
		assert_int_equal(kill(seen->callers[1].pid, SIGUSR1), 0);
	}
	attach(&pin);
	if (when == LATER)
		arrived(&pin, 2);
	if (when == HELD)
		let_go();
	else
		assert_int_equal(kill(seen->callers[1].pid, SIGUSR1), 0);
	await_word(&seen->callers[1].handled, 1);
	assert_int_equal(id_valid(id), -ENOENT);
	assert_int_equal(send_it(id, 0, VALUE, 0), -ENOENT);
	assert_int_equal(addfd(id, 0, 0, 0), -ENOENT);
	assert_int_equal(pin_adopt(&pin, &r, id), -ENOENT);
	assert_int_equal(pin_allow(&pin, id), -ENOENT);
	if (restart) {
		pin_receive_call(&pin, &r, "openat");
		assert_int_equal(r.pid, seen->callers[1].pid);
		assert_true(r.id != id);
		assert_int_equal(r.slot_error, 0);
		assert_int_equal(pin_allow_string(&pin, &r, 1, "/dev/null"), 0);
		opened(1, NULL_MINOR);
	} else {
		returned(1, -EINTR);
	}
	assert_int_equal(polled(), POLLOUT);
	assert_int_equal(seen->callers[1].handled, 1);
	/* The other one has nothing to do with that. */
	assert_int_equal(id_valid(ids[0]), 0);
	assert_int_equal(pin_emulate(&pin, ids[0], VALUE), 0);
	returned(0, VALUE);
	assert_int_equal(polled(), 0);
	end();
}

static void signals_with_a_handler(void **state)
{
	enum when when;
	int i;

	(void)state;
	for (when = HELD; when < NR_WHEN; when++)
		for (i = 0; i < 4; i++)
			interrupted(when, i & 1, i & 2);
}

/* A call that is held is not forgotten before it is released. */
static void signal_to_an_adopted_call(void **state)
{
	struct seccomp_pin_receive r;

	(void)state;
	seen->sa_flags = SA_RESTART;
	hand_over(1, 1, AT_ONCE);
	assert_int_equal(pin_adopt(&pin, &r, ids[0]), 0);
	assert_int_equal(kill(seen->callers[0].pid, SIGUSR1), 0);
	await_word(&seen->callers[0].handled, 1);
	assert_int_equal(pin_adopt(&pin, &r, ids[0]), -ENOENT);
	assert_int_equal(id_valid(ids[0]), -ENOENT);
	pin_receive_call(&pin, &r, "openat");
	assert_true(r.id != ids[0]);
	assert_int_equal(pin_query(&pin).calls, 2);
	assert_int_equal(pin_release(&pin, ids[0]), 0);
	assert_int_equal(pin_query(&pin).calls, 1);
	assert_int_equal(pin_emulate(&pin, r.id, VALUE), 0);
	returned(0, VALUE);
	let_go_of(r.id);
	assert_int_equal(pin_query(&pin).calls, 0);
	end();
}

/* An answer that came before the signal is the answer, attended or not. */
static void answered_then_interrupted(bool attended)
{
	park(1, 1);
	hold();
	if (attended)
		attach(&pin);
	assert_int_equal(send_it(ids[0], 0, VALUE, 0), 0);
	assert_int_equal(kill(seen->callers[0].pid, SIGUSR1), 0);
	let_go();
	returned(0, VALUE);
	assert_int_equal(seen->callers[0].handled, 1);
	end();
}

static void signal_after_the_answer(void **state)
{
	(void)state;
	answered_then_interrupted(false);
	answered_then_interrupted(true);
}

static void killed(void **state)
{
	struct seccomp_pin_receive r;
	enum when when;
	int i, adopt;

	(void)state;
	for (when = HELD; when < NR_WHEN; when++) {
		for (adopt = 0; adopt < 2; adopt++) {
			park(3, 2);
			if (when == HELD)
				hold();
			if (when == HELD && adopt)
				for (i = 1; i < 3; i++)
					kill(seen->callers[i].pid, SIGKILL);
			attach(&pin);
			if (when == LATER)
				arrived(&pin, 3);
			if (when == LATER && adopt)
				assert_int_equal(pin_adopt(&pin, &r, ids[1]),
						 0);
			for (i = 1; i < 3; i++)
				kill(seen->callers[i].pid, SIGKILL);
			go_on(when);
			for (i = 1; i < 3; i++)
				AWAIT(task_state(seen->callers[i].pid) == 'Z');
			assert_int_equal(id_valid(ids[1]), -ENOENT);
			if (when == LATER && adopt)
				assert_int_equal(pin_release(&pin, ids[1]), 0);
			AWAIT(pin_query(&pin).calls == 1);
			assert_int_equal(polled(), POLLOUT);
			assert_int_equal(send_it(ids[1], 0, 0, 0), -ENOENT);
			assert_int_equal(pin_adopt(&pin, &r, ids[1]), -ENOENT);
			assert_int_equal(pin_emulate(&pin, ids[0], VALUE), 0);
			returned(0, VALUE);
			end();
		}
	}
}

/*
 * Contexts that come and go
 */
static void device_closed_while_calls_wait(void **state)
{
	struct seccomp_pin_receive r;
	struct seccomp_notif notif;
	enum when when;

	(void)state;
	for (when = HELD; when < NR_WHEN; when++) {
		hand_over(3, 1, when);
		if (when == LATER) {
			/* The second is the device's. */
			pin_receive(&pin, &r);
			assert_int_equal(r.pid, seen->callers[1].pid);
			ids[1] = r.id;
		}
		pin_close(&pin);
		go_on(when);
		assert_int_equal(id_valid(ids[0]), 0);
		assert_int_equal(send_it(ids[0], -EUCLEAN, 0, 0), 0);
		returned(0, -EUCLEAN);
		if (when == LATER) {
			assert_int_equal(id_valid(ids[1]), 0);
			assert_int_equal(pin_continue(&pin, ids[1]), 0);
		} else {
			/* In their order, once both tasks have come. */
			await_sleep_in(seen->callers[1].pid, SYS_openat, "pin_");
			await_sleep_in(seen->callers[2].pid, SYS_openat, "pin_");
			assert_int_equal(listen_recv(&notif), 0);
			assert_int_equal(notif.id, ids[0] + 1);
			assert_int_equal(pin_continue(&pin, notif.id), 0);
		}
		opened(1, ZERO_MINOR);
		assert_int_equal(listen_recv(&notif), 0);
		assert_int_equal(notif.pid, seen->callers[2].pid);
		assert_int_equal(polled(), POLLOUT);
		assert_int_equal(pin_emulate(&pin, notif.id, VALUE), 0);
		returned(2, VALUE);
		assert_int_equal(polled(), 0);
		end();
	}
}

/* Calls that trap when there is no context wait as well. */
static void calls_between_contexts(void **state)
{
	struct seccomp_pin_receive r;
	struct seccomp_notif notif;

	(void)state;
	start(3);
	attach(&pin);
	pin_close(&pin);
	go(0);
	recv_call(0);
	go(1);
	go(2);
	assert_int_equal(listen_recv(&notif), 0);
	assert_int_equal(notif.pid, seen->callers[1].pid);
	assert_int_equal(pin_emulate(&pin, notif.id, VALUE), 0);
	returned(1, VALUE);
	attach(&pin);
	assert_int_equal(pin_adopt(&pin, &r, ids[0]), 0);
	assert_int_equal(r.slot_error, 0);
	assert_int_equal(pin_allow_string(&pin, &r, 1, "/dev/null"), 0);
	opened(0, NULL_MINOR);
	pin_receive(&pin, &r);
	assert_int_equal(r.pid, seen->callers[2].pid);
	assert_int_equal(r.slot_error, 0);
	assert_int_equal(pin_allow_string(&pin, &r, 1, "/dev/null"), 0);
	opened(2, NULL_MINOR);
	end();
}

/*
 * One context after the other, all with the same four calls: pending, received by
 * the listener, by the device, and released since
 */
static void one_context_after_the_other(void **state)
{
	struct seccomp_pin_attach again = pin_attach_default();
	struct seccomp_pin_receive r;
	struct pin other;
	int round, i;

	(void)state;
	park(4, 1);
	attach(&pin);
	arrived(&pin, 4);
	for (i = 1; i < 3; i++) {
		pin_receive(&pin, &r);
		assert_int_equal(r.pid, seen->callers[i].pid);
		ids[i] = r.id;
	}
	assert_int_equal(pin_release(&pin, ids[1]), 0);
	for (round = 0; round < 10; round++) {
		/* One at a time */
		other.fd = pin_device();
		again.listener = target.listener;
		again.arena = pin_memfd(TEST_ARENA, ARENA_SEALS, NULL);
		assert_int_equal(pin_ioctl(other.fd, SECCOMP_PIN_ATTACH,
					   &again), -EBUSY);
		close(again.arena);
		close(other.fd);
		for (i = 0; i < 3; i++)
			assert_int_equal(id_valid(ids[i]), 0);
		if (round % 3 == 2)
			hold();
		pin_close(&pin);
		attach(&pin);
		if (round % 3 == 2)
			let_go();
		for (i = 0; i < 3; i++) {
			assert_int_equal(id_valid(ids[i]), 0);
			if (round % 2)
				continue;
			assert_int_equal(pin_adopt(&pin, &r, ids[i]), 0);
			assert_int_equal(r.slot_error, 0);
			assert_int_equal(r.pid, seen->callers[i].pid);
		}
		if (round % 2)
			continue;
		arrived(&pin, 4);
		AWAIT(pin_query(&pin).slots == 4);
		assert_int_equal(pin_release(&pin, ids[0]), 0);
		AWAIT(polled() == (POLLIN | POLLOUT));
	}
	for (i = 0; i < 3; i++) {
		assert_int_equal(pin_adopt(&pin, &r, ids[i]), 0);
		assert_int_equal(pin_allow_string(&pin, &r, 1, "/dev/null"), 0);
		opened(i, NULL_MINOR);
	}
	pin_receive(&pin, &r);
	assert_int_equal(r.pid, seen->callers[3].pid);
	assert_int_equal(r.slot_error, 0);
	assert_int_equal(pin_allow_string(&pin, &r, 1, "/dev/null"), 0);
	opened(3, NULL_MINOR);
	assert_int_equal(pin_query(&pin).calls, 0);
	end();
}

/* The module stays for as long as there is a filter that it has attended. */
static void no_unload_while_attended(void **state)
{
	struct seccomp_pin_receive r;
	int round;

	(void)state;
	AWAIT(!module_refs());
	for (round = 0; round < 2; round++) {
		park(2, 1);
		attach(&pin);
		assert_int_equal(pin_adopt(&pin, &r, ids[0]), 0);
		assert_int_equal(module_unload(), -EWOULDBLOCK);
		pin_close(&pin);
		assert_int_equal(module_unload(), -EWOULDBLOCK);
		if (round) {
			attach(&pin);
			assert_int_equal(pin_adopt(&pin, &r, ids[0]), 0);
			pin_close(&pin);
			assert_int_equal(module_unload(), -EWOULDBLOCK);
		}
		assert_int_equal(pin_emulate(&pin, ids[0], VALUE), 0);
		returned(0, VALUE);
		assert_int_equal(module_unload(), -EWOULDBLOCK);
		close(target.listener);
		returned(1, -ENOSYS);
		/* A target is left, and can make calls. */
		assert_int_equal(module_unload(), -EWOULDBLOCK);
		kill_target();
		AWAIT(!module_refs());
		assert_int_equal(module_unload(), 0);
		module_load();
	}
}

/* How often a call can be held */
#define HELD_MAX	65535

static void held_too_often(void **state)
{
	struct seccomp_pin_receive r;
	int i;

	(void)state;
	start(1);
	attach(&pin);
	go(0);
	pin_receive(&pin, &r);
	ids[0] = r.id;
	for (i = 1; i < HELD_MAX; i++) {
		r.id = ids[0];
		r.flags = SECCOMP_PIN_ADOPT;
		if (pin_ioctl(pin.fd, SECCOMP_PIN_RECEIVE, &r))
			break;
	}
	assert_int_equal(i, HELD_MAX);
	for (i = 0; i < 3; i++)
		assert_int_equal(pin_adopt(&pin, &r, ids[0]), -EOVERFLOW);
	assert_int_equal(id_valid(ids[0]), 0);
	assert_int_equal(pin_query(&pin).calls, 1);
	assert_int_equal(pin_release(&pin, ids[0]), 0);
	assert_int_equal(pin_adopt(&pin, &r, ids[0]), 0);
	assert_int_equal(r.slot_error, 0);
	assert_int_equal(pin_adopt(&pin, &r, ids[0]), -EOVERFLOW);
	for (i = 0; i < 100; i++)
		assert_int_equal(pin_release(&pin, ids[0]), 0);
	assert_int_equal(pin_adopt(&pin, &r, ids[0]), 0);
	assert_int_equal(pin_allow_string(&pin, &r, 1, "/dev/null"), 0);
	opened(0, NULL_MINOR);
	/* The answer released the call once. */
	for (i = 0; i < HELD_MAX - 100; i++) {
		if (!i)
			assert_int_equal(pin_query(&pin).calls, 1);
		if (pin_release(&pin, ids[0]))
			break;
	}
	assert_int_equal(i, HELD_MAX - 100);
	assert_int_equal(pin_release(&pin, ids[0]), -ENOENT);
	assert_int_equal(pin_query(&pin).calls, 0);
	end();
}

/*
 * What the listener does is the same for its users, attended or not.
 */
enum mode { NATIVE, HANDED_OVER, ATTENDED, NR_MODES };

/* As park(), in a mode; all tasks wait where they are going to. */
static void park_in(enum mode mode, int n, int received)
{
	int i;

	if (mode != ATTENDED) {
		park(n, received);
		if (mode == HANDED_OVER) {
			attach(&pin);
			arrived(&pin, n);
		}
	} else {
		start(n);
		attach(&pin);
		for (i = 0; i < n; i++) {
			go(i);
			if (i < received)
				recv_call(i);
		}
	}
	if (received < n)
		AWAIT(polled() & POLLIN);
}

/* What is wrong with a request is said before the call is looked for, or after. */
static void malformed(enum mode mode)
{
	struct seccomp_notif_addfd addfds[3] = { 0 };
	struct seccomp_notif_resp resp = { 0 };
	struct seccomp_notif notif;
	static const char name[] = "malformed";
	uint64_t id, none;
	char *page;
	int file;

	park_in(mode, 2, 1);
	/* Made by now, so that no target has it from its start. */
	file = file_called(name);
	id = ids[0];
	none = id + 1000;

	/* Answers */
	assert_int_equal(send_it(none, 0, 0, 0), -ENOENT);
	assert_int_equal(send_it(none, 0, 0, 2), -EINVAL);
	assert_int_equal(send_it(id, 0, 0, 2), -EINVAL);
	assert_int_equal(send_it(id, 0, 0, 3), -EINVAL);
	assert_int_equal(send_it(id, 0, 1, SECCOMP_USER_NOTIF_FLAG_CONTINUE),
			 -EINVAL);
	assert_int_equal(send_it(id, -1, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE),
			 -EINVAL);
	assert_int_equal(pin_ioctl(pin.listener, SECCOMP_IOCTL_NOTIF_SEND,
				   NULL), -EFAULT);
	/* Not received yet */
	assert_int_equal(send_it(id + 1, 0, 0, 0), -EINPROGRESS);
	assert_int_equal(id_valid(id + 1), -ENOENT);
	assert_int_equal(addfd(id + 1, file, 0, 0), -EINPROGRESS);
	assert_int_equal(addfd(id + 1, file, SECCOMP_ADDFD_FLAG_SEND, 0),
			 -EINPROGRESS);

	/* Whether it is there, by both numbers of that */
	assert_int_equal(id_valid(none), -ENOENT);
	assert_int_equal(pin_ioctl(pin.listener, SECCOMP_IOCTL_NOTIF_ID_VALID,
				   NULL), -EFAULT);
	assert_int_equal(pin_ioctl(pin.listener, SECCOMP_IOR(2, __u64), &id),
			 0);
	assert_int_equal(pin_ioctl(pin.listener, SECCOMP_IOR(2, __u64), &none),
			 -ENOENT);

	/* Files */
	assert_int_equal(addfd(none, file, 0, 0), -ENOENT);
	assert_int_equal(addfd(none, file, SECCOMP_ADDFD_FLAG_SEND, 0),
			 -ENOENT);
	assert_int_equal(addfd(none, -1, 0, 0), -EBADF);
	assert_int_equal(addfd(none, -1, 4, 0), -EINVAL);
	assert_int_equal(addfd(id, file, 4, 0), -EINVAL);
	assert_int_equal(addfd(id, file, 0, 1), -EINVAL);
	assert_int_equal(addfd(id, file, SECCOMP_ADDFD_FLAG_SEND, 1), -EINVAL);
	assert_int_equal(addfd(id, -1, 0, 0), -EBADF);
	addfds[0] = (struct seccomp_notif_addfd){
		.id = id,
		.srcfd = file,
		.newfd_flags = O_NONBLOCK,
	};
	assert_int_equal(pin_ioctl(pin.listener, SECCOMP_IOCTL_NOTIF_ADDFD,
				   addfds), -EINVAL);
	addfds[0].newfd_flags = 0;
	assert_int_equal(pin_ioctl(pin.listener, SECCOMP_IOCTL_NOTIF_ADDFD,
				   NULL), -EFAULT);
	assert_int_equal(pin_ioctl(pin.listener, SECCOMP_IOW(3, uint64_t),
				   addfds), -EINVAL);
	assert_int_equal(pin_ioctl(pin.listener, SECCOMP_IOW(3, char[PAGE]),
				   addfds), -EINVAL);
	addfds[2].id = 1;
	assert_int_equal(pin_ioctl(pin.listener,
				   SECCOMP_IOW(3, struct seccomp_notif_addfd[3]),
				   addfds), -E2BIG);
	assert_int_equal(has_file(0, name, NULL), 0);
	addfds[2].id = 0;
	assert_true(pin_ioctl(pin.listener,
			      SECCOMP_IOW(3, struct seccomp_notif_addfd[3]),
			      addfds) >= 0);
	assert_int_equal(has_file(0, name, NULL), 1);

	/* Receiving: with something in the way, or nowhere to put it */
	memset(&notif, 0, sizeof(notif));
	notif.pid = 1;
	assert_int_equal(pin_ioctl(pin.listener, SECCOMP_IOCTL_NOTIF_RECV,
				   &notif), -EINVAL);
	assert_int_equal(pin_ioctl(pin.listener, SECCOMP_IOCTL_NOTIF_RECV,
				   NULL), -EFAULT);
	page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(page != MAP_FAILED);
	assert_int_equal(pin_ioctl(pin.listener, SECCOMP_IOCTL_NOTIF_RECV,
				   page), -EFAULT);
	/* It is pending again. */
	assert_int_equal(polled(), POLLIN | POLLOUT);
	assert_int_equal(id_valid(id + 1), -ENOENT);
	assert_int_equal(send_it(id + 1, 0, 0, 0), -EINPROGRESS);
	recv_call(1);
	assert_int_equal(ids[1], id + 1);
	munmap(page, PAGE);

	/* What there is not */
	assert_int_equal(pin_ioctl(pin.listener, SECCOMP_IO(9), &resp), -EINVAL);
	assert_int_equal(pin_ioctl(pin.listener, SECCOMP_PIN_QUERY, &resp),
			 -EINVAL);

	/* None of it has done anything. */
	assert_int_equal(polled(), POLLOUT);
	assert_int_equal(send_it(ids[1], 0, VALUE, 0), 0);
	returned(1, VALUE);
	assert_false(seen->callers[0].done);
	assert_int_equal(send_it(id, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE), 0);
	opened(0, ZERO_MINOR);
	/* And it is over. */
	assert_int_equal(send_it(id, 0, 0, 0), -ENOENT);
	assert_int_equal(addfd(id, file, 0, 0), -ENOENT);
	assert_int_equal(id_valid(id), -ENOENT);
	end();
	close(file);
}

/* Where files go to */
static int cloexec(int i, int fd)
{
	char path[64], line[64];
	unsigned int flags = 0;
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", seen->callers[i].pid,
		 fd);
	file = fopen(path, "r");
	assert_non_null(file);
	while (!found && fgets(line, sizeof(line), file))
		found = sscanf(line, "flags: %o", &flags) == 1;
	fclose(file);
	assert_true(found);
	return !!(flags & O_CLOEXEC);
}

static void files(enum mode mode)
{
	struct seccomp_notif_addfd req;
	int first, second, fd, at = -1;

	park_in(mode, 1, 1);
	first = file_called("first");
	second = file_called("second");
	fd = addfd(ids[0], first, 0, 0);
	assert_true(fd >= 0);
	assert_int_equal(has_file(0, "first", &at), 1);
	assert_int_equal(at, fd);
	assert_false(cloexec(0, fd));
	req = (struct seccomp_notif_addfd){
		.id = ids[0],
		.srcfd = second,
		.newfd_flags = O_CLOEXEC,
	};
	fd = pin_ioctl(pin.listener, SECCOMP_IOCTL_NOTIF_ADDFD, &req);
	assert_true(fd >= 0);
	assert_int_equal(has_file(0, "second", &at), 1);
	assert_int_equal(at, fd);
	assert_true(cloexec(0, fd));

	/* At a number, in the place of what is there */
	assert_int_equal(addfd(ids[0], first, SECCOMP_ADDFD_FLAG_SETFD,
			       FREE_FD), FREE_FD);
	assert_int_equal(has_file(0, "first", NULL), 2);
	assert_int_equal(addfd(ids[0], second, SECCOMP_ADDFD_FLAG_SETFD,
			       FREE_FD), FREE_FD);
	assert_int_equal(has_file(0, "first", NULL), 1);
	assert_int_equal(has_file(0, "second", NULL), 2);
	assert_int_equal(addfd(ids[0], first, SECCOMP_ADDFD_FLAG_SETFD, 0), 0);
	assert_int_equal(has_file(0, "first", NULL), 2);

	/* Where there can be none: with SEND, the call waits on. */
	assert_int_equal(addfd(ids[0], first, SECCOMP_ADDFD_FLAG_SETFD, NO_FD),
			 -EBADF);
	assert_int_equal(addfd(ids[0], first, SECCOMP_ADDFD_FLAG_SETFD |
			       SECCOMP_ADDFD_FLAG_SEND, NO_FD), -EBADF);
	assert_int_equal(id_valid(ids[0]), 0);
	assert_int_equal(polled(), POLLOUT);
	assert_false(seen->callers[0].done);
	assert_int_equal(addfd(ids[0], first, SECCOMP_ADDFD_FLAG_SETFD |
			       SECCOMP_ADDFD_FLAG_SEND, FREE_FD), FREE_FD);
	returned(0, FREE_FD);
	assert_int_equal(has_file(0, "first", NULL), 3);
	assert_int_equal(polled(), 0);
	end();
	close(first);
	close(second);
}

/* What waits for a target that does not run */
static void ask_for_file(struct helper *helper, int i)
{
	struct sigaction action = { .sa_handler = SIG_IGN };

	(void)i;
	action.sa_handler = on_usr1;
	me = &seen->callers[0];
	sigaction(SIGUSR1, &action, NULL);
	helper->ret = addfd(ids[0], file_called("wanted"), helper->count, 0);
	helper->stage = 2;
}

static void waiting(enum mode mode)
{
	int file = file_called("other"), fd = -1;
	pid_t helpers[2];

	/* One on its way: another one may follow, but no answer with it. */
	park_in(mode, 1, 1);
	helpers[0] = helper_start(0, ask_for_file);
	hold();
	helper_asks(helpers[0], 0);
	assert_int_equal(addfd(ids[0], file, SECCOMP_ADDFD_FLAG_SEND, 0),
			 -EBUSY);
	assert_int_equal(id_valid(ids[0]), 0);
	assert_int_equal(polled(), POLLOUT);
	let_go();
	helper_end(helpers[0]);
	assert_int_equal(has_file(0, "wanted", &fd), 1);
	assert_int_equal(seen->helpers[0].ret, fd);

	/* It is taken back. */
	helpers[0] = helper_start(0, ask_for_file);
	helpers[1] = helper_start(1, ask_for_file);
	seen->helpers[1].count = SECCOMP_ADDFD_FLAG_SEND;
	hold();
	helper_asks(helpers[0], 0);
	assert_int_equal(kill(helpers[0], SIGUSR1), 0);
	helper_end(helpers[0]);
	assert_int_equal(seen->helpers[0].ret, -EINTR);
	assert_int_equal(id_valid(ids[0]), 0);

	/* An answer on its way is the only one; and is taken back. */
	helper_asks(helpers[1], 1);
	assert_int_equal(id_valid(ids[0]), -ENOENT);
	assert_int_equal(polled(), 0);
	assert_int_equal(send_it(ids[0], 0, VALUE, 0), -EINPROGRESS);
	assert_int_equal(addfd(ids[0], file, 0, 0), -EINPROGRESS);
	assert_int_equal(addfd(ids[0], file, SECCOMP_ADDFD_FLAG_SEND, 0),
			 -EINPROGRESS);
	assert_int_equal(kill(helpers[1], SIGUSR1), 0);
	helper_end(helpers[1]);
	assert_int_equal(seen->helpers[1].ret, -EINTR);
	assert_int_equal(id_valid(ids[0]), 0);
	assert_int_equal(polled(), POLLOUT);
	let_go();
	assert_int_equal(id_valid(ids[0]), 0);
	assert_false(seen->callers[0].done);
	assert_int_equal(has_file(0, "wanted", NULL), 1);

	/* An answer comes while two wait: the target does the last of them, and goes on. */
	helpers[0] = helper_start(0, ask_for_file);
	helpers[1] = helper_start(1, ask_for_file);
	hold();
	helper_asks(helpers[0], 0);
	helper_asks(helpers[1], 1);
	assert_int_equal(send_it(ids[0], 0, VALUE, 0), 0);
	let_go();
	helper_end(helpers[0]);
	helper_end(helpers[1]);
	assert_int_equal(seen->helpers[0].ret, -ESRCH);
	assert_true(seen->helpers[1].ret >= 0);
	assert_int_equal(has_file(0, "wanted", NULL), 2);
	returned(0, VALUE);

	end();
	close(file);
}

/* Answered, and the target has not run since: once is enough. */
static void answered(enum mode mode)
{
	int err;

	park_in(mode, 1, 1);
	hold();
	assert_int_equal(send_it(ids[0], 0, VALUE, 0), 0);
	assert_int_equal(polled(), 0);
	assert_int_equal(id_valid(ids[0]), -ENOENT);
	/* Which of them depends on when the target runs, unattended as well. */
	err = send_it(ids[0], 0, VALUE + 1, 0);
	assert_true(err == -EINPROGRESS || err == -ENOENT);
	if (err == -ENOENT && mode == NATIVE)
		print_message("# the target has run\n");
	err = addfd(ids[0], 0, 0, 0);
	assert_true(err == -EINPROGRESS || err == -ENOENT);
	let_go();
	returned(0, VALUE);
	end();
}

/* A target ends while somebody waits for it. */
static void killed_meanwhile(enum mode mode)
{
	pid_t helper;

	park_in(mode, 1, 1);
	helper = helper_start(0, ask_for_file);
	seen->helpers[0].count = SECCOMP_ADDFD_FLAG_SEND;
	hold();
	helper_asks(helper, 0);
	assert_int_equal(kill(seen->callers[0].pid, SIGKILL), 0);
	let_go();
	helper_end(helper);
	/* It may do it in the end. */
	assert_true(seen->helpers[0].ret == -ESRCH ||
		    seen->helpers[0].ret >= 0);
	AWAIT(id_valid(ids[0]) == -ENOENT);
	AWAIT(!polled());
	end();
}

static void flags(enum mode mode)
{
	static const unsigned long good[] = {
		SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP, 0,
		SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP,
	};
	unsigned int i;

	start(4);
	if (mode == ATTENDED)
		attach(&pin);
	for (i = 0; i < 3; i++) {
		assert_int_equal(ioctl(pin.listener,
				       SECCOMP_IOCTL_NOTIF_SET_FLAGS, good[i]),
				 0);
		go(i);
		recv_call(i);
		if (mode == HANDED_OVER && i == 1)
			attach(&pin);
		assert_int_equal(ioctl(pin.listener,
				       SECCOMP_IOCTL_NOTIF_SET_FLAGS, 2UL), -1);
		assert_int_equal(errno, EINVAL);
		assert_int_equal(ioctl(pin.listener,
				       SECCOMP_IOCTL_NOTIF_SET_FLAGS, ~0UL),
				 -1);
		assert_int_equal(errno, EINVAL);
		assert_int_equal(send_it(ids[i], 0, VALUE + i, 0), 0);
		returned(i, VALUE + i);
	}
	/* Those who sleep are woken. */
	go(3);
	recv_call(3);
	assert_int_equal(pin_continue(&pin, ids[3]), 0);
	opened(3, ZERO_MINOR);
	end();
}

/* What poll() says, for each thing that happens */
static void polling(enum mode mode)
{
	int i;

	start(3);
	if (mode == ATTENDED)
		attach(&pin);
	assert_int_equal(polled(), 0);
	go(0);
	AWAIT(polled() == POLLIN);
	recv_call(0);
	assert_int_equal(polled(), POLLOUT);
	go(1);
	AWAIT(polled() == (POLLIN | POLLOUT));
	if (mode == HANDED_OVER) {
		attach(&pin);
		AWAIT(polled() == (POLLIN | POLLOUT));
	}
	go(2);
	assert_int_equal(polled(), POLLIN | POLLOUT);
	assert_int_equal(pin_emulate(&pin, ids[0], VALUE), 0);
	AWAIT(polled() == POLLIN);
	recv_call(1);
	assert_int_equal(polled(), POLLIN | POLLOUT);
	recv_call(2);
	assert_int_equal(polled(), POLLOUT);
	/* Killed */
	assert_int_equal(kill(seen->callers[1].pid, SIGKILL), 0);
	AWAIT(task_state(seen->callers[1].pid) == 'Z');
	assert_int_equal(polled(), POLLOUT);
	kill_target();
	for (i = 0; i < 3; i++)
		AWAIT(id_valid(ids[i]) == -ENOENT);
	AWAIT(polled() == POLLHUP);
	if (mode != NATIVE)
		pin_close(&pin);
	assert_int_equal(polled(), POLLHUP);
	close(target.listener);
}

/* Those who poll are woken: who has asked before the context came as well. */
static void ask_poll(struct helper *helper, int i)
{
	struct pollfd pollfd = { .fd = pin.listener, .events = helper->count };

	(void)i;
	helper->ret = poll(&pollfd, 1, 5000);
	helper->count = pollfd.revents;
	helper->stage = 2;
}

/* One alone: nobody else has asked since the context came. */
static void poller_is_woken(enum mode mode, int events)
{
	pid_t helper;

	start(1);
	if (mode == ATTENDED)
		attach(&pin);
	helper = helper_start(0, ask_poll);
	seen->helpers[0].count = events;
	seen->helpers[0].stage = 1;
	await_sleep_in(helper, SYS_poll, "");
	if (mode == HANDED_OVER)
		attach(&pin);
	assert_int_equal(seen->helpers[0].stage, 1);
	go(0);
	if (events != POLLIN) {
		recv_call(0);
		if (events != POLLOUT) {
			assert_int_equal(seen->helpers[0].stage, 1);
			kill_target();
		}
	}
	helper_end(helper);
	assert_int_equal(seen->helpers[0].ret, 1);
	assert_int_equal(seen->helpers[0].count, events ?: POLLHUP);
	if (events)
		kill_target();
	if (mode != NATIVE)
		pin_close(&pin);
	close(target.listener);
}

static void pollers_are_woken(enum mode mode)
{
	poller_is_woken(mode, POLLIN);
	poller_is_woken(mode, POLLOUT);
	poller_is_woken(mode, 0);
}

/* Receivers: interrupted, and there is nobody left */
static void ask_recv_twice(struct helper *helper, int i)
{
	struct sigaction action = { .sa_handler = on_usr1 };
	struct seccomp_notif notif;

	(void)i;
	me = &seen->callers[0];
	sigaction(SIGUSR1, &action, NULL);
	helper->ret = listen_recv(&notif);
	helper->stage = 2;
	while (helper->stage == 2)
		sched_yield();
	helper->ret = listen_recv(&notif);
}

static void receivers(enum mode mode)
{
	pid_t helper;

	start(1);
	if (mode == ATTENDED)
		attach(&pin);
	helper = helper_start(0, ask_recv_twice);
	helper_asks(helper, 0);
	if (mode == HANDED_OVER)
		attach(&pin);
	helper_asks(helper, 0);
	assert_int_equal(kill(helper, SIGUSR1), 0);
	await_word(&seen->helpers[0].stage, 2);
	assert_int_equal(seen->helpers[0].ret, -EINTR);
	helper_asks(helper, 0);
	kill_target();
	helper_end(helper);
	assert_int_equal(seen->helpers[0].ret, -ENOENT);
	if (mode != NATIVE)
		pin_close(&pin);
	close(target.listener);
}

static void in_all_modes(void (*test)(enum mode mode))
{
	enum mode mode;

	for (mode = NATIVE; mode < NR_MODES; mode++) {
		print_message("# %s\n", mode == NATIVE ? "unattended" :
			      mode == ATTENDED ? "attended" : "handed over");
		test(mode);
	}
}

static void same_errors(void **state)
{
	(void)state;
	in_all_modes(malformed);
}

static void same_files(void **state)
{
	(void)state;
	in_all_modes(files);
}

static void same_while_waiting(void **state)
{
	(void)state;
	in_all_modes(waiting);
}

static void same_when_answered(void **state)
{
	(void)state;
	in_all_modes(answered);
}

static void same_when_killed(void **state)
{
	(void)state;
	in_all_modes(killed_meanwhile);
}

static void same_flags(void **state)
{
	(void)state;
	in_all_modes(flags);
}

static void same_polling(void **state)
{
	(void)state;
	in_all_modes(polling);
}

static void same_wake_ups(void **state)
{
	(void)state;
	in_all_modes(pollers_are_woken);
}

static void same_receivers(void **state)
{
	(void)state;
	in_all_modes(receivers);
}

#define HANDOVER_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HANDOVER_TEST(pending_by_device),
		HANDOVER_TEST(pending_by_device_at_once),
		HANDOVER_TEST(pending_by_listener),
		HANDOVER_TEST(pending_in_order),
		HANDOVER_TEST(receiver_goes_on),
		HANDOVER_TEST(receivers_of_both_kinds),
		HANDOVER_TEST(received_is_valid),
		HANDOVER_TEST(received_is_answered),
		HANDOVER_TEST(received_is_answered_once),
		HANDOVER_TEST(control_answer_before_the_close),
		HANDOVER_TEST(answer_before_the_close),
		HANDOVER_TEST(closed_without_an_answer),
		HANDOVER_TEST(received_gets_files),
		HANDOVER_TEST(received_is_adopted),
		HANDOVER_TEST(received_is_redirected),
		HANDOVER_TEST(received_is_answered_by_next),
		HANDOVER_TEST(adopted_is_served),
		HANDOVER_TEST(slow_to_look_around),
		HANDOVER_TEST(always_valid),
		HANDOVER_TEST(files_while_attaching),
		HANDOVER_TEST(answers_while_attaching),
		HANDOVER_TEST(files_on_their_way),
		HANDOVER_TEST(signals_with_a_handler),
		HANDOVER_TEST(signal_to_an_adopted_call),
		HANDOVER_TEST(signal_after_the_answer),
		HANDOVER_TEST(killed),
		HANDOVER_TEST(device_closed_while_calls_wait),
		HANDOVER_TEST(calls_between_contexts),
		HANDOVER_TEST(one_context_after_the_other),
		HANDOVER_TEST(held_too_often),
		HANDOVER_TEST(same_errors),
		HANDOVER_TEST(same_files),
		HANDOVER_TEST(same_while_waiting),
		HANDOVER_TEST(same_when_answered),
		HANDOVER_TEST(same_when_killed),
		HANDOVER_TEST(same_flags),
		HANDOVER_TEST(same_polling),
		HANDOVER_TEST(same_wake_ups),
		HANDOVER_TEST(same_receivers),
		HANDOVER_TEST(no_unload_while_attended),
	};

	return run_group(tests);
}
