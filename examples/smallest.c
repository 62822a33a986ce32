// SPDX-License-Identifier: GPL-2.0-only
/*
 * smallest COMMAND...: runs a program that cannot open /etc/shadow by that name,
 * whatever its threads do to the path in the meantime.
 *
 * gcc -o smallest smallest.c $(pkg-config --cflags --libs pinredir) -lseccomp
 */
#include <errno.h>
#include <error.h>
#include <pinredir.h>
#include <seccomp.h>
#include <string.h>
#include <sys/wait.h>

int main(int argc, char **argv)
{
	struct pinredir_spawn how = { .size = sizeof(how), .argv = argv + 1 };
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	struct pinredir_child *child;
	struct pinredir_call *call;
	struct pinredir *ctx;
	const char *path;
	int err, status;

	if (argc < 2)
		error(2, 0, "no command");
	seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(openat), 0);
	err = pinredir_spawn(&child, filter, &how);
	if (!err)
		err = pinredir_open(&ctx, pinredir_child_listener(child), NULL);
	if (err)
		error(126, -err, "%s", argv[1]);

	while (!pinredir_receive(ctx, &call, 0)) {
		err = pinredir_get_string(call, 1, &path);
		if (!err && path && !strcmp(path, "/etc/shadow"))
			err = -EACCES;
		if (!err)
			err = pinredir_allow(call);
		if (err)
			pinredir_deny(call, -err);
		pinredir_release(call);
	}
	pinredir_close(ctx);
	err = pinredir_child_wait(child, &status, 0);
	if (err)
		error(126, -err, "%s", argv[1]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
