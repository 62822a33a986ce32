// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/openat2.h>
#include <pinredir.h>

/* To the target, a directory of the supervisor's is the root of all that it opens. */
int answer_openat(struct pinredir_call *call, int root)
{
	const char *path;
	int err = pinredir_get_string(call, 1, &path);

	if (!err && !path)
		err = -EFAULT;
	if (!err)
		err = pinredir_open_beneath(call, root, path, RESOLVE_IN_ROOT);
	return err ? pinredir_deny(call, -err) : 0;
}
