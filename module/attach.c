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

/* Nothing refers to an mm any more: free its calls, and the verdicts on them. */
void pin_mm_forget(struct pin_space *space, struct pin_mm *pmm)
{
	pin_verdicts_forget(container_of(space, struct pin_ctx, space), pmm);
	spin_lock(space->lock);
	pin_calls_give_slots(space, pmm);
	spin_unlock(space->lock);
	pin_calls_free(pmm);
}

/* Give back all that pin_attach() sets up before the listener makes use of it. */
static void pin_ctx_clean(struct pin_ctx *ctx)
{
	pin_verdicts_free(ctx);
	kvfree(ctx->queue.ring);
	ctx->queue.ring = NULL;
	ctx->queue.size = 0;
	bitmap_free(ctx->space.arena.used);
	ctx->space.arena.used = NULL;
	ctx->space.arena.nr_units = 0;
	if (ctx->space.arena.file)
		fput(ctx->space.arena.file);
	ctx->space.arena.file = NULL;
}

static void pin_ctx_free(struct pin_ctx *ctx)
{
	pin_space_free(&ctx->space);
	pin_ctx_clean(ctx);
	kvfree(rcu_access_pointer(ctx->rules));
	if (ctx->listener)
		pin_listener_put(ctx->listener);
	kvfree(ctx);
}

/* A context that is not attached yet, or NULL: no memory */
struct pin_ctx *pin_ctx_open(void)
{
	struct pin_ctx *ctx = kvzalloc(sizeof(*ctx), GFP_KERNEL_ACCOUNT);

	if (!ctx)
		return NULL;
	mutex_init(&ctx->attach_lock);
	pin_queue_init(&ctx->queue);
	pin_space_init(&ctx->space);
	ctx->free = pin_ctx_free;
	get_random_bytes(&ctx->key, sizeof(ctx->key));
	return ctx;
}

/* The device is closed. The context stays for as long as calls have a part of it. */
void pin_ctx_close(struct pin_ctx *ctx)
{
	disable_delayed_work_sync(&ctx->space.tick);
	if (!ctx->listener || pin_listener_detach(ctx))
		pin_ctx_free(ctx);
}

static bool pin_attach_valid(const struct seccomp_pin_attach *req)
{
	u32 slot = req->slot_size, window = req->window_size;

	return !(req->flags & ~(SECCOMP_PIN_ATTACH_KILLABLE |
				SECCOMP_PIN_ATTACH_SOLE)) &&
	       slot && !offset_in_page(slot) && slot <= SECCOMP_PIN_MAX_SLOT &&
	       window && window % slot == 0 &&
	       window / slot <= SECCOMP_PIN_MAX_SLOTS && req->windows_per_mm &&
	       req->completions <= SECCOMP_PIN_MAX_QUEUE &&
	       req->verdicts <= SECCOMP_PIN_MAX_VERDICTS;
}

static int pin_attach_arena(struct pin_ctx *ctx,
			    const struct seccomp_pin_attach *req)
{
	struct pin_arena *arena = &ctx->space.arena;
	u64 units = div_u64(i_size_read(file_inode(arena->file)), req->window_size);

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

/* The listener comes last: it makes use of the context at once. */
static int pin_attach_files(struct pin_ctx *ctx,
			    const struct seccomp_pin_attach *req,
			    struct file *listener)
{
	struct file *arena = ctx->space.arena.file;
	int err;

	err = pin_arena_claim(arena, req->flags & SECCOMP_PIN_ATTACH_SOLE);
	if (err)
		return err;
	err = pin_attach_arena(ctx, req) ?:
	      pin_queue_alloc(&ctx->queue, req->completions) ?:
	      pin_verdicts_alloc(ctx, req->verdicts) ?:
	      pin_listener_attend(listener, ctx);
	if (err)
		pin_arena_unclaim(arena);
	return err;
}

/*
 * Bind a context to a listener and an arena. A context that could not be attached is
 * as it was before. Returns the errors of ATTACH in docs/abi.md.
 */
int pin_attach(struct pin_ctx *ctx, const struct seccomp_pin_attach *req)
{
	int err = -EBADF;

	if (!pin_attach_valid(req))
		return -EINVAL;
	guard(mutex)(&ctx->attach_lock);
	if (ctx->listener)
		return -EBUSY;

	struct file *listener __free(fput) = fget(req->listener);

	if (listener)
		ctx->space.arena.file = fget(req->arena);
	if (ctx->space.arena.file)
		err = pin_attach_files(ctx, req, listener);
	if (err)
		pin_ctx_clean(ctx);
	return err;
}

/* What the module can do, and what a context has in use, if it is attached */
void pin_query(struct pin_ctx *ctx, struct seccomp_pin_query *res)
{
	struct pin_listener *listener = pin_ctx_listener(ctx);

	*res = (struct seccomp_pin_query){
		.abi_version = SECCOMP_PIN_ABI_VERSION,
		.redirect_check = READ_ONCE(pin_redirect_check),
		.features = SECCOMP_PIN_FEATURE_COMPLETIONS | SECCOMP_PIN_FEATURE_KILLABLE |
			    SECCOMP_PIN_FEATURE_NEXT | SECCOMP_PIN_FEATURE_VERDICTS |
			    SECCOMP_PIN_FEATURE_VECTORS | SECCOMP_PIN_FEATURE_ALLOC |
			    SECCOMP_PIN_FEATURE_COPIED,
	};
	if (!listener)
		return;

	/* What dead targets have left is taken back first. */
	pin_mms_sweep(&ctx->space, U32_MAX);
	spin_lock(&listener->lock);
	res->targets = ctx->space.nr_mms;
	res->windows = ctx->space.arena.nr_used;
	res->slots = ctx->space.nr_slots - ctx->space.nr_idle;
	res->calls = ctx->nr_calls;
	pin_verdicts_query(ctx, res);
	spin_unlock(&listener->lock);
}
