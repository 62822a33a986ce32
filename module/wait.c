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
static void pin_call_end(struct pin_call *call, enum pin_state state)
{
	pin_works_drop(call);
	list_del_init(&call->pending);
	/* A supervisor may look at its bytes, or its task have yet to come for it. */
	if (!call->held && call->here)
		hlist_del_init(&call->node);
	if (call->state == PIN_SENT)
		call->listener->nr_sent--;
	/* Pairs with the acquire in pin_wait(). */
	smp_store_release(&call->state, state);
}

/*
 * There is more than an answer to look at. Returns what ends the wait, where
 * 0 is for pin_wait() to find out.
 */
static noinline int pin_wait_look(struct pin_call *call, bool killable)
{
	struct pin_listener *listener = call->listener;
	int err = 0;

	spin_lock(&listener->lock);
	WRITE_ONCE(call->look, false);
	pin_works_do(call);
	if (!pin_call_waits(call))
		goto out;
	/* Receiving the call can have made its wait killable: the signal does not end it. */
	if (killable == pin_wait_killable(call) && pin_wait_signalled(killable)) {
		pin_call_end(call, PIN_GONE);
		wake_up_all(&listener->arrived);
		err = -ERESTARTSYS;
	} else if (call->ctx != listener->ctx ||
		   (call->state == PIN_QUEUED && list_empty(&call->pending))) {
		/* pin_calls_look() took it off, whatever the context is by now. */
		err = -EAGAIN;
	}
out:
	spin_unlock(&listener->lock);
	return err;
}

/* An answer that comes while the task's cgroup is frozen waits until it thaws. */
static bool pin_wait_frozen(bool killable)
{
	/* The thaw wakes the task: a value that is too old is looked at again. */
	return killable && unlikely(data_race(current->jobctl) &
				    JOBCTL_TRAP_FREEZE) &&
	       !fatal_signal_pending(current);
}

/*
 * Wait for the answer to a call of current, which does what supervisors ask of it
 * meanwhile. The wait is freezable. Returns 0: the call is answered, or its listener
 * closed; -ERESTARTSYS: current is to look after a signal; -EAGAIN: the listener has
 * another context than the call.
 */
int pin_wait(struct pin_call *call)
{
	bool killable, deaf, frozen = false;
	int err = 0;

	for (;;) {
		killable = pin_wait_killable(call);
		/* A task that is not to be interrupted is deaf to what is pending. */
		deaf = killable && unlikely(signal_pending(current));
		set_current_state((deaf ? TASK_KILLABLE : TASK_INTERRUPTIBLE) |
				  TASK_FREEZABLE);
		/* Pairs with the release in pin_call_answer(). */
		if (smp_load_acquire(&call->state) >= PIN_ANSWERED &&
		    !pin_wait_frozen(killable))
			break;
		if (unlikely(READ_ONCE(call->look) ||
			     pin_wait_signalled(killable))) {
			__set_current_state(TASK_RUNNING);
			err = pin_wait_look(call, killable);
			if (err)
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
	if (unlikely(READ_ONCE(call->look)) && !err)
		pin_wait_look(call, killable);
	return err;
}

/*
 * The listener has another context, or is closed: tell the tasks that wait. Drops
 * the lock at times.
 */
void pin_calls_look(struct pin_listener *listener)
{
	struct task_struct *task;
	struct hlist_node *next;
	struct pin_call *call;
	unsigned int i;

	lockdep_assert_held(&listener->lock);
	for (i = 0; i < ARRAY_SIZE(listener->calls); i++) {
		hlist_for_each_entry_safe(call, next, &listener->calls[i], node) {
			if (!pin_call_waits(call))
				continue;
			/* The call may be gone as soon as it is closed. */
			task = call->task;
			if (listener->closed) {
				pin_call_end(call, PIN_CLOSED);
			} else if (call->here) {
				/* Nobody is to receive it before its task looks. */
				list_del_init(&call->pending);
				WRITE_ONCE(call->look, true);
			} else {
				continue;
			}
			wake_up_process(task);
		}
		cond_resched_lock(&listener->lock);
	}
	wake_up_all(&listener->arrived);
}
