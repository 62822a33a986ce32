/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of the module share. */
#ifndef _SECCOMP_PIN_PIN_H
#define _SECCOMP_PIN_PIN_H

#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/sched/coredump.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include <seccomp_pin.h>

#include "compat.h"

#define PIN_HASH_BITS	10

/* A bit for each argument */
#define PIN_ALL_ARGS	GENMASK(SECCOMP_PIN_ARGS - 1, 0)

struct pin_rules;
struct pin_verdict;
struct pin_verdicts;

/**
 * struct pin_family - a process with windows, and all its descendants
 * @node: in pin_ctx.families
 * @parent: one level up, or NULL
 * @pid: the process. Held, so that its address means this one and no later one
 * @refs: mms whose family it is, and families one level down
 * @level: how far from the top, from 1
 * @units: units of the arena, here and in all families below
 */
struct pin_family {
	struct hlist_node node;
	struct pin_family *parent;
	struct pid *pid;
	u32 refs;
	u32 level;
	u32 units;
};

/**
 * struct pin_ctx - one open of the device
 * @ref: one for the open file, one for the attendant once there is one
 * @attach_lock: serializes attach
 * @attendant: set once, by attach; looked at after pin_ctx_attached()
 * @arena: the memfd behind the windows
 * @slot_size: bytes
 * @window_size: bytes; the unit in which the arena is handed out
 * @units_per_mm: how many units one mm can have
 * @nr_units: units in the arena
 * @rules: what targets copy; RCU
 * @key: hashes threads into cookies
 * @verdicts: those that are remembered, or NULL if none are to be
 * @lock: protects what follows, and the windows and slots of all mms. Taken in
 *	process context only, and nothing sleeps under it
 * @units: bitmap of the arena's units in use
 * @first_unit: none below is free
 * @owner: the process that opened the device
 * @root_start: when the process at the top of the families was started
 * @strangers: the family of those that have no other
 * @families: the families, by pid
 * @mms: the mms that have a struct pin_mm, by address
 * @all_mms: the same, in the order in which pin_mms_sweep() looks at them
 * @held: calls that a supervisor has received and not let go of, by id
 * @nr_mms: length of @all_mms
 * @nr_windows: units in use
 * @nr_slots: slots in use
 * @nr_calls: calls
 * @queue: ring of completions
 * @queue_read: serializes readers
 * @queue_size: places in @queue
 * @queue_head: next to be read
 * @queue_len: to be read
 * @queue_reserved: promised to calls that run
 * @queue_wait: readers
 */
struct pin_ctx {
	struct kref ref;
	struct mutex attach_lock;	/* see above */
	struct seccomp_attendant *attendant;
	struct file *arena;
	u32 slot_size;
	u32 window_size;
	u32 units_per_mm;
	u32 nr_units;
	struct pin_rules __rcu *rules;
	siphash_key_t key;
	struct pin_verdicts *verdicts;

	spinlock_t lock;		/* see above */
	unsigned long *units;
	u32 first_unit;
	struct pid *owner;
	u64 root_start;
	struct pin_family strangers;
	struct hlist_head families[1 << PIN_HASH_BITS];
	struct hlist_head mms[1 << PIN_HASH_BITS];
	struct list_head all_mms;
	struct hlist_head held[1 << PIN_HASH_BITS];
	u32 nr_mms;
	u32 nr_windows;
	u32 nr_slots;
	u32 nr_calls;

	struct seccomp_pin_completion *queue;
	struct mutex queue_read;	/* see above */
	u32 queue_size;
	u32 queue_head;
	u32 queue_len;
	u32 queue_reserved;
	wait_queue_head_t queue_wait;
};

/**
 * struct pin_mm - what one context has in one mm
 * @mm: the mm. The struct is held (mmgrab()), so that its address means this mm
 *	and no later one; the address space is not
 * @node: in pin_ctx.mms
 * @all: in pin_ctx.all_mms
 * @family: the family of the process that trapped here first
 * @grow: held by the mm's own tasks while they map one more window
 * @users: calls and installations that refer to this
 * @units: units of the arena in windows here, or about to be
 * @windows: struct pin_window; grows until the mm is dead
 * @free: those of them that have a slot to give
 * @spare: calls that are over, to be used again
 * @nr_spare: how many
 * @cred: of a task here that somebody had ptrace access to; holds a reference
 * @trust: counts those that were in @cred, from 1
 * @verdicts: those that are remembered for this mm alone
 */
struct pin_mm {
	struct mm_struct *mm;
	struct hlist_node node;
	struct list_head all;
	struct pin_family *family;
	struct mutex grow;		/* see above */
	u32 users;
	u32 units;
	struct list_head windows;
	struct list_head free;
	struct pin_call *spare;
	u32 nr_spare;
	const struct cred *cred;
	u64 trust;
	struct hlist_head verdicts;
};

