// SPDX-License-Identifier: GPL-2.0-only
/* I3: an outer filter asks the tracer about the redirected call. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attempt.h"
#include "tracer.h"

#define MESSAGE	7

/* Asks of what is redirected, and denies one call that a tracer can make. */
static void outer(void)
{
	scmp_filter_ctx filter = attempt_filter(SCMP_ACT_TRACE(MESSAGE));

	if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EDOM), SCMP_SYS(mount), 0))
		_exit(99);
	attempt_load(filter, 0);
}

static struct attempt attempt_of(bool pointer)
{
	return pointer ? attempt_pointer() : attempt_scalar();
}

/* Its tracer is asked, and sees what would run: nothing else is different. */
static struct user_regs_struct await_shown(struct attempt *attempt,
					   const unsigned long own[6])
{
	pid_t pid = attempt->target.pid;
	struct user_regs_struct user;
	unsigned long args[6];
	struct regs regs;

	assert_int_equal(tracer_await(pid), STOP_EVENT(PTRACE_EVENT_SECCOMP));
	assert_int_equal(tracer_message(pid), MESSAGE);
	user = tracer_get(pid);
	regs = regs_of_user(&user);
	memcpy(args, own, sizeof(args));
	args[attempt->arg] = attempt_value(attempt);
	assert_true(regs_are(&regs, args));
	assert_int_equal(user.orig_rax, attempt->nr);
	return user;
}

static void start_traced(struct attempt *attempt, unsigned long options)
{
	attempt_start(attempt, outer, NULL);
	tracer_seize(attempt->target.pid, PTRACE_O_TRACESECCOMP | options);
	attempt_redirect(attempt);
}

/* It returned this, or a descriptor if that is -1, and has these registers. */
static void end_traced(struct attempt *attempt, long ret,
		       const unsigned long own[6])
{
	assert_int_equal(attempt_end(attempt), 0);
	if (ret == -1)
		assert_true(attempt->outcome->after.ret >= 0);
	else
		assert_int_equal(attempt->outcome->after.ret, ret);
	assert_true(regs_are(&attempt->outcome->after, own));
}

static void passes(bool pointer, int request)
{
	struct attempt attempt = attempt_of(pointer);

	start_traced(&attempt, 0);
	await_shown(&attempt, attempt.args);
	tracer_request(request, attempt.target.pid, 0);
	assert_int_equal(attempt_how(&attempt), SECCOMP_PIN_RETURNED);
	end_traced(&attempt, -1, attempt.args);
}

static void i3_tracer_lets_pass(void **state)
{
	(void)state;
	passes(false, PTRACE_CONT);
	passes(true, PTRACE_CONT);
	passes(false, PTRACE_DETACH);
	passes(true, PTRACE_DETACH);
}

/* The exit stop of a call that its tracer has let pass shows own registers. */
static void exit_stop(bool pointer)
{
	struct attempt attempt = attempt_of(pointer);
	pid_t pid;
	struct user_regs_struct user;
	struct regs regs;

	start_traced(&attempt, PTRACE_O_TRACESYSGOOD);
	pid = attempt.target.pid;
	await_shown(&attempt, attempt.args);
	tracer_request(PTRACE_SYSCALL, pid, 0);
	assert_int_equal(tracer_await(pid), STOP_SYSCALL);
	user = tracer_get(pid);
	regs = regs_of_user(&user);
	assert_true(regs.ret >= 0);
	assert_true(regs_are(&regs, attempt.args));
	tracer_request(PTRACE_CONT, pid, 0);
	end_traced(&attempt, -1, attempt.args);
}

static void i3_tracer_lets_pass_to_the_exit(void **state)
{
	(void)state;
	exit_stop(false);
	exit_stop(true);
}

/*
 * What a tracer changes makes a new call, of the target's own registers and the
 * change: the supervisor is asked of that, and the tracer of the redirect.
 */
