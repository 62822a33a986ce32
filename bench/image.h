/* SPDX-License-Identifier: GPL-2.0-only */
/* All that a call reads, copied from its caller's memory, as racy as that is. */
#ifndef BENCH_IMAGE_H
#define BENCH_IMAGE_H

#include <stdint.h>
#include <sys/types.h>

#define IMAGE_ROOM	(128U << 10)
#define IMAGE_POINTERS	4096

/**
 * struct image - a copy, which one could make the call with
 * @base: where the pointers assume that @bytes are
 * @used: bytes that are in use
 * @args: the call's arguments, those in @pointer_args pointing into the image
 * @pointer_args: a bit for each
 * @pointers: offsets of pointers among the bytes
 * @pointer_count: how many
 * @bytes: the copy
 */
struct image {
	uint64_t base;
	uint32_t used;
	uint64_t args[6];
	uint32_t pointer_args;
	uint32_t pointers[IMAGE_POINTERS];
	uint32_t pointer_count;
	_Alignas(16) unsigned char bytes[IMAGE_ROOM];
};

/*
 * Copy all that a call of a process reads, with as few process_vm_readv() as
 * can be. Returns 0 or -errno, -ENAMETOOLONG if it is too much.
 */
int image_take(struct image *image, pid_t pid, unsigned int nr,
	       const void *args);

/* Have the pointers assume another place. */
void image_move(struct image *image, uint64_t base);

/* The first string of it, which is a path in most calls, or NULL */
const char *image_string(const struct image *image, unsigned int nr);

#endif /* BENCH_IMAGE_H */
