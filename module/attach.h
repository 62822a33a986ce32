/* SPDX-License-Identifier: GPL-2.0-only */
/* The life of a context: opened, attached, closed */
#ifndef _SECCOMP_PIN_ATTACH_H
#define _SECCOMP_PIN_ATTACH_H

#include "context.h"

struct pin_ctx *pin_ctx_open(void);
void pin_ctx_close(struct pin_ctx *ctx);
int pin_attach(struct pin_ctx *ctx, const struct seccomp_pin_attach *req);
void pin_query(struct pin_ctx *ctx, struct seccomp_pin_query *res);

#endif /* _SECCOMP_PIN_ATTACH_H */
