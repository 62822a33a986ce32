/* SPDX-License-Identifier: GPL-2.0-only */
/* A tracer, as tests are one: each stop is awaited, and whatever fails is loud. */
#ifndef TRACER_H
#define TRACER_H

#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "pin.h"

/* The status of a stop for an event, and that of a syscall's entry or exit */
#define STOP_EVENT(event)	((SIGTRAP | ((event) << 8)) << 8 | 0x7f)
#define STOP_SYSCALL		((SIGTRAP | 0x80) << 8 | 0x7f)

/* Trace a task from now on, without stopping it. */
void tracer_seize(pid_t tid, unsigned long options);

/* The next change of its state, as of waitpid(2), or fail */
int tracer_await(pid_t tid);

/* Any request that returns nothing, or fail: PTRACE_CONT, PTRACE_DETACH... */
void tracer_request(int request, pid_t tid, int sig);

struct user_regs_struct tracer_get(pid_t tid);
void tracer_set(pid_t tid, const struct user_regs_struct *user);
unsigned long tracer_message(pid_t tid);

/*
 * A process of its own that seizes the task and leaves it where its first stop
 * is, by dying. To be waited for.
 */
pid_t tracer_that_dies(pid_t tid, unsigned long options);

#endif /* TRACER_H */
