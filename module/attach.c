// SPDX-License-Identifier: GPL-2.0-only
/* The life of a context: opened, attached to a listener and an arena, closed */
#include <linux/bitmap.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "answer.h"
#include "attach.h"
#include "attend.h"
#include "call.h"
#include "verdict.h"

static struct pin_ctx *pin_ctx_of(struct pin_space *space)
{
	return container_of(space, struct pin_ctx, space);
}

/* An mm is dead: its calls, and the verdicts on them */
static void pin_ctx_forget(struct pin_space *space, struct pin_mm *pmm)
{
	pin_verdicts_forget(pin_ctx_of(space), pmm);
	pin_calls_free(pmm);
}

static void pin_ctx_free(struct pin_ctx *ctx)
{
	if (ctx->listener)
		pin_mms_free(&ctx->space);
	pin_families_free(&ctx->space.families);
	pin_verdicts_free(ctx);
	if (ctx->space.arena.file)
		fput(ctx->space.arena.file);
	kvfree(rcu_access_pointer(ctx->rules));
	kvfree(ctx->queue.ring);
	bitmap_free(ctx->space.arena.used);
	if (ctx->listener)
		pin_listener_put(ctx->listener);
	kvfree(ctx);
}

/**
 * pin_ctx_open - a context, for the process that opens the device
 *
 * Return: the context, not attached yet, or NULL: no memory
 */
struct pin_ctx *pin_ctx_open(void)
{
	struct pin_ctx *ctx;

	ctx = kvzalloc(sizeof(*ctx), GFP_KERNEL_ACCOUNT);
	if (!ctx)
		return NULL;
	mutex_init(&ctx->attach_lock);
	pin_queue_init(&ctx->queue);
	pin_space_init(&ctx->space);
	ctx->space.forget = pin_ctx_forget;
	ctx->free = pin_ctx_free;
	get_random_bytes(&ctx->key, sizeof(ctx->key));
	return ctx;
}

/* The device is closed. The context stays for as long as calls have a part of it. */
void pin_ctx_close(struct pin_ctx *ctx)
{
	if (!ctx->listener || pin_listener_detach(ctx->listener, ctx))
		pin_ctx_free(ctx);
}

#define PIN_ATTACH_FLAGS	(SECCOMP_PIN_ATTACH_KILLABLE | \
				 SECCOMP_PIN_ATTACH_SOLE)

static int pin_attach_check(const struct seccomp_pin_attach *req)
{
	if (req->flags & ~PIN_ATTACH_FLAGS)
		return -EINVAL;
	if (!req->slot_size || offset_in_page(req->slot_size) ||
	    req->slot_size > SECCOMP_PIN_MAX_SLOT)
		return -EINVAL;
	if (!req->window_size || req->window_size % req->slot_size ||
	    req->window_size / req->slot_size > SECCOMP_PIN_MAX_SLOTS)
		return -EINVAL;
	if (!req->windows_per_mm)
		return -EINVAL;
	if (req->completions > SECCOMP_PIN_MAX_QUEUE)
		return -EINVAL;
	if (req->verdicts > SECCOMP_PIN_MAX_VERDICTS)
		return -EINVAL;
	return 0;
}

static int pin_attach_arena(struct pin_ctx *ctx,
			    const struct seccomp_pin_attach *req)
{
	struct pin_arena *arena = &ctx->space.arena;
	u64 units = div_u64(i_size_read(file_inode(arena->file)),
			    req->window_size);

	if (!units || units > SECCOMP_PIN_MAX_WINDOWS)
		return -EINVAL;
	arena->unit = req->window_size;
	arena->nr_units = units;
	ctx->space.units_per_mm = min(req->windows_per_mm, arena->nr_units);
	ctx->space.slot_size = req->slot_size;
	ctx->killable = req->flags & SECCOMP_PIN_ATTACH_KILLABLE;
	arena->used = bitmap_zalloc(units, GFP_KERNEL_ACCOUNT);
	return arena->used ? 0 : -ENOMEM;
}

