// SPDX-License-Identifier: GPL-2.0-only
/* I4: after the call, the target sees its own registers. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/io_uring.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "pin.h"
#include "regs.h"
#include "tracer.h"

/* Calls that are raced with signals; there are as many as it takes. */
#define RACES	65536

/* What the target tells of itself, in shared memory */
struct seen {
	volatile int tid;
	volatile int step;
	volatile long ret;
	volatile int own;		/* registers after the call */
	volatile int own_in_handler;
	volatile long ret_in_handler;
	volatile int restart_in_handler; /* it goes back to making the call */
	volatile int own_in_child;
	volatile int word;		/* a futex */
	struct timespec time;
	volatile char selector;		/* of a dispatched call */
	int pipe[2];
	struct {
		volatile int done;
		volatile long ret;
	} races[RACES];
};

static struct seen *seen;

/* All six, so that whatever is not restored shows */
static unsigned long own[6] = { 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5 };

static void call_with_own(long nr)
{
	seen->ret = regs_syscall(nr, own);
	seen->own = regs_are(&regs_after, own);
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
	seen = shared_memory(sizeof(*seen));
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
	struct regs regs = regs_of_context(context);

	(void)info;
	signal(sig, SIG_IGN);
	seen->ret_in_handler = regs.ret;
	seen->restart_in_handler = regs.ip != (unsigned long)regs_return;
	seen->own_in_handler = regs_are(&regs, own);
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
	assert_int_equal(seen->ret_in_handler, -EINTR);
	assert_false(seen->restart_in_handler);
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
	assert_int_equal(seen->ret_in_handler, SYS_read);
	assert_true(seen->restart_in_handler);
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
 * Calls that are continued by restart_syscall after a stop. That has no
 * arguments; what the kernel has kept are those of the redirect.
 */
static int run_restarted(void *arg)
{
	struct sigaction action = {
		.sa_sigaction = on_signal,
		.sa_flags = SA_SIGINFO,
	};

	sigaction(SIGUSR1, &action, NULL);
	call_with_own((intptr_t)arg);
	return 0;
}

static void restart(const char *const *traps, long nr,
		    struct seccomp_pin_redirect redirect)
{
	struct seccomp_pin_completion completion;
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;
	int status;

	assert_int_equal(target_start(&target, NULL, traps, run_restarted,
				      (void *)nr), 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &r, traps[0]);
	if (redirect.ptr_mask) {
		redirect.arena_mask = redirect.ptr_mask;
		redirect.args[0] = r.slot_offset;
		memcpy(pin_slot(&pin, &r), &seen->time, sizeof(seen->time));
	}
	redirect.id = r.id;
	redirect.flags = SECCOMP_PIN_COMPLETION;
	assert_int_equal(pin_redirect(&pin, &redirect), 0);
	await_syscall(target.pid, nr, redirect.ptr_mask ? r.slot_address :
							  redirect.args[0]);

	kill(target.pid, SIGSTOP);
	AWAIT(waitpid(target.pid, &status, WNOHANG | WUNTRACED) == target.pid);
	assert_true(WIFSTOPPED(status));
	assert_int_equal(read(pin.fd, &completion, sizeof(completion)),
			 sizeof(completion));
	assert_int_equal(completion.how, SECCOMP_PIN_RETURNED);
	assert_int_equal(completion.retval, -EINTR);
	kill(target.pid, SIGCONT);
	if (traps[1]) {
		pin_receive_call(&pin, &r, traps[1]);
		assert_memory_equal(r.data.args, own, sizeof(own));
		assert_int_equal(pin_allow(&pin, r.id), 0);
	}
	await_syscall(target.pid, SYS_restart_syscall, own[0]);

	if (nr == SYS_nanosleep) {
		kill(target.pid, SIGUSR1);
		assert_int_equal(target_wait(&target), 0);
		assert_true(seen->own_in_handler);
		assert_int_equal(seen->ret_in_handler, -EINTR);
		assert_int_equal(seen->ret, -EINTR);
	} else {
		AWAIT(syscall(SYS_futex, &seen->word, FUTEX_WAKE, 1) == 1);
		assert_int_equal(target_wait(&target), 0);
		assert_int_equal(seen->ret, 0);
	}
	assert_true(seen->own);
	pin_close(&pin);
}

static void i4_sleep_continued_after_a_stop(void **state)
{
	static const char *const traps[][3] = {
		{ "nanosleep", NULL }, { "nanosleep", "restart_syscall", NULL },
	};
	const struct seccomp_pin_redirect redirect = {
		.args_mask = 0x3f,
		.ptr_mask = 1,
		.ptr_len = { sizeof(seen->time) },
		.args = { 0, 0, 0xb2, 0xb3, 0xb4, 0xb5 },
	};

	(void)state;
	seen->time.tv_sec = 100000;
	restart(traps[0], SYS_nanosleep, redirect);
	seen->own = 0;
	restart(traps[1], SYS_nanosleep, redirect);
}

/* No pin for a futex: the addresses are the target's own. */
static void i4_futex_continued_after_a_stop(void **state)
{
	static const char *const traps[][3] = {
		{ "futex", NULL }, { "futex", "restart_syscall", NULL },
	};
	const struct seccomp_pin_redirect redirect = {
		.args_mask = 0x3f,
		.args = { (uintptr_t)&seen->word, FUTEX_WAIT, 0,
			  (uintptr_t)&seen->time, 0xb4, 0xb5 },
	};

	(void)state;
	seen->time.tv_sec = 100000;
	restart(traps[0], SYS_futex, redirect);
	seen->own = 0;
	restart(traps[1], SYS_futex, redirect);
}

static const char *const trap_enter[] = { "io_uring_enter", NULL };

/* A ring, and a read of the pipe in it; the kernel's part is done inside. */
static int run_io_uring(void *arg)
{
	struct io_uring_params params = { 0 };
	int fd = syscall(SYS_io_uring_setup, 4, &params);
	struct io_uring_sqe *sqe;
	struct io_uring_cqe *cqe;
	unsigned char *ring;

	(void)arg;
	if (fd < 0 || !(params.features & IORING_FEAT_SINGLE_MMAP))
		return 90;
	ring = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    IORING_OFF_SQ_RING);
	sqe = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		   IORING_OFF_SQES);
	if (ring == MAP_FAILED || sqe == MAP_FAILED)
		return 91;
	sqe->opcode = IORING_OP_READ;
	sqe->fd = seen->pipe[0];
	sqe->addr = (uintptr_t)&seen->word;
	sqe->len = 1;
	((unsigned int *)(ring + params.sq_off.array))[0] = 0;
	__atomic_store_n((unsigned int *)(ring + params.sq_off.tail), 1,
			 __ATOMIC_RELEASE);
	seen->tid = fd;
	call_with_own(SYS_io_uring_enter);
	cqe = (void *)(ring + params.cq_off.cqes);
	return cqe->res == 1 && seen->word == 'x' ? 0 : 92;
}

