// SPDX-License-Identifier: GPL-2.0-only
/* I3: the filters outer to the one that notified judge the redirected call. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "pin.h"
#include "regs.h"

/* What the outer filter says of the call as redirected */
static uint32_t outer_action;

/* What the target asks for; the redirect substitutes the pointer. */
static const char asked[] = "/tmp/asked";

/*
 * Not seccomp_load(): libseccomp makes one listener in a process, and that has
 * to be the inner filter's.
 */
static void load(scmp_filter_ctx filter)
{
	unsigned int flags = outer_action == SCMP_ACT_NOTIFY ?
			     SECCOMP_FILTER_FLAG_NEW_LISTENER : 0;
	static struct sock_filter insns[BPF_MAXINSNS];
	struct sock_fprog prog = { .filter = insns };
	int listener, fd = memfd_create("filter", 0);
	ssize_t len;

	if (fd < 0 || seccomp_export_bpf(filter, fd))
		_exit(99);
	len = pread(fd, insns, sizeof(insns), 0);
	if (len <= 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		_exit(99);
	prog.len = len / sizeof(*insns);
	listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
	if (listener < 0)
		_exit(99);
	if (flags)
		close(listener);
	close(fd);
	seccomp_release(filter);
}

/* Against sockets of AF_INET, and nothing else */
static void outer_scalar(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (seccomp_rule_add(filter, outer_action, SCMP_SYS(socket), 1,
			     SCMP_A0(SCMP_CMP_EQ, AF_INET)))
		_exit(99);
	load(filter);
}

/* Against opening what is not at the address of our own path */
static void outer_pointer(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (seccomp_rule_add(filter, outer_action, SCMP_SYS(openat), 1,
			     SCMP_A1(SCMP_CMP_NE, (uintptr_t)asked)))
		_exit(99);
	load(filter);
}

static volatile sig_atomic_t trapped;

/* SIGSYS shows the registers of the call that the target made. */
static void on_sigsys(int sig, siginfo_t *info, void *context)
{
	const ucontext_t *uc = context;
	const greg_t *regs = uc->uc_mcontext.gregs;

	(void)sig;
	if (info->si_syscall == SYS_socket)
		trapped = regs[REG_RDI] == AF_UNIX && regs[REG_RAX] == SYS_socket;
	else
		trapped = regs[REG_RSI] == (greg_t)(uintptr_t)asked &&
			  regs[REG_RAX] == SYS_openat;
}

struct outcome {
	long ret;
	int trapped;
	int registers;	/* the target's own are back */
};

struct attempt {
	long nr;
	unsigned long args[6];
	struct outcome *outcome;
};

static int run_attempt(void *arg)
{
	struct sigaction action = {
		.sa_sigaction = on_sigsys,
		.sa_flags = SA_SIGINFO,
	};
	struct attempt *attempt = arg;
	unsigned long args[6];

	sigaction(SIGSYS, &action, NULL);
	memcpy(args, attempt->args, sizeof(args));
	attempt->outcome->ret = regs_call(attempt->nr, args);
	attempt->outcome->registers = !memcmp(args, attempt->args,
					      sizeof(args));
	attempt->outcome->trapped = trapped;
	return 0;
}

/* Redirect the attempt under an outer filter; returns the exit status. */
static int try_outer(bool pointer, uint32_t action, struct outcome *outcome,
		     uint32_t *how)
{
	static const char *const traps[] = { "socket", "openat", NULL };
	struct seccomp_pin_completion completion;
	struct outcome *shared = shared_memory(4096);
	struct seccomp_pin_redirect redirect = {
		.flags = SECCOMP_PIN_COMPLETION,
	};
	struct attempt attempt = { .outcome = shared };
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;
	int status;

	if (pointer) {
		attempt.nr = SYS_openat;
		attempt.args[0] = AT_FDCWD;
		attempt.args[1] = (uintptr_t)asked;
	} else {
		attempt.nr = SYS_socket;
		attempt.args[0] = AF_UNIX;
		attempt.args[1] = SOCK_STREAM;
	}
	outer_action = action;
	assert_int_equal(target_start(&target,
				      pointer ? outer_pointer : outer_scalar,
				      traps, run_attempt, &attempt), 0);
	pin_open(&pin, target.listener);
	pin_receive(&pin, &r);
	assert_int_equal(r.data.nr, attempt.nr);
	redirect.id = r.id;
	if (pointer) {
		strcpy(pin_slot(&pin, &r), "/dev/null");
		redirect.args_mask = 1 << 1;
		redirect.ptr_mask = 1 << 1;
		redirect.arena_mask = 1 << 1;
		redirect.args[1] = r.slot_offset;
		redirect.ptr_len[1] = sizeof("/dev/null");
	} else {
		redirect.args_mask = 1 << 0;
		redirect.args[0] = AF_INET;
	}
	assert_int_equal(pin_redirect(&pin, &redirect), 0);
	assert_int_equal(read(pin.fd, &completion, sizeof(completion)),
			 sizeof(completion));
	assert_int_equal(completion.id, r.id);
	assert_int_equal(completion.thread, r.thread);
	*how = completion.how;
	status = target_wait(&target);
	*outcome = *shared;
	pin_close(&pin);
	return status;
}

#define OUTER_TESTS(what, pointer)					\
static void i3_outer_allow_##what(void **state)				\
{									\
	struct outcome outcome;						\
	uint32_t how;							\
									\
	(void)state;							\
	/* LOG is an action that lets it run, as no filter at all does. */ \
	assert_int_equal(try_outer(pointer, SCMP_ACT_LOG, &outcome, &how), 0); \
	assert_true(outcome.ret >= 0);					\
	assert_true(outcome.registers);					\
	assert_int_equal(how, SECCOMP_PIN_RETURNED);			\
}									\
									\
static void i3_outer_errno_##what(void **state)				\
{									\
	struct outcome outcome;						\
	uint32_t how;							\
									\
	(void)state;							\
	assert_int_equal(try_outer(pointer, SCMP_ACT_ERRNO(EDOM), &outcome, \
				   &how), 0);				\
	assert_int_equal(outcome.ret, -EDOM);				\
	assert_true(outcome.registers);					\
	assert_int_equal(how, SECCOMP_PIN_SKIPPED);			\
}									\
									\
static void i3_outer_trap_##what(void **state)				\
{									\
	struct outcome outcome;						\
	uint32_t how;							\
									\
	(void)state;							\
	assert_int_equal(try_outer(pointer, SCMP_ACT_TRAP, &outcome, &how), 0); \
	assert_int_equal(outcome.trapped, 1);				\
	assert_true(outcome.registers);					\
	assert_int_equal(how, SECCOMP_PIN_SKIPPED);			\
}									\
									\
static void i3_outer_kill_##what(void **state)				\
{									\
	struct outcome outcome;						\
	uint32_t how;							\
									\
	(void)state;							\
	assert_int_equal(try_outer(pointer, SCMP_ACT_KILL_PROCESS, &outcome, \
				   &how), 128 + SIGSYS);		\
	assert_int_equal(how, SECCOMP_PIN_SKIPPED);			\
}									\
									\
static void i3_outer_trace_##what(void **state)				\
{									\
	struct outcome outcome;						\
	uint32_t how;							\
									\
	(void)state;							\
	assert_int_equal(try_outer(pointer, SCMP_ACT_TRACE(1), &outcome, &how), \
			 0);						\
	assert_int_equal(outcome.ret, -ENOSYS);				\
	assert_true(outcome.registers);					\
	assert_int_equal(how, SECCOMP_PIN_SKIPPED);			\
}									\
									\
/* A chain has one listener at most: this filter's is closed. */	\
static void i3_outer_closed_listener_##what(void **state)		\
{									\
	struct outcome outcome;						\
	uint32_t how;							\
									\
	(void)state;							\
	assert_int_equal(try_outer(pointer, SCMP_ACT_NOTIFY, &outcome, &how), \
			 0);						\
	assert_int_equal(outcome.ret, -ENOSYS);				\
	assert_true(outcome.registers);					\
	assert_int_equal(how, SECCOMP_PIN_SKIPPED);			\
}

OUTER_TESTS(scalar, false)
OUTER_TESTS(pointer, true)

/* The outer filter says nothing of what the redirect makes of the call. */
static void allow_filter(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	outer_action = SCMP_ACT_ALLOW;
	if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EDOM), SCMP_SYS(mount), 0))
		_exit(99);
	load(filter);
}

static int run_null(void *arg)
{
	(void)arg;
	return syscall(SYS_openat, AT_FDCWD, asked, O_RDONLY) < 0;
}

static void i3_outer_allows(void **state)
{
	static const char *const traps[] = { "openat", NULL };
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;

	(void)state;
	assert_int_equal(target_start(&target, allow_filter, traps, run_null,
				      NULL), 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &r, "openat");
	assert_int_equal(pin_allow_string(&pin, &r, 1, "/dev/null"), 0);
	assert_int_equal(target_wait(&target), 0);
	pin_close(&pin);
}

#define OUTER_LIST(what)						\
		cmocka_unit_test(i3_outer_allow_##what),		\
		cmocka_unit_test(i3_outer_errno_##what),		\
		cmocka_unit_test(i3_outer_trap_##what),			\
		cmocka_unit_test(i3_outer_kill_##what),			\
		cmocka_unit_test(i3_outer_trace_##what),		\
		cmocka_unit_test(i3_outer_closed_listener_##what)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(i3_outer_allows),
		OUTER_LIST(scalar),
		OUTER_LIST(pointer),
	};

	return run_group(tests);
}
