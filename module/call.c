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
#include <linux/uaccess.h>

#include "arch.h"
#include "pin.h"
#include "user.h"

/* Kept for the next calls in an mm; more are allocated as they are needed. */
#define PIN_SPARE_CALLS	16

void pin_call_free(struct pin_call *call)
{
	if (call->buf != call->inl)
		kvfree(call->buf);
	kfree(call);
}

/* The call is over. An mm is not to keep all that its longest calls took. */
static void pin_buf_trim(struct pin_call *call)
{
	if (likely(call->buf_size <= PIN_SPARE_BYTES))
		return;
	kvfree(call->buf);
	call->buf = call->inl;
	call->buf_size = sizeof(call->inl);
}

/* Whether the mm's next call can have it; ctx->lock held. */
static bool pin_call_spare(struct pin_call *call)
{
	struct pin_mm *pmm = call->pmm;

	lockdep_assert_held(&call->ctx->lock);
	if (!pmm)
		return false;
	pmm->users--;
	if (pmm->nr_spare == PIN_SPARE_CALLS)
		return false;
	call->next = pmm->spare;
	pmm->spare = call;
	pmm->nr_spare++;
	return true;
}

/* Nobody refers to it any more. */
void pin_call_over(struct pin_call *call)
{
	struct pin_ctx *ctx = call->ctx;
	bool spare;

	if (unlikely(call->cred))
		put_cred(call->cred);
	if (call->verdict)
		pin_verdict_put(call->verdict);
	pin_buf_trim(call);
	spin_lock(&ctx->lock);
	if (unlikely(call->run.window))
		pin_run_put(ctx, call->pmm, &call->run);
	pin_slot_put(call);
	ctx->nr_calls--;
	spare = pin_call_spare(call);
	spin_unlock(&ctx->lock);
	if (!spare)
		pin_call_free(call);
}

/* What most calls find: an mm that is known, a call to be used again, a slot */
static struct pin_call *pin_call_reuse(struct pin_ctx *ctx)
{
	struct pin_call *call = NULL;
	struct pin_mm *pmm;

	spin_lock(&ctx->lock);
	pmm = pin_mm_lookup(ctx, current->mm);
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
	call->window = NULL;
	call->trust = pin_mm_trust(pmm);
	pin_slot_find(call);
out:
	spin_unlock(&ctx->lock);
	return call;
}

/* Targets pay for what they make us keep. */
static struct pin_call *pin_call_alloc(struct pin_ctx *ctx, bool native)
{
	struct pin_call *call = kzalloc(sizeof(*call), GFP_KERNEL_ACCOUNT);

	if (!call)
		return NULL;
	call->ctx = ctx;
	call->buf = call->inl;
	call->buf_size = sizeof(call->inl);
	mutex_init(&call->lock);
	if (native)
		call->pmm = pin_mm_get(ctx, current->mm);

	spin_lock(&ctx->lock);
	ctx->nr_calls++;
	if (call->pmm)
		call->trust = pin_mm_trust(call->pmm);
	spin_unlock(&ctx->lock);
	return call;
}

/* All that a call that is used again may still say of the last one */
static void pin_call_init(struct pin_call *call, const struct seccomp_data *sd,
			  bool native)
{
	seccomp_attended_init(&call->attended);
	refcount_set(&call->refs, 1);
	call->slot_error = 0;
	call->moved = false;
	call->answered = false;
	call->completion = false;
	call->failed = false;
	call->copied = 0;
	call->held = 0;
	call->id = 0;
	call->native = native;
	call->nr = sd->nr;
	static_assert(sizeof(call->values) == sizeof(sd->args));
	memcpy(call->values, sd->args, sizeof(call->values));
	call->cred = NULL;
	call->verdict = NULL;
	call->rules = 0;
	call->buf_len = 0;
}

/*
 * In the target, before it waits. What goes wrong here is kept for the
 * supervisor to see; only a call for which there is no memory is not known.
 */
