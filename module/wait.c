// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting: what a task does between its trap and the answer. Whatever touches the
 * task's memory or mm is done here, by the task.
 */
#include <linux/cgroup.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "wait.h"
#include "work.h"

/* As the filter says, from when the call is received on; or as the context says */
static bool pin_wait_killable(const struct pin_call *call)
{
	const struct pin_listener *listener = call->listener;

	return (call->ctx && call->ctx->killable) ||
	       (listener->attendant.wait_killable &&
		READ_ONCE(call->state) >= PIN_SENT);
}

/* Whether there is a signal that ends the wait */
static bool pin_wait_signalled(bool killable)
{
	return unlikely(signal_pending(current)) &&
	       (!killable || fatal_signal_pending(current));
}

/* The wait is over, without an answer; lock held. */
static void pin_call_gone(struct pin_call *call)
{
	struct pin_listener *listener = call->listener;

	pin_works_drop(call);
	if (call->state == PIN_SENT)
		listener->nr_sent--;
	list_del_init(&call->pending);
	WRITE_ONCE(call->state, PIN_GONE);
	/* The supervisor may be looking at its bytes. */
	if (!call->held)
		hlist_del_init(&call->node);
	wake_up_all(&listener->arrived);
}

/* There is more than an answer to look at. Returns whether the wait is over. */
static noinline bool pin_wait_look(struct pin_call *call, bool killable,
				   enum pin_wake *wake)
{
	struct pin_listener *listener = call->listener;
	bool over = false;

	spin_lock(&listener->lock);
	WRITE_ONCE(call->look, false);
	pin_works_do(call);
	if (!pin_call_waits(call))
		goto out;
	/* It may have been received since, and the wait be a killable one. */
	if (killable == pin_wait_killable(call) &&
	    pin_wait_signalled(killable)) {
		*wake = PIN_WAKE_SIGNAL;
		pin_call_gone(call);
		over = true;
	} else if (call->ctx != listener->ctx ||
		   (call->state == PIN_QUEUED && list_empty(&call->pending))) {
		/* pin_calls_look() took it off, whatever the context is by now. */
		*wake = PIN_WAKE_MOVE;
		over = true;
	}
out:
	spin_unlock(&listener->lock);
	return over;
}

/* An answer that comes while the task's cgroup is frozen waits until it thaws. */
static bool pin_wait_frozen(bool killable)
{
	/* The thaw wakes the task: a value that is too old is looked at again. */
	return killable && unlikely(data_race(current->jobctl) &
				    JOBCTL_TRAP_FREEZE) &&
	       !fatal_signal_pending(current);
}

/**
 * pin_wait - wait for the answer to a call
 * @call: the call, of current, which can be answered
 *
 * Does what supervisors ask of the task meanwhile.
 *
 * Context: process context, may sleep; interruptible, or killable only where the
 * filter or the context say so. Freezable.
 *
 * Return: what ended the wait
 */
enum pin_wake pin_wait(struct pin_call *call)
{
	bool killable, deaf, frozen = false;
	enum pin_wake wake;

	for (;;) {
		killable = pin_wait_killable(call);
		/* A task that is not to be interrupted is deaf to what is pending. */
		deaf = killable && unlikely(signal_pending(current));
		set_current_state((deaf ? TASK_KILLABLE : TASK_INTERRUPTIBLE) |
				  TASK_FREEZABLE);
		/* Pairs with the release in pin_call_answer(). */
		if (smp_load_acquire(&call->state) >= PIN_ANSWERED &&
		    !pin_wait_frozen(killable)) {
			wake = PIN_WAKE_ANSWER;
			break;
		}
		if (unlikely(READ_ONCE(call->look) ||
			     pin_wait_signalled(killable))) {
			__set_current_state(TASK_RUNNING);
			if (pin_wait_look(call, killable, &wake))
				break;
			continue;
		}
		/* The freezer cannot wake it, and counts it as vfork() is counted. */
		if (deaf && !frozen) {
			frozen = true;
			cgroup_enter_frozen();
		}
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	if (frozen)
		cgroup_leave_frozen(true);
	return wake;
}

/* Have each task that waits look at what its call belongs to; drops the lock. */
void pin_calls_look(struct pin_listener *listener)
{
	struct pin_call *call;
	unsigned int i;

	lockdep_assert_held(&listener->lock);
	for (i = 0; i < ARRAY_SIZE(listener->calls); i++) {
		hlist_for_each_entry(call, &listener->calls[i], node) {
			if (!pin_call_waits(call) || !call->here)
				continue;
			/* The device must not tell of it before that. */
			list_del_init(&call->pending);
			WRITE_ONCE(call->look, true);
			wake_up_process(call->task);
		}
		cond_resched_lock(&listener->lock);
	}
}

/* The listener is closed: all calls that wait end; drops the lock at times. */
void pin_calls_close(struct pin_listener *listener)
{
	struct hlist_node *next;
	struct pin_call *call;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(listener->calls); i++) {
		hlist_for_each_entry_safe(call, next, &listener->calls[i], node) {
			if (!pin_call_waits(call))
				continue;
			pin_works_drop(call);
			list_del_init(&call->pending);
			/* The supervisor looks at its bytes, or its task for it. */
			if (!call->held && call->here)
				hlist_del_init(&call->node);
			/* Pairs with the acquire in pin_wait(). */
			smp_store_release(&call->state, PIN_CLOSED);
			wake_up_process(call->task);
		}
		cond_resched_lock(&listener->lock);
	}
	listener->nr_sent = 0;
	wake_up_all(&listener->arrived);
}
