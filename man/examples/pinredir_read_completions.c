// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <pinredir.h>
#include <stdio.h>

/* What came of the calls that pinredir_want_completion() was called for */
int print_completions(struct pinredir *ctx)
{
	struct seccomp_pin_completion c[16];
	int i, count = pinredir_read_completions(ctx, c, 16, sizeof(*c),
						 PINREDIR_NONBLOCK);

	for (i = 0; i < count; i++) {
		if (c[i].how == SECCOMP_PIN_RETURNED)
			printf("%" PRIx64 ": %" PRId64 "\n", (uint64_t)c[i].id,
			       (int64_t)c[i].retval);
	}
	return count < 0 ? count : 0;
}
