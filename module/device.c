// SPDX-License-Identifier: GPL-2.0-only
/* The device: opening and closing it, and the way from user space and back. */
#include <linux/build_bug.h>
#include <linux/compat.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/nospec.h>
#include <linux/poll.h>
#include <linux/uaccess.h>

#include "alloc.h"
#include "attach.h"
#include "context.h"
#include "copy.h"
#include "fetch.h"
#include "install.h"
#include "next.h"
#include "redirect.h"
#include "user.h"
#include "verdict.h"

/* The ABI is what it was: sizes and the last members' places. */
static_assert(sizeof(struct seccomp_pin_query) == 48);
static_assert(sizeof(struct seccomp_pin_attach) == 32);
static_assert(sizeof(struct seccomp_pin_rule) == 16);
static_assert(sizeof(struct seccomp_pin_rules) == 16);
static_assert(sizeof(struct seccomp_pin_copy) == 16);
static_assert(sizeof(struct seccomp_pin_receive) == 208);
static_assert(sizeof(struct seccomp_pin_fetch) == 32);
static_assert(sizeof(struct seccomp_pin_release) == 16);
static_assert(sizeof(struct seccomp_pin_install) == 40);
static_assert(sizeof(struct seccomp_pin_redirect) == 128);
static_assert(sizeof(struct seccomp_pin_completion) == 40);
static_assert(sizeof(struct seccomp_pin_next) == 232);
static_assert(sizeof(struct seccomp_pin_drop) == 16);
static_assert(sizeof(struct seccomp_pin_alloc) == 40);
static_assert(offsetof(struct seccomp_pin_receive, copies) == 112);
static_assert(offsetof(struct seccomp_pin_redirect, args) == SECCOMP_PIN_SHORT);
static_assert(offsetof(struct seccomp_pin_redirect, ptr_len) == 64);
static_assert(offsetof(struct seccomp_pin_redirect, any_mask) == 124);
static_assert(offsetof(struct seccomp_pin_next, receive) == 24);

/* What a request can be, as the kernel knows it */
union pin_request {
	struct seccomp_pin_query query;
	struct seccomp_pin_attach attach;
	struct seccomp_pin_rules rules;
	struct seccomp_pin_receive receive;
	struct seccomp_pin_fetch fetch;
	struct seccomp_pin_release release;
	struct seccomp_pin_install install;
	struct seccomp_pin_redirect redirect;
	struct seccomp_pin_next next;
	struct seccomp_pin_drop drop;
	struct seccomp_pin_alloc alloc;
};

/**
 * struct pin_request_type - one of the requests
 * @cmd: with the first published size, which is the least that is accepted
 * @in: how much of it is input; what is behind that is only written
 */
struct pin_request_type {
	unsigned int cmd;
	unsigned int in;
};

