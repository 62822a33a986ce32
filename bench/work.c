// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <fcntl.h>
#include <pinredir.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fail.h"
#include "work.h"

#define MOST_RULES	200

/**
 * struct command - what a shell would be told
 * @name: the row's, and of the directory in which it is done
 * @argv: as for execve
 */
struct command {
	const char *name;
	char *const argv[6];
};

static const struct command commands[] = {
	{ "git-status", { "/usr/bin/git", "status", "--porcelain" } },
	{ "python-import", { "/usr/bin/python3", "-c",
			     "import json, ssl, sqlite3" } },
	{ "gcc", { "/usr/bin/gcc", "-c", "small.c", "-o", "../../tmp/small.o" } },
	{ "pipelines", { "/bin/sh", "pipelines" } },
	{ "find", { "/usr/bin/find", "/usr/include", "-type", "f",
		    "-readable" } },
};

#define COMMANDS	(sizeof(commands) / sizeof(*commands))

static char *const environment[] = {
	"HOME=/tmp", "LC_ALL=C", "PATH=/usr/bin:/bin", NULL,
};

/* What does not matter to the figures is not to be seen. */
static void discard_output(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	need(null >= 0, "/dev/null");
	need(dup2(null, STDIN_FILENO) >= 0 && dup2(null, STDOUT_FILENO) >= 0,
	     "dup2");
}

/* The one that is done */
static const struct command *current;

static void go_to(void)
{
	discard_output();
	need(!chroot(WORK_ROOT) && !chdir("/work") && !chdir(current->name),
	     WORK_ROOT);
}

static void run(void)
{
	int status;
	pid_t pid = vfork();

	need(pid >= 0, "vfork");
	if (!pid) {
		execve(current->argv[0], current->argv, environment);
		_exit(127);
	}
	need(waitpid(pid, &status, 0) == pid, "waitpid");
	if (status)
		fail("%s: wait status %x", current->name, status);
}

/* Calls with paths, as the library knows them */
static const int *path_calls(void)
{
	static struct seccomp_pin_rule rules[MOST_RULES];
	static int traps[MOST_RULES + 1];
	size_t i, count = pinredir_default_rules(rules, MOST_RULES, sizeof(*rules));
	unsigned int n = 0;

	if (count > MOST_RULES)
		fail("too many rules");
	/* Those of most calls come one after the other; twice does no harm. */
	for (i = 0; i < count; i++)
		if (!n || traps[n - 1] != (int)rules[i].nr)
			traps[n++] = rules[i].nr;
	traps[n] = -1;
	return traps;
}

const struct row *work_row(unsigned int i)
{
	static struct row row = { .prepare = go_to, .call = run };

	if (i >= COMMANDS)
		return NULL;
	current = &commands[i];
	row.name = current->name;
	row.traps = path_calls();
	return &row;
}

bool work_command(char *const *words)
{
	unsigned int i;

	if (!words[0])
		return false;
	if (!strcmp(words[0], "commands")) {
		for (i = 0; i < COMMANDS; i++)
			puts(commands[i].name);
		return true;
	}
	if (strcmp(words[0], "command") || !words[1])
		return false;
	for (i = 0; i < COMMANDS; i++) {
		if (strcmp(commands[i].name, words[1]))
			continue;
		execve(commands[i].argv[0], commands[i].argv, environment);
		fail("%s: cannot be executed", words[1]);
	}
	return false;
}
