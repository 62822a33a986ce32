// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls: the record of one call, from its trap until it is over and released. A
 * call's slot goes to another call when both have happened.
 */
#include <linux/err.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "call.h"

/* Kept for the next calls in an mm; more are allocated as they are needed. */
#define PIN_SPARE_CALLS	16

/*
 * How long a request waits for the task of a call that was handed over to come. A
 * target that is kept from running, or has its arguments in memory that does not
 * come, delays each request for it by this much.
 */
#define PIN_AWAIT_JIFFIES	HZ

static void pin_call_free(struct pin_call *call)
{
	if (call->room != call->inl)
		kvfree(call->room);
	kfree(call);
}

/* Free the spare records of an mm that is dead. */
void pin_calls_free(struct pin_mm *pmm)
{
	struct pin_call *call;

	while ((call = pmm->spare)) {
		pmm->spare = call->next;
		pin_call_free(call);
	}
}

/* The call has no slot from now on; lock held. */
static void pin_call_drop_slot(struct pin_call *call, struct pin_space *space,
			       struct pin_mm *pmm)
{
	pin_slot_put(space, pmm, &call->slot);
	call->told.slot_offset = 0;
	call->told.slot_address = 0;
	call->told.slot_size = 0;
}

/**
 * pin_calls_give_slots - have an mm's spare records give back their slots
 * @space: the space, locked
 * @pmm: what it has in the mm
 */
void pin_calls_give_slots(struct pin_space *space, struct pin_mm *pmm)
{
	struct pin_call *call;

	lockdep_assert_held(space->lock);
	for (call = pmm->spare; call; call = call->next) {
		space->nr_idle -= call->slot.window ? 1 : 0;
		pin_call_drop_slot(call, space, pmm);
	}
}

/* Free what few calls have, and what the next context may have no slots for. */
static noinline void pin_call_clean(struct pin_call *call)
{
	struct pin_space *space;

	put_cred(call->cred);
	call->cred = NULL;
	if (call->room_size > PIN_SPARE_BYTES) {
		kvfree(call->room);
		call->room = call->inl;
		call->room_size = sizeof(call->inl);
	}
	if (call->run.window || call->lost) {
		space = pin_call_space(call);
		spin_lock(space->lock);
		if (call->lost) {
			call->slot.window = NULL;
			call->run.window = NULL;
			pin_call_drop_slot(call, space, call->pmm);
		}
		pin_slot_put(space, call->pmm, &call->run);
		spin_unlock(space->lock);
		call->lost = false;
	}
}

/* Whether the mm keeps the record, with its slot, for its next call; lock held. */
static __always_inline bool pin_call_spare(struct pin_call *call)
{
	struct pin_space *space = pin_call_space(call);
	struct pin_mm *pmm = call->pmm;

	if (unlikely(!pmm))
		return false;
	pmm->users--;
	if (unlikely(pmm->nr_spare == PIN_SPARE_CALLS)) {
		pin_slot_put(space, pmm, &call->slot);
		return false;
	}
	if (likely(call->slot.window))
		space->nr_idle++;
	call->next = pmm->spare;
	pmm->spare = call;
	pmm->nr_spare++;
	return true;
}

/* The last reference to a call is gone, see pin_call_put(). */
void pin_call_over(struct pin_call *call)
{
	struct pin_listener *listener = call->listener;
	struct pin_ctx *ctx = call->ctx;
	bool spare = false, last = false;

	if (unlikely(call->cred || call->run.window || call->lost ||
		     call->room_size > PIN_SPARE_BYTES))
		pin_call_clean(call);
	if (likely(ctx)) {
		spin_lock(&listener->lock);
		spare = pin_call_spare(call);
		last = !--ctx->nr_calls && unlikely(ctx->closed);
		spin_unlock(&listener->lock);
	}
	if (unlikely(!spare))
		pin_call_free(call);
	if (unlikely(last))
		ctx->free(ctx);
}

/* What most calls find: an mm that is known, and a record to be used again */
static __always_inline struct pin_call *pin_call_reuse(struct pin_listener *listener)
{
	struct pin_call *call = NULL;
	struct pin_ctx *ctx;
	struct pin_mm *pmm;

	spin_lock(&listener->lock);
	ctx = listener->ctx;
	if (unlikely(!ctx))
		goto out;
	pmm = pin_mm_find(&ctx->space, current->mm);
	if (unlikely(!pmm || !pmm->spare))
		goto out;
	call = pmm->spare;
	pmm->spare = call->next;
	pmm->nr_spare--;
	pmm->users++;
	ctx->nr_calls++;
	call->trust = pin_mm_trust(pmm);
	if (likely(call->slot.window))
		ctx->space.nr_idle--;
out:
	spin_unlock(&listener->lock);
	return call;
}

