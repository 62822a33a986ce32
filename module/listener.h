/* SPDX-License-Identifier: GPL-2.0-only */
/* A listener, and the calls that it is asked about. */
#ifndef _SECCOMP_PIN_LISTENER_H
#define _SECCOMP_PIN_LISTENER_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "compat.h"

#define PIN_CALL_BITS	10

struct pin_ctx;

/**
 * struct pin_listener - the module's side of one attended listener
 * @attendant: the core's part
 * @refs: one of the filter, one of each context that was attached
 * @hup: how the core tells that no task uses the filter any more
 * @poll_lock: protects @polled. Taken around waking @attendant.wqh, within which
 *	@hup takes @lock; so never under @lock
 * @polled: somebody has polled the listener, which is open: the core keeps the queue
 * @arrived: for those who wait for a call's task, see pin_call_find()
 * @lock: protects what follows, the calls, and all that their contexts share with
 *	them. Taken in process context; nothing sleeps under it
 * @ctx: the context that the calls get slots of, or NULL
 * @closed: the listener is closed
 * @calls: calls that wait, or that a supervisor has not let go of, by id
 * @pending: calls to be received, by id: the oldest first
 * @receivers: struct pin_receiver, those who wait for a call
 * @nr_sent: calls that were received and wait for an answer
 */
struct pin_listener {
	struct seccomp_attendant attendant;
	refcount_t refs;
	struct wait_queue_entry hup;
	spinlock_t poll_lock;		/* see above */
	bool polled;
	wait_queue_head_t arrived;

	spinlock_t lock;		/* see above */
	struct pin_ctx *ctx;
	bool closed;
	struct hlist_head calls[1 << PIN_CALL_BITS];
	struct list_head pending;
	struct list_head receivers;
	u32 nr_sent;
};

static inline struct pin_listener *
pin_listener_of(struct seccomp_attendant *attendant)
{
	return container_of(attendant, struct pin_listener, attendant);
}

#endif /* _SECCOMP_PIN_LISTENER_H */