static void i4_work_inside_the_call(void **state)
{
	struct seccomp_pin_redirect redirect = {
		.args_mask = 0x3f,
		.args = { 0, 1, 1, IORING_ENTER_GETEVENTS, 0, 0 },
	};
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;

	(void)state;
	assert_int_equal(target_start(&target, NULL, trap_enter, run_io_uring,
				      NULL), 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &r, "io_uring_enter");
	redirect.id = r.id;
	redirect.args[0] = seen->tid;
	assert_int_equal(pin_redirect(&pin, &redirect), 0);
	/* It waits inside, and what comes in is for it to read. */
	await_syscall(target.pid, SYS_io_uring_enter, seen->tid);
	assert_int_equal(write(seen->pipe[1], "x", 1), 1);
	assert_int_equal(target_wait(&target), 0);
	assert_int_equal(seen->ret, 1);
	assert_true(seen->own);
	pin_close(&pin);
}

static void on_dispatch(int sig, siginfo_t *info, void *context)
{
	struct regs regs = regs_of_context(context);

	(void)sig;
	/* Or the return from here would be dispatched as well. */
	seen->selector = SYSCALL_DISPATCH_FILTER_ALLOW;
	seen->own_in_handler = regs_are(&regs, own) &&
			       regs.ret == SYS_lseek &&
			       info->si_syscall == SYS_lseek;
}

