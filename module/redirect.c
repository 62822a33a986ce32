// SPDX-License-Identifier: GPL-2.0-only
/* Redirecting: letting a call run with arguments that have been checked. */
#include <linux/errno.h>
#include <linux/moduleparam.h>
#include <linux/prctl.h>
#include <linux/socket.h>

#include "arch.h"
#include "pin.h"

bool pin_redirect_check = true;
module_param_named(redirect_check, pin_redirect_check, bool, 0644);
MODULE_PARM_DESC(redirect_check,
		 "Ask for ptrace access to redirect, not only to read (default: Y)");

/*
 * Calls that remember a pointer, or use the memory behind it after they have
 * returned: a slot is somebody else's by then. A restarted poll() reads its set
 * from the address it was first given, a restarted sleep writes there how long
 * is left. @ptr_mask: which arguments are pointers.
 */
static bool pin_remembers(const struct seccomp_data *sd, const u64 *args,
			  u8 ptr_mask)
{
	switch (sd->nr) {
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
		return (u32)args[0] == PR_SET_MM ||
		       (u32)args[0] == PR_SET_VMA ||
		       (u32)args[0] == PR_SET_SYSCALL_USER_DISPATCH;
	case __NR_sendto:
	case __NR_sendmmsg:
		return args[3] & MSG_ZEROCOPY;
	case __NR_sendmsg:
		return args[2] & MSG_ZEROCOPY;
	default:
		return false;
	}
}

static int pin_redirect_masks(const struct seccomp_pin_redirect *req)
{
	unsigned int i;

	if (req->flags & ~SECCOMP_PIN_COMPLETION)
		return -EINVAL;
	if (req->args_mask & ~GENMASK(SECCOMP_PIN_ARGS - 1, 0) ||
	    req->ptr_mask & ~req->args_mask ||
	    req->arena_mask & ~req->ptr_mask ||
	    req->str_mask & ~req->ptr_mask)
		return -EINVAL;
	for (i = 0; i < SECCOMP_PIN_ARGS; i++) {
		if (!(req->args_mask & BIT(i)) && req->args[i])
			return -EINVAL;
		if (!(req->ptr_mask & BIT(i)) != !req->ptr_len[i])
			return -EINVAL;
		if (req->args[i] + req->ptr_len[i] < req->args[i] &&
		    req->ptr_mask & BIT(i))
			return -EINVAL;
	}
	return 0;
}

/* The values that the registers get; a pointer lies in a window of the mm. */
static int pin_redirect_args(struct pin_call *call,
			     const struct seccomp_pin_redirect *req,
			     unsigned long args[SECCOMP_PIN_ARGS])
{
	struct pin_ctx *ctx = call->ctx;
	unsigned int i;
	int err;

	for (i = 0; i < SECCOMP_PIN_ARGS; i++) {
		u64 address = req->args[i], offset = req->args[i];

		args[i] = address;
		if (!(req->ptr_mask & BIT(i)))
			continue;
		if (!call->pmm)
			return -EFAULT;

		if (req->arena_mask & BIT(i))
			address = pin_arena_to_address(ctx, call->pmm, offset,
						       req->ptr_len[i]);
		else
			offset = pin_address_to_arena(ctx, call->pmm, address,
						      req->ptr_len[i]);
		if (address == U64_MAX || offset == U64_MAX)
			return -EFAULT;
		args[i] = address;

		if (!(req->str_mask & BIT(i)))
			continue;
		err = pin_arena_find_nul(ctx, offset, req->ptr_len[i]);
		if (err)
			return err;
	}
	return 0;
}

static int pin_redirect_call(struct pin_ctx *ctx, struct pin_call *call,
			     const struct seccomp_data *sd,
			     const struct seccomp_pin_redirect *req)
{
	unsigned long args[SECCOMP_PIN_ARGS];
	u64 effective[SECCOMP_PIN_ARGS];
	unsigned int i;
	int err;

	if (!pin_arch_native(sd))
		return -EOPNOTSUPP;
	for (i = 0; i < SECCOMP_PIN_ARGS; i++)
		effective[i] = req->args_mask & BIT(i) ? req->args[i] :
							 sd->args[i];
	if (req->ptr_mask && pin_remembers(sd, effective, req->ptr_mask))
		return -EOPNOTSUPP;

	err = pin_redirect_args(call, req, args);
	if (err)
		return err;

	/* From the answer on, the bytes of the slot are not to be changed. */
	mutex_lock(&call->lock);
	err = call->answered ? -EINPROGRESS : 0;
	if (!err && req->flags & SECCOMP_PIN_COMPLETION) {
		err = pin_queue_reserve(ctx);
		call->completion = !err;
	}
	if (!err) {
		err = seccomp_attend_redirect(ctx->attendant, req->id,
					      req->args_mask, args,
					      READ_ONCE(pin_redirect_check));
		if (!err) {
			call->answered = true;
		} else if (call->completion) {
			call->completion = false;
			pin_queue_unreserve(ctx);
		}
	}
	mutex_unlock(&call->lock);
	return err;
}

/**
 * pin_redirect - answer a notification: the call runs, with other arguments
 * @ctx: the context
 * @req: the request
 *
 * On success the supervisor has let go of the call, and if it is gone as well.
 *
 * Return: 0 or
 * * -EINVAL: malformed, or a string without a NUL
 * * -EFAULT: a pointer does not lie in a window of the target's mm
 * * -EOPNOTSUPP: a call that cannot be redirected, or that goes on using its
 *   pointers after it has returned
 * * -EACCES: no ptrace access to the target
 * * -ENOBUFS: no place for the completion
 * * what pin_call_find() and seccomp_attend_redirect() return
 */
int pin_redirect(struct pin_ctx *ctx, const struct seccomp_pin_redirect *req)
{
	struct seccomp_attend_view view;
	struct pin_call *call;
	int err;

	err = pin_redirect_masks(req);
	if (err)
		return err;

	call = pin_call_find(ctx, req->id, &view);
	if (IS_ERR(call)) {
		err = PTR_ERR(call);
		goto out;
	}
	if (view.access && READ_ONCE(pin_redirect_check))
		err = view.access;
	else
		err = pin_redirect_call(ctx, call, &view.data, req);
	pin_call_put(call);
out:
	if (!err || err == -ENOENT)
		pin_call_let_go(ctx, req->id, U32_MAX);
	return err;
}
