/* SPDX-License-Identifier: GPL-2.0-only */
/* A larger slot for one call */
#ifndef _SECCOMP_PIN_ALLOC_H
#define _SECCOMP_PIN_ALLOC_H

#include <linux/types.h>

struct pin_call;
struct pin_ctx;
struct seccomp_pin_alloc;

int pin_alloc(struct pin_ctx *ctx, struct seccomp_pin_alloc *req);
void pin_unalloc(struct pin_ctx *ctx, const struct seccomp_pin_alloc *req);
bool pin_alloc_covers(const struct pin_call *call, u64 place, u64 len,
		      bool arena);

#endif /* _SECCOMP_PIN_ALLOC_H */
