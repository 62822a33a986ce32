// SPDX-License-Identifier: GPL-2.0-only
/* Read what the call reads, and let it continue on whatever is there by then. */
#include <errno.h>

#include "image.h"
#include "notify.h"
#include "supervisor.h"

static void begin(const struct supervised *supervised)
{
	notify_sync(supervised->listener);
}

static int look(const struct seccomp_notif *notif)
{
	static struct image image;
	int err = image_take(&image, notif->pid, notif->data.nr,
			     notif->data.args);

	if (err)
		return err;
	return forbidden(image_string(&image, notif->data.nr)) ? -EACCES : 0;
}

static void run(const struct supervised *supervised)
{
	struct seccomp_notif notif;
	int err;

	while (notify_receive(supervised->listener, &notif)) {
		err = look(&notif);
		if (err)
			notify_return(supervised->listener, notif.id, 0, -err);
		else
			notify_continue(supervised->listener, notif.id);
	}
}

const struct supervisor racy = {
	.name = "racy",
	.action = SECCOMP_RET_USER_NOTIF,
	.begin = begin,
	.run = run,
};
