// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Loops: calls are received and given to handlers, by as many threads as there
 * are in pinredir_loop_run().
 *
 * Threads wait in epoll, for the listener, the end, or the first call whose time
 * is over. They never wait in the device, where nothing could have them stop.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "private.h"

#define DEFAULT_DENY_ERROR	EPERM

/* Calls that one pinredir_loop_dispatch() serves at most */
#define DISPATCH_CALLS		64

struct loop_handler {
	pinredir_handler handler;
	void *data;
};

struct pinredir_watch_list {
	struct pinredir_call *first;
	struct pinredir_call *last;
};

/**
 * struct pinredir_loop - a loop
 * @ctx: its context
 * @options: as chosen, with the defaults
 * @epoll: what threads wait for
 * @stop: readable once the loop is to end
 * @timer: readable when the first deadline may have passed
 * @stopped: the same as @stop, to be seen without a syscall
 * @lock: for what follows, and struct pinredir_watch
 * @alarm: when @timer fires, or 0
 * @waiting: calls that are deferred, or all if there is a time limit, which is
 *	one for all: so they are in the order of their deadlines
 * @overdue: those whose time is over, and which are still used
 * @fallback: for calls that have no handler of their own
 * @handlers: by syscall number
 */
struct pinredir_loop {
	struct pinredir *ctx;
	struct pinredir_loop_options options;
	int epoll;
	int stop;
	int timer;
	bool stopped;
	pthread_mutex_t lock;
	uint64_t alarm;
	struct pinredir_watch_list waiting;
	struct pinredir_watch_list overdue;
	struct loop_handler fallback;
	struct loop_handler handlers[SECCOMP_PIN_MAX_NR];
};

static void loop_trouble(struct pinredir_loop *loop, struct pinredir_call *call,
			 int error)
{
	if (loop->options.trouble)
		loop->options.trouble(call, error, loop->options.data);
}

/* Under the lock. Whatever is set, the timer is not readable before that. */
static void timer_set(struct pinredir_loop *loop, uint64_t when)
{
	struct itimerspec spec = {
		.it_value.tv_sec = when / 1000,
		.it_value.tv_nsec = when % 1000 * 1000000,
	};

	timerfd_settime(loop->timer, TFD_TIMER_ABSTIME, &spec, NULL);
	loop->alarm = when;
}

/* Under the lock */
static void list_add(struct pinredir_watch_list *list,
		     struct pinredir_call *call)
{
	struct pinredir_watch *watch = &call->watch;

	watch->list = list;
	watch->next = NULL;
	watch->prev = list->last;
	if (list->last)
		list->last->watch.next = call;
	else
		list->first = call;
	list->last = call;
}

/* Under the lock */
static void list_remove(struct pinredir_call *call)
{
	struct pinredir_watch *watch = &call->watch;
	struct pinredir_watch_list *list = watch->list;

	if (!list)
		return;
	watch->list = NULL;
	if (watch->prev)
		watch->prev->watch.next = watch->next;
	else
		list->first = watch->next;
	if (watch->next)
		watch->next->watch.prev = watch->prev;
	else
		list->last = watch->prev;
}

/* For who decides on a call, when it is decided */
static void call_finish(struct pinredir_loop *loop, struct pinredir_call *call)
{
	bool last;

	pthread_mutex_lock(&loop->lock);
	list_remove(call);
	last = !--call->watch.users;
	pthread_mutex_unlock(&loop->lock);
	if (last)
		pinredir_release(call);
}

static void call_begin(struct pinredir_loop *loop, struct pinredir_call *call)
{
	struct pinredir_watch *watch = &call->watch;

	*watch = (struct pinredir_watch){ .users = 1, .handled = true };
	if (!loop->options.timeout)
		return;
	watch->deadline = now_ms() + loop->options.timeout;
	pthread_mutex_lock(&loop->lock);
	list_add(&loop->waiting, call);
	if (!loop->alarm)
		timer_set(loop, watch->deadline);
	pthread_mutex_unlock(&loop->lock);
}

