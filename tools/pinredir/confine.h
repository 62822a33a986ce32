/* SPDX-License-Identifier: GPL-2.0-only */
/* The filter of pinredir run: what a policy asks about, and what it does not need. */
#ifndef CONFINE_H
#define CONFINE_H

#include <pinredir.h>

#include "policy.h"

/**
 * confine_filter - a filter for a policy
 * @filter: set to it
 * @policy: the policy, complete
 *
 * Notifies of calls that have paths, and, if there are rules, of those that have
 * addresses of sockets. What leads to files by other ways than a path, or out of
 * the policy, fails if the policy denies something.
 *
 * Return: 0 or -errno
 */
int confine_filter(scmp_filter_ctx *filter, const struct policy *policy);

/**
 * confine_protect - deny what is pinredir's own, if something is to be protected
 * @policy: the policy
 * @log: open file descriptor of the log, or -1
 *
 * The log, so that nobody forges records; and the device, so that commands lock no
 * memory and supervise nobody, if the policy denies something or there is a log.
 *
 * Return: 0 or -errno
 */
int confine_protect(struct policy *policy, int log);

/* Give up the right to trace any process: 0 or -errno. Async-signal-safe */
int confine_rights(void);

#endif /* CONFINE_H */