/**
 * struct pin_window - a part of the arena that one mm can see
 * @node: in pin_mm.windows
 * @free: in pin_mm.free, if there is a slot to give
 * @address: of its mapping, the pin
 * @offset: in the arena
 * @length: bytes
 * @nr_slots: how many slots it has; none if it was installed on request
 * @used: the slots in use, a bit for each
 * @pages: the first page of each slot, once it has been looked at; references
 */
struct pin_window {
	struct list_head node;
	struct list_head free;
	unsigned long address;
	u64 offset;
	u64 length;
	u32 nr_slots;
	u64 used;
	struct page *pages[];
};

/**
 * struct pin_run - adjoining slots, which are a call's larger slot
 * @window: where they are, or NULL: there is none
 * @first: the lowest of them
 * @nr: how many
 */
struct pin_run {
	struct pin_window *window;
	u32 first;
	u32 nr;
};

/**
 * struct pin_copy - an argument's bytes, as copied at the trap
 * @kind: SECCOMP_PIN_NONE if there is no rule or the pointer is NULL
 * @error: 0 or an errno (negative)
 * @offset: in pin_call.buf, and from the start of the slot
 * @len: bytes
 * @pointer: the argument
 */
struct pin_copy {
	u32 kind;
	int error;
	u32 offset;
	u32 len;
	u64 pointer;
};

/* What fits into every call, and what the next call in its mm gets as well */
#define PIN_INLINE_BYTES	256
#define PIN_SPARE_BYTES		4096

/**
 * struct pin_call - a call from its trap until it is over and let go of
 * @attended: the core's part; first, for container_of() to be nothing
 * @refs: one of the core's until ->end(), one while @held, and those of
 *	requests under way
 * @ctx: the context; it outlives the call, by the reference of the attendant or
 *	of the open file on whose behalf the call is held
 * @pmm: what there is in the task's mm, or NULL if there was no memory
 * @next: in pin_mm.spare, when it is over
 * @window: where the slot is, or NULL
 * @slot: which one
 * @slot_error: why there is none
 * @lock: orders what is done to the slot's bytes before the answer
 * @moved: the copies are in the slot (by @lock)
 * @answered: redirected: the slot's bytes may be in use (by @lock)
 * @held: how often received and not let go of (by ctx->lock)
 * @node: in pin_ctx.held
 * @id: of the notification, once somebody has looked at it, or 0
 * @thread: cookie of the thread, likewise
 * @task: the thread that @thread is the cookie of
 * @native: it is one that can be redirected
 * @nr: its syscall
 * @values: its arguments, but of those in @copied how many bytes were copied, if
 *	there is a slot
 * @trust: what pin_mm_trust() said when the call was made, or has come to
 *	since (by ctx->lock)
 * @cred: the task's, if that is 0; holds a reference
 * @verdict: by which it was answered; holds a reference
 * @run: the larger slot, if one was asked for (by @lock); none when it is over
 * @epoch: of the verdicts, when it was made
 * @rules: which rules @copies follow
 * @completion: a place in the queue is reserved (by @lock until answered)
 * @failed: there is a slot, and something could not be copied to it
 * @copies: by argument
 * @buf: what was copied, @inl or allocated: PIN_SPARE_BYTES at least
 * @copied: for which arguments there is something in @copies, a bit for each
 * @buf_len: bytes used of it; whole words, once the arguments have been copied
 * @buf_size: bytes there are
 * @inl: room for the most common case
 */
struct pin_call {
	struct seccomp_attended attended;
	refcount_t refs;
	struct pin_ctx *ctx;
	struct pin_mm *pmm;
	struct pin_call *next;
	struct pin_window *window;
	u32 slot;
	int slot_error;
	struct mutex lock;		/* see above */
	bool moved;
	bool answered;
	bool completion;
	bool failed;
	u32 held;
	struct hlist_node node;
	u64 id;
	u64 thread;
	const void *task;
	bool native;
	int nr;
	u64 values[SECCOMP_PIN_ARGS];
	u64 trust;
	const struct cred *cred;
	struct pin_verdict *verdict;
	struct pin_run run;
	u64 epoch;
	u64 rules;
	struct pin_copy copies[SECCOMP_PIN_ARGS];
	u8 *buf;
	u32 copied;
	u32 buf_len;
	u32 buf_size;
	u8 inl[PIN_INLINE_BYTES] __aligned(8);
};

/* Requests but query and attach, and reading, are for contexts that are. */
static inline bool pin_ctx_attached(struct pin_ctx *ctx)
{
	/* Pairs with the release in pin_attach_files(): all else is set. */
	return smp_load_acquire(&ctx->attendant);
}