static struct seccomp_attended *pin_park(void *data,
					 const struct seccomp_data *sd)
{
	bool native = pin_arch_native(sd);
	struct pin_ctx *ctx = data;
	struct pin_call *call;

	call = native ? pin_call_reuse(ctx) : NULL;
	if (!call)
		call = pin_call_alloc(ctx, native);
	if (!call)
		return NULL;
	pin_call_init(call, sd, native);

	if (!native)
		call->slot_error = -EOPNOTSUPP;
	else if (!call->pmm)
		call->slot_error = -ENOMEM;
	else if (!call->window)
		call->slot_error = pin_slot_get(call);
	if (!native)
		return &call->attended;

	call->attended.granted = call->trust;
	if (call->pmm && !call->trust)
		call->cred = get_cred(current_real_cred());
	pin_copy_args(call, sd);
	if (ctx->verdicts && pin_verdict_apply(call))
		return &call->attended;
	if (call->buf_len)
		pin_copies_place(call);
	return &call->attended;
}

static void pin_hold(struct seccomp_attended *attended)
{
	struct pin_call *call = pin_call_of(attended);

	/* It waited before it was parked here, and goes on waiting. */
	if (unlikely(call->verdict))
		pin_verdict_undo(call);
	refcount_inc(&call->refs);
}

static struct hlist_head *pin_held_bucket(struct pin_ctx *ctx, u64 id)
{
	return &ctx->held[hash_64(id, PIN_HASH_BITS)];
}

/*
 * The supervisor sees the slot from now on; there is a reference to @call for
 * that, one for all who have received or adopted it. Returns whether it is the
 * caller's, which is to be put otherwise.
 */
