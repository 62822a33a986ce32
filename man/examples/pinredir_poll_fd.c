// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <poll.h>
#include <pinredir.h>

/* A round of a poll loop that has other things to do as well */
int serve_round(struct pinredir *ctx, int (*answer)(struct pinredir_call *))
{
	struct pollfd fd = { .fd = pinredir_poll_fd(ctx), .events = POLLIN };
	struct pinredir_call *call;
	int err;

	if (poll(&fd, 1, 100) <= 0)
		return 0;
	while (!(err = pinredir_receive(ctx, &call, PINREDIR_NONBLOCK))) {
		err = answer(call);
		if (err)
			pinredir_deny(call, -err);
		pinredir_release(call);
	}
	return err == -EAGAIN || err == -EINTR ? 0 : err;
}
