// SPDX-License-Identifier: GPL-2.0-only
/*
 * Windows and slots: which part of the arena which mm can see, and which part
 * of that is whose.
 *
 * A window belongs to one mm from the moment it is mapped until that mm is dead
 * (mm_users 0: no task can run in it or borrow it any more) and no call refers
 * to it; then it is emptied and can be another's. Nothing tells us of an mm's
 * end, so a few are looked at whenever a new one comes, and all when the arena
 * is full: as many dead ones are kept as a fraction of those alive.
 */
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "window.h"

/* Looked at for each new mm; more than one, or the dead would outnumber. */
#define PIN_SWEEP_SOME	4
/* Looked at before the arena is said to be full */
#define PIN_SWEEP_MANY	1024
/* Looked at for a larger slot, before one more window is mapped for it */
#define PIN_RUN_WINDOWS	64

/* All but the arena and the lock, which are known at attach */
void pin_space_init(struct pin_space *space)
{
	INIT_LIST_HEAD(&space->all_mms);
	pin_families_init(&space->families);
}

static struct hlist_head *pin_mm_bucket(struct pin_space *space,
					struct mm_struct *mm)
{
	return &space->mms[hash_ptr(mm, PIN_MM_BITS)];
}

/* What this context has in an mm, with a reference, or NULL; lock held. */
struct pin_mm *pin_mm_lookup(struct pin_space *space, struct mm_struct *mm)
{
	struct pin_mm *pmm;

	lockdep_assert_held(space->lock);
	pmm = space->last;
	if (likely(pmm && pmm->mm == mm)) {
		pmm->users++;
		return pmm;
	}
	hlist_for_each_entry(pmm, pin_mm_bucket(space, mm), node) {
		if (pmm->mm == mm) {
			pmm->users++;
			space->last = pmm;
			return pmm;
		}
	}
	return NULL;
}

static void pin_mm_link(struct pin_space *space, struct pin_mm *pmm)
{
	lockdep_assert_held(space->lock);
	hlist_add_head(&pmm->node, pin_mm_bucket(space, pmm->mm));
	list_add_tail(&pmm->all, &space->all_mms);
	space->nr_mms++;
}

static void pin_mm_unlink(struct pin_space *space, struct pin_mm *pmm)
{
	lockdep_assert_held(space->lock);
	hlist_del(&pmm->node);
	list_del(&pmm->all);
	space->nr_mms--;
	if (space->last == pmm)
		space->last = NULL;
}

/**
 * pin_mm_get - what this context has in an mm
 * @space: the space
 * @mm: current's
 *
 * Return: it, to be given back with pin_mm_put(), or NULL: no memory
 */
struct pin_mm *pin_mm_get(struct pin_space *space, struct mm_struct *mm)
{
	struct pin_mm *pmm, *new;

	spin_lock(space->lock);
	pmm = pin_mm_lookup(space, mm);
	spin_unlock(space->lock);
	if (pmm)
		return pmm;

	new = kzalloc(sizeof(*new), GFP_KERNEL_ACCOUNT);
	if (!new)
		return NULL;
	new->family = pin_family_get(&space->families);
	if (!new->family) {
		kfree(new);
		return NULL;
	}
	INIT_LIST_HEAD(&new->windows);
	INIT_LIST_HEAD(&new->free);
	mutex_init(&new->grow);
	new->users = 1;

	spin_lock(space->lock);
	pmm = pin_mm_lookup(space, mm);
	if (!pmm) {
		mmgrab(mm);
		new->mm = mm;
		pin_mm_link(space, new);
		swap(pmm, new);
	}
	if (new)
		pin_family_put(&space->families, new->family);
	spin_unlock(space->lock);
	kfree(new);

	pin_mms_sweep(space, PIN_SWEEP_SOME);
	return pmm;
}

void pin_mm_put(struct pin_space *space, struct pin_mm *pmm)
{
	spin_lock(space->lock);
	pmm->users--;
	spin_unlock(space->lock);
}

/* The pages of a window that can have slots; their number */
static u32 pin_window_nr_pages(const struct pin_window *window)
{
	return window->nr_slots ? window->length >> PAGE_SHIFT : 0;
}

