// SPDX-License-Identifier: GPL-2.0-only
/*
 * The requests on a parked target's memory: FETCH, INSTALL and ALLOC. docs/abi.md
 * has their errnos. The target itself does what may have to wait for its memory or
 * its mmap lock: the target's owner can make that take as long as he likes.
 */
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "call.h"
#include "memory.h"
#include "work.h"

static bool pin_timeout_valid(u32 timeout)
{
	return timeout && timeout <= SECCOMP_PIN_MAX_TIMEOUT;
}

/**
 * struct pin_fetch - a fetch under way
 * @work: what the target is asked to do
 * @req: the request
 * @window: where the bytes are to go
 * @at: from the start of the window
 * @len: as in @req; when done, how much was copied
 * @buf: kernel memory: the target may fill it long after the requester gave up
 */
struct pin_fetch {
	struct pin_work work;
	struct seccomp_pin_fetch req;
	struct pin_window *window;
	u32 at;
	u32 len;
	u8 *buf;
};

static int pin_fetch_copy(struct pin_fetch *fetch)
{
	void __user *src = u64_to_user_ptr(fetch->req.address);
	long n;

	if (fetch->req.kind == SECCOMP_PIN_BYTES)
		return copy_from_user(fetch->buf, src, fetch->len) ? -EFAULT : 0;
	n = strncpy_from_user(fetch->buf, src, fetch->len);
	if (n < 0)
		return n;
	if (n == fetch->len)
		return -ENAMETOOLONG;
	fetch->len = n + 1;
	return 0;
}

/* By the target, which pays for the memory as well */
static int pin_fetch_work(struct pin_work *work)
{
	struct pin_fetch *fetch = container_of(work, struct pin_fetch, work);

	fetch->buf = kvmalloc(fetch->len, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!fetch->buf)
		return -ENOMEM;
	return pin_fetch_copy(fetch) ?:
	       pin_window_copy(pin_call_space(work->call), fetch->window,
			       fetch->at, NULL, NULL, fetch->len);
}

static void pin_fetch_release(struct pin_work *work)
{
	struct pin_fetch *fetch = container_of(work, struct pin_fetch, work);

	kvfree(fetch->buf);
	kfree(fetch);
}

/*
 * Find where a fetch goes to: into the slot or, counted on from its end, into the
 * larger slot, if there is one by now. Lock held.
 */
static int pin_fetch_place(struct pin_call *call, struct pin_fetch *fetch)
{
	const struct pin_space *space = pin_call_space(call);
	u32 size = call->slot.window ? space->slot_size : 0;
	u32 at = fetch->req.offset;

	if (at >= size && call->run.window) {
		at -= size;
		size = call->run.size;
		fetch->window = call->run.window;
		fetch->at = call->run.at + at;
	} else if (size) {
		fetch->window = call->slot.window;
		fetch->at = call->slot.at + at;
	} else {
		return call->told.slot_error;
	}
	return at > size || fetch->req.len > size - at ? -EINVAL : 0;
}

/*
 * Move what was fetched to its place, unless the call has been answered. The copies of
 * the rules go into the slot first, if the receiver had no access: who fetches has it.
 */
static int pin_fetch_move(struct pin_call *call, struct pin_fetch *fetch)
{
	int err;

	if (!pin_move_begin(call))
		return -ENOENT;
	/* The larger slot may be another one by now, or be gone. */
	spin_lock(&call->listener->lock);
	err = pin_fetch_place(call, fetch);
	spin_unlock(&call->listener->lock);
	err = err ?: pin_call_move(call) ?:
	      pin_window_copy(pin_call_space(call), fetch->window, fetch->at,
			      NULL, fetch->buf, fetch->len);
	pin_move_end(call);
	return err;
}

