/* SPDX-License-Identifier: GPL-2.0-only */
/* Windows and slots: which mm sees which part of the arena, and which call has it. */
#ifndef _SECCOMP_PIN_WINDOW_H
#define _SECCOMP_PIN_WINDOW_H

#include <linux/cred.h>
#include <linux/hashtable.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched/coredump.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "arena.h"
#include "family.h"

struct pin_call;
struct pin_mm;

/**
 * struct pin_space - what one context has in all mms
 * @lock: the lock of the context's listener; protects what follows, and the
 *	windows and slots of all mms
 * @arena: the arena
 * @families: shares of it
 * @slot_size: bytes
 * @units_per_mm: how many units of the arena one mm can have
 * @last: the mm that was looked up last, or NULL
 * @mms: the mms that have a struct pin_mm, by address
 * @all_mms: the same, in the order in which pin_mms_sweep() looks at them
 * @nr_mms: length of @all_mms
 * @nr_slots: slots in use
 * @nr_idle: those of them that spare records of calls keep
 * @tick: runs each second while there is an mm; takes no lock that lasts
 */
struct pin_space {
	spinlock_t *lock;		/* see above */
	struct pin_arena arena;
	struct pin_families families;
	u32 slot_size;
	u32 units_per_mm;
	struct pin_mm *last;
	DECLARE_HASHTABLE(mms, 10);
	struct list_head all_mms;
	u32 nr_mms;
	u32 nr_slots;
	u32 nr_idle;
	struct delayed_work tick;
};

/**
 * struct pin_mm - what one context has in one mm
 * @mm: the mm. The struct is held (mmgrab()), so that its address means this mm
 *	and no later one; the address space is not
 * @node: in pin_space.mms
 * @all: in pin_space.all_mms
 * @family: the family of the process that trapped here first
 * @grow: held by the mm's own tasks while they map one more window
 * @users: calls that refer to this, and a sweep that empties it; both drop their
 *	references under the lock
 * @units: units of the arena in windows here, or about to be
 * @windows: struct pin_window; grows until the mm is dead
 * @free: those of them that have a slot to give
 * @spare: records of calls that are over, to be used again
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
 * @units: how many units of the arena it takes
 * @nr_slots: how many slots it has; none if it was installed on request
 * @used: the slots in use, a bit for each
 * @nr_pages: how many of @pages there are
 * @pages: the pages of a window with slots, once they were written to; references,
 *	see arena.c. None to a part of a huge page: the arena could not split it to
 *	empty another window
 */
struct pin_window {
	struct list_head node;
	struct list_head free;
	unsigned long address;
	u64 offset;
	u64 length;
	u32 units;
	u32 nr_slots;
	u64 used;
	atomic_t nr_pages;
	struct page *pages[];
};

/* Adjoining slots of a window: a call's slot, or its larger slot */
struct pin_slot {
	struct pin_window *window;	/* where they are, or NULL: there are none */
	u32 at;				/* from the start of the window, in bytes */
	u32 size;			/* of all of them, in bytes */
};

/* Whether a range in the target is in adjoining slots, if there are any; lock held. */
static inline bool pin_run_covers(const struct pin_slot *run, u64 address, u64 len)
{
	u64 at;

	if (!run->window)
		return false;
	at = address - run->window->address - run->at;
	return at < run->size && len <= run->size - at;
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
 * the credentials that @pmm has had it is; lock held.
 */
static inline u64 pin_mm_trust(const struct pin_mm *pmm)
{
	return pmm->cred == current_real_cred() && pin_mm_dumpable(pmm) ?
	       pmm->trust : 0;
}

/* The page with the first byte of a slot, to be written to, or NULL: not kept */
static __always_inline void *pin_slot_memory(const struct pin_slot *slot)
{
	struct page *page = READ_ONCE(slot->window->pages[slot->at >> PAGE_SHIFT]);

	/* A 64-bit kernel has all its memory mapped. */
	return likely(page) ? page_address(page) : NULL;
}

void pin_space_init(struct pin_space *space);
void pin_space_free(struct pin_space *space);
struct pin_mm *pin_mm_lookup(struct pin_space *space, struct mm_struct *mm);
struct pin_mm *pin_mm_get(struct pin_space *space, struct mm_struct *mm);

/* What this context has in an mm, or NULL; lock held. */
static __always_inline struct pin_mm *pin_mm_find(struct pin_space *space,
						  struct mm_struct *mm)
{
	struct pin_mm *last = space->last;

	return likely(last && last->mm == mm) ? last : pin_mm_lookup(space, mm);
}

void pin_mm_forget(struct pin_space *space, struct pin_mm *pmm);
void pin_mms_sweep(struct pin_space *space, u32 most);
struct pin_window *pin_window_reserve(struct pin_space *space,
				      struct pin_mm *pmm, u64 length, bool slots);
void pin_window_cancel(struct pin_space *space, struct pin_mm *pmm,
		       struct pin_window *window);
int pin_window_map(struct pin_space *space, struct pin_mm *pmm,
		   struct pin_window *window, unsigned long address);
void pin_window_open(struct pin_space *space, struct pin_mm *pmm,
		     struct pin_window *window);
int pin_window_copy(struct pin_space *space, struct pin_window *window, u32 at,
		    void *to, const void *from, u32 len);
int pin_window_find_nul(struct pin_space *space, struct pin_window *window,
			u64 at, u64 len);
int pin_slot_get(struct pin_space *space, struct pin_mm *pmm,
		 struct pin_slot *slot);
void pin_slot_put(struct pin_space *space, struct pin_mm *pmm,
		  struct pin_slot *slot);
bool pin_run_find(struct pin_space *space, struct pin_mm *pmm, u32 nr,
		  struct pin_slot *run);
struct pin_window *pin_window_find(struct pin_space *space, struct pin_mm *pmm,
				   bool arena, u64 start, u64 len, u64 *at);

/* As pin_window_copy(), from @src to the start of a slot */
static __always_inline int pin_slot_write(struct pin_space *space,
					  const struct pin_slot *slot,
					  const void *src, u32 len)
{
	void *memory = pin_slot_memory(slot);

	if (WARN_ON_ONCE(len > space->slot_size))
		return -EFAULT;
	if (unlikely(!memory || len > PAGE_SIZE))
		return pin_window_copy(space, slot->window, slot->at, NULL,
				       src, len);
	memcpy(memory, src, len);
	return 0;
}

#endif /* _SECCOMP_PIN_WINDOW_H */
