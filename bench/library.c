// SPDX-License-Identifier: GPL-2.0-only
/* libpinredir as most would use it: receive, look, allow, release */
#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>

#include "fail.h"
#include "library.h"
#include "pinned.h"
#include "tally.h"

/* A target that is gone is nobody's business. */
static void refuse(struct pinredir_call *call, int err)
{
	tally_refuse(err);
	if (err != PINREDIR_GONE)
		pinredir_deny(call, -err);
}

void library_answer(void *opened, void *call)
{
	int err = pinned_look(call);

	(void)opened;
	tally_ask(0);
	if (!err)
		err = pinredir_allow(call);
	if (err)
		refuse(call, err);
	pinredir_release(call);
}

static void *next(void *opened, void *last)
{
	if (last)
		library_answer(opened, last);
	return pinned_receive(opened);
}

/* The same with one entry into the kernel */
static void *next_at_once(void *opened, void *last)
{
	struct pinredir_call *call = NULL;
	int err;

	if (!last)
		return pinned_receive(opened);
	err = pinned_look(last);
	tally_ask(0);
	if (!err)
		err = pinredir_next(last, &call, 0);
	if (err)
		refuse(last, err);
	pinredir_release(last);
	return call ? call : pinned_receive(opened);
}

const struct supervisor library = {
	.name = "library",
	.action = SECCOMP_RET_USER_NOTIF,
	.module = true,
	.open = pinned_open,
	.next = next,
	.answer = library_answer,
};

const struct supervisor library_next = {
	.name = "next",
	.action = SECCOMP_RET_USER_NOTIF,
	.module = true,
	.open = pinned_open,
	.next = next_at_once,
	.answer = library_answer,
};