/* Deny what has no answer yet, and tell why. */
static int call_fail(struct pinredir_loop *loop, struct pinredir_call *call,
		     int trouble)
{
	/* A verdict that is to be remembered can be refused. */
	call->answer.flags = 0;
	if (pinredir_deny(call, loop->options.deny_error) != PINREDIR_GONE)
		loop_trouble(loop, call, trouble);
	return trouble;
}

/* The call cannot be allowed: so it is denied, with the reason. */
static int call_refuse(struct pinredir_loop *loop, struct pinredir_call *call,
		       int err)
{
	if (err == PINREDIR_GONE)
		return err;
	call->answer.flags = 0;
	if (err != -EINPROGRESS)
		pinredir_deny(call, -err);
	loop_trouble(loop, call, err);
	return err;
}

/*
 * What a handler has decided. With @next, an answer can be given together with
 * receiving another call. Returns what has gone wrong, as told.
 */
static int call_answer(struct pinredir_loop *loop, struct pinredir_call *call,
		       int verdict, struct pinredir_call **next)
{
	int err;

	/* What an answer of its own has been told may be what it returns. */
	if (verdict == PINREDIR_GONE && call->over)
		return PINREDIR_GONE;
	if (verdict < 0) {
		err = pinredir_deny(call, -verdict);
		if (!err || err == PINREDIR_GONE)
			return err;
		return call_fail(loop, call, err == -EINVAL ? -EPROTO : err);
	}
	switch (verdict) {
	case PINREDIR_ALLOW_ALL:
		err = pinredir_pin_all(call);
		if (err)
			return call_refuse(loop, call, err);
		/* fallthrough */
	case PINREDIR_ALLOW:
		err = next ? pinredir_next(call, next, PINREDIR_NONBLOCK) :
			     pinredir_allow(call);
		return err ? call_refuse(loop, call, err) : 0;
	case PINREDIR_ANSWERED:
		return call->over ? 0 : call_fail(loop, call, -EPROTO);
	default:
		return call_fail(loop, call, -EPROTO);
	}
}

/* Returns whether it has been finished before its handler has returned. */
static bool call_deferred(struct pinredir_loop *loop,
			  struct pinredir_call *call)
{
	bool done;

	pthread_mutex_lock(&loop->lock);
	done = call->watch.done;
	call->watch.handled = false;
	if (!done && !call->watch.list)
		list_add(&loop->waiting, call);
	pthread_mutex_unlock(&loop->lock);
	return done;
}

int pinredir_loop_done(struct pinredir_loop *loop, struct pinredir_call *call,
		       int verdict)
{
	int err = ctx_check(loop->ctx);
	bool handled;

	/* A thread of the parent's can have had the lock at the fork. */
	if (err)
		return err;
	err = call_answer(loop, call, verdict, NULL);
	pthread_mutex_lock(&loop->lock);
	handled = call->watch.handled;
	call->watch.done = true;
	pthread_mutex_unlock(&loop->lock);
	/* Its handler is about to return, and will see that it is done. */
	if (!handled)
		call_finish(loop, call);
	return err;
}

struct handling {
	struct pinredir_loop *loop;
	struct pinredir_call *call;
};

/* The thread ends in the handler, or an exception comes out of it. */
static void handling_abandoned(void *arg)
{
	struct handling *handling = arg;

	call_fail(handling->loop, handling->call, -ECANCELED);
	call_finish(handling->loop, handling->call);
}

static const struct loop_handler *loop_find(const struct pinredir_loop *loop,
					    const struct pinredir_call *call)
{
	unsigned int nr = pinredir_nr(call);

	if (nr < SECCOMP_PIN_MAX_NR && loop->handlers[nr].handler)
		return &loop->handlers[nr];
	return &loop->fallback;
}

