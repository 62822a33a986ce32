// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <pinredir.h>
#include <sys/epoll.h>

/* Beside whatever else is in the epoll set: data.ptr is the loop for this one. */
int add_loop(int epoll, struct pinredir_loop *loop)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = loop };

	return epoll_ctl(epoll, EPOLL_CTL_ADD, pinredir_loop_fd(loop), &event) ?
	       -errno : 0;
}

/* When it is readable; -ESRCH when there are no targets any more */
int on_readable(struct pinredir_loop *loop)
{
	int err = pinredir_loop_dispatch(loop);

	return err == -ENOMEM ? 0 : err;
}
