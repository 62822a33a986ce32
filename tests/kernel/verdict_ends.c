// SPDX-License-Identifier: GPL-2.0-only
/*
 * Remembered verdicts: what the target sees afterwards, what the supervisor is
 * told, how many there are, and until when.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "regs.h"
#include "scene.h"
#include "storm.h"

/*
 * What the target sees afterwards, and what the supervisor is told
 */
static void i4_registers(void **state)
{
	struct scene s = scene();

	(void)state;
	open_is(ALLOWED);
	board->args[4] = 0x5555555555555555;
	board->args[5] = 0x6666666666666666;
	asked_allow(&s, 1);
	assert_true(served_how(&s, REGS) >= 0);
	assert_int_equal(board->opened, 'a');
	/* That it fails is its own affair. */
	open_is(DIRECTORY "/none");
	asked(&s);
	answer(&s, remembered(&s.r, 1));
	assert_int_equal(finished(), -ENOENT);
	assert_int_equal(served_how(&s, REGS), -ENOENT);
	open_is(FORBIDDEN);
	asked_deny(&s, EUCLEAN);
	assert_int_equal(served_how(&s, REGS), -EUCLEAN);
	scene_end(&s);
}

/* A signal in the call: its handler, and the call once more */
static void i4_signals(void **state)
{
	struct seccomp_pin_redirect redirect;
	struct scene s;
	int pipefd[2];

	(void)state;
	assert_int_equal(pipe(pipefd), 0);
	assert_int_equal(write(pipefd[1], "1", 1), 1);
	scene_start(&s, NULL, trap_read);
	call_is(SYS_read, 0x1111, (uintptr_t)board->value, 1, 0xa3, 0xa4);
	asked(&s);
	redirect = remembered(&s.r, 1);
	redirect.args_mask = 1;
	redirect.args[0] = pipefd[0];
	answer(&s, redirect);
	assert_int_equal(finished(), 1);

	order(REGS);
	await_syscall(s.target.pid, SYS_read, pipefd[0]);
	await_sleep(s.target.pid);
	assert_int_equal(kill(s.target.pid, SIGUSR1), 0);
	assert_int_equal(finished(), -EINTR);
	assert_int_equal(board->handled, 1);
	assert_true(regs_are(&board->in_handler, board->args));
	assert_int_equal(board->in_handler.ret, -EINTR);
	assert_int_equal(pin_query(&s.pin).hits, 1);

	/* It is made again, with the registers that the target had. */
	order(REGS);
	await_syscall(s.target.pid, SYS_read, pipefd[0]);
	await_sleep(s.target.pid);
	assert_int_equal(kill(s.target.pid, SIGUSR2), 0);
	await_word(&board->handled, 2);
	AWAIT(pin_query(&s.pin).hits == 3);
	assert_int_equal(write(pipefd[1], "2", 1), 1);
	assert_int_equal(finished(), 1);
	assert_int_equal(board->in_handler.args[0], 0x1111);
	no_more_notifications(&s);
	scene_end(&s);
	close(pipefd[0]);
	close(pipefd[1]);
}

/* Makes a child twice; its registers are those that its parent had. */
static int run_clone(void *arg)
{
	static const unsigned long own[6] = { 0x3f, 0, 0, 0xa3, 0xa4, 0xa5 };
	int i, status;
	long pid;

	(void)arg;
	AWAIT_HOLDS(board->turn);
	for (i = 0; i < 2; i++) {
		pid = regs_syscall(SYS_clone, own);
		if (!pid)
			_exit(regs_are(&regs_after, own) ? 42 : 43);
		HOLDS(pid > 0);
		HOLDS(regs_are(&regs_after, own));
		HOLDS(waitpid(pid, &status, __WALL) == pid);
		HOLDS(WIFEXITED(status) && WEXITSTATUS(status) == 42);
		board->done++;
	}
	return 0;
}

static void clone_flags(unsigned long flags)
{
	struct seccomp_pin_redirect redirect;
	struct scene s;

	board_make();
	assert_int_equal(target_start(&s.target, NULL, trap_clone, run_clone,
				      NULL), 0);
	scene_attach(&s, NR_VERDICTS, 16);
	board->turn = 1;
	pin_receive_call(&s.pin, &s.r, "clone");
	redirect = remembered(&s.r, 1);
	redirect.args_mask = 1;
	redirect.args[0] = flags;
	answer(&s, redirect);
	AWAIT(board->done == 2 || waits(&s));
	assert_int_equal(board->done, 2);
	assert_int_equal(pin_query(&s.pin).hits, 1);
	assert_int_equal(target_wait(&s.target), 0);
	assert_int_equal(pin_query(&s.pin).calls, 0);
	pin_close(&s.pin);
}

