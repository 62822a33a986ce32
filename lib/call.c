// SPDX-License-Identifier: LGPL-2.1-or-later
/* Calls: receiving them, looking at their arguments, and changing those. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

/* As the module's, so that structures are aligned in the slot */
#define SLOT_ALIGN(x)	(((x) + 7U) & ~7U)

/*
 * What the rules had copied is pinned from the start, looked at or not; and what
 * could not be copied is an error, looked at or not: a target could choose which.
 */
static void call_take_copies(struct pinredir_call *call)
{
	unsigned int i;

	for (i = 0; i < SECCOMP_PIN_ARGS; i++) {
		const struct seccomp_pin_copy *copy = &call->r.copies[i];
		struct pinredir_arg *arg = &call->args[i];

		arg->error = copy->error;
		if (copy->kind == SECCOMP_PIN_NONE || copy->error ||
		    !copy->len)
			continue;
		arg->state = ARG_PINNED;
		arg->string = copy->kind == SECCOMP_PIN_STRING;
		arg->offset = copy->offset;
		arg->len = copy->len;
		if (call->used < copy->offset + copy->len)
			call->used = copy->offset + copy->len;
	}
}

static int call_receive(struct pinredir *ctx, struct pinredir_call **out,
			uint64_t id, uint32_t flags)
{
	struct pinredir_call *call = calloc(1, sizeof(*call));
	int err;

	if (!call)
		return -ENOMEM;
	call->ctx = ctx;
	call->r.id = id;
	call->r.flags = flags;
	err = pinredir_ioctl(ctx->device, SECCOMP_PIN_RECEIVE, &call->r);
	if (err) {
		free(call);
		return err;
	}
	if (call->r.slot_size)
		call->slot = ctx->arena + call->r.slot_offset;
	call_take_copies(call);
	*out = call;
	return 0;
}

int pinredir_receive(struct pinredir *ctx, struct pinredir_call **call,
		     unsigned int flags)
{
	if (flags & ~PINREDIR_NONBLOCK)
		return -EINVAL;
	return call_receive(ctx, call, 0, flags & PINREDIR_NONBLOCK ?
			    SECCOMP_PIN_NONBLOCK : 0);
}

int pinredir_adopt(struct pinredir *ctx, struct pinredir_call **call,
		   uint64_t id)
{
	return call_receive(ctx, call, id, SECCOMP_PIN_ADOPT);
}

void pinredir_release(struct pinredir_call *call)
{
	if (!call)
		return;
	if (!call->over) {
		struct seccomp_pin_release release = { .id = call->r.id };

		pinredir_ioctl(call->ctx->device, SECCOMP_PIN_RELEASE,
			       &release);
	}
	free(call);
}

uint64_t pinredir_id(const struct pinredir_call *call)
{
	return call->r.id;
}

int pinredir_pid(const struct pinredir_call *call)
{
	return call->r.pid;
}

uint64_t pinredir_thread(const struct pinredir_call *call)
{
	return call->r.thread;
}

int pinredir_nr(const struct pinredir_call *call)
{
	return call->r.data.nr;
}

uint32_t pinredir_arch(const struct pinredir_call *call)
{
	return call->r.data.arch;
}

uint64_t pinredir_instruction_pointer(const struct pinredir_call *call)
{
	return call->r.data.instruction_pointer;
}

uint64_t pinredir_arg(const struct pinredir_call *call, unsigned int arg)
{
	return arg < SECCOMP_PIN_ARGS ? call->r.data.args[arg] : 0;
}

/* What is free in the slot is behind what is in it. */
static int slot_room(const struct pinredir_call *call, uint32_t *offset,
		     uint32_t *room)
{
	*offset = SLOT_ALIGN(call->used);
	*room = 0;
	if (!call->slot)
		return call->r.slot_error ? call->r.slot_error : -ENOBUFS;
	if (*offset >= call->r.slot_size)
		return -ENOBUFS;
	*room = call->r.slot_size - *offset;
	return 0;
}

/* Copy from the target to the end of the slot. */
static int call_fetch(struct pinredir_call *call, uint64_t address,
		      uint32_t kind, size_t len, struct pinredir_arg *arg)
{
	struct seccomp_pin_fetch fetch = {
		.id = call->r.id,
		.address = address,
		.kind = kind,
		.timeout = call->ctx->timeout,
	};
	uint32_t room;
	int err = slot_room(call, &fetch.offset, &room);

	if (err)
		return err;
	if (len > room && kind == SECCOMP_PIN_BYTES)
		return -ENOBUFS;
	fetch.len = len < room ? len : room;
	err = pinredir_ioctl(call->ctx->device, SECCOMP_PIN_FETCH, &fetch);
	if (err == -ENAMETOOLONG && len > room)
		err = -ENOBUFS;
	if (err)
		return err;
	arg->string = kind == SECCOMP_PIN_STRING;
	arg->offset = fetch.offset;
	arg->len = fetch.len;
	call->used = fetch.offset + fetch.len;
	return 0;
}

