// SPDX-License-Identifier: LGPL-2.1-or-later
/* Calls: receiving them, looking at their arguments, and changing those. */
#include <asm/unistd.h>
#include <limits.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

/* As the module's, so that structures are aligned in the slot */
#define SLOT_ALIGN(x)	(((x) + 7U) & ~7U)

void pinredir_arg_pass(struct pinredir_call *call, unsigned int n)
{
	uint8_t keep = ~(1U << n);

	call->as_copied = false;
	call->shaped &= keep;
	call->failed &= keep;
	call->answer.args_mask &= keep;
	call->answer.ptr_mask &= keep;
	call->answer.arena_mask &= keep;
	call->answer.str_mask &= keep;
	call->answer.args[n] = 0;
	call->answer.ptr_len[n] = 0;
}

/* Where in the arena a byte of the slots is: of the first, or behind that */
static uint64_t slot_place(const struct pinredir_call *call, uint32_t offset)
{
	const struct seccomp_pin_receive *r = call_received(call);

	if (offset < r->slot_size)
		return r->slot_offset + offset;
	return call->large.offset + (offset - r->slot_size);
}

void pinredir_arg_pin(struct pinredir_call *call, unsigned int n,
		      uint32_t offset, uint32_t len, bool string)
{
	uint8_t bit = 1U << n;

	call->as_copied = false;
	call->shaped &= ~bit;
	call->failed &= ~bit;
	call->answer.args_mask |= bit;
	call->answer.ptr_mask |= bit;
	call->answer.arena_mask |= bit;
	if (string)
		call->answer.str_mask |= bit;
	else
		call->answer.str_mask &= ~bit;
	call->answer.args[n] = slot_place(call, offset);
	call->answer.ptr_len[n] = len;
	if (call->used < offset + len)
		call->used = offset + len;
}

/*
 * An argument that could not be looked at stops the call from being allowed,
 * until it is looked at or set. Only a call that is gone leaves no mark: the
 * next answer will say so itself.
 */
int pinredir_arg_mark(struct pinredir_call *call, unsigned int n, int err)
{
	if (err == PINREDIR_GONE)
		return err;
	call->error[n] = err;
	if (err)
		call->failed |= 1U << n;
	else
		call->failed &= ~(1U << n);
	return err;
}

/*
 * What the rules had copied is pinned from the start, looked at or not; and what
 * could not be copied is an error, looked at or not: a target could choose which.
 */
static void call_take_copies(struct pinredir_call *call)
{
	const struct seccomp_pin_receive *r = call_received(call);
	bool as_copied = call->ctx->short_answers;
	unsigned int i;

#pragma GCC unroll 6
	for (i = 0; i < SECCOMP_PIN_ARGS; i++) {
		const struct seccomp_pin_copy *copy = &r->copies[i];

		if (copy->kind == SECCOMP_PIN_NONE)
			continue;
		if (copy->error)
			pinredir_arg_mark(call, i, copy->error);
		else if (copy->len)
			pinredir_arg_pin(call, i, copy->offset, copy->len,
				   copy->kind == SECCOMP_PIN_STRING);
		else
			as_copied = false;
	}
	call->as_copied = as_copied;
}

/* Not zeroed but for what counts: this is done for every call. */
static struct pinredir_call *call_alloc(struct pinredir *ctx, uint64_t id,
					uint32_t flags)
{
	struct pinredir_call *call;

	call = __atomic_exchange_n(&ctx->spare, NULL, __ATOMIC_ACQUIRE);
	if (!call) {
		call = calloc(1, sizeof(*call));
		if (!call)
			return NULL;
		call->ctx = ctx;
	}
	call->next.receive.id = id;
	call->next.receive.flags = flags;
	return call;
}

