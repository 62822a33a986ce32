// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Arguments of a certain shape: addresses, pieces of memory, messages. What they
 * point to in turn is read from the one copy that was made of them, and that copy
 * is changed to point to copies.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "private.h"

#define ADDRESS_MOST	sizeof(struct sockaddr_storage)

static bool arg_shaped(const struct pinredir_call *call, unsigned int n)
{
	return call->shaped & 1U << n;
}

/* What the table says of an argument, or 0 */
static unsigned int arg_shape(const struct pinredir_call *call, unsigned int n)
{
	const struct pinredir_syscall *row =
		pinredir_syscall(call_received(call)->data.nr);
	const struct pinredir_argument *argument =
		row ? pinredir_argument(row, n) : NULL;

	return argument ? argument->shape : 0;
}

/*
 * An address has room behind it, all zero, so that nobody who takes it for longer
 * than it is, or for a string, sees another thing than the kernel.
 */
static int address_room(struct pinredir_call *call, const void *bytes,
			size_t len, uint32_t *offset)
{
	int err = pinredir_slot_take(call, ADDRESS_MOST + 1, offset);

	if (err)
		return err;
	memmove(pinredir_slot_bytes(call, *offset), bytes, len);
	memset(pinredir_slot_bytes(call, *offset) + len, 0,
	       ADDRESS_MOST + 1 - len);
	return 0;
}

static int address_fetch(struct pinredir_call *call, uint64_t address,
			 size_t len, uint32_t *offset)
{
	uint32_t at, copied;
	int err = pinredir_slot_fetch(call, address, SECCOMP_PIN_BYTES, len,
				      &at, &copied);

	if (err)
		return err;
	pinredir_slot_drop(call, at);
	return address_room(call, pinredir_slot_bytes(call, at), len, offset);
}

/* @len is neither 0 nor more than an address can have. */
int pinredir_pin_sockaddr(struct pinredir_call *call, unsigned int n,
			  uint64_t len)
{
	uint32_t offset;
	int err;

	if (arg_shaped(call, n))
		return len <= call->answer.ptr_len[n] ? 0 : -EINVAL;
	if (!arg_pinned(call, n))
		err = address_fetch(call, arg_value(call, n), len, &offset);
	else if (call->answer.ptr_len[n] < len)
		err = -EINVAL;
	else
		err = address_room(call, arg_bytes(call, n), len, &offset);
	if (err)
		return err;
	pinredir_arg_pin(call, n, offset, len, false);
	call->shaped |= 1U << n;
	return 0;
}

int pinredir_get_sockaddr(struct pinredir_call *call, unsigned int n,
			  const struct sockaddr **address, size_t *len)
{
	uint32_t length;
	int err = arg_check_two(call, n);

	*address = NULL;
	*len = 0;
	if (err)
		return err;
	if (arg_valued(call, n))
		return -EINVAL;
	length = arg_value(call, n + 1);
	if (!length || (!arg_pinned(call, n) && !arg_value(call, n)))
		return arg_pinned(call, n) ? 0 : pinredir_arg_mark(call, n, 0);
	if (length > ADDRESS_MOST)
		return pinredir_arg_mark(call, n, -EINVAL);
	err = pinredir_pin_sockaddr(call, n, length);
	if (!err) {
		*address = (const struct sockaddr *)arg_bytes(call, n);
		*len = length;
	}
	return pinredir_arg_mark(call, n, err);
}

int pinredir_set_sockaddr(struct pinredir_call *call, unsigned int n,
			  const struct sockaddr *address, size_t len)
{
	uint32_t offset;
	int err = arg_check_two(call, n);

	if (err)
		return err;
	if (!len || len > ADDRESS_MOST)
		return -EINVAL;
	err = address_room(call, address, len, &offset);
	if (err)
		return pinredir_arg_mark(call, n, err);
	pinredir_arg_pin(call, n, offset, len, false);
	call->shaped |= 1U << n;
	return pinredir_set_value(call, n + 1, len);
}

