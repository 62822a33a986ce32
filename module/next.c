// SPDX-License-Identifier: GPL-2.0-only
/* The requests that supervisors make for each call: RECEIVE, NEXT, RELEASE */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/uaccess.h>

#include "call.h"
#include "next.h"
#include "receive.h"
#include "redirect.h"
#include "user.h"

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
	spin_lock(&call->listener->lock);
	if (call->cred && !call->trust) {
		swap(call->pmm->cred, call->cred);
		WRITE_ONCE(call->trust, ++call->pmm->trust);
	}
	spin_unlock(&call->listener->lock);
}

/*
 * A call of a task that nobody is known to have had access to, or whose copies have
 * yet to go to the slot. Returns why they are not to be told, or 0.
 */
static noinline int pin_receive_check(struct pin_call *call)
{
	int err;

	err = pin_call_check(call);
	if (err)
		return -EACCES;
	pin_call_trust(call);
	if (READ_ONCE(call->moved) || !pin_move_begin(call))
		return 0;
	err = pin_call_move(call);
	pin_move_end(call);
	return err;
}

/* One word for two neighbours */
static __always_inline u64 pin_pair(u32 low, u32 high)
{
	return low | (u64)high << 32;
}

/*
 * To the receiver's memory: @word is where struct seccomp_pin_receive is to be, or,
 * with @answered, the word before.
 */
static __always_inline bool pin_receive_write(u64 __user *word,
					      const u32 *answered,
					      const struct pin_call *call,
					      const struct pin_receiver *receiver,
					      u32 flags, int err)
{
	const u64 *data = (const u64 *)&call->data;
	const struct pin_copy *copy;
	unsigned int i;

	if (!user_write_access_begin(word, sizeof(struct seccomp_pin_receive) +
				     (answered ? sizeof(*word) : 0)))
		return false;
	if (answered)
		unsafe_put_user((u64)*answered, word++, fault);
	unsafe_put_user(call->id, word++, fault);
	unsafe_put_user(pin_pair(flags, receiver->pid), word++, fault);
#pragma GCC unroll 8
	for (i = 0; i < sizeof(call->data) / sizeof(u64); i++)
		unsafe_put_user(data[i], word++, fault);
	unsafe_put_user(call->thread, word++, fault);
	if (likely(call->slot.window)) {
		unsafe_put_user(call->slot.offset, word++, fault);
		unsafe_put_user(call->slot.address, word++, fault);
		unsafe_put_user((u64)pin_call_space(call)->slot_size, word++, fault);
	} else {
		unsafe_put_user(0ULL, word++, fault);
		unsafe_put_user(0ULL, word++, fault);
		unsafe_put_user(pin_pair(0, call->slot_error), word++, fault);
	}
#pragma GCC unroll 6
	for (i = 0; i < SECCOMP_PIN_ARGS; i++) {
		u64 what = 0, where = 0;

		if (call->copied & BIT(i)) {
			copy = &call->copies[i];
			if (likely(!err && !copy->error)) {
				what = copy->kind;
				where = pin_pair(copy->offset, copy->len);
			} else {
				what = pin_pair(copy->kind, err ?: copy->error);
			}
		}
		unsafe_put_user(what, word++, fault);
		unsafe_put_user(where, word++, fault);
	}
	user_write_access_end();
	return true;
fault:
	user_write_access_end();
	return false;
}

/* It could not be told to user space. */
static noinline int pin_receive_undo(struct pin_listener *listener, u64 id,
				     bool adopt)
{
	pin_call_release(listener, id, 1);
	if (!adopt)
		pin_untake(listener, id);
	return -EFAULT;
}

/* What was taken or adopted, to the receiver's memory; see pin_receive_write() */
static __always_inline int
pin_receive_tell(struct pin_listener *listener, u64 __user *word,
		 const u32 *answered, const struct pin_receiver *receiver,
		 u32 flags)
{
	struct pin_call *call = receiver->call;
	u64 id = call->id;
	int err = 0;
	bool told;

	if (unlikely(!READ_ONCE(call->trust) ||
		     (!READ_ONCE(call->moved) && call->buf_len)))
		err = pin_receive_check(call);
	told = pin_receive_write(word, answered, call, receiver, flags, err);
	/* Another thread may have released the call: it was the receiver's still. */
	pin_call_put(call);
	return likely(told) ? 0 :
	       pin_receive_undo(listener, id, flags & SECCOMP_PIN_ADOPT);
}

static int pin_receive_flags(u64 id, u32 flags)
{
	if (flags & ~(SECCOMP_PIN_NONBLOCK | SECCOMP_PIN_ADOPT))
		return -EINVAL;
	return id && !(flags & SECCOMP_PIN_ADOPT) ? -EINVAL : 0;
}

/* Take a call, or adopt one, as @flags say */
static int pin_receive_call(struct pin_ctx *ctx, u64 id, u32 flags,
			    struct pin_receiver *receiver)
{
	int err = pin_receive_flags(id, flags);

	if (err)
		return err;
	receiver->device = true;
	if (unlikely(flags & SECCOMP_PIN_ADOPT))
		return pin_adopt(ctx, id, receiver);
	return pin_take(ctx->listener, receiver, flags & SECCOMP_PIN_NONBLOCK);
}

/**
 * pin_receive - receive or adopt a notification
 * @ctx: the context
 * @user: the request, and what it returns
 *
 * Return: 0 or
 * * -EINVAL: unknown flags, or an id without SECCOMP_PIN_ADOPT
 * * -EFAULT: it cannot be told
 * * what pin_take() or pin_adopt() returns
 */
