// SPDX-License-Identifier: GPL-2.0-only
/*
 * A supervisor that forks: its child can do nothing with what it has inherited
 * but close it, and by that does no harm, neither to itself nor to its parent.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pinredir.h>

#include "pin.h"

#define PAGE	4096UL

/* Of the parent's, as the child has inherited it */
static struct {
	struct target target;
	struct pinredir *ctx;
	struct pinredir_call *call;
	struct pinredir_loop *loop;
	const char *path;
} f;

static int run_access(void *arg)
{
	(void)arg;
	return !!syscall(SYS_faccessat, AT_FDCWD, "/dev/null", F_OK);
}

static void start(struct pinredir_options *options)
{
	static const char *const traps[] = { "faccessat", NULL };
	struct pollfd pollfd = { .events = POLLIN };

	options->size = sizeof(*options);
	assert_int_equal(target_start(&f.target, NULL, traps, run_access, NULL),
			 0);
	assert_int_equal(pinredir_open(&f.ctx, f.target.listener, options), 0);
	assert_int_equal(pinredir_loop_new(&f.loop, f.ctx, NULL), 0);
	pollfd.fd = pinredir_poll_fd(f.ctx);
	assert_int_equal(poll(&pollfd, 1, TIME_LIMIT_MS), 1);
	assert_int_equal(pinredir_receive(f.ctx, &f.call, PINREDIR_NONBLOCK), 0);
	assert_int_equal(pinredir_get_string(f.call, 1, &f.path), 0);
}

/* The child exits by itself, and not by SIGSEGV. */
static void in_child(int (*run)(void))
{
	pid_t pid = fork();

	if (!pid)
		_exit(run());
	assert_true(pid > 0);
	assert_int_equal(await_exit(pid), 0);
}

/* Nothing of the call is lost to the parent. */
static void finish(int status)
{
	const char *path;

	assert_int_equal(pinredir_get_string(f.call, 1, &path), 0);
	assert_string_equal(path, "/dev/null");
	if (pinredir_can_pin(f.ctx))
		assert_int_equal(pinredir_allow(f.call), 0);
	else
		assert_int_equal(pinredir_deny(f.call, EDOM), 0);
	pinredir_release(f.call);
	/* The loop has not been stopped. */
	assert_int_equal(pinredir_loop_run(f.loop), 0);
	assert_int_equal(await_exit(f.target.pid), status);
	pinredir_loop_free(f.loop);
	pinredir_close(f.ctx);
	close(f.target.listener);
}

static void refuses_calls(void)
{
	struct pinredir_message message = { .size = sizeof(message) };
	const struct sockaddr *address;
	struct pinredir_call *next;
	const void *bytes;
	const char *path;
	char buf[64];
	size_t len = 1;

	REQUIRE(pinredir_get_string(f.call, 1, &path) == -ECHILD);
	REQUIRE(!path);
	REQUIRE(pinredir_get_bytes(f.call, 1, &bytes, &len) == -ECHILD);
	REQUIRE(pinredir_get_vector(f.call, 1, &len) == -ECHILD);
	REQUIRE(!pinredir_vector_string(f.call, 1, 0));
	REQUIRE(pinredir_get_sockaddr(f.call, 1, &address, &len) == -ECHILD);
	REQUIRE(pinredir_get_iovec(f.call, 1, &len) == -ECHILD);
	REQUIRE(!pinredir_iovec_bytes(f.call, 1, 0, &len));
	REQUIRE(pinredir_get_message(f.call, 1, &message) == -ECHILD);
	REQUIRE(pinredir_pin_all(f.call) == -ECHILD);
	len = 1;
	REQUIRE(pinredir_fetch(f.call, 1, PINREDIR_BYTES, &bytes, &len) == -ECHILD);
	REQUIRE(pinredir_set_string(f.call, 1, "x") == -ECHILD);
	REQUIRE(pinredir_set_bytes(f.call, 1, "x", 1) == -ECHILD);
	REQUIRE(pinredir_set_vector(f.call, 1, NULL, 0) == -ECHILD);
	REQUIRE(pinredir_set_sockaddr(f.call, 1, address, 1) == -ECHILD);
	REQUIRE(pinredir_set_value(f.call, 1, 1) == -ECHILD);
	REQUIRE(pinredir_remember(f.call, 0, 0, 0) == -ECHILD);
	REQUIRE(pinredir_allow(f.call) == -ECHILD);
	REQUIRE(pinredir_next(f.call, &next, PINREDIR_NONBLOCK) == -ECHILD);
	REQUIRE(pinredir_deny(f.call, EPERM) == -ECHILD);
	REQUIRE(pinredir_emulate(f.call, 0) == -ECHILD);
	REQUIRE(pinredir_addfd(f.call, 0, 0) == -ECHILD);
	REQUIRE(pinredir_open_beneath(f.call, 0, "x", 0) == -ECHILD);
	REQUIRE(pinredir_absolute(f.call, AT_FDCWD, "x", buf, sizeof(buf)) ==
	      -ECHILD);
	/* What is known of it is no secret, and is not in the arena. */
	REQUIRE(pinredir_nr(f.call) == SYS_faccessat);
}