/* Returns the verdict. */
static int call_handle(struct pinredir_loop *loop, struct pinredir_call *call)
{
	const struct loop_handler *handler = loop_find(loop, call);
	struct handling handling = { loop, call };
	int verdict;

	if (!handler->handler || !pinredir_is_native(&call_received(call)->data))
		return -loop->options.deny_error;
	pthread_cleanup_push(handling_abandoned, &handling);
	verdict = handler->handler(call, handler->data);
	pthread_cleanup_pop(0);
	return verdict;
}

/* Serves a call; what is received with its answer is in @next. */
static void call_serve(struct pinredir_loop *loop, struct pinredir_call *call,
		       struct pinredir_call **next)
{
	int verdict;

	call_begin(loop, call);
	verdict = call_handle(loop, call);
	/* It has returned in a child that it was forked in: nothing here is the child's. */
	if (ctx_check(loop->ctx))
		return;
	if (verdict != PINREDIR_DEFER)
		call_answer(loop, call, verdict, next);
	else if (!call_deferred(loop, call))
		return;
	/* Nobody else has ever heard of it. */
	if (verdict != PINREDIR_DEFER && !loop->options.timeout)
		pinredir_release(call);
	else
		call_finish(loop, call);
}

static bool loop_stopped(const struct pinredir_loop *loop)
{
	return __atomic_load_n(&loop->stopped, __ATOMIC_ACQUIRE);
}

/* The first call whose time is over, for who denies it; or NULL */
static struct pinredir_call *loop_overdue(struct pinredir_loop *loop)
{
	uint64_t now = now_ms(), first = 0;
	struct pinredir_call *call;

	pthread_mutex_lock(&loop->lock);
	call = loop->waiting.first;
	if (call)
		first = call->watch.deadline;
	if (call && first <= now) {
		list_remove(call);
		list_add(&loop->overdue, call);
		call->watch.users++;
	} else {
		call = NULL;
		if (loop->alarm && loop->alarm <= now)
			timer_set(loop, first);
	}
	pthread_mutex_unlock(&loop->lock);
	return call;
}

/*
 * Others have these calls, and go on using them: they learn by their answers, which let go
 * of the call. Until then its slot is no other call's.
 */
static void loop_expire(struct pinredir_loop *loop)
{
	struct pinredir_call *call;
	bool last;

	if (!loop->options.timeout)
		return;
	while ((call = loop_overdue(loop))) {
		if (!pinredir_deny_id(loop->ctx, pinredir_id(call),
				      loop->options.deny_error))
			loop_trouble(loop, call, -ETIMEDOUT);
		pthread_mutex_lock(&loop->lock);
		last = !--call->watch.users;
		pthread_mutex_unlock(&loop->lock);
		if (last)
			pinredir_release(call);
	}
}

/*
 * Serves calls until there are none, or @most. A call that comes with an answer is
 * always served: it is nobody else's.
 */
static int loop_serve(struct pinredir_loop *loop, unsigned int most)
{
	struct pinredir_call *call, *next;
	int err;

	while (most) {
		err = pinredir_receive(loop->ctx, &call, PINREDIR_NONBLOCK);
		if (err == -EAGAIN)
			return 0;
		if (err == PINREDIR_GONE || err == -EINTR)
			continue;
		if (err)
			return err;
		do {
			next = NULL;
			most -= !!most;
			call_serve(loop, call,
				   most && !loop_stopped(loop) ? &next : NULL);
			call = next;
		} while (call);
		if (loop_stopped(loop))
			return 0;
	}
	return 0;
}

int pinredir_loop_dispatch(struct pinredir_loop *loop)
{
	int err = ctx_check(loop->ctx);

	if (err)
		return err;
	if (loop_stopped(loop))
		return -ECANCELED;
	loop_expire(loop);
	err = loop_serve(loop, DISPATCH_CALLS);
	return !err && loop_stopped(loop) ? -ECANCELED : err;
}

int pinredir_loop_run(struct pinredir_loop *loop)
{
	struct epoll_event event;
	int err;

	do {
		err = pinredir_loop_dispatch(loop);
		if (err)
			break;
		/* A signal, like all else, is a reason to look. */
		epoll_wait(loop->epoll, &event, 1, -1);
	} while (true);
	return err == -ESRCH || err == -ECANCELED ? 0 : err;
}

