// SPDX-License-Identifier: GPL-2.0-only
/*
 * Completions: how redirected calls ended, for read(2). A place in the queue is
 * reserved with the answer, so that none is ever lost.
 */
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "pin.h"

int pin_queue_alloc(struct pin_ctx *ctx, u32 size)
{
	if (!size)
		return 0;
	ctx->queue = kvcalloc(size, sizeof(*ctx->queue), GFP_KERNEL_ACCOUNT);
	if (!ctx->queue)
		return -ENOMEM;
	ctx->queue_size = size;
	return 0;
}

/* Returns 0 or -ENOBUFS: all places are taken or promised */
int pin_queue_reserve(struct pin_ctx *ctx)
{
	int err = -ENOBUFS;

	spin_lock(&ctx->lock);
	if (ctx->queue_len + ctx->queue_reserved < ctx->queue_size) {
		ctx->queue_reserved++;
		err = 0;
	}
	spin_unlock(&ctx->lock);
	return err;
}

void pin_queue_unreserve(struct pin_ctx *ctx)
{
	spin_lock(&ctx->lock);
	ctx->queue_reserved--;
	spin_unlock(&ctx->lock);
}

/* Into the place that was reserved for it */
void pin_queue_add(struct pin_ctx *ctx,
		   const struct seccomp_pin_completion *completion)
{
	spin_lock(&ctx->lock);
	ctx->queue[(ctx->queue_head + ctx->queue_len) % ctx->queue_size] =
		*completion;
	ctx->queue_len++;
	ctx->queue_reserved--;
	spin_unlock(&ctx->lock);
	wake_up_interruptible_poll(&ctx->queue_wait, EPOLLIN | EPOLLRDNORM);
}

/* Pass one on to user space: 1, 0 if there is none, or -EFAULT */
static int pin_queue_pass(struct pin_ctx *ctx, char __user *buf)
{
	struct seccomp_pin_completion completion;
	u32 len;

	lockdep_assert_held(&ctx->queue_read);
	spin_lock(&ctx->lock);
	len = ctx->queue_len;
	if (len)
		completion = ctx->queue[ctx->queue_head];
	spin_unlock(&ctx->lock);
	if (!len)
		return 0;
	if (copy_to_user(buf, &completion, sizeof(completion)))
		return -EFAULT;

	spin_lock(&ctx->lock);
	ctx->queue_head = (ctx->queue_head + 1) % ctx->queue_size;
	ctx->queue_len--;
	spin_unlock(&ctx->lock);
	return 1;
}

/* As many as there are and fit: bytes, or -EFAULT where that is not even one */
static ssize_t pin_queue_drain(struct pin_ctx *ctx, char __user *buf,
			       size_t len)
{
	const size_t size = sizeof(struct seccomp_pin_completion);
	size_t done = 0;
	int ret;

	ret = mutex_lock_interruptible(&ctx->queue_read);
	if (ret)
		return ret;
	while (len - done >= size) {
		ret = pin_queue_pass(ctx, buf + done);
		if (ret <= 0)
			break;
		done += size;
	}
	mutex_unlock(&ctx->queue_read);
	return done ?: ret;
}

/**
 * pin_queue_read - read completions
 * @ctx: the context
 * @buf: where to
 * @len: room, in bytes
 * @nonblock: do not wait for the first
 *
 * Return: bytes read, a multiple of the size of one, or
 * * -EINVAL: no room for one
 * * -EAGAIN: @nonblock, and there is none
 * * -EFAULT: @buf cannot be written
 * * -ENOTCONN: not attached
 * * -ERESTARTSYS: interrupted by a signal
 */
ssize_t pin_queue_read(struct pin_ctx *ctx, char __user *buf, size_t len,
		       bool nonblock)
{
	ssize_t ret;

	if (!pin_ctx_attached(ctx))
		return -ENOTCONN;
	if (len < sizeof(struct seccomp_pin_completion))
		return -EINVAL;

	for (;;) {
		ret = pin_queue_drain(ctx, buf, len);
		if (ret)
			return ret;
		if (nonblock)
			return -EAGAIN;
		ret = wait_event_interruptible(ctx->queue_wait,
					       READ_ONCE(ctx->queue_len));
		if (ret)
			return ret;
	}
}

__poll_t pin_queue_poll(struct pin_ctx *ctx, struct file *file,
			struct poll_table_struct *wait)
{
	poll_wait(file, &ctx->queue_wait, wait);
	return READ_ONCE(ctx->queue_len) ? EPOLLIN | EPOLLRDNORM : 0;
}
