// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/seccomp.h>
#include <pinredir.h>

/* A target that is stopped, or frozen, does not come: the runtime denies its call then. */
#define TRIES	5

/* A notification that was received through the listener */
int take_over(struct pinredir *ctx, const struct seccomp_notif *req,
	      struct pinredir_call **call)
{
	int err, tries = TRIES;

	/* The call can be older than the context. Each try waits up to a second. */
	do {
		err = pinredir_adopt(ctx, call, req->id);
	} while (err == -EAGAIN && --tries);
	return err;
}
