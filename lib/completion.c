// SPDX-License-Identifier: LGPL-2.1-or-later
/* Completions: how calls have ended. */
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include "private.h"

int pinredir_read_completions(struct pinredir *ctx,
			      struct seccomp_pin_completion *completions,
			      size_t room, unsigned int flags)
{
	struct pollfd pollfd = { .fd = ctx->device, .events = POLLIN };
	ssize_t n;
	int err = ctx_check(ctx);

	if (err)
		return err;
	if (flags & ~PINREDIR_NONBLOCK || !room)
		return -EINVAL;
	if (!ctx_pins(ctx))
		return -EOPNOTSUPP;
	if (room > INT_MAX / sizeof(*completions))
		room = INT_MAX / sizeof(*completions);
	/* The device is open with O_NONBLOCK. */
	for (;;) {
		n = read(ctx->device, completions,
			 room * sizeof(*completions));
		if (n >= 0)
			return n / (ssize_t)sizeof(*completions);
		if (errno != EAGAIN || flags & PINREDIR_NONBLOCK)
			return -errno;
		if (poll(&pollfd, 1, -1) < 0)
			return -errno;
	}
}
