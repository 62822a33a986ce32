// SPDX-License-Identifier: GPL-2.0-only
/* I5: who may act on a target, and whose bytes reach the arena. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pin.h"

#define PARAMETER "/sys/module/seccomp_pin/parameters/redirect_check"
#define NOBODY	65534
#define SECRET	"/only/for/who/may/attach"

static const char *const trap_openat[] = { "openat", NULL };

static volatile int *ready;

/* A target of whose calls there are rules before it makes one */
static int target_open(void)
{
	await_word(ready, 1);
	return syscall(SYS_openat, AT_FDCWD, SECRET, O_RDONLY) >= 0;
}

static int run_root(void *arg)
{
	(void)arg;
	return target_open();
}

static int run_nobody(void *arg)
{
	/* Changing credentials makes a process non-dumpable. */
	if (setresuid(NOBODY, NOBODY, NOBODY) ||
	    prctl(PR_SET_DUMPABLE, arg ? 0 : 1, 0, 0, 0))
		return 90;
	return target_open();
}

static bool has_secret(struct pin *pin)
{
	return memmem(pin->arena, 4 * TEST_WINDOW, SECRET, strlen(SECRET));
}

/* What a supervisor can do to a target that it may not attach to */
static void without_access(struct pin *pin, bool check)
{
	struct seccomp_pin_fetch fetch = {
		.kind = SECCOMP_PIN_STRING,
		.len = 4096,
	};
	struct seccomp_pin_install install = {
		.length = 4096,
		.timeout = SECCOMP_PIN_MAX_TIMEOUT,
	};
	struct seccomp_pin_receive r, again;
	struct seccomp_pin_alloc alloc;

	pin_receive(pin, &r);
	REQUIRE(r.slot_error == 0);
	REQUIRE(r.copies[1].kind == SECCOMP_PIN_STRING);
	REQUIRE(r.copies[1].error == -EACCES);
	REQUIRE(r.copies[1].len == 0);
	REQUIRE(pin_adopt(pin, &again, r.id) == 0);
	REQUIRE(again.copies[1].error == -EACCES);
	fetch.id = r.id;
	fetch.address = r.data.args[1];
	REQUIRE(pin_fetch(pin, &fetch) == -EACCES);
	install.id = r.id;
	REQUIRE(pin_ioctl(pin->fd, SECCOMP_PIN_INSTALL, &install) == -EACCES);
	REQUIRE(pin_alloc(pin, r.id, TEST_SLOT, &alloc) == -EACCES);
	REQUIRE(!has_secret(pin));
	/* Nor are there copies for the call to run on, whoever may redirect it. */
	REQUIRE(pin_allow_copied(pin, r.id) == -EACCES);
	REQUIRE(pin_pending(pin, r.id));

	if (!check) {
		/* Upstream's rule: the listener is enough to redirect. */
		REQUIRE(pin_allow_string(pin, &r, 1, "/no/such/file") == 0);
		return;
	}
	REQUIRE(pin_allow_string(pin, &r, 1, "/no/such/file") == -EACCES);
	REQUIRE(pin_allow(pin, r.id) == -EACCES);
	REQUIRE(pin_pending(pin, r.id));
	REQUIRE(pin_deny(pin, r.id, EPERM) == 0);
}

/* A context made by root, used by nobody, who has one more of his own target */
static void supervise(int listener, int mine, bool check)
{
	struct pin pin, my_pin;
	struct seccomp_pin_receive r;

	pin_open(&pin, listener);
	pin_open(&my_pin, mine);
	pin_rule_string(&pin, "openat", 1);
	pin_rule_string(&my_pin, "openat", 1);
	REQUIRE(!setresuid(NOBODY, NOBODY, NOBODY));
	*ready = 1;
	pin_receive(&my_pin, &r);
	REQUIRE(r.copies[1].error == 0);
	REQUIRE(has_secret(&my_pin));
	without_access(&pin, check);
	REQUIRE(pin_allow_string(&my_pin, &r, 1, "/no/such/file") == 0);
	_exit(0);
}

static void try_access(int (*run)(void *arg), void *arg, bool check)
{
	struct target target, mine;
	pid_t supervisor;
	int status;

	ready = shared_memory(4096);
	/* The relation that Yama can ask for is another matter. */
	assert_int_equal(write_file("/proc/sys/kernel/yama/ptrace_scope", "0"),
			 0);
	assert_int_equal(write_file(PARAMETER, check ? "Y" : "N"), 0);
	assert_int_equal(target_start(&target, NULL, trap_openat, run, arg), 0);
	assert_int_equal(target_start(&mine, NULL, trap_openat, run_nobody,
				      NULL), 0);
	supervisor = fork();
	if (!supervisor)
		supervise(target.listener, mine.listener, check);
	assert_int_equal(waitpid(supervisor, &status, 0), supervisor);
	assert_int_equal(status, 0);
	assert_int_equal(target_wait(&target), 0);
	assert_int_equal(target_wait(&mine), 0);
	assert_int_equal(write_file(PARAMETER, "Y"), 0);
}

static void i5_another_users_target(void **state)
{
	(void)state;
	try_access(run_root, NULL, true);
}

static void i5_a_target_that_is_not_dumpable(void **state)
{
	(void)state;
	try_access(run_nobody, (void *)1, true);
}

static void i5_upstreams_rule(void **state)
{
	(void)state;
	try_access(run_root, NULL, false);
}

/* The parameter is root's to change, and query tells of it. */
static void i5_parameter(void **state)
{
	struct seccomp_pin_query query;
	int status, fd = pin_device();
	pid_t child;

	(void)state;
	assert_int_equal(write_file(PARAMETER, "N"), 0);
	assert_int_equal(pin_ioctl(fd, SECCOMP_PIN_QUERY, &query), 0);
	assert_int_equal(query.redirect_check, 0);
	assert_int_equal(write_file(PARAMETER, "Y"), 0);
	assert_int_equal(pin_ioctl(fd, SECCOMP_PIN_QUERY, &query), 0);
	assert_int_equal(query.redirect_check, 1);
	close(fd);
	child = fork();
	if (!child) {
		REQUIRE(!setresuid(NOBODY, NOBODY, NOBODY));
		REQUIRE(write_file(PARAMETER, "N") == -EACCES);
		REQUIRE(open(SECCOMP_PIN_DEVICE, O_RDWR) < 0);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(i5_another_users_target),
		cmocka_unit_test(i5_a_target_that_is_not_dumpable),
		cmocka_unit_test(i5_upstreams_rule),
		cmocka_unit_test(i5_parameter),
	};

	return run_group(tests);
}
