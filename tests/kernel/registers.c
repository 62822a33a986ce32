// SPDX-License-Identifier: GPL-2.0-only
/* I4: after the call, the target sees its own registers. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "pin.h"
#include "regs.h"

/* What the target tells of itself, in shared memory */
struct seen {
	volatile int tid;
	volatile int step;
	volatile long ret;
	volatile int own;		/* registers after the call */
	volatile int own_in_handler;
	volatile int own_in_child;
	int pipe[2];
};

static struct seen *seen;

/* All six, so that whatever is not restored shows */
static unsigned long own[6] = { 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5 };

static void call_with_own(long nr)
{
	unsigned long args[6];

	memcpy(args, own, sizeof(args));
	seen->ret = regs_call(nr, args);
	seen->own = !memcmp(args, own, sizeof(args));
}

/* Every register is substituted; the last ones are of no use to most calls. */
static void redirect_all(struct pin *pin, uint64_t id, uint64_t a, uint64_t b,
			 uint64_t c)
{
	struct seccomp_pin_redirect redirect = {
		.id = id,
		.args_mask = 0x3f,
		.args = { a, b, c, 0xb3, 0xb4, 0xb5 },
	};

	assert_int_equal(pin_redirect(pin, &redirect), 0);
}

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

static int run_lseek(void *arg)
{
	(void)arg;
	call_with_own(SYS_lseek);
	return 0;
}

static const char *const trap_lseek[] = { "lseek", NULL };

static void i4_success(void **state)
{
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;
	int fd = open("/proc/self/exe", O_RDONLY);

	(void)state;
	assert_int_equal(target_start(&target, NULL, trap_lseek, run_lseek,
				      NULL), 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &r, "lseek");
	redirect_all(&pin, r.id, fd, 1234, SEEK_SET);
	assert_int_equal(target_wait(&target), 0);
	assert_int_equal(seen->ret, 1234);
	assert_true(seen->own);
	close(fd);
	pin_close(&pin);
}

static void i4_error(void **state)
{
	struct seccomp_pin_completion completion;
	struct seccomp_pin_redirect redirect = {
		.flags = SECCOMP_PIN_COMPLETION,
		.args_mask = 0x3f,
		.args = { 999, 1, 2, 3, 4, 5 },
	};
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;

	(void)state;
	assert_int_equal(target_start(&target, NULL, trap_lseek, run_lseek,
				      NULL), 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &r, "lseek");
	redirect.id = r.id;
	assert_int_equal(pin_redirect(&pin, &redirect), 0);
	assert_int_equal(target_wait(&target), 0);
	assert_int_equal(seen->ret, -EBADF);
	assert_true(seen->own);
	assert_int_equal(read(pin.fd, &completion, sizeof(completion)),
			 sizeof(completion));
	assert_int_equal(completion.how, SECCOMP_PIN_RETURNED);
	assert_int_equal(completion.retval, -EBADF);
	pin_close(&pin);
}

/*
 * A handler's ucontext has the registers of the call it interrupted. It runs
 * once: the test sends until it did, and what is sent beyond that must not
 * interrupt the next call.
 */
static void on_signal(int sig, siginfo_t *info, void *context)
{
	const ucontext_t *uc = context;
	const greg_t *regs = uc->uc_mcontext.gregs;

	(void)info;
	signal(sig, SIG_IGN);
	seen->own_in_handler = regs[REG_RDI] == (greg_t)own[0] &&
			       regs[REG_RSI] == (greg_t)own[1] &&
			       regs[REG_RDX] == (greg_t)own[2] &&
			       regs[REG_R10] == (greg_t)own[3] &&
			       regs[REG_R8] == (greg_t)own[4] &&
			       regs[REG_R9] == (greg_t)own[5];
}

/* A read() of an empty pipe that a signal interrupts; @arg: its sa_flags */
static int run_read(void *arg)
{
	struct sigaction action = { .sa_sigaction = on_signal };

	action.sa_flags = SA_SIGINFO | (int)(intptr_t)arg;
	sigaction(SIGUSR1, &action, NULL);
	seen->tid = gettid();
	call_with_own(SYS_read);
	return 0;
}

static const char *const trap_read[] = { "read", NULL };

