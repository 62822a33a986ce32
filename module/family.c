// SPDX-License-Identifier: GPL-2.0-only
/*
 * Families: shares of the arena for trees of processes. What one mm can have is
 * a constant; but a target that forks makes as many mms as it likes.
 *
 * A process that has windows is a family, and so are its ancestors up to the
 * process that opened the device; a family's windows are those of its own mm
 * and of all families below. It gets one more as long as what is left of the
 * arena is in proportion to what it has: a 16th for the highest ones, and twice
 * as much on every level below. So when one of two siblings can grow no more,
 * their parent can, and the other one still gets its windows.
 *
 * A listener has one family at the top, that of the process which installed the
 * filter: of those that seem to be children of the process that opened the device
 * it is the oldest. The others, and those with ancestors that are dead and were
 * never seen here, have been forked twice, or with CLONE_PARENT. These are
 * strangers, which together have the share of a family on the third level.
 *
 * What this does not tell apart are the children of a process and those that its children
 * foist on it, by CLONE_PARENT or, if it reaps orphans, as such: they have to share what
 * it has. If the opener is no ancestor of its targets, that goes for all of them.
 */
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "arena.h"
#include "family.h"

/* What has to be left for one more window of a family on level 1: a 16th */
#define PIN_FAMILY_SHIFT	4
/* Further down, a process is of the family of its ancestor there. */
#define PIN_FAMILY_LEVELS	12
/* How far up a process looks for its family */
#define PIN_FAMILY_LOOK		16

void pin_families_init(struct pin_families *families)
{
	families->owner = get_task_pid(current, PIDTYPE_TGID);
	/* Later than all, but before U64_MAX, which pin_family_walk() has for none */
	families->root_start = U64_MAX - 1;
	families->strangers.level = 3;
	families->strangers.refs = 1;
}

static struct pin_family *pin_family_lookup(struct pin_families *families,
					    struct pid *pid)
{
	struct pin_family *family;

	lockdep_assert_held(families->lock);
	hash_for_each_possible(families->table, family, node, (uintptr_t)pid)
		if (family->pid == pid)
			return family;
	return NULL;
}

void pin_family_put(struct pin_families *families, struct pin_family *family)
{
	lockdep_assert_held(families->lock);
	while (family && !--family->refs) {
		struct pin_family *parent = family->parent;

		hash_del(&family->node);
		put_pid(family->pid);
		kfree(family);
		family = parent;
	}
}

/*
 * Current's process and its ancestors, the nearest first, up to the child of the
 * process that opened the device. Returns how many. @start: when that child was
 * started, or U64_MAX if the walk did not get as far.
 */
static unsigned int pin_family_walk(struct pin_families *families,
				    struct pid *line[PIN_FAMILY_LOOK], u64 *start)
{
	struct task_struct *task = current;
	unsigned int n;

	*start = U64_MAX;
	guard(rcu)();
	for (n = 0; n < PIN_FAMILY_LOOK && !is_global_init(task); n++) {
		line[n] = get_task_pid(task, PIDTYPE_TGID);
		if (!line[n])
			break;
		if (line[n] == families->owner) {
			put_pid(line[n]);
			return n;
		}
		*start = task->group_leader->start_time;
		task = rcu_dereference(task->real_parent);
	}
	*start = U64_MAX;
	return n;
}

/*
 * Make the families of @line, the last one first: one below the other, and the
 * first below @family, or at the top if that is NULL. The caller's reference to
 * @family is used up. Returns the lowest one, with a reference, or NULL: no memory
 */
static struct pin_family *pin_family_make(struct pin_families *families,
					  struct pin_family *family,
					  struct pid **line, unsigned int n)
{
	struct pin_family *new, *found;

	while (n-- && (!family || family->level < PIN_FAMILY_LEVELS)) {
		new = kzalloc(sizeof(*new), GFP_KERNEL_ACCOUNT);
		spin_lock(families->lock);
		found = pin_family_lookup(families, line[n]);
		if (!found && new) {
			new->pid = get_pid(line[n]);
			new->level = family ? family->level + 1 : 1;
			hash_add(families->table, &new->node, (uintptr_t)line[n]);
			/* The reference to the parent is @new's from now on. */
			swap(new->parent, family);
			swap(new, found);
		}
		if (found)
			found->refs++;
		pin_family_put(families, family);
		spin_unlock(families->lock);
		kfree(new);
		family = found;
		if (!family)
			break;
	}
	return family;
}

/*
 * The family of current's process, to be given back with pin_family_put(), or
 * NULL: no memory. May sleep.
 */
struct pin_family *pin_family_get(struct pin_families *families)
{
	struct pid *line[PIN_FAMILY_LOOK];
	struct pin_family *family = NULL;
	unsigned int n, known;
	u64 start;

	n = pin_family_walk(families, line, &start);

	spin_lock(families->lock);
	for (known = 0; known < n && !family; known++)
		family = pin_family_lookup(families, line[known]);
	if (family)
		known--;
	else if (start > families->root_start)
		family = &families->strangers;
	else
		families->root_start = start;
	if (family)
		family->refs++;
	spin_unlock(families->lock);

	family = pin_family_make(families, family, line, known);
	while (n--)
		put_pid(line[n]);
	return family;
}

/* Whether a family can have that many more units of the arena; lock held. */
bool pin_family_may_grow(const struct pin_arena *arena,
			 const struct pin_family *family, u32 units)
{
	u64 left = arena->nr_units - arena->nr_used;

	for (; family; family = family->parent)
		if ((family->units + units - 1ULL) << (family->level - 1) >
		    left << PIN_FAMILY_SHIFT)
			return false;
	return true;
}

/* Count units of the arena that a family gets, or gives back; lock held. */
void pin_family_count(struct pin_family *family, s32 units)
{
	for (; family; family = family->parent)
		family->units += units;
}