static void i4_children(void **state)
{
	(void)state;
	clone_flags(SIGCHLD);
	clone_flags(CLONE_VM | CLONE_VFORK | SIGCHLD);
}

static void i4_completions(void **state)
{
	struct seccomp_pin_completion completions[4];
	struct seccomp_pin_redirect redirect;
	struct scene s = scene();
	ssize_t size = sizeof(*completions);

	(void)state;
	open_is(ALLOWED);
	asked(&s);
	redirect = remembered(&s.r, 0x1122334455667788);
	redirect.flags |= SECCOMP_PIN_COMPLETION;
	answer(&s, redirect);
	assert_true(finished() >= 0);
	assert_true(served(&s) >= 0);
	assert_true(served(&s) >= 0);
	assert_int_equal(read(s.pin.fd, completions, sizeof(completions)),
			 3 * size);
	assert_int_equal(completions[0].id, s.r.id);
	assert_int_equal(completions[1].id, 0);
	assert_int_equal(completions[1].cookie, 0x1122334455667788);
	assert_int_equal(completions[1].thread, s.r.thread);
	assert_int_equal(completions[1].how, SECCOMP_PIN_RETURNED);
	assert_int_equal(completions[1].retval, board->ret);
	assert_int_equal(completions[2].id, 0);
	assert_int_equal(completions[2].thread, s.r.thread);
	scene_end(&s);
}

/* Nobody is asked less often for not reading them. */
static void i4_no_room_for_completions(void **state)
{
	struct seccomp_pin_completion completion;
	struct seccomp_pin_redirect redirect;
	struct scene s;

	(void)state;
	board_make();
	assert_int_equal(target_start(&s.target, NULL, traps, run_orders,
				      NULL), 0);
	scene_attach(&s, NR_VERDICTS, 2);
	open_is(ALLOWED);
	asked(&s);
	redirect = remembered(&s.r, 1);
	redirect.flags |= SECCOMP_PIN_COMPLETION;
	answer(&s, redirect);
	assert_true(finished() >= 0);
	assert_true(served(&s) >= 0);
	asked_once(&s);
	asked_once(&s);
	assert_int_equal(read(s.pin.fd, &completion, sizeof(completion)),
			 sizeof(completion));
	assert_true(served(&s) >= 0);
	assert_int_equal(board->opened, 'a');
	asked_once(&s);
	scene_end(&s);
}

/*
 * How many, and until when
 */
static void i6_the_table_is_bounded(void **state)
{
	struct scene s;
	int i;

	(void)state;
	board_make();
	assert_int_equal(target_start(&s.target, NULL, traps, run_orders,
				      NULL), 0);
	scene_attach(&s, 4, 0);
	for (i = 0; i < 64; i++) {
		access_is("/tmp/");
		board->path[5] = 'A' + i % 16;
		order(CALL);
		AWAIT(is_done() || waits(&s));
		if (!is_done()) {
			pin_receive(&s.pin, &s.r);
			answer(&s, denied(&s.r, 100 + i % 16));
		}
		assert_int_equal(finished(), -100 - i % 16);
		/* It is the newest, whatever had to make room. */
		assert_int_equal(served(&s), -100 - i % 16);
		assert_true(pin_query(&s.pin).verdicts >= 1);
		assert_true(pin_query(&s.pin).verdicts <= 4);
	}
	scene_end(&s);
}

static void i6_too_many_bytes(void **state)
{
	struct seccomp_pin_attach attach = pin_attach_default();
	struct seccomp_pin_rule rule = {
		SYS_faccessat2, 1, SECCOMP_PIN_BYTES_ARG, 4 * PAGE, 4
	};
	struct seccomp_pin_rules rules = { .rules = (uintptr_t)&rule, .count = 1 };
	struct scene s;

	(void)state;
	board_make();
	assert_int_equal(target_start(&s.target, NULL, traps, run_orders,
				      NULL), 0);
	attach.slot_size = 4 * PAGE;
	attach.window_size = 16 * PAGE;
	attach.verdicts = 4;
	pin_open_with(&s.pin, s.target.listener, TEST_ARENA, &attach);
	assert_int_equal(pin_ioctl(s.pin.fd, SECCOMP_PIN_RULES, &rules), 0);
	access_is("");
	board->args[1] = (uintptr_t)board->path;
	board->args[4] = SECCOMP_PIN_MAX_VERDICT;
	asked_deny(&s, EUCLEAN);
	assert_int_equal(served(&s), -EUCLEAN);
	assert_int_equal(pin_query(&s.pin).verdicts, 1);
	board->args[4]++;
	asked_deny(&s, EDOM);
	assert_int_equal(pin_query(&s.pin).verdicts, 1);
	asked_once(&s);
	scene_end(&s);
}

