// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "image.h"
#include "reads.h"

#define PAGE	4096U
#define ALIGN(x, to)	(((x) + (to) - 1U) & ~((to) - 1U))

/* Most strings are shorter; what is read in vain costs as well. */
#define STRING_PIECE	256U
#define BATCH		64U	/* strings of a vector, read together */
#define BATCH_PIECE	128U

static uint64_t address(const void *local)
{
	return (uintptr_t)local;
}

/* Up to the page's end at most: behind it there may be nothing. */
static size_t piece(uint64_t from, size_t most)
{
	size_t left = PAGE - (from & (PAGE - 1));

	return left < most ? left : most;
}

static int read_parts(pid_t pid, const struct iovec *to,
		      const struct iovec *from, unsigned int count)
{
	ssize_t n, want = 0;
	unsigned int i;

	for (i = 0; i < count; i++)
		want += to[i].iov_len;
	n = process_vm_readv(pid, to, count, from, count, 0);
	if (n < 0)
		return -errno;
	return n == want ? 0 : -EFAULT;
}

static int read_bytes(pid_t pid, void *to, uint64_t from, size_t len)
{
	struct iovec here = { .iov_base = to, .iov_len = len };
	struct iovec there = { .iov_base = (void *)from, .iov_len = len };

	return len ? read_parts(pid, &here, &there, 1) : 0;
}

/* Room at the image's end: its offset, or -ENAMETOOLONG */
static int64_t extend(struct image *image, size_t len)
{
	uint32_t offset = ALIGN(image->used, 8U);

	if (len > IMAGE_ROOM - offset)
		return -ENAMETOOLONG;
	image->used = offset + len;
	return offset;
}

static int set_pointer(struct image *image, uint32_t at, uint32_t offset)
{
	uint64_t value = image->base + offset;

	if (image->pointer_count == IMAGE_POINTERS)
		return -ENAMETOOLONG;
	image->pointers[image->pointer_count++] = at;
	memcpy(image->bytes + at, &value, sizeof(value));
	return 0;
}

static int64_t take_bytes(struct image *image, pid_t pid, uint64_t from,
			  size_t len)
{
	int64_t offset = extend(image, len);
	int err;

	if (offset < 0)
		return offset;
	err = read_bytes(pid, image->bytes + offset, from, len);
	return err ? err : offset;
}

static int64_t take_string(struct image *image, pid_t pid, uint64_t from)
{
	int64_t offset = extend(image, 0);
	uint32_t at;
	size_t len;
	char *nul;
	int err;

	if (offset < 0)
		return offset;
	for (at = offset; at - offset < PATH_MAX; at += len) {
		len = piece(from + (at - offset), STRING_PIECE);
		if (len > IMAGE_ROOM - at)
			break;
		err = read_bytes(pid, image->bytes + at, from + (at - offset),
				 len);
		if (err)
			return err;
		nul = memchr(image->bytes + at, 0, len);
		if (nul) {
			image->used = (unsigned char *)nul + 1 - image->bytes;
			return offset;
		}
	}
	return -ENAMETOOLONG;
}

/* The pointers of a vector, with the NULL; how many, or -errno */
static int64_t take_vector(struct image *image, pid_t pid, uint64_t from,
			   int64_t *offset)
{
	uint64_t *pointers;
	uint32_t count = 0;
	size_t len, i;
	int err;

	*offset = extend(image, 0);
	if (*offset < 0)
		return *offset;
	pointers = (uint64_t *)(image->bytes + *offset);
	for (;;) {
		len = piece(from + count * 8, BATCH * 8) & ~7UL;
		if (!len || count > IMAGE_POINTERS - BATCH ||
		    *offset + count * 8 + len > IMAGE_ROOM)
			return -ENAMETOOLONG;
		err = read_bytes(pid, pointers + count, from + count * 8, len);
		if (err)
			return err;
		for (i = 0; i < len / 8; i++, count++) {
			if (pointers[count])
				continue;
			image->used = *offset + (count + 1) * 8;
			return count + 1;
		}
	}
}

/* Some strings at once; those that are longer, or that fail, one by one. */
static int take_batch(struct image *image, pid_t pid, uint32_t vector,
		      unsigned int count)
{
	static char pieces[BATCH][BATCH_PIECE];
	struct iovec here[BATCH], there[BATCH];
	uint64_t from[BATCH];
	unsigned int i;
	bool all;

	memcpy(from, image->bytes + vector, count * 8);
	for (i = 0; i < count; i++) {
		here[i].iov_base = pieces[i];
		there[i].iov_base = (void *)from[i];
		here[i].iov_len = piece(from[i], BATCH_PIECE);
		there[i].iov_len = here[i].iov_len;
	}
	all = !read_parts(pid, here, there, count);
	for (i = 0; i < count; i++) {
		size_t len = strnlen(pieces[i], here[i].iov_len) + 1;
		int64_t offset;
		int err;

		if (all && len <= here[i].iov_len) {
			offset = extend(image, len);
			if (offset >= 0)
				memcpy(image->bytes + offset, pieces[i], len);
		} else {
			offset = take_string(image, pid, from[i]);
		}
		if (offset < 0)
			return offset;
		err = set_pointer(image, vector + i * 8, offset);
		if (err)
			return err;
	}
	return 0;
}

