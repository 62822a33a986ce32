/* SPDX-License-Identifier: GPL-2.0-only */
/* Answers: what ends a call's wait, and what it has the task do. */
#ifndef _SECCOMP_PIN_ANSWER_H
#define _SECCOMP_PIN_ANSWER_H

#include "call.h"

extern bool pin_redirect_check;

void pin_call_answer(struct pin_call *call);
int pin_answer_fail(struct pin_call *call, int error);
int pin_answer_redirect(struct pin_call *call, bool completion, u8 mask,
			const unsigned long *args);
int pin_answer_apply(struct pin_call *call, struct seccomp_redirect **redirect);
void pin_answer_restore(const struct pin_call *call, struct pt_regs *regs);
void pin_answer_over(struct pin_call *call, enum seccomp_redirect_end end);

#endif /* _SECCOMP_PIN_ANSWER_H */
