// SPDX-License-Identifier: GPL-2.0-only
/*
 * The listener's own requests, on the calls that the device knows as well: as
 * seccomp_unotify(2) has them.
 */
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "answer.h"
#include "notif.h"
#include "receive.h"
#include "work.h"

static long pin_notif_recv(struct pin_listener *listener, void __user *buf)
{
	struct pin_receiver receiver = { .device = false };
	struct seccomp_notif notif = {};
	long ret;

	ret = check_zeroed_user(buf, sizeof(notif));
	if (ret < 0)
		return ret;
	if (!ret)
		return -EINVAL;
	ret = pin_take(listener, &receiver, false);
	if (ret)
		return ret == -ESRCH ? -ENOENT : ret;

	notif.id = receiver.call->id;
	notif.pid = receiver.pid;
	notif.data = receiver.call->data;
	pin_call_put(receiver.call);
	if (copy_to_user(buf, &notif, sizeof(notif))) {
		pin_untake(listener, notif.id);
		return -EFAULT;
	}
	return 0;
}

static long pin_notif_send(struct pin_listener *listener, void __user *buf)
{
	struct seccomp_notif_resp resp;
	struct pin_call *call;
	int err = -ENOENT;

	if (copy_from_user(&resp, buf, sizeof(resp)))
		return -EFAULT;
	if (resp.flags & ~SECCOMP_USER_NOTIF_FLAG_CONTINUE)
		return -EINVAL;
	if (resp.flags && (resp.error || resp.val))
		return -EINVAL;

	spin_lock(&listener->lock);
	call = pin_call_lookup(listener, resp.id);
	if (call)
		err = pin_call_sent(call);
	if (!err) {
		call->cont = resp.flags;
		call->error = resp.error;
		call->val = resp.val;
		pin_call_answer(call);
	}
	spin_unlock(&listener->lock);
	return err;
}

static long pin_notif_id_valid(struct pin_listener *listener, void __user *buf)
{
	struct pin_call *call;
	bool valid;
	u64 id;

	if (copy_from_user(&id, buf, sizeof(id)))
		return -EFAULT;
	spin_lock(&listener->lock);
	call = pin_call_lookup(listener, id);
	valid = call && call->state == PIN_SENT;
	spin_unlock(&listener->lock);
	return valid ? 0 : -ENOENT;
}

/**
 * struct pin_addfd - a file descriptor for a parked target
 * @work: what the target is asked to do
 * @file: what it gets; a reference
 * @req: how
 * @ret: -ESRCH until done; the descriptor, or an errno (negative)
 */
struct pin_addfd {
	struct pin_work work;
	struct file *file;
	struct seccomp_notif_addfd req;
	int ret;
};

/* The call was about to be answered by an ADDFD with SEND, and is not; lock held. */
static void pin_addfd_unsend(struct pin_call *call)
{
	if (call->state != PIN_SENDING)
		return;
	WRITE_ONCE(call->state, PIN_SENT);
	call->listener->nr_sent++;
}

static void pin_addfd_work(struct pin_work *work)
{
	struct pin_addfd *addfd = container_of(work, struct pin_addfd, work);
	struct pin_call *call = work->call;

	if (addfd->req.flags & SECCOMP_ADDFD_FLAG_SETFD)
		addfd->ret = receive_fd_replace(addfd->req.newfd, addfd->file,
						addfd->req.newfd_flags);
	else
		addfd->ret = receive_fd(addfd->file, NULL,
					addfd->req.newfd_flags);
	if (!(addfd->req.flags & SECCOMP_ADDFD_FLAG_SEND))
		return;
	spin_lock(&call->listener->lock);
	if (addfd->ret < 0) {
		pin_addfd_unsend(call);
	} else if (call->state == PIN_SENDING) {
		call->error = 0;
		call->val = addfd->ret;
		pin_call_answer(call);
	}
	spin_unlock(&call->listener->lock);
}

static void pin_addfd_release(struct pin_work *work)
{
	struct pin_addfd *addfd = container_of(work, struct pin_addfd, work);

	/* Delayed by itself, if this is not the last reference. */
	fput(addfd->file);
	kfree(addfd);
}

/* Queue it, if the call waits for it: the task's reference is used then. */
static int pin_addfd_queue(struct pin_listener *listener, struct pin_addfd *addfd)
{
	bool send = addfd->req.flags & SECCOMP_ADDFD_FLAG_SEND;
	struct pin_call *call;
	int err = -ENOENT;

	spin_lock(&listener->lock);
	call = pin_call_lookup(listener, addfd->req.id);
	if (call)
		err = pin_call_sent(call);
	/* As seccomp has it: nothing before an answer that is left to be done. */
	if (!err && send && !list_empty(&call->works))
		err = -EBUSY;
	if (!err && send) {
		WRITE_ONCE(call->state, PIN_SENDING);
		listener->nr_sent--;
	}
	if (!err)
		pin_work_queue(call, &addfd->work);
	spin_unlock(&listener->lock);
	return err;
}

