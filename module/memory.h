/* SPDX-License-Identifier: GPL-2.0-only */
/* The requests on a parked target's memory: FETCH, INSTALL and ALLOC */
#ifndef _SECCOMP_PIN_MEMORY_H
#define _SECCOMP_PIN_MEMORY_H

#include "context.h"

int pin_fetch(struct pin_ctx *ctx, struct seccomp_pin_fetch *req);
int pin_install(struct pin_ctx *ctx, struct seccomp_pin_install *req);
int pin_alloc(struct pin_ctx *ctx, struct seccomp_pin_alloc *req);

#endif /* _SECCOMP_PIN_MEMORY_H */