static void i4_interrupted_by_a_handler(void **state)
{
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;

	(void)state;
	assert_int_equal(target_start(&target, NULL, trap_read, run_read,
				      NULL), 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &r, "read");
	redirect_all(&pin, r.id, seen->pipe[0], 0x1000, 1);
	/* It sleeps in the read now, or is on its way to it. */
	AWAIT((kill(target.pid, SIGUSR1), seen->own_in_handler) ||
	      !pin_query(&pin).calls);
	assert_int_equal(target_wait(&target), 0);
	assert_true(seen->own_in_handler);
	assert_int_equal(seen->ret, -EINTR);
	assert_true(seen->own);
	pin_close(&pin);
}

/* With SA_RESTART the call traps again, with the original arguments. */
static void i4_restarted(void **state)
{
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;
	unsigned int i;

	(void)state;
	assert_int_equal(target_start(&target, NULL, trap_read, run_read,
				      (void *)SA_RESTART), 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &r, "read");
	redirect_all(&pin, r.id, seen->pipe[0], 0x1000, 1);
	await_word(&seen->tid, target.pid);
	AWAIT((kill(target.pid, SIGUSR1), seen->own_in_handler));
	pin_receive_call(&pin, &r, "read");
	for (i = 0; i < 6; i++)
		assert_int_equal(r.data.args[i], own[i]);
	assert_int_equal(pin_emulate(&pin, r.id, 77), 0);
	assert_int_equal(target_wait(&target), 0);
	assert_int_equal(seen->ret, 77);
	assert_true(seen->own);
	pin_close(&pin);
}

/* A signal that comes before the answer: the call is not made. */
static void i4_signal_before_the_answer(void **state)
{
	struct seccomp_pin_redirect redirect = {
		.args_mask = 1,
		.args = { 999 },
	};
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;

	(void)state;
	assert_int_equal(target_start(&target, NULL, trap_read, run_read,
				      NULL), 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &r, "read");
	kill(target.pid, SIGUSR1);
	await_word(&seen->own_in_handler, 1);
	assert_int_equal(target_wait(&target), 0);
	redirect.id = r.id;
	assert_int_equal(pin_redirect(&pin, &redirect), -ENOENT);
	assert_int_equal(seen->ret, -EINTR);
	assert_true(seen->own);
	assert_true(seen->own_in_handler);
	/* The answer came too late, but it was one: nothing is held. */
	assert_int_equal(pin_query(&pin).calls, 0);
	pin_close(&pin);
}

/*
 * Children see the registers of their parent's call. Both of them leave this
 * function by _exit, so that it does not matter whose stack it is.
 */
static inline __attribute__((always_inline)) int
run_clone(long nr, unsigned long args[6])
{
	unsigned long before[6];
	long ret;
	int status;

	memcpy(before, args, sizeof(before));
	ret = regs_call(nr, args);
	if (!ret) {
		seen->own_in_child = !memcmp(args, before, sizeof(before));
		_exit(7);
	}
	seen->own = !memcmp(args, before, sizeof(before));
	seen->ret = ret;
	if (ret < 0 || waitpid(ret, &status, 0) != ret)
		return 1;
	return WEXITSTATUS(status) != 7;
}

static int run_fork_family(void *arg)
{
	static struct clone_args clone_args = { .exit_signal = SIGCHLD };
	unsigned long args[6] = { 0xa0, 0, 0, 0, 0, 0xa5 };

	switch ((intptr_t)arg) {
	case SYS_clone3:
		args[0] = (uintptr_t)&clone_args;
		args[1] = sizeof(clone_args);
		return run_clone(SYS_clone3, args);
	case SYS_clone:
		/* As redirected; these would be an error. */
		args[0] = CLONE_THREAD;
		return run_clone(SYS_clone, args);
	case SYS_vfork:
		return run_clone(SYS_vfork, args);
	default:
		return run_clone(SYS_fork, args);
	}
}

static void clone_registers(long nr, const char *name)
{
	const char *const traps[] = { name, NULL };
	struct seccomp_pin_redirect redirect = {
		.args_mask = 0x3f,
		.args = { 0, 0, 0, 0, 0, 0xb5 },
	};
	struct clone_args clone_args = { .exit_signal = SIGCHLD };
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;

	assert_int_equal(target_start(&target, NULL, traps, run_fork_family,
				      (void *)nr), 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &r, name);
	redirect.id = r.id;
	if (nr == SYS_clone) {
		redirect.args[0] = SIGCHLD;
	} else if (nr == SYS_clone3) {
		memcpy(pin_slot(&pin, &r), &clone_args, sizeof(clone_args));
		redirect.ptr_mask = 1;
		redirect.arena_mask = 1;
		redirect.args[0] = r.slot_offset;
		redirect.ptr_len[0] = sizeof(clone_args);
		redirect.args[1] = sizeof(clone_args);
	}
	assert_int_equal(pin_redirect(&pin, &redirect), 0);
	assert_int_equal(target_wait(&target), 0);
	assert_true(seen->own);
	assert_true(seen->own_in_child);
	pin_close(&pin);
}

