// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device without the library, by its fastest path: one entry into the kernel
 * for each call, to answer the last one and to receive the next.
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "fail.h"
#include "pinned.h"

/**
 * struct direct - a context, and its one call at a time
 * @device: fd
 * @answer: to the last call
 * @next: the request
 */
struct direct {
	int device;
	struct {
		uint64_t id;
		uint32_t flags;
		uint32_t masks;
	} answer;
	struct seccomp_pin_next next;
};

static void *open_direct(const struct supervised *supervised)
{
	struct direct *direct = calloc(1, sizeof(*direct));
	struct pinredir *ctx = pinned_open(supervised);

	need(direct, "calloc");
	direct->device = pinredir_completion_fd(ctx);
	direct->next.answers = (uintptr_t)&direct->answer;
	direct->next.size = SECCOMP_PIN_SHORT;
	direct->answer.flags = SECCOMP_PIN_COPIED;
	return direct;
}

/* What the rules have copied is what the call runs on. */
static void answer(void *opened, void *last)
{
	const struct seccomp_pin_receive *r = last;

	((struct direct *)opened)->answer.id = r->id;
}

static void *next(void *opened, void *last)
{
	struct direct *direct = opened;

	direct->next.count = !!last;
	if (last)
		answer(opened, last);
	do {
		direct->next.receive.id = 0;
		direct->next.receive.flags = 0;
		if (!ioctl(direct->device, SECCOMP_PIN_NEXT, &direct->next))
			return &direct->next.receive;
		direct->next.count -= direct->next.answered;
	} while (errno == EINTR);
	if (errno != ESRCH)
		fail("SECCOMP_PIN_NEXT: %s", strerror(errno));
	return NULL;
}

static void answer_alone(void *opened, void *last)
{
	struct direct *direct = opened;

	answer(opened, last);
	if (ioctl(direct->device, SECCOMP_PIN_REDIRECT_SHORT, &direct->answer))
		fail("SECCOMP_PIN_REDIRECT_SHORT: %s", strerror(errno));
}

const struct supervisor fastest = {
	.name = "fastest",
	.action = SECCOMP_RET_USER_NOTIF,
	.module = true,
	.open = open_direct,
	.next = next,
	.answer = answer_alone,
};
