/* SPDX-License-Identifier: GPL-2.0-only */
/* Windows on request */
#ifndef _SECCOMP_PIN_INSTALL_H
#define _SECCOMP_PIN_INSTALL_H

#include <linux/types.h>

struct pin_call;
struct pin_ctx;
struct pin_window;
struct seccomp_pin_install;

int pin_window_install(struct pin_call *call, struct pin_window *window,
		       unsigned long address, u32 timeout, bool slots);
int pin_install(struct pin_ctx *ctx, struct seccomp_pin_install *req);

#endif /* _SECCOMP_PIN_INSTALL_H */
