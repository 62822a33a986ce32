/* SPDX-License-Identifier: GPL-2.0-only */
/* Families: shares of the arena for trees of processes. */
#ifndef _SECCOMP_PIN_FAMILY_H
#define _SECCOMP_PIN_FAMILY_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct pid;
struct pin_arena;

#define PIN_FAMILY_BITS	10

/**
 * struct pin_family - a process with windows, and all its descendants
 * @node: in pin_families.table
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
 * struct pin_families - the families of one context
 * @lock: the lock of the context's listener; protects all that follows
 * @owner: the process that opened the device
 * @root_start: when the process at the top of the families was started
 * @strangers: the family of those that have no other
 * @table: the families, by pid
 */
struct pin_families {
	spinlock_t *lock;		/* see above */
	struct pid *owner;
	u64 root_start;
	struct pin_family strangers;
	struct hlist_head table[1 << PIN_FAMILY_BITS];
};

void pin_families_init(struct pin_families *families);
void pin_families_free(struct pin_families *families);
struct pin_family *pin_family_get(struct pin_families *families);
void pin_family_put(struct pin_families *families, struct pin_family *family);
bool pin_family_may_grow(const struct pin_arena *arena,
			 const struct pin_family *family, u32 units);
void pin_family_count(struct pin_family *family, s32 units);

#endif /* _SECCOMP_PIN_FAMILY_H */
