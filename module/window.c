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

#include "pin.h"

/* Looked at for each new mm; more than one, or the dead would outnumber. */
#define PIN_SWEEP_SOME	4
/* Looked at before the arena is said to be full */
#define PIN_SWEEP_MANY	1024
/* Looked at for a larger slot, before one more window is mapped for it */
#define PIN_RUN_WINDOWS	64

static struct hlist_head *pin_mm_bucket(struct pin_ctx *ctx,
					struct mm_struct *mm)
{
	return &ctx->mms[hash_ptr(mm, PIN_HASH_BITS)];
}

/* What this context has in an mm, with a reference, or NULL; ctx->lock held. */
struct pin_mm *pin_mm_lookup(struct pin_ctx *ctx, struct mm_struct *mm)
{
	struct pin_mm *pmm;

	lockdep_assert_held(&ctx->lock);
	hlist_for_each_entry(pmm, pin_mm_bucket(ctx, mm), node) {
		if (pmm->mm == mm) {
			pmm->users++;
			return pmm;
		}
	}
	return NULL;
}

static void pin_mm_link(struct pin_ctx *ctx, struct pin_mm *pmm)
{
	lockdep_assert_held(&ctx->lock);
	hlist_add_head(&pmm->node, pin_mm_bucket(ctx, pmm->mm));
	list_add_tail(&pmm->all, &ctx->all_mms);
	ctx->nr_mms++;
}

static void pin_mm_unlink(struct pin_ctx *ctx, struct pin_mm *pmm)
{
	lockdep_assert_held(&ctx->lock);
	hlist_del(&pmm->node);
	list_del(&pmm->all);
	ctx->nr_mms--;
}

/**
 * pin_mm_get - what this context has in an mm
 * @ctx: the context
 * @mm: current's
 *
 * Return: it, to be given back with pin_mm_put(), or NULL: no memory
 */
struct pin_mm *pin_mm_get(struct pin_ctx *ctx, struct mm_struct *mm)
{
	struct pin_mm *pmm, *new;

	spin_lock(&ctx->lock);
	pmm = pin_mm_lookup(ctx, mm);
	spin_unlock(&ctx->lock);
	if (pmm)
		return pmm;

	new = kzalloc(sizeof(*new), GFP_KERNEL_ACCOUNT);
	if (!new)
		return NULL;
	new->family = pin_family_get(ctx);
	if (!new->family) {
		kfree(new);
		return NULL;
	}
	INIT_LIST_HEAD(&new->windows);
	INIT_LIST_HEAD(&new->free);
	mutex_init(&new->grow);
	new->users = 1;

	spin_lock(&ctx->lock);
	pmm = pin_mm_lookup(ctx, mm);
	if (!pmm) {
		mmgrab(mm);
		new->mm = mm;
		pin_mm_link(ctx, new);
		swap(pmm, new);
	}
	if (new)
		pin_family_put(ctx, new->family);
	spin_unlock(&ctx->lock);
	kfree(new);

	pin_mms_sweep(ctx, PIN_SWEEP_SOME);
	return pmm;
}

void pin_mm_put(struct pin_ctx *ctx, struct pin_mm *pmm)
{
	spin_lock(&ctx->lock);
	pmm->users--;
	spin_unlock(&ctx->lock);
}

static void pin_window_put_pages(struct pin_window *window)
{
	u32 i;

	for (i = 0; i < window->nr_slots; i++) {
		if (window->pages[i])
			put_page(window->pages[i]);
		window->pages[i] = NULL;
	}
}

/* The windows are gone, or nobody's. */
static void pin_mm_release(struct pin_ctx *ctx, struct pin_mm *pmm)
{
	struct pin_call *call;

	while ((call = pmm->spare)) {
		pmm->spare = call->next;
		pin_call_free(call);
	}
	put_cred(pmm->cred);
	mmdrop(pmm->mm);
	kfree(pmm);
}

/*
 * Nobody else knows @pmm any more, and nobody can see its windows. What cannot
 * be emptied now may be another time.
 */
