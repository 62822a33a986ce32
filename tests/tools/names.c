// SPDX-License-Identifier: GPL-2.0-only
/*
 * names WAY ARGUMENT...: one way to name a file, for which no shell has a command.
 * Prints the first line of the file, or the errno of the call that failed.
 *
 * names openat2 DIR PATH RESOLVE	RESOLVE: a word of resolves[], or several with ','
 * names exchange OLD NEW PATH		renameat2(), then PATH
 * names tree DIR PATH			PATH below a clone of DIR's tree that is nowhere mounted
 * names attach DIR TO PATH		such a clone, mounted at TO, then PATH
 * names root DIR PATH			PATH after chroot(DIR)
 * names pivot DIR OLD PATH		PATH after pivot_root(DIR, OLD)
 * names bind DIR TO PATH		PATH after a bind mount
 * names in DIR PATH			PATH from DIR
 * names deep DIR LEVELS PATH		PATH from so many levels below DIR, which stay
 * names make TYPE			fsopen()
 * names cat PATH
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
	const char *name;
	unsigned long long flag;
} resolves[] = {
	{ "none", 0 },
	{ "beneath", RESOLVE_BENEATH },
	{ "in_root", RESOLVE_IN_ROOT },
	{ "no_xdev", RESOLVE_NO_XDEV },
	{ "no_symlinks", RESOLVE_NO_SYMLINKS },
};

static int failed(void)
{
	puts(strerrorname_np(errno));
	return 1;
}

/* What is in there, if it is open */
static int show(int fd)
{
	char line[256];
	ssize_t len;

	if (fd < 0)
		return failed();
	len = read(fd, line, sizeof(line) - 1);
	if (len < 0)
		return failed();
	line[len] = '\0';
	line[strcspn(line, "\n")] = '\0';
	puts(line);
	return 0;
}

static int cat(const char *path)
{
	return show(open(path, O_RDONLY));
}

static int openat2_way(char **argv)
{
	struct open_how how = { .flags = O_RDONLY };
	char *word, *words = argv[2];
	int dir = open(argv[0], O_PATH | O_DIRECTORY);
	size_t i;

	if (dir < 0)
		return failed();
	while ((word = strsep(&words, ",")))
		for (i = 0; i < sizeof(resolves) / sizeof(*resolves); i++)
			if (!strcmp(word, resolves[i].name))
				how.resolve |= resolves[i].flag;
	return show(syscall(SYS_openat2, dir, argv[1], &how, sizeof(how)));
}

static int exchange_way(char **argv)
{
	if (renameat2(AT_FDCWD, argv[0], AT_FDCWD, argv[1], RENAME_EXCHANGE))
		return failed();
	return cat(argv[2]);
}

static int clone_tree(const char *dir)
{
	return syscall(SYS_open_tree, AT_FDCWD, dir,
		       OPEN_TREE_CLONE | AT_RECURSIVE);
}

static int tree_way(char **argv)
{
	int tree = clone_tree(argv[0]);

	return tree < 0 ? failed() : show(openat(tree, argv[1], O_RDONLY));
}

static int attach_way(char **argv)
{
	int tree = clone_tree(argv[0]);

	if (tree < 0 || syscall(SYS_move_mount, tree, "", AT_FDCWD, argv[1],
				MOVE_MOUNT_F_EMPTY_PATH))
		return failed();
	return cat(argv[2]);
}

static int root_way(char **argv)
{
	return chroot(argv[0]) ? failed() : cat(argv[1]);
}

static int pivot_way(char **argv)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", argv[0], "tmpfs", 0, NULL) || mkdir(argv[1], 0700) ||
	    syscall(SYS_pivot_root, argv[0], argv[1]))
		return failed();
	return cat(argv[2]);
}

static int bind_way(char **argv)
{
	if (mount(argv[0], argv[1], NULL, MS_BIND | MS_REC, NULL))
		return failed();
	return cat(argv[2]);
}

static int in_way(char **argv)
{
	return chdir(argv[0]) ? failed() : cat(argv[1]);
}

static int deep_way(char **argv)
{
	char name[201];
	int left = atoi(argv[1]);

	memset(name, 'd', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	if (chdir(argv[0]))
		return failed();
	while (left--)
		if ((mkdir(name, 0700) && errno != EEXIST) || chdir(name))
			return failed();
	return cat(argv[2]);
}

static int make_way(char **argv)
{
	if (syscall(SYS_fsopen, argv[0], 0) < 0)
		return failed();
	puts("0");
	return 0;
}

static int cat_way(char **argv)
{
	return cat(argv[0]);
}

static const struct {
	const char *name;
	int arguments;
	int (*way)(char **argv);
} ways[] = {
	{ "openat2", 3, openat2_way },
	{ "exchange", 3, exchange_way },
	{ "tree", 2, tree_way },
	{ "attach", 3, attach_way },
	{ "root", 2, root_way },
	{ "pivot", 3, pivot_way },
	{ "bind", 3, bind_way },
	{ "in", 2, in_way },
	{ "deep", 3, deep_way },
	{ "make", 1, make_way },
	{ "cat", 1, cat_way },
};

int main(int argc, char **argv)
{
	size_t i;

	for (i = 0; argc > 2 && i < sizeof(ways) / sizeof(*ways); i++)
		if (!strcmp(argv[1], ways[i].name) &&
		    argc == 2 + ways[i].arguments)
			return ways[i].way(argv + 2);
	fputs("names: see its source\n", stderr);
	return 2;
}
