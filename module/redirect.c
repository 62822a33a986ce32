// SPDX-License-Identifier: GPL-2.0-only
/* Redirecting: letting a call run with arguments that have been checked. */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/string.h>

#include "answer.h"
#include "call.h"
#include "lasting.h"
#include "redirect.h"
#include "verdict.h"

#define PIN_REDIRECT_FLAGS	(SECCOMP_PIN_COMPLETION | SECCOMP_PIN_DENY | \
				 SECCOMP_PIN_REMEMBER | SECCOMP_PIN_FOR_ALL)

static int pin_redirect_flags(const struct seccomp_pin_redirect *req)
{
	if (req->flags & ~PIN_REDIRECT_FLAGS || req->any_mask & ~PIN_ALL_ARGS ||
	    req->reserved[0] | req->reserved[1] | req->reserved[2])
		return -EINVAL;
	if (!(req->flags & SECCOMP_PIN_REMEMBER) &&
	    (req->flags & SECCOMP_PIN_FOR_ALL || req->any_mask || req->cookie))
		return -EINVAL;
	if (!(req->flags & SECCOMP_PIN_DENY))
		return req->error ? -EINVAL : 0;
	if (!req->error || req->error > MAX_ERRNO || req->args_mask ||
	    req->flags & SECCOMP_PIN_COMPLETION)
		return -EINVAL;
	return 0;
}

static int pin_redirect_masks(const struct seccomp_pin_redirect *req)
{
	unsigned int i;

	if (req->args_mask & ~PIN_ALL_ARGS ||
	    req->ptr_mask & ~req->args_mask ||
	    req->arena_mask & ~req->ptr_mask ||
	    req->str_mask & ~req->ptr_mask)
		return -EINVAL;
#pragma GCC unroll 6
	for (i = 0; i < SECCOMP_PIN_ARGS; i++) {
		u64 arg = req->args[i], len = req->ptr_len[i];

		if (!(arg | len))
			continue;
		if (!(req->args_mask & BIT(i)))
			return -EINVAL;
		if (len && !(req->ptr_mask & BIT(i)))
			return -EINVAL;
		if (arg + len < arg)
			return -EINVAL;
	}
	return 0;
}

/* A pointer into the call's own slot, as nearly all are, or 0 if it is none */
static u64 pin_slot_pointer(struct pin_call *call,
			    const struct seccomp_pin_redirect *req,
			    unsigned int i, int *err)
{
	struct pin_space *space = pin_call_space(call);
	struct pin_slot *slot = &call->slot;
	u64 len = req->ptr_len[i], at;

	if (!slot->window)
		return 0;
	at = req->args[i] - (req->arena_mask & BIT(i) ? slot->offset :
							slot->address);
	if (at >= space->slot_size || len > space->slot_size - at)
		return 0;
	*err = req->str_mask & BIT(i) ?
	       pin_window_find_nul(space, slot->window, slot->at + at, len) : 0;
	return slot->address + at;
}

/* A pointer into any window of the mm, or 0 if it is none */
static u64 pin_window_pointer(struct pin_call *call,
			      const struct seccomp_pin_redirect *req,
			      unsigned int i, int *err)
{
	struct pin_space *space = pin_call_space(call);
	u64 address = req->args[i], offset = req->args[i];
	u64 len = req->ptr_len[i];

	if (!call->pmm)
		return 0;
	if (req->arena_mask & BIT(i))
		address = pin_arena_to_address(space, call->pmm, offset, len);
	else
		offset = pin_address_to_arena(space, call->pmm, address, len);
	if (address == U64_MAX || offset == U64_MAX)
		return 0;
	*err = req->str_mask & BIT(i) ?
	       pin_arena_find_nul(&space->arena, offset, len) : 0;
	return address;
}

/*
 * The values that the registers get; a pointer lies in a window of the mm. With
 * call->lock held, so that no byte of a string changes before the answer.
 */
static int pin_redirect_args(struct pin_call *call,
			     const struct seccomp_pin_redirect *req,
			     unsigned long args[SECCOMP_PIN_ARGS])
{
	unsigned long left;
	unsigned int i;
	int err = 0;

	lockdep_assert_held(&call->lock);
	if (!call->native || pin_lasting(&call->data, req->args_mask, req->args,
					 req->ptr_mask))
		return -EOPNOTSUPP;
	for (left = req->args_mask; left; left &= left - 1) {
		i = __ffs(left);
		args[i] = req->args[i];
		if (!(req->ptr_mask & BIT(i)))
			continue;
		if (!req->ptr_len[i])
			return -EINVAL;
		args[i] = pin_slot_pointer(call, req, i, &err) ?:
			  pin_window_pointer(call, req, i, &err);
		if (!args[i])
			return -EFAULT;
		if (err)
			return err;
	}
	return 0;
}

