/* SPDX-License-Identifier: GPL-2.0-only */
/* Notifications by the kernel's own interface. */
#ifndef BENCH_NOTIFY_H
#define BENCH_NOTIFY_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "supervisor.h"

/*
 * For struct supervisor: the listener is all there is to open, and a call is its
 * notification, which notify_forget() frees.
 */
void *notify_open(const struct supervised *supervised);
struct seccomp_notif *notify_next(void *opened);
void notify_forget(struct seccomp_notif *notif);

/* Wake the other side on the same processor, where the kernel can. */
void notify_sync(int listener);

/* Answers; a target that is gone is none of their business. */
void notify_continue(void *opened, uint64_t id);
void notify_return(void *opened, uint64_t id, int64_t value, int error);
void notify_addfd(void *opened, uint64_t id, int fd, uint32_t flags);

/* What all that look at paths forbid */
static inline bool forbidden(const char *path)
{
	return path && !strcmp(path, "/etc/shadow");
}

#endif /* BENCH_NOTIFY_H */
