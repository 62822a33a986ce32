// SPDX-License-Identifier: GPL-2.0-only
/*
 * Windows and slots: which part of the arena which mm can see, and which part
 * of that is whose.
 *
 * A window belongs to one mm from the moment it is mapped until that mm is dead
 * (mm_users 0: no task can run in it or borrow it any more) and no call refers
 * to it; then it is emptied and can be another's. Nothing tells the module of an mm's
 * end, so it looks at a few mms whenever a new one comes, at more when the arena is
 * full, and at some each second: what a dead mm leaves is memory that cannot be evicted.
 */
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "window.h"

/* Looked at for each new mm; more than one, or the dead would outnumber. */
#define PIN_SWEEP_SOME	4
/* Looked at before the arena is said to be full, and each second */
#define PIN_SWEEP_MANY	1024
/* Of the lowest units, pages stay when their mms are dead. */
#define PIN_STAY_UNITS	16
/* Looked at for a larger slot, before one more window is mapped for it */
#define PIN_RUN_WINDOWS	64

/* As pin_mm_find(), for an mm that is not the last one */
struct pin_mm *pin_mm_lookup(struct pin_space *space, struct mm_struct *mm)
{
	struct pin_mm *pmm;

	lockdep_assert_held(space->lock);
	hash_for_each_possible(space->mms, pmm, node, (uintptr_t)mm) {
		if (pmm->mm == mm) {
			space->last = pmm;
			return pmm;
		}
	}
	return NULL;
}

/* What this context has in current's mm, with a reference; NULL: no memory */
struct pin_mm *pin_mm_get(struct pin_space *space, struct mm_struct *mm)
{
	struct pin_mm *new __free(kfree) = NULL;
	struct pin_mm *pmm;

	spin_lock(space->lock);
	pmm = pin_mm_find(space, mm);
	if (pmm)
		pmm->users++;
	spin_unlock(space->lock);
	if (pmm)
		return pmm;

	new = kzalloc(sizeof(*new), GFP_KERNEL_ACCOUNT);
	if (!new)
		return NULL;
	new->family = pin_family_get(&space->families);
	if (!new->family)
		return NULL;
	INIT_LIST_HEAD(&new->windows);
	INIT_LIST_HEAD(&new->free);
	mutex_init(&new->grow);
	new->mm = mm;

	spin_lock(space->lock);
	pmm = pin_mm_find(space, mm);
	if (pmm) {
		pin_family_put(&space->families, new->family);
	} else {
		mmgrab(mm);
		hash_add(space->mms, &new->node, (uintptr_t)mm);
		list_add_tail(&new->all, &space->all_mms);
		space->nr_mms++;
		swap(pmm, new);
	}
	pmm->users++;
	spin_unlock(space->lock);

	schedule_delayed_work(&space->tick, HZ);
	pin_mms_sweep(space, PIN_SWEEP_SOME);
	return pmm;
}

static void pin_window_put_pages(struct pin_window *window)
{
	struct page **place = window->pages;

	for (; atomic_read(&window->nr_pages); place++) {
		if (!*place)
			continue;
		put_page(*place);
		*place = NULL;
		atomic_dec(&window->nr_pages);
	}
}

/*
 * Empty a window of an mm that is dead. Processes that come and go get the lowest units of
 * the arena one after the other: their first pages stay there, wiped. Not while the mm has
 * page tables: devices that share them (RDMA, GPUs) would read what is written there next.
 * Returns whether the window is empty.
 */
static bool pin_window_empty(const struct pin_arena *arena, struct pin_mm *pmm,
			     struct pin_window *window)
{
	u64 start = window->offset, end = start + (u64)window->units * arena->unit;

	if (start < (u64)PIN_STAY_UNITS * arena->unit && window->nr_slots &&
	    window->pages[0] && !mm_pgtables_bytes(pmm->mm) &&
	    pin_arena_wipe(window->pages[0]))
		start += PAGE_SIZE;
	pin_window_put_pages(window);
	return pin_arena_punch(arena, start, end);
}

/*
 * Take the windows of an mm back, and forget the mm. With @empty, the mm is dead,
 * and the caller has the only reference to @pmm: the windows are emptied. What
 * cannot be emptied now may be another time, and @pmm stays till then.
 */
