/* SPDX-License-Identifier: GPL-2.0-only */
/* Running a command under a filter, and serving its calls. */
#ifndef SUPERVISE_H
#define SUPERVISE_H

#include <pinredir.h>
#include <seccomp.h>
#include <stdbool.h>

#include "start.h"
#include "text.h"

/**
 * struct supervision - what is supervised, and how
 * @name: of the subcommand, for messages
 * @argv: the command
 * @filter: notifies of what is supervised
 * @confined: calls that the library does not know fail with ENOSYS, and nobody gets
 *	the right to trace processes that are none of its user's
 * @options: of the context; completions are read if there are some
 * @loop: of the loop
 * @wait_for_all: the end is when there are no targets any more, not when the
 *	command has ended
 * @begin: registers handlers. 0 or -errno
 * @completion: how a call ended
 * @end: the command is over, or with @wait_for_all everything: adds what there is
 *	to say to the user
 * @finish: no calls come any more
 * @data: for these
 */
struct supervision {
	const char *name;
	char **argv;
	scmp_filter_ctx filter;
	bool confined;
	struct pinredir_options options;
	struct pinredir_loop_options loop;
	bool wait_for_all;
	int (*begin)(struct pinredir *ctx, struct pinredir_loop *loop,
		     void *data);
	void (*completion)(const struct seccomp_pin_completion *completion,
			   void *data);
	void (*end)(struct text *text, void *data);
	void (*finish)(void *data);
	void *data;
};

/**
 * supervise - run it
 * @supervision: what and how
 * @start: as it was
 *
 * Forks: the caller becomes the front. The supervisor does not return. Threads
 * can be started in @begin, not before.
 *
 * Return: the status to exit with
 */
int supervise(const struct supervision *supervision,
	      const struct start *start);

#endif /* SUPERVISE_H */
