// SPDX-License-Identifier: GPL-2.0-only
/* libpinredir by the fastest path that the module has */
#include <linux/seccomp.h>

#include "pinned.h"

static void *next(void *opened, void *last)
{
	if (last)
		pinned_answer(opened, last);
	return pinned_receive(opened);
}

const struct supervisor fastest = {
	.name = "fastest",
	.action = SECCOMP_RET_USER_NOTIF,
	.module = true,
	.open = pinned_open,
	.next = next,
	.answer = pinned_answer,
};
