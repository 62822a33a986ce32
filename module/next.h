/* SPDX-License-Identifier: GPL-2.0-only */
/* The requests that supervisors make for each call: RECEIVE, NEXT, RELEASE */
#ifndef _SECCOMP_PIN_NEXT_H
#define _SECCOMP_PIN_NEXT_H

#include "context.h"

int pin_receive(struct pin_ctx *ctx, struct seccomp_pin_receive __user *user);
int pin_next(struct pin_ctx *ctx, struct seccomp_pin_next __user *user);
int pin_release(struct pin_ctx *ctx, const struct seccomp_pin_release *req);

#endif /* _SECCOMP_PIN_NEXT_H */