static void pin_window_put_pages(struct pin_window *window)
{
	u32 i;

	for (i = 0; i < pin_window_nr_pages(window); i++) {
		if (window->pages[i])
			put_page(window->pages[i]);
		window->pages[i] = NULL;
	}
}

/* The windows are gone, or nobody's. */
static void pin_mm_release(struct pin_mm *pmm)
{
	put_cred(pmm->cred);
	mmdrop(pmm->mm);
	kfree(pmm);
}

/*
 * Nobody else knows @pmm any more, and nobody can see its windows. What cannot
 * be emptied now may be another time.
 */
static void pin_mm_free(struct pin_space *space, struct pin_mm *pmm)
{
	struct pin_window *window, *next;

	space->forget(space, pmm);
	list_for_each_entry_safe(window, next, &pmm->windows, node) {
		pin_window_put_pages(window);
		if (!pin_arena_punch(&space->arena, window->offset, window->length))
			continue;
		list_del(&window->node);
		list_del(&window->free);
		pin_window_cancel(space, pmm, window);
	}
	spin_lock(space->lock);
	if (!list_empty(&pmm->windows)) {
		pin_mm_link(space, pmm);
		spin_unlock(space->lock);
		return;
	}
	pin_family_put(&space->families, pmm->family);
	spin_unlock(space->lock);
	pin_mm_release(pmm);
}

/**
 * pin_mms_sweep - take back the windows of mms that have died
 * @space: the space
 * @most: how many to look at
 *
 * Context: process context, may sleep.
 */
void pin_mms_sweep(struct pin_space *space, u32 most)
{
	struct pin_mm *pmm;

	spin_lock(space->lock);
	most = min(most, space->nr_mms);
	while (most-- && !list_empty(&space->all_mms)) {
		pmm = list_first_entry(&space->all_mms, struct pin_mm, all);
		if (pmm->users || atomic_read(&pmm->mm->mm_users)) {
			list_move_tail(&pmm->all, &space->all_mms);
			/* Targets are waiting for the lock, maybe. */
			cond_resched_lock(space->lock);
			continue;
		}
		pin_mm_unlink(space, pmm);
		spin_unlock(space->lock);
		pin_mm_free(space, pmm);
		spin_lock(space->lock);
	}
	spin_unlock(space->lock);
}

/*
 * The context is going away. Its windows stay mapped where their mms are alive,
 * with what is in them: their part of the arena is nobody else's ever after.
 */
void pin_mms_free(struct pin_space *space)
{
	struct pin_mm *pmm, *next_pmm;
	struct pin_window *window, *next;

	list_for_each_entry_safe(pmm, next_pmm, &space->all_mms, all) {
		space->forget(space, pmm);
		list_for_each_entry_safe(window, next, &pmm->windows, node) {
			pin_window_put_pages(window);
			kvfree(window);
		}
		spin_lock(space->lock);
		pin_family_put(&space->families, pmm->family);
		spin_unlock(space->lock);
		pin_mm_release(pmm);
	}
}

/**
 * pin_window_reserve - take a part of the arena for an mm
 * @space: the space
 * @pmm: whose
 * @length: bytes
 * @slots: slots are to be had of it, later; @length is that of a unit
 *
 * Return: a window without slots, not mapped yet, to be given to
 * pin_window_map() or pin_window_cancel(), or
 * * -ENOBUFS: the arena is full, or the mm or its family has its share
 * * -ENOMEM
 */
struct pin_window *pin_window_reserve(struct pin_space *space,
				      struct pin_mm *pmm, u64 length,
				      bool slots)
{
	struct pin_window *window;
	bool swept = false;
	long offset;
	u32 units;

	/* First, for rounding up could overflow. */
	if (length > (u64)space->units_per_mm * space->arena.unit)
		return ERR_PTR(-ENOBUFS);
	units = pin_arena_units(&space->arena, length);

	window = kvzalloc(struct_size(window, pages,
				      slots ? length >> PAGE_SHIFT : 0),
			  GFP_KERNEL_ACCOUNT);
	if (!window)
		return ERR_PTR(-ENOMEM);
retry:
	spin_lock(space->lock);
	offset = -ENOBUFS;
	if (pmm->units + units <= space->units_per_mm) {
		if (pin_family_may_grow(&space->arena, pmm->family, units))
			offset = pin_units_alloc(&space->arena, units);
		if (offset < 0 && !swept) {
			spin_unlock(space->lock);
			pin_mms_sweep(space, PIN_SWEEP_MANY);
			swept = true;
			goto retry;
		}
	}
	if (offset >= 0) {
		pmm->units += units;
		pin_family_count(pmm->family, units);
	}
	spin_unlock(space->lock);
	if (offset < 0) {
		kvfree(window);
		return ERR_PTR(offset);
	}
	INIT_LIST_HEAD(&window->free);
	window->offset = offset;
	window->length = length;
	return window;
}

