/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the library share. */
#ifndef PINREDIR_PRIVATE_H
#define PINREDIR_PRIVATE_H

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <time.h>

#include <pinredir.h>

/**
 * struct pinredir - a context
 * @own: 1 in the process that opened the context, 0 in each child that was forked from
 *	it: memory that fork() zeroes for the child (MADV_WIPEONFORK). A process number
 *	would not tell a grandchild that has the same one again
 * @device: the open device, or -1 for a context that does without
 * @listener: our duplicate
 * @arena: the supervisor's mapping of it, the only one that can be written
 * @arena_size: bytes
 * @slot_size: bytes
 * @window_size: bytes that a larger slot can have; 0: there are none
 * @short_answers: the device takes them
 * @completes: it was opened with room for completions
 * @timeout: milliseconds for a fetch, or for a larger slot
 *
 * @receiving: without the device: one thread at a time receives
 * @notif, @notif_size: without the device: what it receives into, which is as
 *	large as the kernel's
 * @spare: a call that was released, for the next one, or NULL; exchanged
 *
 * All else is constant once it is open, so that threads need no lock.
 */
struct pinredir {
	const uint32_t *own;
	int device;
	int listener;
	unsigned char *arena;
	uint64_t arena_size;
	uint32_t slot_size;
	uint32_t window_size;
	bool short_answers;
	bool completes;
	uint32_t timeout;
	pthread_mutex_t receiving;
	struct seccomp_notif *notif;
	size_t notif_size;
	struct pinredir_call *spare;
};

/* There is the device. */
static inline bool ctx_pins(const struct pinredir *ctx)
{
	return ctx->device >= 0;
}

/*
 * A forked child has no arena, and its requests would be about the calls of the process
 * that it was forked from.
 */
static inline int ctx_check(const struct pinredir *ctx)
{
	return *ctx->own ? 0 : -ECHILD;
}

#define PINREDIR_MAX_ERRNO	4095

struct pinredir_watch_list;

/**
 * struct pinredir_watch - a call that a loop serves
 * @prev, @next: in the list of those that a time limit, or the end of the loop,
 *	is watched for
 * @list: the list that it is in, or NULL
 * @deadline: milliseconds of CLOCK_MONOTONIC
 * @users: who will look at the call again: who decides, who denies it for lack
 *	of time
 * @handled: its handler has not returned
 * @done: pinredir_loop_done() was called
 *
 * All under the loop's lock.
 */
struct pinredir_watch {
	struct pinredir_call *prev;
	struct pinredir_call *next;
	struct pinredir_watch_list *list;
	uint64_t deadline;
	unsigned int users;
	bool handled;
	bool done;
};

/**
 * struct pinredir_call - a call
 * @ctx: the context
 * @next: the request that it was received with, if that has answered another
 * @slot: what the supervisor sees of the slot, or NULL. Without the device, it is
 *	ordinary memory
 * @large: the larger slot: where it is in the arena and in the target, and how many
 *	bytes it has, 0 if there is none
 * @deadline: until when the target may be kept at work on this call, as now_ms(); 0
 *	before anything was asked of it
 * @used: bytes that are taken. The larger slot's are counted on from the end of the
 *	first one, as the device does it
 * @as_copied: allowing it would be to pin what the rules had copied, as it is,
 *	and nothing else
 * @over: 0, or what another answer is told: -EINPROGRESS, or PINREDIR_GONE if this
 *	supervisor's answer was too late. There is nothing to release then
 * @failed: arguments that could not be got or set, a bit for each
 * @error: why, negative
 * @refused: why pinredir_pin_all() has failed, negative, or 0
 * @shaped: arguments whose second level is in the slot as well: the strings of a
 *	vector, the pieces of an array of struct iovec, and so on
 * @array: of those: where the target sees the vector, or the array
 * @count: how many entries that has. What is behind the NULL of a vector are bytes
 *	that the target has chosen
 * @watch: if a loop serves it
 * @answer: what allowing the call would be; its masks say what is to become of
 *	each argument: passed, another value, or pinned in the slot
 */
