// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/seccomp.h>
#include <pinredir.h>
#include <sched.h>

/* A notification that was received through the listener */
int take_over(struct pinredir *ctx, const struct seccomp_notif *req,
	      struct pinredir_call **call)
{
	int err;

	/* It can be older than the context, for a moment. */
	while ((err = pinredir_adopt(ctx, call, req->id)) == -EAGAIN)
		sched_yield();
	return err;
}
