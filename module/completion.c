// SPDX-License-Identifier: GPL-2.0-only
/*
 * Completions: how redirected calls ended, for read(2). A place in the queue is
 * reserved with the answer, so that none is ever lost.
 */
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "completion.h"

void pin_queue_init(struct pin_queue *queue)
{
	mutex_init(&queue->read);
	init_waitqueue_head(&queue->wait);
}

/* Room for @size completions, or none: 0 or -ENOMEM */
int pin_queue_alloc(struct pin_queue *queue, u32 size)
{
	if (!size)
		return 0;
	queue->ring = kvcalloc(size, sizeof(*queue->ring), GFP_KERNEL_ACCOUNT);
	if (!queue->ring)
		return -ENOMEM;
	queue->size = size;
	return 0;
}

/* Returns 0 or -ENOBUFS: all places are taken or promised; lock held. */
int pin_queue_reserve(struct pin_queue *queue)
{
	lockdep_assert_held(queue->lock);
	if (queue->len + queue->reserved >= queue->size)
		return -ENOBUFS;
	queue->reserved++;
	return 0;
}

/* Into the place that was reserved for it */
void pin_queue_add(struct pin_queue *queue,
		   const struct seccomp_pin_completion *completion)
{
	spin_lock(queue->lock);
	queue->ring[(queue->head + queue->len) % queue->size] =
		*completion;
	queue->len++;
	queue->reserved--;
	spin_unlock(queue->lock);
	wake_up_interruptible_poll(&queue->wait, EPOLLIN | EPOLLRDNORM);
}

/* Pass one on to user space: 1, 0 if there is none, or -EFAULT */
static int pin_queue_pass(struct pin_queue *queue, char __user *buf)
{
	struct seccomp_pin_completion completion;
	u32 len;

	lockdep_assert_held(&queue->read);
	spin_lock(queue->lock);
	len = queue->len;
	if (len)
		completion = queue->ring[queue->head];
	spin_unlock(queue->lock);
	if (!len)
		return 0;
	if (copy_to_user(buf, &completion, sizeof(completion)))
		return -EFAULT;

	spin_lock(queue->lock);
	queue->head = (queue->head + 1) % queue->size;
	queue->len--;
	spin_unlock(queue->lock);
	return 1;
}

/* As many as there are and fit: bytes, or -EFAULT where that is not even one */
static ssize_t pin_queue_drain(struct pin_queue *queue, char __user *buf,
			       size_t len)
{
	const size_t size = sizeof(struct seccomp_pin_completion);
	size_t done = 0;
	int ret;

	ret = mutex_lock_interruptible(&queue->read);
	if (ret)
		return ret;
	while (len - done >= size) {
		ret = pin_queue_pass(queue, buf + done);
		if (ret <= 0)
			break;
		done += size;
	}
	mutex_unlock(&queue->read);
	return done ?: ret;
}

/**
 * pin_queue_read - read completions
 * @queue: the queue
 * @buf: where to
 * @len: room, in bytes
 * @nonblock: do not wait for the first
 *
 * Return: bytes read, a multiple of the size of one, or
 * * -EINVAL: no room for one
 * * -EAGAIN: @nonblock, and there is none
 * * -EFAULT: @buf cannot be written
 * * -ERESTARTSYS: interrupted by a signal
 */
ssize_t pin_queue_read(struct pin_queue *queue, char __user *buf, size_t len,
		       bool nonblock)
{
	ssize_t ret;

	if (len < sizeof(struct seccomp_pin_completion))
		return -EINVAL;

	for (;;) {
		ret = pin_queue_drain(queue, buf, len);
		if (ret)
			return ret;
		if (nonblock)
			return -EAGAIN;
		ret = wait_event_interruptible(queue->wait,
					       READ_ONCE(queue->len));
		if (ret)
			return ret;
	}
}

__poll_t pin_queue_poll(struct pin_queue *queue, struct file *file,
			struct poll_table_struct *wait)
{
	poll_wait(file, &queue->wait, wait);
	return READ_ONCE(queue->len) ? EPOLLIN | EPOLLRDNORM : 0;
}
