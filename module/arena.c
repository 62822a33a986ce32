// SPDX-License-Identifier: GPL-2.0-only
/*
 * The arena: the memfd behind the windows, and its division into units.
 *
 * User space can neither resize it nor punch holes into it, by its seals; the
 * kernel side can and does, when a window changes hands. Windows keep references
 * to pages until then, so its pages are neither evictable nor movable.
 */
#include <linux/bitmap.h>
#include <linux/fcntl.h>
#include <linux/highmem.h>
#include <linux/kcsan-checks.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/shmem_fs.h>

#include "pin.h"

#define PIN_ARENA_SEALS	(F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | \
			 F_SEAL_FUTURE_WRITE)

/*
 * Left in the mapping's i_private_data, of which shmem makes no use (it does of
 * the inode's i_private), for the life of the inode: its windows may be mapped
 * long after its context is gone, and a second one would hand them out again,
 * to other mms.
 */
#define PIN_ARENA_CLAIMED	((void *)1UL)

/**
 * pin_arena_claim - check a file, and take it for this context's arena
 * @file: the file
 * @sole: it is to have one mapping that can be written, at most
 *
 * Return: 0 or
 * * -EINVAL: not a memfd of ordinary pages
 * * -EACCES: not open for reading and writing
 * * -EPERM: it lacks seals
 * * -EAGAIN: @sole, and it has more
 * * -EBUSY: it has been an arena before
 */
int pin_arena_claim(struct file *file, bool sole)
{
	struct inode *inode = file_inode(file);

	if (!shmem_file(file) || !S_ISREG(inode->i_mode))
		return -EINVAL;
	if (!(file->f_mode & FMODE_READ) || !(file->f_mode & FMODE_WRITE))
		return -EACCES;
	if (~READ_ONCE(SHMEM_I(inode)->seals) & PIN_ARENA_SEALS)
		return -EPERM;
	/* With these seals, there are no new ones but those that fork() copies. */
	if (sole && atomic_read(&inode->i_data.i_mmap_writable) > 1)
		return -EAGAIN;
	if (cmpxchg(&inode->i_data.i_private_data, NULL, PIN_ARENA_CLAIMED))
		return -EBUSY;
	/* A target could have its pin swapped out, for the supervisor to wait. */
	mapping_set_unevictable(&inode->i_data);
	mapping_set_gfp_mask(&inode->i_data, GFP_HIGHUSER);
	return 0;
}

/* For a claim that came to nothing: no window was ever mapped. */
void pin_arena_unclaim(struct file *file)
{
	mapping_set_gfp_mask(file->f_mapping, GFP_HIGHUSER_MOVABLE);
	mapping_clear_unevictable(file->f_mapping);
	WRITE_ONCE(file_inode(file)->i_data.i_private_data, NULL);
}

/*
 * A page of the arena, in the page cache, and up to date. It stays there as long
 * as we have a reference: nobody truncates the range of a call, its mapping is
 * unevictable, and who wants to move it finds the reference, or we find its place
 * taken by a page that is not up to date yet.
 */
static struct page *pin_arena_page(struct pin_ctx *ctx, u64 offset)
{
	struct address_space *mapping = ctx->arena->f_mapping;
	pgoff_t index = offset >> PAGE_SHIFT;
	struct folio *folio;

	/* It may be one of as many as a window has. */
	cond_resched();
	folio = filemap_get_folio(mapping, index);
	if (IS_ERR(folio))
		return shmem_read_mapping_page(mapping, index);
	if (likely(folio_test_uptodate(folio)))
		return folio_file_page(folio, index);
	folio_put(folio);
	return shmem_read_mapping_page(mapping, index);
}

/**
 * pin_arena_write - write into the arena
 * @ctx: the context
 * @offset: where, in bytes
 * @src: what
 * @len: how much
 *
 * Context: process context, may sleep, killable.
 *
 * Return: 0, -ENOMEM, -EINTR, or -EIO (swap)
 */
