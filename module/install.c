// SPDX-License-Identifier: GPL-2.0-only
/*
 * Windows on request: from outside where the target's mmap lock is free, by the
 * parked target itself where it is not, for that lock can be held as long as
 * the target's owner likes.
 */
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "call.h"
#include "install.h"
#include "work.h"

/**
 * struct pin_install - an installation by the target
 * @work: what the target is asked to do
 * @space: the context's
 * @pmm: where; counted as a user, for the work may be late
 * @window: what; NULL when who has asked for it knows that it is mapped
 * @address: where in the mm, or 0
 * @slots: if it is mapped too late for who has asked, calls can have its slots
 * @ret: -ENOENT until done; 0 when it is mapped
 */
struct pin_install {
	struct pin_work work;
	struct pin_space *space;
	struct pin_mm *pmm;
	struct pin_window *window;
	unsigned long address;
	bool slots;
	int ret;
};

static void pin_install_work(struct pin_work *work)
{
	struct pin_install *install =
		container_of(work, struct pin_install, work);

	install->ret = pin_window_map(install->space, install->pmm,
				      install->window, install->address);
}

static void pin_install_release(struct pin_work *work)
{
	struct pin_install *install =
		container_of(work, struct pin_install, work);
	struct pin_window *window = install->window;
	struct pin_space *space = install->space;

	if (window && install->ret) {
		pin_window_cancel(space, install->pmm, window);
	} else if (window && install->slots) {
		spin_lock(space->lock);
		pin_window_open(space, install->pmm, window);
		spin_unlock(space->lock);
	}
	pin_mm_put(space, install->pmm);
	kfree(install);
}

static int pin_install_by_target(struct pin_call *call,
				 struct pin_window *window,
				 unsigned long address, u32 timeout, bool slots)
{
	struct pin_space *space = pin_call_space(call);
	struct pin_install *install;
	int err;

	install = kzalloc(sizeof(*install), GFP_KERNEL_ACCOUNT);
	if (!install) {
		pin_window_cancel(space, call->pmm, window);
		return -ENOMEM;
	}
	pin_work_init(&install->work, pin_install_work, pin_install_release);
	install->space = space;
	install->pmm = call->pmm;
	install->window = window;
	install->address = address;
	install->slots = slots;
	install->ret = -ENOENT;
	spin_lock(space->lock);
	install->pmm->users++;
	spin_unlock(space->lock);

	err = pin_work_run(call, &install->work, msecs_to_jiffies(timeout));
	if (err && err != -ETIMEDOUT && err != -ERESTARTSYS)
		return err;
	err = err ?: install->ret;
	if (!err)
		install->window = NULL;
	pin_work_put(&install->work);
	return err == -ERESTARTSYS ? -EINTR : err;
}

/**
 * pin_window_install - map a window into a parked target's mm
 * @call: the target's; the caller's access to it has been checked
 * @window: from pin_window_reserve(); consumed on error
 * @address: where, or 0 for anywhere
 * @timeout: milliseconds to wait for the target, where it is needed
 * @slots: if that is not enough, and the target maps it later all the same, calls
 *	can have its slots
 *
 * Return: 0, -ESRCH: the mm is dead, or what pin_window_map() and
 * pin_work_run() return
 */
int pin_window_install(struct pin_call *call, struct pin_window *window,
		       unsigned long address, u32 timeout, bool slots)
{
	struct pin_space *space = pin_call_space(call);
	struct mm_struct *mm = call->pmm->mm;
	int err = -ESRCH;

	if (mmget_not_zero(mm)) {
		err = pin_window_map(space, call->pmm, window, address);
		/* Not mmput(): the last one tears down what is the target's. */
		mmput_async(mm);
	}
	if (err == -EAGAIN)
		return pin_install_by_target(call, window, address, timeout,
					     slots);
	if (err)
		pin_window_cancel(space, call->pmm, window);
	return err;
}

static int pin_install_call(struct pin_call *call,
			    struct seccomp_pin_install *req)
{
	struct pin_window *window;
	int err;

	if (!call->pmm)
		return call->slot_error;

	window = pin_window_reserve(pin_call_space(call), call->pmm,
				    req->length, false);
	if (IS_ERR(window))
		return PTR_ERR(window);
	err = pin_window_install(call, window, req->address, req->timeout,
				 false);
	if (err)
		return err;
	req->address = window->address;
	req->offset = window->offset;
	return 0;
}

/**
 * pin_install - put one more window into a parked target's mm
 * @ctx: the context
 * @req: the request, and what it returns
 *
 * Return: 0 or
 * * -EINVAL: malformed
 * * -EEXIST: something is mapped at that address, or a stack may grow there
 * * -EPERM: the address is below mmap_min_addr
 * * -ENOBUFS: the arena is full, or the mm has its share
 * * -ENOMEM: no memory, or no room in the mm
 * * -EACCES: no ptrace access to the target
 * * -ESRCH: the target is gone
 * * -ETIMEDOUT, -EBUSY, -EINTR: as pin_fetch(), where the target was needed
 * * -EOPNOTSUPP: a call that cannot be redirected
 * * what pin_call_find() returns
 */
int pin_install(struct pin_ctx *ctx, struct seccomp_pin_install *req)
{
	struct pin_call *call;
	int err;

	if (req->flags || req->offset)
		return -EINVAL;
	if (!req->timeout || req->timeout > SECCOMP_PIN_MAX_TIMEOUT)
		return -EINVAL;
	if (!req->length || offset_in_page(req->length) ||
	    offset_in_page(req->address) ||
	    req->address + req->length < req->address)
		return -EINVAL;

	call = pin_call_find(ctx, req->id);
	if (IS_ERR(call))
		return PTR_ERR(call);
	err = pin_call_check(call) ?:
	      pin_install_call(call, req);
	pin_call_put(call);
	return err;
}