static void pin_mm_free(struct pin_space *space, struct pin_mm *pmm, bool empty)
{
	struct pin_window *window, *next;

	pin_mm_forget(space, pmm);
	list_for_each_entry_safe(window, next, &pmm->windows, node) {
		if (!empty)
			pin_window_put_pages(window);
		else if (!pin_window_empty(&space->arena, pmm, window))
			continue;
		list_del(&window->node);
		list_del(&window->free);
		pin_window_cancel(space, pmm, window);
	}
	spin_lock(space->lock);
	if (!list_empty(&pmm->windows)) {
		pmm->users--;
		spin_unlock(space->lock);
		return;
	}
	hash_del(&pmm->node);
	list_del(&pmm->all);
	space->nr_mms--;
	if (space->last == pmm)
		space->last = NULL;
	pin_family_put(&space->families, pmm->family);
	spin_unlock(space->lock);
	put_cred(pmm->cred);
	mmdrop(pmm->mm);
	kfree(pmm);
}

/* Take back the windows of mms that have died; looks at @most mms. May sleep. */
void pin_mms_sweep(struct pin_space *space, u32 most)
{
	struct pin_mm *pmm;

	spin_lock(space->lock);
	most = min(most, space->nr_mms);
	while (most-- && !list_empty(&space->all_mms)) {
		pmm = list_first_entry(&space->all_mms, struct pin_mm, all);
		list_move_tail(&pmm->all, &space->all_mms);
		if (pmm->users || atomic_read(&pmm->mm->mm_users)) {
			/* Targets are waiting for the lock, maybe. */
			cond_resched_lock(space->lock);
			continue;
		}
		/* So that other sweeps leave it alone */
		pmm->users++;
		spin_unlock(space->lock);
		pin_mm_free(space, pmm, true);
		spin_lock(space->lock);
	}
	spin_unlock(space->lock);
}

static void pin_space_tick(struct work_struct *work)
{
	struct delayed_work *tick = to_delayed_work(work);
	struct pin_space *space = container_of(tick, struct pin_space, tick);

	pin_mms_sweep(space, PIN_SWEEP_MANY);
	if (READ_ONCE(space->nr_mms))
		schedule_delayed_work(tick, round_jiffies_relative(HZ));
}

/* All but the arena and the lock, which are known at attach */
void pin_space_init(struct pin_space *space)
{
	INIT_DELAYED_WORK(&space->tick, pin_space_tick);
	INIT_LIST_HEAD(&space->all_mms);
	pin_families_init(&space->families);
}

/*
 * The context is going away. Its windows stay mapped where their mms are alive, with
 * what is in them: their part of the arena is nobody else's ever after. Units that are
 * free keep no page.
 */
void pin_space_free(struct pin_space *space)
{
	const struct pin_arena *arena = &space->arena;
	struct pin_mm *pmm, *next;
	u64 at;
	u32 i;

	for (i = 0; i < min(arena->nr_units, PIN_STAY_UNITS); i++) {
		at = (u64)i * arena->unit;
		if (!test_bit(i, arena->used))
			pin_arena_punch(arena, at, at + PAGE_SIZE);
	}
	list_for_each_entry_safe(pmm, next, &space->all_mms, all)
		pin_mm_free(space, pmm, false);
	put_pid(space->families.owner);
}

/*
 * Take a part of the arena for an mm: a window that is not mapped yet, to be given
 * to pin_window_map() or pin_window_cancel(). @slots: it is to be given to
 * pin_window_open() later, and @length is that of a unit. Or -ENOMEM, or -ENOBUFS:
 * the arena is full, or the mm or its family has its share. May sleep.
 */
struct pin_window *pin_window_reserve(struct pin_space *space,
				      struct pin_mm *pmm, u64 length, bool slots)
{
	struct pin_window *window __free(kvfree) = NULL;
	bool fits, swept = false;
	u32 units;
	long offset;

	/* First, for rounding up could overflow. */
	if (length > (u64)space->units_per_mm * space->arena.unit)
		return ERR_PTR(-ENOBUFS);
	units = DIV_ROUND_UP_ULL(length, space->arena.unit);
	window = kvzalloc(struct_size(window, pages,
				      slots ? length >> PAGE_SHIFT : 0),
			  GFP_KERNEL_ACCOUNT);
	if (!window)
		return ERR_PTR(-ENOMEM);
retry:
	offset = -ENOBUFS;
	spin_lock(space->lock);
	fits = pmm->units + units <= space->units_per_mm;
	if (fits && pin_family_may_grow(&space->arena, pmm->family, units))
		offset = pin_units_alloc(&space->arena, units);
	if (offset >= 0) {
		pmm->units += units;
		pin_family_count(pmm->family, units);
	}
	spin_unlock(space->lock);
	if (offset < 0 && fits && !swept) {
		pin_mms_sweep(space, PIN_SWEEP_MANY);
		swept = true;
		goto retry;
	}
	if (offset < 0)
		return ERR_PTR(offset);
	pin_arena_charge(&space->arena, offset, pmm->mm);
	INIT_LIST_HEAD(&window->free);
	window->offset = offset;
	window->length = length;
	window->units = units;
	return no_free_ptr(window);
}

