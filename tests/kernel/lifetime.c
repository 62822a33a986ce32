// SPDX-License-Identifier: GPL-2.0-only
/* I6, I7: who goes first, and who keeps whom waiting. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pin.h"
#include "regs.h"
#include "storm.h"

static const char *const traps[] = { "openat", "read", NULL };

struct seen {
	volatile int ready;
	volatile long ret;
	volatile int own;
	volatile int stop;
	int pipe[2];
};

static struct seen *seen;

static int setup(void **state)
{
	(void)state;
	seen = shared_memory(4096);
	return pipe(seen->pipe);
}

static int teardown(void **state)
{
	(void)state;
	close(seen->pipe[0]);
	close(seen->pipe[1]);
	return 0;
}

static int run_openat(void *arg)
{
	(void)arg;
	seen->ret = syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY) < 0 ?
		    -errno : 0;
	return 0;
}

/* A context that outlives the listener keeps nobody waiting. */
static void i7_listener_closed_first(void **state)
{
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;

	(void)state;
	assert_int_equal(target_start(&target, NULL, traps, run_openat, NULL),
			 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &r, "openat");
	assert_int_equal(target_wait(&target), 0);
	assert_int_equal(seen->ret, -ENOSYS);
	/* Nobody answered, so it is held until it is let go of. */
	assert_int_equal(pin_query(&pin).slots, 1);
	assert_int_equal(pin_release(&pin, r.id), 0);
	assert_int_equal(pin_query(&pin).slots, 0);
	pin_close(&pin);
}

static int run_after(void *arg)
{
	AWAIT_HOLDS(seen->ready);
	run_openat(arg);
	seen->own = 1;
	AWAIT_HOLDS(seen->stop);
	return 0;
}

/* Calls that are made after that get no slot, and no window is mapped for them. */
static void i7_calls_after_the_listener(void **state)
{
	struct seccomp_pin_query query;
	struct target target;
	struct pin pin;

	(void)state;
	seen->ready = 0;
	seen->own = 0;
	seen->stop = 0;
	assert_int_equal(target_start(&target, NULL, traps, run_after, NULL), 0);
	pin_open(&pin, target.listener);
	close(target.listener);
	target.listener = -1;
	seen->ready = 1;
	AWAIT(seen->own);
	assert_int_equal(seen->ret, -ENOSYS);
	query = pin_query(&pin);
	assert_int_equal(query.targets, 0);
	assert_int_equal(query.windows, 0);
	assert_int_equal(query.calls, 0);
	seen->stop = 1;
	assert_int_equal(target_wait(&target), 0);
	pin_close(&pin);
}

static int run_ready(void *arg)
{
	(void)arg;
	await_word(&seen->ready, 1);
	return 0;
}

/* Receivers that wait are told when the listener is closed by who has it. */
static void i7_listener_closed_while_receiving(void **state)
{
	struct seccomp_pin_receive r = { 0 };
	struct target target;
	pid_t receiver;
	struct pin pin;
	int status;

	(void)state;
	assert_int_equal(target_start(&target, NULL, traps, run_ready, NULL),
			 0);
	pin_open(&pin, target.listener);
	receiver = fork();
	if (!receiver) {
		close(target.listener);
		_exit(pin_ioctl(pin.fd, SECCOMP_PIN_RECEIVE, &r) != -EBADF);
	}
	await_sleep(receiver);
	close(target.listener);
	target.listener = -1;
	assert_int_equal(waitpid(receiver, &status, 0), receiver);
	assert_int_equal(status, 0);
	seen->ready = 1;
	assert_int_equal(target_wait(&target), 0);
	pin_close(&pin);
}

/* And when there is nobody left whose calls could come. */
static void i7_last_target_gone_while_receiving(void **state)
{
	struct seccomp_pin_receive r = { 0 };
	struct target target;
	pid_t receiver;
	struct pin pin;
	int status;

	(void)state;
	assert_int_equal(target_start(&target, NULL, traps, run_ready, NULL),
			 0);
	pin_open(&pin, target.listener);
	receiver = fork();
	if (!receiver)
		_exit(pin_ioctl(pin.fd, SECCOMP_PIN_RECEIVE, &r) != -ESRCH);
	await_sleep(receiver);
	seen->ready = 1;
	assert_int_equal(waitpid(receiver, &status, 0), receiver);
	assert_int_equal(status, 0);
	assert_int_equal(target_wait(&target), 0);
	pin_close(&pin);
}

