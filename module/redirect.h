/* SPDX-License-Identifier: GPL-2.0-only */
/* Redirecting: letting a call run with arguments that have been checked. */
#ifndef _SECCOMP_PIN_REDIRECT_H
#define _SECCOMP_PIN_REDIRECT_H

#include <linux/types.h>

struct pin_ctx;
struct seccomp_pin_redirect;

int pin_short_flags(u32 flags, u32 masks);
int pin_redirect_short(struct pin_ctx *ctx, u64 id, u32 flags);
int pin_redirect_only_short(struct pin_ctx *ctx,
			    const struct seccomp_pin_redirect *req);
int pin_redirect(struct pin_ctx *ctx, const struct seccomp_pin_redirect *req);

#endif /* _SECCOMP_PIN_REDIRECT_H */
