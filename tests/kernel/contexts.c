// SPDX-License-Identifier: GPL-2.0-only
/*
 * One context after the other on the same listener, with other sizes and other
 * rules: a call that waits meanwhile takes nothing of the first into the second.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "pin.h"

#define PAGE		4096U
/* Two of them are more than a page, and less than TEST_SLOT. */
#define LENGTH		3000U

static const char *const traps[] = { "renameat2", NULL };

/* What the target shares with the test */
static struct shared {
	volatile int go;
	char from[LENGTH];
	char to[LENGTH];
} *shared;

static int setup(void **state)
{
	(void)state;
	shared = shared_memory(sizeof(*shared));
	memset(shared->from, 'f', LENGTH - 1);
	memset(shared->to, 't', LENGTH - 1);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return munmap(shared, sizeof(*shared));
}

static int run_rename(void *arg)
{
	(void)arg;
	await_word(&shared->go, 1);
	return syscall(SYS_renameat2, AT_FDCWD, shared->from, AT_FDCWD,
		       shared->to, 0) < 0 ? errno : 0;
}

/* Both names are strings. */
static void names_are_copied(struct pin *pin)
{
	struct seccomp_pin_rule rule[] = {
		{ .nr = SYS_renameat2, .arg = 1, .kind = SECCOMP_PIN_STRING,
		  .max = PAGE },
		{ .nr = SYS_renameat2, .arg = 3, .kind = SECCOMP_PIN_STRING,
		  .max = PAGE },
	};
	struct seccomp_pin_rules rules = {
		.rules = (uintptr_t)rule,
		.count = 2,
	};

	assert_int_equal(pin_ioctl(pin->fd, SECCOMP_PIN_RULES, &rules), 0);
}

/*
 * A target, and a context in which its call has been received. It has slots of
 * TEST_SLOT bytes, and has copied both names.
 */
static void first_context(struct target *target, struct pin *pin,
			  struct seccomp_pin_receive *r)
{
	assert_int_equal(target_start(target, NULL, traps, run_rename, NULL),
			 0);
	pin_open(pin, target->listener);
	names_are_copied(pin);
	shared->go = 1;
	pin_receive(pin, r);
	assert_int_equal(r->copies[1].len, LENGTH);
	assert_int_equal(r->copies[1].error, 0);
	assert_int_equal(r->copies[3].len, LENGTH);
	assert_int_equal(r->copies[3].error, 0);
}

/*
 * The call is adopted by another context, with slots of this many bytes. If @copied,
 * the context has the rules before the target looks at it; it is tried until it has.
 */
static void next_context(struct target *target, struct pin *pin, unsigned int slot,
			 bool copied, struct seccomp_pin_receive *r)
{
	struct seccomp_pin_attach attach = pin_attach_default();
	uint64_t id = r->id, start = now_ms();

	attach.slot_size = slot;
	attach.window_size = 8 * slot;
	do {
		assert_true(now_ms() - start < TIME_LIMIT_MS);
		pin_close(pin);
		pin_open_with(pin, target->listener, 256ULL * 8 * slot, &attach);
		if (copied)
			names_are_copied(pin);
		assert_int_equal(pin_adopt(pin, r, id), 0);
		assert_int_equal(r->slot_error, 0);
		assert_int_equal(r->slot_size, slot);
	} while (copied && !r->copies[1].kind);
}

static void end(struct target *target, struct pin *pin, uint64_t id)
{
	assert_int_equal(pin_deny(pin, id, EUCLEAN), 0);
	assert_int_equal(target_wait(target), EUCLEAN);
	pin_close(pin);
}

/* What was room enough for the first context's copies is not the second's slot. */
static void i8_smaller_slots(void **state)
{
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;

	(void)state;
	first_context(&target, &pin, &r);
	next_context(&target, &pin, PAGE, true, &r);
	assert_int_equal(r.copies[1].error, 0);
	assert_int_equal(r.copies[1].offset, 0);
	assert_int_equal(r.copies[1].len, LENGTH);
	assert_memory_equal(pin_slot(&pin, &r), shared->from, LENGTH);
	assert_int_equal(r.copies[3].error, -ENOBUFS);
	assert_int_equal(r.copies[3].len, 0);
	/* The next slot of the window is nobody's. */
	assert_int_equal(pin_slot(&pin, &r)[PAGE], 0);
	end(&target, &pin, r.id);
}

static void i8_larger_slots(void **state)
{
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;
	int i;

	(void)state;
	first_context(&target, &pin, &r);
	next_context(&target, &pin, PAGE, true, &r);
	next_context(&target, &pin, 4 * PAGE, true, &r);
	for (i = 1; i <= 3; i += 2) {
		assert_int_equal(r.copies[i].error, 0);
		assert_int_equal(r.copies[i].len, LENGTH);
		assert_memory_equal(pin_slot(&pin, &r) + r.copies[i].offset,
				    i == 1 ? shared->from : shared->to, LENGTH);
	}
	end(&target, &pin, r.id);
}

/* No copy is told that the context at hand has not made. */
static void i8_no_rules(void **state)
{
	static const struct seccomp_pin_copy none;
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;
	int i;

	(void)state;
	first_context(&target, &pin, &r);
	next_context(&target, &pin, TEST_SLOT, false, &r);
	for (i = 0; i < SECCOMP_PIN_ARGS; i++)
		assert_memory_equal(&r.copies[i], &none, sizeof(none));
	for (i = 0; i < (int)TEST_SLOT; i++)
		assert_int_equal(pin_slot(&pin, &r)[i], 0);
	end(&target, &pin, r.id);
}

#define CONTEXT_TEST(name)						\
	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTEXT_TEST(i8_smaller_slots),
		CONTEXT_TEST(i8_larger_slots),
		CONTEXT_TEST(i8_no_rules),
	};

	return run_group(tests);
}
