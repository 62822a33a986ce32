/* SPDX-License-Identifier: GPL-2.0-only */
/* One call of a target's under outer filters, redirected, and what came of it. */
#ifndef ATTEMPT_H
#define ATTEMPT_H

#include <seccomp.h>

#include "pin.h"
#include "regs.h"

/* Opened by the target; not there. The redirect makes it /dev/null. */
extern const char attempt_path[];

/**
 * struct attempt - a call: a scalar that is substituted, or a pointer
 * @nr: socket(AF_UNIX), redirected to AF_INET; or openat() of attempt_path
 * @args: what the target's registers are when it makes it
 * @arg: which one is substituted
 * @target: makes one call
 * @pin: its supervisor
 * @r: the notification
 * @marker: in the slot behind the path, and nowhere else
 * @outcome: told by the target
 */
struct attempt {
	long nr;
	unsigned long args[6];
	unsigned int arg;
	struct target target;
	struct pin pin;
	struct seccomp_pin_receive r;
	unsigned char marker[16];
	struct outcome {
		volatile int ready;	/* to go on; set by the test */
		volatile int tid;
		struct regs after;
		struct regs trapped;	/* as a handler of SIGSYS saw them */
		int code;		/* what it was told */
		int error;
		void *call;
		int syscall;
	} *outcome;
};

/*
 * Load a filter for the current process, in a target's function that makes
 * outer filters, or fail. libseccomp makes one listener in a process, and that
 * has to be the inner filter's; with the flag for one, it is closed at once.
 */
void attempt_load(scmp_filter_ctx filter, unsigned int flags);

/* The two of them; not started yet */
struct attempt attempt_scalar(void);
struct attempt attempt_pointer(void);

/* One that gives the verdict on both as they are redirected, only */
scmp_filter_ctx attempt_filter(uint32_t action);

/*
 * Start it. @run makes the call by attempt_call(); NULL does nothing else. The
 * second of these waits for the call and receives it.
 */
void attempt_launch(struct attempt *attempt, target_filter outer,
		    int (*run)(void *arg));
void attempt_start(struct attempt *attempt, target_filter outer,
		   int (*run)(void *arg));
void attempt_call(struct attempt *attempt);

/* Redirect the call that is in @r. */
void attempt_redirect(struct attempt *attempt);
/* The value that the substituted register has then */
unsigned long attempt_value(const struct attempt *attempt);
/* How the oldest redirected call ended */
uint32_t attempt_how(struct attempt *attempt);
/* Wait for the target; its exit status */
int attempt_end(struct attempt *attempt);

#endif /* ATTEMPT_H */
