/* SPDX-License-Identifier: GPL-2.0-only */
/* Completions: how redirected calls ended, for read(2). */
#ifndef _SECCOMP_PIN_COMPLETION_H
#define _SECCOMP_PIN_COMPLETION_H

#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include <seccomp_pin.h>

/**
 * struct pin_queue - the completions of one context
 * @lock: the lock of the context's listener; protects what follows
 * @ring: struct seccomp_pin_completion, in a ring
 * @size: places in @ring
 * @head: next to be read
 * @len: to be read
 * @reserved: promised to calls that run
 * @read: serializes readers
 * @wait: readers
 */
struct pin_queue {
	spinlock_t *lock;		/* see above */
	struct seccomp_pin_completion *ring;
	u32 size;
	u32 head;
	u32 len;
	u32 reserved;
	struct mutex read;		/* see above */
	wait_queue_head_t wait;
};

void pin_queue_init(struct pin_queue *queue);
int pin_queue_alloc(struct pin_queue *queue, u32 size);
int pin_queue_reserve(struct pin_queue *queue);
void pin_queue_add(struct pin_queue *queue,
		   const struct seccomp_pin_completion *completion);
ssize_t pin_queue_read(struct pin_queue *queue, char __user *buf, size_t len,
		       bool nonblock);
__poll_t pin_queue_poll(struct pin_queue *queue, struct file *file,
			struct poll_table_struct *wait);

#endif /* _SECCOMP_PIN_COMPLETION_H */
