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
 * @spare: a call that was released, for the next one, or NULL; exchanged
 *
 * All else is constant once it is open, so that threads need no lock.
 */
struct pinredir {
	int device;
	int listener;
	unsigned char *arena;
	uint64_t arena_size;
	uint32_t slot_size;
	uint32_t timeout;
	struct pinredir_call *spare;
};

/**
 * struct pinredir_call - a call
 * @ctx: the context
 * @next: the request that it was received with, if that has answered another
 * @slot: what the supervisor sees of the slot, or NULL
 * @used: bytes of the slot that are taken
 * @over: answered, or gone: there is nothing to let go of
 * @failed: arguments that could not be got or set, a bit for each
 * @error: why, negative
 * @strings: of vectors that have been got: how many. What is behind the NULL are
 *	bytes that the target has chosen
 * @answer: what allowing the call would be; its masks say what is to become of
 *	each argument: passed, another value, or pinned in the slot
 */
struct pinredir_call {
	struct pinredir *ctx;
	struct seccomp_pin_next next;
	unsigned char *slot;
	uint32_t used;
	bool over;
	uint8_t failed;
	int error[SECCOMP_PIN_ARGS];
	uint32_t strings[SECCOMP_PIN_ARGS];
	struct seccomp_pin_redirect answer;
};

static inline const struct seccomp_pin_receive *
call_received(const struct pinredir_call *call)
{
	return &call->next.receive;
}

/*
 * An ioctl that returns -errno. Only who waits for calls wants to know of a
 * signal; all others are made again.
 */
static inline int pinredir_ioctl(int fd, unsigned long request, void *arg)
{
	int ret;

	do {
		ret = ioctl(fd, request, arg);
	} while (ret < 0 && errno == EINTR &&
		 request != SECCOMP_PIN_RECEIVE && request != SECCOMP_PIN_NEXT);
	return ret < 0 ? -errno : ret;
}

/* answer.c */
int pinredir_allowable(const struct pinredir_call *call);

/* arena.c */
int pinredir_arena_make(struct pinredir *ctx, uint64_t size);
void pinredir_arena_unmap(struct pinredir *ctx);

/* syscalls.c */
const struct pinredir_argument *
pinredir_arguments(const struct pinredir_syscall *row, const uint64_t *args);

#endif /* PINREDIR_PRIVATE_H */