#define PIN_REQUEST(name, type, last)					\
	[_IOC_NR(SECCOMP_PIN_##name)] = {				\
		.cmd = SECCOMP_PIN_##name,				\
		.in = offsetofend(struct seccomp_pin_##type, last),	\
	}

static const struct pin_request_type pin_requests[] = {
	[_IOC_NR(SECCOMP_PIN_QUERY)] = { .cmd = SECCOMP_PIN_QUERY },
	PIN_REQUEST(ATTACH, attach, verdicts),
	PIN_REQUEST(RULES, rules, reserved),
	PIN_REQUEST(RECEIVE, receive, flags),
	PIN_REQUEST(FETCH, fetch, timeout),
	PIN_REQUEST(RELEASE, release, reserved),
	PIN_REQUEST(INSTALL, install, timeout),
	PIN_REQUEST(REDIRECT, redirect, reserved),
	PIN_REQUEST(NEXT, next, receive.flags),
	PIN_REQUEST(DROP, drop, reserved),
	PIN_REQUEST(ALLOC, alloc, reserved),
};

/* An ioctl's number without the size */
#define PIN_IOC_UNSIZED(cmd)	((cmd) & ~(_IOC_SIZEMASK << _IOC_SIZESHIFT))

static int pin_open(struct inode *inode, struct file *file)
{
	struct pin_ctx *ctx = pin_ctx_open();

	if (!ctx)
		return -ENOMEM;
	file->private_data = ctx;
	return nonseekable_open(inode, file);
}

static int pin_close(struct inode *inode, struct file *file)
{
	pin_ctx_close(file->private_data);
	return 0;
}

static __always_inline long pin_do_request(struct pin_ctx *ctx,
					   unsigned int nr,
					   union pin_request *req)
{
	switch (nr) {
	case _IOC_NR(SECCOMP_PIN_QUERY):
		pin_query(ctx, &req->query);
		return 0;
	case _IOC_NR(SECCOMP_PIN_ATTACH):
		return pin_attach(ctx, &req->attach);
	}

	if (!pin_ctx_listener(ctx))
		return -ENOTCONN;
	switch (nr) {
	case _IOC_NR(SECCOMP_PIN_RULES):
		return pin_set_rules(ctx, &req->rules);
	case _IOC_NR(SECCOMP_PIN_FETCH):
		return pin_fetch(ctx, &req->fetch);
	case _IOC_NR(SECCOMP_PIN_RELEASE):
		return pin_release(ctx, &req->release);
	case _IOC_NR(SECCOMP_PIN_INSTALL):
		return pin_install(ctx, &req->install);
	case _IOC_NR(SECCOMP_PIN_REDIRECT):
		return pin_redirect(ctx, &req->redirect);
	case _IOC_NR(SECCOMP_PIN_DROP):
		return pin_drop(ctx, &req->drop);
	case _IOC_NR(SECCOMP_PIN_ALLOC):
		return pin_alloc(ctx, &req->alloc);
	default:
		return -ENOTTY;
	}
}

/* What was allocated could not be told. */
static long pin_request_undo(struct pin_ctx *ctx, unsigned int nr,
			     const union pin_request *req)
{
	if (nr == _IOC_NR(SECCOMP_PIN_ALLOC))
		pin_unalloc(ctx, &req->alloc);
	return -EFAULT;
}

static __always_inline long pin_request(struct pin_ctx *ctx, unsigned int cmd,
					size_t in, size_t size,
					void __user *user)
{
	unsigned int nr = _IOC_NR(cmd);
	size_t known = _IOC_SIZE(cmd);
	/* Whoever writes a request back fills in all of it. */
	union pin_request req __uninitialized;
	long ret;

	if (in && !pin_words_read(&req, user, in))
		return -EFAULT;
	if (in && size > known) {
		ret = pin_request_rest(user, known, size);
		if (ret)
			return ret;
	}

	ret = pin_do_request(ctx, nr, &req);
	if (ret)
		return ret;
	if (!(_IOC_DIR(cmd) & _IOC_READ))
		return 0;
	if (!pin_words_write(&req, user, known) ||
	    (size > known && clear_user(user + known, size - known)))
		return pin_request_undo(ctx, nr, &req);
	return 0;
}

/* A redirect that says that there is no more to it than this */
static long pin_request_short(struct pin_ctx *ctx, void __user *user)
{
	struct seccomp_pin_redirect req __uninitialized;

	if (!pin_words_read(&req, user, SECCOMP_PIN_SHORT))
		return -EFAULT;
	if (!pin_ctx_listener(ctx))
		return -ENOTCONN;
	return pin_redirect_only_short(ctx, &req);
}

/* Those of each call: they read and write user memory themselves. */
static __always_inline long pin_request_often(struct pin_ctx *ctx,
					      unsigned int nr,
					      void __user *user)
{
	if (!pin_ctx_listener(ctx))
		return -ENOTCONN;
	return nr == _IOC_NR(SECCOMP_PIN_NEXT) ? pin_next(ctx, user) :
						 pin_receive(ctx, user);
}

static long pin_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct pin_ctx *ctx = file->private_data;
	const struct pin_request_type *type;
	void __user *user = (void __user *)arg;
	unsigned int nr = _IOC_NR(cmd);
	int err;

	switch (cmd) {
	case SECCOMP_PIN_NEXT:
	case SECCOMP_PIN_RECEIVE:
		return pin_request_often(ctx, nr, user);
	case SECCOMP_PIN_REDIRECT:
		return pin_request(ctx, SECCOMP_PIN_REDIRECT,
				   sizeof(struct seccomp_pin_redirect),
				   sizeof(struct seccomp_pin_redirect), user);
	case SECCOMP_PIN_REDIRECT_SHORT:
		return pin_request_short(ctx, user);
	}

	if (nr >= ARRAY_SIZE(pin_requests))
		return -ENOTTY;
	nr = array_index_nospec(nr, ARRAY_SIZE(pin_requests));
	type = &pin_requests[nr];
	if (PIN_IOC_UNSIZED(cmd) != PIN_IOC_UNSIZED(type->cmd))
		return -ENOTTY;
	if (_IOC_SIZE(cmd) < _IOC_SIZE(type->cmd))
		return -EINVAL;
	if (nr == _IOC_NR(SECCOMP_PIN_NEXT) ||
	    nr == _IOC_NR(SECCOMP_PIN_RECEIVE)) {
		/* What is not known here is zero, and stays so. */
		err = pin_request_rest(user, _IOC_SIZE(type->cmd),
				       _IOC_SIZE(cmd));
		return err ?: pin_request_often(ctx, nr, user);
	}
	return pin_request(ctx, type->cmd, type->in, _IOC_SIZE(cmd), user);
}

static ssize_t pin_read(struct file *file, char __user *buf, size_t len,
			loff_t *pos)
{
	struct pin_ctx *ctx = file->private_data;

	if (!pin_ctx_listener(ctx))
		return -ENOTCONN;
	return pin_queue_read(&ctx->queue, buf, len,
			      file->f_flags & O_NONBLOCK);
}

static __poll_t pin_poll(struct file *file, struct poll_table_struct *wait)
{
	struct pin_ctx *ctx = file->private_data;

	return pin_queue_poll(&ctx->queue, file, wait);
}

static const struct file_operations pin_fops = {
	.owner = THIS_MODULE,
	.open = pin_open,
	.release = pin_close,
	.read = pin_read,
	.poll = pin_poll,
	.unlocked_ioctl = pin_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

static struct miscdevice pin_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "seccomp-pin",
	.fops = &pin_fops,
	.mode = 0600,
};

module_misc_device(pin_device);

MODULE_DESCRIPTION("Pinned arguments for seccomp supervisors");
MODULE_AUTHOR("The seccomp-pin developers");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
