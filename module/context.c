// SPDX-License-Identifier: GPL-2.0-only
/* Contexts: one open of the device, bound to one listener and one arena. */
#include <linux/bitmap.h>
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "pin.h"

struct pin_ctx *pin_ctx_alloc(void)
{
	struct pin_ctx *ctx;

	ctx = kvzalloc(sizeof(*ctx), GFP_KERNEL_ACCOUNT);
	if (!ctx)
		return NULL;
	kref_init(&ctx->ref);
	mutex_init(&ctx->attach_lock);
	mutex_init(&ctx->queue_read);
	spin_lock_init(&ctx->lock);
	INIT_LIST_HEAD(&ctx->all_mms);
	init_waitqueue_head(&ctx->queue_wait);
	pin_families_init(ctx);
	get_random_bytes(&ctx->key, sizeof(ctx->key));
	return ctx;
}

static void pin_ctx_free(struct kref *ref)
{
	struct pin_ctx *ctx = container_of(ref, struct pin_ctx, ref);

	pin_verdicts_free(ctx);
	pin_mms_free(ctx);
	pin_families_free(ctx);
	if (ctx->arena)
		fput(ctx->arena);
	kvfree(rcu_access_pointer(ctx->rules));
	kvfree(ctx->queue);
	bitmap_free(ctx->units);
	kvfree(ctx);
}

void pin_ctx_put(struct pin_ctx *ctx)
{
	kref_put(&ctx->ref, pin_ctx_free);
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
	u64 units = div_u64(i_size_read(file_inode(ctx->arena)),
			    req->window_size);

	if (!units || units > SECCOMP_PIN_MAX_WINDOWS)
		return -EINVAL;
	ctx->nr_units = units;
	ctx->units_per_mm = min(req->windows_per_mm, ctx->nr_units);
	ctx->slot_size = req->slot_size;
	ctx->window_size = req->window_size;
	ctx->units = bitmap_zalloc(units, GFP_KERNEL_ACCOUNT);
	if (!ctx->units)
		return -ENOMEM;
	return 0;
}

static int pin_attach_files(struct pin_ctx *ctx,
			    const struct seccomp_pin_attach *req,
			    struct file *listener)
{
	struct seccomp_attendant *attendant;
	unsigned int flags = 0;
	int err;

	err = pin_attach_arena(ctx, req);
	if (err)
		return err;
	err = pin_queue_alloc(ctx, req->completions);
	if (err)
		goto err_units;

	err = pin_verdicts_alloc(ctx, req->verdicts);
	if (err)
		goto err_queue;

	if (req->flags & SECCOMP_PIN_ATTACH_KILLABLE)
		flags |= SECCOMP_ATTEND_KILLABLE;
	kref_get(&ctx->ref);
	attendant = seccomp_attend(listener, &pin_attend_ops, ctx, flags);
	if (IS_ERR(attendant)) {
		pin_ctx_put(ctx);
		err = PTR_ERR(attendant);
		goto err_verdicts;
	}
	/* Pairs with the acquire in pin_ctx_attached(). */
	smp_store_release(&ctx->attendant, attendant);
	return 0;

err_verdicts:
	pin_verdicts_free(ctx);
err_queue:
	kvfree(ctx->queue);
	ctx->queue = NULL;
	ctx->queue_size = 0;
err_units:
	bitmap_free(ctx->units);
	ctx->units = NULL;
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
 * * -EBUSY: attached already, the listener is attended already, or the arena
 *   has been one before
 * * -EAGAIN: the arena was to be mapped by one writer, and is by more
 * * -ENOMEM
 */
int pin_attach(struct pin_ctx *ctx, const struct seccomp_pin_attach *req)
{
	struct file *listener;
	int err;

	err = pin_attach_check(req);
	if (err)
		return err;

	mutex_lock(&ctx->attach_lock);
	err = -EBUSY;
	if (ctx->attendant)
		goto out_unlock;

	err = -EBADF;
	listener = fget(req->listener);
	if (!listener)
		goto out_unlock;
	ctx->arena = fget(req->arena);
	if (!ctx->arena)
		goto out_listener;

	err = pin_arena_claim(ctx->arena,
			      req->flags & SECCOMP_PIN_ATTACH_SOLE);
	if (!err) {
		err = pin_attach_files(ctx, req, listener);
		if (err)
			pin_arena_unclaim(ctx->arena);
	}
	if (err) {
		fput(ctx->arena);
		ctx->arena = NULL;
	}
out_listener:
	fput(listener);
out_unlock:
	mutex_unlock(&ctx->attach_lock);
	return err;
}

/**
 * pin_query - what there is
 * @ctx: the context, attached or not
 * @res: filled in
 *
 * What the dead have left behind is taken back first.
 */
void pin_query(struct pin_ctx *ctx, struct seccomp_pin_query *res)
{
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
	if (!pin_ctx_attached(ctx))
		return;

	pin_mms_sweep(ctx, U32_MAX);
	spin_lock(&ctx->lock);
	res->targets = ctx->nr_mms;
	res->windows = ctx->nr_windows;
	res->slots = ctx->nr_slots;
	res->calls = ctx->nr_calls;
	pin_verdicts_query(ctx, res);
	spin_unlock(&ctx->lock);
}