static void pin_mm_free(struct pin_ctx *ctx, struct pin_mm *pmm)
{
	struct pin_window *window, *next;

	pin_verdicts_forget(ctx, pmm);
	list_for_each_entry_safe(window, next, &pmm->windows, node) {
		pin_window_put_pages(window);
		if (!pin_arena_punch(ctx, window->offset, window->length))
			continue;
		list_del(&window->node);
		list_del(&window->free);
		pin_window_cancel(ctx, pmm, window);
	}
	spin_lock(&ctx->lock);
	if (!list_empty(&pmm->windows)) {
		pin_mm_link(ctx, pmm);
		spin_unlock(&ctx->lock);
		return;
	}
	pin_family_put(ctx, pmm->family);
	spin_unlock(&ctx->lock);
	pin_mm_release(ctx, pmm);
}

/**
 * pin_mms_sweep - take back the windows of mms that have died
 * @ctx: the context
 * @most: how many to look at
 *
 * Context: process context, may sleep.
 */
void pin_mms_sweep(struct pin_ctx *ctx, u32 most)
{
	struct pin_mm *pmm;

	spin_lock(&ctx->lock);
	most = min(most, ctx->nr_mms);
	while (most-- && !list_empty(&ctx->all_mms)) {
		pmm = list_first_entry(&ctx->all_mms, struct pin_mm, all);
		if (pmm->users || atomic_read(&pmm->mm->mm_users)) {
			list_move_tail(&pmm->all, &ctx->all_mms);
			/* Targets are waiting for the lock, maybe. */
			cond_resched_lock(&ctx->lock);
			continue;
		}
		pin_mm_unlink(ctx, pmm);
		spin_unlock(&ctx->lock);
		pin_mm_free(ctx, pmm);
		spin_lock(&ctx->lock);
	}
	spin_unlock(&ctx->lock);
}

/*
 * The context is going away. Its windows stay mapped where their mms are alive,
 * with what is in them: their part of the arena is nobody else's ever after.
 */
void pin_mms_free(struct pin_ctx *ctx)
{
	struct pin_mm *pmm, *next_pmm;
	struct pin_window *window, *next;

	list_for_each_entry_safe(pmm, next_pmm, &ctx->all_mms, all) {
		list_for_each_entry_safe(window, next, &pmm->windows, node) {
			pin_window_put_pages(window);
			kfree(window);
		}
		spin_lock(&ctx->lock);
		pin_family_put(ctx, pmm->family);
		spin_unlock(&ctx->lock);
		pin_mm_release(ctx, pmm);
	}
}

/**
 * pin_window_reserve - take a part of the arena for an mm
 * @ctx: the context
 * @pmm: whose
 * @length: bytes
 *
 * Return: a window without slots, not mapped yet, to be given to
 * pin_window_map() or pin_window_cancel(), or
 * * -ENOBUFS: the arena is full, or the mm or its family has its share
 * * -ENOMEM
 */
struct pin_window *pin_window_reserve(struct pin_ctx *ctx, struct pin_mm *pmm,
				      u64 length)
{
	struct pin_window *window;
	bool swept = false;
	long offset;
	u32 units;

	/* First, for rounding up could overflow. */
	if (length > (u64)ctx->units_per_mm * ctx->window_size)
		return ERR_PTR(-ENOBUFS);
	units = DIV_ROUND_UP_ULL(length, ctx->window_size);

	window = kzalloc(struct_size(window, pages,
				     ctx->window_size / ctx->slot_size),
			 GFP_KERNEL_ACCOUNT);
	if (!window)
		return ERR_PTR(-ENOMEM);
retry:
	spin_lock(&ctx->lock);
	offset = -ENOBUFS;
	if (pmm->units + units <= ctx->units_per_mm) {
		if (pin_family_may_grow(ctx, pmm->family, units))
			offset = pin_units_alloc(ctx, units);
		if (offset < 0 && !swept) {
			spin_unlock(&ctx->lock);
			pin_mms_sweep(ctx, PIN_SWEEP_MANY);
			swept = true;
			goto retry;
		}
	}
	if (offset >= 0) {
		pmm->units += units;
		pin_family_count(ctx, pmm->family, units);
	}
	spin_unlock(&ctx->lock);
	if (offset < 0) {
		kfree(window);
		return ERR_PTR(offset);
	}
	INIT_LIST_HEAD(&window->free);
	window->offset = offset;
	window->length = length;
	return window;
}

