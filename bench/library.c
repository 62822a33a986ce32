// SPDX-License-Identifier: GPL-2.0-only
/* libpinredir as most would use it: receive, look, allow, release */
#include <linux/seccomp.h>

#include "pinned.h"

static void *next(void *opened, void *last)
{
	if (last)
		pinned_answer(opened, last);
	return pinned_receive(opened);
}

const struct supervisor library = {
	.name = "library",
	.action = SECCOMP_RET_USER_NOTIF,
	.module = true,
	.open = pinned_open,
	.next = next,
	.answer = pinned_answer,
};