static void call_free(struct pinredir_call *call)
{
	struct pinredir *ctx = call->ctx;
	struct pinredir_call *spare;
	unsigned int left;

	for (left = call->answer.args_mask; left; left &= left - 1) {
		call->answer.args[__builtin_ctz(left)] = 0;
		call->answer.ptr_len[__builtin_ctz(left)] = 0;
	}
	call->answer.args_mask = 0;
	call->answer.ptr_mask = 0;
	call->answer.arena_mask = 0;
	call->answer.str_mask = 0;
	call->answer.flags = 0;
	call->answer.cookie = 0;
	call->answer.any_mask = 0;
	call->failed = 0;
	call->refused = 0;
	call->shaped = 0;
	if (!ctx_pins(ctx))
		free(call->slot);
	call->slot = NULL;
	call->large.size = 0;
	call->deadline = 0;
	call->used = 0;
	call->over = 0;
	spare = __atomic_exchange_n(&ctx->spare, call, __ATOMIC_ACQ_REL);
	/* Seldom is there one. */
	if (spare)
		free(spare);
}

static void call_begin(struct pinredir_call *call)
{
	const struct seccomp_pin_receive *r = call_received(call);

	call->answer.id = r->id;
	if (r->slot_size && ctx_pins(call->ctx))
		call->slot = call->ctx->arena + r->slot_offset;
	call_take_copies(call);
}

