// SPDX-License-Identifier: GPL-2.0-only
/* What pinredir_known_filter() makes, run as the kernel runs it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pinredir.h>

/* Numbers up to here are asked for: more than any kernel has */
#define NUMBERS		2000

#ifdef __x86_64__
#define NATIVE		AUDIT_ARCH_X86_64
#define FOREIGN		AUDIT_ARCH_I386
#define URETPROBE	335
#define X32_BIT		0x40000000U
#else
#define NATIVE		AUDIT_ARCH_AARCH64
#define FOREIGN		AUDIT_ARCH_ARM
#define URETPROBE	(-1)
#endif

static struct sock_filter *filter;
static size_t count;

static int setup(void **state)
{
	(void)state;
	count = pinredir_known_filter(NULL, 0);
	filter = calloc(count, sizeof(*filter));
	assert_non_null(filter);
	assert_int_equal(pinredir_known_filter(filter, count), count);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(filter);
	return 0;
}

/* A jump can have no more, and spawning puts it before other filters. */
static void it_is_short(void **state)
{
	(void)state;
	assert_in_range(count, 4, 100);
}

static uint32_t run(uint32_t arch, uint32_t nr)
{
	struct seccomp_data data = { .nr = nr, .arch = arch };
	const struct sock_filter *f;
	uint32_t a = 0;
	size_t at;

	for (at = 0; at < count; at++) {
		f = &filter[at];
		switch (f->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			memcpy(&a, (char *)&data + f->k, sizeof(a));
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			at += a == f->k ? f->jt : f->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			at += a >= f->k ? f->jt : f->jf;
			break;
		case BPF_RET | BPF_K:
			return f->k;
		default:
			fail_msg("instruction %zu: code %#x", at, f->code);
		}
	}
	fail_msg("no end for call %u", nr);
	return 0;
}

static void calls_fail_that_the_table_does_not_know(void **state)
{
	unsigned int known = 0;
	int nr;

	(void)state;
	for (nr = 0; nr < NUMBERS; nr++) {
		if (pinredir_syscall(nr) || nr == URETPROBE) {
			assert_int_equal(run(NATIVE, nr), SECCOMP_RET_ALLOW);
			known++;
		} else {
			assert_int_equal(run(NATIVE, nr),
					 SECCOMP_RET_ERRNO | ENOSYS);
		}
	}
	assert_in_range(known, 300, NUMBERS);
}

static void other_abis_are_left_to_others(void **state)
{
	(void)state;
	assert_int_equal(run(FOREIGN, NUMBERS), SECCOMP_RET_ALLOW);
	assert_int_equal(run(FOREIGN, 5), SECCOMP_RET_ALLOW);
#ifdef X32_BIT
	assert_int_equal(run(NATIVE, X32_BIT), SECCOMP_RET_ALLOW);
	assert_int_equal(run(NATIVE, X32_BIT | NUMBERS), SECCOMP_RET_ALLOW);
	assert_int_equal(run(NATIVE, X32_BIT - 1), SECCOMP_RET_ERRNO | ENOSYS);
#endif
}

static void room_is_kept_to(void **state)
{
	struct sock_filter few[3], was = { .k = 77 };

	(void)state;
	few[2] = was;
	assert_int_equal(pinredir_known_filter(few, 2), count);
	assert_memory_equal(few, filter, 2 * sizeof(*few));
	assert_memory_equal(&few[2], &was, sizeof(was));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_short),
		cmocka_unit_test(calls_fail_that_the_table_does_not_know),
		cmocka_unit_test(other_abis_are_left_to_others),
		cmocka_unit_test(room_is_kept_to),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
