/* SPDX-License-Identifier: GPL-2.0-only */
/* Work: what a supervisor has a parked task do, in the task's own context. */
#ifndef _SECCOMP_PIN_WORK_H
#define _SECCOMP_PIN_WORK_H

#include <linux/completion.h>
#include <linux/list.h>
#include <linux/refcount.h>

struct pin_call;

/**
 * struct pin_work - something for a parked task to do
 * @fn: called in the context of the task, with no lock held; returns @ret. It may
 *	sleep, fault and map, and may finish long after its requester gave up
 * @release: called when nobody refers to it any more; must not sleep
 * @refs: one for the requester, one for the task
 * @done: completed when @fn has returned, or never will be called
 * @node: in pin_call.works
 * @call: whose task it is for
 * @running: @fn has been called
 * @ret: what @fn returned; if it is never called, -ENOENT or what the requester has set
 */
struct pin_work {
	int (*fn)(struct pin_work *work);
	void (*release)(struct pin_work *work);
	refcount_t refs;
	struct completion done;
	struct list_head node;
	struct pin_call *call;
	bool running;
	int ret;
};

void pin_work_init(struct pin_work *work, int (*fn)(struct pin_work *work),
		   void (*release)(struct pin_work *work));
void pin_work_put(struct pin_work *work);
void pin_work_queue(struct pin_call *call, struct pin_work *work);
bool pin_work_cancel(struct pin_work *work);
void pin_works_drop(struct pin_call *call);
void pin_works_do(struct pin_call *call);
int pin_work_run(struct pin_call *call, struct pin_work *work, u32 timeout);

#endif /* _SECCOMP_PIN_WORK_H */
