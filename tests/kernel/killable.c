// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that wait are killable from the trap on, if that is asked for: what
 * happens without, and that it does not happen with it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pinredir.h>
#include <poll.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pin.h"

static const char *const trap_close[] = { "close", NULL };

struct seen {
	volatile int ready;
	volatile int handled;
	volatile int ret;
	volatile int closed;
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
	return munmap(seen, 4096);
}

static void on_usr1(int sig)
{
	(void)sig;
	seen->handled++;
}

/* A call that must not be lost, and a handler without SA_RESTART */
static int run_close(void *arg)
{
	struct sigaction action = { .sa_handler = on_usr1 };
	int fd;

	(void)arg;
	sigaction(SIGUSR1, &action, NULL);
	fd = open("/dev/null", O_RDONLY);
	await_word(&seen->ready, 1);
	seen->ret = close(fd) ? -errno : 0;
	seen->closed = fcntl(fd, F_GETFD) < 0;
	return 0;
}

/* A target closes what it was started with under its filter, too. */
static void pass_first_calls(struct pin *pin)
{
	struct seccomp_notif notif;
	int i;

	for (i = 0; i < 2; i++) {
		memset(&notif, 0, sizeof(notif));
		assert_int_equal(pin_ioctl(pin->listener,
					   SECCOMP_IOCTL_NOTIF_RECV, &notif),
				 0);
		assert_int_equal(pin_continue(pin, notif.id), 0);
	}
}

/*
 * A target whose close() waits and has not been received; it begins to wait
 * before the context is attached, or after.
 */
static void start_close(struct target *target, struct pin *pin, bool killable,
			bool attach_first)
{
	struct seccomp_pin_attach attach = pin_attach_default();

	if (killable)
		attach.flags = SECCOMP_PIN_ATTACH_KILLABLE;
	assert_int_equal(target_start(target, NULL, trap_close, run_close,
				      NULL), 0);
	pin->listener = target->listener;
	pass_first_calls(pin);
	if (!attach_first) {
		seen->ready = 1;
		pin_await_call(pin);
	}
	pin_open_with(pin, target->listener, TEST_ARENA, &attach);
	seen->ready = 1;
	/* An older call is there once its thread has looked around. */
	pin_await_call(pin);
}

/* The signal comes before the receive: the call never runs. */
static void close_is_lost(bool attach_first)
{
	struct seccomp_pin_receive r = { .flags = SECCOMP_PIN_NONBLOCK };
	struct target target;
	struct pin pin;

	start_close(&target, &pin, false, attach_first);
	assert_int_equal(kill(target.pid, SIGUSR1), 0);
	assert_int_equal(await_exit(target.pid), 0);
	assert_int_equal(seen->ret, -EINTR);
	assert_int_equal(seen->handled, 1);
	assert_false(seen->closed);
	assert_int_equal(pin_ioctl(pin.fd, SECCOMP_PIN_RECEIVE, &r), -ESRCH);
	close(target.listener);
	pin_close(&pin);
}

/* With the flag it is made, and the handler runs after it. */
static void close_is_made(bool attach_first)
{
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;

	start_close(&target, &pin, true, attach_first);
	assert_int_equal(kill(target.pid, SIGUSR1), 0);
	pin_receive_call(&pin, &r, "close");
	assert_int_equal(seen->handled, 0);
	assert_int_equal(pin_allow(&pin, r.id), 0);
	assert_int_equal(await_exit(target.pid), 0);
	assert_int_equal(seen->ret, 0);
	assert_int_equal(seen->handled, 1);
	assert_true(seen->closed);
	assert_int_equal(pin_query(&pin).calls, 0);
	close(target.listener);
	pin_close(&pin);
}

static void control_a_signal_before_the_receive(void **state)
{
	(void)state;
	close_is_lost(true);
}

static void control_a_signal_to_an_older_call(void **state)
{
	(void)state;
	close_is_lost(false);
}

