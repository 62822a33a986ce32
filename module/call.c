// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls: from the trap, in the target's context, over the supervisor's receive
 * and its answer, to the end. A call's slot is given back when the call is over
 * and the supervisor has let go of it.
 */
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "arch.h"
#include "pin.h"

void pin_call_put(struct pin_call *call)
{
	struct pin_ctx *ctx = call->ctx;

	if (!refcount_dec_and_test(&call->refs))
		return;

	spin_lock(&ctx->lock);
	pin_slot_put(call);
	if (call->pmm)
		call->pmm->users--;
	ctx->nr_calls--;
	spin_unlock(&ctx->lock);
	if (call->buf != call->inl)
		kvfree(call->buf);
	kfree(call);
}

/*
 * In the target, before it waits. What goes wrong here is kept for the
 * supervisor to see; only a call for which there is no memory is not known.
 */
static struct seccomp_attended *pin_park(void *data,
					 const struct seccomp_data *sd)
{
	struct pin_ctx *ctx = data;
	struct pin_call *call;

	/*
	 * Zeroed, the buffer as well: what is between two arguments goes into
	 * the slot with them. Targets pay for what they make us keep.
	 */
	call = kzalloc(sizeof(*call), GFP_KERNEL_ACCOUNT);
	if (!call)
		return NULL;
	refcount_set(&call->refs, 1);
	mutex_init(&call->lock);
	call->ctx = ctx;
	call->buf = call->inl;
	call->buf_size = sizeof(call->inl);

	spin_lock(&ctx->lock);
	ctx->nr_calls++;
	spin_unlock(&ctx->lock);

	if (!pin_arch_native(sd)) {
		call->slot_error = -EOPNOTSUPP;
		return &call->attended;
	}
	call->pmm = pin_mm_get(ctx, current->mm);
	call->slot_error = call->pmm ? pin_slot_get(call) : -ENOMEM;
	pin_copy_args(call, sd);
	return &call->attended;
}

static void pin_hold(struct seccomp_attended *attended)
{
	refcount_inc(&pin_call_of(attended)->refs);
}

static struct hlist_head *pin_held_bucket(struct pin_ctx *ctx, u64 id)
{
	return &ctx->held[hash_64(id, PIN_HASH_BITS)];
}

static u64 pin_thread(struct pin_ctx *ctx,
		      const struct seccomp_attend_view *view)
{
	return siphash_1u64((uintptr_t)view->thread, &ctx->key);
}

/*
 * The supervisor sees the slot from now on; @call has a reference for that, one
 * for all who have received or adopted it.
 */
static void pin_call_keep(struct pin_call *call)
{
	struct pin_ctx *ctx = call->ctx;

	spin_lock(&ctx->lock);
	if (!call->held++) {
		refcount_inc(&call->refs);
		hlist_add_head(&call->node, pin_held_bucket(ctx, call->id));
	}
	spin_unlock(&ctx->lock);
}

/* Returns whether there is a reference to be put, without ctx->lock. */
static bool pin_call_unkeep(struct pin_call *call, u32 times)
{
	lockdep_assert_held(&call->ctx->lock);
	if (!call->held)
		return false;
	call->held -= min(call->held, times);
	if (call->held)
		return false;
	hlist_del(&call->node);
	return true;
}

/**
 * pin_call_let_go - the supervisor is done with the call of a notification
 * @ctx: the context
 * @id: the notification's
 * @times: how often it was received or adopted; U32_MAX after an answer
 *
 * Return: whether it was held
 */
bool pin_call_let_go(struct pin_ctx *ctx, u64 id, u32 times)
{
	struct pin_call *call, *last = NULL;
	bool found = false;

	spin_lock(&ctx->lock);
	hlist_for_each_entry(call, pin_held_bucket(ctx, id), node) {
		if (call->id == id) {
			found = true;
			if (pin_call_unkeep(call, times))
				last = call;
			break;
		}
	}
	spin_unlock(&ctx->lock);
	if (last)
		pin_call_put(last);
	return found;
}

