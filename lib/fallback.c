// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Contexts without the device: the listener alone. What a call points to is read
 * from outside, into ordinary memory: good for looking at, but nothing that the
 * call could run on. So there is no answer here that lets one run.
 */
#define _GNU_SOURCE
#include <linux/seccomp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "private.h"

/* What is readable, is so by the page. */
#define CHUNK	4096U

/* No target sees these bytes; but addresses of them that count are not 0. */
#define NOWHERE	4096U

static size_t notif_size(void)
{
	struct seccomp_notif_sizes sizes;

	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes))
		return 0;
	return sizes.seccomp_notif;
}

int pinredir_fallback_open(struct pinredir *ctx)
{
	uint64_t none = 0;

	/* There is no such notification; whoever says so is a listener. */
	if (pinredir_ioctl(ctx->listener, SECCOMP_IOCTL_NOTIF_ID_VALID,
			   &none) != PINREDIR_GONE)
		return -EINVAL;
	ctx->notif_size = notif_size();
	if (ctx->notif_size < sizeof(*ctx->notif))
		return -EOPNOTSUPP;
	ctx->notif = malloc(ctx->notif_size);
	return ctx->notif ? 0 : -ENOMEM;
}

/*
 * The listener knows no receiving without waiting. Here one thread at a time looks
 * whether there is something and takes it, so that it is still there, as long as
 * nobody outside of this context receives from the same listener.
 */
static int receive_one(struct pinredir *ctx, struct seccomp_pin_receive *r)
{
	struct pollfd pollfd = { .fd = ctx->listener, .events = POLLIN };
	int n = poll(&pollfd, 1, 0), err;

	if (n < 0)
		return -errno;
	if (!(pollfd.revents & POLLIN))
		return pollfd.revents & (POLLHUP | POLLERR) ? -ESRCH : -EAGAIN;
	memset(ctx->notif, 0, ctx->notif_size);
	if (ioctl(ctx->listener, SECCOMP_IOCTL_NOTIF_RECV, ctx->notif)) {
		err = -errno;
		/* Its target was quicker to go. */
		return err == -ENOENT ? -EAGAIN : err;
	}
	r->id = ctx->notif->id;
	r->pid = ctx->notif->pid;
	r->data = ctx->notif->data;
	return 0;
}

/* As with the device */
static void refuse_foreign(struct pinredir_call *call)
{
	struct seccomp_pin_receive *r = &call->next.receive;

	if (pinredir_is_native(&r->data))
		return;
	free(call->slot);
	call->slot = NULL;
	r->slot_size = 0;
	r->slot_address = 0;
	r->slot_error = -EOPNOTSUPP;
}

int pinredir_fallback_receive(struct pinredir *ctx, struct pinredir_call *call)
{
	struct pollfd pollfd = { .fd = ctx->listener, .events = POLLIN };
	struct seccomp_pin_receive *r = &call->next.receive;
	bool nonblock = r->flags & SECCOMP_PIN_NONBLOCK;
	int err, cancel;

	/* Of what somebody else has received, nothing is known but the id. */
	if (r->flags & SECCOMP_PIN_ADOPT)
		return -EOPNOTSUPP;
	memset(r, 0, sizeof(*r));
	r->slot_size = ctx->slot_size;
	r->slot_address = NOWHERE;
	call->slot = malloc(r->slot_size);
	if (!call->slot)
		return -ENOMEM;
	for (;;) {
		/* A thread that is cancelled in poll() would keep the lock for ever. */
		pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
		pthread_mutex_lock(&ctx->receiving);
		err = receive_one(ctx, r);
		pthread_mutex_unlock(&ctx->receiving);
		pthread_setcancelstate(cancel, NULL);
		if (!err)
			refuse_foreign(call);
		if (err != -EAGAIN || nonblock)
			return err;
		if (poll(&pollfd, 1, -1) < 0)
			return -errno;
	}
}

/* As much as there is at once; it does not cross a page's end. */
static ssize_t read_chunk(pid_t pid, uint64_t address, unsigned char *to,
			  size_t len)
{
	size_t room = CHUNK - address % CHUNK;
	struct iovec here = { to, len < room ? len : room };
	struct iovec there = { (void *)(uintptr_t)address, here.iov_len };
	ssize_t n = process_vm_readv(pid, &here, 1, &there, 1, 0);

	if (n > 0)
		return n;
	return n < 0 && errno == EPERM ? -EACCES : n < 0 ? -errno : -EFAULT;
}

static int read_target(const struct pinredir_call *call,
		       struct seccomp_pin_fetch *fetch)
{
	unsigned char *to = call->slot + fetch->offset, *nul;
	uint32_t done = 0;
	ssize_t n;

	while (done < fetch->len) {
		n = read_chunk(call_received(call)->pid, fetch->address + done,
			       to + done, fetch->len - done);
		if (n < 0)
			return n;
		nul = fetch->kind == SECCOMP_PIN_STRING ?
		      memchr(to + done, 0, n) : NULL;
		if (nul) {
			fetch->len = nul + 1 - to;
			return 0;
		}
		done += n;
	}
	return fetch->kind == SECCOMP_PIN_STRING ? -ENAMETOOLONG : 0;
}

int pinredir_fallback_fetch(struct pinredir_call *call,
			    struct seccomp_pin_fetch *fetch)
{
	int err;

	/* It is in another pid namespace: there is no way to name it. */
	if (!call_received(call)->pid)
		return -EACCES;
	err = read_target(call, fetch);
	/* If it waits still, it was the target that was read, all the time. */
	return pinredir_still_waits(call) ? PINREDIR_GONE : err;
}
