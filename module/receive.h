/* SPDX-License-Identifier: GPL-2.0-only */
/* Receiving: calls on their way to those who decide on them. */
#ifndef _SECCOMP_PIN_RECEIVE_H
#define _SECCOMP_PIN_RECEIVE_H

#include "call.h"

/**
 * struct pin_receiver - somebody who waits for a call
 * @node: in pin_listener.receivers
 * @task: the thread
 * @call: the call, with a reference, once there is one
 * @pid: its thread's, for @task
 * @device: it is received by the device: the call is held from then on
 * @kicked: it is to look again
 */
struct pin_receiver {
	struct list_head node;
	struct task_struct *task;
	struct pin_call *call;
	pid_t pid;
	bool device;
	bool kicked;
};

void pin_wake(struct pin_listener *listener, struct task_struct *task);
void pin_poke(struct pin_listener *listener, __poll_t mask);
void pin_pend(struct pin_call *call);
int pin_take_locked(struct pin_listener *listener,
		    struct pin_receiver *receiver, bool nonblock)
	__releases(&listener->lock);
int pin_take(struct pin_listener *listener, struct pin_receiver *receiver,
	     bool nonblock);
void pin_untake(struct pin_listener *listener, u64 id);
int pin_adopt(struct pin_ctx *ctx, u64 id, struct pin_receiver *receiver);
void pin_receivers_wake(struct pin_listener *listener);

#endif /* _SECCOMP_PIN_RECEIVE_H */
