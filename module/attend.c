// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attending: what the core calls, and the life of a listener.
 *
 * A filter stays attended until it is freed: after its listener is closed, and its last
 * task is gone. Contexts come and go meanwhile, one at a time; without one, calls wait
 * and are answered through the listener alone.
 */
#include <linux/err.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/ptrace.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>

#include "answer.h"
#include "arch.h"
#include "attend.h"
#include "call.h"
#include "copy.h"
#include "notif.h"
#include "receive.h"
#include "verdict.h"
#include "wait.h"

/* A call whose record has no slot gets one. What goes wrong is told to the supervisor. */
static noinline void pin_prepare_slot(struct pin_call *call)
{
	struct pin_space *space = pin_call_space(call);
	struct seccomp_pin_receive *told = &call->told;

	if (!call->native) {
		told->slot_error = -EOPNOTSUPP;
		return;
	}
	told->slot_error = -ENOMEM;
	if (!call->pmm)
		return;
	spin_lock(space->lock);
	pin_calls_give_slots(space, call->pmm);
	spin_unlock(space->lock);
	told->slot_error = pin_slot_get(space, call->pmm, &call->slot);
	if (told->slot_error)
		return;
	told->slot_offset = call->slot.window->offset + call->slot.at;
	told->slot_address = call->slot.window->address + call->slot.at;
	told->slot_size = space->slot_size;
}

/* What the context wants of a call before it is received: a slot, and copies */
static __always_inline void pin_prepare(struct pin_call *call)
{
	if (unlikely(!call->slot.window))
		pin_prepare_slot(call);
	if (unlikely(!call->trust && call->pmm))
		call->cred = get_cred(current_real_cred());
	if (likely(call->native))
		pin_copy_args(call);
}

/* The copies go to the slot, or their pages are there: the target pays for them. */
static __always_inline void pin_prepare_pages(struct pin_call *call)
{
	if (unlikely(call->buf_len && !call->moved))
		pin_copies_place(call);
}

/* Whether the call is prepared for the context that the listener has; lock held. */
static __always_inline bool pin_settled(const struct pin_call *call)
{
	return likely(call->ready && call->ctx == call->listener->ctx);
}

/*
 * Have a call that waits belong to the listener's context, and be prepared for it.
 * The call may belong to none yet, or to one that is closed. With the lock, which is
 * dropped meanwhile; the call may be answered then, if supervisors know its id.
 */
static noinline void pin_settle(struct pin_call *call)
	__must_hold(&call->listener->lock)
{
	struct pin_listener *listener = call->listener;

	lockdep_assert_held(&listener->lock);
	while (!pin_settled(call) && pin_call_waits(call)) {
		pin_call_leave(call);
		pin_call_join(call);
		if (call->ctx) {
			pin_verdict_begin(call);
			pin_prepare(call);
			pin_prepare_pages(call);
		}
		spin_lock(&listener->lock);
		call->ready = call->ctx == listener->ctx;
	}
}

/* A call of which nobody has heard can be received, unless the listener is closed. */
static void pin_enter(struct pin_call *call, u64 id)
{
	struct pin_listener *listener = call->listener;

	spin_lock(&listener->lock);
	if (unlikely(!pin_settled(call)))
		pin_settle(call);
	if (unlikely(listener->closed)) {
		call->state = PIN_CLOSED;
	} else {
		pin_call_hash(call, id ?: listener->attendant.next_id++);
		pin_pend(call);
	}
	spin_unlock(&listener->lock);
	pin_poke(listener, EPOLLIN | EPOLLRDNORM | EPOLLOUT | EPOLLWRNORM);
}

/*
 * A call that supervisors know by its id is prepared for another context. Requests of
 * the device wait for that, see pin_call_find(), and do not receive it before.
 */
static void pin_reenter(struct pin_call *call)
{
	struct pin_listener *listener = call->listener;

	spin_lock(&listener->lock);
	list_del_init(&call->pending);
	pin_settle(call);
	if (call->state == PIN_QUEUED)
		pin_pend(call);
	wake_up_all(&listener->arrived);
	spin_unlock(&listener->lock);
	pin_poke(listener, EPOLLIN | EPOLLRDNORM);
}