/* Redirected, dispatched and so not made, and redirected again */
static int run_dispatched(void *arg)
{
	struct sigaction action = {
		.sa_sigaction = on_dispatch,
		.sa_flags = SA_SIGINFO,
	};

	(void)arg;
	sigaction(SIGSYS, &action, NULL);
	if (prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, 0, 0,
		  &seen->selector))
		return 90;
	call_with_own(SYS_lseek);
	if (seen->ret != 1 || !seen->own || seen->own_in_handler)
		return 91;
	seen->selector = SYSCALL_DISPATCH_FILTER_BLOCK;
	call_with_own(SYS_lseek);
	if (seen->ret != SYS_lseek || !seen->own || !seen->own_in_handler)
		return 92;
	call_with_own(SYS_lseek);
	return seen->ret != 2 || !seen->own;
}

static void i4_syscall_user_dispatch(void **state)
{
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;
	int i, fd = open("/proc/self/exe", O_RDONLY);

	(void)state;
	assert_int_equal(target_start(&target, NULL, trap_lseek, run_dispatched,
				      NULL), 0);
	pin_open(&pin, target.listener);
	for (i = 1; i <= 2; i++) {
		pin_receive_call(&pin, &r, "lseek");
		redirect_all(&pin, r.id, fd, i, SEEK_SET);
	}
	assert_int_equal(target_wait(&target), 0);
	close(fd);
	pin_close(&pin);
}

static void on_race(int sig)
{
	(void)sig;
}

static int run_races(void *arg)
{
	struct sigaction action = { .sa_handler = on_race };
	unsigned long args[6] = { 0xa0, 0xa1, 0xa2, 0xa3, 0xa4 };
	volatile int i;

	(void)arg;
	sigaction(SIGUSR1, &action, NULL);
	for (i = 0; i < RACES && !seen->step; i++) {
		args[5] = i;
		seen->races[i].ret = regs_syscall(SYS_lseek, args);
		if (!regs_are(&regs_after, args))
			return 1;
		seen->races[i].done = 1;
	}
	return 0;
}

/* Which race is on, for the thread that sends the signals */
static volatile int racing;

/* A signal for each */
static void *send_signals(void *arg)
{
	struct target *target = arg;
	int last = 0;

	while (!seen->step) {
		if (racing == last)
			continue;
		last = racing;
		kill(target->pid, SIGUSR1);
	}
	return NULL;
}

/* Keeps the listener's lock busy, for others to wait for it. */
static void *contend(void *arg)
{
	struct target *target = arg;
	uint64_t id = 0;

	while (!seen->step)
		ioctl(target->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id);
	return NULL;
}

/* Answer call @i while a signal comes; how it ended, or -ENOENT */
static int race(struct pin *pin, uint64_t id, unsigned int i, int fd,
		unsigned int delay)
{
	struct seccomp_pin_redirect redirect = {
		.id = id,
		.flags = SECCOMP_PIN_COMPLETION,
		.args_mask = 0x3f,
		.args = { fd, i + 1, SEEK_SET, 0xb3, 0xb4, 0xb5 },
	};
	struct seccomp_pin_completion completion;
	off_t before = lseek(fd, 0, SEEK_CUR);
	volatile unsigned int spin;
	bool made;
	int err;

	racing = i + 1;
	for (spin = delay; spin; spin--)
		;
	err = pin_redirect(pin, &redirect);
	AWAIT(seen->races[i].done);
	if (!err)
		assert_int_equal(read(pin->fd, &completion, sizeof(completion)),
				 sizeof(completion));
	else
		assert_int_equal(err, -ENOENT);
	made = !err && completion.how == SECCOMP_PIN_RETURNED;
	assert_true(made || err || completion.how == SECCOMP_PIN_INTERRUPTED);
	assert_int_equal(seen->races[i].ret, made ? (long)i + 1 : -EINTR);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), made ? (off_t)i + 1 : before);
	return err ?: (int)completion.how;
}

