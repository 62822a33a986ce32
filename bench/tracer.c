// SPDX-License-Identifier: GPL-2.0-only
/*
 * A tracer: it copies what the call reads to below the stack, has the call made
 * on that, and puts the registers back. Peers can still write there.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "fail.h"
#include "image.h"
#include "notify.h"
#include "tally.h"

#define OPTIONS	(PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD | \
		 PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | \
		 PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL)

#define STOP_SYSCALL	(SIGTRAP | 0x80)
#define RED_ZONE	128U

/* Threads are told apart by their number's last bits: pid_max is 2^15. */
#define THREADS		(1U << 16)

/* By argument, its register's place in what PTRACE_POKEUSER writes to */
static const size_t registers[6] = {
	offsetof(struct user_regs_struct, rdi),
	offsetof(struct user_regs_struct, rsi),
	offsetof(struct user_regs_struct, rdx),
	offsetof(struct user_regs_struct, r10),
	offsetof(struct user_regs_struct, r8),
	offsetof(struct user_regs_struct, r9),
};

/**
 * struct thread - what a thread gets back after its call
 * @changed: which arguments, a bit for each
 * @args: as they were
 */
static struct thread {
	uint32_t changed;
	uint64_t args[6];
} threads[THREADS];

static struct image image;

static void *begin(const struct supervised *supervised)
{
	need(!ptrace(PTRACE_SEIZE, supervised->target, 0, OPTIONS),
	     "PTRACE_SEIZE");
	return NULL;
}

static uint64_t *argument(struct user_regs_struct *regs, unsigned int arg)
{
	return (uint64_t *)((char *)regs + registers[arg]);
}

static int poke(pid_t tid, uint64_t to)
{
	struct iovec here = {
		.iov_base = image.bytes,
		.iov_len = image.used,
	};
	struct iovec there = {
		.iov_base = (void *)to,
		.iov_len = image.used,
	};

	if (!image.used)
		return 0;
	return process_vm_writev(tid, &here, 1, &there, 1, 0) ==
	       (ssize_t)image.used ? 0 : -EFAULT;
}

/* Let the call fail, and return an error. */
static void refuse(pid_t tid, struct user_regs_struct *regs, int err)
{
	regs->orig_rax = -1;
	regs->rax = err;
	need(!ptrace(PTRACE_SETREGS, tid, 0, regs), "PTRACE_SETREGS");
}

/* What a call reads, read, looked at, and copied to where it is to be read */
static int substitute(pid_t tid, struct user_regs_struct *regs)
{
	uint64_t args[6], to;
	unsigned int i;
	int err;

	for (i = 0; i < 6; i++)
		args[i] = *argument(regs, i);
	err = image_take(&image, tid, regs->orig_rax, args);
	if (err)
		return err;
	if (forbidden(image_string(&image, regs->orig_rax)))
		return -EACCES;
	to = (regs->rsp - RED_ZONE - image.used) & ~15ULL;
	image_move(&image, to);
	return poke(tid, to);
}

static void enter(pid_t tid)
{
	struct thread *thread = &threads[tid % THREADS];
	struct user_regs_struct regs;
	unsigned int i;
	int err;

	thread->changed = 0;
	need(!ptrace(PTRACE_GETREGS, tid, 0, &regs), "PTRACE_GETREGS");
	err = substitute(tid, &regs);
	tally_ask(err);
	if (err) {
		refuse(tid, &regs, err);
		return;
	}
	thread->changed = image.pointer_args;
	for (i = 0; i < 6; i++) {
		if (!(thread->changed & 1U << i))
			continue;
		thread->args[i] = *argument(&regs, i);
		*argument(&regs, i) = image.args[i];
	}
	need(!ptrace(PTRACE_SETREGS, tid, 0, &regs), "PTRACE_SETREGS");
}

static void leave(pid_t tid)
{
	struct thread *thread = &threads[tid % THREADS];
	unsigned int i;

	for (i = 0; i < 6; i++)
		if (thread->changed & 1U << i)
			need(!ptrace(PTRACE_POKEUSER, tid, registers[i],
				     thread->args[i]), "PTRACE_POKEUSER");
	thread->changed = 0;
}

/* A stop: what the thread is resumed with */
static int stopped(pid_t tid, int status, int *sig)
{
	*sig = 0;
	switch (status >> 16) {
	case 0:
		break;
	case PTRACE_EVENT_SECCOMP:
		enter(tid);
		return threads[tid % THREADS].changed ? PTRACE_SYSCALL :
							PTRACE_CONT;
	case PTRACE_EVENT_EXEC:
		/* The registers are the new program's. */
		threads[tid % THREADS].changed = 0;
		return PTRACE_CONT;
	default:
		return PTRACE_CONT;
	}
	if (WSTOPSIG(status) == STOP_SYSCALL)
		leave(tid);
	else
		*sig = WSTOPSIG(status);
	return PTRACE_CONT;
}

static void run(void *opened)
{
	int status, how, sig;
	pid_t tid;

	(void)opened;
	for (;;) {
		tid = waitpid(-1, &status, __WALL);
		if (tid < 0 && errno == ECHILD)
			return;
		need(tid > 0 || errno == EINTR, "waitpid");
		if (tid < 0 || !WIFSTOPPED(status))
			continue;
		how = stopped(tid, status, &sig);
		need(!ptrace(how, tid, 0, (long)sig) || errno == ESRCH,
		     "resuming");
	}
}

const struct supervisor tracer = {
	.name = "ptrace",
	.action = SECCOMP_RET_TRACE,
	.open = begin,
	.run = run,
};
