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
 * A receiver takes a call of a task that nobody is known to have had access to, or
 * whose copies have yet to go to the slot. Returns why the receiver is not to be told
 * of the copies, or 0.
 *
 * If it has access, the next calls' copies may go into their slots at once, see
 * pin_mm_trust(): the parked task has the credentials in call->cred. If it has been
 * killed, it had them until then.
 */
static noinline int pin_receive_check(struct pin_call *call)
{
	int err;

	spin_lock(&call->listener->lock);
	err = pin_call_sent(call) ?: pin_call_access(call);
	if (!err && call->cred && !call->trust && pin_mm_dumpable(call->pmm)) {
		swap(call->pmm->cred, call->cred);
		WRITE_ONCE(call->trust, ++call->pmm->trust);
	}
	spin_unlock(&call->listener->lock);
	if (err)
		return -EACCES;
	err = pin_call_place(call);
	/* Another thread has answered it: what is told is of no use to anybody. */
	return err == -EINPROGRESS ? 0 : err;
}

/*
 * To the receiver's memory: @word is where struct seccomp_pin_receive is to be, or,
 * with @answered, the word before.
 */
static __always_inline bool pin_told_write(u64 __user *word, const u32 *answered,
					   const struct seccomp_pin_receive *told,
					   u32 flags, pid_t pid)
{
	const u64 *from = (const u64 *)told;
	unsigned int i;

	if (!user_write_access_begin(word, sizeof(*told) +
				     (answered ? sizeof(*word) : 0)))
		return false;
	if (answered)
		unsafe_put_user((u64)*answered, word++, fault);
	unsafe_put_user(from[0], &word[0], fault);
	/* The flags and the pid, which differ from receiver to receiver */
	unsafe_put_user(flags | (u64)pid << 32, &word[1], fault);
#pragma GCC unroll 32
	for (i = 2; i < sizeof(*told) / sizeof(u64); i++)
		unsafe_put_user(from[i], &word[i], fault);
	user_write_access_end();
	return true;
fault:
	user_write_access_end();
	return false;
}

/* As pin_told_write(), where the receiver may not have the copies, or only late */
static noinline bool pin_receive_write(u64 __user *word, const u32 *answered,
				       struct pin_call *call, u32 flags, pid_t pid)
{
	struct seccomp_pin_receive told;
	int err = pin_receive_check(call);
	unsigned int i;

	told = call->told;
	for (i = 0; i < SECCOMP_PIN_ARGS && err; i++) {
		if (!(call->copied & BIT(i)))
			continue;
		told.copies[i].error = err;
		told.copies[i].offset = 0;
		told.copies[i].len = 0;
	}
	return pin_told_write(word, answered, &told, flags, pid);
}

/* User space could not be told of the call. */
static noinline int pin_receive_undo(struct pin_listener *listener, u64 id,
				     bool adopt)
{
	pin_call_release(listener, id);
	if (!adopt)
		pin_untake(listener, id);
	return -EFAULT;
}

/* What was taken or adopted, to the receiver's memory; see pin_told_write() */
static __always_inline int
pin_receive_tell(struct pin_listener *listener, u64 __user *word,
		 const u32 *answered, const struct pin_receiver *receiver,
		 u32 flags)
{
	struct pin_call *call = receiver->call;
	u64 id = call->told.id;
	bool told;

	/* Pairs with the release in pin_call_move(). */
	if (likely((smp_load_acquire(&call->moved) || !call->buf_len) &&
		   READ_ONCE(call->trust)))
		told = pin_told_write(word, answered, &call->told, flags,
				      receiver->pid);
	else
		told = pin_receive_write(word, answered, call, flags,
					 receiver->pid);
	/* Another thread may have released the call: the reference has kept it. */
	pin_call_put(call);
	return likely(told) ? 0 :
	       pin_receive_undo(listener, id, flags & SECCOMP_PIN_ADOPT);
}

/* Take a call, or adopt one, as @flags say */
static int pin_receive_call(struct pin_ctx *ctx, u64 id, u32 flags,
			    struct pin_receiver *receiver)
{
	if (flags & ~(SECCOMP_PIN_NONBLOCK | SECCOMP_PIN_ADOPT) ||
	    (id && !(flags & SECCOMP_PIN_ADOPT)))
		return -EINVAL;
	if (unlikely(flags & SECCOMP_PIN_ADOPT))
		return pin_adopt(ctx, id, receiver);
	receiver->device = true;
	spin_lock(&ctx->listener->lock);
	return pin_take(ctx->listener, receiver, flags & SECCOMP_PIN_NONBLOCK);
}