/* FETCH: copy more of a parked target's memory into its slot */
int pin_fetch(struct pin_ctx *ctx, struct seccomp_pin_fetch *req)
{
	struct pin_fetch *fetch;
	int err;

	if ((req->kind != SECCOMP_PIN_STRING && req->kind != SECCOMP_PIN_BYTES) ||
	    !pin_timeout_valid(req->timeout) ||
	    !req->len || req->len > ctx->space.arena.unit)
		return -EINVAL;

	struct pin_call *call __free(pin_call) = pin_call_find(ctx, req->id);
	if (IS_ERR(call))
		return PTR_ERR(call);
	fetch = kzalloc(sizeof(*fetch), GFP_KERNEL_ACCOUNT);
	if (!fetch)
		return -ENOMEM;
	pin_work_init(&fetch->work, pin_fetch_work, pin_fetch_release);
	fetch->req = *req;
	fetch->len = req->len;
	spin_lock(&call->listener->lock);
	/* Of a call that is not held, nobody sees the slot, or has it kept. */
	err = call->held ? pin_fetch_place(call, fetch) : -EINPROGRESS;
	spin_unlock(&call->listener->lock);
	if (err) {
		kfree(fetch);
		return err;
	}

	err = pin_work_run(call, &fetch->work, req->timeout) ?:
	      pin_fetch_move(call, fetch);
	if (!err)
		req->len = fetch->len;
	pin_work_put(&fetch->work);
	return err;
}

/**
 * struct pin_install - a window that the target maps
 * @work: what the target is asked to do
 * @window: the window; NULL when the requester knows that it is mapped
 * @address: where in the mm, or 0
 * @slots: if it is mapped too late for the requester, calls can have its slots
 */
struct pin_install {
	struct pin_work work;
	struct pin_window *window;
	unsigned long address;
	bool slots;
};

static int pin_install_work(struct pin_work *work)
{
	struct pin_install *install = container_of(work, struct pin_install, work);

	return pin_window_map(pin_call_space(work->call), work->call->pmm,
			      install->window, install->address);
}

/*
 * The call still has its context and its pin_mm. Its task calls this before it leaves the
 * context. A requester calls it with a reference to the call, and with the device open.
 */
static void pin_install_release(struct pin_work *work)
{
	struct pin_install *install = container_of(work, struct pin_install, work);
	struct pin_space *space = pin_call_space(work->call);
	struct pin_window *window = install->window;

	if (window && work->ret) {
		pin_window_cancel(space, work->call->pmm, window);
	} else if (window && install->slots) {
		spin_lock(space->lock);
		pin_window_open(space, work->call->pmm, window);
		spin_unlock(space->lock);
	}
	kfree(install);
}

/* As pin_window_install(), of a window that is reserved; consumed on error */
static int pin_install_by_target(struct pin_call *call, struct pin_window *window,
				 unsigned long address, u32 timeout, bool slots)
{
	struct pin_install *install;
	int err;

	install = kzalloc(sizeof(*install), GFP_KERNEL_ACCOUNT);
	if (!install) {
		pin_window_cancel(pin_call_space(call), call->pmm, window);
		return -ENOMEM;
	}
	pin_work_init(&install->work, pin_install_work, pin_install_release);
	install->window = window;
	install->address = address;
	install->slots = slots;
	err = pin_work_run(call, &install->work, timeout);
	if (!err)
		install->window = NULL;
	pin_work_put(&install->work);
	return err;
}

/*
 * Make a window, and map it into a parked target's mm, to which the caller has access:
 * from outside if the target's mmap lock is free, by the target in @timeout milliseconds
 * if it is not. @slots: calls can have slots of it, once it is opened. If the target maps
 * it too late, it is opened for calls to come. Returns the window; or -ESRCH (the mm is
 * dead), or what pin_window_reserve(), pin_window_map() and pin_work_run() return.
 */
