/* SPDX-License-Identifier: GPL-2.0-only */
/* Notifications by the kernel's own interface. */
#ifndef BENCH_NOTIFY_H
#define BENCH_NOTIFY_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Wake the other side on the same processor, where the kernel can. */
void notify_sync(int listener);

/* Receive; false if there are no targets any more. */
bool notify_receive(int listener, struct seccomp_notif *notif);

/* Answers; a target that is gone is none of their business. */
void notify_continue(int listener, uint64_t id);
void notify_return(int listener, uint64_t id, int64_t value, int error);
void notify_addfd(int listener, uint64_t id, int fd, uint32_t flags);

/* What all that look at paths forbid */
static inline bool forbidden(const char *path)
{
	return path && !strcmp(path, "/etc/shadow");
}

#endif /* BENCH_NOTIFY_H */
