// SPDX-License-Identifier: GPL-2.0-only
/* Not supervised at all, and supervisors that let every call continue unseen. */
#include "notify.h"
#include "supervisor.h"

static void begin(const struct supervised *supervised)
{
	notify_sync(supervised->listener);
}

static void run(const struct supervised *supervised)
{
	struct seccomp_notif notif;

	while (notify_receive(supervised->listener, &notif))
		notify_continue(supervised->listener, notif.id);
}

const struct supervisor native = {
	.name = "native",
	.action = SECCOMP_RET_ALLOW,
};

const struct supervisor blind = {
	.name = "blind",
	.action = SECCOMP_RET_USER_NOTIF,
	.begin = begin,
	.run = run,
};
