// SPDX-License-Identifier: GPL-2.0-only
/* The device: opening and closing it, and the way from user space and back. */
#include <linux/build_bug.h>
#include <linux/compat.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/nospec.h>
#include <linux/poll.h>
#include <linux/uaccess.h>

#include "pin.h"

/* The ABI is what it was: sizes and the last members' places. */
static_assert(sizeof(struct seccomp_pin_query) == 32);
static_assert(sizeof(struct seccomp_pin_attach) == 32);
static_assert(sizeof(struct seccomp_pin_rule) == 16);
static_assert(sizeof(struct seccomp_pin_rules) == 16);
static_assert(sizeof(struct seccomp_pin_copy) == 16);
static_assert(sizeof(struct seccomp_pin_receive) == 208);
static_assert(sizeof(struct seccomp_pin_fetch) == 32);
static_assert(sizeof(struct seccomp_pin_release) == 16);
static_assert(sizeof(struct seccomp_pin_install) == 40);
static_assert(sizeof(struct seccomp_pin_redirect) == 112);
static_assert(sizeof(struct seccomp_pin_completion) == 32);
static_assert(offsetof(struct seccomp_pin_receive, copies) == 112);
static_assert(offsetof(struct seccomp_pin_redirect, ptr_len) == 64);

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
};

/* With the first published size of each, which is the least that is accepted */
static const unsigned int pin_requests[] = {
	[_IOC_NR(SECCOMP_PIN_QUERY)] = SECCOMP_PIN_QUERY,
	[_IOC_NR(SECCOMP_PIN_ATTACH)] = SECCOMP_PIN_ATTACH,
	[_IOC_NR(SECCOMP_PIN_RULES)] = SECCOMP_PIN_RULES,
	[_IOC_NR(SECCOMP_PIN_RECEIVE)] = SECCOMP_PIN_RECEIVE,
	[_IOC_NR(SECCOMP_PIN_FETCH)] = SECCOMP_PIN_FETCH,
	[_IOC_NR(SECCOMP_PIN_RELEASE)] = SECCOMP_PIN_RELEASE,
	[_IOC_NR(SECCOMP_PIN_INSTALL)] = SECCOMP_PIN_INSTALL,
	[_IOC_NR(SECCOMP_PIN_REDIRECT)] = SECCOMP_PIN_REDIRECT,
};

/* An ioctl's number without the size */
#define PIN_IOC_UNSIZED(cmd)	((cmd) & ~(_IOC_SIZEMASK << _IOC_SIZESHIFT))

static int pin_open(struct inode *inode, struct file *file)
{
	struct pin_ctx *ctx = pin_ctx_alloc();

	if (!ctx)
		return -ENOMEM;
	file->private_data = ctx;
	return nonseekable_open(inode, file);
}

static int pin_close(struct inode *inode, struct file *file)
{
	struct pin_ctx *ctx = file->private_data;

	pin_calls_let_go(ctx);
	if (ctx->attendant)
		seccomp_unattend(ctx->attendant);
	pin_ctx_put(ctx);
	return 0;
}

static long pin_do_request(struct pin_ctx *ctx, unsigned int nr,
			   union pin_request *req)
{
	switch (nr) {
	case _IOC_NR(SECCOMP_PIN_QUERY):
		pin_query(ctx, &req->query);
		return 0;
	case _IOC_NR(SECCOMP_PIN_ATTACH):
		return pin_attach(ctx, &req->attach);
	}

	if (!pin_ctx_attached(ctx))
		return -ENOTCONN;
	switch (nr) {
	case _IOC_NR(SECCOMP_PIN_RULES):
		return pin_set_rules(ctx, &req->rules);
	case _IOC_NR(SECCOMP_PIN_RECEIVE):
		return pin_receive(ctx, &req->receive);
	case _IOC_NR(SECCOMP_PIN_FETCH):
		return pin_fetch(ctx, &req->fetch);
	case _IOC_NR(SECCOMP_PIN_RELEASE):
		return pin_release(ctx, &req->release);
	case _IOC_NR(SECCOMP_PIN_INSTALL):
		return pin_install(ctx, &req->install);
	case _IOC_NR(SECCOMP_PIN_REDIRECT):
		return pin_redirect(ctx, &req->redirect);
	default:
		return -ENOTTY;
	}
}

static long pin_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct pin_ctx *ctx = file->private_data;
	void __user *user = (void __user *)arg;
	unsigned int nr = _IOC_NR(cmd), size = _IOC_SIZE(cmd), known;
	union pin_request req;
	long ret;

	if (nr >= ARRAY_SIZE(pin_requests) ||
	    PIN_IOC_UNSIZED(cmd) != PIN_IOC_UNSIZED(pin_requests[nr]))
		return -ENOTTY;
	nr = array_index_nospec(nr, ARRAY_SIZE(pin_requests));
	known = _IOC_SIZE(pin_requests[nr]);
	if (size < known)
		return -EINVAL;

	memset(&req, 0, sizeof(req));
	if (_IOC_DIR(cmd) & _IOC_WRITE) {
		ret = copy_struct_from_user(&req, known, user, size);
		if (ret)
			return ret;
	}
	ret = pin_do_request(ctx, nr, &req);
	if (ret || !(_IOC_DIR(cmd) & _IOC_READ))
		return ret;

	if (!copy_to_user(user, &req, known) &&
	    !clear_user(user + known, size - known))
		return 0;
	if (nr == _IOC_NR(SECCOMP_PIN_RECEIVE))
		pin_unreceive(ctx, &req.receive);
	return -EFAULT;
}

static ssize_t pin_read(struct file *file, char __user *buf, size_t len,
			loff_t *pos)
{
	return pin_queue_read(file->private_data, buf, len,
			      file->f_flags & O_NONBLOCK);
}

static __poll_t pin_poll(struct file *file, struct poll_table_struct *wait)
{
	return pin_queue_poll(file->private_data, file, wait);
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
