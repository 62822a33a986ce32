// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <pinredir.h>

/* Serve calls, with one entry into the kernel for each that is allowed. */
int serve(struct pinredir *ctx, int (*judge)(struct pinredir_call *))
{
	struct pinredir_call *call = NULL, *next;
	int err;

	for (;;) {
		err = call ? 0 : pinredir_receive(ctx, &call, 0);
		if (err == -EINTR)
			continue;
		if (err)
			return err == -ESRCH ? 0 : err;
		next = NULL;
		err = judge(call);
		if (!err)
			err = pinredir_next(call, &next, 0);
		if (err)
			pinredir_deny(call, -err);
		pinredir_release(call);
		call = next;
	}
}
