// SPDX-License-Identifier: LGPL-2.1-or-later
/* Answers: one for each call. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/syscall.h>

#include "private.h"

/* 0, or why the call cannot be allowed as it is */
int pinredir_allowable(const struct pinredir_call *call)
{
	int err = call_check(call);

	if (err)
		return err;
	if (call->failed)
		return call->error[__builtin_ctz(call->failed)];
	return call->refused;
}

/*
 * Of a call that was received here, -EINPROGRESS is that somebody else has
 * answered it, and that its target has not come round to go on.
 *
 * An answer by the device releases the call, even if the answer comes too late. One by
 * the listener does not: the library releases the call.
 */
int pinredir_answered(struct pinredir_call *call, int err, bool let_go)
{
	struct seccomp_pin_release release;

	if (err == -EINPROGRESS) {
		err = PINREDIR_GONE;
		let_go = false;
	}
	if (err < 0 && err != PINREDIR_GONE)
		return err;
	call->over = err < 0 ? err : -EINPROGRESS;
	if (!let_go && ctx_pins(call->ctx)) {
		release = (struct seccomp_pin_release){ .id = call->answer.id };
		pinredir_request(call->ctx, SECCOMP_PIN_RELEASE, &release);
	}
	return err;
}

static int call_redirect(struct pinredir_call *call,
			 struct seccomp_pin_redirect *answer)
{
	int err = pinredir_request(call->ctx, SECCOMP_PIN_REDIRECT, answer);

	return pinredir_answered(call, err, true);
}

/* A verdict for one mm on an execve() that succeeds ends with that mm, unused. */
static bool remembers_in_vain(const struct pinredir_call *call)
{
	int nr = call_received(call)->data.nr;

	return (nr == SYS_execve || nr == SYS_execveat) &&
	       !(call->answer.flags & SECCOMP_PIN_FOR_ALL);
}

/* As most answers are: then it takes the device less to check. */
bool pinredir_answer_shorten(const struct pinredir_call *call,
			     struct pinredir_short *answer)
{
	uint32_t flags = call->answer.flags;

	if (flags & SECCOMP_PIN_REMEMBER && remembers_in_vain(call))
		flags &= ~SECCOMP_PIN_REMEMBER;
	if (!call->as_copied || flags & ~SECCOMP_PIN_COMPLETION)
		return false;
	answer->id = call->answer.id;
	answer->flags = flags | SECCOMP_PIN_COPIED;
	answer->masks = 0;
	return true;
}

int pinredir_allow(struct pinredir_call *call)
{
	struct pinredir_short answer;
	int err = pinredir_allowable(call);

	if (err)
		return err;
	if (!pinredir_answer_shorten(call, &answer))
		return call_redirect(call, &call->answer);
	err = pinredir_request(call->ctx, SECCOMP_PIN_REDIRECT_SHORT, &answer);
	return pinredir_answered(call, err, true);
}

/* Knows of the call by its number only; whoever has it may be using it. */
int pinredir_deny_id(struct pinredir *ctx, uint64_t id, int error)
{
	struct seccomp_notif_resp resp = { .id = id, .error = -error };
	int err = ctx_check(ctx);

	if (err)
		return err;
	return pinredir_ioctl(ctx->listener, SECCOMP_IOCTL_NOTIF_SEND, &resp);
}

/* 0, or PINREDIR_GONE: then what its pid has named may be another process. */
int pinredir_still_waits(const struct pinredir_call *call)
{
	uint64_t id = call->answer.id;

	return pinredir_ioctl(call->ctx->listener, SECCOMP_IOCTL_NOTIF_ID_VALID,
			      &id);
}

static int call_send(struct pinredir_call *call, int error, int64_t value)
{
	struct seccomp_notif_resp resp = {
		.id = call->answer.id,
		.error = error,
		.val = value,
	};
	int err = call_check(call);

	if (err)
		return err;
	return pinredir_answered(call,
				 pinredir_ioctl(call->ctx->listener,
						SECCOMP_IOCTL_NOTIF_SEND,
						&resp), false);
}

int pinredir_deny(struct pinredir_call *call, int error)
{
	struct seccomp_pin_redirect answer = {
		.id = call->answer.id,
		.flags = SECCOMP_PIN_DENY | (call->answer.flags &
			 (SECCOMP_PIN_REMEMBER | SECCOMP_PIN_FOR_ALL)),
		.error = error,
	};
	int err;

	if (error <= 0 || error > PINREDIR_MAX_ERRNO)
		return -EINVAL;
	/* A loop denies without what was to be remembered: the device takes neither then. */
	if (answer.flags & SECCOMP_PIN_REMEMBER) {
		answer.cookie = call->answer.cookie;
		answer.any_mask = call->answer.any_mask;
	}
	if (!ctx_pins(call->ctx))
		return call_send(call, -error, 0);
	err = call_check(call);
	return err ? err : call_redirect(call, &answer);
}

int pinredir_remember(struct pinredir_call *call, unsigned int any,
		      uint64_t cookie, unsigned int flags)
{
	int err = call_check(call);

	if (err)
		return err;
	if (!ctx_pins(call->ctx))
		return -EOPNOTSUPP;
	if (flags & ~PINREDIR_FOR_ALL || any >> SECCOMP_PIN_ARGS)
		return -EINVAL;
	call->answer.flags |= SECCOMP_PIN_REMEMBER;
	if (flags & PINREDIR_FOR_ALL)
		call->answer.flags |= SECCOMP_PIN_FOR_ALL;
	else
		call->answer.flags &= ~SECCOMP_PIN_FOR_ALL;
	call->answer.any_mask = any;
	call->answer.cookie = cookie;
	return 0;
}

int pinredir_drop(struct pinredir *ctx, uint64_t cookie)
{
	struct seccomp_pin_drop drop = { .cookie = cookie };

	return pinredir_request(ctx, SECCOMP_PIN_DROP, &drop);
}

int pinredir_drop_all(struct pinredir *ctx)
{
	struct seccomp_pin_drop drop = { .flags = SECCOMP_PIN_DROP_ALL };

	return pinredir_request(ctx, SECCOMP_PIN_DROP, &drop);
}

int pinredir_emulate(struct pinredir_call *call, int64_t value)
{
	return call_send(call, 0, value);
}

int pinredir_addfd(struct pinredir_call *call, int fd, unsigned int flags)
{
	struct seccomp_notif_addfd addfd = {
		.id = call->answer.id,
		.flags = SECCOMP_ADDFD_FLAG_SEND,
		.srcfd = fd,
		.newfd_flags = flags,
	};
	int err = call_check(call);

	if (err)
		return err;
	if (flags & ~O_CLOEXEC)
		return -EINVAL;
	err = pinredir_ioctl(call->ctx->listener, SECCOMP_IOCTL_NOTIF_ADDFD,
			     &addfd);
	/* The target went away before it got round to it. */
	if (err == -ESRCH)
		err = PINREDIR_GONE;
	return pinredir_answered(call, err, false);
}