/* A call that has no slot, and so no bytes to be found by */
static void i6_no_slot(void **state)
{
	struct seccomp_pin_attach attach = pin_attach_default();
	struct scene s;
	unsigned int i;

	(void)state;
	board_make();
	assert_int_equal(target_start(&s.target, NULL, traps, run_orders,
				      NULL), 0);
	/* One slot, which is kept for a thread's call that nobody answers */
	attach.slot_size = TEST_SLOT;
	attach.window_size = TEST_SLOT;
	attach.windows_per_mm = 1;
	attach.verdicts = 4;
	pin_open_with(&s.pin, s.target.listener, 16 * TEST_SLOT, &attach);
	set_rules(&s);
	told(THREAD);
	access_is("/tmp");
	asked_deny(&s, EUCLEAN);
	board->who = 1;
	access_is("/dev");
	asked(&s);
	board->done = board->turn;
	board->who = 0;
	for (i = 0; i < 2; i++) {
		access_is("/tmp");
		asked(&s);
		assert_int_equal(s.r.slot_error, -ENOBUFS);
		answer(&s, denied(&s.r, EDOM));
		assert_int_equal(finished(), -EDOM);
	}
	/* The same for one that runs, without pointers */
	socket_is(AF_UNIX);
	asked(&s);
	assert_int_equal(s.r.slot_error, -ENOBUFS);
	answer(&s, remembered(&s.r, 1));
	assert_true(finished() >= 0);
	assert_int_equal(pin_query(&s.pin).verdicts, 1);
	assert_int_equal(kill(s.target.pid, SIGKILL), 0);
	assert_int_equal(target_wait(&s.target), 128 + SIGKILL);
	pin_close(&s.pin);
}

static void i7_dropped_by_cookie(void **state)
{
	struct seccomp_pin_redirect redirect;
	struct scene s = scene();
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		access_is("/tmp/0");
		board->path[5] += i;
		asked(&s);
		redirect = denied(&s.r, 100 + i);
		redirect.cookie = i / 2;
		answer(&s, redirect);
		assert_int_equal(finished(), -100 - i);
	}
	assert_int_equal(drop(&s, 5, 0), 0);
	assert_int_equal(pin_query(&s.pin).verdicts, 3);
	assert_int_equal(drop(&s, 0, 0), 0);
	assert_int_equal(pin_query(&s.pin).verdicts, 1);
	assert_int_equal(served(&s), -102);
	access_is("/tmp/0");
	asked_once(&s);
	access_is("/tmp/1");
	asked_deny(&s, EUCLEAN);
	assert_int_equal(drop(&s, 0, SECCOMP_PIN_DROP_ALL), 0);
	assert_int_equal(pin_query(&s.pin).verdicts, 0);
	asked_once(&s);
	access_is("/tmp/2");
	asked_once(&s);

	assert_int_equal(drop(&s, 1, SECCOMP_PIN_DROP_ALL), -EINVAL);
	assert_int_equal(drop(&s, 0, SECCOMP_PIN_DROP_ALL << 1), -EINVAL);
	scene_end(&s);
}

/* An answer to a call that was made before may be older than its reason. */
static void i7_answers_older_than_a_drop(void **state)
{
	struct scene s = scene();
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		access_is("/tmp");
		asked(&s);
		assert_int_equal(drop(&s, 5, i ? SECCOMP_PIN_DROP_ALL : 0),
				 i ? -EINVAL : 0);
		assert_int_equal(drop(&s, 0, SECCOMP_PIN_DROP_ALL), 0);
		answer(&s, denied(&s.r, EUCLEAN));
		assert_int_equal(finished(), -EUCLEAN);
		assert_int_equal(pin_query(&s.pin).verdicts, 0);
	}
	asked_deny(&s, EUCLEAN);
	assert_int_equal(served(&s), -EUCLEAN);
	scene_end(&s);
}