static void change_another_argument(struct attempt *attempt,
				    unsigned long own[6], unsigned long value)
{
	struct user_regs_struct user = await_shown(attempt, own);

	/* Of no use to these calls */
	user.r10 = own[3] = value;
	tracer_set(attempt->target.pid, &user);
	tracer_request(PTRACE_CONT, attempt->target.pid, 0);
	assert_int_equal(attempt_how(attempt), SECCOMP_PIN_SKIPPED);
}

static void changes_another_argument(bool pointer, bool again)
{
	struct attempt attempt = attempt_of(pointer);
	unsigned long own[6];

	memcpy(own, attempt.args, sizeof(own));
	start_traced(&attempt, 0);
	change_another_argument(&attempt, own, 0xf0);
	pin_receive(&attempt.pin, &attempt.r);
	assert_int_equal(attempt.r.data.nr, attempt.nr);
	assert_memory_equal(attempt.r.data.args, own, sizeof(own));
	attempt_redirect(&attempt);
	if (again) {
		change_another_argument(&attempt, own, 0xf1);
		end_traced(&attempt, -ENOSYS, own);
		return;
	}
	await_shown(&attempt, own);
	tracer_request(PTRACE_CONT, attempt.target.pid, 0);
	assert_int_equal(attempt_how(&attempt), SECCOMP_PIN_RETURNED);
	end_traced(&attempt, -1, own);
}

static void i3_tracer_changes_an_argument(void **state)
{
	(void)state;
	changes_another_argument(false, false);
	changes_another_argument(true, false);
}

/* A tracer and a supervisor that undo each other's work come to an end. */
static void i3_tracer_changes_an_argument_twice(void **state)
{
	(void)state;
	changes_another_argument(false, true);
	changes_another_argument(true, true);
}

/* The same for the register that was substituted: what it put there stays. */
static void changes_the_argument(bool pointer)
{
	struct attempt attempt = attempt_of(pointer);
	struct user_regs_struct user;
	unsigned long own[6];

	memcpy(own, attempt.args, sizeof(own));
	start_traced(&attempt, 0);
	user = await_shown(&attempt, own);
	if (pointer)
		user.rsi = own[1] = own[1] + 1;
	else
		user.rdi = own[0] = AF_NETLINK;
	tracer_set(attempt.target.pid, &user);
	tracer_request(PTRACE_CONT, attempt.target.pid, 0);
	pin_receive(&attempt.pin, &attempt.r);
	assert_int_equal(attempt.r.data.nr, attempt.nr);
	assert_memory_equal(attempt.r.data.args, own, sizeof(own));
	assert_int_equal(attempt_how(&attempt), SECCOMP_PIN_SKIPPED);
	assert_int_equal(pin_emulate(&attempt.pin, attempt.r.id, 77), 0);
	end_traced(&attempt, 77, own);
}

static void i3_tracer_changes_what_was_redirected(void **state)
{
	(void)state;
	changes_the_argument(false);
	changes_the_argument(true);
}

/* It puts the target's own value back: that is a change as well. */
static void i3_tracer_undoes_the_redirect(void **state)
{
	struct attempt attempt = attempt_pointer();
	struct user_regs_struct user;

	(void)state;
	start_traced(&attempt, 0);
	user = await_shown(&attempt, attempt.args);
	user.rsi = attempt.args[1];
	tracer_set(attempt.target.pid, &user);
	tracer_request(PTRACE_CONT, attempt.target.pid, 0);
	pin_receive(&attempt.pin, &attempt.r);
	assert_memory_equal(attempt.r.data.args, attempt.args,
			    sizeof(attempt.args));
	assert_int_equal(pin_deny(&attempt.pin, attempt.r.id, EACCES), 0);
	end_traced(&attempt, -EACCES, attempt.args);
}