static struct pin_call *pin_call_alloc(struct pin_listener *listener, gfp_t gfp)
{
	/* Without a record nobody could answer, and the task has begun to wait. */
	struct pin_call *call = kzalloc(sizeof(*call), gfp | __GFP_NOFAIL);

	call->listener = listener;
	call->room = call->inl;
	call->room_size = sizeof(call->inl);
	mutex_init(&call->lock);
	INIT_LIST_HEAD(&call->pending);
	INIT_LIST_HEAD(&call->works);
	return call;
}

/* All that a record that is used again may still say of the last call */
static __always_inline void pin_call_init(struct pin_call *call,
					  struct task_struct *task,
					  const struct seccomp_data *sd)
{
	unsigned long left;

	for (left = call->copied; left; left &= left - 1)
		call->told.copies[__ffs(left)] = (struct seccomp_pin_copy){};
	refcount_set(&call->refs, 1);
	call->state = PIN_QUEUED;
	call->held = 0;
	call->buf_len = 0;
	call->fresh = 0;
	call->cookie = 0;
	call->rules = 0;
	call->look = false;
	call->task = task;
	call->told.data = *sd;
}

/* Names a thread, and nobody learns where in the kernel's memory it is. */
static u64 pin_thread(const struct pin_ctx *ctx, const void *task)
{
	return siphash_1u64((uintptr_t)task, &ctx->key);
}

/*
 * The record of a call that current is about to make, with the task's reference. It
 * has joined the listener's context, if there is one. @native: it can be redirected
 */
struct pin_call *pin_call_get(struct pin_listener *listener,
			      const struct seccomp_data *sd, bool native)
{
	struct pin_call *call = likely(native) ? pin_call_reuse(listener) : NULL;

	if (likely(call)) {
		if (unlikely(call->task != current))
			call->told.thread = pin_thread(call->ctx, current);
		pin_call_init(call, current, sd);
		return call;
	}
	/* Targets pay for what they make the module keep. */
	call = pin_call_alloc(listener, GFP_KERNEL_ACCOUNT);
	pin_call_init(call, current, sd);
	call->native = native;
	call->here = true;
	call->ready = true;
	pin_call_join(call);
	return call;
}

/* ->parked(): a call waited before the attendance. Its record has the task's reference. */
void pin_call_handed_over(struct seccomp_attendant *attendant, u64 id,
			  struct task_struct *task, const struct seccomp_data *sd)
{
	struct pin_listener *listener = pin_listener_of(attendant);
	struct pin_call *call = pin_call_alloc(listener, GFP_KERNEL);

	pin_call_init(call, task, sd);
	spin_lock(&listener->lock);
	call->state = PIN_SENT;
	listener->nr_sent++;
	pin_call_hash(call, id);
	spin_unlock(&listener->lock);
}

/* Have a call of current, which belongs to no context, belong to the listener's. */
void pin_call_join(struct pin_call *call)
{
	struct pin_listener *listener = call->listener;
	struct pin_mm *pmm = NULL;
	struct pin_ctx *ctx;

	spin_lock(&listener->lock);
	ctx = listener->ctx;
	if (ctx)
		ctx->nr_calls++;
	spin_unlock(&listener->lock);
	if (!ctx)
		return;

	if (call->native)
		pmm = pin_mm_get(&ctx->space, current->mm);
	spin_lock(&listener->lock);
	call->ctx = ctx;
	call->pmm = pmm;
	call->trust = pmm ? pin_mm_trust(pmm) : 0;
	call->told.thread = pin_thread(ctx, current);
	spin_unlock(&listener->lock);
}

/*
 * Take a call of current out of its context, which is closed, if the call has one. No
 * request uses the call's slot any more, because the device is closed. With the
 * listener's lock, which this gives up.
 */
void pin_call_leave(struct pin_call *call)
	__releases(&call->listener->lock)
{
	struct pin_listener *listener = call->listener;
	struct pin_ctx *ctx = call->ctx;
	bool last = false;

	lockdep_assert_held(&listener->lock);
	call->ready = false;
	/* The task has a reference, too. */
	if (pin_call_unhold(call, U32_MAX))
		refcount_dec(&call->refs);
	if (ctx) {
		if (call->pmm) {
			pin_slot_put(&ctx->space, call->pmm, &call->run);
			pin_call_drop_slot(call, &ctx->space, call->pmm);
			call->pmm->users--;
		}
		call->ctx = NULL;
		call->pmm = NULL;
		last = !--ctx->nr_calls && unlikely(ctx->closed);
	}
	call->moved = false;
	call->failed = false;
	call->copied = 0;
	memset(call->told.copies, 0, sizeof(call->told.copies));
	call->told.slot_error = 0;
	call->trust = 0;
	call->buf_len = 0;
	spin_unlock(&listener->lock);
	pin_call_clean(call);
	if (last)
		ctx->free(ctx);
}