/*
 * A signal that comes together with the answer: either the call is made, or it
 * is not and nothing has changed, and the supervisor is told which. The moment
 * of the answer is kept where either can be first.
 */
static void i4_signal_races_with_the_answer(void **state)
{
	unsigned int made = 0, late = 0, interrupted = 0, delay = 0, i;
	struct seccomp_pin_receive r;
	pthread_t threads[2];
	struct target target;
	uint64_t start = now_ms();
	struct pin pin;
	int fd = open("/proc/self/exe", O_RDONLY);

	(void)state;
	assert_int_equal(target_start(&target, NULL, trap_lseek, run_races,
				      NULL), 0);
	pin_open(&pin, target.listener);
	for (i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL,
						i ? contend : send_signals,
						&target), 0);
	/*
	 * That the answer is stored, and the signal still wins, is rare: it is
	 * waited for a while, but not for as long as it takes.
	 */
	while (!made || !late || (!interrupted && now_ms() - start < 4000)) {
		assert_true(now_ms() - start < TIME_LIMIT_MS);
		pin_receive_call(&pin, &r, "lseek");
		i = r.data.args[5];
		if (i == RACES - 1)
			break;
		switch (race(&pin, r.id, i, fd, delay)) {
		case SECCOMP_PIN_RETURNED:
			made++;
			delay += 256;
			break;
		case SECCOMP_PIN_INTERRUPTED:
			interrupted++;
			break;
		default:
			late++;
			delay -= delay ? 256 : 0;
			break;
		}
	}
	seen->step = 1;
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(target_wait(&target), 0);
	print_message("# %u made, %u too late, %u interrupted\n", made, late,
		      interrupted);
	assert_true(made > 0);
	assert_true(late > 0);
	close(fd);
	pin_close(&pin);
}

