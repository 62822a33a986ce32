// SPDX-License-Identifier: GPL-2.0-only
/* Looking at all that a call reads, so that all of it is pinned */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "notify.h"
#include "pinned.h"
#include "reads.h"

/* As a supervisor that has something to say about what programs are told */
static int pin_strings(struct pinredir_call *call, unsigned int arg)
{
	size_t i, count;
	int err = pinredir_get_vector(call, arg, &count);

	for (i = 0; i < count && !err; i++)
		if (forbidden(pinredir_vector_string(call, arg, i)))
			err = -EACCES;
	return err;
}

/* Something that a pointer points to; the pointer is the slot's afterwards. */
static int fetch_part(struct pinredir_call *call, void *pointer, size_t len,
		      const void **part)
{
	uint64_t at;
	int err;

	memcpy(&at, pointer, sizeof(at));
	if (!at || !len)
		return 0;
	err = pinredir_fetch(call, at, PINREDIR_BYTES, part, &len);
	if (err)
		return err;
	at = pinredir_address(call, *part);
	memcpy(pointer, &at, sizeof(at));
	return 0;
}

/* The parts of a message: their order in the slot does not matter. */
static int fetch_parts(struct pinredir_call *call, struct msghdr *msg)
{
	const void *name, *control, *vector = NULL, *payload;
	struct iovec *iov;
	size_t i;
	int err;

	err = fetch_part(call, &msg->msg_name, msg->msg_namelen, &name);
	if (!err)
		err = fetch_part(call, &msg->msg_control, msg->msg_controllen,
				 &control);
	if (!err)
		err = fetch_part(call, &msg->msg_iov,
				 msg->msg_iovlen * sizeof(*iov), &vector);
	/* The slot is ours to write, and this part of it was fetched for that. */
	iov = (struct iovec *)vector;
	for (i = 0; iov && i < msg->msg_iovlen && !err; i++)
		err = fetch_part(call, &iov[i].iov_base, iov[i].iov_len,
				 &payload);
	return err;
}

static int pin_message(struct pinredir_call *call, unsigned int arg)
{
	const void *bytes;
	struct msghdr msg;
	size_t len = sizeof(msg);
	int err = pinredir_get_bytes(call, arg, &bytes, &len);

	if (err || !bytes)
		return err;
	memcpy(&msg, bytes, sizeof(msg));
	err = fetch_parts(call, &msg);
	return err ? err : pinredir_set_bytes(call, arg, &msg, sizeof(msg));
}

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
		return pin_strings(call, reads->arg);
	case READS_MESSAGE:
		return pin_message(call, reads->arg);
	default:
		return pinredir_get_bytes(call, reads->arg, &bytes, &len);
	}
}

int pinned_look(struct pinredir_call *call)
{
	const struct reads_list *list = reads_of(pinredir_nr(call));
	unsigned int i;
	int err = 0;

	for (i = 0; i < list->count && !err; i++)
		err = look_at(call, &list->items[i]);
	return err;
}
