// SPDX-License-Identifier: GPL-2.0-only
/*
 * Windows on request: from outside where the target's mmap lock is free, by the
 * parked target itself where it is not, for that lock can be held as long as
 * the target's owner likes.
 */
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "pin.h"

/**
 * struct pin_install - an installation by the target
 * @work: what the target is asked to do
 * @ctx: the context
 * @pmm: where; counted as a user, for the work may be late
 * @window: what; NULL when it is mapped
 * @address: where in the mm, or 0
 * @ret: -ENOENT until done
 */
struct pin_install {
	struct seccomp_attend_work work;
	struct pin_ctx *ctx;
	struct pin_mm *pmm;
	struct pin_window *window;
	unsigned long address;
	int ret;
};

static void pin_install_work(struct seccomp_attend_work *work)
{
	struct pin_install *install =
		container_of(work, struct pin_install, work);
	struct pin_window *window = install->window;

	install->ret = pin_window_map(install->ctx, install->pmm, window,
				      install->address);
	if (install->ret)
		return;
	install->address = window->address;
	install->window = NULL;
}

static void pin_install_release(struct seccomp_attend_work *work)
{
	struct pin_install *install =
		container_of(work, struct pin_install, work);

	if (install->window)
		pin_window_cancel(install->ctx, install->pmm, install->window);
	pin_mm_put(install->ctx, install->pmm);
	kfree(install);
}

static int pin_install_by_target(struct pin_ctx *ctx, struct pin_call *call,
				 struct pin_window *window,
				 struct seccomp_pin_install *req)
{
	struct pin_install *install;
	int err;

	install = kzalloc(sizeof(*install), GFP_KERNEL_ACCOUNT);
	if (!install) {
		pin_window_cancel(ctx, call->pmm, window);
		return -ENOMEM;
	}
	install->work.fn = pin_install_work;
	install->work.release = pin_install_release;
	refcount_set(&install->work.refs, 2);
	init_completion(&install->work.done);
	install->ctx = ctx;
	install->pmm = call->pmm;
	install->window = window;
	install->address = req->address;
	install->ret = -ENOENT;
	spin_lock(&ctx->lock);
	install->pmm->users++;
	spin_unlock(&ctx->lock);

	err = seccomp_attend_run(&call->attended, &install->work,
				 msecs_to_jiffies(req->timeout));
	if (err && err != -ETIMEDOUT && err != -ERESTARTSYS) {
		/* It was never seen by the target. */
		pin_install_release(&install->work);
		return err;
	}
	err = err ?: install->ret;
	if (!err)
		req->address = install->address;
	seccomp_attend_work_put(&install->work);
	return err == -ERESTARTSYS ? -EINTR : err;
}

static int pin_install_call(struct pin_ctx *ctx, struct pin_call *call,
			    struct seccomp_pin_install *req)
{
	struct pin_window *window;
	int err;

	if (!call->pmm)
		return call->slot_error;

	window = pin_window_reserve(ctx, call->pmm, req->length);
	if (IS_ERR(window))
		return PTR_ERR(window);
	req->offset = window->offset;

	err = -ESRCH;
	if (mmget_not_zero(call->pmm->mm)) {
		err = pin_window_map(ctx, call->pmm, window, req->address);
		/* Not mmput(): the last one tears down what is the target's. */
		mmput_async(call->pmm->mm);
	}
	if (!err) {
		req->address = window->address;
		return 0;
	}
	if (err == -EAGAIN)
		return pin_install_by_target(ctx, call, window, req);
	pin_window_cancel(ctx, call->pmm, window);
	return err;
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
	err = seccomp_attend_check(&call->attended) ?:
	      pin_install_call(ctx, call, req);
	pin_call_put(call);
	return err;
}
