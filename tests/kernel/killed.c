// SPDX-License-Identifier: GPL-2.0-only
/* I6: targets of one listener that are killed at random moments. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pin.h"

#define SIDE_BY_SIDE	8

static const char *const trap_openat[] = { "openat", NULL };

/* All there is to be random; may be given to see a run again */
static unsigned int seed;

static int targets(void)
{
	return debug_kernel() ? 150 : 1000;
}

static pid_t start_one(void)
{
	pid_t child = fork();

	if (child)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		close(syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY));
}

/* Some are alive at a time; each is killed after a while. */
static int run_killed(void *arg)
{
	pid_t alive[SIDE_BY_SIDE] = { 0 };
	int i, n, left = targets(), status;

	(void)arg;
	for (i = 0; left > 0 || alive[i % SIDE_BY_SIDE]; i++) {
		pid_t *pid = &alive[i % SIDE_BY_SIDE];

		for (n = rand_r(&seed) % 50; n; n--)
			sched_yield();
		if (*pid && (kill(*pid, SIGKILL) ||
			     waitpid(*pid, &status, 0) != *pid ||
			     status != SIGKILL))
			return 90;
		*pid = left-- > 0 ? start_one() : 0;
		if (*pid < 0)
			return 91;
	}
	return 0;
}

static int fetch(struct pin *pin, const struct seccomp_pin_receive *r)
{
	struct seccomp_pin_fetch fetch = {
		.id = r->id,
		.address = r->data.args[1],
		.kind = SECCOMP_PIN_STRING,
		.len = 64,
		.offset = 64,
	};

	return pin_fetch(pin, &fetch);
}

static int install(struct pin *pin, const struct seccomp_pin_receive *r)
{
	struct seccomp_pin_install install = {
		.id = r->id,
		.length = 4096,
		.timeout = SECCOMP_PIN_MAX_TIMEOUT,
	};

	return pin_ioctl(pin->fd, SECCOMP_PIN_INSTALL, &install);
}

static int allow_with_completion(struct pin *pin, uint64_t id,
				 unsigned int *completions)
{
	struct seccomp_pin_redirect redirect = {
		.id = id,
		.flags = SECCOMP_PIN_COMPLETION,
	};
	int err = pin_redirect(pin, &redirect);

	*completions += !err;
	return err;
}

/* Something is done about a call; it may be gone at each step. */
static int serve(struct pin *pin, const struct seccomp_pin_receive *r,
		 unsigned int *completions)
{
	struct seccomp_pin_receive again;

	/* Now and again it is killed between the receive and what follows. */
	if (rand_r(&seed) % 32 == 0)
		kill(r->pid, SIGKILL);
	switch (rand_r(&seed) % 8) {
	case 0:
		return fetch(pin, r) ?: pin_allow_string(pin, r, 1, "/");
	case 1:
		return install(pin, r) ?: pin_allow(pin, r->id);
	case 2:
		/* Held twice, and answered once. */
		return pin_adopt(pin, &again, r->id) ?: pin_allow(pin, r->id) ?:
		       pin_release(pin, r->id);
	case 3:
		return pin_deny(pin, r->id, EPERM);
	case 4:
		return pin_continue(pin, r->id);
	case 5:
		return allow_with_completion(pin, r->id, completions);
	default:
		return pin_allow_string(pin, r, 1, "/dev/zero");
	}
}

static unsigned int read_completions(struct pin *pin)
{
	struct seccomp_pin_completion completion;
	unsigned int n = 0;

	while (read(pin->fd, &completion, sizeof(completion)) ==
	       sizeof(completion))
		n++;
	assert_int_equal(errno, EAGAIN);
	return n;
}

/* What a request says of a target that has just been killed */
static bool is_gone(int err)
{
	return err == -ENOENT || err == -ESRCH || err == -EACCES ||
	       err == -EFAULT || err == -EINTR;
}

static void i6_killed_targets_leave_nothing(void **state)
{
	unsigned int served = 0, gone = 0, asked = 0, told = 0;
	struct seccomp_pin_attach attach = pin_attach_default();
	struct seccomp_pin_query query;
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;
	int err;

	(void)state;
	printf("# seed %u\n", seed);
	attach.completions = 1024;
	assert_int_equal(target_start(&target, NULL, trap_openat, run_killed,
				      NULL), 0);
	pin_open_with(&pin, target.listener, TEST_ARENA, &attach);
	assert_int_equal(fcntl(pin.fd, F_SETFL, O_NONBLOCK), 0);
	pin_rule_string(&pin, "openat", 1);
	for (;;) {
		memset(&r, 0, sizeof(r));
		err = pin_ioctl(pin.fd, SECCOMP_PIN_RECEIVE, &r);
		if (err)
			break;
		/* Killed on its way to a window, it can be seen. */
		assert_true(!r.slot_error || r.slot_error == -EINTR);
		err = r.slot_error ?: serve(&pin, &r, &asked);
		assert_true(!err || is_gone(err) || err == -ENOBUFS);
		served += !err;
		gone += !!err;
		/* What was answered need not be let go of, and the rest is. */
		if (err && pin_deny(&pin, r.id, EPERM))
			while (!pin_release(&pin, r.id))
				;
		told += read_completions(&pin);
	}
	assert_int_equal(err, -ESRCH);
	assert_int_equal(target_wait(&target), 0);
	printf("# %u served, %u gone, %u completions\n", served, gone, told);
	assert_true(served > 0);

	/* A reference of ours to an mm is dropped by a worker. */
	AWAIT(pin_query(&pin).targets == 0);
	query = pin_query(&pin);
	assert_int_equal(query.calls, 0);
	assert_int_equal(query.slots, 0);
	assert_int_equal(query.windows, 0);
	told += read_completions(&pin);
	assert_int_equal(told, asked);
	pin_close(&pin);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(i6_killed_targets_leave_nothing),
	};
	const char *given = getenv("SEED");

	seed = given ? strtoul(given, NULL, 0) : now_ms();
	return run_group(tests);
}
