// SPDX-License-Identifier: LGPL-2.1-or-later
/* Answers: one for each call. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/seccomp.h>
#include <string.h>

#include "private.h"

#define MAX_ERRNO	4095

static int redirect_fill(const struct pinredir_call *call,
			 struct seccomp_pin_redirect *redirect)
{
	unsigned int i;

	for (i = 0; i < SECCOMP_PIN_ARGS; i++) {
		const struct pinredir_arg *arg = &call->args[i];
		unsigned int bit = 1U << i;

		if (arg->error)
			return arg->error;
		if (arg->state == ARG_PASSED)
			continue;
		redirect->args_mask |= bit;
		redirect->args[i] = arg->value;
		if (arg->state == ARG_VALUE)
			continue;
		redirect->ptr_mask |= bit;
		redirect->arena_mask |= bit;
		if (arg->string)
			redirect->str_mask |= bit;
		redirect->args[i] = call->r.slot_offset + arg->offset;
		redirect->ptr_len[i] = arg->len;
	}
	return 0;
}

int pinredir_allow(struct pinredir_call *call)
{
	struct seccomp_pin_redirect redirect = { .id = call->r.id };
	int err;

	if (call->over)
		return -EINPROGRESS;
	if (call->completion)
		redirect.flags |= SECCOMP_PIN_COMPLETION;
	err = redirect_fill(call, &redirect);
	if (err)
		return err;
	err = pinredir_ioctl(call->ctx->device, SECCOMP_PIN_REDIRECT,
			     &redirect);
	if (!err || err == PINREDIR_GONE)
		call->over = true;
	return err;
}

/*
 * Answered through the listener, the module knows of it by itself; not so of an
 * answer that came too late.
 */
static int call_answered(struct pinredir_call *call, int err)
{
	struct seccomp_pin_release release = { .id = call->r.id };

	if (err == PINREDIR_GONE)
		pinredir_ioctl(call->ctx->device, SECCOMP_PIN_RELEASE,
			       &release);
	if (err >= 0 || err == PINREDIR_GONE)
		call->over = true;
	return err;
}

static int call_send(struct pinredir_call *call, int error, int64_t value)
{
	struct seccomp_notif_resp resp = {
		.id = call->r.id,
		.error = error,
		.val = value,
	};

	if (call->over)
		return -EINPROGRESS;
	return call_answered(call, pinredir_ioctl(call->ctx->listener,
						  SECCOMP_IOCTL_NOTIF_SEND,
						  &resp));
}

int pinredir_deny(struct pinredir_call *call, int error)
{
	if (error <= 0 || error > MAX_ERRNO)
		return -EINVAL;
	return call_send(call, -error, 0);
}

int pinredir_emulate(struct pinredir_call *call, int64_t value)
{
	return call_send(call, 0, value);
}

int pinredir_addfd(struct pinredir_call *call, int fd, unsigned int flags)
{
	struct seccomp_notif_addfd addfd = {
		.id = call->r.id,
		.flags = SECCOMP_ADDFD_FLAG_SEND,
		.srcfd = fd,
		.newfd_flags = flags,
	};
	int err;

	if (call->over)
		return -EINPROGRESS;
	if (flags & ~O_CLOEXEC)
		return -EINVAL;
	err = pinredir_ioctl(call->ctx->listener, SECCOMP_IOCTL_NOTIF_ADDFD,
			     &addfd);
	/* The target went away before it got round to it. */
	if (err == -ESRCH)
		err = PINREDIR_GONE;
	return call_answered(call, err);
}