/* RECEIVE: take a call that is pending, or adopt one. Errors as in docs/abi.md */
int pin_receive(struct pin_ctx *ctx, struct seccomp_pin_receive __user *user)
{
	struct seccomp_pin_receive req __uninitialized;
	struct pin_receiver receiver __uninitialized;
	int err;

	if (!pin_words_read(&req, user, offsetofend(typeof(req), flags)))
		return -EFAULT;
	err = pin_receive_call(ctx, req.id, req.flags, &receiver);
	return err ?: pin_receive_tell(ctx->listener, (u64 __user *)user, NULL,
				       &receiver, req.flags);
}

static int pin_next_check(const struct seccomp_pin_next *req)
{
	if (req->reserved || req->count > SECCOMP_PIN_MAX_ANSWERS)
		return -EINVAL;
	if (req->count && req->size != SECCOMP_PIN_SHORT &&
	    req->size < sizeof(struct seccomp_pin_redirect))
		return -EINVAL;
	return req->count && req->size > PAGE_SIZE ? -E2BIG : 0;
}

/*
 * One short answer, and the next call: with one hold of the lock. -EAGAIN, with
 * *@done 0: the answer takes longer.
 */
static __always_inline int pin_next_one(struct pin_ctx *ctx,
					const void __user *user, u32 *done,
					struct pin_receiver *receiver)
{
	struct pin_listener *listener = ctx->listener;
	struct pin_short answer __uninitialized;
	int err;

	err = pin_short_read(&answer, user);
	if (err)
		return err;
	receiver->device = true;
	spin_lock(&listener->lock);
	err = pin_redirect_short(ctx, &answer);
	if (unlikely(err)) {
		spin_unlock(&listener->lock);
		return err;
	}
	*done = 1;
	return pin_take(listener, receiver, false);
}

/* Any number of answers, of any size */
static noinline int pin_next_some(struct pin_ctx *ctx,
				  const struct seccomp_pin_next *req, u32 *done,
				  struct pin_receiver *receiver)
{
	const u8 __user *answers = u64_to_user_ptr(req->answers);
	int err;

	for (; *done < req->count; ++*done, answers += req->size) {
		err = pin_redirect(ctx, answers, req->size);
		if (err)
			return err;
	}
	return pin_receive_call(ctx, req->receive.id, req->receive.flags, receiver);
}

/* NEXT: answer calls, and receive the next one. Errors as in docs/abi.md */
int pin_next(struct pin_ctx *ctx, struct seccomp_pin_next __user *user)
{
	struct pin_receiver receiver __uninitialized;
	/* Up to the flags of what is received */
	struct seccomp_pin_next req __uninitialized;
	u32 done = 0;
	int err;

	if (!pin_words_read(&req, user, offsetofend(typeof(req), receive.flags)))
		return -EFAULT;
	err = pin_next_check(&req);
	if (likely(!err)) {
		err = -EAGAIN;
		if (likely(req.count == 1 && req.size == SECCOMP_PIN_SHORT &&
			   !(req.receive.id | req.receive.flags)))
			err = pin_next_one(ctx, u64_to_user_ptr(req.answers),
					   &done, &receiver);
		if (unlikely(err == -EAGAIN && !done))
			err = pin_next_some(ctx, &req, &done, &receiver);
	}
	if (likely(!err))
		return pin_receive_tell(ctx->listener,
					(u64 __user *)&user->answered, &done,
					&receiver, req.receive.flags);
	/* Started anew, it would answer again. */
	if (err == -ERESTARTSYS && done)
		err = -EINTR;
	return put_user(done, &user->answered) ? -EFAULT : err;
}

/* RELEASE: the supervisor has received or adopted a call once, and is done with it. */
int pin_release(struct pin_ctx *ctx, const struct seccomp_pin_release *req)
{
	if (req->flags || req->reserved)
		return -EINVAL;
	return pin_call_release(ctx->listener, req->id) ? 0 : -ENOENT;
}