/* For a window that was not mapped, or has been emptied. Does not sleep. */
void pin_window_cancel(struct pin_ctx *ctx, struct pin_mm *pmm,
		       struct pin_window *window)
{
	u32 units = DIV_ROUND_UP_ULL(window->length, ctx->window_size);

	spin_lock(&ctx->lock);
	pin_units_free(ctx, window->offset, window->length);
	pmm->units -= units;
	pin_family_count(ctx, pmm->family, -units);
	spin_unlock(&ctx->lock);
	kfree(window);
}

/**
 * pin_window_map - make a window visible in its mm
 * @ctx: the context
 * @pmm: whose
 * @window: from pin_window_reserve(); not consumed on error
 * @address: where, or 0 for anywhere
 *
 * Context: in the mm's own task, or with a reference to the mm (mmget()).
 *
 * Return: 0 or what vm_mmap_seal_remote() returns
 */
int pin_window_map(struct pin_ctx *ctx, struct pin_mm *pmm,
		   struct pin_window *window, unsigned long address)
{
	address = vm_mmap_seal_remote(pmm->mm, ctx->arena, address,
				      window->length,
				      window->offset >> PAGE_SHIFT);
	if (IS_ERR_VALUE(address))
		return address;

	spin_lock(&ctx->lock);
	window->address = address;
	list_add_tail(&window->node, &pmm->windows);
	spin_unlock(&ctx->lock);
	return 0;
}

/* Slots can be had of a window from now on; it is mapped; ctx->lock held. */
void pin_window_open(struct pin_ctx *ctx, struct pin_mm *pmm,
		     struct pin_window *window)
{
	lockdep_assert_held(&ctx->lock);
	window->nr_slots = ctx->window_size / ctx->slot_size;
	list_add(&window->free, &pmm->free);
}

static __always_inline void pin_slots_take(struct pin_ctx *ctx,
					   struct pin_window *window,
					   u64 slots, u32 nr)
{
	window->used |= slots;
	if (window->used == GENMASK_ULL(window->nr_slots - 1, 0))
		list_del_init(&window->free);
	ctx->nr_slots += nr;
}

static __always_inline void pin_slots_put(struct pin_ctx *ctx,
					  struct pin_mm *pmm,
					  struct pin_window *window, u64 slots,
					  u32 nr)
{
	if (list_empty(&window->free))
		list_add(&window->free, &pmm->free);
	window->used &= ~slots;
	ctx->nr_slots -= nr;
}

/**
 * pin_slot_find - take a slot of a window that there is already
 * @call: the call
 *
 * The lowest one that is free in a window, so that few pages are touched.
 *
 * Context: ctx->lock held.
 *
 * Return: whether there was one
 */
bool pin_slot_find(struct pin_call *call)
{
	struct pin_window *window;

	lockdep_assert_held(&call->ctx->lock);
	window = list_first_entry_or_null(&call->pmm->free, struct pin_window,
					  free);
	if (!window)
		return false;
	call->window = window;
	call->slot = __ffs64(~window->used);
	pin_slots_take(call->ctx, window, BIT_ULL(call->slot), 1);
	return true;
}

/* All slots are in use: map one more window, with this call in its first slot. */
static int pin_slot_grow(struct pin_call *call)
{
	struct pin_ctx *ctx = call->ctx;
	struct pin_window *window;
	int err;

	window = pin_window_reserve(ctx, call->pmm, ctx->window_size);
	if (IS_ERR(window))
		return PTR_ERR(window);
	err = pin_window_map(ctx, call->pmm, window, 0);
	if (err) {
		pin_window_cancel(ctx, call->pmm, window);
		return err;
	}

	spin_lock(&ctx->lock);
	pin_window_open(ctx, call->pmm, window);
	pin_slot_find(call);
	spin_unlock(&ctx->lock);
	return 0;
}