static struct pin_window *pin_window_install(struct pin_call *call, u64 length,
					     unsigned long address, u32 timeout,
					     bool slots)
{
	struct pin_space *space = pin_call_space(call);
	struct mm_struct *mm = call->pmm->mm;
	struct pin_window *window;
	int err = -ESRCH;

	window = pin_window_reserve(space, call->pmm, length, slots);
	if (IS_ERR(window))
		return window;
	if (mmget_not_zero(mm)) {
		err = pin_window_map(space, call->pmm, window, address);
		/* Not mmput(): the last one tears down what is the target's. */
		mmput_async(mm);
	}
	if (err == -EAGAIN)
		err = pin_install_by_target(call, window, address, timeout, slots);
	else if (err)
		pin_window_cancel(space, call->pmm, window);
	return err ? ERR_PTR(err) : window;
}

/* INSTALL: put one more window into a parked target's mm */
int pin_install(struct pin_ctx *ctx, struct seccomp_pin_install *req)
{
	struct pin_window *window;
	int err;

	if (req->flags || req->offset || !pin_timeout_valid(req->timeout) ||
	    !req->length || offset_in_page(req->length) ||
	    offset_in_page(req->address) ||
	    req->address + req->length < req->address)
		return -EINVAL;

	struct pin_call *call __free(pin_call) = pin_call_find(ctx, req->id);
	if (IS_ERR(call))
		return PTR_ERR(call);
	spin_lock(&call->listener->lock);
	err = pin_call_sent(call) ?: pin_call_access(call);
	spin_unlock(&call->listener->lock);
	if (err)
		return err;
	if (!call->pmm)
		return call->told.slot_error;
	window = pin_window_install(call, req->length, req->address,
				    req->timeout, false);
	if (IS_ERR(window))
		return PTR_ERR(window);
	req->address = window->address;
	req->offset = window->offset;
	return 0;
}

/* Whether a call can have a larger slot: 0, or what pin_alloc() returns; lock held. */
static int pin_alloc_check(const struct pin_call *call)
{
	/* Of a call that is not held, nobody sees the slots, or has them kept. */
	int err = call->held ? pin_call_sent(call) : -EINPROGRESS;

	err = err ?: pin_call_access(call);
	if (err)
		return err;
	if (call->run.window)
		return -EBUSY;
	return call->pmm ? 0 : call->told.slot_error;
}

/*
 * ALLOC: give a call a larger slot. It is adjoining slots of a window that there is,
 * found in a constant number of steps, or of one that is made. It is given back with
 * the call's own slot, and is like that, but that no verdict on it is remembered.
 */
int pin_alloc(struct pin_ctx *ctx, struct seccomp_pin_alloc *req)
{
	struct pin_space *space = &ctx->space;
	struct pin_window *window;
	u32 nr;
	int err;

	if (req->flags || req->reserved || req->offset || req->address ||
	    !pin_timeout_valid(req->timeout) || !req->size)
		return -EINVAL;
	if (req->size > space->arena.unit)
		return -E2BIG;
	nr = DIV_ROUND_UP(req->size, space->slot_size);

	struct pin_call *call __free(pin_call) = pin_call_find(ctx, req->id);
	if (IS_ERR(call))
		return PTR_ERR(call);
	spin_lock(space->lock);
	err = pin_alloc_check(call);
	if (!err)
		pin_calls_give_slots(space, call->pmm);
	if (!err && !pin_run_find(space, call->pmm, nr, &call->run)) {
		/* Without the lock: answers do not wait for the target. */
		spin_unlock(space->lock);
		window = pin_window_install(call, space->arena.unit, 0,
					    req->timeout, true);
		if (IS_ERR(window))
			return PTR_ERR(window);
		spin_lock(space->lock);
		pin_window_open(space, call->pmm, window);
		/* Another thread may have answered the call, or released it. */
		err = pin_alloc_check(call);
		/* The new window is the first one to be looked at. */
		if (!err)
			pin_run_find(space, call->pmm, nr, &call->run);
	}
	if (!err) {
		req->offset = call->run.window->offset + call->run.at;
		req->address = call->run.window->address + call->run.at;
		req->size = call->run.size;
	}
	spin_unlock(space->lock);
	return err;
}
