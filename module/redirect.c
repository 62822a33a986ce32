// SPDX-License-Identifier: GPL-2.0-only
/* Redirecting: letting a call run with arguments that have been checked. */
#include <linux/err.h>
#include <linux/string.h>

#include "answer.h"
#include "call.h"
#include "lasting.h"
#include "redirect.h"
#include "user.h"
#include "verdict.h"

#define PIN_REDIRECT_FLAGS	(SECCOMP_PIN_COMPLETION | SECCOMP_PIN_DENY | \
				 SECCOMP_PIN_REMEMBER | SECCOMP_PIN_FOR_ALL)

static bool pin_redirect_valid(const struct seccomp_pin_redirect *req)
{
	u8 args = req->args_mask, ptrs = req->ptr_mask;
	bool deny = req->flags & SECCOMP_PIN_DENY;
	u32 flags = req->flags;
	unsigned int i;

	/* Nothing else is given: the rest is 0. */
	if (flags & SECCOMP_PIN_COPIED)
		return !(flags & ~PIN_SHORT_FLAGS) &&
		       !memchr_inv(&req->args_mask, 0, sizeof(*req) -
				   offsetof(typeof(*req), args_mask));
	if (flags & ~PIN_REDIRECT_FLAGS || req->any_mask & ~PIN_ALL_ARGS ||
	    req->reserved[0] | req->reserved[1] | req->reserved[2] ||
	    args & ~PIN_ALL_ARGS || ptrs & ~args || req->arena_mask & ~ptrs ||
	    req->str_mask & ~ptrs)
		return false;
	if (!(flags & SECCOMP_PIN_REMEMBER) &&
	    (flags & SECCOMP_PIN_FOR_ALL || req->any_mask || req->cookie))
		return false;
	if (deny == !req->error || req->error > MAX_ERRNO ||
	    (deny && (args || flags & SECCOMP_PIN_COMPLETION)))
		return false;
#pragma GCC unroll 6
	for (i = 0; i < SECCOMP_PIN_ARGS; i++) {
		u64 arg = req->args[i], len = req->ptr_len[i];

		if ((arg && !(args & BIT(i))) || (len && !(ptrs & BIT(i))) ||
		    arg + len < arg)
			return false;
	}
	return true;
}

/*
 * Where a pointer points to in the target, in one window of the mm: nearly always in
 * the call's own slot.
 */
static int pin_redirect_pointer(struct pin_call *call,
				const struct seccomp_pin_redirect *req,
				unsigned int i, unsigned long *pointer)
{
	bool arena = req->arena_mask & BIT(i), str = req->str_mask & BIT(i);
	u64 place = req->args[i], len = req->ptr_len[i], at;
	struct pin_space *space = pin_call_space(call);
	struct pin_window *window = call->slot.window;

	if (!len)
		return -EINVAL;
	at = place - (arena ? call->told.slot_offset : call->told.slot_address);
	if (window && at < space->slot_size && len <= space->slot_size - at) {
		at += call->slot.at;
	} else {
		window = call->pmm ? pin_window_find(space, call->pmm, arena,
						     place, len, &at) : NULL;
		if (!window)
			return -EFAULT;
	}
	*pointer = window->address + at;
	return str ? pin_window_find_nul(space, window, at, len) : 0;
}

/* The values that the registers get */
static int pin_redirect_args(struct pin_call *call,
			     const struct seccomp_pin_redirect *req,
			     unsigned long *args)
{
	unsigned long left;
	unsigned int i;
	int err = 0;

	if (!call->native || pin_lasting(&call->told.data, req->args_mask,
					 req->args, req->ptr_mask))
		return -EOPNOTSUPP;
	for (left = req->args_mask; left && !err; left &= left - 1) {
		i = __ffs(left);
		args[i] = req->args[i];
		if (req->ptr_mask & BIT(i))
			err = pin_redirect_pointer(call, req, i, &args[i]);
	}
	return err;
}

/*
 * The same for SECCOMP_PIN_COPIED: where the copies are in the slot. If a copy is
 * missing, the call does not run: the target could have had the copying fail, for
 * the call to use memory that the target has written to since. With @fast, the
 * caller has the lock: -EAGAIN if something takes longer.
 */
static __always_inline int pin_copied_args(struct pin_call *call,
					   unsigned long *args, bool fast)
{
	struct pin_space *space = pin_call_space(call);
	const struct seccomp_pin_copy *copy;
	unsigned long left;
	unsigned int i;
	u32 last;
	u8 *slot;
	int err;

	if (!call->native || pin_lasting(&call->told.data, 0, NULL, call->copied))
		return -EOPNOTSUPP;
	for (left = call->copied; left; left &= left - 1) {
		i = __ffs(left);
		copy = &call->told.copies[i];
		if (copy->error || copy->offset >= space->slot_size ||
		    copy->len > space->slot_size - copy->offset)
			return -EFAULT;
		if (!call->moved)
			return fast ? -EAGAIN : -EACCES;
		args[i] = call->told.slot_address + copy->offset;
		if (copy->kind != SECCOMP_PIN_STRING)
			continue;
		/* The supervisor may have written over the NUL. */
		slot = pin_slot_memory(&call->slot);
		last = copy->offset + copy->len - 1;
		if (likely(slot && last < PAGE_SIZE && !READ_ONCE(slot[last])))
			continue;
		if (fast)
			return -EAGAIN;
		err = pin_window_find_nul(space, call->slot.window,
					  call->slot.at + copy->offset, copy->len);
		if (err)
			return err;
	}
	return 0;
}

