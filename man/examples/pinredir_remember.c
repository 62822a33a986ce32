// SPDX-License-Identifier: GPL-2.0-only
#include <pinredir.h>

#define COOKIE	1

/*
 * What is allowed or denied here once is so for all targets, until it is dropped.
 * The context was opened with options.verdicts.
 */
int allow_always(struct pinredir_call *call)
{
	int err = pinredir_remember(call, 0, COOKIE, PINREDIR_FOR_ALL);

	return err ? err : pinredir_allow(call);
}

/* After the policy has changed */
int ask_again(struct pinredir *ctx)
{
	return pinredir_drop(ctx, COOKIE);
}