/* For a window that was not mapped, or has been emptied. Does not sleep. */
void pin_window_cancel(struct pin_space *space, struct pin_mm *pmm,
		       struct pin_window *window)
{
	u32 units = pin_arena_units(&space->arena, window->length);

	spin_lock(space->lock);
	pin_units_free(&space->arena, window->offset, window->length);
	pmm->units -= units;
	pin_family_count(pmm->family, -units);
	spin_unlock(space->lock);
	kvfree(window);
}

/**
 * pin_window_map - make a window visible in its mm
 * @space: the space
 * @pmm: whose
 * @window: from pin_window_reserve(); not consumed on error
 * @address: where, or 0 for anywhere
 *
 * Context: in the mm's own task, or with a reference to the mm (mmget()).
 *
 * Return: 0 or what vm_mmap_seal_remote() returns
 */
int pin_window_map(struct pin_space *space, struct pin_mm *pmm,
		   struct pin_window *window, unsigned long address)
{
	address = vm_mmap_seal_remote(pmm->mm, space->arena.file, address,
				      window->length,
				      window->offset >> PAGE_SHIFT);
	if (IS_ERR_VALUE(address))
		return address;

	spin_lock(space->lock);
	window->address = address;
	list_add_tail(&window->node, &pmm->windows);
	spin_unlock(space->lock);
	return 0;
}

/* Slots can be had of a window from now on; it is mapped; lock held. */
void pin_window_open(struct pin_space *space, struct pin_mm *pmm,
		     struct pin_window *window)
{
	lockdep_assert_held(space->lock);
	window->nr_slots = space->arena.unit / space->slot_size;
	list_add(&window->free, &pmm->free);
}

static void pin_window_done(struct page *locked)
{
	if (unlikely(locked))
		pin_arena_unlock_page(locked);
}

/*
 * The memory at @at of a window that can have slots, up to the end of the page: of
 * the kept page or, where it is part of a huge page, of one that is locked until
 * pin_window_done(). Or as pin_arena_lock_page()
 */
static u8 *pin_window_memory(struct pin_space *space, struct pin_window *window,
			     u32 at, struct page **locked)
{
	struct page **place = &window->pages[at >> PAGE_SHIFT];
	struct page *page = READ_ONCE(*place), *old;

	*locked = NULL;
	if (likely(page))
		return page_address(page) + offset_in_page(at);
	page = pin_arena_lock_page(&space->arena, window->offset + at);
	if (IS_ERR(page))
		return ERR_CAST(page);
	if (PageCompound(page)) {
		*locked = page;
		return page_address(page) + offset_in_page(at);
	}
	get_page(page);
	old = cmpxchg(place, NULL, page);
	if (old)
		put_page(page);
	pin_arena_unlock_page(page);
	return page_address(page) + offset_in_page(at);
}

/* To a part of a window, from it, or neither: then its pages are there. */
static int pin_window_copy(struct pin_space *space, struct pin_window *window,
			   u32 at, void *to, const void *from, u32 len)
{
	struct page *locked;
	u32 n, done;
	u8 *memory;

	for (done = 0; done < len; done += n, at += n) {
		n = min_t(u32, len - done, PAGE_SIZE - offset_in_page(at));
		memory = pin_window_memory(space, window, at, &locked);
		if (IS_ERR(memory))
			return PTR_ERR(memory);
		if (to)
			memcpy(to + done, memory, n);
		else if (from)
			memcpy(memory, from + done, n);
		pin_window_done(locked);
	}
	return 0;
}

