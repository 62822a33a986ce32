// SPDX-License-Identifier: GPL-2.0-only
/* The device: opening and closing it, and the way from user space and back. */
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/nospec.h>
#include <linux/poll.h>
#include <linux/uaccess.h>

#include "attach.h"
#include "context.h"
#include "copy.h"
#include "memory.h"
#include "next.h"
#include "redirect.h"
#include "user.h"
#include "verdict.h"

/* The requests by number, each with the least size that is accepted */
static const unsigned int pin_requests[] = {
	SECCOMP_PIN_QUERY, SECCOMP_PIN_ATTACH, SECCOMP_PIN_RULES,
	SECCOMP_PIN_RECEIVE, SECCOMP_PIN_FETCH, SECCOMP_PIN_RELEASE,
	SECCOMP_PIN_INSTALL, SECCOMP_PIN_REDIRECT, SECCOMP_PIN_NEXT,
	SECCOMP_PIN_DROP, SECCOMP_PIN_ALLOC,
};

/* An ioctl's number without the size */
#define PIN_IOC_UNSIZED(cmd)	((cmd) & ~(_IOC_SIZEMASK << _IOC_SIZESHIFT))

/* The structures of those requests that pin_request() reads and writes */
union pin_request {
	struct seccomp_pin_query query;
	struct seccomp_pin_attach attach;
	struct seccomp_pin_rules rules;
	struct seccomp_pin_fetch fetch;
	struct seccomp_pin_release release;
	struct seccomp_pin_install install;
	struct seccomp_pin_drop drop;
	struct seccomp_pin_alloc alloc;
};

static int pin_open(struct inode *inode, struct file *file)
{
	file->private_data = pin_ctx_open();
	if (!file->private_data)
		return -ENOMEM;
	return nonseekable_open(inode, file);
}

static int pin_close(struct inode *inode, struct file *file)
{
	pin_ctx_close(file->private_data);
	return 0;
}

static long pin_do_request(struct pin_ctx *ctx, unsigned int cmd,
			   union pin_request *req)
{
	if (cmd != SECCOMP_PIN_QUERY && cmd != SECCOMP_PIN_ATTACH &&
	    !pin_ctx_listener(ctx))
		return -ENOTCONN;
	switch (cmd) {
	case SECCOMP_PIN_QUERY:
		pin_query(ctx, &req->query);
		return 0;
	case SECCOMP_PIN_ATTACH:
		return pin_attach(ctx, &req->attach);
	case SECCOMP_PIN_RULES:
		return pin_set_rules(ctx, &req->rules);
	case SECCOMP_PIN_FETCH:
		return pin_fetch(ctx, &req->fetch);
	case SECCOMP_PIN_RELEASE:
		return pin_release(ctx, &req->release);
	case SECCOMP_PIN_INSTALL:
		return pin_install(ctx, &req->install);
	case SECCOMP_PIN_DROP:
		return pin_drop(ctx, &req->drop);
	case SECCOMP_PIN_ALLOC:
		return pin_alloc(ctx, &req->alloc);
	default:
		return -ENOTTY;
	}
}

static long pin_reply(void __user *user, const union pin_request *req, size_t known,
		      size_t size)
{
	return copy_to_user(user, req, known) ||
	       clear_user(user + known, size - known) ? -EFAULT : 0;
}

/* A request of @size bytes, of which those in @cmd are known here */
static long pin_request(struct pin_ctx *ctx, unsigned int cmd, size_t size,
			void __user *user)
{
	bool in = _IOC_DIR(cmd) & _IOC_WRITE, out = _IOC_DIR(cmd) & _IOC_READ;
	size_t known = _IOC_SIZE(cmd);
	union pin_request req;
	long ret = 0;

	if (in && copy_from_user(&req, user, known))
		return -EFAULT;
	if (in)
		ret = pin_request_rest(user, known, size);
	/* Nothing is done of which the caller could not be told. */
	if (!ret && in && out)
		ret = pin_reply(user, &req, known, size);
	ret = ret ?: pin_do_request(ctx, cmd, &req);
	return ret || !out ? ret : pin_reply(user, &req, known, size);
}

/* The requests that are made for each call: they access user memory themselves. */
static __always_inline long pin_request_call(struct pin_ctx *ctx, unsigned int cmd,
					     size_t size, void __user *user)
{
	if (unlikely(!pin_ctx_listener(ctx)))
		return -ENOTCONN;
	switch (cmd) {
	case SECCOMP_PIN_NEXT:
		return pin_next(ctx, user);
	case SECCOMP_PIN_RECEIVE:
		return pin_receive(ctx, user);
	default:
		return pin_redirect(ctx, user, size);
	}
}

/* A request that is made seldom, or is longer than what is known here */
static noinline long pin_ioctl_any(struct pin_ctx *ctx, unsigned int cmd,
				   void __user *user)
{
	unsigned int known, nr = _IOC_NR(cmd);
	int err;

	if (nr >= ARRAY_SIZE(pin_requests))
		return -ENOTTY;
	known = pin_requests[array_index_nospec(nr, ARRAY_SIZE(pin_requests))];
	if (PIN_IOC_UNSIZED(cmd) != PIN_IOC_UNSIZED(known))
		return -ENOTTY;
	if (_IOC_SIZE(cmd) < _IOC_SIZE(known))
		return -EINVAL;
	if (known != SECCOMP_PIN_NEXT && known != SECCOMP_PIN_RECEIVE &&
	    known != SECCOMP_PIN_REDIRECT)
		return pin_request(ctx, known, _IOC_SIZE(cmd), user);
	/* What is not known here is zero, and stays so. */
	err = pin_request_rest(user, _IOC_SIZE(known), _IOC_SIZE(cmd));
	return err ?: pin_request_call(ctx, known, _IOC_SIZE(cmd), user);
}

static long pin_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct pin_ctx *ctx = file->private_data;
	void __user *user = (void __user *)arg;

	switch (cmd) {
	case SECCOMP_PIN_NEXT:
	case SECCOMP_PIN_RECEIVE:
	case SECCOMP_PIN_REDIRECT:
	case SECCOMP_PIN_REDIRECT_SHORT:
		return pin_request_call(ctx, cmd, _IOC_SIZE(cmd), user);
	default:
		return pin_ioctl_any(ctx, cmd, user);
	}
}

static ssize_t pin_read(struct file *file, char __user *buf, size_t len,
			loff_t *pos)
{
	struct pin_ctx *ctx = file->private_data;

	if (!pin_ctx_listener(ctx))
		return -ENOTCONN;
	return pin_queue_read(&ctx->queue, buf, len, file->f_flags & O_NONBLOCK);
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
