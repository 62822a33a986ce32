// SPDX-License-Identifier: GPL-2.0-only
/* Loops on the host: what a handler decides, and which answers come of it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/seccomp.h>
#include <pinredir.h>
#include <seccomp.h>

#define SLOT	16384U
#define CALLS	128
#define NR	SYS_dup
#define LIMIT	60000	/* milliseconds: what takes longer hangs */

/* Calls that there are, and what became of each */
static struct {
	int count;
	int received;
	int open_nr;
	bool over;
	int receive_error;
	int send_errors[4];
	int redirect_error;
	unsigned int nexts;
	unsigned int redirects;
	unsigned int sends;
	unsigned int releases;
	int answers[CALLS];
} fake;

#define RAN	1

static int error(int err)
{
	errno = -err;
	return err ? -1 : 0;
}

static int fake_receive(struct seccomp_pin_receive *r)
{
	if (fake.receive_error) {
		int err = fake.receive_error;

		fake.receive_error = 0;
		return err;
	}
	if (fake.received == fake.count)
		return fake.over ? -ESRCH : -EAGAIN;
	*r = (struct seccomp_pin_receive){
		.id = fake.received++,
		.data.nr = fake.open_nr ? fake.open_nr : NR,
		.data.arch = seccomp_arch_native(),
		.slot_size = SLOT,
	};
	return 0;
}

/* An answer other than a redirect, by the device or the listener */
static int fake_answer(uint64_t id, int value)
{
	int err = fake.send_errors[0];

	fake.sends++;
	memmove(fake.send_errors, fake.send_errors + 1, 3 * sizeof(int));
	if (!err)
		fake.answers[id] = value;
	return err;
}

static int fake_redirect(const struct seccomp_pin_redirect *redirect)
{
	/* As the device */
	if (!(redirect->flags & SECCOMP_PIN_REMEMBER) &&
	    (redirect->cookie || redirect->any_mask))
		return -EINVAL;
	if (redirect->flags & SECCOMP_PIN_DENY)
		return fake_answer(redirect->id, -(int)redirect->error);
	fake.redirects++;
	if (fake.redirect_error)
		return fake.redirect_error;
	fake.answers[redirect->id] = RAN;
	return 0;
}

static int fake_next(struct seccomp_pin_next *next)
{
	int err = fake_redirect((void *)(uintptr_t)next->answers);

	fake.nexts++;
	next->answered = !err;
	return err ? err : fake_receive(&next->receive);
}

int __wrap_ioctl(int fd, unsigned long request, void *arg);
int __wrap_ioctl(int fd, unsigned long request, void *arg)
{
	const struct seccomp_notif_resp *resp;

	(void)fd;
	switch (request) {
	case SECCOMP_PIN_QUERY:
		((struct seccomp_pin_query *)arg)->abi_version =
			SECCOMP_PIN_ABI_VERSION;
		return 0;
	case SECCOMP_PIN_RECEIVE:
		return error(fake_receive(arg));
	case SECCOMP_PIN_NEXT:
		return error(fake_next(arg));
	case SECCOMP_PIN_REDIRECT:
		return error(fake_redirect(arg));
	case SECCOMP_PIN_RELEASE:
		fake.releases++;
		return 0;
	case SECCOMP_IOCTL_NOTIF_SEND:
		resp = arg;
		return error(fake_answer(resp->id, resp->error));
	default:
		return 0;
	}
}

static struct pinredir *ctx;
static struct pinredir_loop *loop;
static struct { int count, error; } told;

static void trouble(struct pinredir_call *call, int err, void *data)
{
	(void)call;
	(void)data;
	told.count++;
	told.error = err;
}

static void loop_make(uint32_t timeout)
{
	struct pinredir_loop_options options = {
		.size = sizeof(options),
		.timeout = timeout,
		.trouble = trouble,
	};

	assert_int_equal(pinredir_loop_new(&loop, ctx, &options), 0);
}

static int listener[2];