/**
 * pin_slot_get - find a slot for a call, or make one
 * @call: the call, of current
 *
 * Threads that find all slots in use wait for each other, or each would map a
 * window of its own. Nobody but they can be kept waiting by that.
 *
 * Return: 0, -EINTR (killed), or what pin_window_reserve() and pin_window_map()
 * return
 */
int pin_slot_get(struct pin_call *call)
{
	struct pin_ctx *ctx = call->ctx;
	int err = 0;
	bool found;

	if (mutex_lock_killable(&call->pmm->grow))
		return -EINTR;
	spin_lock(&ctx->lock);
	found = pin_slot_find(call);
	spin_unlock(&ctx->lock);
	if (!found)
		err = pin_slot_grow(call);
	mutex_unlock(&call->pmm->grow);
	return err;
}

/* Give the slot of a call back; ctx->lock held. */
void pin_slot_put(struct pin_call *call)
{
	struct pin_window *window = call->window;

	lockdep_assert_held(&call->ctx->lock);
	if (window)
		pin_slots_put(call->ctx, call->pmm, window, BIT_ULL(call->slot),
			      1);
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
 * @ctx: the context
 * @pmm: whose windows
 * @nr: how many; not more than a window has
 * @run: set to them
 *
 * The highest ones of a window: calls' own slots are taken from the other end. No
 * more than PIN_RUN_WINDOWS windows are looked at, each in 6 steps at most.
 *
 * Context: ctx->lock held.
 *
 * Return: whether there were some
 */
bool pin_run_find(struct pin_ctx *ctx, struct pin_mm *pmm, u32 nr,
		  struct pin_run *run)
{
	u32 look = PIN_RUN_WINDOWS;
	struct pin_window *window;
	u64 runs;

	lockdep_assert_held(&ctx->lock);
	list_for_each_entry(window, &pmm->free, free) {
		runs = pin_window_runs(window, nr);
		if (runs) {
			run->window = window;
			run->first = fls64(runs) - 1;
			run->nr = nr;
			pin_slots_take(ctx, window, pin_run_slots(run), nr);
			return true;
		}
		if (!--look)
			break;
	}
	return false;
}

/* Give them back, if there are any. There are none then; ctx->lock held. */
void pin_run_put(struct pin_ctx *ctx, struct pin_mm *pmm, struct pin_run *run)
{
	lockdep_assert_held(&ctx->lock);
	if (!run->window)
		return;
	pin_slots_put(ctx, pmm, run->window, pin_run_slots(run), run->nr);
	run->window = NULL;
}

/**
 * pin_address_to_arena - where in the arena a range in an mm is
 * @ctx: the context
 * @pmm: what there is in that mm
 * @address: the range's start
 * @len: its length, not 0
 *
 * Return: the offset, or U64_MAX if it does not lie in one window
 */
u64 pin_address_to_arena(struct pin_ctx *ctx, struct pin_mm *pmm, u64 address,
			 u64 len)
{
	struct pin_window *window;
	u64 ret = U64_MAX;

	spin_lock(&ctx->lock);
	list_for_each_entry(window, &pmm->windows, node) {
		if (address >= window->address && len <= window->length &&
		    address - window->address <= window->length - len) {
			ret = window->offset + (address - window->address);
			break;
		}
	}
	spin_unlock(&ctx->lock);
	return ret;
}

/* The other way round: the address, or U64_MAX */
u64 pin_arena_to_address(struct pin_ctx *ctx, struct pin_mm *pmm, u64 offset,
			 u64 len)
{
	struct pin_window *window;
	u64 ret = U64_MAX;

	spin_lock(&ctx->lock);
	list_for_each_entry(window, &pmm->windows, node) {
		if (offset >= window->offset && len <= window->length &&
		    offset - window->offset <= window->length - len) {
			ret = window->address + (offset - window->offset);
			break;
		}
	}
	spin_unlock(&ctx->lock);
	return ret;
}