/* For a window that was not mapped, or has been emptied. Does not sleep. */
void pin_window_cancel(struct pin_space *space, struct pin_mm *pmm,
		       struct pin_window *window)
{
	spin_lock(space->lock);
	/* The slots that are used still were lost, see pin_answer_end(). */
	space->nr_slots -= hweight64(window->used);
	pin_units_free(&space->arena, window->offset, window->units);
	pmm->units -= window->units;
	pin_family_count(pmm->family, -window->units);
	spin_unlock(space->lock);
	kvfree(window);
}

/*
 * Map a window into its mm, at @address or, if that is 0, anywhere. The caller is a
 * task of the mm, or has a reference to it (mmget()). Returns 0 or what
 * vm_mmap_seal_remote() returns; the window is still the caller's then.
 */
int pin_window_map(struct pin_space *space, struct pin_mm *pmm,
		   struct pin_window *window, unsigned long address)
{
	address = vm_mmap_seal_remote(pmm->mm, space->arena.file, address,
				      window->length, window->offset >> PAGE_SHIFT);
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
	WRITE_ONCE(window->nr_slots, space->arena.unit / space->slot_size);
	list_add(&window->free, &pmm->free);
}

/*
 * The memory at @at of a window that can have slots, up to the end of the page, or
 * as pin_arena_lock_page(). @locked: the page that the caller has to unlock when it
 * is done with the memory, or NULL: the page is kept
 */
static u8 *pin_window_memory(struct pin_space *space, struct pin_window *window,
			     u32 at, struct page **locked)
{
	struct page **place = &window->pages[at >> PAGE_SHIFT];
	struct page *page = READ_ONCE(*place);

	*locked = NULL;
	if (unlikely(!page)) {
		page = pin_arena_lock_page(&space->arena, window->offset + at);
		if (IS_ERR(page))
			return ERR_CAST(page);
		*locked = page;
		if (!PageCompound(page)) {
			get_page(page);
			if (cmpxchg(place, NULL, page))
				put_page(page);
			else
				atomic_inc(&window->nr_pages);
		}
	}
	return page_address(page) + offset_in_page(at);
}

/*
 * Copy a part of a window, which starts at @at, to @to; or, if that is NULL, copy
 * @from to the part; or, if both are NULL, see that its pages are there: a target does
 * for its supervisor, and pays for them. The window can have slots. May sleep, killable.
 * Returns 0 or as pin_arena_lock_page()
 */
int pin_window_copy(struct pin_space *space, struct pin_window *window, u32 at,
		    void *to, const void *from, u32 len)
{
	struct page *locked;
	u32 n, done;
	u8 *memory;

	if (WARN_ON_ONCE(at > window->length || len > window->length - at))
		return -EFAULT;
	for (done = 0; done < len; done += n, at += n) {
		n = min_t(u32, len - done, PAGE_SIZE - offset_in_page(at));
		memory = pin_window_memory(space, window, at, &locked);
		if (IS_ERR(memory))
			return PTR_ERR(memory);
		if (to)
			memcpy(to + done, memory, n);
		else if (from)
			memcpy(memory, from + done, n);
		if (unlikely(locked))
			pin_arena_unlock_page(locked);
	}
	return 0;
}

/*
 * Whether there is a NUL byte in a part of a window: 0, -EINVAL if there is none, or as
 * shmem_read_mapping_page(). Most strings end where they are said to. May sleep.
 */
int pin_window_find_nul(struct pin_space *space, struct pin_window *window,
			u64 at, u64 len)
{
	struct page *kept, *page;
	bool found = false;
	u8 *memory;
	u32 n;

	for (; len && !found; len -= n, at += n) {
		cond_resched();
		n = min_t(u64, len, PAGE_SIZE - offset_in_page(at));
		kept = READ_ONCE(window->nr_slots) ?
		       READ_ONCE(window->pages[at >> PAGE_SHIFT]) : NULL;
		page = kept ?: pin_arena_page(&space->arena, window->offset + at);
		if (IS_ERR(page))
			return PTR_ERR(page);
		/* A 64-bit kernel has all its memory mapped. */
		memory = page_address(page) + offset_in_page(at);
		found = !memory[n - 1] || memchr(memory, '\0', n - 1);
		if (!kept)
			put_page(page);
	}
	return found ? 0 : -EINVAL;
}

