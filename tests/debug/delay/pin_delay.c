// SPDX-License-Identifier: GPL-2.0-only
/*
 * For tests: the kernel waits where it moves a page of an arena, at the moments when
 * a write to the old page would be lost.
 *
 * - Migration waits when it has copied the page, before it looks at the page's
 *   references once more and replaces the page.
 * - A collapse waits when it has looked at the references of all pages, before it
 *   copies them into a huge page. (A page that somebody gets without the lock from
 *   then on is a page that the file does not have any more.)
 *
 * The wait ends when somebody waits for the folio's lock, when somebody has written
 * to the page all the same, or after @ms milliseconds. Once somebody has come, there
 * are no more of them.
 *
 * /sys/kernel/debug/pin_delay has
 *   watch	takes "PID ADDRESS": the page of a sealed mapping that this is about.
 *		The numbers below are 0 then
 *   collapse	the task that writes to it is the one whose collapses wait
 *   stops	how often the kernel has waited with the page
 *   large	how often of those the page was part of a large folio
 *   waited	how often somebody else waited for the folio's lock meanwhile
 *   written	how often somebody else wrote to the page meanwhile
 */
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/file.h>
#include <linux/kprobes.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

/* Who has written to a page puts its reference within this time. */
#define SETTLE_MS	5

static unsigned int ms = 10000;
module_param(ms, uint, 0444);
MODULE_PARM_DESC(ms, "how long the kernel waits at most, in milliseconds");

/**
 * struct watch - the page that is watched
 * @file: the arena; holds a reference
 * @index: of the page in it
 * @collapser: the task whose collapses wait, or 0
 */
struct watch {
	struct file *file;
	pgoff_t index;
	pid_t collapser;
};

static struct watch __rcu *watch;
static DEFINE_MUTEX(watch_mutex);

static unsigned long stops;
static unsigned long large;
static unsigned long waited;
static unsigned long written;

static struct dentry *dir;

/* What the page held, while it is not copied yet */
static u8 before[PAGE_SIZE];

/* The probes run with preemption disabled. */
static struct watch *watch_get(void)
{
	return rcu_dereference_sched(watch);
}

static bool watch_is_of(const struct watch *w, const struct folio *folio)
{
	if (folio->mapping != w->file->f_mapping)
		return false;
	return w->index >= folio->index &&
	       w->index - folio->index < folio_nr_pages(folio);
}

/* Wait for somebody to come for the page, whose content so far is @copy. */
static void wait_for_somebody(struct folio *folio, const void *page,
			      const void *copy)
{
	ktime_t end = ktime_add_ms(ktime_get(), ms);

	if (waited || written)
		return;
	if (folio_test_large(folio))
		large++;
	/* From here on, the test makes somebody come. */
	smp_store_release(&stops, stops + 1);
	while (ktime_before(ktime_get(), end)) {
		if (folio_test_waiters(folio)) {
			waited++;
			return;
		}
		if (memcmp(page, copy, PAGE_SIZE)) {
			written++;
			mdelay(SETTLE_MS);
			return;
		}
		cpu_relax();
	}
}

static void *address_in(struct folio *folio, pgoff_t nr)
{
	return page_address(folio_page(folio, nr));
}

/*
 * Migration: folio_mc_copy(dst, src), for the page that is watched
 */
struct copying {
	struct folio *dst;
	struct folio *src;
};

static int copy_enter(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct copying *copying = (void *)ri->data;
	const struct watch *w = watch_get();

	copying->dst = (void *)regs_get_kernel_argument(regs, 0);
	copying->src = (void *)regs_get_kernel_argument(regs, 1);
	return !w || !watch_is_of(w, copying->src);
}

static int copy_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	const struct copying *copying = (void *)ri->data;
	const struct watch *w = watch_get();
	pgoff_t nr;

	if (!w || !watch_is_of(w, copying->src))
		return 0;
	nr = w->index - copying->src->index;
	wait_for_somebody(copying->src, address_in(copying->src, nr),
			  address_in(copying->dst, nr));
	return 0;
}

static struct kretprobe copy_probe = {
	.kp.symbol_name = "folio_mc_copy",
	.entry_handler = copy_enter,
	.handler = copy_return,
	.data_size = sizeof(struct copying),
	.maxactive = 16,
};

/*
 * Collapse: try_to_unmap_flush(), called by the task that collapses. It has all
 * folios locked.
 */
static int flush_enter(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	const struct watch *w = watch_get();

	return !w || w->collapser != task_pid_nr(current);
}