/* As pin_call_find(), without waiting: -EAGAIN if the call's task has yet to come */
static struct pin_call *pin_call_try_find(struct pin_ctx *ctx, u64 id)
{
	struct pin_call *call;

	spin_lock(&ctx->listener->lock);
	call = pin_call_lookup(ctx->listener, id);
	if (!call)
		call = ERR_PTR(-ENOENT);
	else if (likely(call->ready && call->ctx == ctx))
		refcount_inc(&call->refs);
	else
		call = ERR_PTR(pin_call_waits(call) ? -EAGAIN : -ENOENT);
	spin_unlock(&ctx->listener->lock);
	return call;
}

/*
 * The call of a notification, with a reference, for a request of the device. A call
 * that waited when the listener was attached gets its slot and its copies from its
 * task, which comes soon. This waits for the task, a second at most. Or -ENOENT, -EAGAIN
 * (its task did not come), -ERESTARTSYS (interrupted by a signal).
 */
struct pin_call *pin_call_find(struct pin_ctx *ctx, u64 id)
{
	const struct pin_call *again = ERR_PTR(-EAGAIN);
	struct pin_call *call = pin_call_try_find(ctx, id);
	long left;

	if (likely(call != again))
		return call;
	left = wait_event_interruptible_timeout(ctx->listener->arrived,
						(call = pin_call_try_find(ctx, id)) != again,
						PIN_AWAIT_JIFFIES);
	return call == again && left < 0 ? ERR_PTR(left) : call;
}

/*
 * Whether a call waits for an answer: 0; -EINPROGRESS: it has not been received yet, or
 * its answer is on the way; -ENOENT: it does not wait any more. Lock held.
 */
int pin_call_sent(const struct pin_call *call)
{
	lockdep_assert_held(&call->listener->lock);
	if (likely(call->state == PIN_SENT))
		return 0;
	return pin_call_waits(call) || !call->here ? -EINPROGRESS : -ENOENT;
}

/*
 * A supervisor that has received or adopted the call of a notification has no more use
 * for it. Returns whether the call was held.
 */
bool pin_call_release(struct pin_listener *listener, u64 id)
{
	struct pin_call *call;
	bool held, last;

	spin_lock(&listener->lock);
	call = pin_call_lookup(listener, id);
	held = call && call->held;
	last = held && pin_call_unhold(call, 1);
	spin_unlock(&listener->lock);
	if (last)
		pin_call_put(call);
	return held;
}

/*
 * Bytes are about to be put into the slot of a call: until pin_move_end(), no redirect
 * answers the call. Returns false if it is answered already.
 */
bool pin_move_begin(struct pin_call *call)
{
	bool ok;

	mutex_lock(&call->lock);
	spin_lock(&call->listener->lock);
	ok = call->state != PIN_ANSWERED;
	call->moving = ok;
	spin_unlock(&call->listener->lock);
	if (!ok)
		mutex_unlock(&call->lock);
	return ok;
}

void pin_move_end(struct pin_call *call)
{
	spin_lock(&call->listener->lock);
	call->moving = false;
	spin_unlock(&call->listener->lock);
	mutex_unlock(&call->lock);
}

/*
 * What the target copied goes into its slot: once, and before anything else is put
 * there. The supervisor's own changes, and what it fetched, would be lost when another
 * thread adopts the call later. The caller has been found to have access to the task,
 * and is between pin_move_begin() and pin_move_end().
 */
int pin_call_move(struct pin_call *call)
{
	int err = 0;

	lockdep_assert_held(&call->lock);
	if (!call->moved && call->slot.window && call->buf_len)
		err = pin_slot_write(pin_call_space(call), &call->slot, call->buf,
				     call->buf_len);
	if (!err)
		/* Pairs with the acquires in pin_call_place(), pin_receive_tell(). */
		smp_store_release(&call->moved, true);
	return err;
}

/* As pin_call_move(), for a caller that is not between these two; or -EINPROGRESS */
int pin_call_place(struct pin_call *call)
{
	int err;

	/* Pairs with the release in pin_call_move(). */
	if (smp_load_acquire(&call->moved))
		return 0;
	if (!pin_move_begin(call))
		return -EINPROGRESS;
	err = pin_call_move(call);
	pin_move_end(call);
	return err;
}