/* The length of all pieces, or why there can be no such */
static int pieces_check(const struct iovec *pieces, size_t count)
{
	uint64_t total = 0;
	size_t i;

	for (i = 0; i < count; i++)
		if ((ssize_t)pieces[i].iov_len < 0)
			return -EINVAL;
	for (i = 0; i < count; i++) {
		total += pieces[i].iov_len;
		if (total > UINT32_MAX)
			return -ENOBUFS;
	}
	return 0;
}

/* Pieces that follow each other in memory are copied together: how many */
static size_t pieces_run(const struct iovec *pieces, size_t count, size_t *len)
{
	uintptr_t end = (uintptr_t)pieces->iov_base;
	size_t n;

	*len = 0;
	for (n = 0; n < count; n++) {
		if ((uintptr_t)pieces[n].iov_base != end || !pieces[n].iov_len)
			break;
		end += pieces[n].iov_len;
		*len += pieces[n].iov_len;
	}
	return n;
}

/* Copy what they point to, and let them point there. @pieces is in the slot. */
static int pieces_copy(struct pinredir_call *call, struct iovec *pieces,
		       size_t count)
{
	size_t i, n, len;
	uint64_t copy;
	void *bytes;
	int err = pieces_check(pieces, count);

	for (i = 0; i < count && !err; i += n) {
		n = pieces_run(&pieces[i], count - i, &len);
		if (!n) {
			/* Nothing is read, wherever that is. */
			pieces[i].iov_base = NULL;
			n = 1;
			continue;
		}
		err = pinredir_copy(call, (uintptr_t)pieces[i].iov_base, len,
				    &bytes, &copy);
		for (len = 0; len < n && !err; len++) {
			pieces[i + len].iov_base = (void *)(uintptr_t)copy;
			copy += pieces[i + len].iov_len;
		}
	}
	return err;
}

/* @count is neither 0 nor more than IOV_MAX. */
int pinredir_pin_iovec(struct pinredir_call *call, unsigned int n,
		       uint64_t count)
{
	unsigned char *array;
	int err;

	if (arg_shaped(call, n))
		return count <= call->count[n] ? 0 : -EINVAL;
	err = pinredir_pin_bytes(call, n, count * sizeof(struct iovec));
	if (err)
		return err;
	array = arg_bytes(call, n);
	err = pieces_copy(call, (struct iovec *)array, count);
	/* Tried again, pieces that are in the slot already are copied from there. */
	if (err)
		return err;
	call->array[n] = pinredir_address(call, array);
	call->count[n] = count;
	call->shaped |= 1U << n;
	return 0;
}

int pinredir_get_iovec(struct pinredir_call *call, unsigned int n,
		       size_t *count)
{
	uint64_t length;
	int err = arg_check_two(call, n);

	*count = 0;
	if (err)
		return err;
	if (arg_valued(call, n) || arg_shape(call, n) != PINREDIR_IOVEC)
		return -EINVAL;
	length = arg_value(call, n + 1);
	if (!length || (!arg_pinned(call, n) && !arg_value(call, n)))
		return arg_pinned(call, n) ? 0 : pinredir_arg_mark(call, n, 0);
	if (length > IOV_MAX)
		return pinredir_arg_mark(call, n, -EINVAL);
	err = pinredir_pin_iovec(call, n, length);
	if (!err)
		*count = length;
	return pinredir_arg_mark(call, n, err);
}

const void *pinredir_iovec_bytes(const struct pinredir_call *call,
				 unsigned int arg, size_t n, size_t *len)
{
	const struct iovec *piece;

	*len = 0;
	if (arg_check(call, arg) || !arg_shaped(call, arg) ||
	    n >= call->count[arg])
		return NULL;
	piece = pinredir_slot_at(call, call->array[arg] + n * sizeof(*piece),
				 sizeof(*piece));
	if (!piece || !piece->iov_len)
		return NULL;
	*len = piece->iov_len;
	return pinredir_slot_at(call, (uintptr_t)piece->iov_base, *len);
}