/* Whether a supervisor has received the call here and not let go of it */
bool pin_call_held(struct pin_call *call)
{
	bool held;

	spin_lock(&call->ctx->lock);
	held = call->held;
	spin_unlock(&call->ctx->lock);
	return held;
}

/* The device is closed: all calls that are still held. */
void pin_calls_let_go(struct pin_ctx *ctx)
{
	struct pin_call *call;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ctx->held); i++) {
		spin_lock(&ctx->lock);
		while (!hlist_empty(&ctx->held[i])) {
			call = hlist_entry(ctx->held[i].first, struct pin_call,
					   node);
			pin_call_unkeep(call, U32_MAX);
			spin_unlock(&ctx->lock);
			pin_call_put(call);
			spin_lock(&ctx->lock);
		}
		spin_unlock(&ctx->lock);
	}
}

static u32 pin_completion_how(enum seccomp_attend_end how)
{
	switch (how) {
	case SECCOMP_ATTEND_RETURNED:
		return SECCOMP_PIN_RETURNED;
	case SECCOMP_ATTEND_EXEC:
		return SECCOMP_PIN_EXECUTED;
	case SECCOMP_ATTEND_DIED:
		return SECCOMP_PIN_DIED;
	case SECCOMP_ATTEND_SKIPPED:
		return SECCOMP_PIN_SKIPPED;
	default:
		return SECCOMP_PIN_INTERRUPTED;
	}
}

static void pin_end(void *data, struct seccomp_attended *attended,
		    enum seccomp_attend_end how, long retval)
{
	struct pin_call *call = pin_call_of(attended);
	struct pin_ctx *ctx = data;
	bool put = false;

	/*
	 * Whoever answered in another way has let go. A redirect lets go by
	 * itself; what is left are calls that nobody answered, whose bytes the
	 * supervisor may be looking at.
	 */
	if (how == SECCOMP_ATTEND_ANSWERED) {
		spin_lock(&ctx->lock);
		put = pin_call_unkeep(call, U32_MAX);
		spin_unlock(&ctx->lock);
	}
	if (put)
		pin_call_put(call);

	/*
	 * The place in the queue is this call's if it was redirected. Otherwise
	 * it is given back by who tried to, who may be about to.
	 */
	if (how != SECCOMP_ATTEND_ANSWERED && how != SECCOMP_ATTEND_GONE &&
	    call->completion) {
		struct seccomp_pin_completion completion = {
			.id = call->id,
			.thread = call->thread,
			.retval = retval,
			.how = pin_completion_how(how),
		};

		pin_queue_add(ctx, &completion);
	}
	pin_call_put(call);
}

static void pin_attend_release(void *data)
{
	pin_ctx_put(data);
}

const struct seccomp_attend_ops pin_attend_ops = {
	.owner = THIS_MODULE,
	.park = pin_park,
	.hold = pin_hold,
	.end = pin_end,
	.release = pin_attend_release,
};

/* The same each time that a notification is looked at */
static void pin_call_name(struct pin_call *call,
			  const struct seccomp_attend_view *view)
{
	WRITE_ONCE(call->id, view->id);
	WRITE_ONCE(call->thread, pin_thread(call->ctx, view));
}

/**
 * pin_call_find - the call of a notification that has been received
 * @ctx: the context
 * @id: the notification's
 * @view: filled in
 *
 * Return: the call, to be given back with pin_call_put(), or -ENOMEM (it is not
 * known for lack of memory), or what seccomp_attend_find() returns
 */
struct pin_call *pin_call_find(struct pin_ctx *ctx, u64 id,
			       struct seccomp_attend_view *view)
{
	int err = seccomp_attend_find(ctx->attendant, id, view);

	if (err)
		return ERR_PTR(err);
	if (!view->call)
		return ERR_PTR(-ENOMEM);
	pin_call_name(pin_call_of(view->call), view);
	return pin_call_of(view->call);
}

