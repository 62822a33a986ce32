/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls: the record of one call, from its trap until it is over and released. */
#ifndef _SECCOMP_PIN_CALL_H
#define _SECCOMP_PIN_CALL_H

#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/hash.h>
#include <linux/mutex.h>
#include <linux/ptrace.h>
#include <linux/seccomp.h>

#include <seccomp_pin.h>

#include "context.h"

/* Room for copies in each record, and the most that a spare record keeps */
#define PIN_INLINE_BYTES	256
#define PIN_SPARE_BYTES		4096

/* A bit for each argument */
#define PIN_ALL_ARGS	GENMASK(SECCOMP_PIN_ARGS - 1, 0)

/* How often a call can be received and adopted; nobody has a use for more. */
#define PIN_HELD_MAX	65535

/* How far a call has come */
enum pin_state {
	PIN_QUEUED,	/* to be received */
	PIN_SENT,	/* received, and to be answered */
	PIN_SENDING,	/* its task is at work on an answer (ADDFD with SEND) */
	PIN_ANSWERED,	/* answered */
	PIN_CLOSED,	/* the listener was closed instead */
	PIN_GONE,	/* its task did not wait any longer */
};

/**
 * struct pin_call - a call
 *
 * The listener's lock protects what others than the task change or look at, from
 * when the call is in pin_listener.calls on.
 *
 * @redirect: the core's part, for a call that is redirected
 * @listener: the one that is asked; it outlives the call, by the filter and by @ctx
 * @ctx: the context that the call has a slot of, or NULL
 * @pmm: what @ctx has in the task's mm, or NULL if there was no memory
 * @next: in pin_mm.spare, when the call is over
 * @slot: its slot; a spare record keeps one
 * @state: enum pin_state. Others than the task store with a release what ends the wait,
 *	and do not look at the call any more after that without a reference
 * @refs: one of the task until the call is over, one while @held, and those of
 *	requests under way. A call in pin_listener.calls always has a reference
 * @held: how often @ctx has received the call and not released it
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
 * @mask: which arguments are substituted
 * @copied: for which arguments there is something in told.copies, a bit for each
 * @native: the call is one that can be redirected
 * @lost: its slots are nobody's before the mm is dead
 * @pending: in pin_listener.pending
 * @node: in pin_listener.calls
 * @works: what the task is asked to do, struct pin_work; one may be under way
 * @task: the thread; not to be dereferenced but while it waits
 * @error: with what the call fails
 * @val: what it returns without having been made
 * @args: the values of the arguments in @mask
 * @own: the task's own in their place, once the redirect is applied
 * @self_exec_id: the task's, when the redirect was applied
 * @lock: held while bytes go into the slot, and from the checks of an answer until it
 *	is given
 * @trust: what pin_mm_trust() said when the call was made, or has come to since
 * @cred: the task's credentials, if @trust is 0; holds a reference
 * @cookie: of the verdict by which the call was answered, or 0
 * @run: the larger slot, if one was asked for
 * @epoch: pin_verdicts.epoch, when the call was made or was settled
 * @rules: which rules the copies follow
 * @buf: where the copies are: in @room, or in the slot at once
 * @buf_len: bytes used of @buf; whole words, once the arguments have been copied
 * @buf_size: bytes that @buf has
 * @room_size: bytes that @room has
 * @room: @inl, or allocated memory of PIN_SPARE_BYTES at least
 * @told: what a receiver is told of the call, but for its flags and the pid; the id
 *	is 0 for a call that nobody is asked about
 * @inl: room for the most common case
 */