static void refuses_context(void)
{
	struct seccomp_pin_completion completion;
	struct seccomp_pin_query query;
	struct pinredir_loop *loop;
	struct pinredir_call *call;

	REQUIRE(pinredir_receive(f.ctx, &call, PINREDIR_NONBLOCK) == -ECHILD);
	REQUIRE(pinredir_adopt(f.ctx, &call, pinredir_id(f.call)) == -ECHILD);
	REQUIRE(pinredir_query(f.ctx, &query, sizeof(query)) == -ECHILD);
	REQUIRE(pinredir_set_rules(f.ctx, NULL, 0, 0) == -ECHILD);
	REQUIRE(pinredir_drop(f.ctx, 0) == -ECHILD);
	REQUIRE(pinredir_drop_all(f.ctx) == -ECHILD);
	REQUIRE(pinredir_read_completions(f.ctx, &completion, 1,
					sizeof(completion),
					PINREDIR_NONBLOCK) == -ECHILD);
	REQUIRE(pinredir_loop_new(&loop, f.ctx, NULL) == -ECHILD);
	REQUIRE(pinredir_loop_dispatch(f.loop) == -ECHILD);
	REQUIRE(pinredir_loop_run(f.loop) == -ECHILD);
	REQUIRE(pinredir_loop_adopt(f.loop, pinredir_id(f.call)) == -ECHILD);
	REQUIRE(pinredir_loop_done(f.loop, f.call, -EPERM) == -ECHILD);
	pinredir_loop_stop(f.loop);
}

static void gives_back(void)
{
	int listener = pinredir_poll_fd(f.ctx);

	pinredir_release(f.call);
	pinredir_loop_free(f.loop);
	pinredir_close(f.ctx);
	REQUIRE(fcntl(listener, F_GETFD) < 0);
}

/* Its own memory is where the parent has the arena. */
static int child_uses_the_hole(void)
{
	char *at = (char *)((uintptr_t)f.path & -PAGE);
	char *own = mmap(at, 2 * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1,
			 0);

	REQUIRE(own == at);
	strcpy(own, "of the child");
	refuses_calls();
	refuses_context();
	gives_back();
	REQUIRE(!strcmp(own, "of the child"));
	return 0;
}

static void a_child_keeps_its_memory(void **state)
{
	struct pinredir_options options = { 0 };

	(void)state;
	start(&options);
	in_child(child_uses_the_hole);
	finish(0);
}

static int child_forks(void)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(child_uses_the_hole());
	REQUIRE(waitpid(pid, &status, 0) == pid);
	return !!status;
}

static void and_so_does_its_child(void **state)
{
	struct pinredir_options options = { 0 };

	(void)state;
	start(&options);
	in_child(child_forks);
	finish(0);
}

static int child_without_device(void)
{
	refuses_calls();
	refuses_context();
	gives_back();
	return 0;
}

static void without_the_device_as_well(void **state)
{
	struct pinredir_options options = {
		.flags = PINREDIR_FALLBACK,
		.device = "/no/such/device",
	};

	(void)state;
	start(&options);
	in_child(child_without_device);
	finish(1 << 8);
}

/* What is no copy of the process has no say, vfork()'s child for one. */
static void a_child_that_shares_memory_is_the_parent(void **state)
{
	struct pinredir_options options = { 0 };
	pid_t pid;

	(void)state;
	start(&options);
	pid = vfork();
	if (!pid)
		_exit(0);
	assert_int_equal(await_exit(pid), 0);
	finish(0);
}

/* A handler forks; what the child goes on with is up to the loop's caller. */
static int fork_in_handler(struct pinredir_call *call, void *data)
{
	pid_t *pid = data;

	(void)call;
	*pid = fork();
	return *pid ? PINREDIR_ALLOW : -EDOM;
}

static void a_handler_that_forks(void **state)
{
	static const char *const traps[] = { "faccessat", NULL };
	struct pinredir_loop_options options = {
		.size = sizeof(options),
		.timeout = 60000,
	};
	pid_t pid = -1;
	int ret;

	(void)state;
	assert_int_equal(target_start(&f.target, NULL, traps, run_access, NULL),
			 0);
	assert_int_equal(pinredir_open(&f.ctx, f.target.listener, NULL), 0);
	assert_int_equal(pinredir_loop_new(&f.loop, f.ctx, &options), 0);
	assert_int_equal(pinredir_loop_handle(f.loop, -1, fork_in_handler, &pid),
			 0);
	ret = pinredir_loop_run(f.loop);
	if (!pid)
		_exit(ret != -ECHILD);
	assert_int_equal(ret, 0);
	assert_int_equal(await_exit(pid), 0);
	assert_int_equal(await_exit(f.target.pid), 0);
	pinredir_loop_free(f.loop);
	pinredir_close(f.ctx);
	close(f.target.listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_child_keeps_its_memory),
		cmocka_unit_test(and_so_does_its_child),
		cmocka_unit_test(without_the_device_as_well),
		cmocka_unit_test(a_child_that_shares_memory_is_the_parent),
		cmocka_unit_test(a_handler_that_forks),
	};

	return run_group(tests);
}
