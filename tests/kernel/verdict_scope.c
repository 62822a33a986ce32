// SPDX-License-Identifier: GPL-2.0-only
/*
 * Remembered verdicts: which calls they are for, and who else has a say.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attempt.h"
#include "scene.h"

/*
 * Which calls they are for
 */
static void i1_other_scalars(void **state)
{
	struct scene s = scene();
	unsigned int i;

	(void)state;
	access_is("/tmp");
	asked_deny(&s, EUCLEAN);
	for (i = 0; i < 6; i++) {
		if (i == 1)
			continue;
		/* The upper half of a register counts, whatever the call takes. */
		board->args[i] ^= 1UL << 40;
		asked_once(&s);
		board->args[i] ^= 1UL << 40;
		board->args[i] ^= 1;
		asked_once(&s);
		board->args[i] ^= 1;
	}
	assert_int_equal(served(&s), -EUCLEAN);
	scene_end(&s);
}

static void i1_any_value(void **state)
{
	struct seccomp_pin_redirect redirect;
	struct scene s = scene();

	(void)state;
	access_is("/tmp");
	asked(&s);
	redirect = denied(&s.r, EUCLEAN);
	redirect.any_mask = 1 << 2 | 1 << 4;
	answer(&s, redirect);
	assert_int_equal(finished(), -EUCLEAN);
	board->args[2] = R_OK;
	assert_int_equal(served(&s), -EUCLEAN);
	board->args[4] = -1;
	assert_int_equal(served(&s), -EUCLEAN);
	board->args[5] = 1;
	asked_once(&s);
	board->args[5] = 0xa5;
	board->args[3] = 1;
	asked_once(&s);
	scene_end(&s);
}

/* Another mask makes those before forgotten, and they do not come back. */
static void i1_another_mask(void **state)
{
	struct seccomp_pin_redirect redirect;
	struct scene s = scene();

	(void)state;
	socket_is(AF_UNIX);
	asked_deny(&s, EDOM);
	access_is("/tmp");
	asked_deny(&s, EUCLEAN);
	access_is("/dev");
	asked(&s);
	redirect = denied(&s.r, ERANGE);
	redirect.any_mask = 1 << 2;
	answer(&s, redirect);
	assert_int_equal(finished(), -ERANGE);
	assert_int_equal(served(&s), -ERANGE);
	access_is("/tmp");
	asked_once(&s);
	/* With the first mask again */
	access_is("/proc");
	asked_deny(&s, EOVERFLOW);
	access_is("/dev");
	asked_once(&s);
	access_is("/tmp");
	asked_once(&s);
	access_is("/proc");
	assert_int_equal(served(&s), -EOVERFLOW);
	/* Other syscalls have their own. */
	socket_is(AF_UNIX);
	assert_int_equal(served(&s), -EDOM);
	scene_end(&s);
}

static void i1_rules_replaced(void **state)
{
	struct scene s = scene();

	(void)state;
	open_is(ALLOWED);
	asked_allow(&s, 1);
	set_rules(&s);
	asked_allow(&s, 1);
	assert_true(served(&s) >= 0);
	/* Without a rule it is an address that it would be found by. */
	pin_rule_string(&s.pin, "faccessat2", 1);
	asked_once(&s);
	scene_end(&s);
}

static void i2_another_syscall(void **state)
{
	struct scene s = scene();

	(void)state;
	pin_rule_string(&s.pin, "faccessat2", 1);
	access_is("/tmp");
	asked_deny(&s, EUCLEAN);
	board->nr = SYS_openat2;
	asked_once(&s);
	board->nr = SYS_socket;
	asked_once(&s);
	board->nr = SYS_faccessat2;
	assert_int_equal(served(&s), -EUCLEAN);
	/* Nor where that one has verdicts of its own, and the arguments are the same */
	set_rules(&s);
	access_is("/tmp");
	asked_deny(&s, EUCLEAN);
	access_is("/dev");
	board->nr = SYS_openat2;
	asked_deny(&s, EDOM);
	access_is("/tmp");
	board->nr = SYS_openat2;
	asked_once(&s);
	scene_end(&s);
}

/* Those of a context are its own. */
static void i2_another_context(void **state)
{
	struct scene first = scene(), second;
	int fd = dup(board_fd);

	(void)state;
	access_is("/tmp");
	asked_deny(&first, EUCLEAN);
	second = scene();
	access_is("/tmp");
	asked_once(&second);
	asked_deny(&second, EDOM);
	assert_int_equal(served(&second), -EDOM);
	scene_end(&second);
	close(board_fd);
	board_map(fd);
	assert_int_equal(served(&first), -EUCLEAN);
	scene_end(&first);
}

static void i2_another_mm(void **state)
{
	struct scene s = scene();
	unsigned int i;

	(void)state;
	access_is("/tmp");
	asked_deny(&s, EUCLEAN);
	told(THREAD);
	board->who = 1;
	assert_int_equal(served(&s), -EUCLEAN);
	board->who = 0;
	told(FORK);
	board->who = 2;
	for (i = 0; i < 2; i++)
		asked_once(&s);
	asked_deny(&s, EDOM);
	assert_int_equal(served(&s), -EDOM);
	board->who = 0;
	assert_int_equal(served(&s), -EUCLEAN);
	told(EXEC);
	for (i = 0; i < 2; i++)
		asked_once(&s);
	scene_end(&s);
}

