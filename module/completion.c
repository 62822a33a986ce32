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

/* Room for @size completions, 0 is possible. Returns 0 or -ENOMEM */
int pin_queue_alloc(struct pin_queue *queue, u32 size)
{
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
	queue->ring[(queue->head + queue->len) % queue->size] = *completion;
	queue->len++;
	queue->reserved--;
	spin_unlock(queue->lock);
	wake_up_interruptible_poll(&queue->wait, EPOLLIN | EPOLLRDNORM);
}

/*
 * Pass on as many completions as there are and fit. Returns bytes, or an error if
 * not even one was passed on. The completion at the head is neither moved nor
 * overwritten while @read is held.
 */
static ssize_t pin_queue_drain(struct pin_queue *queue, char __user *buf,
			       size_t len)
{
	const size_t size = sizeof(*queue->ring);
	size_t done;
	u32 left;
	int err;

	err = mutex_lock_interruptible(&queue->read);
	if (err)
		return err;
	for (done = 0; len - done >= size; done += size) {
		spin_lock(queue->lock);
		left = queue->len;
		spin_unlock(queue->lock);
		if (!left)
			break;
		if (copy_to_user(buf + done, &queue->ring[queue->head], size)) {
			err = -EFAULT;
			break;
		}
		spin_lock(queue->lock);
		queue->head = (queue->head + 1) % queue->size;
		queue->len--;
		spin_unlock(queue->lock);
	}
	mutex_unlock(&queue->read);
	return done ?: err;
}

/* read(2), see docs/abi.md; also -EFAULT, and -EINTR or -ERESTARTSYS: a signal */
ssize_t pin_queue_read(struct pin_queue *queue, char __user *buf, size_t len,
		       bool nonblock)
{
	ssize_t ret;

	if (len < sizeof(*queue->ring))
		return -EINVAL;
	do {
		ret = pin_queue_drain(queue, buf, len);
		if (ret)
			return ret;
		if (nonblock)
			return -EAGAIN;
		ret = wait_event_interruptible(queue->wait, READ_ONCE(queue->len));
	} while (!ret);
	return ret;
}

__poll_t pin_queue_poll(struct pin_queue *queue, struct file *file,
			struct poll_table_struct *wait)
{
	poll_wait(file, &queue->wait, wait);
	return READ_ONCE(queue->len) ? EPOLLIN | EPOLLRDNORM : 0;
}
