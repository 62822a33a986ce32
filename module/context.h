/* SPDX-License-Identifier: GPL-2.0-only */
/* A context: one open of the device, bound to one listener and one arena. */
#ifndef _SECCOMP_PIN_CONTEXT_H
#define _SECCOMP_PIN_CONTEXT_H

#include <linux/mutex.h>
#include <linux/siphash.h>

#include "completion.h"
#include "listener.h"
#include "window.h"

struct pin_rules;
struct pin_verdicts;

/**
 * struct pin_ctx - one open of the device
 * @attach_lock: serializes attach
 * @listener: set once, by attach, when all else is; a reference
 * @space: the arena, the windows and slots
 * @queue: completions
 * @rules: what targets copy; RCU
 * @key: hashes threads into cookies
 * @verdicts: those that are remembered, or NULL if none are to be
 * @killable: targets wait killable from the trap on
 * @free: frees this, without a lock, once @closed is set and @nr_calls is 0
 * @closed: the device is closed; by the listener's lock
 * @nr_calls: calls that have something of this; by the listener's lock
 */
struct pin_ctx {
	struct mutex attach_lock;	/* see above */
	struct pin_listener *listener;
	struct pin_space space;
	struct pin_queue queue;
	struct pin_rules __rcu *rules;
	siphash_key_t key;
	struct pin_verdicts *verdicts;
	bool killable;
	void (*free)(struct pin_ctx *ctx);
	bool closed;
	u32 nr_calls;
};

/* The listener, or NULL before attach */
static inline struct pin_listener *pin_ctx_listener(struct pin_ctx *ctx)
{
	/* Pairs with the release in pin_listener_attend(): all else is set. */
	return smp_load_acquire(&ctx->listener);
}

#endif /* _SECCOMP_PIN_CONTEXT_H */