static bool pin_call_keep(struct pin_call *call)
{
	struct pin_ctx *ctx = call->ctx;
	bool first;

	spin_lock(&ctx->lock);
	first = !call->held++;
	if (first)
		hlist_add_head(&call->node, pin_held_bucket(ctx, call->id));
	spin_unlock(&ctx->lock);
	return first;
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

static struct pin_call *pin_held_lookup(struct pin_ctx *ctx, u64 id)
{
	struct pin_call *call;

	lockdep_assert_held(&ctx->lock);
	hlist_for_each_entry(call, pin_held_bucket(ctx, id), node)
		if (call->id == id)
			return call;
	return NULL;
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
	struct pin_call *call;
	bool last;

	spin_lock(&ctx->lock);
	call = pin_held_lookup(ctx, id);
	last = call && pin_call_unkeep(call, times);
	spin_unlock(&ctx->lock);
	if (last)
		pin_call_put(call);
	return call;
}

/* An answer: whoever holds the call lets go of it, as the caller does. */
void pin_call_done(struct pin_call *call)
{
	bool held;

	spin_lock(&call->ctx->lock);
	held = pin_call_unkeep(call, U32_MAX);
	spin_unlock(&call->ctx->lock);
	if (held)
		refcount_dec(&call->refs);
	pin_call_put(call);
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

	/*
	 * The place in the queue is this call's if it was redirected. Otherwise
	 * it is given back by who tried to, who may be about to; unless that was
	 * the call itself, by a verdict that has come to nothing.
	 */
	if (how == SECCOMP_ATTEND_ANSWERED || how == SECCOMP_ATTEND_GONE) {
		if (call->completion && call->verdict)
			pin_queue_unreserve(ctx);
	} else if (call->completion) {
		struct seccomp_pin_completion completion = {
			.id = call->id,
			.thread = call->thread,
			.retval = retval,
			.cookie = call->verdict ?
				  pin_verdict_cookie(call->verdict) : 0,
			.how = pin_completion_how(how),
		};

		pin_queue_add(ctx, &completion);
	}

	/*
	 * Whoever answered in another way has let go. A redirect lets go by
	 * itself; what is left are calls that nobody answered, whose bytes the
	 * supervisor may be looking at.
	 */
	if (how == SECCOMP_ATTEND_ANSWERED)
		pin_call_done(call);
	else
		pin_call_put(call);
}

static void pin_attend_release(void *data)
{
	pin_ctx_put(data);
}

const struct seccomp_attend_ops pin_attend_ops = {
	.owner = THIS_MODULE,
	.park = pin_park,
	.confirm = pin_verdict_confirm,
	.hold = pin_hold,
	.end = pin_end,
	.release = pin_attend_release,
};

/* Names a thread, and nobody learns where in the kernel's memory it is. */
static u64 pin_thread(struct pin_ctx *ctx, const void *task)
{
	return siphash_1u64((uintptr_t)task, &ctx->key);
}

/**
 * pin_call_name - which notification a call is
 * @call: the call
 * @id: the notification's; 0 for a call that nobody is asked about
 * @task: its thread
 *
 * The same each time that a notification is looked at.
 */
void pin_call_name(struct pin_call *call, u64 id, const void *task)
{
	if (READ_ONCE(call->id) == id && READ_ONCE(call->task) == task)
		return;
	if (READ_ONCE(call->task) != task) {
		WRITE_ONCE(call->thread, pin_thread(call->ctx, task));
		WRITE_ONCE(call->task, task);
	}
	WRITE_ONCE(call->id, id);
}

/**
 * pin_call_find - the call of a notification that has been received
 * @ctx: the context
 * @id: the notification's
 *
 * If it is held here it may have been answered, or be over.
 *
 * Return: the call, to be given back with pin_call_put(), or -ENOMEM (it is not
 * known for lack of memory), or what seccomp_attend_find() returns
 */
struct pin_call *pin_call_find(struct pin_ctx *ctx, u64 id)
{
	struct seccomp_data sd __uninitialized;
	struct seccomp_attend_view view = { .data = &sd };
	struct pin_call *call;
	int err;

	spin_lock(&ctx->lock);
	call = pin_held_lookup(ctx, id);
	if (call)
		refcount_inc(&call->refs);
	spin_unlock(&ctx->lock);
	if (call)
		return call;

	/* Received through the listener */
	err = seccomp_attend_find(ctx->attendant, id, &view);
	if (err)
		return ERR_PTR(err);
	if (!view.call)
		return ERR_PTR(-ENOMEM);
	call = pin_call_of(view.call);
	pin_call_name(call, view.id, view.thread);
	return call;
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
 * Return: 0 or what pin_slot_write() returns
 */
int pin_call_move(struct pin_call *call)
{
	int err = 0;

	lockdep_assert_held(&call->lock);
	if (!call->moved && !call->answered && call->window && call->buf_len)
		err = pin_slot_write(call, call->buf, call->buf_len);
	if (!err)
		call->moved = true;
	return err;
}

static void pin_receive_slot(struct seccomp_pin_receive *req,
			     const struct pin_call *call)
{
	memset(req->copies, 0, sizeof(req->copies));
	if (call && call->window) {
		req->slot_offset = pin_slot_offset(call);
		req->slot_address = pin_slot_address(call);
		req->slot_size = call->ctx->slot_size;
		req->slot_error = 0;
		return;
	}
	req->slot_offset = 0;
	req->slot_address = 0;
	req->slot_size = 0;
	req->slot_error = call ? call->slot_error : -ENOMEM;
}

static void pin_receive_copies(struct seccomp_pin_receive *req,
			       const struct pin_call *call, int err)
{
	u8 left;

	for (left = call->copied; left; left &= left - 1) {
		const struct pin_copy *copy = &call->copies[__ffs(left)];
		struct seccomp_pin_copy *told = &req->copies[__ffs(left)];

		told->kind = copy->kind;
		told->error = err ?: copy->error;
		if (told->error)
			continue;
		told->offset = copy->offset;
		told->len = copy->len;
	}
}

/*
 * Somebody has had access to the call's task: what is in it may go into the slot
 * at once from now on, see pin_mm_trust(). The parked task has these
 * credentials, or had them when it was made to run on.
 */
static void pin_call_trust(struct pin_call *call)
{
	if (likely(READ_ONCE(call->trust)) || !call->pmm ||
	    !pin_mm_dumpable(call->pmm))
		return;
	spin_lock(&call->ctx->lock);
	if (call->cred && !call->trust) {
		swap(call->pmm->cred, call->cred);
		call->trust = ++call->pmm->trust;
	}
	spin_unlock(&call->ctx->lock);
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
	struct seccomp_attend_view view __uninitialized;
	struct pin_call *call;
	int err;

	if (req->flags & ~(SECCOMP_PIN_NONBLOCK | SECCOMP_PIN_ADOPT))
		return -EINVAL;
	if (req->id && !(req->flags & SECCOMP_PIN_ADOPT))
		return -EINVAL;

	view.data = &req->data;
	if (req->flags & SECCOMP_PIN_ADOPT)
		err = seccomp_attend_find(ctx->attendant, req->id, &view);
	else
		err = seccomp_attend_receive(ctx->attendant,
					     req->flags & SECCOMP_PIN_NONBLOCK,
					     &view);
	if (err)
		return err;

	req->id = view.id;
	req->pid = view.pid;
	if (!view.call) {
		req->thread = pin_thread(ctx, view.thread);
		pin_receive_slot(req, NULL);
		return 0;
	}

	call = pin_call_of(view.call);
	pin_call_name(call, view.id, view.thread);
	req->thread = call->thread;
	err = view.access;
	if (!err && !READ_ONCE(call->moved)) {
		pin_call_trust(call);
		mutex_lock(&call->lock);
		err = pin_call_move(call);
		mutex_unlock(&call->lock);
	}
	pin_receive_slot(req, call);
	pin_receive_copies(req, call, err);
	/* The reference from ->hold() is who receives it first's. */
	if (!pin_call_keep(call))
		pin_call_put(call);
	return 0;
}

/* One of several answers, each of so many bytes */
static int pin_next_answer(struct pin_ctx *ctx, const u8 __user *user, u32 size)
{
	struct seccomp_pin_redirect answer __uninitialized;
	int err;

	if (size == SECCOMP_PIN_SHORT) {
		if (!pin_words_read(&answer, user, SECCOMP_PIN_SHORT))
			return -EFAULT;
		return pin_redirect_short(ctx, &answer);
	}
	if (!pin_words_read(&answer, user, sizeof(answer)))
		return -EFAULT;
	if (size > sizeof(answer)) {
		err = pin_request_rest(user, sizeof(answer), size);
		if (err)
			return err;
	}
	return pin_redirect_whole(ctx, &answer);
}

/**
 * pin_next - answer calls, and receive the next one
 * @ctx: the context
 * @req: the request, and what it returns
 *
 * Return: 0 or
 * * -EINVAL: malformed, too many answers, or of a size that there never was
 * * -EFAULT, -E2BIG: they cannot be read, are larger than a page, or say more
 *   than is known here
 * * what pin_redirect() returns for the answer with the number @req->answered
 * * what pin_receive() returns; but it is not started anew after a signal if
 *   that would mean to answer again
 */
int pin_next(struct pin_ctx *ctx, struct seccomp_pin_next *req)
{
	const u8 __user *answers = u64_to_user_ptr(req->answers);
	u32 count = req->count, size = req->size;
	int err;

	req->answered = 0;
	if (req->reserved || count > SECCOMP_PIN_MAX_ANSWERS)
		return -EINVAL;
	if (count && size < sizeof(struct seccomp_pin_redirect) &&
	    size != SECCOMP_PIN_SHORT)
		return -EINVAL;
	if (count && size > PAGE_SIZE)
		return -E2BIG;
	for (; req->answered < count; req->answered++, answers += size) {
		err = pin_next_answer(ctx, answers, size);
		if (err)
			return err;
	}
	err = pin_receive(ctx, &req->receive);
	return err == -ERESTARTSYS && count ? -EINTR : err;
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
