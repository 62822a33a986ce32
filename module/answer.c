// SPDX-License-Identifier: GPL-2.0-only
/* Answers: what ends a call's wait, and what it has the task do. */
#include <linux/errno.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>

#include "answer.h"
#include "arch.h"
#include "receive.h"
#include "work.h"

bool pin_redirect_check = true;
module_param_named(redirect_check, pin_redirect_check, bool, 0644);
MODULE_PARM_DESC(redirect_check,
		 "Ask for ptrace access to redirect, not only to read (default: Y)");

/**
 * pin_call_answer - a call is answered
 * @call: the call, which waits for it; lock held
 *
 * What the answer is has been set. It releases the call for all who hold it.
 */
void pin_call_answer(struct pin_call *call)
{
	struct pin_listener *listener = call->listener;

	lockdep_assert_held(&listener->lock);
	if (unlikely(!list_empty(&call->works)))
		pin_works_drop(call);
	if (call->held) {
		call->held = 0;
		call->refs--;
	}
	/* A task that has yet to come finds its call by the id. */
	if (likely(call->here))
		hlist_del_init(&call->node);
	if (call->state == PIN_SENT)
		listener->nr_sent--;
	/* Pairs with the acquire in pin_wait(). */
	smp_store_release(&call->state, PIN_ANSWERED);
	pin_wake(listener, call->task);
}

/**
 * pin_answer_fail - a call fails without being made
 * @call: the call; lock held
 * @error: with what, an errno (negative)
 *
 * Return: 0 or what pin_call_sent() returns
 */
int pin_answer_fail(struct pin_call *call, int error)
{
	int err = pin_call_sent(call);

	if (err)
		return err;
	call->error = error;
	call->val = 0;
	pin_call_answer(call);
	return 0;
}

/**
 * pin_answer_redirect - a call runs with other arguments
 * @call: the call; lock held
 * @completion: tell when it is over
 * @mask: which arguments, a bit for each
 * @args: their values
 *
 * Return: 0 or
 * * -EACCES: the caller has no ptrace access to the task
 * * -ENOBUFS: no place for the completion
 * * what pin_call_sent() returns
 */
int pin_answer_redirect(struct pin_call *call, bool completion, u8 mask,
			const unsigned long *args)
{
	unsigned long left;
	int err;

	err = pin_call_sent(call);
	if (err)
		return err;
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
	for (left = mask; left; left &= left - 1)
		call->args[__ffs(left)] = args[__ffs(left)];
	pin_call_answer(call);
	return 0;
}

/**
 * pin_answer_apply - the answer takes effect
 * @call: the call, of current; the function consumes the task's reference, unless it
 *	sets @redirect
 * @redirect: set if the call is redirected
 *
 * Return: what ->notify() returns
 */
int pin_answer_apply(struct pin_call *call, struct seccomp_redirect **redirect)
{
	struct pt_regs *regs = current_pt_regs();
	unsigned long *arg, left;
	unsigned int i;
	int error;
	long val;
	bool cont;

	if (likely(call->redirected)) {
		for (left = call->mask; left; left &= left - 1) {
			i = __ffs(left);
			arg = pin_arch_arg(regs, i);
			call->own[i] = *arg;
			*arg = call->args[i];
		}
		call->self_exec_id = current->self_exec_id;
		set_syscall_work(SECCOMP_REDIRECT);
		*redirect = &call->redirect;
		return 0;
	}

	cont = call->cont;
	error = call->error;
	val = call->val;
	pin_call_put(call);
	if (cont)
		return 0;
	syscall_set_return_value(current, regs, error, val);
	return -1;
}

/* Back to the task's own arguments, but for what a tracer has set since */
void pin_answer_restore(const struct pin_call *call, struct pt_regs *regs)
{
	unsigned long *arg, left;
	unsigned int i;

	for (left = call->mask; left; left &= left - 1) {
		i = __ffs(left);
		arg = pin_arch_arg(regs, i);
		if (*arg == call->args[i])
			*arg = call->own[i];
	}
}

static u32 pin_completion_how(const struct pin_call *call,
			      enum seccomp_redirect_end end)
{
	if (end == SECCOMP_REDIRECT_SKIPPED)
		return SECCOMP_PIN_SKIPPED;
	if (end == SECCOMP_REDIRECT_DIED)
		return SECCOMP_PIN_DIED;
	if (likely(call->self_exec_id == current->self_exec_id))
		return SECCOMP_PIN_RETURNED;
	/* An execve() that fails beyond its point of no return is fatal. */
	return syscall_get_error(current, current_pt_regs()) ?
	       SECCOMP_PIN_DIED : SECCOMP_PIN_EXECUTED;
}

static noinline void pin_complete(struct pin_call *call, u32 how)
{
	struct seccomp_pin_completion completion = {
		.id = call->id,
		.thread = call->thread,
		.cookie = call->cookie,
		.how = how,
	};
	long ret;

	if (how == SECCOMP_PIN_RETURNED) {
		ret = syscall_get_error(current, current_pt_regs()) ?:
		      syscall_get_return_value(current, current_pt_regs());
		/* Whether it is restarted is between it and the signal code. */
		if (ret <= -ERESTARTSYS && ret >= -ERESTART_RESTARTBLOCK)
			ret = -EINTR;
		completion.retval = ret;
	}
	pin_queue_add(&call->ctx->queue, &completion);
}

/**
 * pin_answer_over - a redirected call is over
 * @call: the call, of current; the function consumes the task's reference
 * @end: how it ended
 */
void pin_answer_over(struct pin_call *call, enum seccomp_redirect_end end)
{
	u32 how = pin_completion_how(call, end);

	clear_syscall_work(SECCOMP_REDIRECT);
	if (how == SECCOMP_PIN_RETURNED || how == SECCOMP_PIN_SKIPPED)
		pin_answer_restore(call, current_pt_regs());
	if (unlikely(call->completion))
		pin_complete(call, how);
	pin_call_put(call);
}
