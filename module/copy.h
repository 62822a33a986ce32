/* SPDX-License-Identifier: GPL-2.0-only */
/* Rules, and the copying that they ask for when a target traps. */
#ifndef _SECCOMP_PIN_COPY_H
#define _SECCOMP_PIN_COPY_H

#include "call.h"

int pin_set_rules(struct pin_ctx *ctx, const struct seccomp_pin_rules *req);
void pin_copy_args(struct pin_call *call);
void pin_copies_place(struct pin_call *call);

#endif /* _SECCOMP_PIN_COPY_H */
