// SPDX-License-Identifier: GPL-2.0-only
/* Receiving: calls on their way to those who decide on them. */
#include <linux/err.h>
#include <linux/pid_namespace.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "receive.h"

void pin_poke_polled(struct pin_listener *listener, __poll_t mask)
{
	spin_lock(&listener->poll_lock);
	/* Once the listener is closed, the queue may be gone. */
	if (listener->polled)
		wake_up_poll(listener->attendant.wqh, mask);
	spin_unlock(&listener->poll_lock);
}

/* A call is received; lock held. */
static __always_inline void pin_hand(struct pin_call *call,
				     struct pin_receiver *receiver)
{
	struct pid_namespace *ns = task_active_pid_ns(receiver->task);

	WRITE_ONCE(call->state, PIN_SENT);
	call->listener->nr_sent++;
	call->held = receiver->device;
	refcount_add(1 + receiver->device, &call->refs);
	receiver->pid = likely(ns == &init_pid_ns) ? task_pid_nr(call->task) :
						     task_pid_nr_ns(call->task, ns);
	/* Pairs with the acquire in pin_receiver_sleep(). */
	smp_store_release(&receiver->call, call);
}

/* Before all calls that came later. Most often there are none. */
static void pin_pending_add(struct pin_listener *listener, struct pin_call *call)
{
	struct list_head *before = listener->pending.prev;

	while (before != &listener->pending &&
	       (s64)(list_entry(before, struct pin_call, pending)->told.id -
		     call->told.id) > 0)
		before = before->prev;
	list_add(&call->pending, before);
}

/* Give a call to the receiver that has waited longest, or that comes next; lock held. */
void pin_pend(struct pin_call *call)
{
	struct pin_listener *listener = call->listener;
	struct pin_receiver *receiver;
	struct task_struct *task;

	lockdep_assert_held(&listener->lock);
	receiver = list_first_entry_or_null(&listener->receivers,
					    struct pin_receiver, node);
	if (!receiver) {
		WRITE_ONCE(call->state, PIN_QUEUED);
		pin_pending_add(listener, call);
		return;
	}
	list_del(&receiver->node);
	/* The receiver may be gone as soon as it has the call. */
	task = receiver->task;
	pin_hand(call, receiver);
	pin_wake(listener, task);
}

/* Receivers look again whether there is something to wait for; lock held. */
void pin_receivers_wake(struct pin_listener *listener)
{
	struct pin_receiver *receiver, *next;

	lockdep_assert_held(&listener->lock);
	list_for_each_entry_safe(receiver, next, &listener->receivers, node) {
		list_del_init(&receiver->node);
		WRITE_ONCE(receiver->kicked, true);
		wake_up_process(receiver->task);
	}
}

/* Sleep until there is a call, a signal, or a kick: whether there is a call */
static bool pin_receiver_sleep(struct pin_receiver *receiver)
{
	bool got;

	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		/* Pairs with the release in pin_hand(). */
		got = smp_load_acquire(&receiver->call);
		if (got || unlikely(READ_ONCE(receiver->kicked) ||
				    signal_pending(current)))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return got;
}

/* What there is to take at once: 0, or why not; lock held. */
static int pin_take_pending(struct pin_listener *listener,
			    struct pin_receiver *receiver)
{
	struct pin_call *call;

	call = list_first_entry_or_null(&listener->pending, struct pin_call,
					pending);
	if (call) {
		list_del_init(&call->pending);
		pin_hand(call, receiver);
		return 0;
	}
	if (listener->closed)
		return -EBADF;
	return refcount_read(listener->attendant.users) ? -EAGAIN : -ESRCH;
}

/* A killed receiver tells nobody of what it got: it is for another one. */
static noinline int pin_take_killed(struct pin_listener *listener,
				    struct pin_receiver *receiver)
{
	u64 id = receiver->call->told.id;

	if (receiver->device)
		pin_call_release(listener, id);
	pin_call_put(receiver->call);
	pin_untake(listener, id);
	return -EINTR;
}

/*
 * Receive a call, with the lock, which this gives up: 0, with a reference in @receiver, whose
 * device member is set; -EAGAIN: @nonblock, and there is none; -EBADF: the listener is closed;
 * -ESRCH: no task uses the filter any more; -ERESTARTSYS, -EINTR: interrupted by a signal, killed
 */
int pin_take(struct pin_listener *listener, struct pin_receiver *receiver,
	     bool nonblock)
	__releases(&listener->lock)
{
	int err;

	lockdep_assert_held(&listener->lock);
	receiver->task = current;
	receiver->call = NULL;
	for (;;) {
		err = pin_take_pending(listener, receiver);
		if (err != -EAGAIN || nonblock)
			break;
		receiver->kicked = false;
		list_add_tail(&receiver->node, &listener->receivers);
		spin_unlock(&listener->lock);
		if (likely(pin_receiver_sleep(receiver)))
			goto got;
		spin_lock(&listener->lock);
		err = 0;
		if (receiver->call)
			break;
		list_del_init(&receiver->node);
		err = -ERESTARTSYS;
		if (signal_pending(current))
			break;
	}
	spin_unlock(&listener->lock);
	if (err)
		return err;
got:
	if (unlikely(fatal_signal_pending(current)))
		return pin_take_killed(listener, receiver);
	pin_poke(listener, EPOLLOUT | EPOLLWRNORM);
	return 0;
}

/* A receiver could not pass on the call that it received: make the call pending again. */
void pin_untake(struct pin_listener *listener, u64 id)
{
	struct pin_call *call;

	spin_lock(&listener->lock);
	call = pin_call_lookup(listener, id);
	/* A supervisor that has adopted the call meanwhile is about to answer it. */
	if (call && call->state == PIN_SENT && !call->held) {
		listener->nr_sent--;
		WRITE_ONCE(call->state, PIN_QUEUED);
		/* If not, its task has yet to prepare the call, and pends it then. */
		if (call->ready && call->ctx == listener->ctx)
			pin_pend(call);
		/* Its wait may be killable no more. */
		wake_up_process(call->task);
	}
	spin_unlock(&listener->lock);
	pin_poke(listener, EPOLLIN | EPOLLRDNORM);
}

/*
 * Receive by the device a call that was received before: 0, with a reference in
 * @receiver, or the errors of RECEIVE with SECCOMP_PIN_ADOPT in docs/abi.md
 */
int pin_adopt(struct pin_ctx *ctx, u64 id, struct pin_receiver *receiver)
{
	struct pin_call *call = pin_call_find(ctx, id);
	int err;

	if (IS_ERR(call))
		return PTR_ERR(call);
	spin_lock(&call->listener->lock);
	err = pin_call_sent(call);
	if (!err && call->held == PIN_HELD_MAX)
		err = -EOVERFLOW;
	if (!err) {
		if (!call->held++)
			refcount_inc(&call->refs);
		receiver->pid = task_pid_vnr(call->task);
		receiver->call = call;
	}
	spin_unlock(&call->listener->lock);
	if (err)
		pin_call_put(call);
	return err;
}