int pin_arena_write(struct pin_ctx *ctx, u64 offset, const void *src,
		    size_t len)
{
	while (len) {
		size_t at = offset_in_page(offset);
		size_t n = min(len, PAGE_SIZE - at);
		struct page *page = pin_arena_page(ctx, offset);

		if (IS_ERR(page))
			return PTR_ERR(page);
		memcpy_to_page(page, at, src, n);
		if (!folio_test_dirty(page_folio(page)))
			folio_mark_dirty(page_folio(page));
		put_page(page);
		offset += n;
		src += n;
		len -= n;
	}
	return 0;
}

/**
 * pin_arena_read - read from the arena
 * @ctx: the context
 * @offset: where, in bytes
 * @dst: where to
 * @len: how much
 *
 * Context: process context, may sleep, killable.
 *
 * Return: 0 or as pin_arena_write()
 */
int pin_arena_read(struct pin_ctx *ctx, u64 offset, void *dst, size_t len)
{
	while (len) {
		size_t at = offset_in_page(offset);
		size_t n = min(len, PAGE_SIZE - at);
		struct page *page = pin_arena_page(ctx, offset);

		if (IS_ERR(page))
			return PTR_ERR(page);
		memcpy_from_page(dst, page, at, n);
		put_page(page);
		offset += n;
		dst += n;
		len -= n;
	}
	return 0;
}

/**
 * pin_arena_populate - see to it that a part of the arena has its pages
 * @ctx: the context
 * @offset: where, in bytes
 * @len: how much
 *
 * A page is charged to the memory cgroup of who needs it first. Done by targets
 * for what they make a supervisor look at, it is theirs to pay, and to wait for.
 *
 * Context: process context, may sleep, killable.
 *
 * Return: 0 or as pin_arena_write()
 */
int pin_arena_populate(struct pin_ctx *ctx, u64 offset, size_t len)
{
	u64 end = offset + len;

	for (offset &= PAGE_MASK; offset < end; offset += PAGE_SIZE) {
		struct page *page = pin_arena_page(ctx, offset);

		if (IS_ERR(page))
			return PTR_ERR(page);
		put_page(page);
	}
	return 0;
}

/* Most strings end where they are said to. */
static bool pin_has_nul(const char *p, size_t len)
{
	return !p[len - 1] || memchr(p, '\0', len - 1);
}

/**
 * pin_arena_find_nul - whether there is a NUL byte in a part of the arena
 * @ctx: the context
 * @offset: where, in bytes
 * @len: how much
 *
 * Context: process context, may sleep, killable.
 *
 * Return: 0, -EINVAL if there is none, or as pin_arena_write()
 */
int pin_arena_find_nul(struct pin_ctx *ctx, u64 offset, size_t len)
{
	while (len) {
		size_t at = offset_in_page(offset);
		size_t n = min(len, PAGE_SIZE - at);
		struct page *page = pin_arena_page(ctx, offset);
		char *p;
		bool found;

		if (IS_ERR(page))
			return PTR_ERR(page);
		p = kmap_local_page(page);
		found = pin_has_nul(p + at, n);
		kunmap_local(p);
		put_page(page);
		if (found)
			return 0;
		offset += n;
		len -= n;
	}
	return -EINVAL;
}

/*
 * The first page of a call's slot, where all of most calls' bytes are. Its window
 * keeps the reference; but not one to a huge page, which then could not be split
 * for another window to be emptied. NULL for one like that, or an error.
 */
static noinline struct page *pin_slot_page_get(struct pin_call *call)
{
	struct page **place = &call->window->pages[call->slot], *page, *old;

	page = pin_arena_page(call->ctx, pin_slot_offset(call));
	if (IS_ERR(page))
		return page;
	set_page_dirty(page);
	if (PageCompound(page)) {
		put_page(page);
		return NULL;
	}
	old = cmpxchg(place, NULL, page);
	if (!old)
		return page;
	put_page(page);
	return old;
}

static __always_inline struct page *pin_slot_page(struct pin_call *call)
{
	struct page *page = READ_ONCE(call->window->pages[call->slot]);

	return likely(page) ? page : pin_slot_page_get(call);
}

/* The page is not known yet, or not to be kept, or the bytes go beyond it. */
static noinline int pin_slot_write_any(struct pin_call *call, const void *src,
				       u32 len)
{
	struct page *page = pin_slot_page(call);

	return IS_ERR(page) ? PTR_ERR(page) :
	       pin_arena_write(call->ctx, pin_slot_offset(call), src, len);
}

