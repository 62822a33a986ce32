/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls: the record of one call, from its trap until it is over and released. */
#ifndef _SECCOMP_PIN_CALL_H
#define _SECCOMP_PIN_CALL_H

#include <linux/mutex.h>
#include <linux/seccomp.h>

#include <seccomp_pin.h>

#include "context.h"

/* Room for copies in every call, and what the mm's next call gets as well */
#define PIN_INLINE_BYTES	256
#define PIN_SPARE_BYTES		4096

/* A bit for each argument */
#define PIN_ALL_ARGS	GENMASK(SECCOMP_PIN_ARGS - 1, 0)

/* How often a call can be received and adopted; nobody has a use for more. */
#define PIN_HELD_MAX	65535

/**
 * struct pin_copy - an argument's bytes, as copied at the trap
 * @kind: SECCOMP_PIN_NONE if there is no rule or the pointer is NULL
 * @error: 0 or an errno (negative)
 * @offset: in pin_call.buf, and from the start of the slot
 * @len: bytes
 */
struct pin_copy {
	u32 kind;
	int error;
	u32 offset;
	u32 len;
};

/**
 * enum pin_state - how far a call has come
 * @PIN_QUEUED: to be received
 * @PIN_SENT: received, and to be answered
 * @PIN_SENDING: its task is at work on an answer (ADDFD with SEND)
 * @PIN_ANSWERED: answered
 * @PIN_CLOSED: the listener was closed instead
 * @PIN_GONE: its task did not wait any longer
 */
enum pin_state {
	PIN_QUEUED,
	PIN_SENT,
	PIN_SENDING,
	PIN_ANSWERED,
	PIN_CLOSED,
	PIN_GONE,
};

/**
 * struct pin_call - a call
 *
 * The listener's lock protects what others than the task change or look at, from
 * when the call is in pin_listener.calls on.
 *
 * @redirect: the core's part, for a call that is redirected
 * @listener: who is asked; it outlives the call, by the attendance and by @ctx
 * @ctx: what it has a slot of, or NULL
 * @pmm: what @ctx has in the task's mm, or NULL if there was no memory
 * @next: in pin_mm.spare, when it is over
 * @slot: its slot
 * @slot_error: why there is none
 * @state: see there; others than the task change it, with a release
 * @refs: one of the task until the call is over, one while @held, and those of
 *	requests under way
 * @held: how often received by @ctx and not released
 * @ready: the task is done with what @ctx wants of it: copies, a slot
 * @here: the task is in ->notify() of this call. Not yet, if the call was handed
 *	over to the module with what had waited before the attendance
 * @look: there is more than an answer for the task to look at
 * @moving: bytes are being put into the slot, under @lock
 * @moved: the copies are in the slot
 * @redirected: the answer was a redirect
 * @cont: the answer was to go on with the call as it is
 * @completion: a place in the queue is reserved
 * @failed: there is a slot, and something could not be copied to it
 * @native: it is one that can be redirected
 * @mask: which arguments are substituted
 * @copied: for which arguments there is something in @copies, a bit for each
 * @pending: in pin_listener.pending
 * @node: in pin_listener.calls
 * @works: what the task is asked to do, struct pin_work; the first may be under way
 * @id: of the notification, or 0 for a call that nobody is asked about
 * @thread: cookie of the thread
 * @task: the thread; not to be dereferenced but while it waits
 * @error: with what it fails
 * @val: what it returns without having been made
 * @args: the values of the arguments in @mask
 * @own: the task's own in their place, once the redirect is applied
 * @self_exec_id: the task's, when the redirect was applied
 * @data: the call
 * @lock: held while bytes are put into the slot before the answer
 * @trust: what pin_mm_trust() said when the call was made, or has come to since
 * @cred: the task's, if that is 0; holds a reference
 * @cookie: of the verdict by which it was answered, or 0
 * @run: the larger slot, if one was asked for
 * @epoch: of the verdicts, when it was made
 * @rules: which rules @copies follow
 * @copies: by argument
 * @buf: what was copied, @inl or allocated: PIN_SPARE_BYTES at least
 * @buf_len: bytes used of it; whole words, once the arguments have been copied
 * @buf_size: bytes there are
 * @inl: room for the most common case
 */
struct pin_call {
	struct seccomp_redirect redirect;
	struct pin_listener *listener;
	struct pin_ctx *ctx;
	struct pin_mm *pmm;
	struct pin_call *next;
	struct pin_slot slot;
	int slot_error;
	u32 state;
	u32 refs;
	u32 held;
	bool ready;
	bool here;
	bool look;
	union {
		struct {
			bool moving;
			bool moved;
			bool redirected;
			bool cont;
			bool completion;
			bool failed;
			u8 mask;
			u8 copied;
		};
		u64 fresh;	/* 0: none of these */
	};
	bool native;
	struct list_head pending;
	struct hlist_node node;
	struct list_head works;
	u64 id;
	u64 thread;
	struct task_struct *task;
	int error;
	s64 val;
	unsigned long args[SECCOMP_PIN_ARGS];
	unsigned long own[SECCOMP_PIN_ARGS];
	u64 self_exec_id;
	struct seccomp_data data;
	struct mutex lock;		/* see above */
	u64 trust;
	const struct cred *cred;
	u64 cookie;
	struct pin_run run;
	u64 epoch;
	u64 rules;
	struct pin_copy copies[SECCOMP_PIN_ARGS];
	u8 *buf;
	u32 buf_len;
	u32 buf_size;
	u8 inl[PIN_INLINE_BYTES] __aligned(8);
};

static inline struct pin_call *pin_call_of(struct seccomp_redirect *redirect)
{
	return container_of(redirect, struct pin_call, redirect);
}

static inline struct pin_space *pin_call_space(const struct pin_call *call)
{
	return &call->ctx->space;
}

/* What an argument is, or of one that was copied how many bytes were */
static inline u64 pin_call_value(const struct pin_call *call, unsigned int i)
{
	return call->copied & BIT(i) && call->slot.window ?
	       call->copies[i].len : call->data.args[i];
}

/* Whether its task waits, and is to be answered */
static inline bool pin_call_waits(const struct pin_call *call)
{
	return call->state < PIN_ANSWERED;
}

struct pin_call *pin_call_get(struct pin_listener *listener,
			      const struct seccomp_data *sd, bool native);
struct pin_call *pin_call_handed_over(struct pin_listener *listener,
				      struct task_struct *task,
				      const struct seccomp_data *sd);
void pin_call_join(struct pin_call *call);
void pin_call_leave(struct pin_call *call) __releases(&call->listener->lock);
void pin_calls_free(struct pin_mm *pmm);
void pin_call_put(struct pin_call *call);
void pin_call_put_locked(struct pin_call *call)
	__releases(&call->listener->lock);

void pin_call_hash(struct pin_call *call, u64 id);
struct pin_call *pin_call_lookup(struct pin_listener *listener, u64 id);
struct pin_call *pin_call_find(struct pin_ctx *ctx, u64 id);
int pin_call_sent(const struct pin_call *call);
int pin_call_access(const struct pin_call *call);
int pin_call_check(struct pin_call *call);
bool pin_call_release(struct pin_listener *listener, u64 id, u32 times);

bool pin_move_begin(struct pin_call *call);
void pin_move_end(struct pin_call *call);
int pin_call_move(struct pin_call *call);

#endif /* _SECCOMP_PIN_CALL_H */
