// SPDX-License-Identifier: GPL-2.0-only
/*
 * A larger slot for one call, on request: adjoining slots of one window, found in
 * a constant number of steps, or those of one more window, which is mapped as
 * install.c does it. It is given back with the slot that the call has from its
 * trap on, and is like it in all else; only remembered verdicts make no use of it.
 */
#include <linux/err.h>

#include "alloc.h"
#include "call.h"
#include "install.h"

/* Adjoining slots that are nobody else's, of a window that there is, or is made */
static int pin_alloc_find(struct pin_call *call, u32 nr, u32 timeout,
			  struct pin_run *run)
{
	struct pin_space *space = pin_call_space(call);
	struct pin_window *window;
	bool found;
	int err;

	spin_lock(space->lock);
	found = pin_run_find(space, call->pmm, nr, run);
	spin_unlock(space->lock);
	if (found)
		return 0;

	window = pin_window_reserve(space, call->pmm, space->arena.unit, true);
	if (IS_ERR(window))
		return PTR_ERR(window);
	err = pin_window_install(call, window, 0, timeout, true);
	if (err)
		return err;
	/* Taken before anybody else can: it is the first one to be looked at. */
	spin_lock(space->lock);
	pin_window_open(space, call->pmm, window);
	pin_run_find(space, call->pmm, nr, run);
	spin_unlock(space->lock);
	return 0;
}

/* Whether a call can have one; lock held. */
static int pin_alloc_allowed(const struct pin_call *call)
{
	if (call->state == PIN_ANSWERED)
		return -EINPROGRESS;
	return call->run.window ? -EBUSY : 0;
}

static int pin_alloc_call(struct pin_call *call, struct seccomp_pin_alloc *req)
{
	struct pin_space *space = pin_call_space(call);
	struct pin_run run;
	int err;

	spin_lock(space->lock);
	/* One that is not held: nobody sees the slots, and they are kept for nobody. */
	err = !call->held ? -EINPROGRESS : pin_call_sent(call) ?: pin_call_access(call) ?:
	      pin_alloc_allowed(call);
	spin_unlock(space->lock);
	if (err)
		return err;
	if (!call->pmm)
		return call->slot_error;

	/* The lock is not held: answers do not wait for the target. */
	err = pin_alloc_find(call, DIV_ROUND_UP(req->size, space->slot_size),
			     req->timeout, &run);
	if (err)
		return err;
	spin_lock(space->lock);
	err = pin_alloc_allowed(call);
	if (err)
		pin_run_put(space, call->pmm, &run);
	else
		call->run = run;
	spin_unlock(space->lock);
	if (err)
		return err;
	/* It stays the same until the call, which the caller refers to, is over. */
	req->offset = pin_run_offset(space, &run);
	req->address = pin_run_address(space, &run);
	req->size = pin_run_size(space, &run);
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
	if (req->size > ctx->space.arena.unit)
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
	/* Another thread may be fetching to it, or redirecting to it. */
	mutex_lock(&call->lock);
	spin_lock(ctx->space.lock);
	if (call->state != PIN_ANSWERED && call->run.window &&
	    pin_run_offset(&ctx->space, &call->run) == req->offset)
		pin_run_put(&ctx->space, call->pmm, &call->run);
	spin_unlock(ctx->space.lock);
	mutex_unlock(&call->lock);
	pin_call_put(call);
}

/**
 * pin_alloc_covers - whether a range lies in a call's larger slot
 * @call: the call; lock held
 * @place: its start, in the arena or the target
 * @len: its length
 * @arena: which of the two
 */
bool pin_alloc_covers(const struct pin_call *call, u64 place, u64 len, bool arena)
{
	const struct pin_space *space = pin_call_space(call);
	u64 start, size;

	if (!call->run.window)
		return false;
	start = arena ? pin_run_offset(space, &call->run) :
			pin_run_address(space, &call->run);
	size = pin_run_size(space, &call->run);
	return place >= start && len <= size && place - start <= size - len;
}
