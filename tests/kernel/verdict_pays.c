// SPDX-License-Identifier: GPL-2.0-only
/*
 * Remembered verdicts: only where that can pay. A verdict that goes before it has
 * answered a call has cost more than it saved.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#include "scene.h"

/* As docs/abi.md has it, "Remembered verdicts" */
#define FUTILE	8
#define SKIP	240

/* The target's child ends; the next order is for the target. */
static void child_ends(struct scene *s)
{
	order(END);
	AWAIT(pin_query(&s->pin).targets == 1);
	board->done = board->turn;
	board->who = 0;
}

/* A child gets a verdict on the call of the board, and ends. */
static void futile(struct scene *s, int *children)
{
	told(FORK);
	board->who = ++*children;
	asked_deny(s, EUCLEAN);
	child_ends(s);
}

/* The target has a pin, so that there are two mms while a child has one. */
static struct scene start(void)
{
	struct scene s = scene();

	socket_is(AF_UNIX);
	asked_once(&s);
	assert_int_equal(pin_query(&s.pin).targets, 1);
	return s;
}

static void mms_that_die(void **state)
{
	struct scene s = start();
	int i, children = 0;

	(void)state;
	access_is("/tmp");
	for (i = 0; i < FUTILE; i++)
		futile(&s, &children);
	for (i = 0; i < SKIP; i++) {
		asked_deny(&s, EDOM);
		assert_int_equal(pin_query(&s.pin).verdicts, 0);
	}
	/* The module tries again. */
	asked_deny(&s, EDOM);
	assert_int_equal(served(&s), -EDOM);
	scene_end(&s);
}

/* However many verdicts die with an mm, they count as one. */
static void an_mm_with_many(void **state)
{
	struct scene s = start();
	char path[32];
	int i;

	(void)state;
	told(FORK);
	board->who = 1;
	for (i = 0; i < 2 * FUTILE; i++) {
		snprintf(path, sizeof(path), "/tmp/%d", i);
		access_is(path);
		asked_deny(&s, EUCLEAN);
	}
	/* Some may have had to make room for others. */
	assert_true(pin_query(&s.pin).verdicts > FUTILE);
	child_ends(&s);
	assert_int_equal(pin_query(&s.pin).verdicts, 0);
	access_is("/tmp");
	asked_deny(&s, EDOM);
	assert_int_equal(served(&s), -EDOM);
	scene_end(&s);
}

/*
 * The target has other credentials at each call, as the children of a shell have at
 * their execve(): no call meets the verdict on the one before.
 */
static void other_credentials(void (*asked)(struct scene *s, int error))
{
	struct scene s = start();
	int i;

	access_is("/tmp");
	for (i = 0; i <= FUTILE; i++) {
		asked(&s, EUCLEAN);
		told(CAPSET);
	}
	for (i = 0; i < SKIP; i++)
		asked(&s, EUCLEAN);
	asked(&s, EUCLEAN);
	assert_int_equal(served(&s), -EUCLEAN);
	scene_end(&s);
}

static void calls_that_come_again(void **state)
{
	(void)state;
	other_credentials(asked_deny);
}

static void calls_of_all_that_come_again(void **state)
{
	(void)state;
	other_credentials(asked_for_all);
}

/* A verdict that answers a call begins the count anew. */
static void a_hit_counts(void **state)
{
	struct scene s = start();
	int i, children = 0;

	(void)state;
	access_is("/tmp");
	for (i = 0; i < FUTILE - 1; i++)
		futile(&s, &children);
	asked_deny(&s, EDOM);
	assert_int_equal(served(&s), -EDOM);
	futile(&s, &children);
	assert_int_equal(served(&s), -EDOM);
	access_is("/dev");
	asked_deny(&s, ERANGE);
	assert_int_equal(served(&s), -ERANGE);
	scene_end(&s);
}

/* Of one syscall only */
static void another_syscall(void **state)
{
	struct scene s = start();
	int i, children = 0;

	(void)state;
	access_is("/tmp");
	for (i = 0; i < FUTILE; i++)
		futile(&s, &children);
	asked_deny(&s, EDOM);
	open_is(ALLOWED);
	asked_allow(&s, 1);
	assert_true(served(&s) >= 0);
	scene_end(&s);
}

/*
 * The supervisor changes its mind about a call that it has a verdict on, and that
 * answer is not remembered: the old one must not be in force after it.
 */
static void i1_no_older_answer_stays(void **state)
{
	struct scene s = start();
	int i, children = 0;

	(void)state;
	access_is("/dev");
	asked_allow(&s, 1);
	access_is("/tmp");
	for (i = 0; i < FUTILE; i++)
		futile(&s, &children);
	access_is("/dev");
	asked_deny(&s, EDOM);
	asked_deny(&s, EDOM);
	scene_end(&s);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mms_that_die),
		cmocka_unit_test(an_mm_with_many),
		cmocka_unit_test(calls_that_come_again),
		cmocka_unit_test(calls_of_all_that_come_again),
		cmocka_unit_test(a_hit_counts),
		cmocka_unit_test(another_syscall),
		cmocka_unit_test(i1_no_older_answer_stays),
	};

	if (scene_main(argc, argv))
		return 1;
	return run_group(tests);
}
