/* SPDX-License-Identifier: GPL-2.0-only */
/* The arena: the memfd behind the pins, and its division into units. */
#ifndef _SECCOMP_PIN_ARENA_H
#define _SECCOMP_PIN_ARENA_H

#include <linux/fs.h>
#include <linux/mm_types.h>
#include <linux/types.h>

/**
 * struct pin_arena - the arena of one context
 * @file: the memfd; this, @unit and @nr_units are set once, by attach
 * @unit: bytes in a unit; the arena is handed out in whole units
 * @nr_units: units that the arena has
 * @nr_used: units in use; by the lock of the context's listener, as what follows
 * @first: no unit below is free
 * @used: the units in use, a bit for each
 */
struct pin_arena {
	struct file *file;
	u32 unit;
	u32 nr_units;
	u32 nr_used;
	u32 first;
	unsigned long *used;
};

int pin_arena_claim(struct file *file, bool sole);
void pin_arena_unclaim(struct file *file);
struct page *pin_arena_page(const struct pin_arena *arena, u64 offset);
struct page *pin_arena_lock_page(const struct pin_arena *arena, u64 offset);
void pin_arena_unlock_page(struct page *page);
long pin_units_alloc(struct pin_arena *arena, u32 nr);
void pin_units_free(struct pin_arena *arena, u64 offset, u32 nr);
bool pin_arena_wipe(struct page *page);
void pin_arena_charge(const struct pin_arena *arena, u64 offset, struct mm_struct *mm);
bool pin_arena_punch(const struct pin_arena *arena, u64 start, u64 end);

#endif /* _SECCOMP_PIN_ARENA_H */