static int flush_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	const struct watch *w = watch_get();
	struct folio *folio;
	void *page;

	if (!w)
		return 0;
	folio = xa_load(&w->file->f_mapping->i_pages, w->index);
	/* A collapse that has given up has unlocked them. */
	if (!folio || xa_is_value(folio) || !folio_test_locked(folio))
		return 0;
	page = address_in(folio, w->index - folio->index);
	memcpy(before, page, PAGE_SIZE);
	wait_for_somebody(folio, page, before);
	return 0;
}

static struct kretprobe flush_probe = {
	.kp.symbol_name = "try_to_unmap_flush",
	.entry_handler = flush_enter,
	.handler = flush_return,
	.maxactive = 16,
};

static struct kretprobe *probes[] = { &copy_probe, &flush_probe };

/*
 * What is watched
 */
static void watch_set(struct watch *new)
{
	struct watch *old;

	old = rcu_replace_pointer(watch, new, lockdep_is_held(&watch_mutex));
	synchronize_rcu();
	if (old)
		fput(old->file);
	kfree(old);
}

static int watch_find_vma(struct watch *w, struct mm_struct *mm,
			  unsigned long address)
{
	struct vm_area_struct *vma;
	int err = -EFAULT;

	mmap_read_lock(mm);
	vma = vma_lookup(mm, address);
	if (vma && vma->vm_file && (vma->vm_flags & VM_SEALED) &&
	    (vma->vm_flags & VM_SHARED)) {
		w->file = get_file(vma->vm_file);
		w->index = linear_page_index(vma, address);
		err = 0;
	}
	mmap_read_unlock(mm);
	return err;
}

static int watch_find(struct watch *w, pid_t nr, unsigned long address)
{
	struct pid *pid = find_get_pid(nr);
	struct task_struct *task = get_pid_task(pid, PIDTYPE_PID);
	struct mm_struct *mm = NULL;
	int err = -ESRCH;

	if (task) {
		mm = get_task_mm(task);
		put_task_struct(task);
	}
	put_pid(pid);
	if (mm) {
		err = watch_find_vma(w, mm, address);
		mmput(mm);
	}
	return err;
}

static ssize_t watch_write(struct file *file, const char __user *from,
			   size_t len, loff_t *pos)
{
	unsigned long address;
	struct watch *new;
	char text[64] = "";
	pid_t nr;
	int err;

	if (len >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, from, len))
		return -EFAULT;
	if (sscanf(text, "%d %lx", &nr, &address) != 2)
		return -EINVAL;
	new = kzalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return -ENOMEM;
	err = watch_find(new, nr, address);
	if (err) {
		kfree(new);
		return err;
	}
	mutex_lock(&watch_mutex);
	watch_set(NULL);
	stops = 0;
	large = 0;
	waited = 0;
	written = 0;
	watch_set(new);
	mutex_unlock(&watch_mutex);
	return len;
}

static const struct file_operations watch_fops = {
	.owner = THIS_MODULE,
	.write = watch_write,
};

static ssize_t collapse_write(struct file *file, const char __user *from,
			      size_t len, loff_t *pos)
{
	ssize_t ret = -ENOENT;
	struct watch *w;

	mutex_lock(&watch_mutex);
	w = rcu_dereference_protected(watch, lockdep_is_held(&watch_mutex));
	if (w) {
		WRITE_ONCE(w->collapser, task_pid_nr(current));
		ret = len;
	}
	mutex_unlock(&watch_mutex);
	return ret;
}

static const struct file_operations collapse_fops = {
	.owner = THIS_MODULE,
	.write = collapse_write,
};

static int __init pin_delay_init(void)
{
	int err;

	err = register_kretprobes(probes, ARRAY_SIZE(probes));
	if (err)
		return err;
	dir = debugfs_create_dir("pin_delay", NULL);
	debugfs_create_file("watch", 0200, dir, NULL, &watch_fops);
	debugfs_create_file("collapse", 0200, dir, NULL, &collapse_fops);
	debugfs_create_ulong("stops", 0400, dir, &stops);
	debugfs_create_ulong("large", 0400, dir, &large);
	debugfs_create_ulong("waited", 0400, dir, &waited);
	debugfs_create_ulong("written", 0400, dir, &written);
	return 0;
}
module_init(pin_delay_init);

static void __exit pin_delay_exit(void)
{
	debugfs_remove(dir);
	unregister_kretprobes(probes, ARRAY_SIZE(probes));
	mutex_lock(&watch_mutex);
	watch_set(NULL);
	mutex_unlock(&watch_mutex);
}
module_exit(pin_delay_exit);

MODULE_DESCRIPTION("Waits where pages of an arena are moved");
MODULE_LICENSE("GPL");
