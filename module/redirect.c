// SPDX-License-Identifier: GPL-2.0-only
/* Redirecting: letting a call run with arguments that have been checked. */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/moduleparam.h>
#include <linux/prctl.h>
#include <linux/socket.h>
#include <linux/string.h>

#include "arch.h"
#include "pin.h"

bool pin_redirect_check = true;
module_param_named(redirect_check, pin_redirect_check, bool, 0644);
MODULE_PARM_DESC(redirect_check,
		 "Ask for ptrace access to redirect, not only to read (default: Y)");

/* An argument that a call runs with */
static u64 pin_effective(const struct pin_call *call, u8 mask, const u64 *args,
			 unsigned int i)
{
	return mask & BIT(i) ? args[i] : pin_call_arg(call, i);
}

/**
 * pin_remembers_values - on which arguments' values pin_remembers() depends
 * @nr: the syscall
 *
 * Return: a bit for each
 */
u8 pin_remembers_values(int nr)
{
	switch (nr) {
	case __NR_prctl:
		return BIT(0);
	case __NR_sendmsg:
		return BIT(2);
	case __NR_sendto:
	case __NR_sendmmsg:
		return BIT(3);
	default:
		return 0;
	}
}

/*
 * Calls that remember a pointer, or use the memory behind it after they have
 * returned: a slot is somebody else's by then. A restarted poll() reads its set
 * from the address it was first given, a restarted sleep writes there how long
 * is left. @mask: which arguments are replaced by those in @args; @ptr_mask:
 * which of those are pointers, whose values are not known yet.
 */
bool pin_remembers(const struct pin_call *call, u8 mask, const u64 *args,
		   u8 ptr_mask)
{
	if (ptr_mask & pin_remembers_values(call->nr))
		return true;
	switch (call->nr) {
	case __NR_set_robust_list:
	case __NR_set_tid_address:
	case __NR_rseq:
	case __NR_arch_prctl:
	case __NR_clone:
	case __NR_futex:
	case __NR_futex_waitv:
	case __NR_futex_wait:
	case __NR_futex_wake:
	case __NR_futex_requeue:
	case __NR_poll:
	case __NR_io_submit:
	case __NR_io_uring_setup:
	case __NR_io_uring_enter:
	case __NR_io_uring_register:
	case __NR_vmsplice:
	case __NR_shmat:
	case __NR_userfaultfd:
	case __NR_restart_syscall:
		return true;
	case __NR_nanosleep:
		return ptr_mask & BIT(1);
	case __NR_clock_nanosleep:
		return ptr_mask & BIT(3);
	case __NR_prctl:
		/* Its first argument is an int. */
		switch ((u32)pin_effective(call, mask, args, 0)) {
		case PR_SET_MM:
		case PR_SET_VMA:
		case PR_SET_SYSCALL_USER_DISPATCH:
			return true;
		}
		return false;
	case __NR_sendto:
	case __NR_sendmmsg:
		return pin_effective(call, mask, args, 3) & MSG_ZEROCOPY;
	case __NR_sendmsg:
		return pin_effective(call, mask, args, 2) & MSG_ZEROCOPY;
	default:
		return false;
	}
}

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

static int pin_copied_flags(const struct seccomp_pin_redirect *req)
{
	if (req->flags & ~(SECCOMP_PIN_COPIED | SECCOMP_PIN_COMPLETION))
		return -EINVAL;
	return req->args_mask | req->ptr_mask | req->arena_mask | req->str_mask ?
	       -EINVAL : 0;
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
	u64 len = req->ptr_len[i], at;

	if (!call->window)
		return 0;
	at = req->args[i] - (req->arena_mask & BIT(i) ?
			     pin_slot_offset(call) : pin_slot_address(call));
	if (at >= call->ctx->slot_size || len > call->ctx->slot_size - at)
		return 0;
	*err = req->str_mask & BIT(i) ? pin_slot_find_nul(call, at, len) : 0;
	return pin_slot_address(call) + at;
}

/* A pointer into any window of the mm, or 0 if it is none */
static u64 pin_window_pointer(struct pin_call *call,
			      const struct seccomp_pin_redirect *req,
			      unsigned int i, int *err)
{
	u64 address = req->args[i], offset = req->args[i];
	u64 len = req->ptr_len[i];

	if (!call->pmm)
		return 0;
	if (req->arena_mask & BIT(i))
		address = pin_arena_to_address(call->ctx, call->pmm, offset,
					       len);
	else
		offset = pin_address_to_arena(call->ctx, call->pmm, address,
					      len);
	if (address == U64_MAX || offset == U64_MAX)
		return 0;
	*err = req->str_mask & BIT(i) ?
	       pin_arena_find_nul(call->ctx, offset, len) : 0;
	return address;
}

