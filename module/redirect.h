/* SPDX-License-Identifier: GPL-2.0-only */
/* Redirecting: letting a call run with arguments that have been checked. */
#ifndef _SECCOMP_PIN_REDIRECT_H
#define _SECCOMP_PIN_REDIRECT_H

#include <seccomp_pin.h>

#include "user.h"

struct pin_ctx;

#define PIN_SHORT_FLAGS	(SECCOMP_PIN_COPIED | SECCOMP_PIN_COMPLETION)

/* A short answer, as user space gives it: the call runs on its copies. */
struct pin_short {
	u64 id;
	u32 flags;	/* SECCOMP_PIN_COPIED, and SECCOMP_PIN_COMPLETION maybe */
	u32 masks;	/* all four of struct seccomp_pin_redirect: 0 */
};

static_assert(sizeof(struct pin_short) == SECCOMP_PIN_SHORT);

/* Read one, and check it: 0, -EFAULT or -EINVAL */
static __always_inline int pin_short_read(struct pin_short *answer,
					  const void __user *user)
{
	if (!pin_words_read(answer, user, sizeof(*answer)))
		return -EFAULT;
	if (answer->flags & ~PIN_SHORT_FLAGS || answer->masks ||
	    !(answer->flags & SECCOMP_PIN_COPIED))
		return -EINVAL;
	return 0;
}

int pin_redirect_short(struct pin_ctx *ctx, const struct pin_short *answer);
int pin_redirect(struct pin_ctx *ctx, const void __user *user, size_t size);

#endif /* _SECCOMP_PIN_REDIRECT_H */