int pin_receive(struct pin_ctx *ctx, struct seccomp_pin_receive __user *user)
{
	struct pin_receiver receiver __uninitialized;
	struct {
		u64 id;
		u32 flags;
	} req __uninitialized;
	int err;

	if (!pin_words_read(&req, user,
			    offsetofend(struct seccomp_pin_receive, flags)))
		return -EFAULT;
	err = pin_receive_call(ctx, req.id, req.flags, &receiver);
	return err ?: pin_receive_tell(ctx->listener, (u64 __user *)user, NULL,
				       &receiver, req.flags);
}

/* One of several answers, each of so many bytes */
static int pin_next_answer(struct pin_ctx *ctx, const u8 __user *user, u32 size)
{
	struct seccomp_pin_redirect answer __uninitialized;
	int err;

	if (size == SECCOMP_PIN_SHORT) {
		if (!pin_words_read(&answer, user, SECCOMP_PIN_SHORT))
			return -EFAULT;
		return pin_redirect_only_short(ctx, &answer);
	}
	if (!pin_words_read(&answer, user, sizeof(answer)))
		return -EFAULT;
	if (size > sizeof(answer)) {
		err = pin_request_rest(user, sizeof(answer), size);
		if (err)
			return err;
	}
	return pin_redirect(ctx, &answer);
}

/* The input of NEXT, up to the flags of what is received */
struct pin_next_input {
	u64 answers;
	u32 size;
	u32 count;
	u32 answered;
	u32 reserved;
	u64 id;
	u32 flags;
};

static_assert(offsetof(struct seccomp_pin_next, receive.flags) ==
	      offsetof(struct pin_next_input, flags));

static int pin_next_check(const struct pin_next_input *req)
{
	if (req->reserved || req->count > SECCOMP_PIN_MAX_ANSWERS)
		return -EINVAL;
	if (req->count && req->size != SECCOMP_PIN_SHORT &&
	    req->size < sizeof(struct seccomp_pin_redirect))
		return -EINVAL;
	return req->count && req->size > PAGE_SIZE ? -E2BIG : 0;
}

/* One short answer, and the next call: with one hold of the lock */
static __always_inline int pin_next_one(struct pin_ctx *ctx, u64 answers,
					u32 *done, struct pin_receiver *receiver)
{
	struct pin_listener *listener = ctx->listener;
	struct {
		u64 id;
		u32 flags;
		u32 masks;
	} answer __uninitialized;
	int err;

	if (!pin_words_read(&answer, u64_to_user_ptr(answers), sizeof(answer)))
		return -EFAULT;
	err = pin_short_flags(answer.flags, answer.masks);
	if (err)
		return err;
	receiver->device = true;
	spin_lock(&listener->lock);
	err = pin_redirect_short(ctx, answer.id, answer.flags);
	if (unlikely(err)) {
		spin_unlock(&listener->lock);
		return err;
	}
	*done = 1;
	return pin_take_locked(listener, receiver, false);
}

/* Any number of answers, of any size */
static noinline int pin_next_some(struct pin_ctx *ctx,
				  const struct pin_next_input *req, u32 *done,
				  struct pin_receiver *receiver)
{
	const u8 __user *answers = u64_to_user_ptr(req->answers);
	int err;

	for (; *done < req->count; ++*done, answers += req->size) {
		err = pin_next_answer(ctx, answers, req->size);
		if (err)
			return err;
	}
	return pin_receive_call(ctx, req->id, req->flags, receiver);
}

/**
 * pin_next - answer calls, and receive the next one
 * @ctx: the context
 * @user: the request, and what it returns
 *
 * Return: 0 or
 * * -EINVAL: malformed, too many answers, or of a size that there never was
 * * -EFAULT, -E2BIG: they cannot be read, are larger than a page, or say more
 *   than is known here
 * * what pin_redirect() returns for the answer with the number @user->answered
 * * what pin_receive() returns; but it is not started anew after a signal if
 *   that would mean to answer again
 */
int pin_next(struct pin_ctx *ctx, struct seccomp_pin_next __user *user)
{
	struct pin_receiver receiver __uninitialized;
	struct pin_next_input req __uninitialized;
	u32 done = 0;
	int err;

	if (!pin_words_read(&req, user,
			    offsetofend(struct seccomp_pin_next, receive.flags)))
		return -EFAULT;
	err = pin_next_check(&req);
	if (likely(!err)) {
		err = -EAGAIN;
		if (likely(req.count == 1 && req.size == SECCOMP_PIN_SHORT &&
			   !(req.id | req.flags)))
			err = pin_next_one(ctx, req.answers, &done, &receiver);
		/* A call that was handed over has to be waited for. */
		if (unlikely(err == -EAGAIN && !done))
			err = pin_next_some(ctx, &req, &done, &receiver);
	}
	if (likely(!err))
		return pin_receive_tell(ctx->listener,
					(u64 __user *)&user->answered, &done,
					&receiver, req.flags);
	if (err == -ERESTARTSYS && done)
		err = -EINTR;
	return put_user(done, &user->answered) ? -EFAULT : err;
}

/**
 * pin_release - release a call
 * @ctx: the context
 * @req: the request
 *
 * Return: 0 or -EINVAL, -ENOENT: no such call is held
 */
int pin_release(struct pin_ctx *ctx, const struct seccomp_pin_release *req)
{
	if (req->flags || req->reserved)
		return -EINVAL;
	return pin_call_release(ctx->listener, req->id, 1) ? 0 : -ENOENT;
}
