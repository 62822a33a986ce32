/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the library share. */
#ifndef PINREDIR_PRIVATE_H
#define PINREDIR_PRIVATE_H

#include <errno.h>
#include <stdbool.h>
#include <sys/ioctl.h>

#include <pinredir.h>

/**
 * struct pinredir - a context
 * @device: the open device
 * @listener: our duplicate
 * @arena: the supervisor's mapping of it, the only one that can be written
 * @arena_size: bytes
 * @slot_size: bytes
 * @timeout: milliseconds for a fetch
 *
 * Constant once it is open, so that threads need no lock.
 */
struct pinredir {
	int device;
	int listener;
	unsigned char *arena;
	uint64_t arena_size;
	uint32_t slot_size;
	uint32_t timeout;
};

/**
 * struct pinredir_arg - what is to become of an argument
 * @state: as passed, pinned (@offset, @len), or another @value
 * @string: pinned bytes end with their only NUL
 * @error: why it could not be got or set, or 0
 * @offset: from the start of the slot
 * @len: bytes
 * @value: for the register
 */
struct pinredir_arg {
	enum { ARG_PASSED, ARG_PINNED, ARG_VALUE } state;
	bool string;
	int error;
	uint32_t offset;
	uint32_t len;
	uint64_t value;
};

/**
 * struct pinredir_call - a call
 * @ctx: the context
 * @r: as received
 * @slot: what the supervisor sees of the slot, or NULL
 * @used: bytes of the slot that are taken
 * @over: answered, or gone: there is nothing to let go of
 * @completion: to be asked for
 * @args: by argument
 */
struct pinredir_call {
	struct pinredir *ctx;
	struct seccomp_pin_receive r;
	unsigned char *slot;
	uint32_t used;
	bool over;
	bool completion;
	struct pinredir_arg args[SECCOMP_PIN_ARGS];
};

/*
 * An ioctl that returns -errno. Only who waits for calls wants to know of a
 * signal; all others are made again.
 */
static inline int pinredir_ioctl(int fd, unsigned long request, void *arg)
{
	int ret;

	do {
		ret = ioctl(fd, request, arg);
	} while (ret < 0 && errno == EINTR && request != SECCOMP_PIN_RECEIVE);
	return ret < 0 ? -errno : ret;
}

/* arena.c */
int pinredir_arena_make(struct pinredir *ctx, uint64_t size);
void pinredir_arena_unmap(struct pinredir *ctx);

#endif /* PINREDIR_PRIVATE_H */