/* The device is closed: calls wait on, for who has the listener. */
static void i7_device_closed_first(void **state)
{
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin, next;
	uint64_t id;

	(void)state;
	assert_int_equal(target_start(&target, NULL, traps, run_openat, NULL),
			 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &r, "openat");
	pin_close(&pin);
	assert_true(pin_pending(&pin, r.id));

	/* A new context can take over what the old one has received. */
	pin_open(&next, target.listener);
	id = r.id;
	AWAIT(pin_adopt(&next, &r, id) != -EAGAIN);
	assert_int_equal(r.slot_error, 0);
	assert_int_equal(pin_allow_string(&next, &r, 1, "/dev/zero"), 0);
	assert_int_equal(target_wait(&target), 0);
	assert_int_equal(seen->ret, 0);
	pin_close(&next);
}

#define SIGNALLED_ANSWERS	3000

static void on_alarm(int sig)
{
	(void)sig;
}

/* Calls of a task that signals keep awake, so that it sees an answer at once */
static int run_signalled(void *arg)
{
	const struct itimerval often = {
		.it_interval.tv_usec = 100,
		.it_value.tv_usec = 100,
	};
	struct sigaction action = {
		.sa_handler = on_alarm,
		.sa_flags = SA_RESTART,
	};

	(void)arg;
	HOLDS(!sigaction(SIGALRM, &action, NULL));
	HOLDS(!setitimer(ITIMER_REAL, &often, NULL));
	while (!seen->stop)
		syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY);
	return 0;
}

/*
 * Without a context, the record of a call goes as soon as its task has the answer, or
 * has seen that the listener is closed: who answers does not look at it any more.
 */
static void i7_records_without_a_context(void **state)
{
	struct seccomp_notif notif;
	struct target target;
	int i, err, answered = 0;
	struct pin pin;

	(void)state;
	seen->stop = 0;
	assert_int_equal(target_start(&target, NULL, traps, run_signalled, NULL),
			 0);
	pin_open(&pin, target.listener);
	pin_close(&pin);
	for (i = 0; i < SIGNALLED_ANSWERS; i++) {
		memset(&notif, 0, sizeof(notif));
		assert_int_equal(ioctl(target.listener,
				       SECCOMP_IOCTL_NOTIF_RECV, &notif), 0);
		err = pin_emulate(&pin, notif.id, 0);
		assert_true(!err || err == -ENOENT);
		answered += !err;
	}
	assert_true(answered > 0);
	/* The target is in a call, or about to make one. */
	close(target.listener);
	target.listener = -1;
	seen->stop = 1;
	assert_int_equal(target_wait(&target), 0);
}

static int run_read(void *arg)
{
	unsigned long args[6] = { 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5 }, own[6];
	static char buf[8];

	(void)arg;
	args[1] = (uintptr_t)buf;
	memcpy(own, args, sizeof(own));
	seen->ret = regs_call(SYS_read, args);
	seen->own = !memcmp(args, own, sizeof(own));
	return 0;
}

/* Everything is closed with a redirected call in flight; it ends well. */
static void i7_all_closed_with_a_redirect_in_flight(void **state)
{
	struct seccomp_pin_redirect redirect = { .args_mask = 0x3d };
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;

	(void)state;
	assert_int_equal(target_start(&target, NULL, traps, run_read, NULL), 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &r, "read");
	redirect.id = r.id;
	redirect.args[0] = seen->pipe[0];
	redirect.args[2] = 4;
	redirect.args[5] = 77;
	assert_int_equal(pin_redirect(&pin, &redirect), 0);
	await_sleep(target.pid);
	pin_close(&pin);
	close(target.listener);
	target.listener = -1;
	/* The module is in use, by that call alone. */
	assert_int_equal(syscall(SYS_delete_module, "seccomp_pin", O_NONBLOCK),
			 -1);
	assert_int_equal(errno, EWOULDBLOCK);
	assert_int_equal(write(seen->pipe[1], "abcd", 4), 4);
	assert_int_equal(target_wait(&target), 0);
	assert_int_equal(seen->ret, 4);
	assert_true(seen->own);
}

static void i7_killed_with_a_redirect_in_flight(void **state)
{
	struct seccomp_pin_redirect redirect = {
		.flags = SECCOMP_PIN_COMPLETION,
		.args_mask = 1,
	};
	struct seccomp_pin_completion completion;
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;

	(void)state;
	assert_int_equal(target_start(&target, NULL, traps, run_read, NULL), 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &r, "read");
	redirect.id = r.id;
	redirect.args[0] = seen->pipe[0];
	assert_int_equal(pin_redirect(&pin, &redirect), 0);
	await_sleep(target.pid);
	kill(target.pid, SIGKILL);
	assert_int_equal(target_wait(&target), 128 + SIGKILL);
	assert_int_equal(read(pin.fd, &completion, sizeof(completion)),
			 sizeof(completion));
	/* The signal ends the read, and that the task. */
	assert_int_equal(completion.how, SECCOMP_PIN_RETURNED);
	assert_int_equal(completion.retval, -EINTR);
	assert_int_equal(pin_query(&pin).calls, 0);
	assert_int_equal(pin_query(&pin).targets, 0);
	pin_close(&pin);
}

