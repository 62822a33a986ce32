/* SPDX-License-Identifier: GPL-2.0-only */
/* Completions: how redirected calls ended, for read(2). */
#ifndef _SECCOMP_PIN_COMPLETION_H
#define _SECCOMP_PIN_COMPLETION_H

#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include <seccomp_pin.h>

/* The completions of one context */
struct pin_queue {
	spinlock_t *lock;	/* of the listener; protects @head, @len, @reserved */
	struct seccomp_pin_completion *ring;
	u32 size;		/* places in @ring */
	u32 head;		/* the next one to be read; changed under both locks */
	u32 len;		/* how many are to be read */
	u32 reserved;		/* places promised to calls that run */
	struct mutex read;	/* serializes readers */
	wait_queue_head_t wait;	/* readers */
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
