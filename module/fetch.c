// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fetching: a parked target copies more of its memory, into kernel memory. The
 * requester moves it to the slot if the call still waits.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "call.h"
#include "fetch.h"
#include "work.h"

/**
 * struct pin_fetch - a fetch under way
 * @work: what the target is asked to do
 * @src: in the target
 * @kind: SECCOMP_PIN_STRING or SECCOMP_PIN_BYTES
 * @window: where it is to go
 * @at: from the start of the window
 * @len: at most; when done, how much was copied
 * @ret: -ENOENT until done
 * @buf: kernel memory: it may be filled long after the requester gave up
 */
struct pin_fetch {
	struct pin_work work;
	void __user *src;
	u32 kind;
	u32 len;
	struct pin_window *window;
	u32 at;
	int ret;
	u8 *buf;
};

static int pin_fetch_copy(struct pin_fetch *fetch)
{
	long n;

	if (fetch->kind == SECCOMP_PIN_BYTES)
		return copy_from_user(fetch->buf, fetch->src, fetch->len) ?
		       -EFAULT : 0;
	n = strncpy_from_user(fetch->buf, fetch->src, fetch->len);
	if (n < 0)
		return n;
	if (n == fetch->len)
		return -ENAMETOOLONG;
	fetch->len = n + 1;
	return 0;
}

/* By the target, which pays for the memory as well */
static void pin_fetch_work(struct pin_work *work)
{
	struct pin_fetch *fetch = container_of(work, struct pin_fetch, work);

	fetch->buf = kvmalloc(fetch->len, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!fetch->buf) {
		fetch->ret = -ENOMEM;
		return;
	}
	fetch->ret = pin_fetch_copy(fetch) ?:
		     pin_window_populate(pin_call_space(work->call),
					 fetch->window, fetch->at, fetch->len);
}

static void pin_fetch_release(struct pin_work *work)
{
	struct pin_fetch *fetch = container_of(work, struct pin_fetch, work);

	kvfree(fetch->buf);
	kfree(fetch);
}

/*
 * Where a fetch goes to: into the slot or, counted on from its end, into the larger
 * slot, if there is one by now.
 */
static int pin_fetch_place(struct pin_call *call,
			   const struct seccomp_pin_fetch *req,
			   struct pin_fetch *fetch)
{
	const struct pin_space *space = pin_call_space(call);
	u32 size = call->slot.window ? space->slot_size : 0, at = req->offset;

	if (at >= size && call->run.window) {
		at -= size;
		size = pin_run_size(space, &call->run);
		fetch->window = call->run.window;
		fetch->at = pin_run_at(space, &call->run) + at;
	} else if (size) {
		fetch->window = call->slot.window;
		fetch->at = call->slot.at + at;
	} else {
		return call->slot_error;
	}
	return at > size || req->len > size - at ? -EINVAL : 0;
}

/*
 * What was fetched is wanted if the call still waits. What the rules had copied
 * goes first, if its receiver had no access: this caller has.
 */
static int pin_fetch_move(struct pin_call *call, struct pin_fetch *fetch,
			  struct seccomp_pin_fetch *req)
{
	int err;

	if (!pin_move_begin(call))
		return -ENOENT;
	/* The larger slot may be another one by now, or be gone. */
	spin_lock(&call->listener->lock);
	err = pin_fetch_place(call, req, fetch);
	spin_unlock(&call->listener->lock);
	err = err ?: pin_call_move(call) ?:
	      pin_window_write(pin_call_space(call), fetch->window, fetch->at,
			       fetch->buf, fetch->len);
	pin_move_end(call);
	if (!err)
		req->len = fetch->len;
	return err;
}

static int pin_fetch_call(struct pin_call *call, struct seccomp_pin_fetch *req)
{
	struct pin_fetch *fetch;
	int err;

	fetch = kzalloc(sizeof(*fetch), GFP_KERNEL_ACCOUNT);
	if (!fetch)
		return -ENOMEM;
	spin_lock(&call->listener->lock);
	/* One that is not held: nobody sees the slot, and it is kept for nobody. */
	err = call->held ? pin_fetch_place(call, req, fetch) : -EINPROGRESS;
	spin_unlock(&call->listener->lock);
	if (err) {
		kfree(fetch);
		return err;
	}
	pin_work_init(&fetch->work, pin_fetch_work, pin_fetch_release);
	fetch->src = u64_to_user_ptr(req->address);
	fetch->kind = req->kind;
	fetch->len = req->len;
	fetch->ret = -ENOENT;

	err = pin_work_run(call, &fetch->work, msecs_to_jiffies(req->timeout));
	if (err && err != -ETIMEDOUT && err != -ERESTARTSYS)
		return err;
	err = err ?: fetch->ret ?: pin_fetch_move(call, fetch, req);
	pin_work_put(&fetch->work);
	/* Started anew, it would wait for all of its time again. */
	return err == -ERESTARTSYS ? -EINTR : err;
}

/**
 * pin_fetch - copy more of a parked target's memory into its slot
 * @ctx: the context
 * @req: the request, and what it returns
 *
 * Return: 0 or
 * * -EINVAL: malformed, or not within one of the call's slots
 * * -EFAULT: the target's memory cannot be read
 * * -ENAMETOOLONG: no NUL in that many bytes
 * * -ETIMEDOUT: the target did not get it done in time
 * * -EBUSY: the target is at work on another request
 * * -EINPROGRESS: not received or adopted here
 * * -EACCES: no ptrace access to the target
 * * -EOPNOTSUPP, -ENOBUFS, -ENOMEM: there is no slot, and why
 * * -ENOMEM: the target, who pays for it, has no memory left
 * * -EINTR: interrupted by a signal
 * * what pin_call_find() returns
 */
int pin_fetch(struct pin_ctx *ctx, struct seccomp_pin_fetch *req)
{
	struct pin_call *call;
	int err;

	if (req->kind != SECCOMP_PIN_STRING && req->kind != SECCOMP_PIN_BYTES)
		return -EINVAL;
	if (!req->timeout || req->timeout > SECCOMP_PIN_MAX_TIMEOUT)
		return -EINVAL;
	if (!req->len || req->len > ctx->space.arena.unit)
		return -EINVAL;

	call = pin_call_find(ctx, req->id);
	if (IS_ERR(call))
		return PTR_ERR(call);
	err = pin_fetch_call(call, req);
	pin_call_put(call);
	return err;
}