struct pinredir_call {
	struct pinredir *ctx;
	struct seccomp_pin_next next;
	unsigned char *slot;
	struct {
		uint64_t offset;
		uint64_t address;
		uint32_t size;
	} large;
	uint64_t deadline;
	uint32_t used;
	bool as_copied;
	int over;
	uint8_t failed;
	int error[SECCOMP_PIN_ARGS];
	int refused;
	uint8_t shaped;
	uint64_t array[SECCOMP_PIN_ARGS];
	uint32_t count[SECCOMP_PIN_ARGS];
	struct pinredir_watch watch;
	struct seccomp_pin_redirect answer;
};

/* After the answer, the slot can be another call's already. */
static inline int call_check(const struct pinredir_call *call)
{
	int err = ctx_check(call->ctx);

	return err ? err : call->over;
}

static inline const struct seccomp_pin_receive *
call_received(const struct pinredir_call *call)
{
	return &call->next.receive;
}

/*
 * An ioctl that returns -errno, or PINREDIR_GONE: that the device or the listener has no
 * such call is ENOENT, which other functions of the library return for a missing file.
 * Only a receiver that waits for calls is told of a signal; all other ioctls are made
 * again.
 */
static inline int pinredir_ioctl(int fd, unsigned long request, void *arg)
{
	int ret;

	do {
		ret = ioctl(fd, request, arg);
	} while (ret < 0 && errno == EINTR &&
		 request != SECCOMP_PIN_RECEIVE && request != SECCOMP_PIN_NEXT);
	if (ret >= 0)
		return ret;
	return errno == ENOENT ? PINREDIR_GONE : -errno;
}

/* Milliseconds, of CLOCK_MONOTONIC */
static inline uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

/* What there is of an answer by which a call runs on what the rules had copied */
struct pinredir_short {
	uint64_t id;
	uint32_t flags;
	uint32_t masks;
};

/* No other library can take the place of these: they are called directly. */
#pragma GCC visibility push(hidden)

/* call.c */
bool pinredir_is_native(const struct seccomp_data *data);

/* answer.c */
bool pinredir_answer_shorten(const struct pinredir_call *call,
			     struct pinredir_short *answer);
int pinredir_allowable(const struct pinredir_call *call);
int pinredir_answered(struct pinredir_call *call, int err, bool let_go);
int pinredir_deny_id(struct pinredir *ctx, uint64_t id, int error);

int pinredir_still_waits(const struct pinredir_call *call);

/* fallback.c */
int pinredir_fallback_open(struct pinredir *ctx);
int pinredir_fallback_receive(struct pinredir *ctx, struct pinredir_call *call);
int pinredir_fallback_fetch(struct pinredir_call *call,
			    struct seccomp_pin_fetch *fetch);

/* A request of the device, if there is one */
static inline int pinredir_request(const struct pinredir *ctx,
				   unsigned long request, void *arg)
{
	int err = ctx_check(ctx);

	if (err)
		return err;
	return ctx_pins(ctx) ? pinredir_ioctl(ctx->device, request, arg) :
			       -EOPNOTSUPP;
}

/* The bytes of a structure up to a member: what its first version had */
#define SIZE_TO(type, member)	(offsetof(type, member) + \
				 sizeof(((type *)0)->member))

/*
 * sized.c: take a structure of @size bytes, @least of which its first version had, as one
 * that @known bytes are known of: 0, -EINVAL (too small), or -E2BIG (what is not known is
 * not 0). The other way round: what is not known is 0, and what does not fit is left out.
 */
int pinredir_sized_in(void *to, size_t known, const void *from, size_t size,
		      size_t least);
void pinredir_sized_out(void *to, size_t size, const void *from, size_t known);

/* arena.c */
int pinredir_arena_make(struct pinredir *ctx, uint64_t size);
void pinredir_arena_unmap(struct pinredir *ctx);

static inline bool arg_pinned(const struct pinredir_call *call, unsigned int n)
{
	return call->answer.ptr_mask & 1U << n;
}

