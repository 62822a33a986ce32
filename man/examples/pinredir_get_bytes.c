// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/openat2.h>
#include <pinredir.h>
#include <string.h>

/* openat2() with RESOLVE_BENEATH only; its open_how is as long as argument 3 says. */
int judge_openat2(struct pinredir_call *call)
{
	size_t len = pinredir_arg(call, 3);
	struct open_how how;
	const void *bytes;
	int err;

	if (len < sizeof(how))
		return -EINVAL;
	err = pinredir_get_bytes(call, 2, &bytes, &len);
	if (err)
		return err;
	if (!bytes)
		return -EFAULT;
	memcpy(&how, bytes, sizeof(how));
	return how.resolve & RESOLVE_BENEATH ? 0 : -EPERM;
}
