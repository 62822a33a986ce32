// SPDX-License-Identifier: GPL-2.0-only
/* Read what the call reads, and let it continue on whatever is there by then. */
#include <errno.h>

#include "image.h"
#include "notify.h"

static int look(const struct seccomp_notif *notif)
{
	static struct image image;
	int err = image_take(&image, notif->pid, notif->data.nr,
			     notif->data.args);

	if (err)
		return err;
	return forbidden(image_string(&image, notif->data.nr)) ? -EACCES : 0;
}

static void answer(void *opened, void *call)
{
	struct seccomp_notif *notif = call;
	int err = look(notif);

	if (err)
		notify_return(opened, notif->id, 0, -err);
	else
		notify_continue(opened, notif->id);
	notify_forget(notif);
}

static void *next(void *opened, void *last)
{
	if (last)
		answer(opened, last);
	return notify_next(opened);
}

const struct supervisor racy = {
	.name = "racy",
	.action = SECCOMP_RET_USER_NOTIF,
	.open = notify_open,
	.next = next,
	.answer = answer,
};
