/* SPDX-License-Identifier: GPL-2.0-only */
/* Fetching: a parked target copies more of its memory. */
#ifndef _SECCOMP_PIN_FETCH_H
#define _SECCOMP_PIN_FETCH_H

struct pin_ctx;
struct seccomp_pin_fetch;

int pin_fetch(struct pin_ctx *ctx, struct seccomp_pin_fetch *req);

#endif /* _SECCOMP_PIN_FETCH_H */