/**
 * pin_slot_write - write to the start of a call's slot
 * @call: the call, which has a slot
 * @src: what
 * @len: how much; within the slot
 *
 * Context: process context, may sleep, killable.
 *
 * Return: 0 or as pin_arena_write()
 */
int pin_slot_write(struct pin_call *call, const void *src, u32 len)
{
	struct page *page = READ_ONCE(call->window->pages[call->slot]);

	if (unlikely(!page || len > PAGE_SIZE))
		return pin_slot_write_any(call, src, len);
	memcpy_to_page(page, 0, src, len);
	return 0;
}

/* As pin_arena_populate(), for the start of a call's slot */
int pin_slot_populate(struct pin_call *call, u32 len)
{
	struct page *page = pin_slot_page(call);

	if (IS_ERR(page))
		return PTR_ERR(page);
	return len <= PAGE_SIZE ? 0 :
	       pin_arena_populate(call->ctx, pin_slot_offset(call), len);
}

/**
 * pin_slot_find_nul - whether there is a NUL byte in a part of a call's slot
 * @call: the call, which has a slot
 * @at: where, from the start of the slot
 * @len: how much; not 0, and within the slot
 *
 * Return: 0, -EINVAL if there is none, or as pin_arena_write()
 */
int pin_slot_find_nul(struct pin_call *call, u32 at, u64 len)
{
	struct page *page = pin_slot_page(call);
	char *p;
	bool found;

	if (IS_ERR(page))
		return PTR_ERR(page);
	if (!page || at >= PAGE_SIZE || len > PAGE_SIZE - at)
		return pin_arena_find_nul(call->ctx, pin_slot_offset(call) + at,
					  len);
	p = kmap_local_page(page);
	found = pin_has_nul(p + at, len);
	kunmap_local(p);
	return found ? 0 : -EINVAL;
}

/**
 * pin_units_alloc - take adjoining units of the arena
 * @ctx: the context
 * @nr: how many
 *
 * Context: ctx->lock held.
 *
 * Return: offset in bytes, or -ENOBUFS
 */
long pin_units_alloc(struct pin_ctx *ctx, u32 nr)
{
	unsigned long unit;

	lockdep_assert_held(&ctx->lock);
	unit = bitmap_find_next_zero_area(ctx->units, ctx->nr_units,
					  ctx->first_unit, nr, 0);
	if (unit >= ctx->nr_units)
		return -ENOBUFS;
	bitmap_set(ctx->units, unit, nr);
	if (nr == 1 || unit == ctx->first_unit)
		ctx->first_unit = unit + nr;
	ctx->nr_windows += nr;
	return unit * ctx->window_size;
}

/* Give units back, emptied or never seen by anyone; ctx->lock held. */
void pin_units_free(struct pin_ctx *ctx, u64 offset, u64 length)
{
	u32 nr = DIV_ROUND_UP_ULL(length, ctx->window_size);
	u32 unit = div_u64(offset, ctx->window_size);

	lockdep_assert_held(&ctx->lock);
	bitmap_clear(ctx->units, unit, nr);
	ctx->first_unit = min(ctx->first_unit, unit);
	ctx->nr_windows -= nr;
}

/**
 * pin_arena_punch - empty a part of the arena
 * @ctx: the context
 * @offset: where, in bytes
 * @length: how much
 *
 * It reads as zeros afterwards, to everyone who has it mapped. A huge page of
 * which this is but a part stays where it is if it cannot be split, because
 * somebody has a reference to it, in a pipe for example; and who has that would
 * see what is written there next.
 *
 * Context: process context, may sleep.
 *
 * Return: whether no page is left
 */
bool pin_arena_punch(struct pin_ctx *ctx, u64 offset, u64 length)
{
	u64 last = offset + length - 1;

	/*
	 * Not under the inode's lock: a task that is kept from running while it
	 * holds that would keep others waiting. Two at a time may set the file's
	 * times then, which nobody looks at.
	 */
	kcsan_disable_current();
	shmem_truncate_range(file_inode(ctx->arena), offset, last);
	kcsan_enable_current();
	return !filemap_range_has_page(ctx->arena->f_mapping, offset, last);
}
