// SPDX-License-Identifier: GPL-2.0-only
/*
 * Targets that wait killable can be frozen by their cgroup, with whatever answer
 * they get meanwhile, and those that wait interruptible as ever.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pinredir.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup.h"
#include "pin.h"

/* Headers of Debian 12 do not have it. */
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV	(1UL << 5)
#endif

/* Minor numbers of the files that are opened */
#define NULL_MINOR	3
#define ZERO_MINOR	5

#define VALUE		4242

/**
 * enum kind - why and since when a target waits killable, with its call received
 * @CONTEXT: the context says so
 * @FILTER: the filter says so, the device has received it
 * @FILTER_LISTENER: the same, the listener has received it
 * @CONTEXT_LATER: it waited interruptible, and was handed over to such a context
 * @FILTER_LATER: it waited killable, and was handed over
 */
enum kind { CONTEXT, FILTER, FILTER_LISTENER, CONTEXT_LATER, FILTER_LATER,
	    NR_KINDS };

static struct seen {
	volatile int go;
	volatile int done;
	volatile long ret;
	volatile int minor;
	volatile int handled;
	volatile int stage;
	int restart;
	char path[64];
} *seen;

static struct target target;
static pid_t supervisor;
static struct cgroup cgroup;
static struct pin pin;
static uint64_t id;

static int setup(void **state)
{
	(void)state;
	seen = shared_memory(sizeof(*seen));
	strcpy(seen->path, "/dev/zero");
	cgroup_start(&cgroup);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	/* After a failure they may be left. */
	if (target.pid > 0)
		kill(target.pid, SIGKILL);
	if (supervisor > 0)
		kill(supervisor, SIGKILL);
	while (wait(NULL) > 0)
		;
	cgroup_write(&cgroup, "cgroup.freeze", 0);
	cgroup_end(&cgroup);
	return munmap(seen, sizeof(*seen));
}

/*
 * The target
 */
static void on_usr1(int sig)
{
	(void)sig;
	seen->handled++;
}

static void run_openat(void)
{
	struct sigaction action = {
		.sa_handler = on_usr1,
		.sa_flags = seen->restart ? SA_RESTART : 0,
	};
	struct stat st;
	long fd;

	sigaction(SIGUSR1, &action, NULL);
	while (!seen->go)
		sched_yield();
	fd = syscall(SYS_openat, AT_FDCWD, seen->path, O_RDONLY, 0);
	seen->ret = fd < 0 ? -errno : fd;
	seen->minor = fd >= 0 && !fstat(fd, &st) ? (int)minor(st.st_rdev) : -1;
	seen->done = 1;
	for (;;)
		pause();
}

/* openat() is notified of; libseccomp 2.5 does not know the flag. */
static int trap_openat(unsigned long flags)
{
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {
		.filter = insns,
		.len = sizeof(insns) / sizeof(*insns),
	};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -1;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		       SECCOMP_FILTER_FLAG_NEW_LISTENER | flags, &prog);
}

static void start(unsigned long flags)
{
	int sockets[2], listener;

	seen->go = 0;
	seen->done = 0;
	seen->handled = 0;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
				    sockets), 0);
	target.pid = fork();
	assert_true(target.pid >= 0);
	if (!target.pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		listener = trap_openat(flags);
		if (listener < 0 ||
		    pinredir_send_listener(sockets[1], listener))
			_exit(1);
		close(listener);
		close(sockets[0]);
		close(sockets[1]);
		run_openat();
	}
	close(sockets[1]);
	target.listener = pinredir_recv_listener(sockets[0]);
	assert_true(target.listener >= 0);
	close(sockets[0]);
	pin.listener = target.listener;
	pin.fd = -1;
	cgroup_enter(&cgroup, target.pid);
}

static void attach(unsigned int flags)
{
	struct seccomp_pin_attach req = pin_attach_default();

	req.flags = flags;
	pin_open_with(&pin, target.listener, TEST_ARENA, &req);
}