struct pin_call {
	struct seccomp_redirect redirect;
	struct pin_listener *listener;
	struct pin_ctx *ctx;
	struct pin_mm *pmm;
	struct pin_call *next;
	struct pin_slot slot;
	u32 state;
	refcount_t refs;
	u32 held;
	u32 buf_len;
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
	u64 cookie;
	u64 rules;
	bool look;
	bool ready;
	bool here;
	bool native;
	bool lost;
	u32 buf_size;
	u32 room_size;
	u8 *buf;
	u8 *room;
	struct list_head pending;
	struct hlist_node node;
	struct list_head works;
	struct task_struct *task;
	int error;
	s64 val;
	unsigned long args[SECCOMP_PIN_ARGS];
	unsigned long own[SECCOMP_PIN_ARGS];
	u64 self_exec_id;
	struct mutex lock;		/* see above */
	u64 trust;
	const struct cred *cred;
	struct pin_slot run;
	u64 epoch;
	struct seccomp_pin_receive told;
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

/* The value of an argument; of one that was copied, how many bytes were copied */
static inline u64 pin_call_value(const struct pin_call *call, unsigned int i)
{
	return call->copied & BIT(i) && call->slot.window ?
	       call->told.copies[i].len : call->told.data.args[i];
}

/* Whether its task waits, and is to be answered */
static inline bool pin_call_waits(const struct pin_call *call)
{
	return call->state < PIN_ANSWERED;
}

struct pin_call *pin_call_get(struct pin_listener *listener,
			      const struct seccomp_data *sd, bool native);
void pin_call_handed_over(struct seccomp_attendant *attendant, u64 id,
			  struct task_struct *task, const struct seccomp_data *sd);
void pin_call_join(struct pin_call *call);
void pin_call_leave(struct pin_call *call) __releases(&call->listener->lock);
void pin_calls_free(struct pin_mm *pmm);
void pin_calls_give_slots(struct pin_space *space, struct pin_mm *pmm);
void pin_call_over(struct pin_call *call);

struct pin_call *pin_call_find(struct pin_ctx *ctx, u64 id);
int pin_call_sent(const struct pin_call *call);
bool pin_call_release(struct pin_listener *listener, u64 id);

bool pin_move_begin(struct pin_call *call);
void pin_move_end(struct pin_call *call);
int pin_call_move(struct pin_call *call);
int pin_call_place(struct pin_call *call);

/* Drop a reference to a call; without the listener's lock. */
static __always_inline void pin_call_put(struct pin_call *call)
{
	if (refcount_dec_and_test(&call->refs))
		pin_call_over(call);
}

static __always_inline struct hlist_head *
pin_call_bucket(struct pin_listener *listener, u64 id)
{
	return &listener->calls[hash_64(id, PIN_CALL_BITS)];
}

/* Let a call be found by its id, from now on; lock held. */
static __always_inline void pin_call_hash(struct pin_call *call, u64 id)
{
	lockdep_assert_held(&call->listener->lock);
	call->told.id = id;
	hlist_add_head(&call->node, pin_call_bucket(call->listener, id));
}

/* The call of a notification, which may be over if it is held, or NULL; lock held */
static __always_inline struct pin_call *
pin_call_lookup(struct pin_listener *listener, u64 id)
{
	struct pin_call *call;

	lockdep_assert_held(&listener->lock);
	hlist_for_each_entry(call, pin_call_bucket(listener, id), node)
		if (likely(call->told.id == id))
			return call;
	return NULL;
}

/*
 * The context has the call @times times less. Returns whether that was all, and the
 * reference is the caller's to put; lock held. Nobody finds a call that is over and not
 * held.
 */
static __always_inline bool pin_call_unhold(struct pin_call *call, u32 times)
{
	bool held = call->held;

	lockdep_assert_held(&call->listener->lock);
	call->held -= min(call->held, times);
	if (!held || call->held)
		return false;
	if (!pin_call_waits(call))
		hlist_del_init(&call->node);
	return true;
}

/*
 * Whether the caller has ptrace access to the task of a call that waits: 0 or -EACCES;
 * lock held. The task can neither exec nor change its credentials before the lock is
 * dropped. NOAUDIT: Yama would have the supervisor read the target's command line, and
 * wait for the target's memory, to report a refusal.
 */
static __always_inline int pin_call_access(const struct pin_call *call)
{
	lockdep_assert_held(&call->listener->lock);
	return ptrace_may_access(call->task, PTRACE_MODE_ATTACH_REALCREDS |
					     PTRACE_MODE_NOAUDIT) ? 0 : -EACCES;
}

/* For the result of pin_call_find() */
DEFINE_FREE(pin_call, struct pin_call *, if (!IS_ERR(_T)) pin_call_put(_T))

#endif /* _SECCOMP_PIN_CALL_H */