/* A supervisor dies: its targets do not wait for it. */
static void i7_supervisor_killed(void **state)
{
	struct seccomp_pin_receive r;
	struct target target;
	pid_t supervisor;
	struct pin pin;

	(void)state;
	assert_int_equal(target_start(&target, NULL, traps, run_openat, NULL),
			 0);
	supervisor = fork();
	if (!supervisor) {
		pin_open(&pin, target.listener);
		pin_receive_call(&pin, &r, "openat");
		kill(getpid(), SIGKILL);
	}
	close(target.listener);
	target.listener = -1;
	waitpid(supervisor, NULL, 0);
	assert_int_equal(target_wait(&target), 0);
	assert_int_equal(seen->ret, -ENOSYS);
}

/* The module stays as long as it is used. */
static void i7_no_unload_while_open(void **state)
{
	int fd = pin_device();

	(void)state;
	assert_int_equal(syscall(SYS_delete_module, "seccomp_pin", O_NONBLOCK),
			 -1);
	assert_int_equal(errno, EWOULDBLOCK);
	close(fd);
}

static void ignore(int sig)
{
	(void)sig;
}

#define INTERRUPTED_CALLS	2000

/* Calls that its own child interrupts, as often as it can */
static int run_interrupted(void *arg)
{
	struct sigaction action = { .sa_handler = ignore };
	pid_t child;
	int i;

	(void)arg;
	sigaction(SIGUSR1, &action, NULL);
	child = fork();
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (!kill(getppid(), SIGUSR1))
			;
		_exit(0);
	}
	for (i = 0; i < INTERRUPTED_CALLS; i++)
		syscall(SYS_openat, AT_FDCWD, "/dev/null/x", O_RDONLY);
	kill(child, SIGKILL);
	return 0;
}

/*
 * A signal that comes between the look at a call and its answer: there is one
 * completion for each redirect that was accepted, and none for others, and the
 * only place in the queue is never lost.
 */
static void i6_completions_of_interrupted_calls(void **state)
{
	struct seccomp_pin_redirect redirect = {
		.flags = SECCOMP_PIN_COMPLETION,
	};
	struct seccomp_pin_attach attach = pin_attach_default();
	struct seccomp_pin_completion completion;
	struct seccomp_pin_receive r;
	struct target target;
	unsigned int made = 0;
	struct pin pin;
	int err;

	(void)state;
	attach.completions = 1;
	assert_int_equal(target_start(&target, NULL, traps, run_interrupted,
				      NULL), 0);
	pin_open_with(&pin, target.listener, TEST_ARENA, &attach);
	for (;;) {
		memset(&r, 0, sizeof(r));
		err = pin_ioctl(pin.fd, SECCOMP_PIN_RECEIVE, &r);
		if (err)
			break;
		redirect.id = r.id;
		err = pin_redirect(&pin, &redirect);
		assert_true(err == 0 || err == -ENOENT);
		assert_int_equal(fcntl(pin.fd, F_SETFL, err ? O_NONBLOCK : 0),
				 0);
		if (err) {
			assert_int_equal(read(pin.fd, &completion,
					      sizeof(completion)), -1);
			assert_int_equal(errno, EAGAIN);
			continue;
		}
		made++;
		assert_int_equal(read(pin.fd, &completion, sizeof(completion)),
				 sizeof(completion));
		assert_int_equal(completion.id, r.id);
	}
	assert_int_equal(err, -ESRCH);
	assert_true(made > 0);
	assert_int_equal(target_wait(&target), 0);
	assert_int_equal(pin_query(&pin).calls, 0);
	pin_close(&pin);
}

#define LIFETIME_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIFETIME_TEST(i7_listener_closed_first),
		LIFETIME_TEST(i7_listener_closed_while_receiving),
		LIFETIME_TEST(i7_last_target_gone_while_receiving),
		LIFETIME_TEST(i7_device_closed_first),
		LIFETIME_TEST(i7_all_closed_with_a_redirect_in_flight),
		LIFETIME_TEST(i7_killed_with_a_redirect_in_flight),
		LIFETIME_TEST(i7_supervisor_killed),
		LIFETIME_TEST(i7_calls_after_the_listener),
		LIFETIME_TEST(i7_records_without_a_context),
		LIFETIME_TEST(i7_no_unload_while_open),
		LIFETIME_TEST(i6_completions_of_interrupted_calls),
	};

	return run_group(tests);
}