static void recv_call(void)
{
	struct seccomp_notif notif;
	int err;

	/* Unattended, a call that is gone can be received once: ENOENT. */
	do {
		memset(&notif, 0, sizeof(notif));
		err = pin_ioctl(target.listener, SECCOMP_IOCTL_NOTIF_RECV,
				&notif);
	} while (err == -ENOENT && pin.fd < 0);
	assert_int_equal(err, 0);
	assert_int_equal(notif.pid, target.pid);
	assert_int_equal(notif.data.nr, SYS_openat);
	id = notif.id;
}

static void receive(struct seccomp_pin_receive *r)
{
	pin_receive_call(&pin, r, "openat");
	assert_int_equal(r->pid, target.pid);
	assert_int_equal(r->slot_error, 0);
	id = r->id;
}

/* The target's call waits, killable, and is received by the device as well. */
static void wait_as(enum kind kind, struct seccomp_pin_receive *r)
{
	start(kind == CONTEXT || kind == CONTEXT_LATER ? 0 :
	      SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
	if (kind < CONTEXT_LATER) {
		attach(kind == CONTEXT ? SECCOMP_PIN_ATTACH_KILLABLE : 0);
		seen->go = 1;
		if (kind == FILTER_LISTENER)
			recv_call();
		else
			receive(r);
	} else {
		seen->go = 1;
		recv_call();
		await_sleep(target.pid);
		attach(kind == CONTEXT_LATER ? SECCOMP_PIN_ATTACH_KILLABLE : 0);
	}
	if (kind >= FILTER_LISTENER) {
		assert_int_equal(pin_adopt(&pin, r, id), 0);
		assert_int_equal(r->slot_error, 0);
	}
	await_sleep(target.pid);
}

static void freeze(void)
{
	assert_int_equal(cgroup_write(&cgroup, "cgroup.freeze", 1), 0);
	AWAIT(cgroup_frozen(&cgroup));
}

static void thaw(void)
{
	assert_int_equal(cgroup_write(&cgroup, "cgroup.freeze", 0), 0);
	AWAIT(!cgroup_frozen(&cgroup));
}

/* It is so, and stays so for as long as others need to get something done. */
static void stays_frozen(void)
{
	int i;

	for (i = 0; i < 100; i++) {
		assert_true(cgroup_frozen(&cgroup));
		assert_false(seen->done);
		assert_int_equal(seen->handled, 0);
		sched_yield();
	}
}

static void still_waits(void)
{
	assert_true(pin_pending(&pin, id));
	assert_false(seen->done);
}

static void opened(int number)
{
	await_word(&seen->done, 1);
	assert_true(seen->ret >= 0);
	assert_int_equal(seen->minor, number);
}

static void returned(long ret)
{
	await_word(&seen->done, 1);
	assert_int_equal(seen->ret, ret);
}

static void nothing_left(void)
{
	if (pin.fd >= 0) {
		AWAIT(!pin_query(&pin).targets);
		assert_int_equal(pin_query(&pin).calls, 0);
		assert_int_equal(pin_query(&pin).slots, 0);
		pin_close(&pin);
	}
	close(target.listener);
}

static void killed(void)
{
	assert_int_equal(kill(target.pid, SIGKILL), 0);
	assert_int_equal(WTERMSIG(await_exit(target.pid)), SIGKILL);
	target.pid = 0;
}

static void end(void)
{
	killed();
	nothing_left();
}

/* Without the module it is waited for in vain. */
static void control_killable_without_a_context(void **state)
{
	int i;

	(void)state;
	start(SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
	seen->go = 1;
	recv_call();
	/* It waits killable once a signal has come, or from the start. */
	assert_int_equal(kill(target.pid, SIGUSR1), 0);
	AWAIT(task_state(target.pid) == 'D');
	assert_int_equal(cgroup_write(&cgroup, "cgroup.freeze", 1), 0);
	for (i = 0; i < 1000; i++) {
		assert_false(cgroup_frozen(&cgroup));
		sched_yield();
	}
	thaw();
	assert_int_equal(pin_continue(&pin, id), 0);
	opened(ZERO_MINOR);
	end();
}

static void frozen_and_thawed(void **state)
{
	struct seccomp_pin_receive r;
	enum kind kind;
	int i;

	(void)state;
	for (kind = 0; kind < NR_KINDS; kind++) {
		wait_as(kind, &r);
		for (i = 0; i < 10; i++) {
			freeze();
			still_waits();
			thaw();
			still_waits();
		}
		await_sleep(target.pid);
		assert_int_equal(pin_allow_string(&pin, &r, 1, "/dev/null"), 0);
		opened(NULL_MINOR);
		end();
	}
}

/* What the device has received, and the listener answered */
static void let_go_of_it(void)
{
	int err = pin_release(&pin, id);

	assert_true(!err || err == -ENOENT);
	assert_int_equal(pin_release(&pin, id), -ENOENT);
}

/* All the ways to answer: what the answer does is done after the thaw. */
static int answer(int how, const struct seccomp_pin_receive *r)
{
	struct seccomp_pin_redirect deny = {
		.id = id,
		.flags = SECCOMP_PIN_DENY,
		.error = EUCLEAN,
	};
	struct seccomp_notif_addfd addfd = {
		.id = id,
		.srcfd = STDIN_FILENO,
		.flags = SECCOMP_ADDFD_FLAG_SEND,
	};

	switch (how) {
	case 0:
		return pin_allow_string(&pin, r, 1, "/dev/null");
	case 1:
		return pin_redirect(&pin, &deny);
	case 2:
		return pin_emulate(&pin, id, VALUE);
	case 3:
		return pin_continue(&pin, id);
	default:
		return pin_ioctl(target.listener, SECCOMP_IOCTL_NOTIF_ADDFD,
				 &addfd);
	}
}

#define NR_ANSWERS	5

static void answer_has_come(int how, int ret)
{
	switch (how) {
	case 0:
		opened(NULL_MINOR);
		break;
	case 1:
		returned(-EUCLEAN);
		break;
	case 2:
		returned(VALUE);
		break;
	case 3:
		opened(ZERO_MINOR);
		break;
	default:
		returned(ret);
		break;
	}
	if (how < 2)
		assert_int_equal(pin_release(&pin, id), -ENOENT);
	else
		let_go_of_it();
}

static void answered_while_frozen(void **state)
{
	struct seccomp_pin_receive r;
	enum kind kind;
	int how, ret;

	(void)state;
	for (kind = 0; kind < NR_KINDS; kind++) {
		for (how = 0; how < NR_ANSWERS; how++) {
			wait_as(kind, &r);
			freeze();
			ret = answer(how, &r);
			assert_true(how == NR_ANSWERS - 1 ? ret >= 0 : !ret);
			assert_false(pin_pending(&pin, id));
			stays_frozen();
			assert_int_not_equal(pin_allow(&pin, id), 0);
			thaw();
			answer_has_come(how, ret);
			end();
		}
	}
}

/* Fatal signals do not wait for the thaw, with an answer or without. */
static void killed_while_frozen(void **state)
{
	struct seccomp_pin_receive r;
	enum kind kind;
	int answered;

	(void)state;
	for (kind = 0; kind < NR_KINDS; kind++) {
		for (answered = 0; answered < 2; answered++) {
			wait_as(kind, &r);
			freeze();
			if (answered)
				assert_int_equal(answer(0, &r), 0);
			killed();
			assert_false(seen->done);
			assert_false(pin_pending(&pin, id));
			assert_int_equal(pin_release(&pin, id),
					 answered ? -ENOENT : 0);
			nothing_left();
			assert_int_equal(cgroup_write(&cgroup, "cgroup.freeze",
						      0), 0);
		}
	}
}

/* Other signals do, and for the answer. */
static void signals_wait(void **state)
{
	struct seccomp_pin_receive r;
	enum kind kind;

	(void)state;
	for (kind = 0; kind < NR_KINDS; kind++) {
		wait_as(kind, &r);
		freeze();
		assert_int_equal(kill(target.pid, SIGUSR1), 0);
		stays_frozen();
		thaw();
		still_waits();
		assert_int_equal(seen->handled, 0);
		freeze();
		assert_int_equal(pin_allow_string(&pin, &r, 1, "/dev/null"), 0);
		stays_frozen();
		thaw();
		opened(NULL_MINOR);
		assert_int_equal(seen->handled, 1);
		end();
	}
}

/* What a target is asked for it does as it is frozen. */
static void works_while_frozen(void **state)
{
	struct seccomp_notif_addfd addfd = { .srcfd = STDIN_FILENO };
	struct seccomp_pin_install install = {
		.length = TEST_WINDOW,
		.timeout = SECCOMP_PIN_MAX_TIMEOUT,
	};
	struct seccomp_pin_fetch fetch = { .kind = SECCOMP_PIN_STRING };
	struct seccomp_pin_receive r;
	struct seccomp_pin_alloc alloc;
	enum kind kind;

	(void)state;
	for (kind = 0; kind < NR_KINDS; kind++) {
		wait_as(kind, &r);
		freeze();
		fetch.id = id;
		fetch.address = (uintptr_t)seen->path;
		fetch.len = 64;
		assert_int_equal(pin_fetch(&pin, &fetch), 0);
		assert_int_equal(fetch.len, sizeof("/dev/zero"));
		assert_string_equal(pin_slot(&pin, &r), "/dev/zero");
		assert_int_equal(pin_alloc(&pin, id, 2 * TEST_SLOT, &alloc), 0);
		install.id = id;
		install.address = 0;
		install.offset = 0;
		assert_int_equal(pin_ioctl(pin.fd, SECCOMP_PIN_INSTALL,
					   &install), 0);
		addfd.id = id;
		assert_true(pin_ioctl(target.listener,
				      SECCOMP_IOCTL_NOTIF_ADDFD, &addfd) >= 0);
		stays_frozen();
		still_waits();
		thaw();
		still_waits();
		assert_int_equal(pin_allow_string(&pin, &r, 1, "/dev/null"), 0);
		opened(NULL_MINOR);
		end();
	}
}

/* Not received yet: it is received as it is frozen. */
static void received_while_frozen(void **state)
{
	struct seccomp_pin_receive r;
	int by_listener;

	(void)state;
	for (by_listener = 0; by_listener < 2; by_listener++) {
		start(0);
		attach(SECCOMP_PIN_ATTACH_KILLABLE);
		seen->go = 1;
		pin_await_call(&pin);
		freeze();
		if (by_listener)
			recv_call();
		else
			receive(&r);
		still_waits();
		stays_frozen();
		assert_int_equal(pin_continue(&pin, id), 0);
		stays_frozen();
		thaw();
		opened(ZERO_MINOR);
		let_go_of_it();
		end();
	}
}

/* Into a cgroup that is frozen, and out of it */
static void moved_while_waiting(void **state)
{
	struct seccomp_pin_receive r;
	enum kind kind;

	(void)state;
	for (kind = 0; kind < NR_KINDS; kind++) {
		wait_as(kind, &r);
		cgroup_leave(&cgroup, target.pid);
		assert_int_equal(cgroup_write(&cgroup, "cgroup.freeze", 1), 0);
		still_waits();
		cgroup_enter(&cgroup, target.pid);
		AWAIT(cgroup_frozen(&cgroup));
		still_waits();
		assert_int_equal(pin_allow_string(&pin, &r, 1, "/dev/null"), 0);
		stays_frozen();
		cgroup_leave(&cgroup, target.pid);
		opened(NULL_MINOR);
		end();
		assert_int_equal(cgroup_write(&cgroup, "cgroup.freeze", 0), 0);
	}
}

/* That waited killable when there was no context, and could not be frozen */
static void frozen_by_the_handover(void **state)
{
	struct seccomp_pin_receive r;

	(void)state;
	start(SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
	seen->go = 1;
	recv_call();
	assert_int_equal(kill(target.pid, SIGUSR1), 0);
	AWAIT(task_state(target.pid) == 'D');
	assert_int_equal(cgroup_write(&cgroup, "cgroup.freeze", 1), 0);
	attach(0);
	AWAIT(cgroup_frozen(&cgroup));
	assert_int_equal(pin_adopt(&pin, &r, id), 0);
	assert_int_equal(r.slot_error, 0);
	assert_int_equal(pin_allow_string(&pin, &r, 1, "/dev/null"), 0);
	stays_frozen();
	thaw();
	opened(NULL_MINOR);
	assert_int_equal(seen->handled, 1);
	end();
}

/* Another context comes as it is frozen. */
static void next_context_while_frozen(void **state)
{
	struct seccomp_pin_receive r;
	int i;

	(void)state;
	wait_as(FILTER, &r);
	for (i = 0; i < 5; i++) {
		freeze();
		pin_close(&pin);
		assert_true(pin_pending(&pin, id));
		attach(0);
		assert_int_equal(pin_adopt(&pin, &r, id), 0);
		assert_int_equal(r.slot_error, 0);
		AWAIT(cgroup_frozen(&cgroup));
		stays_frozen();
		if (i % 2)
			thaw();
	}
	assert_int_equal(pin_allow_string(&pin, &r, 1, "/dev/null"), 0);
	stays_frozen();
	thaw();
	opened(NULL_MINOR);
	end();
}

/* Everything is closed as it is frozen. */
static void closed_while_frozen(void **state)
{
	struct seccomp_pin_receive r;
	enum kind kind;

	(void)state;
	for (kind = 0; kind < NR_KINDS; kind++) {
		wait_as(kind, &r);
		freeze();
		close(target.listener);
		stays_frozen();
		if (kind % 2)
			pin_close(&pin);
		stays_frozen();
		thaw();
		returned(-ENOSYS);
		if (pin.fd >= 0) {
			assert_int_equal(pin_release(&pin, id), 0);
			AWAIT(!pin_query(&pin).calls);
			pin_close(&pin);
		}
		target.listener = -1;
		end();
	}
}

/* With the context goes what made it wait killable: the call begins anew. */
static void device_closed_while_frozen(void **state)
{
	struct seccomp_pin_receive r;
	uint64_t old;

	(void)state;
	wait_as(CONTEXT, &r);
	old = id;
	freeze();
	pin_close(&pin);
	AWAIT(!pin_pending(&pin, old));
	AWAIT(cgroup_frozen(&cgroup));
	stays_frozen();
	thaw();
	recv_call();
	assert_true(id != old);
	assert_int_equal(pin_emulate(&pin, id, VALUE), 0);
	returned(VALUE);
	end();
}

/*
 * Interruptible: the wait ends, and the call is made anew after the thaw; as with
 * any listener.
 */
static void interruptible(bool attended, bool received)
{
	struct seccomp_pin_receive r;
	uint64_t old = 0;

	start(0);
	if (attended)
		attach(0);
	seen->go = 1;
	pin_await_call(&pin);
	if (received && attended)
		receive(&r);
	else if (received)
		recv_call();
	old = id;
	freeze();
	if (received) {
		assert_false(pin_pending(&pin, old));
		assert_int_equal(pin_continue(&pin, old), -ENOENT);
	}
	if (received && attended) {
		assert_int_equal(pin_adopt(&pin, &r, old), -ENOENT);
		assert_int_equal(pin_release(&pin, old), 0);
		assert_int_equal(pin_query(&pin).calls, 0);
	}
	stays_frozen();
	thaw();
	if (attended) {
		receive(&r);
		assert_int_equal(pin_allow_string(&pin, &r, 1, "/dev/null"), 0);
		opened(NULL_MINOR);
	} else {
		recv_call();
		assert_int_equal(pin_continue(&pin, id), 0);
		opened(ZERO_MINOR);
	}
	assert_true(!received || id != old);
	end();
}

static void control_interruptible_without_a_context(void **state)
{
	(void)state;
	interruptible(false, false);
	interruptible(false, true);
}

static void interruptible_begins_anew(void **state)
{
	(void)state;
	interruptible(true, false);
	interruptible(true, true);
}

/* It waits killable from the receive on, and not before. */
static void interruptible_until_received(void **state)
{
	struct seccomp_pin_receive r;
	int i;

	(void)state;
	start(SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
	attach(0);
	seen->go = 1;
	for (i = 0; i < 3; i++) {
		pin_await_call(&pin);
		freeze();
		assert_int_equal(pin_query(&pin).calls, 0);
		thaw();
	}
	receive(&r);
	freeze();
	still_waits();
	assert_int_equal(pin_query(&pin).calls, 1);
	thaw();
	assert_int_equal(pin_allow_string(&pin, &r, 1, "/dev/null"), 0);
	opened(NULL_MINOR);
	end();
}

/* Supervisor and target, both in it */
static void supervise(unsigned int flags)
{
	struct seccomp_pin_receive r = { 0 };

	attach(flags);
	seen->stage = 1;
	if (pin_ioctl(pin.fd, SECCOMP_PIN_RECEIVE, &r) || r.slot_error)
		_exit(1);
	seen->stage = 2;
	while (seen->stage == 2)
		;
	if (pin_allow_string(&pin, &r, 1, "/dev/null"))
		_exit(2);
	seen->stage = 4;
	/* A second one: there is none, its target ends. */
	memset(&r, 0, sizeof(r));
	_exit(pin_ioctl(pin.fd, SECCOMP_PIN_RECEIVE, &r) != -ESRCH);
}

static void supervisor_frozen_with_its_target(void **state)
{
	static const unsigned int flags[] = { SECCOMP_PIN_ATTACH_KILLABLE, 0 };
	int i, j;

	(void)state;
	for (i = 0; i < 2; i++) {
		seen->stage = 0;
		start(i ? SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV : 0);
		supervisor = fork();
		assert_true(supervisor >= 0);
		if (!supervisor) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			supervise(flags[i]);
		}
		cgroup_enter(&cgroup, supervisor);
		/* It waits for a call. */
		await_word(&seen->stage, 1);
		await_sleep(supervisor);
		for (j = 0; j < 3; j++) {
			freeze();
			thaw();
		}
		freeze();
		seen->go = 1;
		assert_int_equal(seen->stage, 1);
		thaw();
		/* It has one. */
		await_word(&seen->stage, 2);
		await_sleep(target.pid);
		for (j = 0; j < 3; j++) {
			freeze();
			thaw();
		}
		freeze();
		seen->stage = 3;
		stays_frozen();
		assert_int_equal(seen->stage, 3);
		thaw();
		opened(NULL_MINOR);
		await_word(&seen->stage, 4);
		await_sleep(supervisor);
		freeze();
		killed();
		thaw();
		assert_int_equal(await_exit(supervisor), 0);
		supervisor = 0;
		close(target.listener);
	}
}

#define FREEZE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FREEZE_TEST(control_killable_without_a_context),
		FREEZE_TEST(frozen_and_thawed),
		FREEZE_TEST(answered_while_frozen),
		FREEZE_TEST(killed_while_frozen),
		FREEZE_TEST(signals_wait),
		FREEZE_TEST(works_while_frozen),
		FREEZE_TEST(received_while_frozen),
		FREEZE_TEST(moved_while_waiting),
		FREEZE_TEST(frozen_by_the_handover),
		FREEZE_TEST(next_context_while_frozen),
		FREEZE_TEST(closed_while_frozen),
		FREEZE_TEST(device_closed_while_frozen),
		FREEZE_TEST(control_interruptible_without_a_context),
		FREEZE_TEST(interruptible_begins_anew),
		FREEZE_TEST(interruptible_until_received),
		FREEZE_TEST(supervisor_frozen_with_its_target),
	};

	return run_group(tests);
}