/*
 * Calls one after the other, each with its number in a register that may have
 * any value, and that the target tells before it makes the call.
 */
static int run_numbered(void *arg)
{
	unsigned long args[6];
	unsigned long n;

	(void)arg;
	AWAIT_HOLDS(board->turn);
	for (n = 1; !board->stop; n++) {
		memcpy(args, board->args, sizeof(args));
		args[4] = n;
		board->seq = n;
		HOLDS(!own_call(SYS_faccessat2, args) || board->stop);
	}
	return 0;
}

/* Let the loop's calls run by a verdict; returns whether they do now. */
static bool numbered_remember(struct scene *s)
{
	struct seccomp_pin_redirect redirect = remembered(&s->r, 1);
	uint64_t hits = pin_query(&s->pin).hits;

	redirect.any_mask = 1 << 4;
	answer(s, redirect);
	AWAIT(pin_query(&s->pin).hits > hits || waits(s));
	return pin_query(&s->pin).hits > hits;
}

/* When DROP has returned, no call that is made then runs unasked. */
static void i7_no_call_after_a_drop(void **state)
{
	unsigned int round, rounds = 300, tries;
	unsigned long seq = 0;
	struct scene s;

	(void)state;
	board_make();
	access_is("/tmp");
	assert_int_equal(target_start(&s.target, NULL, traps, run_numbered,
				      NULL), 0);
	scene_attach(&s, 4, 0);
	board->turn = 1;
	for (round = 0; round < rounds; round++) {
		pin_receive_call(&s.pin, &s.r, "faccessat2");
		/* It was about to be made when DROP returned, or is the next. */
		assert_in_range(s.r.data.args[4], seq, seq + 1);
		assert_int_equal(pin_query(&s.pin).verdicts, 0);
		/*
		 * One that was made before is not remembered. One that is made
		 * between the answer and its being entered is asked about.
		 */
		for (tries = 0; !numbered_remember(&s); tries++) {
			assert_in_range(tries, 0, 15);
			seq = s.r.data.args[4];
			pin_receive_call(&s.pin, &s.r, "faccessat2");
			assert_int_equal(s.r.data.args[4], seq + 1);
		}
		assert_int_equal(drop(&s, round % 2,
				      round % 2 ? 0 : SECCOMP_PIN_DROP_ALL), 0);
		seq = board->seq;
	}
	assert_int_equal(scene_stop(&s), 0);
}

static void i7_the_listener_is_closed(void **state)
{
	struct scene s = scene();

	(void)state;
	open_is(ALLOWED);
	asked_allow(&s, 1);
	assert_true(served(&s) >= 0);
	close(s.target.listener);
	s.target.listener = -1;
	told(REGS);
	assert_int_equal(board->ret, -ENOSYS);
	assert_true(board->same);
	assert_int_equal(pin_query(&s.pin).hits, 1);
	scene_end(&s);
}

/* The listener stays: the call waits for whoever has that. */
static void i7_the_context_is_closed(void **state)
{
	struct seccomp_notif notif = { 0 };
	struct scene s = scene();

	(void)state;
	open_is(ALLOWED);
	asked_allow(&s, 1);
	close(s.pin.fd);
	s.pin.fd = -1;
	order(REGS);
	AWAIT(is_done() || waits(&s));
	assert_false(is_done());
	assert_int_equal(pin_ioctl(s.target.listener, SECCOMP_IOCTL_NOTIF_RECV,
				   &notif), 0);
	assert_int_equal(notif.data.nr, SYS_openat2);
	assert_int_equal(pin_deny(&s.pin, notif.id, EUCLEAN), 0);
	assert_int_equal(finished(), -EUCLEAN);
	assert_int_equal(kill(s.target.pid, SIGKILL), 0);
	assert_int_equal(target_wait(&s.target), 128 + SIGKILL);
	pin_close(&s.pin);
}

