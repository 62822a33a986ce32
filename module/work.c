// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work: what a supervisor has a parked task do, in the task's own context. Only
 * the task itself waits for its memory and its locks.
 */
#include <linux/sched.h>

#include "call.h"
#include "work.h"

/* Set up a work with two references, the requester's and the task's. */
void pin_work_init(struct pin_work *work, int (*fn)(struct pin_work *work),
		   void (*release)(struct pin_work *work))
{
	work->fn = fn;
	work->release = release;
	refcount_set(&work->refs, 2);
	init_completion(&work->done);
	INIT_LIST_HEAD(&work->node);
	work->running = false;
	work->ret = -ENOENT;
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
	/* As in seccomp, the last one that was asked for is done first. */
	list_add(&work->node, &call->works);
	WRITE_ONCE(call->look, true);
	wake_up_process(call->task);
}

/* Take a work back, unless the task has begun on it: returns whether; lock held. */
bool pin_work_cancel(struct pin_work *work)
{
	if (work->running || list_empty(&work->node))
		return false;
	list_del_init(&work->node);
	/*
	 * The task's reference. The requester has the other one for as long as it waits,
	 * so this releases nothing, which would take the lock.
	 */
	pin_work_put(work);
	complete_all(&work->done);
	return true;
}

/* The wait is over: the requesters of what was not begun are told; lock held. */
void pin_works_drop(struct pin_call *call)
{
	struct pin_work *work, *next;

	lockdep_assert_held(&call->listener->lock);
	list_for_each_entry_safe(work, next, &call->works, node)
		pin_work_cancel(work);
}

/*
 * What the task of a call, current, is to do; drops the lock meanwhile. As in seccomp, a
 * SEND by the listener does not keep the task from the first of it.
 */
void pin_works_do(struct pin_call *call)
{
	struct pin_listener *listener = call->listener;
	struct pin_work *work;

	lockdep_assert_held(&listener->lock);
	while (!list_empty(&call->works)) {
		work = list_first_entry(&call->works, struct pin_work, node);
		work->running = true;
		spin_unlock(&listener->lock);
		work->ret = work->fn(work);
		spin_lock(&listener->lock);
		list_del_init(&work->node);
		complete_all(&work->done);
		/* Its release may take the lock. */
		spin_unlock(&listener->lock);
		pin_work_put(work);
		spin_lock(&listener->lock);
		if (!pin_call_waits(call))
			pin_works_drop(call);
	}
}

/*
 * Have the task of a received call do something, and wait for that, for @timeout
 * milliseconds at most. The requester's reference to the work stays with the caller.
 * Returns @work->ret when the work is done, or never will be; -EACCES: the caller has no
 * ptrace access to the task; -EBUSY: the task is at work; -ETIMEDOUT, -EINTR: the time
 * was over, or a signal came, and if the task has begun on it, it is done later; or what
 * pin_call_sent() returns.
 */
int pin_work_run(struct pin_call *call, struct pin_work *work, u32 timeout)
{
	struct pin_listener *listener = call->listener;
	long left;
	int err;

	/* Its release may need the call, even if the task never sees the work. */
	work->call = call;
	spin_lock(&listener->lock);
	err = pin_call_sent(call);
	if (!err)
		err = list_empty(&call->works) ? pin_call_access(call) : -EBUSY;
	if (!err)
		pin_work_queue(call, work);
	spin_unlock(&listener->lock);
	if (err) {
		pin_work_put(work);
		return err;
	}

	left = msecs_to_jiffies(timeout);
	left = wait_for_completion_interruptible_timeout(&work->done, left);
	if (left > 0)
		return work->ret;
	spin_lock(&listener->lock);
	pin_work_cancel(work);
	spin_unlock(&listener->lock);
	/* Not -ERESTARTSYS: the request would wait for all of its time again. */
	return left ? -EINTR : -ETIMEDOUT;
}