/* The call, of which there may be no record yet, ends without an answer. */
static int pin_fail(struct pin_call *call, int error)
{
	if (call)
		pin_call_put(call);
	syscall_set_return_value(current, current_pt_regs(), error, 0);
	return -1;
}

/* Current has come for the call that was handed over under an id, if one was. */
static noinline struct pin_call *pin_arrive(struct pin_listener *listener, u64 id,
					    bool native)
{
	struct pin_call *call;

	spin_lock(&listener->lock);
	call = pin_call_lookup(listener, id);
	if (call) {
		call->here = true;
		call->native = native;
		/* pin_call_answer() and pin_call_end() left the call there for this. */
		if (!pin_call_waits(call))
			hlist_del_init(&call->node);
	}
	spin_unlock(&listener->lock);
	if (call)
		pin_reenter(call);
	return call;
}

static int pin_notify(struct seccomp_attendant *attendant,
		      const struct seccomp_data *sd, u64 id,
		      struct seccomp_redirect **redirect)
{
	struct pin_listener *listener = pin_listener_of(attendant);
	bool native = pin_arch_native(sd);
	struct pin_call *call = NULL;
	int err;

	if (unlikely(id))
		call = pin_arrive(listener, id, native);
	if (likely(!call)) {
		if (unlikely(READ_ONCE(listener->closed)))
			return pin_fail(NULL, -ENOSYS);
		call = pin_call_get(listener, sd, native);
		if (likely(call->ctx)) {
			pin_prepare(call);
			if (!id && call->ctx->verdicts && native &&
			    pin_verdict_apply(call))
				return pin_answer_apply(call, redirect);
			pin_prepare_pages(call);
		}
		pin_enter(call, id);
	}

	while (unlikely((err = pin_wait(call)) == -EAGAIN))
		pin_reenter(call);
	if (unlikely(call->state == PIN_CLOSED))
		err = -ENOSYS;
	return likely(!err) ? pin_answer_apply(call, redirect) : pin_fail(call, err);
}

static void pin_unreceive(struct seccomp_attendant *attendant, u64 id)
{
	pin_untake(pin_listener_of(attendant), id);
}

static void pin_fork(struct seccomp_redirect *redirect, struct task_struct *child)
{
	clear_task_syscall_work(child, SECCOMP_REDIRECT);
	pin_answer_restore(pin_call_of(redirect), task_pt_regs(child));
}

/* No task uses the filter any more: receivers have nothing to wait for. */
static int pin_hup(struct wait_queue_entry *wait, unsigned int mode, int flags,
		   void *key)
{
	struct pin_listener *listener =
		container_of(wait, struct pin_listener, hup);

	if (!(key_to_poll(key) & EPOLLHUP))
		return 0;
	spin_lock(&listener->lock);
	pin_receivers_wake(listener);
	spin_unlock(&listener->lock);
	return 0;
}

static void pin_close(struct seccomp_attendant *attendant)
{
	struct pin_listener *listener = pin_listener_of(attendant);

	spin_lock(&listener->poll_lock);
	WRITE_ONCE(listener->polled, false);
	spin_unlock(&listener->poll_lock);
	remove_wait_queue(attendant->wqh, &listener->hup);
	spin_lock(&listener->lock);
	WRITE_ONCE(listener->closed, true);
	pin_receivers_wake(listener);
	pin_calls_look(listener);
	spin_unlock(&listener->lock);
}

void pin_listener_put(struct pin_listener *listener)
{
	if (refcount_dec_and_test(&listener->refs))
		kfree(listener);
}

static void pin_release_attendant(struct seccomp_attendant *attendant)
{
	pin_listener_put(pin_listener_of(attendant));
}