/* What was for one mm goes with it; what is for all stays. */
static void i7_dead_targets(void **state)
{
	struct scene s = scene();

	(void)state;
	access_is("/tmp");
	asked_for_all(&s, EUCLEAN);
	told(FORK);
	board->who = 1;
	asked_once(&s);
	access_is("/dev");
	asked_deny(&s, EDOM);
	open_is(ALLOWED);
	asked_allow(&s, 1);
	assert_int_equal(pin_query(&s.pin).verdicts, 3);
	assert_int_equal(pin_query(&s.pin).targets, 2);
	order(END);
	AWAIT(pin_query(&s.pin).targets == 1);
	assert_int_equal(pin_query(&s.pin).verdicts, 1);
	board->done = board->turn;
	board->who = 0;
	access_is("/tmp");
	assert_int_equal(served(&s), -EUCLEAN);
	scene_end(&s);
}

/* With targets, calls and verdicts left, and without anything left of them */
static void i7_the_module_is_unloaded(void **state)
{
	struct scene s = scene();
	int refs;

	(void)state;
	open_is(ALLOWED);
	asked_allow(&s, 1);
	access_is("/tmp");
	asked_for_all(&s, EUCLEAN);
	assert_int_equal(served(&s), -EUCLEAN);
	refs = module_refs();
	assert_true(refs > 0);
	assert_int_equal(module_unload(), -EAGAIN);
	/* The context goes, its listener and its target stay. */
	pin_close(&s.pin);
	AWAIT(module_refs() < refs);
	if (!module_refs()) {
		assert_int_equal(module_unload(), 0);
		order(CALL);
		AWAIT(is_done() || waits(&s));
		assert_false(is_done());
		module_load();
	}
	assert_int_equal(kill(s.target.pid, SIGKILL), 0);
	assert_int_equal(target_wait(&s.target), 128 + SIGKILL);
}

static void run_on(pid_t tid, int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	assert_int_equal(sched_setaffinity(tid, sizeof(cpus), &cpus), 0);
}

/*
 * Nobody else runs on our processor, as long as we do not sleep. Back to what it
 * was: policy 0.
 */
static void schedule_as(int policy)
{
	struct sched_param param = { .sched_priority = !!policy };

	assert_int_equal(sched_setscheduler(0, policy, &param), 0);
}

/*
 * A thread's call waits before there is a context. It is kept from looking at
 * that until there is a verdict on the same call by another thread. Returns
 * whether that was so.
 */
static bool older_call(struct scene *s, const cpu_set_t *cpus)
{
	struct seccomp_pin_redirect redirect;
	bool late;

	board_make();
	assert_int_equal(target_start(&s->target, NULL, traps, run_orders,
				      NULL), 0);
	told(THREAD);
	board->who = 1;
	open_is(ALLOWED);
	order(CALL);
	s->pin.listener = s->target.listener;
	AWAIT(waits(s));
	await_sleep(board->tid);
	run_on(board->tid, 0);
	run_on(s->target.pid, 1);
	run_on(0, 0);
	board->who = 0;
	board->done = board->turn;
	schedule_as(SCHED_FIFO);
	scene_attach(s, NR_VERDICTS, 2);
	order(CALL);
	do {
		memset(&s->r, 0, sizeof(s->r));
		s->r.flags = SECCOMP_PIN_NONBLOCK;
	} while (pin_ioctl(s->pin.fd, SECCOMP_PIN_RECEIVE, &s->r));
	late = pin_query(&s->pin).calls == 1 && (pid_t)s->r.pid == s->target.pid;
	redirect = remembered(&s->r, 1);
	redirect.flags |= SECCOMP_PIN_COMPLETION;
	assert_int_equal(pin_redirect(&s->pin, &redirect), 0);
	while (late && !is_done())
		late = pin_query(&s->pin).calls <= 1;
	late = late && !pin_query(&s->pin).calls &&
	       pin_query(&s->pin).verdicts;
	schedule_as(SCHED_OTHER);
	assert_int_equal(sched_setaffinity(0, sizeof(*cpus), cpus), 0);
	return late;
}

