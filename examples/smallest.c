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

/* The calls that open a file by its path, and which argument that is */
static const struct {
	int nr;
	unsigned int path;
} opens[] = {
	{ SCMP_SYS(open), 0 },
	{ SCMP_SYS(creat), 0 },
	{ SCMP_SYS(openat), 1 },
	{ SCMP_SYS(openat2), 1 },
	{ SCMP_SYS(open_tree), 1 },
};

#define OPENS (sizeof(opens) / sizeof(*opens))

static int check(struct pinredir_call *call)
{
	const char *path;
	size_t i = 0;
	int err;

	while (i < OPENS && opens[i].nr != pinredir_nr(call))
		i++;
	if (i == OPENS)
		return -ENOSYS;
	err = pinredir_get_string(call, opens[i].path, &path);
	return !err && path && !strcmp(path, "/etc/shadow") ? -EACCES : err;
}

int main(int argc, char **argv)
{
	struct pinredir_spawn how = { .size = sizeof(how), .argv = argv + 1 };
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	struct pinredir_child *child;
	struct pinredir_call *call;
	struct pinredir *ctx;
	int err, status;
	size_t i;

	if (argc < 2)
		error(2, 0, "no command");
	for (i = 0; i < OPENS; i++)
		seccomp_rule_add(filter, SCMP_ACT_NOTIFY, opens[i].nr, 0);
	/* What opens files without a call that a filter sees */
	seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
			 SCMP_SYS(io_uring_setup), 0);
	err = pinredir_spawn(&child, filter, &how);
	if (!err)
		err = pinredir_open(&ctx, pinredir_child_listener(child), NULL);
	if (err)
		error(126, -err, "%s", argv[1]);

	while (!pinredir_receive(ctx, &call, 0)) {
		err = check(call);
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
