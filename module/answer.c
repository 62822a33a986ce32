// SPDX-License-Identifier: GPL-2.0-only
/* Answers: what ends a call's wait, and what it has the task do. */
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>

#include "answer.h"
#include "arch.h"

bool pin_redirect_check = true;
module_param_named(redirect_check, pin_redirect_check, bool, 0644);
MODULE_PARM_DESC(redirect_check,
		 "Ask for ptrace access to redirect, not only to read (default: Y)");

/*
 * The answer to a call of current takes effect. The function consumes the task's
 * reference, unless it sets *@redirect. Returns what ->notify() returns.
 */
int pin_answer_apply(struct pin_call *call, struct seccomp_redirect **redirect)
{
	struct pt_regs *regs = current_pt_regs();
	unsigned long *arg, left;
	unsigned int i;
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
	if (!cont)
		syscall_set_return_value(current, regs, call->error, call->val);
	pin_call_put(call);
	return cont ? 0 : -1;
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
	if (end != SECCOMP_REDIRECT_RETURNED)
		return end == SECCOMP_REDIRECT_DIED ? SECCOMP_PIN_DIED :
						      SECCOMP_PIN_SKIPPED;
	if (likely(call->self_exec_id == current->self_exec_id))
		return SECCOMP_PIN_RETURNED;
	/* An execve() that fails beyond its point of no return is fatal. */
	return syscall_get_error(current, current_pt_regs()) ?
	       SECCOMP_PIN_DIED : SECCOMP_PIN_EXECUTED;
}

static noinline void pin_complete(struct pin_call *call, u32 how)
{
	struct seccomp_pin_completion completion = {
		.id = call->told.id,
		.thread = call->told.thread,
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

/* ->end(): a redirected call of current is over. Consumes the task's reference. */
void pin_answer_end(struct seccomp_redirect *redirect, enum seccomp_redirect_end end)
{
	struct pin_call *call = pin_call_of(redirect);
	u32 how = pin_completion_how(call, end);

	clear_syscall_work(SECCOMP_REDIRECT);
	if (how == SECCOMP_PIN_RETURNED || how == SECCOMP_PIN_SKIPPED)
		pin_answer_restore(call, current_pt_regs());
	if (unlikely(call->completion))
		pin_complete(call, how);
	/* NFS: a direct write goes on reading the slot of a task that was killed. */
	call->lost = fatal_signal_pending(current);
	pin_call_put(call);
}