/* The values that the registers get; a pointer lies in a window of the mm. */
static int pin_redirect_args(struct pin_call *call,
			     const struct seccomp_pin_redirect *req,
			     unsigned long args[SECCOMP_PIN_ARGS])
{
	unsigned int i;
	int err = 0;
	u8 left;

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

/*
 * Under call->lock: from the answer on, the bytes of the slot are not to be
 * changed, nor are they before the verdict on them has been made.
 */
static int pin_answer(struct pin_call *call,
		      const struct seccomp_pin_redirect *req, u8 mask,
		      const unsigned long args[SECCOMP_PIN_ARGS])
{
	struct pin_verdict *verdict = NULL;
	struct pin_ctx *ctx = call->ctx;
	int err;

	lockdep_assert_held(&call->lock);
	if (call->answered)
		return -EINPROGRESS;
	if (req->flags & SECCOMP_PIN_COMPLETION) {
		err = pin_queue_reserve(ctx);
		if (err)
			return err;
		call->completion = true;
	}
	if (req->flags & SECCOMP_PIN_REMEMBER)
		verdict = pin_verdict_make(call, req);
	/* No bytes go into the slot of a call that is about to go ahead. */
	call->answered = true;
	if (req->flags & SECCOMP_PIN_DENY)
		err = seccomp_attend_refuse(&call->attended, -(int)req->error);
	else
		err = seccomp_attend_redirect(&call->attended, mask, args,
					      READ_ONCE(pin_redirect_check));
	if (!err) {
		if (verdict)
			pin_verdict_keep(call, verdict);
		return 0;
	}
	call->answered = false;
	if (verdict)
		pin_verdict_put(verdict);
	if (call->completion) {
		call->completion = false;
		pin_queue_unreserve(ctx);
	}
	return err;
}

static int pin_redirect_call(struct pin_call *call,
			     const struct seccomp_pin_redirect *req)
{
	/* Only those in args_mask are looked at. */
	unsigned long args[SECCOMP_PIN_ARGS] __uninitialized;
	int err;

	if (!(req->flags & SECCOMP_PIN_DENY)) {
		if (!call->native)
			return -EOPNOTSUPP;
		if (req->ptr_mask &&
		    pin_remembers(call, req->args_mask, req->args,
				  req->ptr_mask))
			return -EOPNOTSUPP;
		err = pin_redirect_args(call, req, args);
		if (err)
			return err;
	}
	if (req->flags & SECCOMP_PIN_REMEMBER) {
		err = pin_verdict_check(call, req);
		if (err)
			return err;
	}

	mutex_lock(&call->lock);
	err = pin_answer(call, req, req->args_mask, args);
	mutex_unlock(&call->lock);
	return err;
}

/*
 * The copies, where they are in the slot: none that there is not, or a target could
 * have had the copy fail for the call to run on what it has put there since.
 */
static int pin_copied_args(struct pin_call *call,
			   unsigned long args[SECCOMP_PIN_ARGS])
{
	unsigned int i;
	u8 left;
	int err;

	lockdep_assert_held(&call->lock);
	for (left = call->copied; left; left &= left - 1) {
		const struct pin_copy *copy = &call->copies[__ffs(left)];

		i = __ffs(left);
		if (copy->error || copy->offset >= call->ctx->slot_size)
			return -EFAULT;
		if (!call->moved)
			return -EACCES;
		args[i] = pin_slot_address(call) + copy->offset;
		/* The supervisor may have written there. */
		if (copy->kind == SECCOMP_PIN_STRING) {
			err = pin_slot_find_nul(call,
						copy->offset + copy->len - 1, 1);
			if (err)
				return err;
		}
	}
	return 0;
}

static int pin_redirect_copied(struct pin_call *call,
			       const struct seccomp_pin_redirect *req)
{
	/* Only those that were copied are looked at. */
	unsigned long args[SECCOMP_PIN_ARGS] __uninitialized;
	u8 copied = call->copied;
	int err = 0;

	if (!call->native)
		return -EOPNOTSUPP;
	if (copied && pin_remembers(call, 0, NULL, copied))
		return -EOPNOTSUPP;

	mutex_lock(&call->lock);
	/* Whoever received it elsewhere has not had them moved. */
	if (unlikely(!call->moved) && READ_ONCE(call->trust))
		err = pin_call_move(call);
	err = err ?: pin_copied_args(call, args);
	if (!err)
		err = pin_answer(call, req, copied, args);
	mutex_unlock(&call->lock);
	return err;
}

/**
 * pin_redirect - answer a notification: the call runs, with other arguments
 * @ctx: the context
 * @req: the request
 *
 * Or it fails, with SECCOMP_PIN_DENY. With SECCOMP_PIN_COPIED, nothing of @req is
 * looked at from its @args on. On success the supervisor has let go of the call, and
 * if it is gone as well.
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
 * * what pin_call_find() and seccomp_attend_redirect() return
 */
static int pin_redirect(struct pin_ctx *ctx,
			const struct seccomp_pin_redirect *req)
{
	struct pin_call *call;
	int err;

	if (req->flags & SECCOMP_PIN_COPIED)
		err = pin_copied_flags(req);
	else
		err = pin_redirect_flags(req) ?: pin_redirect_masks(req);
	if (err)
		return err;

	call = pin_call_find(ctx, req->id);
	if (IS_ERR(call))
		return PTR_ERR(call);
	if (req->flags & SECCOMP_PIN_COPIED)
		err = pin_redirect_copied(call, req);
	else
		err = pin_redirect_call(call, req);
	if (!err || err == -ENOENT)
		pin_call_done(call);
	else
		pin_call_put(call);
	return err;
}

/* As pin_redirect(), for a request of which there is SECCOMP_PIN_SHORT alone */
int pin_redirect_short(struct pin_ctx *ctx,
		       const struct seccomp_pin_redirect *req)
{
	return req->flags & SECCOMP_PIN_COPIED ? pin_redirect(ctx, req) : -EINVAL;
}

/* As pin_redirect(), for one that is there in whole */
int pin_redirect_whole(struct pin_ctx *ctx,
		       const struct seccomp_pin_redirect *req)
{
	if (unlikely(req->flags & SECCOMP_PIN_COPIED) &&
	    memchr_inv(req->args, 0, sizeof(*req) - SECCOMP_PIN_SHORT))
		return -EINVAL;
	return pin_redirect(ctx, req);
}