static inline struct pin_call *pin_call_of(struct seccomp_attended *attended)
{
	return container_of(attended, struct pin_call, attended);
}

/* An argument as it was made */
static inline u64 pin_call_arg(const struct pin_call *call, unsigned int i)
{
	return call->copied & BIT(i) ? call->copies[i].pointer :
				       call->values[i];
}

static inline u64 pin_slot_offset(const struct pin_call *call)
{
	return call->window->offset + (u64)call->slot * call->ctx->slot_size;
}

static inline u64 pin_slot_address(const struct pin_call *call)
{
	return call->window->address + (u64)call->slot * call->ctx->slot_size;
}

static inline u64 pin_run_offset(const struct pin_call *call)
{
	return call->run.window->offset +
	       (u64)call->run.first * call->ctx->slot_size;
}

static inline u64 pin_run_address(const struct pin_call *call)
{
	return call->run.window->address +
	       (u64)call->run.first * call->ctx->slot_size;
}

static inline u32 pin_run_size(const struct pin_call *call)
{
	return call->run.nr * call->ctx->slot_size;
}

static inline bool pin_mm_dumpable(const struct pin_mm *pmm)
{
	/* A peer may be about to change it: it is as before, or as after. */
	return data_race(get_dumpable(pmm->mm)) == SUID_DUMP_USER;
}

/*
 * Whether somebody had ptrace access to current, and that still holds as far as
 * it depends on current: it has not executed a program since (@pmm would be
 * another), nor changed its credentials, and is dumpable. 0 if not, or which of
 * the credentials that @pmm has had it is; ctx->lock held.
 */
static inline u64 pin_mm_trust(const struct pin_mm *pmm)
{
	return pmm->cred == current_real_cred() && pin_mm_dumpable(pmm) ?
	       pmm->trust : 0;
}

/* context.c */
struct pin_ctx *pin_ctx_alloc(void);
void pin_ctx_put(struct pin_ctx *ctx);
int pin_attach(struct pin_ctx *ctx, const struct seccomp_pin_attach *req);
void pin_query(struct pin_ctx *ctx, struct seccomp_pin_query *res);

/* arena.c */
int pin_arena_claim(struct file *file, bool sole);
void pin_arena_unclaim(struct file *file);
int pin_arena_write(struct pin_ctx *ctx, u64 offset, const void *src,
		    size_t len);
int pin_arena_populate(struct pin_ctx *ctx, u64 offset, size_t len);
int pin_arena_find_nul(struct pin_ctx *ctx, u64 offset, size_t len);
int pin_arena_read(struct pin_ctx *ctx, u64 offset, void *dst, size_t len);
int pin_slot_write(struct pin_call *call, const void *src, u32 len);
int pin_slot_populate(struct pin_call *call, u32 len);
int pin_slot_find_nul(struct pin_call *call, u32 at, u64 len);
long pin_units_alloc(struct pin_ctx *ctx, u32 nr);
void pin_units_free(struct pin_ctx *ctx, u64 offset, u64 length);
bool pin_arena_punch(struct pin_ctx *ctx, u64 offset, u64 length);

/* window.c */
struct pin_mm *pin_mm_lookup(struct pin_ctx *ctx, struct mm_struct *mm);
struct pin_mm *pin_mm_get(struct pin_ctx *ctx, struct mm_struct *mm);
void pin_mm_put(struct pin_ctx *ctx, struct pin_mm *pmm);
void pin_mms_sweep(struct pin_ctx *ctx, u32 most);
void pin_mms_free(struct pin_ctx *ctx);
struct pin_window *pin_window_reserve(struct pin_ctx *ctx, struct pin_mm *pmm,
				      u64 length);
void pin_window_cancel(struct pin_ctx *ctx, struct pin_mm *pmm,
		       struct pin_window *window);
int pin_window_map(struct pin_ctx *ctx, struct pin_mm *pmm,
		   struct pin_window *window, unsigned long address);
void pin_window_open(struct pin_ctx *ctx, struct pin_mm *pmm,
		     struct pin_window *window);
bool pin_slot_find(struct pin_call *call);
int pin_slot_get(struct pin_call *call);
void pin_slot_put(struct pin_call *call);
bool pin_run_find(struct pin_ctx *ctx, struct pin_mm *pmm, u32 nr,
		  struct pin_run *run);
void pin_run_put(struct pin_ctx *ctx, struct pin_mm *pmm, struct pin_run *run);
u64 pin_address_to_arena(struct pin_ctx *ctx, struct pin_mm *pmm, u64 address,
			 u64 len);
u64 pin_arena_to_address(struct pin_ctx *ctx, struct pin_mm *pmm, u64 offset,
			 u64 len);

