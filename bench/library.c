// SPDX-License-Identifier: GPL-2.0-only
/* libpinredir: what is looked at is what the call runs on. */
#include <errno.h>
#include <pinredir.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "notify.h"
#include "pinned.h"
#include "reads.h"
#include "supervisor.h"

static struct pinredir *ctx;

static int look_at(struct pinredir_call *call, const struct reads *reads)
{
	const char *string;
	const void *bytes;
	size_t len = 0;
	int err;

	switch (reads->kind) {
	case READS_STRING:
		err = pinredir_get_string(call, reads->arg, &string);
		return !err && forbidden(string) ? -EACCES : err;
	case READS_STRINGS:
		return pinned_strings(call, reads->arg);
	case READS_MESSAGE:
		return pinned_message(call, reads->arg);
	default:
		return pinredir_get_bytes(call, reads->arg, &bytes, &len);
	}
}

static int look(struct pinredir_call *call)
{
	const struct reads_list *list = reads_of(pinredir_nr(call));
	unsigned int i;
	int err = 0;

	for (i = 0; i < list->count && !err; i++)
		err = look_at(call, &list->items[i]);
	return err;
}

static void begin(const struct supervised *supervised)
{
	notify_sync(supervised->listener);
	ctx = pinned_open(supervised->listener, supervised->row);
}

static void run(const struct supervised *supervised)
{
	struct pinredir_call *call;
	int err;

	(void)supervised;
	while (!(err = pinredir_receive(ctx, &call, 0)) || err == -EINTR) {
		if (err)
			continue;
		err = look(call);
		if (!err)
			err = pinredir_allow(call);
		if (err)
			pinredir_deny(call, -err);
		pinredir_release(call);
	}
	if (err != -ESRCH)
		fail("receiving: %s", strerror(-err));
	pinredir_close(ctx);
}

const struct supervisor library = {
	.name = "library",
	.action = SECCOMP_RET_USER_NOTIF,
	.module = true,
	.begin = begin,
	.run = run,
};