static void killable_before_the_receive(void **state)
{
	(void)state;
	close_is_made(true);
}

static void killable_for_older_calls(void **state)
{
	(void)state;
	close_is_made(false);
}

/* Fatal signals end the wait at once, received or not. */
static void killable_is_killable(void **state)
{
	static const int signals[] = { SIGKILL, SIGTERM };
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;
	unsigned int i;

	(void)state;
	for (i = 0; i < 4; i++) {
		int signal = signals[i / 2];

		seen->ready = 0;
		start_close(&target, &pin, true, true);
		if (i % 2)
			pin_receive_call(&pin, &r, "close");
		assert_int_equal(kill(target.pid, signal), 0);
		assert_int_equal(WTERMSIG(await_exit(target.pid)), signal);
		if (i % 2)
			assert_int_equal(pin_release(&pin, r.id), 0);
		assert_int_equal(pin_query(&pin).calls, 0);
		close(target.listener);
		pin_close(&pin);
	}
}

/* A supervisor that is stopped, before or after its receive */
static void killable_with_a_stopped_supervisor(void **state)
{
	struct seccomp_pin_receive r;
	struct target target;
	pid_t supervisor;
	struct pin pin;
	int i, status;

	(void)state;
	for (i = 0; i < 2; i++) {
		seen->ready = 0;
		assert_int_equal(target_start(&target, NULL, trap_close,
					      run_close, NULL), 0);
		supervisor = fork();
		if (!supervisor) {
			struct seccomp_pin_attach attach = pin_attach_default();

			attach.flags = SECCOMP_PIN_ATTACH_KILLABLE;
			pin.listener = target.listener;
			pass_first_calls(&pin);
			pin_open_with(&pin, target.listener, TEST_ARENA,
				      &attach);
			seen->ready = 1;
			pin_await_call(&pin);
			if (i)
				pin_receive_call(&pin, &r, "close");
			raise(SIGSTOP);
			_exit(0);
		}
		AWAIT(waitpid(supervisor, &status, WNOHANG | WUNTRACED) ==
		      supervisor);
		assert_true(WIFSTOPPED(status));
		assert_int_equal(kill(target.pid, SIGKILL), 0);
		assert_int_equal(WTERMSIG(await_exit(target.pid)), SIGKILL);
		assert_int_equal(kill(supervisor, SIGKILL), 0);
		assert_int_equal(WTERMSIG(await_exit(supervisor)), SIGKILL);
		close(target.listener);
	}
}

/*
 * Real programs: three processes for each number, and a shell that is told of
 * their ends while it closes, forks and opens. It has a handler for SIGCHLD
 * without SA_RESTART.
 */
#define PIPELINES	"i=0; while [ $i -lt %d ]; do "		\
			"echo $i | cat | cat; i=$((i + 1)); done"
#define SILENCE_MS	30000

struct pipelines {
	int output;
	char script[160];
};

static int pipelines(void)
{
	return debug_kernel() ? 20 : 100;
}

static int run_pipelines(void *arg)
{
	struct pipelines *p = arg;

	/* All of them can be killed together. */
	if (setpgid(0, 0) || dup2(p->output, STDOUT_FILENO) < 0 ||
	    dup2(open("/dev/null", O_WRONLY), STDERR_FILENO) < 0)
		return 90;
	await_word(&seen->ready, 1);
	execlp("dash", "dash", "-c", p->script, NULL);
	return 127;
}

/* The names of all calls with a path, and of those that make and close */
static const char **traps_of_pipelines(void)
{
	static const char *const more[] = {
		"close", "fork", "vfork", "clone", "clone3",
	};
	size_t n = 0, i, count = pinredir_default_rules(NULL, 0, 0);
	struct seccomp_pin_rule *rules = calloc(count, sizeof(*rules));
	const char **traps = calloc(count + 6, sizeof(*traps));

	assert_non_null(rules);
	assert_non_null(traps);
	pinredir_default_rules(rules, count, sizeof(*rules));
	for (i = 0; i < count; i++) {
		if (i && rules[i].nr == rules[i - 1].nr)
			continue;
		traps[n] = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE,
							    rules[i].nr);
		assert_non_null(traps[n++]);
	}
	for (i = 0; i < 5; i++)
		traps[n++] = more[i];
	free(rules);
	return traps;
}

