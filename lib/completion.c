// SPDX-License-Identifier: LGPL-2.1-or-later
/* Completions: how calls have ended. */
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include "private.h"

#define RECORD	sizeof(struct seccomp_pin_completion)

/* When records grow, programs that know less of them need another buffer. */
_Static_assert(RECORD == SIZE_TO(struct seccomp_pin_completion, reserved),
	       "records are as large as the first version of them");

/* Records are read one behind the other: move each to where the program has it. */
static void spread(unsigned char *records, size_t count, size_t size)
{
	while (size > RECORD && count--)
		pinredir_sized_out(records + count * size, size,
				   records + count * RECORD, RECORD);
}

int pinredir_read_completions(struct pinredir *ctx,
			      struct seccomp_pin_completion *completions,
			      size_t room, size_t size, unsigned int flags)
{
	struct pollfd pollfd = { .fd = ctx->device, .events = POLLIN };
	ssize_t n;
	int err = ctx_check(ctx);

	if (err)
		return err;
	if (flags & ~PINREDIR_NONBLOCK || !room || size < RECORD)
		return -EINVAL;
	if (!ctx_pins(ctx))
		return -EOPNOTSUPP;
	if (room > INT_MAX / RECORD)
		room = INT_MAX / RECORD;
	/* The device is open with O_NONBLOCK. */
	for (;;) {
		n = read(ctx->device, completions, room * RECORD);
		if (n >= 0) {
			n /= (ssize_t)RECORD;
			spread((unsigned char *)completions, n, size);
			return n;
		}
		if (errno != EAGAIN || flags & PINREDIR_NONBLOCK)
			return -errno;
		if (poll(&pollfd, 1, -1) < 0)
			return -errno;
	}
}