/* Another number, to run with the target's own registers, if it may */
static void changes_the_number(bool pointer, long nr, long ret)
{
	struct attempt attempt = attempt_of(pointer);
	struct user_regs_struct user;

	start_traced(&attempt, 0);
	user = await_shown(&attempt, attempt.args);
	user.orig_rax = nr;
	/* The value of a call that is skipped */
	user.rax = 77;
	tracer_set(attempt.target.pid, &user);
	tracer_request(PTRACE_CONT, attempt.target.pid, 0);
	assert_int_equal(attempt_how(&attempt), SECCOMP_PIN_SKIPPED);
	if (nr == SYS_getpid) {
		pin_receive_call(&attempt.pin, &attempt.r, "getpid");
		assert_memory_equal(attempt.r.data.args, attempt.args,
				    sizeof(attempt.args));
		assert_int_equal(pin_allow(&attempt.pin, attempt.r.id), 0);
		ret = attempt.target.pid;
	}
	end_traced(&attempt, ret, attempt.args);
}

static void i3_tracer_changes_the_number(void **state)
{
	int pointer;

	(void)state;
	for (pointer = 0; pointer <= 1; pointer++) {
		/* Notified of; not looked at; denied by the outer filter */
		changes_the_number(pointer, SYS_getpid, 0);
		changes_the_number(pointer, SYS_getppid, getpid());
		changes_the_number(pointer, SYS_mount, -EDOM);
	}
}

static void i3_tracer_skips(void **state)
{
	(void)state;
	changes_the_number(false, -1, 77);
	changes_the_number(true, -1, 77);
}

/* A tracer that dies at the stop has changed nothing. */
static void tracer_dies(bool pointer, unsigned long options)
{
	struct attempt attempt = attempt_of(pointer);
	pid_t tracer;
	int status;

	attempt_start(&attempt, outer, NULL);
	tracer = tracer_that_dies(attempt.target.pid,
				  PTRACE_O_TRACESECCOMP | options);
	attempt_redirect(&attempt);
	assert_int_equal(waitpid(tracer, &status, 0), tracer);
	assert_true(WIFSIGNALED(status));
	if (!options) {
		end_traced(&attempt, -1, attempt.args);
		return;
	}
	assert_int_equal(attempt_how(&attempt), SECCOMP_PIN_SKIPPED);
	assert_int_equal(attempt_end(&attempt), 128 + SIGKILL);
	assert_int_equal(attempt.outcome->after.ip, 0);
}

static void i3_tracer_dies_at_the_stop(void **state)
{
	(void)state;
	tracer_dies(false, 0);
	tracer_dies(true, 0);
	tracer_dies(false, PTRACE_O_EXITKILL);
	tracer_dies(true, PTRACE_O_EXITKILL);
}

static void killed(bool pointer)
{
	struct attempt attempt = attempt_of(pointer);
	int status;

	start_traced(&attempt, 0);
	await_shown(&attempt, attempt.args);
	kill(attempt.target.pid, SIGKILL);
	assert_int_equal(attempt_how(&attempt), SECCOMP_PIN_SKIPPED);
	status = tracer_await(attempt.target.pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
	assert_int_equal(pin_query(&attempt.pin).calls, 0);
	close(attempt.target.listener);
	pin_close(&attempt.pin);
	assert_int_equal(attempt.outcome->after.ip, 0);
}

static void i3_killed_at_the_stop(void **state)
{
	(void)state;
	killed(false);
	killed(true);
}

/* A tracer that did not ask for these stops is none. */
static void i3_tracer_without_the_option(void **state)
{
	struct attempt attempt = attempt_pointer();

	(void)state;
	attempt_start(&attempt, outer, NULL);
	tracer_seize(attempt.target.pid, 0);
	attempt_redirect(&attempt);
	assert_int_equal(attempt_how(&attempt), SECCOMP_PIN_SKIPPED);
	end_traced(&attempt, -ENOSYS, attempt.args);
}

/* What the chain says to a call that nobody redirects is as it always was. */
static void outer_getppid(void)
{
	scmp_filter_ctx filter = attempt_filter(SCMP_ACT_TRACE(MESSAGE));

	if (seccomp_rule_add(filter, SCMP_ACT_TRACE(MESSAGE),
			     SCMP_SYS(getppid), 0) ||
	    seccomp_rule_add(filter, SCMP_ACT_TRACE(MESSAGE),
			     SCMP_SYS(getuid), 0) ||
	    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EDOM), SCMP_SYS(mount), 0))
		_exit(99);
	attempt_load(filter, 0);
}

