// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <pinredir.h>
#include <string.h>

/* An execve() with this among its arguments is not allowed. */
int judge_execve(struct pinredir_call *call)
{
	size_t count, i;
	int err = pinredir_get_vector(call, 1, &count);

	for (i = 0; !err && i < count; i++)
		if (!strcmp(pinredir_vector_string(call, 1, i), "--privileged"))
			err = -EACCES;
	return err;
}
