// SPDX-License-Identifier: GPL-2.0-only
/*
 * The arena: the memfd behind the pins, and its division into units.
 *
 * The seals keep user space from resizing the arena and from punching holes into
 * it. The module empties a window when the window goes to another mm.
 *
 * Migration and collapse copy a folio before they look at its references again. A
 * write between the copy and the look is lost. So the module writes to a page of
 * the arena only
 * - with the folio locked and its mapping looked at: both work on locked folios; or
 * - with a reference that it took like that and keeps: both then find a reference
 *   too many, before they copy.
 */
#include <linux/bitmap.h>
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/kcsan-checks.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/shmem_fs.h>

#include "arena.h"

#define PIN_ARENA_SEALS	(F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | \
			 F_SEAL_FUTURE_WRITE)

/*
 * A mark in the mapping's i_private_data, which shmem does not use (it uses the
 * inode's i_private). The mark stays for the life of the inode: targets may have
 * windows mapped long after the context is closed, and a second context would
 * hand these out again, to other mms.
 */
#define PIN_ARENA_CLAIMED	((void *)1UL)

/*
 * Check a file, and mark it as an arena. @sole: refuse a file with more than one
 * writable mapping. Returns 0 or as SECCOMP_PIN_ATTACH in docs/abi.md
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
	/* With these seals, only fork() makes new ones: it copies a mapping. */
	if (sole && atomic_read(&inode->i_data.i_mmap_writable) > 1)
		return -EAGAIN;
	if (cmpxchg(&inode->i_data.i_private_data, NULL, PIN_ARENA_CLAIMED))
		return -EBUSY;
	/* A target could have its pin swapped out, and the supervisor would wait. */
	mapping_set_unevictable(&inode->i_data);
	mapping_set_gfp_mask(&inode->i_data, GFP_HIGHUSER);
	return 0;
}

/* Take the mark back, if attach fails: no window was ever mapped. */
void pin_arena_unclaim(struct file *file)
{
	mapping_set_gfp_mask(file->f_mapping, GFP_HIGHUSER_MOVABLE);
	mapping_clear_unevictable(file->f_mapping);
	WRITE_ONCE(file_inode(file)->i_data.i_private_data, NULL);
}

/* A page of the arena with a reference; it may be about to be replaced. */
struct page *pin_arena_page(const struct pin_arena *arena, u64 offset)
{
	struct address_space *mapping = arena->file->f_mapping;
	pgoff_t index = offset >> PAGE_SHIFT;
	struct folio *folio;

	/* The caller may go through a whole window. */
	cond_resched();
	folio = filemap_get_folio(mapping, index);
	if (!IS_ERR(folio)) {
		if (likely(folio_test_uptodate(folio)))
			return folio_file_page(folio, index);
		folio_put(folio);
	}
	return shmem_read_mapping_page(mapping, index);
}

/*
 * The page of the arena at an offset, to be written. It stays the arena's until
 * pin_arena_unlock_page(), and after that for as long as the caller keeps a reference of
 * its own. It is charged to the memory cgroup of the first task that needs it.
 *
 * May sleep, killable. Returns the page, dirty, its folio locked and with a
 * reference; or -ENOMEM, -EINTR, or -EIO (swap).
 */
struct page *pin_arena_lock_page(const struct pin_arena *arena, u64 offset)
{
	struct folio *folio;
	struct page *page;

	for (;;) {
		page = pin_arena_page(arena, offset);
		if (IS_ERR(page))
			return page;
		folio = page_folio(page);
		if (folio_lock_killable(folio)) {
			folio_put(folio);
			return ERR_PTR(-EINTR);
		}
		if (likely(folio->mapping == arena->file->f_mapping &&
			   folio_contains(folio, offset >> PAGE_SHIFT)))
			break;
		/* It was migrated or collapsed before the lock was there. */
		folio_unlock(folio);
		folio_put(folio);
	}
	folio_mark_dirty(folio);
	return folio_file_page(folio, offset >> PAGE_SHIFT);
}

void pin_arena_unlock_page(struct page *page)
{
	folio_unlock(page_folio(page));
	put_page(page);
}

/* Take adjoining units. Returns their offset in bytes, or -ENOBUFS; lock held. */
long pin_units_alloc(struct pin_arena *arena, u32 nr)
{
	unsigned long unit;

	unit = bitmap_find_next_zero_area(arena->used, arena->nr_units,
					  arena->first, nr, 0);
	if (unit >= arena->nr_units)
		return -ENOBUFS;
	bitmap_set(arena->used, unit, nr);
	if (nr == 1 || unit == arena->first)
		arena->first = unit + nr;
	arena->nr_used += nr;
	return unit * arena->unit;
}

/* Give units back that are empty, or that nobody has seen; lock held. */
void pin_units_free(struct pin_arena *arena, u64 offset, u32 nr)
{
	u32 unit = div_u64(offset, arena->unit);

	bitmap_clear(arena->used, unit, nr);
	arena->first = min(arena->first, unit);
	arena->nr_used -= nr;
}

/*
 * Wipe a page that the caller keeps, if nobody else can see it: neither a pipe nor I/O
 * that is under way has a reference. Does not sleep. Returns whether it is wiped.
 */
bool pin_arena_wipe(struct page *page)
{
	struct folio *folio = page_folio(page);
	bool alone;
	int refs;

	if (!folio_trylock(folio))
		return false;
	refs = folio_ref_count(folio);
	/* A mapping that goes between the two must not hide somebody's reference. */
	smp_rmb();
	/* The page cache's reference, the caller's, and one of each mapping */
	alone = refs == 2 + folio_mapcount(folio) && !PageHWPoison(page);
	if (alone)
		memset64(page_address(page), 0, PAGE_SIZE / sizeof(u64));
	folio_unlock(folio);
	return alone;
}

/*
 * Empty a part of the arena, from @start to @end: all mappings show zeros there afterwards.
 * A huge page that lies only partly in it stays if it cannot be split because of a
 * reference, from a pipe for example. The owner of that reference would see what is
 * written there next. May sleep. Returns whether no page is left.
 */
bool pin_arena_punch(const struct pin_arena *arena, u64 start, u64 end)
{
	struct address_space *mapping = arena->file->f_mapping;
	unsigned long index = start >> PAGE_SHIFT, last = (end - 1) >> PAGE_SHIFT;

	/* Of what was there before ATTACH, some may be swapped out. */
	if (start == end || !xa_find(&mapping->i_pages, &index, last, XA_PRESENT))
		return true;
	/*
	 * Not under the inode's lock: a task that is kept from running while it
	 * holds that would keep others waiting. Two at a time may set the file's
	 * times then, which nobody looks at.
	 */
	kcsan_disable_current();
	shmem_truncate_range(file_inode(arena->file), start, end - 1);
	kcsan_enable_current();
	return !filemap_range_has_page(mapping, start, end - 1);
}

/*
 * An mm gets a unit: the page that was wiped there goes if it is charged to another memory
 * cgroup than the mm's. May sleep.
 */
void pin_arena_charge(const struct pin_arena *arena, u64 offset, struct mm_struct *mm)
{
	struct mem_cgroup *memcg;
	struct folio *folio;
	bool same;

	folio = filemap_get_folio(arena->file->f_mapping, offset >> PAGE_SHIFT);
	if (IS_ERR(folio))
		return;
	memcg = get_mem_cgroup_from_mm(mm);
	same = folio_memcg(folio) == memcg;
	mem_cgroup_put(memcg);
	folio_put(folio);
	if (!same)
		pin_arena_punch(arena, offset, offset + PAGE_SIZE);
}