/* Have the task do it, and wait for that: what the request returns */
static long pin_addfd_run(struct pin_listener *listener, struct pin_addfd *addfd)
{
	long ret;

	pin_work_init(&addfd->work, pin_addfd_work, pin_addfd_release);
	addfd->ret = -ESRCH;
	ret = pin_addfd_queue(listener, addfd);
	if (ret) {
		pin_addfd_release(&addfd->work);
		return ret;
	}
	ret = wait_for_completion_interruptible(&addfd->work.done);
	if (ret) {
		spin_lock(&listener->lock);
		/* A work that can be taken back has a call that waits. */
		if (pin_work_cancel(&addfd->work))
			pin_addfd_unsend(addfd->work.call);
		else
			/* The task is at it, and what it does cannot be undone. */
			ret = 0;
		spin_unlock(&listener->lock);
	}
	if (!ret)
		ret = wait_for_completion_killable(&addfd->work.done) ?:
		      addfd->ret;
	pin_work_put(&addfd->work);
	return ret;
}

static long pin_notif_addfd(struct pin_listener *listener, void __user *buf,
			    u32 size)
{
	struct pin_addfd *addfd;
	long ret;

	if (size < sizeof(addfd->req) || size >= PAGE_SIZE)
		return -EINVAL;
	addfd = kzalloc(sizeof(*addfd), GFP_KERNEL_ACCOUNT);
	if (!addfd)
		return -ENOMEM;
	ret = copy_struct_from_user(&addfd->req, sizeof(addfd->req), buf, size);
	if (ret)
		goto out_free;
	ret = -EINVAL;
	if (addfd->req.newfd_flags & ~O_CLOEXEC ||
	    addfd->req.flags & ~(SECCOMP_ADDFD_FLAG_SETFD |
				 SECCOMP_ADDFD_FLAG_SEND) ||
	    (addfd->req.newfd &&
	     !(addfd->req.flags & SECCOMP_ADDFD_FLAG_SETFD)))
		goto out_free;
	ret = -EBADF;
	addfd->file = fget(addfd->req.srcfd);
	if (!addfd->file)
		goto out_free;
	return pin_addfd_run(listener, addfd);

out_free:
	kfree(addfd);
	return ret;
}

/* The number that this request had first; seccomp still knows it. */
#define PIN_ID_VALID_WRONG_DIR	SECCOMP_IOR(2, __u64)

/* As the ioctl of a listener that is not attended */
long pin_notif_ioctl(struct seccomp_attendant *attendant, unsigned int cmd,
		     unsigned long arg)
{
	struct pin_listener *listener = pin_listener_of(attendant);
	void __user *buf = (void __user *)arg;

	switch (cmd) {
	case SECCOMP_IOCTL_NOTIF_RECV:
		return pin_notif_recv(listener, buf);
	case SECCOMP_IOCTL_NOTIF_SEND:
		return pin_notif_send(listener, buf);
	case SECCOMP_IOCTL_NOTIF_ID_VALID:
	case PIN_ID_VALID_WRONG_DIR:
		return pin_notif_id_valid(listener, buf);
	}
	/* ADDFD can grow: its size and direction may be others. */
#define PIN_EXTENSIBLE(cmd)	((cmd) & ~(IOC_INOUT | IOCSIZE_MASK))
	if (PIN_EXTENSIBLE(cmd) == PIN_EXTENSIBLE(SECCOMP_IOCTL_NOTIF_ADDFD))
		return pin_notif_addfd(listener, buf, _IOC_SIZE(cmd));
	return -EINVAL;
}

/* What can be done by the listener: a call to be received, one to be answered */
__poll_t pin_notif_poll(struct seccomp_attendant *attendant)
{
	struct pin_listener *listener = pin_listener_of(attendant);
	__poll_t mask = 0;

	spin_lock(&listener->poll_lock);
	WRITE_ONCE(listener->polled, true);
	spin_unlock(&listener->poll_lock);
	spin_lock(&listener->lock);
	if (!list_empty(&listener->pending))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (listener->nr_sent)
		mask |= EPOLLOUT | EPOLLWRNORM;
	spin_unlock(&listener->lock);
	return mask;
}