/**
 * pin_call_move - what the target copied goes into its slot
 * @call: the call; somebody's access to its task has been checked
 *
 * Once, and before anything else is put there: the supervisor's own changes, and
 * what it fetched, would be lost to whoever adopts the call later.
 *
 * Context: under @call->lock.
 *
 * Return: 0 or what pin_arena_write() returns
 */
int pin_call_move(struct pin_call *call)
{
	int err = 0;

	lockdep_assert_held(&call->lock);
	if (!call->moved && !call->answered && call->window && call->buf_len)
		err = pin_arena_write(call->ctx, pin_slot_offset(call),
				      call->buf, call->buf_len);
	if (!err)
		call->moved = true;
	return err;
}

static void pin_receive_fill(struct seccomp_pin_receive *req,
			     const struct pin_call *call, int err)
{
	unsigned int i;

	if (call->window) {
		req->slot_offset = pin_slot_offset(call);
		req->slot_address = call->window->address +
				    (u64)call->slot * call->ctx->slot_size;
		req->slot_size = call->ctx->slot_size;
	}
	req->slot_error = call->slot_error;

	for (i = 0; i < SECCOMP_PIN_ARGS; i++) {
		const struct pin_copy *copy = &call->copies[i];

		if (copy->kind == SECCOMP_PIN_NONE)
			continue;
		req->copies[i].kind = copy->kind;
		req->copies[i].error = err ?: copy->error;
		if (req->copies[i].error)
			continue;
		req->copies[i].offset = copy->offset;
		req->copies[i].len = copy->len;
	}
}

/**
 * pin_receive - receive or adopt a notification
 * @ctx: the context
 * @req: the request, and what it returns
 *
 * Return: 0 or
 * * -EINVAL: unknown flags, or an id without SECCOMP_PIN_ADOPT
 * * what seccomp_attend_receive() or seccomp_attend_find() returns
 */
int pin_receive(struct pin_ctx *ctx, struct seccomp_pin_receive *req)
{
	struct seccomp_attend_view view;
	struct pin_call *call;
	u32 flags = req->flags;
	u64 id = req->id;
	int err;

	if (flags & ~(SECCOMP_PIN_NONBLOCK | SECCOMP_PIN_ADOPT))
		return -EINVAL;
	if (id && !(flags & SECCOMP_PIN_ADOPT))
		return -EINVAL;

	if (flags & SECCOMP_PIN_ADOPT)
		err = seccomp_attend_find(ctx->attendant, id, &view);
	else
		err = seccomp_attend_receive(ctx->attendant,
					     flags & SECCOMP_PIN_NONBLOCK,
					     &view);
	if (err)
		return err;

	memset(req, 0, sizeof(*req));
	req->id = view.id;
	req->flags = flags;
	req->pid = view.pid;
	req->data = view.data;
	req->thread = pin_thread(ctx, &view);
	if (!view.call) {
		req->slot_error = -ENOMEM;
		return 0;
	}

	call = pin_call_of(view.call);
	pin_call_name(call, &view);
	pin_call_keep(call);
	err = view.access;
	if (!err) {
		mutex_lock(&call->lock);
		err = pin_call_move(call);
		mutex_unlock(&call->lock);
	}
	pin_receive_fill(req, call, err);
	pin_call_put(call);
	return 0;
}

/* What was received could not be told to user space. */
void pin_unreceive(struct pin_ctx *ctx, const struct seccomp_pin_receive *req)
{
	pin_call_let_go(ctx, req->id, 1);
	if (!(req->flags & SECCOMP_PIN_ADOPT))
		seccomp_attend_unreceive(ctx->attendant, req->id);
}

/**
 * pin_release - let go of a call
 * @ctx: the context
 * @req: the request
 *
 * Return: 0 or -EINVAL, -ENOENT: no such call is held
 */
int pin_release(struct pin_ctx *ctx, const struct seccomp_pin_release *req)
{
	if (req->flags || req->reserved)
		return -EINVAL;
	return pin_call_let_go(ctx, req->id, 1) ? 0 : -ENOENT;
}
