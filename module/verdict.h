/* SPDX-License-Identifier: GPL-2.0-only */
/* Remembered verdicts: calls that are answered as the same call was before */
#ifndef _SECCOMP_PIN_VERDICT_H
#define _SECCOMP_PIN_VERDICT_H

#include "call.h"

struct pin_verdict;

int pin_verdicts_alloc(struct pin_ctx *ctx, u32 nr);
void pin_verdicts_free(struct pin_ctx *ctx);
void pin_verdicts_query(struct pin_ctx *ctx, struct seccomp_pin_query *res);
void pin_verdict_begin(struct pin_call *call);
bool pin_verdict_apply(struct pin_call *call);
int pin_verdict_make(const struct pin_call *call,
		     const struct seccomp_pin_redirect *req,
		     const unsigned long *args, struct pin_verdict **verdict);
void pin_verdict_keep(struct pin_call *call, struct pin_verdict *verdict);
void pin_verdict_put(struct pin_verdict *verdict);
void pin_verdicts_forget(struct pin_ctx *ctx, struct pin_mm *pmm);
int pin_drop(struct pin_ctx *ctx, const struct seccomp_pin_drop *req);

#endif /* _SECCOMP_PIN_VERDICT_H */
