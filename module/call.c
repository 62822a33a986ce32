// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls: the record of one call, from its trap until it is over and released. A
 * call's slot goes to another call when both have happened.
 */
#include <linux/err.h>
#include <linux/hash.h>
#include <linux/ptrace.h>
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
	if (call->buf != call->inl)
		kvfree(call->buf);
	kfree(call);
}

/* Free the calls that are kept for the next ones in an mm that is dead. */
void pin_calls_free(struct pin_mm *pmm)
{
	struct pin_call *call;

	while ((call = pmm->spare)) {
		pmm->spare = call->next;
		pin_call_free(call);
	}
}

/* What few calls have, and what an mm is not to keep; drops the lock meanwhile. */
static noinline void pin_call_clean(struct pin_call *call)
	__must_hold(&call->listener->lock)
{
	spin_unlock(&call->listener->lock);
	put_cred(call->cred);
	call->cred = NULL;
	if (call->buf_size > PIN_SPARE_BYTES) {
		kvfree(call->buf);
		call->buf = call->inl;
		call->buf_size = sizeof(call->inl);
	}
	spin_lock(&call->listener->lock);
	if (call->ctx)
		pin_run_put(pin_call_space(call), call->pmm, &call->run);
}

/* Give the slot back. Whether the mm's next call can have the record; lock held. */
static __always_inline bool pin_call_spare(struct pin_call *call)
{
	struct pin_mm *pmm = call->pmm;

	if (!pmm)
		return false;
	pin_slot_put(pin_call_space(call), pmm, &call->slot);
	pmm->users--;
	if (unlikely(pmm->nr_spare == PIN_SPARE_CALLS))
		return false;
	call->next = pmm->spare;
	pmm->spare = call;
	pmm->nr_spare++;
	return true;
}

/* Whether the context is to be freed: this was its last call; lock held. */
static bool pin_ctx_drop(struct pin_ctx *ctx)
{
	return !--ctx->nr_calls && unlikely(ctx->closed);
}

/**
 * pin_call_put_locked - drop a reference to a call
 * @call: the call
 *
 * Context: with the listener's lock, which it gives up.
 */
void pin_call_put_locked(struct pin_call *call)
	__releases(&call->listener->lock)
{
	struct pin_listener *listener = call->listener;
	struct pin_ctx *ctx = call->ctx;
	bool spare = false, last = false;

	lockdep_assert_held(&listener->lock);
	if (--call->refs) {
		spin_unlock(&listener->lock);
		return;
	}
	if (unlikely(call->cred || call->run.window ||
		     call->buf_size > PIN_SPARE_BYTES))
		pin_call_clean(call);
	if (likely(ctx)) {
		spare = pin_call_spare(call);
		last = pin_ctx_drop(ctx);
	}
	spin_unlock(&listener->lock);
	if (!spare)
		pin_call_free(call);
	if (unlikely(last))
		ctx->free(ctx);
}

/* As pin_call_put_locked(), without the lock */
void pin_call_put(struct pin_call *call)
{
	spin_lock(&call->listener->lock);
	pin_call_put_locked(call);
}

/* What most calls find: an mm that is known, and a call to be used again */
static struct pin_call *pin_call_reuse(struct pin_listener *listener)
{
	struct pin_call *call = NULL;
	struct pin_space *space;
	struct pin_ctx *ctx;
	struct pin_mm *pmm;

	spin_lock(&listener->lock);
	ctx = listener->ctx;
	if (unlikely(!ctx))
		goto out;
	space = &ctx->space;
	pmm = pin_mm_lookup(space, current->mm);
	if (!pmm)
		goto out;
	call = pmm->spare;
	if (!call) {
		pmm->users--;
		goto out;
	}
	pmm->spare = call->next;
	pmm->nr_spare--;
	ctx->nr_calls++;
	call->trust = pin_mm_trust(pmm);
	pin_slot_find(space, pmm, &call->slot);
out:
	spin_unlock(&listener->lock);
	return call;
}

static struct pin_call *pin_call_alloc(struct pin_listener *listener, gfp_t gfp)
{
	/* Without a record nobody could answer, and the task has begun to wait. */
	struct pin_call *call = kzalloc(sizeof(*call), gfp | __GFP_NOFAIL);

	call->listener = listener;
	call->buf = call->inl;
	call->buf_size = sizeof(call->inl);
	mutex_init(&call->lock);
	INIT_LIST_HEAD(&call->pending);
	INIT_LIST_HEAD(&call->works);
	return call;
}

