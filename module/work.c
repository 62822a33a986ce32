// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work: what a supervisor has a parked task do, in the task's own context. Only
 * the task itself waits for its memory and its locks.
 */
#include <linux/sched.h>

#include "call.h"
#include "work.h"

/* Set up a work with two references, the requester's and the task's. */
void pin_work_init(struct pin_work *work, void (*fn)(struct pin_work *work),
		   void (*release)(struct pin_work *work))
{
	work->fn = fn;
	work->release = release;
	refcount_set(&work->refs, 2);
	init_completion(&work->done);
	INIT_LIST_HEAD(&work->node);
	work->running = false;
}

void pin_work_put(struct pin_work *work)
{
	if (refcount_dec_and_test(&work->refs))
		work->release(work);
}

/* Give the task of a call that waits something to do; lock held. */
void pin_work_queue(struct pin_call *call, struct pin_work *work)
{
	lockdep_assert_held(&call->listener->lock);
	work->call = call;
	list_add_tail(&work->node, &call->works);
	WRITE_ONCE(call->look, true);
	wake_up_process(call->task);
}

/* The task's reference to a work that it has not begun, and never will */
static void pin_work_drop(struct pin_work *work)
{
	list_del_init(&work->node);
	complete_all(&work->done);
	/* The requester has the other reference: this releases nothing. */
	pin_work_put(work);
}

/* Take a work back, unless the task has begun on it: returns whether; lock held. */
bool pin_work_cancel(struct pin_work *work)
{
	if (work->running || list_empty(&work->node))
		return false;
	pin_work_drop(work);
	return true;
}

/* The wait is over: the requesters of what was not begun are told; lock held. */
void pin_works_drop(struct pin_call *call)
{
	struct pin_work *work, *next;

	lockdep_assert_held(&call->listener->lock);
	list_for_each_entry_safe(work, next, &call->works, node)
		if (!work->running)
			pin_work_drop(work);
}

/* What the task of a waiting call, current, is to do; drops the lock meanwhile. */
void pin_works_do(struct pin_call *call)
{
	struct pin_listener *listener = call->listener;
	struct pin_work *work;

	lockdep_assert_held(&listener->lock);
	while (pin_call_waits(call) && !list_empty(&call->works)) {
		work = list_first_entry(&call->works, struct pin_work, node);
		work->running = true;
		spin_unlock(&listener->lock);
		work->fn(work);
		spin_lock(&listener->lock);
		list_del_init(&work->node);
		complete_all(&work->done);
		/* Its release may take the lock. */
		spin_unlock(&listener->lock);
		pin_work_put(work);
		spin_lock(&listener->lock);
	}
}

/**
 * pin_work_run - have the task of a received call do something
 * @call: the call
 * @work: what; the function consumes the requester's reference if it returns
 *	neither 0 nor -ETIMEDOUT nor -ERESTARTSYS, and the task's as well then
 * @timeout: how long to wait for it, in jiffies
 *
 * Return: 0 when the work is done, or will never be: @work says which, or
 * * -EACCES: the caller has no ptrace access to the task
 * * -EBUSY: the task is at work
 * * -ETIMEDOUT: not done in time; it may still be, or not
 * * -ERESTARTSYS: interrupted by a signal; it may still be done, or not
 * * what pin_call_sent() returns
 */
int pin_work_run(struct pin_call *call, struct pin_work *work,
		 unsigned long timeout)
{
	struct pin_listener *listener = call->listener;
	long left;
	int err;

	spin_lock(&listener->lock);
	err = pin_call_sent(call);
	if (!err && !list_empty(&call->works))
		err = -EBUSY;
	if (!err)
		err = pin_call_access(call);
	if (!err)
		pin_work_queue(call, work);
	spin_unlock(&listener->lock);
	if (err) {
		/* The task has never seen it. */
		work->release(work);
		return err;
	}

	left = wait_for_completion_interruptible_timeout(&work->done, timeout);
	if (left > 0)
		return 0;
	spin_lock(&listener->lock);
	pin_work_cancel(work);
	spin_unlock(&listener->lock);
	return left ?: -ETIMEDOUT;
}