static void i4_fork(void **state)
{
	(void)state;
	clone_registers(SYS_fork, "fork");
}

static void i4_vfork(void **state)
{
	(void)state;
	clone_registers(SYS_vfork, "vfork");
}

static void i4_clone(void **state)
{
	(void)state;
	clone_registers(SYS_clone, "clone");
}

static void i4_clone3(void **state)
{
	(void)state;
	clone_registers(SYS_clone3, "clone3");
}

static int run_failed_exec(void *arg)
{
	(void)arg;
	call_with_own(SYS_execve);
	return 0;
}

static void i4_failed_execve(void **state)
{
	static const char *const traps[] = { "execve", NULL };
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;

	(void)state;
	assert_int_equal(target_start(&target, NULL, traps, run_failed_exec,
				      NULL), 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &r, "execve");
	assert_int_equal(pin_allow_string(&pin, &r, 0, "/no/such/file"), 0);
	assert_int_equal(target_wait(&target), 0);
	/* argv was not substituted: it is 0xa1. */
	assert_int_equal(seen->ret, -ENOENT);
	assert_true(seen->own);
	pin_close(&pin);
}

static int run_exec(void *arg)
{
	char *argv[] = { "true", NULL };

	(void)arg;
	execv("/no/such/file", argv);
	return 1;
}

/* The new program starts with the registers that execve gives it. */
static void i4_successful_execve(void **state)
{
	static const char *const traps[] = { "execve", NULL };
	struct seccomp_pin_completion completion;
	struct seccomp_pin_redirect redirect = {
		.flags = SECCOMP_PIN_COMPLETION,
		.args_mask = 1,
		.ptr_mask = 1,
		.arena_mask = 1,
	};
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;

	(void)state;
	assert_int_equal(target_start(&target, NULL, traps, run_exec, NULL), 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &r, "execve");
	strcpy(pin_slot(&pin, &r), "/bin/true");
	redirect.id = r.id;
	redirect.args[0] = r.slot_offset;
	redirect.ptr_len[0] = sizeof("/bin/true");
	assert_int_equal(pin_redirect(&pin, &redirect), 0);
	assert_int_equal(read(pin.fd, &completion, sizeof(completion)),
			 sizeof(completion));
	assert_int_equal(completion.how, SECCOMP_PIN_EXECUTED);
	assert_int_equal(target_wait(&target), 0);
	pin_close(&pin);
}

static int run_exit(void *arg)
{
	(void)arg;
	call_with_own(SYS_exit_group);
	return 1;
}

static void i4_exit(void **state)
{
	static const char *const traps[] = { "exit_group", NULL };
	struct seccomp_pin_completion completion;
	struct seccomp_pin_redirect redirect = {
		.flags = SECCOMP_PIN_COMPLETION,
		.args_mask = 1,
		.args = { 42 },
	};
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;

	(void)state;
	assert_int_equal(target_start(&target, NULL, traps, run_exit, NULL), 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &r, "exit_group");
	redirect.id = r.id;
	assert_int_equal(pin_redirect(&pin, &redirect), 0);
	assert_int_equal(read(pin.fd, &completion, sizeof(completion)),
			 sizeof(completion));
	assert_int_equal(completion.how, SECCOMP_PIN_DIED);
	assert_int_equal(target_wait(&target), 42);
	pin_close(&pin);
}

#define REGISTER_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		REGISTER_TEST(i4_success),
		REGISTER_TEST(i4_error),
		REGISTER_TEST(i4_interrupted_by_a_handler),
		REGISTER_TEST(i4_restarted),
		REGISTER_TEST(i4_signal_before_the_answer),
		REGISTER_TEST(i4_fork),
		REGISTER_TEST(i4_vfork),
		REGISTER_TEST(i4_clone),
		REGISTER_TEST(i4_clone3),
		REGISTER_TEST(i4_failed_execve),
		REGISTER_TEST(i4_successful_execve),
		REGISTER_TEST(i4_exit),
	};

	return run_group(tests);
}