static void i7_calls_older_than_the_context(void **state)
{
	struct seccomp_pin_completion completions[2];
	struct seccomp_pin_redirect redirect;
	unsigned int tries = 0;
	struct scene s;
	cpu_set_t cpus;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(cpus), &cpus), 0);
	while (!older_call(&s, &cpus)) {
		assert_true(++tries < 100);
		assert_int_equal(kill(s.target.pid, SIGKILL), 0);
		assert_int_equal(target_wait(&s.target), 128 + SIGKILL);
		pin_close(&s.pin);
	}
	/* It has been asked about, and is to be answered. */
	board->who = 9;
	board->done = board->turn - 1;
	pin_receive(&s.pin, &s.r);
	assert_int_equal(s.r.data.nr, SYS_openat2);
	assert_string_equal(pin_slot(&s.pin, &s.r) + s.r.copies[1].offset,
			    ALLOWED);
	redirect = pinned(&s.r);
	redirect.flags = SECCOMP_PIN_COMPLETION;
	answer(&s, redirect);
	assert_true(finished() >= 0);
	assert_int_equal(board->opened, 'a');
	assert_int_equal(read(s.pin.fd, completions, sizeof(completions)),
			 sizeof(completions));
	/* No place in the queue was lost by that. */
	board->who = 0;
	assert_true(served(&s) >= 0);
	assert_true(served(&s) >= 0);
	scene_end(&s);
}

/* Killed in a call that runs by a verdict */
static void i7_killed_in_the_call(void **state)
{
	struct seccomp_pin_completion completions[2];
	struct seccomp_pin_redirect redirect;
	struct scene s;
	int pipefd[2];

	(void)state;
	assert_int_equal(pipe(pipefd), 0);
	assert_int_equal(write(pipefd[1], "1", 1), 1);
	scene_start(&s, NULL, trap_read);
	call_is(SYS_read, 0x1111, (uintptr_t)board->value, 1, 0, 0);
	asked(&s);
	redirect = remembered(&s.r, 7);
	redirect.flags |= SECCOMP_PIN_COMPLETION;
	redirect.args_mask = 1;
	redirect.args[0] = pipefd[0];
	answer(&s, redirect);
	assert_int_equal(finished(), 1);
	order(CALL);
	await_syscall(s.target.pid, SYS_read, pipefd[0]);
	await_sleep(s.target.pid);
	assert_int_equal(kill(s.target.pid, SIGKILL), 0);
	assert_int_equal(target_wait(&s.target), 128 + SIGKILL);
	assert_int_equal(read(s.pin.fd, completions, sizeof(completions)),
			 sizeof(completions));
	assert_int_equal(completions[1].id, 0);
	assert_int_equal(completions[1].cookie, 7);
	assert_true(completions[1].how == SECCOMP_PIN_DIED ||
		    (completions[1].how == SECCOMP_PIN_RETURNED &&
		     completions[1].retval == -EINTR));
	assert_int_equal(pin_query(&s.pin).calls, 0);
	assert_int_equal(pin_query(&s.pin).verdicts, 0);
	assert_int_equal(pin_query(&s.pin).windows, 0);
	pin_close(&s.pin);
	close(pipefd[0]);
	close(pipefd[1]);
}

/*
 * What is malformed, and leaves the call waiting
 */
static void refused(struct scene *s, struct seccomp_pin_redirect redirect)
{
	assert_int_equal(pin_redirect(&s->pin, &redirect), -EINVAL);
	assert_true(pin_pending(&s->pin, s->r.id));
	assert_int_equal(pin_query(&s->pin).verdicts, 0);
}

#define REFUSED(from, change) do {					\
	struct seccomp_pin_redirect a = from;				\
									\
	change;								\
	refused(&s, a);							\
} while (0)

static void answers_that_are_malformed(void **state)
{
	struct scene s = scene();
	struct seccomp_pin_redirect allow, deny, plain;

	(void)state;
	open_is(ALLOWED);
	asked(&s);
	allow = remembered(&s.r, 1);
	deny = denied(&s.r, EUCLEAN);
	plain = pinned(&s.r);

	REFUSED(plain, a.cookie = 1);
	REFUSED(plain, a.any_mask = 1);
	REFUSED(plain, a.flags = SECCOMP_PIN_FOR_ALL);
	REFUSED(plain, a.error = 1);
	REFUSED(plain, a.flags = 1 << 4);
	REFUSED(plain, a.reserved[0] = 1);
	REFUSED(plain, a.reserved[2] = 1);
	REFUSED(allow, a.error = 1);
	REFUSED(allow, a.any_mask = 1 << 1);
	REFUSED(allow, a.any_mask = 1 << 2);
	REFUSED(allow, a.any_mask = 1 << 6);
	REFUSED(allow, a.any_mask = 1 << 7);
	REFUSED(allow, a.reserved[1] = 1);
	/* The pointer of an argument that nothing was copied for */
	REFUSED(allow, (a.args_mask |= 1 << 4, a.ptr_mask |= 1 << 4,
			a.arena_mask |= 1 << 4, a.ptr_len[4] = 1,
			a.args[4] = s.r.slot_offset));
	/* Somewhere else in the window */
	REFUSED(allow, a.args[1] = s.r.slot_offset + s.r.slot_size);
	REFUSED(allow, a.args[1] = s.r.slot_offset + s.r.slot_size - 1);
	REFUSED(deny, a.any_mask = 1 << 1);
	REFUSED(deny, a.error = 0);
	REFUSED(deny, a.error = 4096);
	REFUSED(deny, a.error = -1U);
	REFUSED(deny, a.flags |= SECCOMP_PIN_COMPLETION);
	REFUSED(deny, a.args_mask = 1);
	REFUSED(deny, (a.args_mask = 1, a.args[0] = 1));
	REFUSED(deny, a.args[0] = 1);
	REFUSED(deny, a.ptr_len[0] = 1);
	REFUSED(deny, (a.flags = SECCOMP_PIN_DENY, a.cookie = 1));
	/* And then it is answered. */
	answer(&s, allow);
	assert_true(finished() >= 0);
	assert_int_equal(pin_query(&s.pin).verdicts, 1);
	scene_end(&s);
}

