/* SPDX-License-Identifier: GPL-2.0-only */
/* Receiving: calls on their way to those who decide on them. */
#ifndef _SECCOMP_PIN_RECEIVE_H
#define _SECCOMP_PIN_RECEIVE_H

#include "call.h"

/* Somebody who waits for a call, in pin_listener.receivers */
struct pin_receiver {
	struct list_head node;
	struct task_struct *task;	/* the thread that waits */
	struct pin_call *call;		/* with a reference, once there is one */
	pid_t pid;			/* the call's thread, as @task sees it */
	bool device;			/* the call is to be held from then on */
	bool kicked;			/* the thread is to look again */
};

/* Wake a supervisor for its target, or a target for its supervisor; lock held. */
static __always_inline void pin_wake(struct pin_listener *listener,
				     struct task_struct *task)
{
	lockdep_assert_held(&listener->lock);
	/* The flags are the core's, which keeps them while the listener is open. */
	if (likely(!listener->closed &&
		   READ_ONCE(*listener->attendant.flags) &
		   SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP))
		wake_up_process_on_current_cpu(task);
	else
		wake_up_process(task);
}

void pin_poke_polled(struct pin_listener *listener, __poll_t mask);

/* Wake those who poll the listener; without its lock, which they take then. */
static __always_inline void pin_poke(struct pin_listener *listener, __poll_t mask)
{
	if (unlikely(READ_ONCE(listener->polled)))
		pin_poke_polled(listener, mask);
}

void pin_pend(struct pin_call *call);
int pin_take(struct pin_listener *listener, struct pin_receiver *receiver,
	     bool nonblock) __releases(&listener->lock);
void pin_untake(struct pin_listener *listener, u64 id);
int pin_adopt(struct pin_ctx *ctx, u64 id, struct pin_receiver *receiver);
void pin_receivers_wake(struct pin_listener *listener);

#endif /* _SECCOMP_PIN_RECEIVE_H */