/* Have an argument in the slot, by its rule or now. */
static int arg_pin(struct pinredir_call *call, unsigned int n, uint32_t kind,
		   size_t len)
{
	const struct seccomp_pin_copy *copy = &call->r.copies[n];
	struct pinredir_arg *arg = &call->args[n];
	int err;

	if (arg->state == ARG_PINNED)
		return 0;
	if (copy->kind != SECCOMP_PIN_NONE && copy->error)
		return copy->error;
	err = call_fetch(call, call->r.data.args[n], kind, len, arg);
	if (!err)
		arg->state = ARG_PINNED;
	return err;
}

/*
 * An argument that could not be looked at stops the call from being allowed,
 * until it is looked at or set. Only a call that is gone leaves no mark: the
 * next answer will say so itself.
 */
static int arg_mark(struct pinredir_call *call, unsigned int n, int err)
{
	if (err != PINREDIR_GONE)
		call->args[n].error = err;
	return err;
}

/* After the answer, the slot can be another call's already. */
static int arg_check(const struct pinredir_call *call, unsigned int n)
{
	if (call->over)
		return -EINPROGRESS;
	return n < SECCOMP_PIN_ARGS ? 0 : -EINVAL;
}

int pinredir_get_string(struct pinredir_call *call, unsigned int n,
			const char **string)
{
	int err = arg_check(call, n);

	*string = NULL;
	if (err)
		return err;
	if (call->args[n].state == ARG_VALUE)
		return -EINVAL;
	if (!call->r.data.args[n] && call->args[n].state != ARG_PINNED)
		return 0;
	err = arg_pin(call, n, SECCOMP_PIN_STRING, PATH_MAX);
	if (!err && !call->args[n].string)
		err = -EINVAL;
	if (!err)
		*string = (const char *)call->slot + call->args[n].offset;
	return arg_mark(call, n, err);
}

/* The rule copied, and the call itself says that there is nothing. */
static bool arg_is_empty(const struct pinredir_call *call, unsigned int n)
{
	const struct seccomp_pin_copy *copy = &call->r.copies[n];

	return call->args[n].state == ARG_PASSED &&
	       copy->kind != SECCOMP_PIN_NONE && !copy->error && !copy->len;
}

int pinredir_get_bytes(struct pinredir_call *call, unsigned int n,
		       const void **bytes, size_t *len)
{
	const struct pinredir_arg *arg;
	size_t want = *len;
	int err = arg_check(call, n);

	*bytes = NULL;
	*len = 0;
	if (err)
		return err;
	arg = &call->args[n];
	if (arg->state == ARG_VALUE)
		return -EINVAL;
	if (!call->r.data.args[n] && arg->state != ARG_PINNED)
		return 0;
	if (arg_is_empty(call, n))
		return arg_mark(call, n, want ? -E2BIG : 0);
	if (!want && arg->state != ARG_PINNED &&
	    call->r.copies[n].kind == SECCOMP_PIN_NONE)
		err = -EINVAL;
	else
		err = arg_pin(call, n, SECCOMP_PIN_BYTES, want);
	if (!err && want > arg->len)
		err = -E2BIG;
	if (!err) {
		*bytes = call->slot + arg->offset;
		*len = arg->len;
	}
	return arg_mark(call, n, err);
}

int pinredir_fetch(struct pinredir_call *call, uint64_t address,
		   unsigned int kind, const void **bytes, size_t *len)
{
	struct pinredir_arg arg;
	int err = arg_check(call, 0);

	if (err)
		return err;
	if ((kind != PINREDIR_STRING && kind != PINREDIR_BYTES) || !*len)
		return -EINVAL;
	err = call_fetch(call, address, kind, *len, &arg);
	if (err)
		return err;
	*bytes = call->slot + arg.offset;
	*len = arg.len;
	return 0;
}

uint64_t pinredir_address(const struct pinredir_call *call, const void *bytes)
{
	uintptr_t at = (uintptr_t)bytes, slot = (uintptr_t)call->slot;

	if (!call->slot || at < slot || at - slot >= call->r.slot_size)
		return 0;
	return call->r.slot_address + (at - slot);
}

int pinredir_set_bytes(struct pinredir_call *call, unsigned int n,
		       const void *bytes, size_t len)
{
	uint32_t offset, room;
	int err = arg_check(call, n);

	if (err)
		return err;
	if (!len)
		return -EINVAL;
	err = slot_room(call, &offset, &room);
	if (!err && len > room)
		err = -ENOBUFS;
	if (err)
		return arg_mark(call, n, err);
	memcpy(call->slot + offset, bytes, len);
	call->used = offset + len;
	call->args[n] = (struct pinredir_arg){
		.state = ARG_PINNED,
		.offset = offset,
		.len = len,
	};
	return 0;
}

int pinredir_set_string(struct pinredir_call *call, unsigned int n,
			const char *string)
{
	int err = pinredir_set_bytes(call, n, string, strlen(string) + 1);

	if (!err)
		call->args[n].string = true;
	return err;
}

int pinredir_set_value(struct pinredir_call *call, unsigned int n,
		       uint64_t value)
{
	int err = arg_check(call, n);

	if (err)
		return err;
	call->args[n] = (struct pinredir_arg){
		.state = ARG_VALUE,
		.value = value,
	};
	return 0;
}

void pinredir_want_completion(struct pinredir_call *call)
{
	call->completion = true;
}
