// SPDX-License-Identifier: LGPL-2.1-or-later
/* Contexts: opening, closing and asking. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "private.h"

#define DEFAULT_ARENA	(16ULL << 30)
#define DEFAULT_SLOT	(16U << 10)	/* two paths, a struct, and a bit */
#define DEFAULT_SLOTS	16U		/* in a window */
#define DEFAULT_WINDOWS	64U		/* for one mm: 1024 threads in calls */
#define DEFAULT_TIMEOUT	1000U

/* Each takes a fork() in the same few microseconds. */
#define ARENA_TRIES	8

#define KNOWN_FLAGS	(PINREDIR_INTERRUPTIBLE | PINREDIR_NO_RULES | \
			 PINREDIR_STAY_DUMPABLE | PINREDIR_FALLBACK)

static int options_fill(struct pinredir_options *o,
			const struct pinredir_options *options)
{
	int err;

	memset(o, 0, sizeof(*o));
	err = options ? pinredir_sized_in(o, sizeof(*o), options, options->size,
					  SIZE_TO(typeof(*o), device)) : 0;
	if (err)
		return err;
	if (o->flags & ~KNOWN_FLAGS || o->reserved)
		return -EINVAL;
	if (!o->arena_size)
		o->arena_size = DEFAULT_ARENA;
	if (!o->slot_size)
		o->slot_size = DEFAULT_SLOT;
	if (!o->window_size)
		o->window_size = o->slot_size * DEFAULT_SLOTS;
	if (!o->windows_per_mm)
		o->windows_per_mm = DEFAULT_WINDOWS;
	if (!o->timeout)
		o->timeout = DEFAULT_TIMEOUT;
	if (o->timeout > SECCOMP_PIN_MAX_TIMEOUT)
		return -EINVAL;
	if (!o->device)
		o->device = SECCOMP_PIN_DEVICE;
	return 0;
}