/* A verdict on the call, if one is asked for and there can be one */
static int pin_redirect_verdict(struct pin_call *call,
				const struct seccomp_pin_redirect *req,
				struct pin_verdict **verdict)
{
	int err;

	*verdict = NULL;
	if (!(req->flags & SECCOMP_PIN_REMEMBER))
		return 0;
	spin_lock(&call->listener->lock);
	err = pin_verdict_check(call, req);
	spin_unlock(&call->listener->lock);
	if (!err)
		*verdict = pin_verdict_make(call, req);
	return err;
}

/* The answer is given: no byte of the slot changes from before the checks on. */
static int pin_redirect_call(struct pin_call *call,
			     const struct seccomp_pin_redirect *req)
{
	/* Only those in args_mask are looked at. */
	unsigned long args[SECCOMP_PIN_ARGS] __uninitialized;
	struct pin_verdict *verdict;
	int err = 0;

	lockdep_assert_held(&call->lock);
	if (!(req->flags & SECCOMP_PIN_DENY))
		err = pin_redirect_args(call, req, args);
	if (!err)
		err = pin_redirect_verdict(call, req, &verdict);
	if (err)
		return err;

	spin_lock(&call->listener->lock);
	if (req->flags & SECCOMP_PIN_DENY)
		err = pin_answer_fail(call, -(int)req->error);
	else
		err = pin_answer_redirect(call,
					  req->flags & SECCOMP_PIN_COMPLETION,
					  req->args_mask, args);
	if (!err && verdict)
		pin_verdict_keep(call, verdict);
	spin_unlock(&call->listener->lock);
	if (err && verdict)
		pin_verdict_put(verdict);
	return err;
}

/*
 * The copies, where they are in the slot: none that there is not, or a target could
 * have had the copy fail for the call to run on what it has put there since. With
 * the lock; -EAGAIN: it takes pin_redirect_prepare() first.
 */
static __always_inline int pin_redirect_copied(struct pin_call *call,
					       bool completion, bool prepared)
{
	/* Only those that were copied are looked at. */
	unsigned long args[SECCOMP_PIN_ARGS] __uninitialized, left;
	const struct pin_copy *copy;
	unsigned int i;
	u32 last;
	u8 *slot;

	if (!call->native || pin_lasting(&call->data, 0, NULL, call->copied))
		return -EOPNOTSUPP;
	for (left = call->copied; left; left &= left - 1) {
		i = __ffs(left);
		copy = &call->copies[i];
		if (copy->error || copy->offset >= pin_call_space(call)->slot_size)
			return -EFAULT;
		if (!call->moved)
			return call->trust && !prepared ? -EAGAIN : -EACCES;
		args[i] = call->slot.address + copy->offset;
		if (copy->kind != SECCOMP_PIN_STRING || prepared)
			continue;
		/* The supervisor may have written there. */
		slot = pin_slot_memory(&call->slot);
		last = copy->offset + copy->len - 1;
		if (unlikely(!slot || last >= PAGE_SIZE))
			return -EAGAIN;
		if (READ_ONCE(slot[last]))
			return -EINVAL;
	}
	return pin_answer_redirect(call, completion, call->copied, args);
}

/*
 * A call that was received elsewhere, and has not had its copies moved; or the page
 * that a NUL is in has to be looked for. Between pin_move_begin() and _end().
 */
static int pin_redirect_prepare(struct pin_call *call)
{
	const struct pin_copy *copy;
	unsigned long left;
	int err = 0;

	if (READ_ONCE(call->trust))
		err = pin_call_move(call);
	for (left = call->copied; left && !err; left &= left - 1) {
		copy = &call->copies[__ffs(left)];
		if (!copy->error && copy->kind == SECCOMP_PIN_STRING)
			err = pin_window_find_nul(pin_call_space(call),
						  call->slot.window,
						  call->slot.at + copy->offset +
						  copy->len - 1, 1);
	}
	return err;
}

/* As pin_redirect_copied(), where that has to sleep; drops the lock meanwhile. */
static noinline int pin_redirect_slow(struct pin_call *call, bool completion)
	__must_hold(&call->listener->lock)
{
	struct pin_listener *listener = call->listener;
	int err;

	call->refs++;
	spin_unlock(&listener->lock);
	if (!pin_move_begin(call)) {
		pin_call_put(call);
		spin_lock(&listener->lock);
		return -EINPROGRESS;
	}
	err = pin_redirect_prepare(call);
	spin_lock(&listener->lock);
	if (!err)
		err = pin_redirect_copied(call, completion, true);
	call->moving = false;
	spin_unlock(&listener->lock);
	mutex_unlock(&call->lock);
	pin_call_put(call);
	spin_lock(&listener->lock);
	return err;
}

/**
 * pin_short_flags - whether a short answer is well-formed
 * @flags: its flags
 * @masks: all four masks, as one word
 *
 * Return: 0 or -EINVAL
 */