/* The call, which waits for an answer, runs with call->args; lock held. */
static __always_inline int pin_answer_redirect(struct pin_call *call,
					       bool completion, u8 mask)
{
	int err;

	if (READ_ONCE(pin_redirect_check)) {
		err = pin_call_access(call);
		if (err)
			return err;
	}
	if (completion) {
		err = pin_queue_reserve(&call->ctx->queue);
		if (err)
			return err;
		call->completion = true;
	}
	call->redirected = true;
	call->mask = mask;
	pin_call_answer(call, true);
	return 0;
}

static int pin_redirect_id(struct pin_ctx *ctx,
			   const struct seccomp_pin_redirect *req)
{
	struct pin_call *call __free(pin_call) = pin_call_find(ctx, req->id);
	unsigned long args[SECCOMP_PIN_ARGS] = {};
	bool copied = req->flags & SECCOMP_PIN_COPIED;
	bool deny = req->flags & SECCOMP_PIN_DENY;
	struct pin_verdict *verdict;
	int err = 0;

	if (IS_ERR(call))
		return PTR_ERR(call);
	/* A call that was received elsewhere can have had no copies moved. */
	if (copied && READ_ONCE(call->trust))
		err = pin_call_place(call);
	if (err)
		return err;

	/* From before the checks on, no byte of the slot changes. */
	guard(mutex)(&call->lock);
	if (copied)
		err = pin_copied_args(call, args, false);
	else if (!deny)
		err = pin_redirect_args(call, req, args);
	err = err ?: pin_verdict_make(call, req, args, &verdict);
	if (err)
		return err;

	spin_lock(&call->listener->lock);
	err = pin_call_sent(call);
	if (!err && deny) {
		call->error = -(int)req->error;
		call->val = 0;
		pin_call_answer(call, true);
	} else if (!err) {
		memcpy(call->args, args, sizeof(args));
		err = pin_answer_redirect(call, req->flags & SECCOMP_PIN_COMPLETION,
					  copied ? call->copied : req->args_mask);
	}
	if (!err && verdict)
		pin_verdict_keep(call, verdict);
	spin_unlock(&call->listener->lock);
	if (err && verdict)
		pin_verdict_put(verdict);
	/* The call does not wait any more: the supervisor has no use for it. */
	if (err == -ENOENT)
		pin_call_release(ctx->listener, req->id);
	return err;
}

/*
 * Answer a notification: the call runs on its copies. The listener is locked, and
 * the answer has been checked. Returns what pin_redirect() does, or -EAGAIN: it takes
 * pin_redirect_id(), without the lock.
 */
int pin_redirect_short(struct pin_ctx *ctx, const struct pin_short *answer)
{
	struct pin_listener *listener = ctx->listener;
	struct pin_call *call;
	int err;

	lockdep_assert_held(&listener->lock);
	call = pin_call_lookup(listener, answer->id);
	if (unlikely(!call || call->ctx != ctx || !call->ready || call->moving ||
		     call->state != PIN_SENT))
		return -EAGAIN;
	err = pin_copied_args(call, call->args, true);
	return err ?: pin_answer_redirect(call, answer->flags &
					  SECCOMP_PIN_COMPLETION, call->copied);
}

/*
 * REDIRECT: answer a notification. Of a struct seccomp_pin_redirect, there are @size
 * bytes: SECCOMP_PIN_SHORT, or at least all that are known. On success the supervisor
 * has released the call, as it has on -ENOENT. Return: as in docs/abi.md
 */
int pin_redirect(struct pin_ctx *ctx, const void __user *user, size_t size)
{
	struct seccomp_pin_redirect req __uninitialized;
	struct pin_short answer __uninitialized;
	int err;

	if (size == SECCOMP_PIN_SHORT) {
		err = pin_short_read(&answer, user);
		if (err)
			return err;
		spin_lock(&ctx->listener->lock);
		err = pin_redirect_short(ctx, &answer);
		spin_unlock(&ctx->listener->lock);
		if (likely(err != -EAGAIN))
			return err;
		req.id = answer.id;
		req.flags = answer.flags;
		return pin_redirect_id(ctx, &req);
	}
	if (!pin_words_read(&req, user, sizeof(req)))
		return -EFAULT;
	err = pin_request_rest(user, sizeof(req), size);
	if (!err && !pin_redirect_valid(&req))
		err = -EINVAL;
	return err ?: pin_redirect_id(ctx, &req);
}
