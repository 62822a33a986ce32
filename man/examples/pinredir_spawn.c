// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <pinredir.h>
#include <seccomp.h>

/* Run a command, have its openat() and execve() supervised; its status or an error */
int run(char **argv, int (*serve)(struct pinredir *))
{
	struct pinredir_spawn how = { .size = sizeof(how), .argv = argv };
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	struct pinredir_child *child;
	struct pinredir *ctx;
	int err, status;

	if (!filter)
		return -ENOMEM;
	err = seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(openat), 0);
	if (!err)
		err = seccomp_rule_add(filter, SCMP_ACT_NOTIFY,
				       SCMP_SYS(execve), 0);
	if (!err)
		err = pinredir_spawn(&child, filter, &how);
	seccomp_release(filter);
	if (err)
		return err;
	err = pinredir_open(&ctx, pinredir_child_listener(child), NULL);
	if (!err) {
		err = serve(ctx);
		pinredir_close(ctx);
	}
	if (!err)
		err = pinredir_child_wait(child, &status, 0);
	/* With its listener: what is left of it has no supervisor any more. */
	pinredir_child_free(child);
	return err ? err : status;
}
