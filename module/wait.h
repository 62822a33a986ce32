/* SPDX-License-Identifier: GPL-2.0-only */
/* Waiting: what a task does between its trap and the answer. */
#ifndef _SECCOMP_PIN_WAIT_H
#define _SECCOMP_PIN_WAIT_H

#include "call.h"

int pin_wait(struct pin_call *call);
void pin_calls_look(struct pin_listener *listener);

#endif /* _SECCOMP_PIN_WAIT_H */
