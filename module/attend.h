/* SPDX-License-Identifier: GPL-2.0-only */
/* Attending: what the core calls, and the life of a listener. */
#ifndef _SECCOMP_PIN_ATTEND_H
#define _SECCOMP_PIN_ATTEND_H

#include "context.h"

int pin_listener_attend(struct file *file, struct pin_ctx *ctx);
bool pin_listener_detach(struct pin_ctx *ctx);
void pin_listener_put(struct pin_listener *listener);

#endif /* _SECCOMP_PIN_ATTEND_H */
