// SPDX-License-Identifier: GPL-2.0-only
/*
 * rewrite FROM TO COMMAND...: runs a program to which what is below the directory
 * TO appears to be below FROM, in every call that takes a path. It is a
 * convenience, no jail: relative paths and symbolic links stay what they are.
 *
 * gcc -o rewrite rewrite.c $(pkg-config --cflags --libs pinredir) -lseccomp
 */
#include <errno.h>
#include <error.h>
#include <limits.h>
#include <pinredir.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

static const char *from, *to;

/* 0 or a negative errno */
static int rewrite(struct pinredir_call *call, unsigned int arg)
{
	size_t len = strlen(from);
	char other[PATH_MAX];
	const char *path;
	int err = pinredir_get_string(call, arg, &path);

	if (err || !path || strncmp(path, from, len) ||
	    (path[len] && path[len] != '/'))
		return err;
	if (snprintf(other, sizeof(other), "%s%s", to, path + len) >=
	    (int)sizeof(other))
		return -ENAMETOOLONG;
	return pinredir_set_string(call, arg, other);
}

static int on_paths(struct pinredir_call *call, void *data)
{
	const struct pinredir_syscall *row = data;
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < row->count; i++)
		if (pinredir_argument(row, i)->shape == PINREDIR_PATH)
			err = rewrite(call, i);
	return err ? err : PINREDIR_ALLOW;
}

static bool has_path(const struct pinredir_syscall *row)
{
	unsigned int i;

	for (i = 0; i < row->count; i++)
		if (pinredir_argument(row, i)->shape == PINREDIR_PATH)
			return true;
	return false;
}

/* Every call of the library's table that has a path, in the filter and the loop */
static int add_rules(scmp_filter_ctx filter)
{
	const struct pinredir_syscall *row;
	size_t n;
	int err = 0;

	for (n = 0; !err && (row = pinredir_syscall_at(n)); n++)
		if (has_path(row))
			err = seccomp_rule_add(filter, SCMP_ACT_NOTIFY,
					       row->nr, 0);
	return err;
}

static int serve(struct pinredir *ctx)
{
	const struct pinredir_syscall *row;
	struct pinredir_loop *loop;
	size_t n;
	int err = pinredir_loop_new(&loop, ctx, NULL);

	if (err)
		return err;
	for (n = 0; (row = pinredir_syscall_at(n)); n++)
		if (has_path(row))
			pinredir_loop_handle(loop, row->nr, on_paths,
					     (void *)row);
	err = pinredir_loop_run(loop);
	pinredir_loop_free(loop);
	return err;
}

int main(int argc, char **argv)
{
	/* A call that is not in the table may take a path: let it fail. */
	struct pinredir_spawn how = {
		.size = sizeof(how),
		.flags = PINREDIR_KNOWN_ONLY,
		.argv = argv + 3,
	};
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	struct pinredir_child *child;
	struct pinredir *ctx;
	int err, status;

	if (argc < 4)
		error(2, 0, "usage: rewrite FROM TO COMMAND...");
	from = argv[1];
	to = argv[2];
	err = add_rules(filter);
	if (!err)
		err = pinredir_spawn(&child, filter, &how);
	if (!err)
		err = pinredir_open(&ctx, pinredir_child_listener(child), NULL);
	if (!err)
		err = serve(ctx);
	if (err)
		error(126, -err, "%s", argv[3]);
	pinredir_close(ctx);
	err = pinredir_child_wait(child, &status, 0);
	if (err)
		error(126, -err, "%s", argv[3]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
