// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "tracer.h"

void tracer_seize(pid_t tid, unsigned long options)
{
	assert_int_equal(ptrace(PTRACE_SEIZE, tid, 0, options), 0);
}

int tracer_await(pid_t tid)
{
	int status;

	AWAIT(waitpid(tid, &status, WNOHANG | __WALL) == tid);
	return status;
}

void tracer_request(int request, pid_t tid, int sig)
{
	assert_int_equal(ptrace(request, tid, 0, (long)sig), 0);
}

struct user_regs_struct tracer_get(pid_t tid)
{
	struct user_regs_struct user;

	assert_int_equal(ptrace(PTRACE_GETREGS, tid, 0, &user), 0);
	return user;
}

void tracer_set(pid_t tid, const struct user_regs_struct *user)
{
	assert_int_equal(ptrace(PTRACE_SETREGS, tid, 0, user), 0);
}

unsigned long tracer_message(pid_t tid)
{
	unsigned long message;

	assert_int_equal(ptrace(PTRACE_GETEVENTMSG, tid, 0, &message), 0);
	return message;
}

pid_t tracer_that_dies(pid_t tid, unsigned long options)
{
	volatile int *ready = shared_memory(4096);
	int status;
	pid_t pid;

	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		*ready = ptrace(PTRACE_SEIZE, tid, 0, options) ? -1 : 1;
		if (waitpid(tid, &status, __WALL) != tid ||
		    !WIFSTOPPED(status))
			_exit(1);
		raise(SIGKILL);
	}
	await_word(ready, 1);
	return pid;
}
