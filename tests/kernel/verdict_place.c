// SPDX-License-Identifier: GPL-2.0-only
/*
 * Remembered verdicts: whose places are whose. A place is found by a hash of the
 * call; there are few for each, and a new verdict takes an old one's.
 */
#define _GNU_SOURCE
#include <errno.h>

#include "attempt.h"
#include "scene.h"

/* Arguments whose upper half faccessat2 does not look at, or that it has not */
static const unsigned int free_args[] = { 0, 2, 3, 4, 5 };

#define NR_FREE	(sizeof(free_args) / sizeof(free_args[0]))

/*
 * In a sum of products with odd numbers, the highest bits of two words cancel each
 * other out, whatever the numbers: half of all choices of highest bits would be of
 * one place, and the target need not know what the hash's key is.
 */
static void i6_calls_made_to_collide(void **state)
{
	unsigned int choice, i;
	struct scene s;

	(void)state;
	board_make();
	assert_int_equal(target_start(&s.target, NULL, traps, run_orders,
				      NULL), 0);
	/* Enough for chance not to make others of the same place */
	scene_attach(&s, 4096, 0);
	access_is("/tmp");
	asked_deny(&s, EUCLEAN);
	for (choice = 1; choice < 1U << NR_FREE; choice++) {
		if (__builtin_parity(choice))
			continue;
		for (i = 0; i < NR_FREE; i++)
			if (choice & 1U << i)
				board->args[free_args[i]] ^= 1UL << 63;
		asked_deny(&s, EDOM);
		for (i = 0; i < NR_FREE; i++)
			if (choice & 1U << i)
				board->args[free_args[i]] ^= 1UL << 63;
	}
	assert_int_equal(served(&s), -EUCLEAN);
	scene_end(&s);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(i6_calls_made_to_collide),
	};

	if (scene_main(argc, argv))
		return 1;
	return run_group(tests);
}