int pinredir_loop_adopt(struct pinredir_loop *loop, uint64_t id)
{
	struct pinredir_call *call;
	int err = pinredir_adopt(loop->ctx, &call, id);

	if (!err)
		call_serve(loop, call, NULL);
	return err;
}

void pinredir_loop_stop(struct pinredir_loop *loop)
{
	uint64_t one = 1;
	int err = errno;

	/* The eventfd is the parent's as well. */
	if (ctx_check(loop->ctx))
		return;
	__atomic_store_n(&loop->stopped, true, __ATOMIC_RELEASE);
	/* It is never read: all who wait see it, and who comes later does. */
	if (write(loop->stop, &one, sizeof(one)) < 0)
		errno = err;
}

int pinredir_loop_fd(const struct pinredir_loop *loop)
{
	return loop->epoll;
}

int pinredir_loop_handle(struct pinredir_loop *loop, int nr,
			 pinredir_handler handler, void *data)
{
	struct loop_handler *at = &loop->fallback;

	if (nr < -1 || nr >= SECCOMP_PIN_MAX_NR)
		return -EINVAL;
	if (nr >= 0)
		at = &loop->handlers[nr];
	*at = (struct loop_handler){ handler, data };
	return 0;
}

static int loop_watch(struct pinredir_loop *loop, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	if (fd < 0 || epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event))
		return -errno;
	return 0;
}

static int loop_fds(struct pinredir_loop *loop)
{
	int err;

	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll < 0)
		return -errno;
	loop->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = loop_watch(loop, loop->stop);
	if (err)
		return err;
	loop->timer = timerfd_create(CLOCK_MONOTONIC,
				     TFD_CLOEXEC | TFD_NONBLOCK);
	err = loop_watch(loop, loop->timer);
	if (err)
		return err;
	return loop_watch(loop, pinredir_poll_fd(loop->ctx));
}

static int options_take(struct pinredir_loop_options *o,
			const struct pinredir_loop_options *options)
{
	int err = pinredir_sized_in(o, sizeof(*o), options, options->size,
				    SIZE_TO(typeof(*o), data));

	if (err)
		return err;
	return o->flags || o->reserved || o->deny_error < 0 ||
	       o->deny_error > PINREDIR_MAX_ERRNO ? -EINVAL : 0;
}

int pinredir_loop_new(struct pinredir_loop **out, struct pinredir *ctx,
		      const struct pinredir_loop_options *options)
{
	struct pinredir_loop_options o = { 0 };
	struct pinredir_loop *loop;
	int err = options ? options_take(&o, options) : 0;

	if (!err)
		err = ctx_check(ctx);
	if (err)
		return err;
	loop = calloc(1, sizeof(*loop));
	if (!loop)
		return -ENOMEM;
	loop->options = o;
	if (!o.deny_error)
		loop->options.deny_error = DEFAULT_DENY_ERROR;
	loop->ctx = ctx;
	loop->stop = -1;
	loop->timer = -1;
	pthread_mutex_init(&loop->lock, NULL);
	err = loop_fds(loop);
	if (err)
		pinredir_loop_free(loop);
	else
		*out = loop;
	return err;
}

static void loop_drain(struct pinredir_loop *loop)
{
	struct pinredir_call *call;

	while ((call = loop->waiting.first)) {
		call_fail(loop, call, -ECANCELED);
		call_finish(loop, call);
	}
	while ((call = loop->overdue.first))
		call_finish(loop, call);
	pthread_mutex_destroy(&loop->lock);
}

void pinredir_loop_free(struct pinredir_loop *loop)
{
	if (!loop)
		return;
	/* In a forked child, threads that are not there can have been at the lists. */
	if (!ctx_check(loop->ctx))
		loop_drain(loop);
	if (loop->epoll >= 0)
		close(loop->epoll);
	if (loop->stop >= 0)
		close(loop->stop);
	if (loop->timer >= 0)
		close(loop->timer);
	free(loop);
}
