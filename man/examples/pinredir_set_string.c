// SPDX-License-Identifier: GPL-2.0-only
#include <pinredir.h>
#include <string.h>

/* Whoever asks for one file gets another one. */
int replace_hosts(struct pinredir_call *call)
{
	const char *path;
	int err = pinredir_get_string(call, 1, &path);

	if (!err && path && !strcmp(path, "/etc/hosts"))
		err = pinredir_set_string(call, 1, "/etc/hosts.sandbox");
	return err ? err : pinredir_allow(call);
}