static int call_receive(struct pinredir *ctx, struct pinredir_call **out,
			uint64_t id, uint32_t flags)
{
	struct pinredir_call *call;
	int err = ctx_check(ctx);

	if (err)
		return err;
	call = call_alloc(ctx, id, flags);
	if (!call)
		return -ENOMEM;
	if (ctx_pins(ctx))
		err = pinredir_ioctl(ctx->device, SECCOMP_PIN_RECEIVE,
				     &call->next.receive);
	else
		err = pinredir_fallback_receive(ctx, call);
	if (err) {
		call_free(call);
		return err;
	}
	call_begin(call);
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

int pinredir_next(struct pinredir_call *call, struct pinredir_call **out,
		  unsigned int flags)
{
	struct pinredir_short answer;
	struct pinredir_call *new;
	int err;

	*out = NULL;
	if (flags & ~PINREDIR_NONBLOCK)
		return -EINVAL;
	err = pinredir_allowable(call);
	if (err)
		return err;
	new = call_alloc(call->ctx, 0, flags & PINREDIR_NONBLOCK ?
			 SECCOMP_PIN_NONBLOCK : 0);
	if (!new)
		return pinredir_allow(call);

	if (pinredir_answer_shorten(call, &answer)) {
		new->next.answers = (uintptr_t)&answer;
		new->next.size = sizeof(answer);
	} else {
		new->next.answers = (uintptr_t)&call->answer;
		new->next.size = sizeof(call->answer);
	}
	new->next.count = 1;
	new->next.answered = 0;
	/* A signal is news for who waits for a call, not for who answers one. */
	do {
		err = pinredir_request(call->ctx, SECCOMP_PIN_NEXT,
				       &new->next);
	} while (err == -EINTR && !new->next.answered);
	if (!err) {
		call->over = -EINPROGRESS;
		call_begin(new);
		*out = new;
		return 0;
	}
	/* Answered, what else there is to say is said to who receives. */
	if (new->next.answered)
		err = 0;
	call_free(new);
	return pinredir_answered(call, err, true);
}

void pinredir_release(struct pinredir_call *call)
{
	if (!call)
		return;
	if (!call->over && ctx_pins(call->ctx)) {
		struct seccomp_pin_release release = { .id = call->answer.id };

		pinredir_request(call->ctx, SECCOMP_PIN_RELEASE, &release);
	} else if (!call->over) {
		/* Nobody can adopt it. */
		pinredir_deny_id(call->ctx, call->answer.id, ENOSYS);
	}
	call_free(call);
}

uint64_t pinredir_id(const struct pinredir_call *call)
{
	return call->answer.id;
}

int pinredir_pid(const struct pinredir_call *call)
{
	return call_received(call)->pid;
}

uint64_t pinredir_thread(const struct pinredir_call *call)
{
	return call_received(call)->thread;
}

int pinredir_nr(const struct pinredir_call *call)
{
	return call_received(call)->data.nr;
}

uint32_t pinredir_arch(const struct pinredir_call *call)
{
	return call_received(call)->data.arch;
}

/* Numbers and addresses of another ABI mean other things. */
bool pinredir_is_native(const struct seccomp_data *data)
{
#ifdef __X32_SYSCALL_BIT
	if (data->nr & __X32_SYSCALL_BIT)
		return false;
#endif
	return data->arch == seccomp_arch_native();
}

uint64_t pinredir_instruction_pointer(const struct pinredir_call *call)
{
	return call_received(call)->data.instruction_pointer;
}

uint64_t pinredir_arg(const struct pinredir_call *call, unsigned int arg)
{
	return arg < SECCOMP_PIN_ARGS ? call_received(call)->data.args[arg] : 0;
}

unsigned char *pinredir_slot_bytes(const struct pinredir_call *call,
				   uint32_t offset)
{
	if (offset < call_received(call)->slot_size)
		return call->slot + offset;
	return call->ctx->arena + slot_place(call, offset);
}

/*
 * What the target sees at an address, as bytes of the slots are counted. @room: how
 * many there are from there on
 */
static inline bool slot_find(const struct pinredir_call *call, uint64_t address,
		      uint32_t *offset, uint32_t *room)
{
	const struct seccomp_pin_receive *r = call_received(call);
	uint64_t at = address - r->slot_address;

	if (call->slot && at < r->slot_size) {
		*offset = at;
		*room = r->slot_size - at;
		return true;
	}
	at = address - call->large.address;
	if (at >= call->large.size)
		return false;
	*offset = r->slot_size + at;
	*room = call->large.size - at;
	return true;
}

void *pinredir_slot_at(const struct pinredir_call *call, uint64_t address,
		       size_t len)
{
	uint32_t offset, room;

	if (!slot_find(call, address, &offset, &room) || len > room)
		return NULL;
	return pinredir_slot_bytes(call, offset);
}

const char *pinredir_slot_string(const struct pinredir_call *call,
				 uint64_t address)
{
	uint32_t offset, room;
	const char *string;

	if (!slot_find(call, address, &offset, &room) || offset >= call->used)
		return NULL;
	if (room > call->used - offset)
		room = call->used - offset;
	string = (const char *)pinredir_slot_bytes(call, offset);
	/* What is in use mostly ends with a NUL: then all that is in it does. */
	if (!string[room - 1])
		return string;
	return memchr(string, '\0', room) ? string : NULL;
}

/* What is free is behind what is taken; or why there is no slot at all. */
static int slot_room(const struct pinredir_call *call, uint32_t *offset,
		     uint32_t *room)
{
	const struct seccomp_pin_receive *r = call_received(call);
	uint32_t end = r->slot_size + call->large.size;

	*offset = SLOT_ALIGN(call->used);
	*room = *offset < end ? end - *offset : 0;
	if (!call->slot)
		return r->slot_error ? r->slot_error : -ENOBUFS;
	return 0;
}

/* Received here, it is somebody else's answer that it is not held by. */
static int slot_error(int err)
{
	return err == -EINPROGRESS || err == -ESRCH ? PINREDIR_GONE : err;
}

/* How many times as long as for one request a target has for all of one call */
#define CALL_TIMEOUTS	10

/*
 * How much time the target has for a request. A vector takes a request for each string,
 * and each string can be in memory that comes just in time: so there is a limit for all of
 * them together, too.
 */
static int time_left(struct pinredir_call *call, uint32_t *left)
{
	uint64_t now = now_ms(), timeout = call->ctx->timeout;

	if (!call->deadline)
		call->deadline = now + CALL_TIMEOUTS * timeout;
	if (now >= call->deadline)
		return -ETIMEDOUT;
	*left = call->deadline - now < timeout ? call->deadline - now : timeout;
	return 0;
}

static int slot_alloc(struct pinredir_call *call, uint32_t size)
{
	struct seccomp_pin_alloc alloc = {
		.id = call->answer.id,
		.size = size,
	};
	int err = time_left(call, &alloc.timeout);

	if (!err)
		err = pinredir_ioctl(call->ctx->device, SECCOMP_PIN_ALLOC, &alloc);
	if (err)
		return slot_error(err);
	call->large.offset = alloc.offset;
	call->large.address = alloc.address;
	call->large.size = alloc.size;
	/* What is left of the first one is not used any more. */
	call->used = call_received(call)->slot_size;
	return 0;
}

/*
 * There is no room for so much, so the call gets its larger slot. It gets only
 * one, and who knows what comes next: as large as can be, or, where there is
 * not that much to be had, as this takes.
 */
static int slot_grow(struct pinredir_call *call, size_t need, uint32_t *offset,
		     uint32_t *room)
{
	uint32_t most = call->ctx->window_size;
	int err;

	if (!most || call->large.size || need > most)
		return -ENOBUFS;
	err = slot_alloc(call, most);
	if (err == -ENOBUFS && need < most)
		err = slot_alloc(call, need);
	return err ? err : slot_room(call, offset, room);
}

/* Copy what there is room for; -ENOBUFS if that is not all. */
static int fetch_to(struct pinredir_call *call, struct seccomp_pin_fetch *fetch,
		    size_t len, uint32_t room)
{
	int err;

	if (!room || (len > room && fetch->kind == SECCOMP_PIN_BYTES))
		return -ENOBUFS;
	err = time_left(call, &fetch->timeout);
	if (err)
		return err;
	fetch->len = len < room ? len : room;
	if (ctx_pins(call->ctx))
		err = pinredir_ioctl(call->ctx->device, SECCOMP_PIN_FETCH,
				     fetch);
	else
		err = pinredir_fallback_fetch(call, fetch);
	return err == -ENAMETOOLONG && len > room ? -ENOBUFS : err;
}

int pinredir_slot_fetch(struct pinredir_call *call, uint64_t address,
			uint32_t kind, size_t len, uint32_t *offset,
			uint32_t *copied)
{
	struct seccomp_pin_fetch fetch = {
		.id = call->answer.id,
		.address = address,
		.kind = kind,
	};
	uint32_t room, most = call->ctx->window_size;
	int err = slot_room(call, &fetch.offset, &room);

	if (err)
		return err;
	err = fetch_to(call, &fetch, len, room);
	if (err == -ENOBUFS) {
		/* A string may be shorter than it is allowed to be. */
		err = slot_grow(call, kind == SECCOMP_PIN_STRING && len > most ?
				most : len, &fetch.offset, &room);
		if (!err)
			err = fetch_to(call, &fetch, len, room);
	}
	if (err)
		return slot_error(err);
	*offset = fetch.offset;
	*copied = fetch.len;
	call->used = fetch.offset + fetch.len;
	return 0;
}

/* Have an argument in the slot, by its rule or now. */
static int arg_pin(struct pinredir_call *call, unsigned int n, uint32_t kind,
		   size_t len)
{
	const struct seccomp_pin_receive *r = call_received(call);
	uint32_t offset, copied;
	int err;

	if (arg_pinned(call, n))
		return 0;
	if (r->copies[n].kind != SECCOMP_PIN_NONE && r->copies[n].error)
		return r->copies[n].error;
	err = pinredir_slot_fetch(call, r->data.args[n], kind, len, &offset, &copied);
	if (!err)
		pinredir_arg_pin(call, n, offset, copied, kind == SECCOMP_PIN_STRING);
	return err;
}

/* As its rule has copied it, or as it was got or set before */
static inline bool arg_got(const struct pinredir_call *call, unsigned int n)
{
	return call->answer.ptr_mask & ~call->failed & 1U << n;
}

int pinredir_get_string(struct pinredir_call *call, unsigned int n,
			const char **string)
{
	int err = arg_check(call, n);

	*string = NULL;
	if (err)
		return err;
	if (arg_got(call, n) && call->answer.str_mask & 1U << n) {
		*string = (const char *)arg_bytes(call, n);
		return 0;
	}
	if (arg_valued(call, n))
		return -EINVAL;
	if (!arg_pinned(call, n) && !call_received(call)->data.args[n])
		return 0;
	err = arg_pin(call, n, SECCOMP_PIN_STRING, PATH_MAX);
	if (!err && !(call->answer.str_mask & 1U << n))
		err = -EINVAL;
	if (!err)
		*string = (const char *)arg_bytes(call, n);
	return pinredir_arg_mark(call, n, err);
}

/* The rule copied, and the call itself says that there is nothing. */
static bool arg_is_empty(const struct pinredir_call *call, unsigned int n)
{
	const struct seccomp_pin_copy *copy = &call_received(call)->copies[n];

	return !(call->answer.args_mask & 1U << n) &&
	       copy->kind != SECCOMP_PIN_NONE && !copy->error && !copy->len;
}

int pinredir_get_bytes(struct pinredir_call *call, unsigned int n,
		       const void **bytes, size_t *len)
{
	const struct seccomp_pin_receive *r = call_received(call);
	size_t want = *len;
	int err = arg_check(call, n);

	*bytes = NULL;
	*len = 0;
	if (err)
		return err;
	if (arg_got(call, n) && want <= call->answer.ptr_len[n]) {
		*bytes = arg_bytes(call, n);
		*len = call->answer.ptr_len[n];
		return 0;
	}
	if (arg_valued(call, n))
		return -EINVAL;
	if (!arg_pinned(call, n) && !r->data.args[n])
		return 0;
	if (arg_is_empty(call, n))
		return pinredir_arg_mark(call, n, want ? -E2BIG : 0);
	if (!want && !arg_pinned(call, n) &&
	    r->copies[n].kind == SECCOMP_PIN_NONE)
		err = -EINVAL;
	else
		err = arg_pin(call, n, SECCOMP_PIN_BYTES, want);
	if (!err && want > call->answer.ptr_len[n])
		err = -E2BIG;
	if (!err) {
		*bytes = arg_bytes(call, n);
		*len = call->answer.ptr_len[n];
	}
	return pinredir_arg_mark(call, n, err);
}

int pinredir_fetch(struct pinredir_call *call, uint64_t address,
		   unsigned int kind, const void **bytes, size_t *len)
{
	uint32_t offset, copied;
	int err = arg_check(call, 0);

	*bytes = NULL;
	if (err)
		return err;
	if ((kind != PINREDIR_STRING && kind != PINREDIR_BYTES) || !*len)
		return -EINVAL;
	err = pinredir_slot_fetch(call, address, kind, *len, &offset, &copied);
	if (err)
		return err;
	*bytes = pinredir_slot_bytes(call, offset);
	*len = copied;
	return 0;
}

uint64_t pinredir_address(const struct pinredir_call *call, const void *bytes)
{
	const struct seccomp_pin_receive *r = call_received(call);
	uint64_t at = (uintptr_t)bytes - (uintptr_t)call->slot;

	if (call->slot && at < r->slot_size)
		return r->slot_address + at;
	at = (uintptr_t)bytes - (uintptr_t)call->ctx->arena -
	     call->large.offset;
	return at < call->large.size ? call->large.address + at : 0;
}

int pinredir_slot_take(struct pinredir_call *call, size_t len,
		       uint32_t *offset)
{
	uint32_t room;
	int err = slot_room(call, offset, &room);

	if (!err && len > room)
		err = slot_grow(call, len, offset, &room);
	if (!err)
		call->used = *offset + len;
	return err;
}

static int arg_set(struct pinredir_call *call, unsigned int n,
		   const void *bytes, size_t len, bool string)
{
	uint32_t offset;
	int err = arg_check(call, n);

	if (err)
		return err;
	if (!len)
		return -EINVAL;
	err = pinredir_slot_take(call, len, &offset);
	if (err)
		return pinredir_arg_mark(call, n, err);
	memcpy(pinredir_slot_bytes(call, offset), bytes, len);
	pinredir_arg_pin(call, n, offset, len, string);
	return 0;
}

int pinredir_set_bytes(struct pinredir_call *call, unsigned int n,
		       const void *bytes, size_t len)
{
	return arg_set(call, n, bytes, len, false);
}

int pinredir_set_string(struct pinredir_call *call, unsigned int n,
			const char *string)
{
	return arg_set(call, n, string, strlen(string) + 1, true);
}

int pinredir_set_value(struct pinredir_call *call, unsigned int n,
		       uint64_t value)
{
	int err = arg_check(call, n);

	if (err)
		return err;
	pinredir_arg_pass(call, n);
	call->answer.args_mask |= 1U << n;
	call->answer.args[n] = value;
	return 0;
}

int pinredir_want_completion(struct pinredir_call *call)
{
	int err = call_check(call);

	if (err)
		return err;
	if (!ctx_pins(call->ctx))
		return -EOPNOTSUPP;
	if (!call->ctx->completes)
		return -EINVAL;
	call->answer.flags |= SECCOMP_PIN_COMPLETION;
	return 0;
}
