/* SPDX-License-Identifier: GPL-2.0-only */
/* Families: shares of the arena for trees of processes. */
#ifndef _SECCOMP_PIN_FAMILY_H
#define _SECCOMP_PIN_FAMILY_H

#include <linux/hashtable.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct pid;
struct pin_arena;

/* A process with windows, and all its descendants */
struct pin_family {
	struct hlist_node node;		/* in pin_families.table */
	struct pin_family *parent;	/* one level up, or NULL */
	struct pid *pid;		/* the process; held: no later one has it */
	u32 refs;			/* mms, and families one level down */
	u32 level;			/* how far from the top, from 1 */
	u32 units;			/* of the arena, here and in families below */
};

/* The families of one context */
struct pin_families {
	spinlock_t *lock;		/* of the listener; protects what follows */
	struct pid *owner;		/* the process that opened the device */
	u64 root_start;			/* when the topmost process was started */
	struct pin_family strangers;	/* of those that have no other */
	DECLARE_HASHTABLE(table, 10);	/* the families, by pid */
};

void pin_families_init(struct pin_families *families);
struct pin_family *pin_family_get(struct pin_families *families);
void pin_family_put(struct pin_families *families, struct pin_family *family);
bool pin_family_may_grow(const struct pin_arena *arena,
			 const struct pin_family *family, u32 units);
void pin_family_count(struct pin_family *family, s32 units);

#endif /* _SECCOMP_PIN_FAMILY_H */
