// SPDX-License-Identifier: GPL-2.0-only
/*
 * execve ALLOWED... -- COMMAND...: runs a program that can execute only what is
 * allowed. ALLOWED is the beginning of a command line: "/usr/bin/git status" is for
 * that program, with that first argument and any others. It is by path: who can
 * change the file, or a link on the way to it, can execute something else.
 *
 * gcc -o execve execve.c $(pkg-config --cflags --libs pinredir) -lseccomp
 */
#include <ctype.h>
#include <errno.h>
#include <error.h>
#include <pinredir.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

/* argv of main(), up to the "--" */
static char **allowed;

/* The next word of a line is this one: what follows it, or NULL. */
static const char *follow(const char *line, const char *word)
{
	size_t len = strlen(word);

	if (!word[0] || strncmp(line, word, len) ||
	    (line[len] && line[len] != ' '))
		return NULL;
	return line + len + (line[len] == ' ');
}

static bool begins(struct pinredir_call *call, const char *path,
		   const char *line)
{
	const char *word;
	size_t n;

	line = follow(line, path);
	for (n = 1; line && *line; n++) {
		word = pinredir_vector_string(call, 1, n);
		line = word ? follow(line, word) : NULL;
	}
	return line;
}

/* The target has chosen the path: no control character of it reaches the terminal. */
static void print_denied(const char *path)
{
	fputs("execve: denied: ", stderr);
	for (; *path; path++) {
		if (isprint((unsigned char)*path) && *path != '\\')
			fputc(*path, stderr);
		else
			fprintf(stderr, "\\%03o", (unsigned char)*path);
	}
	fputc('\n', stderr);
}

static int on_execve(struct pinredir_call *call, void *data)
{
	const char *path;
	size_t count, i;
	int err = pinredir_get_string(call, 0, &path);

	(void)data;
	if (!err)
		err = pinredir_get_vector(call, 1, &count);
	if (err)
		return err;
	for (i = 0; path && strcmp(allowed[i], "--"); i++)
		if (begins(call, path, allowed[i]))
			return PINREDIR_ALLOW;
	print_denied(path ? path : "NULL");
	return -EACCES;
}

static int serve(struct pinredir *ctx)
{
	struct pinredir_loop *loop;
	int err = pinredir_loop_new(&loop, ctx, NULL);

	if (err)
		return err;
	pinredir_loop_handle(loop, SCMP_SYS(execve), on_execve, NULL);
	err = pinredir_loop_run(loop);
	pinredir_loop_free(loop);
	return err;
}

int main(int argc, char **argv)
{
	struct pinredir_spawn how = { .size = sizeof(how), .argv = argv + 1 };
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	struct pinredir_child *child;
	struct pinredir *ctx;
	int err, status;

	allowed = argv + 1;
	while (*how.argv && strcmp(*how.argv, "--"))
		how.argv++;
	if (argc < 3 || !*how.argv || !*++how.argv)
		error(2, 0, "usage: execve ALLOWED... -- COMMAND...");

	seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(execve), 0);
	/* It can name what it executes by a number, which peers can change. */
	seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(execveat), 0);
	err = pinredir_spawn(&child, filter, &how);
	if (!err)
		err = pinredir_open(&ctx, pinredir_child_listener(child), NULL);
	if (!err)
		err = serve(ctx);
	if (err)
		error(126, -err, "%s", *how.argv);
	pinredir_close(ctx);
	err = pinredir_child_wait(child, &status, 0);
	if (err)
		error(126, -err, "%s", *how.argv);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