/* The kernel takes no more of a name than an address can have. */
static int message_name(struct pinredir_call *call, struct msghdr *header)
{
	uint32_t len = header->msg_namelen, offset;
	int err;

	if ((int32_t)len < 0)
		return -EINVAL;
	if (!header->msg_name || !len)
		return 0;
	if (len > ADDRESS_MOST)
		len = ADDRESS_MOST;
	err = address_fetch(call, (uintptr_t)header->msg_name, len, &offset);
	if (err)
		return err;
	header->msg_namelen = len;
	header->msg_name = (void *)(uintptr_t)
		pinredir_address(call, pinredir_slot_bytes(call, offset));
	return 0;
}

static int message_control(struct pinredir_call *call, struct msghdr *header)
{
	uint64_t copy;
	void *bytes;
	int err;

	if (header->msg_controllen > INT_MAX)
		return -ENOBUFS;
	if (!header->msg_controllen)
		return 0;
	err = pinredir_copy(call, (uintptr_t)header->msg_control,
			    header->msg_controllen, &bytes, &copy);
	if (!err)
		header->msg_control = (void *)(uintptr_t)copy;
	return err;
}

static int message_pieces(struct pinredir_call *call, struct msghdr *header)
{
	size_t count = header->msg_iovlen;
	uint64_t copy;
	void *pieces;
	int err;

	if (count > IOV_MAX)
		return -EMSGSIZE;
	if (!count)
		return 0;
	err = pinredir_copy(call, (uintptr_t)header->msg_iov,
			    count * sizeof(struct iovec), &pieces, &copy);
	if (!err)
		err = pieces_copy(call, pieces, count);
	if (!err)
		header->msg_iov = (struct iovec *)(uintptr_t)copy;
	return err;
}

int pinredir_pin_message(struct pinredir_call *call, unsigned int n)
{
	struct msghdr *header;
	int err;

	if (arg_shaped(call, n))
		return 0;
	err = pinredir_pin_bytes(call, n, sizeof(*header));
	if (err)
		return err;
	header = (struct msghdr *)arg_bytes(call, n);
	err = message_name(call, header);
	if (!err)
		err = message_control(call, header);
	if (!err)
		err = message_pieces(call, header);
	if (err)
		return err;
	call->array[n] = (uintptr_t)header->msg_iov;
	call->count[n] = header->msg_iovlen;
	call->shaped |= 1U << n;
	return 0;
}

static void message_fill(const struct pinredir_call *call, unsigned int n,
			 struct pinredir_message *message)
{
	const struct msghdr *header = (struct msghdr *)arg_bytes(call, n);

	if (header->msg_name)
		message->name_len = header->msg_namelen;
	if (message->name_len)
		message->name = pinredir_slot_at(call,
						 (uintptr_t)header->msg_name,
						 message->name_len);
	message->control_len = header->msg_controllen;
	if (message->control_len)
		message->control = pinredir_slot_at(call,
					(uintptr_t)header->msg_control,
					message->control_len);
	message->count = call->count[n];
	message->flags = arg_value(call, n + 1);
}

int pinredir_get_message(struct pinredir_call *call, unsigned int n,
			 struct pinredir_message *message)
{
	struct pinredir_message known = { .size = message->size };
	int err;

	if (message->size < SIZE_TO(typeof(known), reserved))
		return -EINVAL;
	pinredir_sized_out(message, message->size, &known, sizeof(known));
	err = arg_check_two(call, n);
	if (err)
		return err;
	if (arg_valued(call, n) || arg_shape(call, n) != PINREDIR_MSGHDR)
		return -EINVAL;
	if (!arg_pinned(call, n) && !arg_value(call, n))
		return pinredir_arg_mark(call, n, -EFAULT);
	err = pinredir_pin_message(call, n);
	if (!err)
		message_fill(call, n, &known);
	pinredir_sized_out(message, message->size, &known, sizeof(known));
	return pinredir_arg_mark(call, n, err);
}