/* Children see the registers of their parent's call. */
static int run_clone(long nr, const unsigned long args[6])
{
	long ret = regs_syscall(nr, args);
	int status;

	if (!ret) {
		seen->own_in_child = regs_are(&regs_after, args);
		_exit(7);
	}
	seen->own = regs_are(&regs_after, args);
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

#define SET_BY_TRACER	0x77

static int run_traced_vfork(void *arg)
{
	unsigned long args[6];
	long ret;

	(void)arg;
	memcpy(args, own, sizeof(args));
	ret = regs_syscall(SYS_vfork, args);
	if (!ret)
		_exit(0);
	args[1] = SET_BY_TRACER;
	seen->own = regs_are(&regs_after, args);
	return ret < 0;
}

/* A debugger sets registers where the call has stopped: that is not undone. */
static void i4_tracer_sets_a_register_inside(void **state)
{
	static const char *const traps[] = { "vfork", NULL };
	struct seccomp_pin_receive r;
	struct user_regs_struct user;
	struct target target;
	struct pin pin;

	(void)state;
	assert_int_equal(target_start(&target, NULL, traps, run_traced_vfork,
				      NULL), 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &r, "vfork");
	tracer_seize(target.pid, PTRACE_O_TRACEVFORKDONE);
	redirect_all(&pin, r.id, 0xb0, 0xb1, 0xb2);
	do {
		int status = tracer_await(target.pid);

		/* The end of its child is told by a signal. */
		if (status == STOP_EVENT(PTRACE_EVENT_VFORK_DONE))
			break;
		assert_true(WIFSTOPPED(status) && WSTOPSIG(status) == SIGCHLD);
		tracer_request(PTRACE_CONT, target.pid, SIGCHLD);
	} while (true);
	user = tracer_get(target.pid);
	assert_int_equal(user.rdi, 0xb0);
	user.rsi = SET_BY_TRACER;
	tracer_set(target.pid, &user);
	tracer_request(PTRACE_DETACH, target.pid, 0);
	assert_int_equal(target_wait(&target), 0);
	assert_true(seen->own);
	pin_close(&pin);
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

static void *exec_in_thread(void *arg)
{
	char *argv[] = { "true", NULL };

	execv("/no/such/file", argv);
	return arg;
}

static int run_exec(void *arg)
{
	pthread_t thread;

	/* As it is called, or by a thread that is not the first */
	if (!arg)
		exec_in_thread(NULL);
	else if (!pthread_create(&thread, NULL, exec_in_thread, NULL))
		pthread_join(thread, NULL);
	return 1;
}

/* The new program starts with the registers that execve gives it. */
static void successful_execve(bool in_thread)
{
	static const char *const traps[] = { "execve", NULL };
	struct seccomp_pin_completion completion;
	struct seccomp_pin_redirect redirect = {
		.flags = SECCOMP_PIN_COMPLETION,
		.args_mask = 1,
		.ptr_mask = 1,
		.arena_mask = 1,
	};
	struct user_regs_struct user;
	struct seccomp_pin_receive r;
	struct target target;
	struct regs regs;
	struct pin pin;
	unsigned int i;

	assert_int_equal(target_start(&target, NULL, traps, run_exec,
				      (void *)(intptr_t)in_thread), 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &r, "execve");
	assert_int_equal(r.pid == (uint32_t)target.pid, !in_thread);
	tracer_seize(r.pid, PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD);
	strcpy(pin_slot(&pin, &r), "/bin/true");
	redirect.id = r.id;
	redirect.args[0] = r.slot_offset;
	redirect.ptr_len[0] = sizeof("/bin/true");
	assert_int_equal(pin_redirect(&pin, &redirect), 0);
	/* Whatever thread it was, it is the first one from there on. */
	assert_int_equal(tracer_await(target.pid),
			 STOP_EVENT(PTRACE_EVENT_EXEC));
	tracer_request(PTRACE_SYSCALL, target.pid, 0);
	assert_int_equal(tracer_await(target.pid), STOP_SYSCALL);
	user = tracer_get(target.pid);
	regs = regs_of_user(&user);
	assert_int_equal(user.orig_rax, SYS_execve);
	assert_int_equal(regs.ret, 0);
	for (i = 0; i < 6; i++)
		assert_int_equal(regs.args[i], 0);
	assert_int_equal(read(pin.fd, &completion, sizeof(completion)),
			 sizeof(completion));
	assert_int_equal(completion.how, SECCOMP_PIN_EXECUTED);
	tracer_request(PTRACE_DETACH, target.pid, 0);
	assert_int_equal(target_wait(&target), 0);
	pin_close(&pin);
}

static void i4_successful_execve(void **state)
{
	(void)state;
	successful_execve(false);
}

static void i4_successful_execve_by_a_thread(void **state)
{
	(void)state;
	successful_execve(true);
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
		REGISTER_TEST(i4_signal_races_with_the_answer),
		REGISTER_TEST(i4_sleep_continued_after_a_stop),
		REGISTER_TEST(i4_futex_continued_after_a_stop),
		REGISTER_TEST(i4_work_inside_the_call),
		REGISTER_TEST(i4_syscall_user_dispatch),
		REGISTER_TEST(i4_fork),
		REGISTER_TEST(i4_vfork),
		REGISTER_TEST(i4_clone),
		REGISTER_TEST(i4_clone3),
		REGISTER_TEST(i4_tracer_sets_a_register_inside),
		REGISTER_TEST(i4_failed_execve),
		REGISTER_TEST(i4_successful_execve),
		REGISTER_TEST(i4_successful_execve_by_a_thread),
		REGISTER_TEST(i4_exit),
	};

	return run_group(tests);
}