/* The register is to have another value. */
static inline bool arg_valued(const struct pinredir_call *call, unsigned int n)
{
	return call->answer.args_mask & ~call->answer.ptr_mask & 1U << n;
}

/* What is in the register, or what is to be there: no pointer into the slot */
static inline uint64_t arg_value(const struct pinredir_call *call,
				 unsigned int n)
{
	return arg_valued(call, n) ? call->answer.args[n] :
				     call_received(call)->data.args[n];
}

static inline unsigned char *arg_bytes(const struct pinredir_call *call,
				       unsigned int n)
{
	const struct seccomp_pin_receive *r = call_received(call);
	uint64_t at = call->answer.args[n] - r->slot_offset;

	if (at < r->slot_size)
		return call->slot + at;
	return call->ctx->arena + call->answer.args[n];
}

static inline int arg_check(const struct pinredir_call *call, unsigned int n)
{
	int err = call_check(call);

	return !err && n >= SECCOMP_PIN_ARGS ? -EINVAL : err;
}

/* An argument that has another one behind it; @n can be all that an int can be. */
static inline int arg_check_two(const struct pinredir_call *call, unsigned int n)
{
	int err = arg_check(call, n);

	return !err && n >= SECCOMP_PIN_ARGS - 1 ? -EINVAL : err;
}

/* call.c: what becomes of an argument */
void pinredir_arg_pass(struct pinredir_call *call, unsigned int n);
void pinredir_arg_pin(struct pinredir_call *call, unsigned int n,
		      uint32_t offset, uint32_t len, bool string);
int pinredir_arg_mark(struct pinredir_call *call, unsigned int n, int err);

/* call.c: the slot. Copy from the target to the end of it: where, and how much */
int pinredir_slot_fetch(struct pinredir_call *call, uint64_t address,
			uint32_t kind, size_t len, uint32_t *offset,
			uint32_t *copied);
/* Have bytes of it for oneself, with nothing in particular in them */
int pinredir_slot_take(struct pinredir_call *call, size_t len,
		       uint32_t *offset);
unsigned char *pinredir_slot_bytes(const struct pinredir_call *call,
				   uint32_t offset);
/* What the target sees at an address, or NULL if not all of it is in the slot */
void *pinredir_slot_at(const struct pinredir_call *call, uint64_t address,
		       size_t len);
/* The same for a string, which ends before what is not in use */
const char *pinredir_slot_string(const struct pinredir_call *call,
				 uint64_t address);
/* What was copied last, from there on, is not wanted */
static inline void pinredir_slot_drop(struct pinredir_call *call,
				      uint32_t offset)
{
	call->used = offset;
	/* Nothing goes on from the first slot to the larger one. */
	if (call->large.size && offset < call_received(call)->slot_size)
		call->used = call_received(call)->slot_size;
}

/* pin.c: copy so many bytes; where the supervisor sees them, and the target */
int pinredir_copy(struct pinredir_call *call, uint64_t address, size_t len,
		  void **bytes, uint64_t *copy);
/* pin.c: have so many bytes of an argument in the slot */
int pinredir_pin_bytes(struct pinredir_call *call, unsigned int n, size_t len);

/* vector.c, shapes.c: an argument, with all that it points to */
int pinredir_pin_vector(struct pinredir_call *call, unsigned int n);
int pinredir_pin_sockaddr(struct pinredir_call *call, unsigned int n,
			  uint64_t len);
int pinredir_pin_iovec(struct pinredir_call *call, unsigned int n,
		       uint64_t count);
int pinredir_pin_message(struct pinredir_call *call, unsigned int n);

/* syscalls.c: the row behind one, or the first one; NULL behind the last */
const struct pinredir_syscall *
pinredir_syscall_after(const struct pinredir_syscall *row);
const struct pinredir_argument *
pinredir_arguments(const struct pinredir_syscall *row, const uint64_t *args);

#pragma GCC visibility pop

#endif /* PINREDIR_PRIVATE_H */