static int run_getppid(void *arg)
{
	struct attempt *attempt = arg;
	long nr = attempt->nr;

	/* Received by attempt_start(), and done with */
	attempt_call(attempt);
	await_word(&attempt->outcome->ready, 1);
	attempt->nr = SYS_getppid;
	attempt_call(attempt);
	attempt->nr = nr;
	return 0;
}

static struct attempt start_getppid(struct user_regs_struct *user)
{
	struct attempt attempt = attempt_scalar();

	attempt_start(&attempt, outer_getppid, run_getppid);
	tracer_seize(attempt.target.pid, PTRACE_O_TRACESECCOMP);
	assert_int_equal(pin_emulate(&attempt.pin, attempt.r.id, 0), 0);
	attempt.outcome->ready = 1;
	assert_int_equal(tracer_await(attempt.target.pid),
			 STOP_EVENT(PTRACE_EVENT_SECCOMP));
	*user = tracer_get(attempt.target.pid);
	assert_int_equal(user->orig_rax, SYS_getppid);
	return attempt;
}

static void i3_tracer_without_a_redirect(void **state)
{
	const struct {
		long nr;
		long ret;
	} calls[] = {
		{ SYS_getppid, getpid() },
		/* It has put the call in this state, and is not asked again. */
		{ SYS_getuid, 0 },
		{ SYS_mount, -EDOM },
		{ -1, 77 },
	};
	struct user_regs_struct user;
	struct attempt attempt;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		attempt = start_getppid(&user);
		user.orig_rax = calls[i].nr;
		user.rax = 77;
		tracer_set(attempt.target.pid, &user);
		tracer_request(PTRACE_CONT, attempt.target.pid, 0);
		end_traced(&attempt, calls[i].ret, attempt.args);
	}
}

/*
 * It makes a call of it that is notified of. If that goes on unchanged, the
 * tracer is not asked again; if it is redirected, it is.
 */
static void i3_tracer_makes_a_call_that_is_redirected(void **state)
{
	struct user_regs_struct user;
	struct attempt attempt;
	int redirected;

	(void)state;
	for (redirected = 0; redirected <= 1; redirected++) {
		attempt = start_getppid(&user);
		user.orig_rax = SYS_socket;
		tracer_set(attempt.target.pid, &user);
		tracer_request(PTRACE_CONT, attempt.target.pid, 0);
		pin_receive_call(&attempt.pin, &attempt.r, "socket");
		if (redirected) {
			attempt_redirect(&attempt);
			await_shown(&attempt, attempt.args);
			tracer_request(PTRACE_CONT, attempt.target.pid, 0);
		} else {
			assert_int_equal(pin_continue(&attempt.pin,
						      attempt.r.id), 0);
		}
		end_traced(&attempt, -1, attempt.args);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(i3_tracer_lets_pass),
		cmocka_unit_test(i3_tracer_lets_pass_to_the_exit),
		cmocka_unit_test(i3_tracer_changes_an_argument),
		cmocka_unit_test(i3_tracer_changes_an_argument_twice),
		cmocka_unit_test(i3_tracer_changes_what_was_redirected),
		cmocka_unit_test(i3_tracer_undoes_the_redirect),
		cmocka_unit_test(i3_tracer_changes_the_number),
		cmocka_unit_test(i3_tracer_skips),
		cmocka_unit_test(i3_tracer_dies_at_the_stop),
		cmocka_unit_test(i3_killed_at_the_stop),
		cmocka_unit_test(i3_tracer_without_the_option),
		cmocka_unit_test(i3_tracer_without_a_redirect),
		cmocka_unit_test(i3_tracer_makes_a_call_that_is_redirected),
	};

	return run_group(tests);
}
