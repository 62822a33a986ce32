/* SPDX-License-Identifier: GPL-2.0-only */
/* Answers: what ends a call's wait, and what it has the task do. */
#ifndef _SECCOMP_PIN_ANSWER_H
#define _SECCOMP_PIN_ANSWER_H

#include "call.h"
#include "receive.h"
#include "work.h"

extern bool pin_redirect_check;

int pin_answer_apply(struct pin_call *call, struct seccomp_redirect **redirect);
void pin_answer_restore(const struct pin_call *call, struct pt_regs *regs);
void pin_answer_end(struct seccomp_redirect *redirect, enum seccomp_redirect_end end);

/*
 * The caller has set the answer of a call: the wait is over. Lock held. With @held, a holder
 * of the call answers it by the device, and releases it. An answer by the listener does not.
 */
static __always_inline void pin_call_answer(struct pin_call *call, bool held)
{
	struct pin_listener *listener = call->listener;
	/* The call may be gone as soon as it is answered. */
	struct task_struct *task = call->task;

	lockdep_assert_held(&listener->lock);
	if (held) {
		if (unlikely(!list_empty(&call->works)))
			pin_works_drop(call);
		/* The task has a reference, too. */
		if (pin_call_unhold(call, 1))
			refcount_dec(&call->refs);
	}
	/* A task that has yet to come finds its call by the id. */
	if (likely(call->here && !call->held))
		hlist_del_init(&call->node);
	if (likely(call->state == PIN_SENT))
		listener->nr_sent--;
	/* Pairs with the acquire in pin_wait(). */
	smp_store_release(&call->state, PIN_ANSWERED);
	pin_wake(listener, task);
}

#endif /* _SECCOMP_PIN_ANSWER_H */