int pin_short_flags(u32 flags, u32 masks)
{
	if (flags & ~(SECCOMP_PIN_COPIED | SECCOMP_PIN_COMPLETION) || masks ||
	    !(flags & SECCOMP_PIN_COPIED))
		return -EINVAL;
	return 0;
}

/**
 * pin_redirect_short - answer a notification: the call runs on its copies
 * @ctx: the context
 * @id: the notification's
 * @flags: checked by pin_short_flags()
 *
 * Context: with the lock, which may be dropped meanwhile.
 *
 * Return: as pin_redirect(); -EAGAIN if pin_call_find() has to be asked for the call
 */
int pin_redirect_short(struct pin_ctx *ctx, u64 id, u32 flags)
	__must_hold(&ctx->listener->lock)
{
	bool completion = flags & SECCOMP_PIN_COMPLETION;
	struct pin_listener *listener = ctx->listener;
	struct pin_call *call;
	int err;

	lockdep_assert_held(&listener->lock);
	call = pin_call_lookup(listener, id);
	if (unlikely(!call))
		return -ENOENT;
	if (unlikely(!call->ready || call->ctx != ctx))
		return pin_call_waits(call) ? -EAGAIN : -ENOENT;
	err = likely(!call->moving) ?
	      pin_redirect_copied(call, completion, false) : -EAGAIN;
	if (unlikely(err == -EAGAIN))
		err = pin_redirect_slow(call, completion);
	if (unlikely(err == -ENOENT)) {
		/* Too late: the supervisor has no more to do with it. */
		spin_unlock(&listener->lock);
		pin_call_release(listener, id, U32_MAX);
		spin_lock(&listener->lock);
	}
	return err;
}

/* The same, without the lock; a call that was handed over is waited for. */
static int pin_redirect_short_id(struct pin_ctx *ctx, u64 id, u32 flags)
{
	struct pin_call *call;
	int err;

	spin_lock(&ctx->listener->lock);
	err = pin_redirect_short(ctx, id, flags);
	spin_unlock(&ctx->listener->lock);
	if (likely(err != -EAGAIN))
		return err;
	call = pin_call_find(ctx, id);
	if (IS_ERR(call))
		return PTR_ERR(call);
	spin_lock(&ctx->listener->lock);
	err = pin_redirect_short(ctx, id, flags);
	pin_call_put_locked(call);
	return err;
}

static int pin_redirect_whole_id(struct pin_ctx *ctx,
				 const struct seccomp_pin_redirect *req)
{
	struct pin_call *call = pin_call_find(ctx, req->id);
	int err;

	if (IS_ERR(call))
		return PTR_ERR(call);
	mutex_lock(&call->lock);
	err = pin_redirect_call(call, req);
	mutex_unlock(&call->lock);
	/* At once: its task may be about to make the next call. */
	pin_call_put(call);
	if (err == -ENOENT)
		pin_call_release(ctx->listener, req->id, U32_MAX);
	return err;
}

/**
 * pin_redirect - answer a notification: the call runs, with other arguments
 * @ctx: the context
 * @req: the request
 *
 * Or it fails, with SECCOMP_PIN_DENY. On success the supervisor has released the
 * call, and so it has if the call does not wait any more.
 *
 * Return: 0 or
 * * -EINVAL: malformed, a string without a NUL, or what pin_verdict_check() says
 * * -EFAULT: a pointer does not lie in a window of the target's mm, or there is no
 *   copy of an argument that a rule has copied
 * * -EOPNOTSUPP: a call that cannot be redirected, or that goes on using its
 *   pointers after it has returned
 * * -EACCES: no ptrace access to the target, or its copies are not in the slot
 *   because there was none
 * * -ENOBUFS: no place for the completion
 * * what pin_call_find() and pin_call_sent() return
 */
int pin_redirect(struct pin_ctx *ctx, const struct seccomp_pin_redirect *req)
{
	u32 masks = req->args_mask | req->ptr_mask | req->arena_mask |
		    req->str_mask;
	int err;

	if (unlikely(req->flags & SECCOMP_PIN_COPIED)) {
		if (memchr_inv(req->args, 0, sizeof(*req) - SECCOMP_PIN_SHORT))
			return -EINVAL;
		err = pin_short_flags(req->flags, masks);
		return err ?: pin_redirect_short_id(ctx, req->id, req->flags);
	}
	err = pin_redirect_flags(req) ?: pin_redirect_masks(req);
	return err ?: pin_redirect_whole_id(ctx, req);
}

/* As pin_redirect(), for a request of which there is SECCOMP_PIN_SHORT alone */
int pin_redirect_only_short(struct pin_ctx *ctx,
			    const struct seccomp_pin_redirect *req)
{
	u32 masks = req->args_mask | req->ptr_mask | req->arena_mask |
		    req->str_mask;
	int err = pin_short_flags(req->flags, masks);

	return err ?: pin_redirect_short_id(ctx, req->id, req->flags);
}