/* Whoever is new has been looked at once before one of those is for it. */
static void i5_for_all_but_who_is_new(void **state)
{
	struct scene s = scene();

	(void)state;
	access_is("/tmp");
	asked_for_all(&s, EUCLEAN);
	assert_int_equal(served(&s), -EUCLEAN);
	told(FORK);
	board->who = 1;
	asked_once(&s);
	assert_int_equal(served(&s), -EUCLEAN);
	told(EXEC);
	asked_once(&s);
	assert_int_equal(served(&s), -EUCLEAN);
	board->who = 0;
	assert_int_equal(served(&s), -EUCLEAN);
	scene_end(&s);
}

/* Nobody who has access has received its call: it has not been looked at. */
static void i5_who_receives_has_no_access(void **state)
{
	struct scene s = scene();
	pid_t nobody;

	(void)state;
	access_is("/tmp");
	asked_for_all(&s, EUCLEAN);
	told(FORK);
	board->who = 1;
	order(CALL);
	nobody = fork();
	if (!nobody) {
		struct seccomp_pin_receive r;

		if (setresuid(NOBODY, NOBODY, NOBODY))
			_exit(1);
		pin_receive(&s.pin, &r);
		if (r.copies[1].error != -EACCES)
			_exit(2);
		/* That takes no access, and is not remembered for it. */
		answer(&s, denied(&r, EDOM));
		_exit(0);
	}
	assert_int_equal(await_exit(nobody), 0);
	assert_int_equal(finished(), -EDOM);
	assert_int_equal(pin_query(&s.pin).verdicts, 1);
	asked_once(&s);
	assert_int_equal(served(&s), -EUCLEAN);
	scene_end(&s);
}

/* After this, the target is asked again, whatever the verdict was for. */
static void changed(enum what what)
{
	struct scene s = scene();

	access_is("/tmp");
	asked_for_all(&s, EUCLEAN);
	access_is("/dev");
	asked_deny(&s, EDOM);
	assert_int_equal(served(&s), -EDOM);
	told(what);
	/* Its own are for the credentials that it had. */
	asked_once(&s);
	asked_once(&s);
	access_is("/tmp");
	if (what == CAPSET)
		assert_int_equal(served(&s), -EUCLEAN);
	else
		/* It is not dumpable any more: nobody comes to know it. */
		asked_once(&s);
	scene_end(&s);
}

static void i5_credentials_changed(void **state)
{
	(void)state;
	changed(SETUID);
	changed(SETGID);
	changed(CAPSET);
}

/* By its first call after that, of those that are for all */
static void i5_credentials_changed_for_all(void **state)
{
	struct scene s = scene();

	(void)state;
	access_is("/tmp");
	asked_for_all(&s, EUCLEAN);
	told(CAPSET);
	asked_once(&s);
	assert_int_equal(served(&s), -EUCLEAN);
	scene_end(&s);
}

static void make_dumpable(struct scene *s, int dumpable)
{
	long nr = board->nr;
	unsigned long args[6];

	memcpy(args, board->args, sizeof(args));
	call_is(SYS_prctl, PR_SET_DUMPABLE, dumpable, 0, 0, 0);
	asked(s);
	assert_int_equal(pin_continue(&s->pin, s->r.id), 0);
	assert_int_equal(finished(), 0);
	board->nr = nr;
	memcpy(board->args, args, sizeof(args));
}

static void i5_not_dumpable(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, NULL, trap_prctl);
	strcpy(board->value, "name");
	call_is(SYS_prctl, PR_SET_NAME, (uintptr_t)board->value, 0, 0, 0);
	asked_for_all(&s, EUCLEAN);
	assert_int_equal(served(&s), -EUCLEAN);
	make_dumpable(&s, 0);
	asked_once(&s);
	/* Nor is anything remembered now. */
	asked(&s);
	answer(&s, denied(&s.r, EDOM));
	assert_int_equal(finished(), -EDOM);
	asked_once(&s);
	assert_int_equal(pin_query(&s.pin).verdicts, 1);
	make_dumpable(&s, 1);
	assert_int_equal(served(&s), -EUCLEAN);
	scene_end(&s);
}

/*
 * Who else has a say
 */

/* What an outer filter says of AF_INET with this protocol; of nothing else */
static uint32_t outer_action;
#define JUDGED	7

static void outer(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (seccomp_rule_add(filter, outer_action, SCMP_SYS(socket), 2,
			     SCMP_A0(SCMP_CMP_EQ, AF_INET),
			     SCMP_A2(SCMP_CMP_EQ, JUDGED)))
		_exit(99);
	attempt_load(filter, 0);
}

