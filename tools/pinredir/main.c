// SPDX-License-Identifier: GPL-2.0-only
/* pinredir: commands under a policy that holds, and what they ask for */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "front.h"

static const char help[] =
"usage: pinredir run [OPTION]... [--] COMMAND [ARGUMENT]...\n"
"       pinredir trace [OPTION]... [--] COMMAND [ARGUMENT]...\n"
"       pinredir check [--device PATH] [--json]\n"
"       pinredir --help | --version\n"
"\n"
"Commands under seccomp, with syscalls that run on exactly the bytes that were\n"
"looked at, whatever the command's threads do to their memory in the meantime.\n"
"\n"
"  run     run a command under a policy on paths\n"
"  trace   print the calls of a command, as they really ran\n"
"  check   say what this machine lacks for that\n"
"\n"
"'pinredir SUBCOMMAND --help' says more. run and trace need the\n"
"seccomp-pin module.\n";

static int usage(const char *problem, const char *word)
{
	fprintf(stderr, "pinredir: %s%s\nTry 'pinredir --help'.\n", problem,
		word);
	return STATUS_FAILED;
}

/* What is printed on standard output has to arrive there. */
static int finish(int status)
{
	if (fflush(stdout) || ferror(stdout)) {
		perror("pinredir: standard output");
		return STATUS_FAILED;
	}
	return status;
}

/* getopt() begins its messages with argv[0]. */
static int command(int argc, char **argv)
{
	bool run = !strcmp(argv[0], "run");
	struct start start;
	int err;

	if (!strcmp(argv[0], "check")) {
		argv[0] = "pinredir check";
		return command_check(argc, argv);
	}
	argv[0] = run ? "pinredir run" : "pinredir trace";
	err = start_look(&start);
	if (err) {
		fprintf(stderr, "pinredir: looking at open files: %s\n",
			strerror(-err));
		return STATUS_FAILED;
	}
	return run ? command_run(argc, argv, &start) :
		     command_trace(argc, argv, &start);
}

int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL;

	if (!word)
		return usage("no subcommand", "");
	if (!strcmp(word, "--help") || !strcmp(word, "-h")) {
		fputs(help, stdout);
		return finish(0);
	}
	if (!strcmp(word, "--version")) {
		puts("pinredir " VERSION);
		return finish(0);
	}
	if (strcmp(word, "run") && strcmp(word, "trace") &&
	    strcmp(word, "check"))
		return usage("no such subcommand: ", word);
	return finish(command(argc - 1, argv + 1));
}
