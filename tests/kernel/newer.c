// SPDX-License-Identifier: GPL-2.0-only
/* A library that is newer than the module says so, and pins nothing. */
#define _GNU_SOURCE
#include <seccomp_pin.h>

enum { MODULE_ABI = SECCOMP_PIN_ABI_VERSION };

/* These two ask for it; all else is the library's as it is. */
#undef SECCOMP_PIN_ABI_VERSION
#define SECCOMP_PIN_ABI_VERSION	(MODULE_ABI + 1)
#include "../../lib/context.c"
#include "../../lib/probe.c"

#include "pin.h"

static void probe_tells(void **state)
{
	struct pinredir_report report = { .size = sizeof(report) };

	(void)state;
	assert_int_equal(pinredir_probe(&report, NULL), 0);
	assert_int_equal(report.problem, PINREDIR_WRONG_ABI);
	assert_int_equal(report.error, -EPROTO);
	assert_int_equal(report.abi_version, MODULE_ABI);
}

static int run_access(void *arg)
{
	(void)arg;
	return syscall(SYS_faccessat, AT_FDCWD, "/dev/null", 0) ? errno : 0;
}

/* Nor is there another way for a call to run. */
static void i1_open_refuses(void **state)
{
	static const char *const traps[] = { "faccessat", NULL };
	struct pinredir_options options = { .size = sizeof(options) };
	struct pinredir_call *call;
	struct target target;
	struct pinredir *ctx;

	(void)state;
	assert_int_equal(target_start(&target, NULL, traps, run_access, NULL),
			 0);
	assert_int_equal(pinredir_open(&ctx, target.listener, NULL), -EPROTO);
	options.flags = PINREDIR_FALLBACK;
	assert_int_equal(pinredir_open(&ctx, target.listener, &options), 0);
	assert_false(pinredir_can_pin(ctx));
	assert_int_equal(pinredir_receive(ctx, &call, 0), 0);
	assert_int_equal(pinredir_allow(call), -EOPNOTSUPP);
	assert_int_equal(pinredir_deny(call, EXDEV), 0);
	pinredir_release(call);
	assert_int_equal(target_wait(&target), EXDEV);
	pinredir_close(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(probe_tells),
		cmocka_unit_test(i1_open_refuses),
	};

	return run_group(tests);
}
