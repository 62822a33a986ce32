// SPDX-License-Identifier: GPL-2.0-only
/*
 * A larger slot for one call, on request: adjoining slots of one window, found in
 * a constant number of steps, or those of one more window, which is mapped as
 * install.c does it. It is given back with the slot that the call has from its
 * trap on, and is like it in all else; only remembered verdicts make no use of it.
 */
#include <linux/err.h>

#include "pin.h"

/* Adjoining slots that are nobody else's, of a window that there is, or is made */
static int pin_alloc_find(struct pin_call *call, u32 nr, u32 timeout,
			  struct pin_run *run)
{
	struct pin_ctx *ctx = call->ctx;
	struct pin_window *window;
	bool found;
	int err;

	spin_lock(&ctx->lock);
	found = pin_run_find(ctx, call->pmm, nr, run);
	spin_unlock(&ctx->lock);
	if (found)
		return 0;

	window = pin_window_reserve(ctx, call->pmm, ctx->window_size);
	if (IS_ERR(window))
		return PTR_ERR(window);
	err = pin_window_install(call, window, 0, timeout, true);
	if (err)
		return err;
	/* Taken before anybody else can: it is the first one to be looked at. */
	spin_lock(&ctx->lock);
	pin_window_open(ctx, call->pmm, window);
	pin_run_find(ctx, call->pmm, nr, run);
	spin_unlock(&ctx->lock);
	return 0;
}

/* Whether a call can have one. If @run is not NULL, it is the call's from now on. */
static int pin_alloc_give(struct pin_call *call, const struct pin_run *run)
{
	int err = 0;

	mutex_lock(&call->lock);
	if (call->answered)
		err = -EINPROGRESS;
	else if (call->run.window)
		err = -EBUSY;
	else if (run)
		call->run = *run;
	mutex_unlock(&call->lock);
	return err;
}

static int pin_alloc_call(struct pin_call *call, struct seccomp_pin_alloc *req)
{
	struct pin_ctx *ctx = call->ctx;
	struct pin_run run;
	int err;

	/* Nobody sees the slots, and they are kept for nobody. */
	if (!pin_call_held(call))
		return -EINPROGRESS;
	err = seccomp_attend_check(&call->attended) ?:
	      pin_alloc_give(call, NULL);
	if (err)
		return err;
	if (!call->pmm)
		return call->slot_error;

	/* The lock is not held: answers do not wait for the target. */
	err = pin_alloc_find(call, DIV_ROUND_UP(req->size, ctx->slot_size),
			     req->timeout, &run);
	if (err)
		return err;
	err = pin_alloc_give(call, &run);
	if (err) {
		spin_lock(&ctx->lock);
		pin_run_put(ctx, call->pmm, &run);
		spin_unlock(&ctx->lock);
		return err;
	}
	/* It stays the same until the call, to which we have a reference, is over. */
	req->offset = pin_run_offset(call);
	req->address = pin_run_address(call);
	req->size = pin_run_size(call);
	return 0;
}

/**
 * pin_alloc - give a call a larger slot
 * @ctx: the context
 * @req: the request, and what it returns
 *
 * Return: 0 or
 * * -EINVAL: malformed
 * * -E2BIG: more than a window
 * * -EINPROGRESS: not received or adopted here
 * * -EBUSY: it has one; or as pin_install(), where the target was needed
 * * -ENOBUFS, -ENOMEM, -EACCES, -ESRCH, -ETIMEDOUT, -EINTR, -EOPNOTSUPP: as
 *   pin_install()
 * * what pin_call_find() returns
 */
int pin_alloc(struct pin_ctx *ctx, struct seccomp_pin_alloc *req)
{
	struct pin_call *call;
	int err;

	if (req->flags || req->reserved || req->offset || req->address)
		return -EINVAL;
	if (!req->timeout || req->timeout > SECCOMP_PIN_MAX_TIMEOUT)
		return -EINVAL;
	if (!req->size)
		return -EINVAL;
	if (req->size > ctx->window_size)
		return -E2BIG;

	call = pin_call_find(ctx, req->id);
	if (IS_ERR(call))
		return PTR_ERR(call);
	err = pin_alloc_call(call, req);
	pin_call_put(call);
	return err;
}

/* What was allocated could not be told to user space: nobody makes use of it. */
void pin_unalloc(struct pin_ctx *ctx, const struct seccomp_pin_alloc *req)
{
	struct pin_call *call = pin_call_find(ctx, req->id);

	if (IS_ERR(call))
		return;
	mutex_lock(&call->lock);
	if (!call->answered && call->run.window &&
	    pin_run_offset(call) == req->offset) {
		spin_lock(&ctx->lock);
		pin_run_put(ctx, call->pmm, &call->run);
		spin_unlock(&ctx->lock);
	}
	mutex_unlock(&call->lock);
	pin_call_put(call);
}

/**
 * pin_alloc_covers - whether a range lies in a call's larger slot
 * @call: the call
 * @place: its start, in the arena or the target
 * @len: its length
 * @arena: which of the two
 */
bool pin_alloc_covers(struct pin_call *call, u64 place, u64 len, bool arena)
{
	bool covers = false;
	u64 start, size;

	mutex_lock(&call->lock);
	if (call->run.window) {
		start = arena ? pin_run_offset(call) : pin_run_address(call);
		size = pin_run_size(call);
		covers = place >= start && len <= size &&
			 place - start <= size - len;
	}
	mutex_unlock(&call->lock);
	return covers;
}