/* family.c */
void pin_families_init(struct pin_ctx *ctx);
void pin_families_free(struct pin_ctx *ctx);
struct pin_family *pin_family_get(struct pin_ctx *ctx);
void pin_family_put(struct pin_ctx *ctx, struct pin_family *family);
bool pin_family_may_grow(struct pin_ctx *ctx, const struct pin_family *family,
			 u32 units);
void pin_family_count(struct pin_ctx *ctx, struct pin_family *family,
		      s32 units);

/* call.c */
extern const struct seccomp_attend_ops pin_attend_ops;
struct pin_call *pin_call_find(struct pin_ctx *ctx, u64 id);
void pin_call_name(struct pin_call *call, u64 id, const void *task);
void pin_call_over(struct pin_call *call);

static inline void pin_call_put(struct pin_call *call)
{
	if (refcount_dec_and_test(&call->refs))
		pin_call_over(call);
}

void pin_call_free(struct pin_call *call);
bool pin_call_let_go(struct pin_ctx *ctx, u64 id, u32 times);
void pin_call_done(struct pin_call *call);
bool pin_call_held(struct pin_call *call);
void pin_calls_let_go(struct pin_ctx *ctx);
int pin_call_move(struct pin_call *call);
int pin_receive(struct pin_ctx *ctx, struct seccomp_pin_receive *req);
void pin_unreceive(struct pin_ctx *ctx, const struct seccomp_pin_receive *req);
int pin_next(struct pin_ctx *ctx, struct seccomp_pin_next *req);
int pin_release(struct pin_ctx *ctx, const struct seccomp_pin_release *req);

/* copy.c */
int pin_set_rules(struct pin_ctx *ctx, const struct seccomp_pin_rules *req);
void pin_copy_args(struct pin_call *call, const struct seccomp_data *sd);
void pin_copies_place(struct pin_call *call);
int pin_fetch(struct pin_ctx *ctx, struct seccomp_pin_fetch *req);

/* install.c */
int pin_window_install(struct pin_call *call, struct pin_window *window,
		       unsigned long address, u32 timeout, bool slots);
int pin_install(struct pin_ctx *ctx, struct seccomp_pin_install *req);

/* alloc.c */
int pin_alloc(struct pin_ctx *ctx, struct seccomp_pin_alloc *req);
void pin_unalloc(struct pin_ctx *ctx, const struct seccomp_pin_alloc *req);
bool pin_alloc_covers(struct pin_call *call, u64 place, u64 len, bool arena);

/* redirect.c */
extern bool pin_redirect_check;
bool pin_remembers(const struct pin_call *call, u8 mask, const u64 *args,
		   u8 ptr_mask);
u8 pin_remembers_values(int nr);
int pin_redirect_short(struct pin_ctx *ctx,
		       const struct seccomp_pin_redirect *req);
int pin_redirect_whole(struct pin_ctx *ctx,
		       const struct seccomp_pin_redirect *req);

/* verdict.c */
int pin_verdicts_alloc(struct pin_ctx *ctx, u32 nr);
void pin_verdicts_free(struct pin_ctx *ctx);
void pin_verdicts_query(struct pin_ctx *ctx, struct seccomp_pin_query *res);
bool pin_verdict_apply(struct pin_call *call);
void pin_verdict_undo(struct pin_call *call);
bool pin_verdict_confirm(void *data, struct seccomp_attended *attended);
int pin_verdict_check(struct pin_call *call,
		      const struct seccomp_pin_redirect *req);
struct pin_verdict *pin_verdict_make(const struct pin_call *call,
				     const struct seccomp_pin_redirect *req);
void pin_verdict_keep(struct pin_call *call, struct pin_verdict *verdict);
void pin_verdict_put(struct pin_verdict *verdict);
u64 pin_verdict_cookie(const struct pin_verdict *verdict);
void pin_verdicts_forget(struct pin_ctx *ctx, struct pin_mm *pmm);
int pin_drop(struct pin_ctx *ctx, const struct seccomp_pin_drop *req);

/* completion.c */
int pin_queue_alloc(struct pin_ctx *ctx, u32 size);
int pin_queue_reserve(struct pin_ctx *ctx);
void pin_queue_unreserve(struct pin_ctx *ctx);
void pin_queue_add(struct pin_ctx *ctx,
		   const struct seccomp_pin_completion *completion);
ssize_t pin_queue_read(struct pin_ctx *ctx, char __user *buf, size_t len,
		       bool nonblock);
__poll_t pin_queue_poll(struct pin_ctx *ctx, struct file *file,
			struct poll_table_struct *wait);

#endif /* _SECCOMP_PIN_PIN_H */