static int64_t take_strings(struct image *image, pid_t pid, uint64_t from)
{
	int64_t offset, i, count = take_vector(image, pid, from, &offset);
	int err;

	if (count < 0)
		return count;
	for (i = 0; i < count - 1; i += BATCH) {
		int64_t left = count - 1 - i;

		err = take_batch(image, pid, offset + i * 8,
				 left < BATCH ? left : BATCH);
		if (err)
			return err;
	}
	return offset;
}

/**
 * struct part - one of the things that a message points to
 * @pointer: where in the image the pointer is
 * @len: how many bytes it points to
 */
struct part {
	uint32_t pointer;
	size_t len;
};

/* Those of them that are there, in one read */
static int take_parts(struct image *image, pid_t pid, const struct part *parts,
		      unsigned int count)
{
	struct iovec here[BATCH], there[BATCH];
	unsigned int i, n = 0;
	uint64_t from;

	for (i = 0; i < count; i++) {
		int64_t offset;
		int err;

		memcpy(&from, image->bytes + parts[i].pointer, sizeof(from));
		if (!from || !parts[i].len)
			continue;
		offset = extend(image, parts[i].len);
		if (offset < 0)
			return offset;
		err = set_pointer(image, parts[i].pointer, offset);
		if (err)
			return err;
		here[n].iov_base = image->bytes + offset;
		there[n].iov_base = (void *)from;
		here[n].iov_len = parts[i].len;
		there[n++].iov_len = parts[i].len;
	}
	return n ? read_parts(pid, here, there, n) : 0;
}

static int64_t take_message(struct image *image, pid_t pid, uint64_t from)
{
	int64_t at = take_bytes(image, pid, from, sizeof(struct msghdr));
	struct part parts[BATCH];
	struct iovec *iov;
	struct msghdr *msg;
	unsigned int i;
	int err;

	if (at < 0)
		return at;
	msg = (struct msghdr *)(image->bytes + at);
	if (msg->msg_iovlen > BATCH)
		return -ENAMETOOLONG;
	parts[0].pointer = at + offsetof(struct msghdr, msg_name);
	parts[0].len = msg->msg_namelen;
	parts[1].pointer = at + offsetof(struct msghdr, msg_iov);
	parts[1].len = msg->msg_iovlen * sizeof(struct iovec);
	parts[2].pointer = at + offsetof(struct msghdr, msg_control);
	parts[2].len = msg->msg_controllen;
	err = take_parts(image, pid, parts, 3);
	if (err)
		return err;
	iov = (struct iovec *)(image->bytes +
			       ((uintptr_t)msg->msg_iov - image->base));
	for (i = 0; i < msg->msg_iovlen; i++) {
		parts[i].pointer = (unsigned char *)&iov[i].iov_base -
				   image->bytes;
		parts[i].len = iov[i].iov_len;
	}
	err = take_parts(image, pid, parts, msg->msg_iovlen);
	return err ? err : at;
}

static int64_t take(struct image *image, pid_t pid, const struct reads *reads,
		    const uint64_t *args)
{
	uint64_t from = args[reads->arg];

	switch (reads->kind) {
	case READS_STRING:
		return take_string(image, pid, from);
	case READS_BYTES:
		return take_bytes(image, pid, from, reads->len);
	case READS_BYTES_ARG:
		return take_bytes(image, pid, from, args[reads->len]);
	case READS_STRINGS:
		return take_strings(image, pid, from);
	default:
		return take_message(image, pid, from);
	}
}

int image_take(struct image *image, pid_t pid, unsigned int nr,
	       const void *args)
{
	const struct reads_list *list = reads_of(nr);
	unsigned int i, arg;
	int64_t offset;

	image->base = address(image->bytes);
	image->used = 0;
	image->pointer_args = 0;
	image->pointer_count = 0;
	memcpy(image->args, args, sizeof(image->args));
	for (i = 0; i < list->count; i++) {
		arg = list->items[i].arg;
		if (!image->args[arg])
			continue;
		offset = take(image, pid, &list->items[i], image->args);
		if (offset < 0)
			return offset;
		image->args[arg] = image->base + offset;
		image->pointer_args |= 1U << arg;
	}
	return 0;
}

void image_move(struct image *image, uint64_t base)
{
	uint64_t value, by = base - image->base;
	unsigned int i;

	for (i = 0; i < image->pointer_count; i++) {
		memcpy(&value, image->bytes + image->pointers[i], 8);
		value += by;
		memcpy(image->bytes + image->pointers[i], &value, 8);
	}
	for (i = 0; i < 6; i++)
		if (image->pointer_args & 1U << i)
			image->args[i] += by;
	image->base = base;
}

const char *image_string(const struct image *image, unsigned int nr)
{
	const struct reads *first = &reads_of(nr)->items[0];

	if (first->kind != READS_STRING ||
	    !(image->pointer_args & 1U << first->arg))
		return NULL;
	return (const char *)image->bytes +
	       (image->args[first->arg] - image->base);
}
