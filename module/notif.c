// SPDX-License-Identifier: GPL-2.0-only
/* The listener's own requests, as in seccomp_unotify(2), on the device's calls */
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
	if (ret <= 0)
		return ret ?: -EINVAL;
	spin_lock(&listener->lock);
	ret = pin_take(listener, &receiver, false);
	if (ret)
		return ret == -ESRCH ? -ENOENT : ret;

	notif.id = receiver.call->told.id;
	notif.pid = receiver.pid;
	notif.data = receiver.call->told.data;
	pin_call_put(receiver.call);
	if (copy_to_user(buf, &notif, sizeof(notif))) {
		pin_untake(listener, notif.id);
		return -EFAULT;
	}
	return 0;
}

/* The call that waits for an answer, or what pin_call_sent() returns; lock held. */
static struct pin_call *pin_notif_call(struct pin_listener *listener, u64 id)
{
	struct pin_call *call = pin_call_lookup(listener, id);
	int err = call ? pin_call_sent(call) : -ENOENT;

	return err ? ERR_PTR(err) : call;
}

static long pin_notif_send(struct pin_listener *listener, void __user *buf)
{
	struct seccomp_notif_resp resp;
	struct pin_call *call;

	if (copy_from_user(&resp, buf, sizeof(resp)))
		return -EFAULT;
	if (resp.flags & ~SECCOMP_USER_NOTIF_FLAG_CONTINUE ||
	    (resp.flags && (resp.error || resp.val)))
		return -EINVAL;

	spin_lock(&listener->lock);
	call = pin_notif_call(listener, resp.id);
	if (!IS_ERR(call)) {
		call->cont = resp.flags;
		call->error = resp.error;
		call->val = resp.val;
		pin_call_answer(call, false);
	}
	spin_unlock(&listener->lock);
	return PTR_ERR_OR_ZERO(call);
}

static long pin_notif_id_valid(struct pin_listener *listener, void __user *buf)
{
	bool valid;
	u64 id;

	if (copy_from_user(&id, buf, sizeof(id)))
		return -EFAULT;
	spin_lock(&listener->lock);
	valid = !IS_ERR(pin_notif_call(listener, id));
	spin_unlock(&listener->lock);
	return valid ? 0 : -ENOENT;
}

/* A file descriptor for a parked target */
struct pin_addfd {
	struct pin_work work;
	struct file *file;	/* a reference */
	struct seccomp_notif_addfd req;
};

/* An ADDFD with SEND does not answer the call after all; lock held. */
static void pin_addfd_unsend(struct pin_call *call)
{
	if (call->state != PIN_SENDING)
		return;
	WRITE_ONCE(call->state, PIN_SENT);
	call->listener->nr_sent++;
}

static int pin_addfd_work(struct pin_work *work)
{
	struct pin_addfd *addfd = container_of(work, struct pin_addfd, work);
	struct pin_call *call = work->call;
	int ret;

	if (addfd->req.flags & SECCOMP_ADDFD_FLAG_SETFD)
		ret = receive_fd_replace(addfd->req.newfd, addfd->file,
					 addfd->req.newfd_flags);
	else
		ret = receive_fd(addfd->file, NULL, addfd->req.newfd_flags);
	if (!(addfd->req.flags & SECCOMP_ADDFD_FLAG_SEND))
		return ret;
	spin_lock(&call->listener->lock);
	if (ret < 0) {
		pin_addfd_unsend(call);
	} else if (call->state == PIN_SENDING) {
		call->error = 0;
		call->val = ret;
		pin_call_answer(call, false);
	}
	spin_unlock(&call->listener->lock);
	return ret;
}

static void pin_addfd_release(struct pin_work *work)
{
	struct pin_addfd *addfd = container_of(work, struct pin_addfd, work);

	/* Delayed by itself, if this is not the last reference. */
	fput(addfd->file);
	kfree(addfd);
}

/* Queue it, if the call waits for an answer: 0 or an errno; lock held. */
static int pin_addfd_queue(struct pin_listener *listener, struct pin_addfd *addfd)
{
	struct pin_call *call = pin_notif_call(listener, addfd->req.id);

	if (IS_ERR(call))
		return PTR_ERR(call);
	if (addfd->req.flags & SECCOMP_ADDFD_FLAG_SEND) {
		/* As in seccomp: no answer before all other work is done. */
		if (!list_empty(&call->works))
			return -EBUSY;
		WRITE_ONCE(call->state, PIN_SENDING);
		listener->nr_sent--;
	}
	pin_work_queue(call, &addfd->work);
	return 0;
}

/* Have the task do it, and wait for that: what the request returns */
static long pin_addfd_run(struct pin_listener *listener, struct pin_addfd *addfd)
{
	struct pin_work *work = &addfd->work;
	long ret;

	pin_work_init(work, pin_addfd_work, pin_addfd_release);
	work->ret = -ESRCH;
	spin_lock(&listener->lock);
	ret = pin_addfd_queue(listener, addfd);
	spin_unlock(&listener->lock);
	if (ret) {
		pin_addfd_release(work);
		return ret;
	}
	ret = wait_for_completion_interruptible(&work->done);
	if (ret) {
		spin_lock(&listener->lock);
		/* If the work can be taken back, its call waits. */
		if (pin_work_cancel(work))
			pin_addfd_unsend(work->call);
		else
			/* The task is at it, and what it does cannot be undone. */
			ret = 0;
		spin_unlock(&listener->lock);
	}
	if (!ret)
		ret = wait_for_completion_killable(&work->done) ?: work->ret;
	pin_work_put(work);
	return ret;
}

static long pin_notif_addfd(struct pin_listener *listener, void __user *buf,
			    u32 size)
{
	struct pin_addfd *addfd __free(kfree) = NULL;
	const u32 setfd = SECCOMP_ADDFD_FLAG_SETFD;
	long ret;

	if (size < sizeof(addfd->req) || size >= PAGE_SIZE)
		return -EINVAL;
	addfd = kzalloc(sizeof(*addfd), GFP_KERNEL_ACCOUNT);
	if (!addfd)
		return -ENOMEM;
	ret = copy_struct_from_user(&addfd->req, sizeof(addfd->req), buf, size);
	if (ret)
		return ret;
	if (addfd->req.newfd_flags & ~O_CLOEXEC ||
	    addfd->req.flags & ~(setfd | SECCOMP_ADDFD_FLAG_SEND) ||
	    (addfd->req.newfd && !(addfd->req.flags & setfd)))
		return -EINVAL;
	addfd->file = fget(addfd->req.srcfd);
	if (!addfd->file)
		return -EBADF;
	return pin_addfd_run(listener, no_free_ptr(addfd));
}

/* The number that this request had first; seccomp still knows it. */
#define PIN_ID_VALID_WRONG_DIR	SECCOMP_IOR(2, __u64)
/* ADDFD can grow: its size and direction may be others. */
#define PIN_EXTENSIBLE(cmd)	((cmd) & ~(IOC_INOUT | IOCSIZE_MASK))

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
