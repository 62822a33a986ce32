/* SPDX-License-Identifier: GPL-2.0-only */
/* The filters that targets are under. */
#ifndef BENCH_FILTER_H
#define BENCH_FILTER_H

#include <stdint.h>

/*
 * Give some syscalls, ended by -1, an action, in the calling thread and what
 * comes of it. Returns the listener if the action is SECCOMP_RET_USER_NOTIF, and
 * -1 otherwise. Fails with a message.
 */
int filter_install(const int *traps, uint32_t action);

#endif /* BENCH_FILTER_H */