static __always_inline void
pin_slots_take(struct pin_space *space, struct pin_window *window, u64 slots,
	       u32 nr)
{
	window->used |= slots;
	if (window->used == GENMASK_ULL(window->nr_slots - 1, 0))
		list_del_init(&window->free);
	space->nr_slots += nr;
}

/*
 * Take a slot of a window that there is already: the lowest one that is free in a
 * window, so that few pages are touched. Returns whether there was one; lock held.
 */
static bool pin_slot_find(struct pin_space *space, struct pin_mm *pmm,
			  struct pin_slot *slot)
{
	struct pin_window *window;
	u32 nr;

	lockdep_assert_held(space->lock);
	window = list_first_entry_or_null(&pmm->free, struct pin_window, free);
	if (!window)
		return false;
	nr = __ffs64(~window->used);
	slot->window = window;
	slot->at = nr * space->slot_size;
	slot->size = space->slot_size;
	pin_slots_take(space, window, BIT_ULL(nr), 1);
	return true;
}

/*
 * Find a slot for a call of current, or map one more window. Threads that find all
 * slots in use wait for each other, or each would map a window of its own. Nobody
 * but they can be kept waiting by that. Returns 0, -EINTR (killed), or what
 * pin_window_reserve() and pin_window_map() return.
 */
int pin_slot_get(struct pin_space *space, struct pin_mm *pmm, struct pin_slot *slot)
{
	struct pin_window *window;
	bool found;
	int err = 0;

	if (mutex_lock_killable(&pmm->grow))
		return -EINTR;
	spin_lock(space->lock);
	found = pin_slot_find(space, pmm, slot);
	spin_unlock(space->lock);
	if (found)
		goto out;

	window = pin_window_reserve(space, pmm, space->arena.unit, true);
	err = PTR_ERR_OR_ZERO(window);
	if (err)
		goto out;
	err = pin_window_map(space, pmm, window, 0);
	if (err) {
		pin_window_cancel(space, pmm, window);
		goto out;
	}
	spin_lock(space->lock);
	pin_window_open(space, pmm, window);
	pin_slot_find(space, pmm, slot);
	spin_unlock(space->lock);
out:
	mutex_unlock(&pmm->grow);
	return err;
}

/* Give slots back, if there are any; lock held. */
void pin_slot_put(struct pin_space *space, struct pin_mm *pmm,
		  struct pin_slot *slot)
{
	struct pin_window *window = slot->window;
	u32 first, nr;

	lockdep_assert_held(space->lock);
	if (!window)
		return;
	first = slot->at / space->slot_size;
	nr = slot->size / space->slot_size;
	if (list_empty(&window->free))
		list_add(&window->free, &pmm->free);
	window->used &= ~GENMASK_ULL(first + nr - 1, first);
	space->nr_slots -= nr;
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

/*
 * Take @nr adjoining slots, not more than a window has, of a window that there is
 * already: the highest ones, as calls' own slots are taken from the other end. No
 * more than PIN_RUN_WINDOWS windows are looked at, each in 6 steps at most. Returns
 * whether there were some; lock held.
 */
bool pin_run_find(struct pin_space *space, struct pin_mm *pmm, u32 nr,
		  struct pin_slot *run)
{
	u32 first, look = PIN_RUN_WINDOWS;
	struct pin_window *window;
	u64 runs = 0;

	lockdep_assert_held(space->lock);
	list_for_each_entry(window, &pmm->free, free) {
		runs = pin_window_runs(window, nr);
		if (runs || !--look)
			break;
	}
	if (!runs)
		return false;
	first = fls64(runs) - 1;
	run->window = window;
	run->at = first * space->slot_size;
	run->size = nr * space->slot_size;
	pin_slots_take(space, window, GENMASK_ULL(first + nr - 1, first), nr);
	return true;
}

/*
 * The window of an mm that has a range of the mm or, with @arena, of the arena, or
 * NULL. @len is not 0. @at: where the range begins, from the start of the window
 */
struct pin_window *pin_window_find(struct pin_space *space, struct pin_mm *pmm,
				   bool arena, u64 start, u64 len, u64 *at)
{
	struct pin_window *window, *found = NULL;

	spin_lock(space->lock);
	list_for_each_entry(window, &pmm->windows, node) {
		/* Out of range if it starts before the window */
		*at = start - (arena ? window->offset : window->address);
		if (*at < window->length && len <= window->length - *at) {
			found = window;
			break;
		}
	}
	spin_unlock(space->lock);
	return found;
}