/**
 * pin_window_write - write to a window
 * @space: the space
 * @window: a window that can have slots
 * @at: where, from its start
 * @src: what
 * @len: how much; within the window
 *
 * Context: process context, may sleep, killable.
 *
 * Return: 0 or as pin_arena_lock_page()
 */
int pin_window_write(struct pin_space *space, struct pin_window *window, u32 at,
		     const void *src, u32 len)
{
	return pin_window_copy(space, window, at, NULL, src, len);
}

/* As pin_window_write(), the other way round */
int pin_window_read(struct pin_space *space, struct pin_window *window, u32 at,
		    void *dst, u32 len)
{
	return pin_window_copy(space, window, at, dst, NULL, len);
}

/*
 * As pin_window_write(), but that nothing is written. A target does this for what
 * its supervisor will write to: the pages are charged to the target, which waits for
 * them.
 */
int pin_window_populate(struct pin_space *space, struct pin_window *window,
			u32 at, u32 len)
{
	return pin_window_copy(space, window, at, NULL, NULL, len);
}

/* As pin_window_write(); -EINVAL if there is no NUL byte in that part */
int pin_window_find_nul(struct pin_space *space, struct pin_window *window,
			u32 at, u32 len)
{
	struct page *locked;
	bool found = false;
	u8 *memory;
	u32 n;

	for (; len && !found; len -= n, at += n) {
		n = min_t(u32, len, PAGE_SIZE - offset_in_page(at));
		memory = pin_window_memory(space, window, at, &locked);
		if (IS_ERR(memory))
			return PTR_ERR(memory);
		found = pin_has_nul(memory, n);
		pin_window_done(locked);
	}
	return found ? 0 : -EINVAL;
}

static __always_inline void pin_slots_take(struct pin_space *space,
					   struct pin_window *window,
					   u64 slots, u32 nr)
{
	window->used |= slots;
	if (window->used == GENMASK_ULL(window->nr_slots - 1, 0))
		list_del_init(&window->free);
	space->nr_slots += nr;
}

static __always_inline void pin_slots_put(struct pin_space *space,
					  struct pin_mm *pmm,
					  struct pin_window *window, u64 slots,
					  u32 nr)
{
	if (list_empty(&window->free))
		list_add(&window->free, &pmm->free);
	window->used &= ~slots;
	space->nr_slots -= nr;
}

static void pin_slot_set(const struct pin_space *space, struct pin_slot *slot,
			 struct pin_window *window, u32 nr)
{
	slot->window = window;
	slot->nr = nr;
	slot->at = nr * space->slot_size;
	slot->offset = window->offset + slot->at;
	slot->address = window->address + slot->at;
}

/**
 * pin_slot_find - take a slot of a window that there is already
 * @space: the space, locked
 * @pmm: whose windows
 * @slot: set to it
 *
 * The lowest one that is free in a window, so that few pages are touched.
 *
 * Return: whether there was one
 */
bool pin_slot_find(struct pin_space *space, struct pin_mm *pmm,
		   struct pin_slot *slot)
{
	struct pin_window *window;

	lockdep_assert_held(space->lock);
	window = list_first_entry_or_null(&pmm->free, struct pin_window, free);
	if (!window)
		return false;
	pin_slot_set(space, slot, window, __ffs64(~window->used));
	pin_slots_take(space, window, BIT_ULL(slot->nr), 1);
	return true;
}

/* All slots are in use: map one more window, and take its first slot. */
static int pin_slot_grow(struct pin_space *space, struct pin_mm *pmm,
			 struct pin_slot *slot)
{
	struct pin_window *window;
	int err;

	window = pin_window_reserve(space, pmm, space->arena.unit, true);
	if (IS_ERR(window))
		return PTR_ERR(window);
	err = pin_window_map(space, pmm, window, 0);
	if (err) {
		pin_window_cancel(space, pmm, window);
		return err;
	}

	spin_lock(space->lock);
	pin_window_open(space, pmm, window);
	pin_slot_find(space, pmm, slot);
	spin_unlock(space->lock);
	return 0;
}

/**
 * pin_slot_get - find a slot for a call of current, or make one
 * @space: the space
 * @pmm: what it has in current's mm
 * @slot: set to it, on success
 *
 * Threads that find all slots in use wait for each other, or each would map a
 * window of its own. Nobody but they can be kept waiting by that.
 *
 * Return: 0, -EINTR (killed), or what pin_window_reserve() and pin_window_map()
 * return
 */