/* All that a call that is used again may still say of the last one */
static __always_inline void pin_call_init(struct pin_call *call,
					  struct task_struct *task,
					  const struct seccomp_data *sd)
{
	call->refs = 1;
	call->held = 0;
	call->state = PIN_QUEUED;
	call->slot_error = 0;
	call->fresh = 0;
	call->look = false;
	call->task = task;
	call->data = *sd;
	call->cookie = 0;
	call->rules = 0;
	call->buf_len = 0;
}

/* Names a thread, and nobody learns where in the kernel's memory it is. */
static u64 pin_thread(const struct pin_ctx *ctx, const void *task)
{
	return siphash_1u64((uintptr_t)task, &ctx->key);
}

/**
 * pin_call_get - the record of a call that current is about to make
 * @listener: who is asked
 * @sd: the call
 * @native: it can be redirected
 *
 * Return: the call, with the task's reference. It has joined the listener's
 * context, if there is one.
 */
struct pin_call *pin_call_get(struct pin_listener *listener,
			      const struct seccomp_data *sd, bool native)
{
	struct pin_call *call = native ? pin_call_reuse(listener) : NULL;

	if (likely(call)) {
		if (unlikely(call->task != current))
			call->thread = pin_thread(call->ctx, current);
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

/**
 * pin_call_handed_over - the record of a call that waited before the attendance
 * @listener: who is asked
 * @task: its task, which comes to ->notify() later
 * @sd: the call
 *
 * Return: the call, with the task's reference
 */
struct pin_call *pin_call_handed_over(struct pin_listener *listener,
				      struct task_struct *task,
				      const struct seccomp_data *sd)
{
	struct pin_call *call = pin_call_alloc(listener, GFP_KERNEL);

	pin_call_init(call, task, sd);
	return call;
}

/**
 * pin_call_join - have a call belong to the listener's context, if there is one
 * @call: the call of current, which belongs to none
 */
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
	call->thread = pin_thread(ctx, current);
	spin_unlock(&listener->lock);
}

/**
 * pin_call_leave - have a call belong to no context
 * @call: the call of current, which waits; its context is closed, or there is none
 *
 * Nobody refers to what it has of the context: these requests were made by the
 * device, which is closed.
 *
 * Context: with the listener's lock, which it gives up.
 */
void pin_call_leave(struct pin_call *call)
	__releases(&call->listener->lock)
{
	struct pin_listener *listener = call->listener;
	struct pin_ctx *ctx = call->ctx;
	bool last = false;

	lockdep_assert_held(&listener->lock);
	call->ready = false;
	if (call->held) {
		call->held = 0;
		call->refs--;
	}
	if (ctx) {
		if (call->pmm) {
			pin_run_put(&ctx->space, call->pmm, &call->run);
			pin_slot_put(&ctx->space, call->pmm, &call->slot);
			call->pmm->users--;
		}
		call->ctx = NULL;
		call->pmm = NULL;
		last = pin_ctx_drop(ctx);
	}
	call->moved = false;
	call->failed = false;
	call->copied = 0;
	call->slot_error = 0;
	call->trust = 0;
	call->buf_len = 0;
	put_cred(call->cred);
	call->cred = NULL;
	spin_unlock(&listener->lock);
	if (last)
		ctx->free(ctx);
}

static struct hlist_head *pin_call_bucket(struct pin_listener *listener, u64 id)
{
	return &listener->calls[hash_64(id, PIN_CALL_BITS)];
}

/* Let a call be found by its id, from now on; lock held. */
void pin_call_hash(struct pin_call *call, u64 id)
{
	lockdep_assert_held(&call->listener->lock);
	call->id = id;
	hlist_add_head(&call->node, pin_call_bucket(call->listener, id));
}

/**
 * pin_call_lookup - the call of a notification
 * @listener: the listener, locked
 * @id: the notification's
 *
 * Return: the call, which may be over if it is held, or NULL
 */
struct pin_call *pin_call_lookup(struct pin_listener *listener, u64 id)
{
	struct pin_call *call;

	lockdep_assert_held(&listener->lock);
	hlist_for_each_entry(call, pin_call_bucket(listener, id), node)
		if (call->id == id)
			return call;
	return NULL;
}

/* 0: a call of @ctx, with a reference; -EAGAIN: its task has yet to come */
static int pin_call_try_find(struct pin_ctx *ctx, u64 id, struct pin_call **found)
{
	struct pin_listener *listener = ctx->listener;
	struct pin_call *call;
	int err = -ENOENT;

	spin_lock(&listener->lock);
	call = pin_call_lookup(listener, id);
	if (call && likely(call->ready && call->ctx == ctx)) {
		call->refs++;
		*found = call;
		err = 0;
	} else if (call && pin_call_waits(call)) {
		err = -EAGAIN;
	}
	spin_unlock(&listener->lock);
	return err;
}

/**
 * pin_call_find - the call of a notification, for a request of the device
 * @ctx: the context
 * @id: the notification's
 *
 * A call that waited when the listener was attached gets its slot and its copies
 * from its task, which comes soon. This waits for the task, a second at most.
 *
 * Return: the call, with a reference; or -ENOENT, -EAGAIN (its task did not come),
 * -ERESTARTSYS (interrupted by a signal)
 */
struct pin_call *pin_call_find(struct pin_ctx *ctx, u64 id)
{
	struct wait_queue_head *arrived = &ctx->listener->arrived;
	struct pin_call *call;
	long left;
	int err;

	err = pin_call_try_find(ctx, id, &call);
	if (likely(err != -EAGAIN))
		return err ? ERR_PTR(err) : call;
#define PIN_FOUND	((err = pin_call_try_find(ctx, id, &call)) != -EAGAIN)
	left = wait_event_interruptible_timeout(*arrived, PIN_FOUND,
						PIN_AWAIT_JIFFIES);
#undef PIN_FOUND
	if (err == -EAGAIN && left < 0)
		err = left;
	return err ? ERR_PTR(err) : call;
}

/**
 * pin_call_sent - whether a call waits for an answer
 * @call: the call; lock held
 *
 * Return: 0 or
 * * -EINPROGRESS: it has not been received yet, or is answered already
 * * -ENOENT: it does not wait any more
 */
int pin_call_sent(const struct pin_call *call)
{
	lockdep_assert_held(&call->listener->lock);
	switch (call->state) {
	case PIN_SENT:
		return 0;
	case PIN_CLOSED:
	case PIN_GONE:
		return -ENOENT;
	default:
		return -EINPROGRESS;
	}
}

/**
 * pin_call_access - whether the caller has ptrace access to a call's task
 * @call: the call, which waits; lock held
 *
 * The task can neither exec nor change its credentials before the lock is dropped.
 * NOAUDIT: Yama would have the supervisor read the target's command line, and wait
 * for the target's memory, to report a refusal.
 *
 * Return: 0 or -EACCES
 */
int pin_call_access(const struct pin_call *call)
{
	lockdep_assert_held(&call->listener->lock);
	return ptrace_may_access(call->task, PTRACE_MODE_ATTACH_REALCREDS |
					     PTRACE_MODE_NOAUDIT) ? 0 : -EACCES;
}

/* Whether the caller may act on a call's task: as the two above, without the lock */
int pin_call_check(struct pin_call *call)
{
	int err;

	spin_lock(&call->listener->lock);
	err = pin_call_sent(call) ?: pin_call_access(call);
	spin_unlock(&call->listener->lock);
	return err;
}

/**
 * pin_call_release - the supervisor is done with the call of a notification
 * @listener: the listener
 * @id: the notification's
 * @times: how often it was received or adopted
 *
 * Return: whether it was held
 */
bool pin_call_release(struct pin_listener *listener, u64 id, u32 times)
{
	struct pin_call *call;

	spin_lock(&listener->lock);
	call = pin_call_lookup(listener, id);
	if (!call || !call->held) {
		spin_unlock(&listener->lock);
		return false;
	}
	call->held -= min(call->held, times);
	if (call->held) {
		spin_unlock(&listener->lock);
		return true;
	}
	if (!pin_call_waits(call))
		hlist_del_init(&call->node);
	pin_call_put_locked(call);
	return true;
}

/**
 * pin_move_begin - bytes are about to be put into the slot of a call
 * @call: the call
 *
 * Until pin_move_end(), it is not answered by a redirect.
 *
 * Return: false if it is answered already
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

/**
 * pin_call_move - what the target copied goes into its slot
 * @call: the call; somebody's access to its task has been checked
 *
 * Once, and before anything else is put there: the supervisor's own changes, and
 * what it fetched, would be lost when another thread adopts the call later.
 *
 * Context: between pin_move_begin() and pin_move_end().
 *
 * Return: 0 or what pin_window_write() returns
 */
int pin_call_move(struct pin_call *call)
{
	int err = 0;

	lockdep_assert_held(&call->lock);
	if (!call->moved && call->slot.window && call->buf_len)
		err = pin_slot_write(pin_call_space(call), &call->slot, call->buf,
				     call->buf_len);
	if (!err)
		WRITE_ONCE(call->moved, true);
	return err;
}
