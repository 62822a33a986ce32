// SPDX-License-Identifier: GPL-2.0-only
/* libpinredir, with answers that hold for the same call */
#include <linux/seccomp.h>

#include "supervisor.h"

static const char *missing(const struct row *row)
{
	(void)row;
	return "the module does not remember verdicts";
}

const struct supervisor remembered = {
	.name = "remembered",
	.action = SECCOMP_RET_USER_NOTIF,
	.module = true,
	.missing = missing,
};
