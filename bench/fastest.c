// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device without the library, by its fastest path: one entry into the kernel
 * for each call, to answer the last one and to receive the next.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fail.h"
#include "notify.h"
#include "pinned.h"
#include "reads.h"

/* As the library has them */
#define ARENA	(16ULL << 30)
#define SLOTS	16	/* in a window */
#define WINDOWS	64	/* for an mm */

/**
 * struct direct - a context, and its one call at a time
 * @device: fd
 * @listener: as notify_open() has it
 * @arena: where it is mapped
 * @answer: to the last call
 * @next: the request
 */
struct direct {
	int device;
	void *listener;
	const char *arena;
	struct {
		uint64_t id;
		uint32_t flags;
		uint32_t masks;
	} answer;
	struct seccomp_pin_next next;
};

static int make_arena(struct direct *direct)
{
	int fd = memfd_create("arena", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	void *arena;

	need(fd >= 0 && !ftruncate(fd, ARENA), "the arena");
	arena = mmap(NULL, ARENA, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_NORESERVE, fd, 0);
	need(arena != MAP_FAILED && !madvise(arena, ARENA, MADV_DONTFORK) &&
	     !fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW |
		    F_SEAL_FUTURE_WRITE | F_SEAL_SEAL), "the arena");
	direct->arena = arena;
	return fd;
}

static void set_rules(const struct direct *direct, const struct row *row)
{
	size_t count;
	struct seccomp_pin_rule *rules = pinned_rules(row, &count);
	struct seccomp_pin_rules request = {
		.rules = (uintptr_t)rules,
		.count = count,
	};

	need(!ioctl(direct->device, SECCOMP_PIN_RULES, &request), "RULES");
	free(rules);
}

static void *open_direct(const struct supervised *supervised)
{
	struct direct *direct = calloc(1, sizeof(*direct));
	struct seccomp_pin_attach attach = {
		.listener = supervised->listener,
		.slot_size = pinned_slot(supervised->row),
		.windows_per_mm = WINDOWS,
	};

	need(direct, "calloc");
	direct->listener = notify_open(supervised);
	direct->device = open(SECCOMP_PIN_DEVICE, O_RDWR | O_CLOEXEC);
	need(direct->device >= 0, SECCOMP_PIN_DEVICE);
	attach.arena = make_arena(direct);
	attach.window_size = attach.slot_size * SLOTS;
	need(!ioctl(direct->device, SECCOMP_PIN_ATTACH, &attach), "ATTACH");
	close(attach.arena);
	set_rules(direct, supervised->row);

	direct->next.answers = (uintptr_t)&direct->answer;
	direct->next.size = SECCOMP_PIN_SHORT;
	direct->answer.flags = SECCOMP_PIN_COPIED;
	return direct;
}

/* What the rules have copied is what the call runs on. */
static int look(const struct direct *direct)
{
	const struct seccomp_pin_receive *r = &direct->next.receive;
	const struct reads_list *list = reads_of(r->data.nr);
	unsigned int i;

	for (i = 0; i < list->count; i++) {
		const struct seccomp_pin_copy *copy =
			&r->copies[list->items[i].arg];

		if (copy->error)
			return copy->error;
		if (copy->kind == SECCOMP_PIN_STRING &&
		    forbidden(direct->arena + r->slot_offset + copy->offset))
			return -EACCES;
	}
	return 0;
}

/* Whether there is an answer to be given by the device */
static bool allow(struct direct *direct)
{
	uint64_t id = direct->next.receive.id;
	int err = look(direct);

	direct->answer.id = id;
	if (!err)
		return true;
	notify_return(direct->listener, id, 0, -err);
	return false;
}

static void *next(void *opened, void *last)
{
	struct direct *direct = opened;

	direct->next.count = last && allow(direct);
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

static void answer(void *opened, void *last)
{
	struct direct *direct = opened;

	(void)last;
	if (!allow(direct))
		return;
	if (ioctl(direct->device, SECCOMP_PIN_REDIRECT_SHORT, &direct->answer))
		fail("SECCOMP_PIN_REDIRECT_SHORT: %s", strerror(errno));
}

const struct supervisor fastest = {
	.name = "fastest",
	.action = SECCOMP_RET_USER_NOTIF,
	.module = true,
	.open = open_direct,
	.next = next,
	.answer = answer,
};