static int context_own(struct pinredir *ctx)
{
	long page = sysconf(_SC_PAGESIZE);
	uint32_t *own = mmap(NULL, page, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (own == MAP_FAILED)
		return -errno;
	ctx->own = own;
	*own = 1;
	return madvise(own, page, MADV_WIPEONFORK) ? -errno : 0;
}

/*
 * Another thread can fork while the arena is being made, and its child then has
 * a mapping that can be written: such an arena is not used.
 */
static int context_attach(struct pinredir *ctx,
			  const struct pinredir_options *o)
{
	struct seccomp_pin_attach attach = {
		.listener = ctx->listener,
		.slot_size = o->slot_size,
		.window_size = o->window_size,
		.windows_per_mm = o->windows_per_mm,
		.completions = o->completions,
		.verdicts = o->verdicts,
		.flags = SECCOMP_PIN_ATTACH_SOLE,
	};
	int err, tries = ARENA_TRIES;

	if (!(o->flags & PINREDIR_INTERRUPTIBLE))
		attach.flags |= SECCOMP_PIN_ATTACH_KILLABLE;
	do {
		pinredir_arena_unmap(ctx);
		attach.arena = pinredir_arena_make(ctx, o->arena_size);
		if (attach.arena < 0)
			return attach.arena;
		err = pinredir_ioctl(ctx->device, SECCOMP_PIN_ATTACH, &attach);
		close(attach.arena);
	} while (err == -EAGAIN && --tries);
	return err;
}

static int context_default_rules(struct pinredir *ctx)
{
	size_t count = pinredir_default_rules(NULL, 0, 0);
	struct seccomp_pin_rule *rules = calloc(count, sizeof(*rules));
	int err;

	if (!rules)
		return -ENOMEM;
	pinredir_default_rules(rules, count, sizeof(*rules));
	err = pinredir_set_rules(ctx, rules, count, sizeof(*rules));
	free(rules);
	return err;
}

/* Open the device; 0, or why it cannot be used here. */
static int context_device(struct pinredir *ctx, const char *device)
{
	struct seccomp_pin_query query;
	int err;

	ctx->device = open(device, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (ctx->device < 0) {
		ctx->window_size = 0;
		return -errno;
	}
	err = pinredir_query(ctx, &query, sizeof(query));
	if (!err && query.abi_version < SECCOMP_PIN_ABI_VERSION)
		err = -EPROTO;
	if (err || !(query.features & SECCOMP_PIN_FEATURE_ALLOC))
		ctx->window_size = 0;
	ctx->short_answers = !err &&
			     query.features & SECCOMP_PIN_FEATURE_COPIED;
	if (err) {
		close(ctx->device);
		ctx->device = -1;
	}
	return err;
}

/* Whether that is about the device, and no lack of resources. */
static bool device_unusable(int err)
{
	switch (err) {
	case -ENOENT:
	case -ENOTDIR:
	case -EACCES:
	case -EPERM:
	case -ENXIO:
	case -ENODEV:
	case -ENOTTY:
	case -ENOSYS:
	case -EPROTO:
		return true;
	default:
		return false;
	}
}

/* The arena is guarded from before there is one. */
static int context_pin(struct pinredir *ctx, const struct pinredir_options *o)
{
	int err;

	if (!(o->flags & PINREDIR_STAY_DUMPABLE) &&
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return -errno;
	err = context_attach(ctx, o);
	if (!err && !(o->flags & PINREDIR_NO_RULES))
		err = context_default_rules(ctx);
	return err;
}

int pinredir_open(struct pinredir **out, int listener,
		  const struct pinredir_options *options)
{
	struct pinredir_options o;
	struct pinredir *ctx;
	int err = options_fill(&o, options);

	if (err)
		return err;
	ctx = calloc(1, sizeof(*ctx));
	if (!ctx)
		return -ENOMEM;
	ctx->device = -1;
	ctx->slot_size = o.slot_size;
	ctx->window_size = o.window_size;
	ctx->completes = o.completions;
	ctx->timeout = o.timeout;
	pthread_mutex_init(&ctx->receiving, NULL);

	ctx->listener = fcntl(listener, F_DUPFD_CLOEXEC, 0);
	err = ctx->listener < 0 ? -errno : context_own(ctx);
	if (err)
		goto fail;
	err = context_device(ctx, o.device);
	if (!err)
		err = context_pin(ctx, &o);
	else if (o.flags & PINREDIR_FALLBACK && device_unusable(err))
		err = pinredir_fallback_open(ctx);
	if (err)
		goto fail;
	*out = ctx;
	return 0;

fail:
	pinredir_close(ctx);
	return err;
}

void pinredir_close(struct pinredir *ctx)
{
	if (!ctx)
		return;
	if (ctx->device >= 0)
		close(ctx->device);
	if (ctx->listener >= 0)
		close(ctx->listener);
	/*
	 * A forked child has no arena: whatever is in that range, the child has mapped
	 * itself. Nor can it destroy a lock that a thread of its parent's had.
	 */
	if (ctx->own && !ctx_check(ctx)) {
		pinredir_arena_unmap(ctx);
		pthread_mutex_destroy(&ctx->receiving);
	}
	if (ctx->own)
		munmap((void *)ctx->own, sysconf(_SC_PAGESIZE));
	free(ctx->notif);
	free(ctx->spare);
	free(ctx);
}

bool pinredir_can_pin(const struct pinredir *ctx)
{
	return ctx_pins(ctx);
}

int pinredir_poll_fd(const struct pinredir *ctx)
{
	return ctx->listener;
}

int pinredir_completion_fd(const struct pinredir *ctx)
{
	return ctx->device;
}

int pinredir_query(struct pinredir *ctx, struct seccomp_pin_query *query,
		   size_t size)
{
	struct seccomp_pin_query known = { 0 };
	int err;

	if (size < SIZE_TO(typeof(known), hits))
		return -EINVAL;
	err = pinredir_request(ctx, SECCOMP_PIN_QUERY, &known);
	pinredir_sized_out(query, size, &known, sizeof(known));
	return err;
}