int pin_slot_get(struct pin_space *space, struct pin_mm *pmm,
		 struct pin_slot *slot)
{
	int err = 0;
	bool found;

	if (mutex_lock_killable(&pmm->grow))
		return -EINTR;
	spin_lock(space->lock);
	found = pin_slot_find(space, pmm, slot);
	spin_unlock(space->lock);
	if (!found)
		err = pin_slot_grow(space, pmm, slot);
	mutex_unlock(&pmm->grow);
	return err;
}

/* Give a slot back, if there is one. There is none then; lock held. */
void pin_slot_put(struct pin_space *space, struct pin_mm *pmm,
		  struct pin_slot *slot)
{
	lockdep_assert_held(space->lock);
	if (!slot->window)
		return;
	pin_slots_put(space, pmm, slot->window, BIT_ULL(slot->nr), 1);
	slot->window = NULL;
}

/* From which slots on that many adjoining ones are free, a bit for each */
static u64 pin_window_runs(const struct pin_window *window, u32 nr)
{
	u64 runs = ~window->used & GENMASK_ULL(window->nr_slots - 1, 0);
	u32 have = 1, more;

	for (; have < nr; have += more) {
		more = min(have, nr - have);
		runs &= runs >> more;
	}
	return runs;
}

static u64 pin_run_slots(const struct pin_run *run)
{
	return GENMASK_ULL(run->first + run->nr - 1, run->first);
}

/**
 * pin_run_find - take adjoining slots of a window that there is already
 * @space: the space
 * @pmm: whose windows
 * @nr: how many; not more than a window has
 * @run: set to them
 *
 * The highest ones of a window: calls' own slots are taken from the other end. No
 * more than PIN_RUN_WINDOWS windows are looked at, each in 6 steps at most.
 *
 * Context: lock held.
 *
 * Return: whether there were some
 */
bool pin_run_find(struct pin_space *space, struct pin_mm *pmm, u32 nr,
		  struct pin_run *run)
{
	u32 look = PIN_RUN_WINDOWS;
	struct pin_window *window;
	u64 runs;

	lockdep_assert_held(space->lock);
	list_for_each_entry(window, &pmm->free, free) {
		runs = pin_window_runs(window, nr);
		if (runs) {
			run->window = window;
			run->first = fls64(runs) - 1;
			run->nr = nr;
			pin_slots_take(space, window, pin_run_slots(run), nr);
			return true;
		}
		if (!--look)
			break;
	}
	return false;
}

/* Give them back, if there are any. There are none then; lock held. */
void pin_run_put(struct pin_space *space, struct pin_mm *pmm, struct pin_run *run)
{
	lockdep_assert_held(space->lock);
	if (!run->window)
		return;
	pin_slots_put(space, pmm, run->window, pin_run_slots(run), run->nr);
	run->window = NULL;
}

/**
 * pin_address_to_arena - where in the arena a range in an mm is
 * @space: the space
 * @pmm: what there is in that mm
 * @address: the range's start
 * @len: its length, not 0
 *
 * Return: the offset, or U64_MAX if it does not lie in one window
 */
u64 pin_address_to_arena(struct pin_space *space, struct pin_mm *pmm, u64 address,
			 u64 len)
{
	struct pin_window *window;
	u64 ret = U64_MAX;

	spin_lock(space->lock);
	list_for_each_entry(window, &pmm->windows, node) {
		if (address >= window->address && len <= window->length &&
		    address - window->address <= window->length - len) {
			ret = window->offset + (address - window->address);
			break;
		}
	}
	spin_unlock(space->lock);
	return ret;
}

/* The other way round: the address, or U64_MAX */
u64 pin_arena_to_address(struct pin_space *space, struct pin_mm *pmm, u64 offset,
			 u64 len)
{
	struct pin_window *window;
	u64 ret = U64_MAX;

	spin_lock(space->lock);
	list_for_each_entry(window, &pmm->windows, node) {
		if (offset >= window->offset && len <= window->length &&
		    offset - window->offset <= window->length - len) {
			ret = window->address + (offset - window->offset);
			break;
		}
	}
	spin_unlock(space->lock);
	return ret;
}
