/* SPDX-License-Identifier: GPL-2.0-only */
/* Waiting: what a task does between its trap and the answer. */
#ifndef _SECCOMP_PIN_WAIT_H
#define _SECCOMP_PIN_WAIT_H

#include "call.h"

/* What ended a wait */
enum pin_wake {
	PIN_WAKE_ANSWER,	/* the call is answered, or its listener closed */
	PIN_WAKE_SIGNAL,	/* the task is to look after a signal */
	PIN_WAKE_MOVE,		/* the listener has another context than the call */
};

enum pin_wake pin_wait(struct pin_call *call);
void pin_calls_look(struct pin_listener *listener);
void pin_calls_close(struct pin_listener *listener);

#endif /* _SECCOMP_PIN_WAIT_H */
