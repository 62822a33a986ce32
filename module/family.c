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
 * What this does not tell apart are the children of a process and those that its
 * children foist on it, by CLONE_PARENT or, if it reaps orphans, as such: they
 * have to share what it has. If the opener is no ancestor of its targets, that
 * goes for all of them.
 */
#include <linux/hash.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
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
	families->root_start = U64_MAX - 1;
	families->strangers.level = 3;
	families->strangers.refs = 1;
}

void pin_families_free(struct pin_families *families)
{
	put_pid(families->owner);
}

static struct hlist_head *pin_family_bucket(struct pin_families *families,
					    struct pid *pid)
{
	return &families->table[hash_ptr(pid, PIN_FAMILY_BITS)];
}

static struct pin_family *pin_family_lookup(struct pin_families *families,
					    struct pid *pid)
{
	struct pin_family *family;

	lockdep_assert_held(families->lock);
	hlist_for_each_entry(family, pin_family_bucket(families, pid), node)
		if (family->pid == pid)
			return family;
	return NULL;
}

/* Takes a reference to @parent, and one to the pid, if @family is put in. */
static void pin_family_link(struct pin_families *families, struct pin_family *family,
			    struct pin_family *parent, struct pid *pid)
{
	lockdep_assert_held(families->lock);
	family->pid = get_pid(pid);
	family->parent = parent;
	family->level = 1;
	if (parent) {
		parent->refs++;
		family->level = parent->level + 1;
	}
	hlist_add_head(&family->node, pin_family_bucket(families, pid));
}

void pin_family_put(struct pin_families *families, struct pin_family *family)
{
	lockdep_assert_held(families->lock);
	while (family && !--family->refs) {
		struct pin_family *parent = family->parent;

		hlist_del(&family->node);
		put_pid(family->pid);
		kfree(family);
		family = parent;
	}
}

/*
 * Current's process and its ancestors, the nearest first, without the one that
 * opened the device and what is above. Returns how many; @start: if these are
 * all there are below that one, when the last of them was started, or U64_MAX.
 */
static unsigned int pin_family_walk(struct pin_families *families,
				    struct pid *line[PIN_FAMILY_LOOK],
				    u64 *start)
{
	struct task_struct *task = current;
	unsigned int n = 0;
	struct pid *pid;
	u64 last = U64_MAX;

	*start = U64_MAX;
	rcu_read_lock();
	while (n < PIN_FAMILY_LOOK && !is_global_init(task)) {
		pid = get_task_pid(task, PIDTYPE_TGID);
		if (!pid)
			break;
		if (pid == families->owner) {
			*start = last;
			put_pid(pid);
			break;
		}
		line[n++] = pid;
		last = task->group_leader->start_time;
		task = rcu_dereference(task->real_parent);
	}
	rcu_read_unlock();
	return n;
}

/* Make the families of @line below @family, or below none, the last one first. */
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
			pin_family_link(families, new, family, line[n]);
			swap(found, new);
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

/**
 * pin_family_get - the family of current's process
 * @families: the families
 *
 * Context: process context, may sleep.
 *
 * Return: the family, to be given back with pin_family_put(), or NULL: no
 * memory
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

/**
 * pin_family_may_grow - whether a family can have more of the arena
 * @arena: the arena; the listener's lock is held
 * @family: the family
 * @units: how much more
 */
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