static const struct seccomp_attend_ops pin_attend_ops = {
	.owner = THIS_MODULE,
	.notify = pin_notify,
	.parked = pin_call_handed_over,
	.unreceive = pin_unreceive,
	.fork = pin_fork,
	.end = pin_answer_end,
	.ioctl = pin_notif_ioctl,
	.poll = pin_notif_poll,
	.close = pin_close,
	.release = pin_release_attendant,
};

/* With two references: the filter's and the first context's */
static struct pin_listener *pin_listener_alloc(void)
{
	struct pin_listener *listener = kzalloc(sizeof(*listener), GFP_KERNEL_ACCOUNT);

	if (!listener)
		return NULL;
	listener->attendant.ops = &pin_attend_ops;
	refcount_set(&listener->refs, 2);
	init_waitqueue_func_entry(&listener->hup, pin_hup);
	init_waitqueue_head(&listener->arrived);
	spin_lock_init(&listener->poll_lock);
	spin_lock_init(&listener->lock);
	INIT_LIST_HEAD(&listener->pending);
	INIT_LIST_HEAD(&listener->receivers);
	return listener;
}

/* The listener of a file, attended from now on, with a reference */
static struct pin_listener *pin_listener_get(struct file *file)
{
	struct pin_listener *listener = pin_listener_alloc();
	struct seccomp_attendant *attendant;

	if (!listener)
		return ERR_PTR(-ENOMEM);
	attendant = seccomp_attend(file, &listener->attendant);
	if (attendant != &listener->attendant) {
		kfree(listener);
		if (IS_ERR(attendant))
			return ERR_CAST(attendant);
		/* There is one: a module's that has the same operations, or not. */
		if (attendant->ops != &pin_attend_ops)
			return ERR_PTR(-EBUSY);
		listener = pin_listener_of(attendant);
		refcount_inc(&listener->refs);
		return listener;
	}
	add_wait_queue(attendant->wqh, &listener->hup);
	/* The last task may have gone before that. */
	spin_lock(&listener->lock);
	if (!refcount_read(attendant->users))
		pin_receivers_wake(listener);
	spin_unlock(&listener->lock);
	return listener;
}

/*
 * Have a context, which lacks no more than that, serve the listener of a file. Calls
 * that wait already get slots and copies as soon as their tasks have woken up.
 */
int pin_listener_attend(struct file *file, struct pin_ctx *ctx)
{
	struct pin_listener *listener = pin_listener_get(file);

	if (IS_ERR(listener))
		return PTR_ERR(listener);
	spin_lock(&listener->lock);
	if (listener->ctx) {
		spin_unlock(&listener->lock);
		pin_listener_put(listener);
		return -EBUSY;
	}
	ctx->space.lock = &listener->lock;
	ctx->space.families.lock = &listener->lock;
	ctx->queue.lock = &listener->lock;
	listener->ctx = ctx;
	pin_calls_look(listener);
	/* Pairs with the acquire in pin_ctx_listener(). */
	smp_store_release(&ctx->listener, listener);
	spin_unlock(&listener->lock);
	return 0;
}

/*
 * The context is closed: release what the supervisor still holds, and have the calls
 * that wait give back what they have of it. Returns whether no call has any of it;
 * else the last one frees the context.
 */
bool pin_listener_detach(struct pin_ctx *ctx)
{
	struct pin_listener *listener = ctx->listener;
	struct pin_call *call;
	unsigned int i;
	bool last;

	spin_lock(&listener->lock);
	listener->ctx = NULL;
	/* The calls must not free the context while this uses it. */
	ctx->nr_calls++;
	for (i = 0; i < ARRAY_SIZE(listener->calls); i++) {
again:
		hlist_for_each_entry(call, &listener->calls[i], node) {
			if (call->ctx != ctx || !pin_call_unhold(call, U32_MAX))
				continue;
			spin_unlock(&listener->lock);
			pin_call_put(call);
			spin_lock(&listener->lock);
			goto again;
		}
		cond_resched_lock(&listener->lock);
	}
	pin_calls_look(listener);
	ctx->closed = true;
	last = !--ctx->nr_calls;
	spin_unlock(&listener->lock);
	return last;
}