/* Slow by what others get done meanwhile, not by the clock */
static void serve_slowly(struct pinredir *ctx)
{
	struct pinredir_call *call;
	int i, err;

	for (i = 0; i < 30; i++)
		sched_yield();
	err = pinredir_receive(ctx, &call, PINREDIR_NONBLOCK);
	if (err) {
		assert_true(err == -EAGAIN || err == -ESRCH);
		return;
	}
	err = pinredir_allow(call);
	if (err && err != PINREDIR_GONE)
		err = pinredir_deny(call, -err);
	assert_true(!err || err == PINREDIR_GONE);
	pinredir_release(call);
}

/* Whether all the output is what it has to be */
static bool output_is_right(int output)
{
	char *want = calloc(1, 4096), *have = calloc(1, 4096);
	bool right;
	int i;

	assert_non_null(want);
	assert_non_null(have);
	for (i = 0; i < pipelines(); i++)
		sprintf(want + strlen(want), "%d\n", i);
	assert_true(pread(output, have, 4095, 0) >= 0);
	right = !strcmp(want, have);
	free(want);
	free(have);
	return right;
}

/* Whether the pipelines do what they would do by themselves */
static bool pipelines_work(unsigned int flags)
{
	struct pinredir_options options = {
		.size = sizeof(options),
		.flags = flags | PINREDIR_STAY_DUMPABLE,
		.arena_size = 64 << 20,
	};
	struct pipelines p = { .output = memfd_create("output", 0) };
	const char **traps = traps_of_pipelines();
	struct target target;
	struct pinredir *ctx;
	struct pollfd pollfd;
	int status, n;

	assert_true(p.output >= 0);
	sprintf(p.script, PIPELINES, pipelines());
	assert_int_equal(target_start(&target, NULL, traps, run_pipelines, &p),
			 0);
	free(traps);
	assert_int_equal(pinredir_open(&ctx, target.listener, &options), 0);
	seen->ready = 1;
	pollfd.fd = pinredir_poll_fd(ctx);
	pollfd.events = POLLIN;
	for (;;) {
		/* Nobody asks for anything for a long time: they hang. */
		n = poll(&pollfd, 1, SILENCE_MS);
		assert_true(n >= 0);
		if (!n || !(pollfd.revents & POLLIN))
			break;
		serve_slowly(ctx);
	}
	kill(-target.pid, SIGKILL);
	pinredir_close(ctx);
	status = target_wait(&target);
	if (!n)
		printf("# they hang\n");
	else if (status)
		printf("# exit status %d\n", status);
	n = n && !status && output_is_right(p.output);
	close(p.output);
	return n;
}

/* A signal has to come at the wrong moment; once in so many it does. */
static void control_pipelines_of_dash(void **state)
{
	int tries = 15;

	(void)state;
	while (pipelines_work(PINREDIR_INTERRUPTIBLE))
		assert_true(--tries);
}

static void killable_pipelines_of_dash(void **state)
{
	(void)state;
	assert_true(pipelines_work(0));
}

#define KILLABLE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		KILLABLE_TEST(control_a_signal_before_the_receive),
		KILLABLE_TEST(control_a_signal_to_an_older_call),
		KILLABLE_TEST(killable_before_the_receive),
		KILLABLE_TEST(killable_for_older_calls),
		KILLABLE_TEST(killable_is_killable),
		KILLABLE_TEST(killable_with_a_stopped_supervisor),
		KILLABLE_TEST(control_pipelines_of_dash),
		KILLABLE_TEST(killable_pipelines_of_dash),
	};

	return run_group(tests);
}