static int setup(void **state)
{
	struct pinredir_options options = {
		.size = sizeof(options),
		.flags = PINREDIR_STAY_DUMPABLE,
		.arena_size = 64 * SLOT,
		.device = "/dev/null",
	};

	(void)state;
	memset(&fake, 0, sizeof(fake));
	memset(&told, 0, sizeof(told));
	if (pipe2(listener, O_CLOEXEC) ||
	    pinredir_open(&ctx, listener[0], &options))
		return -1;
	loop_make(0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pinredir_loop_free(loop);
	pinredir_close(ctx);
	close(listener[0]);
	close(listener[1]);
	return 0;
}

static int decide(struct pinredir_call *call, void *data)
{
	(void)call;
	return *(int *)data;
}

static void handle(pinredir_handler handler, void *data)
{
	assert_int_equal(pinredir_loop_handle(loop, NR, handler, data), 0);
}

/* One after the other, with one request each; and never more than some. */
static void answers_and_receives_in_one(void **state)
{
	int verdict = PINREDIR_ALLOW, i;

	(void)state;
	fake.count = CALLS;
	handle(decide, &verdict);
	assert_int_equal(pinredir_loop_dispatch(loop), 0);
	assert_in_range(fake.received, 32, CALLS - 32);
	assert_int_equal(fake.received, fake.nexts + 1);
	fake.over = true;
	/* The listener stays readable. */
	assert_int_equal(write(listener[1], "", 1), 1);
	assert_int_equal(pinredir_loop_run(loop), 0);
	assert_int_equal(fake.received, CALLS);
	for (i = 0; i < CALLS; i++)
		assert_int_equal(fake.answers[i], RAN);
	assert_int_equal(told.count, 0);
	assert_int_equal(fake.releases, 0);
}

static void what_receiving_says(void **state)
{
	(void)state;
	fake.receive_error = -EINTR;
	assert_int_equal(pinredir_loop_dispatch(loop), 0);
	fake.receive_error = PINREDIR_GONE;
	assert_int_equal(pinredir_loop_dispatch(loop), 0);
	fake.receive_error = -ENOMEM;
	assert_int_equal(pinredir_loop_run(loop), -ENOMEM);
	fake.over = true;
	assert_int_equal(pinredir_loop_dispatch(loop), -ESRCH);
	assert_int_equal(pinredir_loop_run(loop), 0);
	pinredir_loop_stop(loop);
	assert_int_equal(pinredir_loop_dispatch(loop), -ECANCELED);
}

/* An answer fails; what then is given, and told */
static void serve_one(int verdict, int answer, int error)
{
	fake.count++;
	told.count = 0;
	told.error = 0;
	handle(decide, &verdict);
	assert_int_equal(pinredir_loop_dispatch(loop), 0);
	assert_int_equal(fake.answers[fake.count - 1], answer);
	assert_int_equal(told.count, !!error);
	assert_int_equal(told.error, error);
}

static void answers_that_fail(void **state)
{
	(void)state;
	fake.redirect_error = -ENOBUFS;
	serve_one(PINREDIR_ALLOW, -ENOBUFS, -ENOBUFS);
	fake.redirect_error = PINREDIR_GONE;
	serve_one(PINREDIR_ALLOW, 0, 0);
	/* Somebody else has answered: it is let go of. */
	fake.releases = 0;
	fake.redirect_error = -EINPROGRESS;
	serve_one(PINREDIR_ALLOW, 0, 0);
	assert_int_equal(fake.releases, 1);
	fake.send_errors[0] = -EINPROGRESS;
	serve_one(-EACCES, 0, 0);
	assert_int_equal(fake.releases, 2);
	fake.send_errors[0] = -ENOENT;
	serve_one(-EACCES, 0, 0);
	fake.send_errors[0] = -EINVAL;
	serve_one(-EACCES, -EPERM, -EPROTO);
	serve_one(-EACCES, -EACCES, 0);
	serve_one(-4096, -EPERM, -EPROTO);
	serve_one(4, -EPERM, -EPROTO);
}

static int remember(struct pinredir_call *call, void *data)
{
	(void)data;
	assert_int_equal(pinredir_remember(call, 1, 3, 0), 0);
	return PINREDIR_ALLOW;
}

/* What was to be remembered is not in the way of the denial, or the target would hang. */
static void remembered_and_refused(void **state)
{
	(void)state;
	fake.count = 1;
	fake.redirect_error = -EFAULT;
	handle(remember, NULL);
	assert_int_equal(pinredir_loop_dispatch(loop), 0);
	assert_int_equal(fake.answers[0], -EFAULT);
	assert_int_equal(fake.releases, 0);
}

static struct pinredir_call *mail;

static int defer(struct pinredir_call *call, void *data)
{
	(void)data;
	mail = call;
	return PINREDIR_DEFER;
}

static int defer_done(struct pinredir_call *call, void *data)
{
	assert_int_equal(pinredir_loop_done(loop, call, -EDOM), 0);
	return defer(call, data);
}

static void deferring(void **state)
{
	(void)state;
	fake.count = 3;
	handle(defer, NULL);
	assert_int_equal(pinredir_loop_dispatch(loop), 0);
	assert_int_equal(fake.sends, 0);
	assert_int_equal(pinredir_loop_done(loop, mail, -EXDEV), 0);
	assert_int_equal(fake.answers[2], -EXDEV);
	fake.count = 4;
	handle(defer_done, NULL);
	assert_int_equal(pinredir_loop_dispatch(loop), 0);
	assert_int_equal(fake.answers[3], -EDOM);
	assert_int_equal(told.count, 0);
	/* Those that nobody has answered go with it. */
	pinredir_loop_free(loop);
	loop = NULL;
	assert_int_equal(fake.answers[0], -EPERM);
	assert_int_equal(fake.answers[1], -EPERM);
	assert_int_equal(told.count, 2);
	assert_int_equal(told.error, -ECANCELED);
}

/* All of them, in order, each at its time */
static void time_limits(void **state)
{
	struct pollfd pollfd = { .events = POLLIN };
	int i;

	(void)state;
	pinredir_loop_free(loop);
	loop_make(20);
	handle(defer, NULL);
	pollfd.fd = pinredir_loop_fd(loop);
	for (i = 1; i <= 3; i++) {
		fake.count = i;
		assert_int_equal(pinredir_loop_dispatch(loop), 0);
	}
	/* One is done in time: the timer that was for it does no harm. */
	assert_int_equal(pinredir_loop_done(loop, mail, PINREDIR_ALLOW), 0);
	while (told.count < 2) {
		assert_int_equal(poll(&pollfd, 1, LIMIT), 1);
		assert_int_equal(pinredir_loop_dispatch(loop), 0);
	}
	assert_int_equal(told.error, -ETIMEDOUT);
	assert_int_equal(fake.answers[0], -EPERM);
	assert_int_equal(fake.answers[1], -EPERM);
	assert_int_equal(fake.answers[2], RAN);
	/* There is nothing to wake up for. */
	assert_int_equal(poll(&pollfd, 1, 60), 0);
	assert_int_equal(told.count, 2);
	/* The timer starts anew for the next one. */
	fake.count = 4;
	assert_int_equal(pinredir_loop_dispatch(loop), 0);
	fake.send_errors[0] = -ENOENT;
	assert_int_equal(poll(&pollfd, 1, LIMIT), 1);
	assert_int_equal(pinredir_loop_dispatch(loop), 0);
	assert_int_equal(told.count, 2);
	fake.send_errors[0] = -ENOENT;
	assert_int_equal(pinredir_loop_done(loop, mail, -EACCES),
			 PINREDIR_GONE);
	assert_int_equal(told.count, 2);
}

static int end_thread(struct pinredir_call *call, void *data)
{
	(void)call;
	(void)data;
	pthread_exit(NULL);
}

static void *run(void *arg)
{
	return (void *)(intptr_t)pinredir_loop_run(arg);
}

static void a_thread_ends(void **state)
{
	pthread_t thread;

	(void)state;
	fake.count = 1;
	handle(end_thread, NULL);
	assert_int_equal(pthread_create(&thread, NULL, run, loop), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(fake.answers[0], -EPERM);
	assert_int_equal(told.count, 1);
	assert_int_equal(told.error, -ECANCELED);
}

/* What needs no kernel to be refused */
static void calls_that_are_no_open(void **state)
{
	struct pinredir_call *call;

	(void)state;
	fake.count = 2;
	assert_int_equal(pinredir_receive(ctx, &call, 0), 0);
	assert_int_equal(pinredir_open_beneath(call, 0, "x", 0), -EINVAL);
	assert_int_equal(pinredir_set_value(call, 2, O_PATH), 0);
	assert_int_equal(pinredir_deny(call, EPERM), 0);
	assert_int_equal(pinredir_open_beneath(call, 0, "x", 0),
			 -EINPROGRESS);
	pinredir_release(call);
	fake.open_nr = SYS_openat;
	assert_int_equal(pinredir_receive(ctx, &call, 0), 0);
	/* Its pid is 0: it is in another namespace. */
	assert_int_equal(pinredir_open_beneath(call, 0, "x", 0), -ESRCH);
	assert_int_equal(pinredir_absolute(call, 0, "x", (char[9]){ 0 }, 9),
			 -ESRCH);
	assert_int_equal(pinredir_set_value(call, 2, O_PATH), 0);
	assert_int_equal(pinredir_open_beneath(call, 0, "x", 0), -EOPNOTSUPP);
	pinredir_release(call);
}

static void options(void **state)
{
	struct pinredir_loop_options o = { .size = sizeof(o) - 1 };
	struct pinredir_loop *other;

	(void)state;
	assert_int_equal(pinredir_loop_new(&other, ctx, &o), -EINVAL);
	o.size = sizeof(o);
	o.reserved = 1;
	assert_int_equal(pinredir_loop_new(&other, ctx, &o), -EINVAL);
	assert_int_equal(pinredir_loop_new(&other, ctx, NULL), 0);
	pinredir_loop_free(other);
	pinredir_loop_free(NULL);
	assert_int_equal(pinredir_loop_handle(loop, -2, NULL, NULL), -EINVAL);
}

#define loop_test(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		loop_test(answers_and_receives_in_one),
		loop_test(what_receiving_says),
		loop_test(answers_that_fail),
		loop_test(remembered_and_refused),
		loop_test(deferring),
		loop_test(time_limits),
		loop_test(a_thread_ends),
		loop_test(calls_that_are_no_open),
		loop_test(options),
	};

	alarm(60);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