/* A verdict by which AF_UNIX becomes AF_INET, whatever the protocol */
static void outer_start(struct scene *s, uint32_t action)
{
	struct seccomp_pin_redirect redirect;
	struct seccomp_pin_completion completion;

	outer_action = action;
	scene_start(s, outer, traps);
	socket_is(AF_UNIX);
	asked(s);
	redirect = remembered(&s->r, 77);
	redirect.flags |= SECCOMP_PIN_COMPLETION;
	redirect.args_mask = 1;
	redirect.args[0] = AF_INET;
	redirect.any_mask = 1 << 2;
	answer(s, redirect);
	assert_true(finished() >= 0);
	assert_int_equal(read(s->pin.fd, &completion, sizeof(completion)),
			 sizeof(completion));
	assert_int_equal(completion.how, SECCOMP_PIN_RETURNED);
	assert_int_equal(completion.id, s->r.id);
	board->args[2] = JUDGED;
}

static void skipped(struct scene *s)
{
	struct seccomp_pin_completion completion;

	assert_int_equal(read(s->pin.fd, &completion, sizeof(completion)),
			 sizeof(completion));
	assert_int_equal(completion.how, SECCOMP_PIN_SKIPPED);
	assert_int_equal(completion.id, 0);
	assert_int_equal(completion.cookie, 77);
	assert_int_equal(completion.thread, s->r.thread);
}

static void i3_outer_errno(void **state)
{
	struct scene s;

	(void)state;
	outer_start(&s, SCMP_ACT_ERRNO(EDOM));
	assert_int_equal(served_how(&s, REGS), -EDOM);
	skipped(&s);
	board->args[2] = 0;
	assert_true(served(&s) >= 0);
	scene_end(&s);
}

static void i3_outer_trace_without_a_tracer(void **state)
{
	struct scene s;

	(void)state;
	outer_start(&s, SCMP_ACT_TRACE(1));
	assert_int_equal(served_how(&s, REGS), -ENOSYS);
	skipped(&s);
	scene_end(&s);
}

static void i3_outer_kill(void **state)
{
	struct scene s;

	(void)state;
	outer_start(&s, SCMP_ACT_KILL_PROCESS);
	order(CALL);
	/* With the listener open */
	assert_int_equal(WTERMSIG(await_exit(s.target.pid)), SIGSYS);
	skipped(&s);
	assert_int_equal(pin_query(&s.pin).hits, 1);
	assert_int_equal(pin_query(&s.pin).calls, 0);
	assert_int_equal(pin_query(&s.pin).verdicts, 0);
	close(s.target.listener);
	pin_close(&s.pin);
}

/* The call that a verdict denies does not get as far as that. */
static void i3_denied_calls_are_not_judged(void **state)
{
	struct scene s;

	(void)state;
	outer_action = SCMP_ACT_KILL_PROCESS;
	scene_start(&s, outer, traps);
	socket_is(AF_UNIX);
	asked_deny(&s, EUCLEAN);
	assert_int_equal(served(&s), -EUCLEAN);
	scene_end(&s);
}

/* A call of another ABI has no slot, and is told apart by nothing. */
static int run_int80(void *arg)
{
	long ret;

	(void)arg;
	/* access() of a NULL pointer */
	__asm__ volatile("int $0x80" : "=a" (ret)
			 : "0" (33), "b" (0), "c" (0) : "memory", "r8", "r9",
			   "r10", "r11");
	return ret == -EUCLEAN ? 42 : 1;
}

static void i2_another_abi(void **state)
{
	static const char *const trap_access[] = { "+access", NULL };
	struct scene s;

	(void)state;
	board_make();
	assert_int_equal(target_start(&s.target, NULL, trap_access, run_int80,
				      NULL), 0);
	scene_attach(&s, 4, 0);
	pin_receive(&s.pin, &s.r);
	assert_int_equal(s.r.slot_error, -EOPNOTSUPP);
	answer(&s, denied(&s.r, EUCLEAN));
	assert_int_equal(target_wait(&s.target), 42);
	assert_int_equal(pin_query(&s.pin).verdicts, 0);
	pin_close(&s.pin);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(i1_other_scalars),
		cmocka_unit_test(i1_any_value),
		cmocka_unit_test(i1_another_mask),
		cmocka_unit_test(i1_rules_replaced),
		cmocka_unit_test(i2_another_syscall),
		cmocka_unit_test(i2_another_context),
		cmocka_unit_test(i2_another_mm),
		cmocka_unit_test(i2_another_abi),
		cmocka_unit_test(i5_for_all_but_who_is_new),
		cmocka_unit_test(i5_who_receives_has_no_access),
		cmocka_unit_test(i5_credentials_changed),
		cmocka_unit_test(i5_credentials_changed_for_all),
		cmocka_unit_test(i5_not_dumpable),
		cmocka_unit_test(i3_outer_errno),
		cmocka_unit_test(i3_outer_trace_without_a_tracer),
		cmocka_unit_test(i3_outer_kill),
		cmocka_unit_test(i3_denied_calls_are_not_judged),
	};

	if (scene_main(argc, argv))
		return 1;
	return run_group(tests);
}