/* All that a context needs, and then its listener, which makes use of it at once */
static int pin_attach_files(struct pin_ctx *ctx,
			    const struct seccomp_pin_attach *req,
			    struct file *file)
{
	struct pin_listener *listener;
	int err;

	err = pin_attach_arena(ctx, req) ?:
	      pin_queue_alloc(&ctx->queue, req->completions) ?:
	      pin_verdicts_alloc(ctx, req->verdicts);
	if (!err) {
		listener = pin_listener_attend(file, ctx);
		if (!IS_ERR(listener))
			return 0;
		err = PTR_ERR(listener);
	}
	pin_verdicts_free(ctx);
	kvfree(ctx->queue.ring);
	ctx->queue.ring = NULL;
	ctx->queue.size = 0;
	bitmap_free(ctx->space.arena.used);
	ctx->space.arena.used = NULL;
	return err;
}

/**
 * pin_attach - bind a context to a listener and an arena
 * @ctx: the context
 * @req: the request
 *
 * A context that could not be attached is as it was before.
 *
 * Return: 0 or
 * * -EINVAL: malformed, the listener is not one, or the arena is of another
 *   type or size than an arena can have
 * * -EBADF: no such file descriptor
 * * -EACCES, -EPERM: the arena is not open for both, or lacks seals
 * * -EBUSY: attached already, the listener has a context already, or the arena
 *   has been one before
 * * -EAGAIN: the arena was to be mapped by one writer, and is by more
 * * -ENOMEM
 */
int pin_attach(struct pin_ctx *ctx, const struct seccomp_pin_attach *req)
{
	struct pin_arena *arena = &ctx->space.arena;
	struct file *listener;
	int err;

	err = pin_attach_check(req);
	if (err)
		return err;

	mutex_lock(&ctx->attach_lock);
	err = -EBUSY;
	if (ctx->listener)
		goto out_unlock;

	err = -EBADF;
	listener = fget(req->listener);
	if (!listener)
		goto out_unlock;
	arena->file = fget(req->arena);
	if (!arena->file)
		goto out_listener;

	err = pin_arena_claim(arena->file,
			      req->flags & SECCOMP_PIN_ATTACH_SOLE);
	if (!err) {
		err = pin_attach_files(ctx, req, listener);
		if (err)
			pin_arena_unclaim(arena->file);
	}
	if (err) {
		fput(arena->file);
		arena->file = NULL;
	}
out_listener:
	fput(listener);
out_unlock:
	mutex_unlock(&ctx->attach_lock);
	return err;
}

/**
 * pin_query - what the module can do, and what a context has in use
 * @ctx: the context, attached or not
 * @res: filled in
 *
 * What the dead have left behind is taken back first.
 */
void pin_query(struct pin_ctx *ctx, struct seccomp_pin_query *res)
{
	struct pin_listener *listener = pin_ctx_listener(ctx);

	*res = (struct seccomp_pin_query){
		.abi_version = SECCOMP_PIN_ABI_VERSION,
		.redirect_check = READ_ONCE(pin_redirect_check),
		.features = SECCOMP_PIN_FEATURE_COMPLETIONS |
			    SECCOMP_PIN_FEATURE_KILLABLE |
			    SECCOMP_PIN_FEATURE_NEXT |
			    SECCOMP_PIN_FEATURE_VERDICTS |
			    SECCOMP_PIN_FEATURE_VECTORS |
			    SECCOMP_PIN_FEATURE_ALLOC |
			    SECCOMP_PIN_FEATURE_COPIED,
	};
	if (!listener)
		return;

	pin_mms_sweep(&ctx->space, U32_MAX);
	spin_lock(&listener->lock);
	res->targets = ctx->space.nr_mms;
	res->windows = ctx->space.arena.nr_used;
	res->slots = ctx->space.nr_slots;
	res->calls = ctx->nr_calls;
	pin_verdicts_query(ctx, res);
	spin_unlock(&listener->lock);
}