/* Where the listener ends a call it is not known to the module by then. */
static void denied_without_remembering(void **state)
{
	struct seccomp_pin_redirect deny;
	struct scene s = scene();

	(void)state;
	open_is(ALLOWED);
	asked(&s);
	deny = denied(&s.r, EUCLEAN);
	deny.flags = SECCOMP_PIN_DENY;
	answer(&s, deny);
	assert_int_equal(finished(), -EUCLEAN);
	assert_int_equal(pin_redirect(&s.pin, &deny), -ENOENT);
	assert_int_equal(pin_query(&s.pin).verdicts, 0);
	assert_int_equal(pin_query(&s.pin).calls, 0);
	asked_once(&s);
	scene_end(&s);
}

static void contexts_without_verdicts(void **state)
{
	struct seccomp_pin_attach attach = pin_attach_default();
	int arena = pin_memfd(TEST_ARENA, ARENA_SEALS, NULL);
	struct scene s;
	int fd;

	(void)state;
	board_make();
	assert_int_equal(target_start(&s.target, NULL, traps, run_orders,
				      NULL), 0);
	fd = pin_device();
	attach.listener = s.target.listener;
	attach.arena = arena;
	attach.verdicts = SECCOMP_PIN_MAX_VERDICTS + 1;
	assert_int_equal(pin_ioctl(fd, SECCOMP_PIN_ATTACH, &attach), -EINVAL);
	close(arena);
	close(fd);

	scene_attach(&s, 0, 0);
	assert_true(pin_query(&s.pin).features & SECCOMP_PIN_FEATURE_VERDICTS);
	assert_int_equal(drop(&s, 0, 0), -EINVAL);
	assert_int_equal(drop(&s, 0, SECCOMP_PIN_DROP_ALL), -EINVAL);
	open_is(ALLOWED);
	asked(&s);
	refused(&s, remembered(&s.r, 1));
	refused(&s, denied(&s.r, EUCLEAN));
	answer(&s, pinned(&s.r));
	assert_true(finished() >= 0);
	scene_end(&s);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(i4_registers),
		cmocka_unit_test(i4_signals),
		cmocka_unit_test(i4_children),
		cmocka_unit_test(i4_completions),
		cmocka_unit_test(i4_no_room_for_completions),
		cmocka_unit_test(i6_the_table_is_bounded),
		cmocka_unit_test(i6_too_many_bytes),
		cmocka_unit_test(i6_no_slot),
		cmocka_unit_test(i7_dropped_by_cookie),
		cmocka_unit_test(i7_answers_older_than_a_drop),
		cmocka_unit_test(i7_no_call_after_a_drop),
		cmocka_unit_test(i7_the_listener_is_closed),
		cmocka_unit_test(i7_the_context_is_closed),
		cmocka_unit_test(i7_dead_targets),
		cmocka_unit_test(i7_calls_older_than_the_context),
		cmocka_unit_test(i7_killed_in_the_call),
		cmocka_unit_test(i7_the_module_is_unloaded),
		cmocka_unit_test(answers_that_are_malformed),
		cmocka_unit_test(denied_without_remembering),
		cmocka_unit_test(contexts_without_verdicts),
	};

	if (scene_main(argc, argv))
		return 1;
	return run_group(tests);
}
