/* SPDX-License-Identifier: GPL-2.0-only */
/* Requests, from user space. */
#ifndef _SECCOMP_PIN_USER_H
#define _SECCOMP_PIN_USER_H

#include <linux/uaccess.h>

/*
 * Read a request that supervisors make for each call. With a length known to the
 * compiler, this takes a fraction of copy_from_user().
 */
static __always_inline bool pin_words_read(void *dst, const void __user *src,
					   size_t len)
{
	const u64 __user *from = src;
	u64 *to = dst;
	size_t i;

	if (!user_read_access_begin(src, len))
		return false;
#pragma GCC unroll 32
	for (i = 0; i < len / sizeof(u64); i++)
		unsafe_get_user(to[i], &from[i], err);
	if (len % sizeof(u64))
		unsafe_get_user(*(u32 *)&to[i], (const u32 __user *)&from[i], err);
	user_read_access_end();
	return true;
err:
	user_read_access_end();
	return false;
}

/* Whether what follows the @known bytes of a request is zero: 0, -E2BIG or -EFAULT */
static inline int pin_request_rest(const void __user *user, size_t known, size_t size)
{
	int ret = check_zeroed_user(user + known, size - known);

	return ret > 0 ? 0 : ret ?: -E2BIG;
}

#endif /* _SECCOMP_PIN_USER_H */
