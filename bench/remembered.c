// SPDX-License-Identifier: GPL-2.0-only
/* libpinredir, with answers that hold for the same call: they come once. */
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "fail.h"
#include "library.h"
#include "notify.h"
#include "pinned.h"
#include "reads.h"

/* More than paths in most commands: two can want the same place. */
#define VERDICTS	32768U
#define COOKIE		1U
#define STRINGS		100U
#define ALL_ARGS	((1U << SECCOMP_PIN_ARGS) - 1)

/* What the library has no rules for by itself */
static const struct seccomp_pin_rule more_rules[] = {
	{ .nr = SYS_execve, .arg = 1, .kind = SECCOMP_PIN_VECTOR,
	  .max = SECCOMP_PIN_MAX_VERDICT / 2, .len = STRINGS },
	{ .nr = SYS_execve, .arg = 2, .kind = SECCOMP_PIN_VECTOR,
	  .max = SECCOMP_PIN_MAX_VERDICT / 2, .len = STRINGS },
	{ .nr = SYS_connect, .arg = 1, .kind = SECCOMP_PIN_BYTES_ARG,
	  .max = SECCOMP_PIN_MAX_VERDICT, .len = 2 },
	{ .nr = SYS_write, .arg = 1, .kind = SECCOMP_PIN_BYTES_ARG,
	  .max = SECCOMP_PIN_MAX_VERDICT, .len = 2 },
};

#define MORE_RULES	(sizeof(more_rules) / sizeof(*more_rules))

static bool is_read(const struct seccomp_pin_rule *rule)
{
	const struct reads_list *list = reads_of(rule->nr);
	unsigned int i;

	for (i = 0; i < list->count; i++)
		if (list->items[i].arg == rule->arg)
			return true;
	return false;
}

static void set_rules(struct pinredir *ctx)
{
	size_t i, count = pinredir_default_rules(NULL, 0, 0);
	struct seccomp_pin_rule *rules;
	int err;

	rules = calloc(count + MORE_RULES, sizeof(*rules));
	need(rules, "calloc");
	pinredir_default_rules(rules, count, sizeof(*rules));
	for (i = 0; i < MORE_RULES; i++)
		if (is_read(&more_rules[i]))
			rules[count++] = more_rules[i];
	err = pinredir_set_rules(ctx, rules, count, sizeof(*rules));
	if (err)
		fail("pinredir_set_rules: %s", strerror(-err));
	free(rules);
}

static void *open_remembering(const struct supervised *supervised)
{
	struct pinredir_options options = {
		.size = sizeof(options),
		.verdicts = VERDICTS,
	};
	struct pinredir *ctx;
	int err;

	notify_sync(supervised->listener);
	err = pinredir_open(&ctx, supervised->listener, &options);
	if (err)
		fail("pinredir_open: %s", strerror(-err));
	set_rules(ctx);
	return ctx;
}

/*
 * Arguments that do not matter to who decides by paths and addresses: buffers to
 * be filled, and registers that the call has no argument in. File descriptors,
 * flags and modes of opening do.
 */
static unsigned int any_of(unsigned int nr)
{
	const struct reads_list *list = reads_of(nr);
	unsigned int i, matter = 0;

	switch (nr) {
	case SYS_open:
		matter = 1 << 1;
		break;
	case SYS_openat:
		matter = 1 << 0 | 1 << 2;
		break;
	case SYS_connect:
	case SYS_write:
		matter = 1 << 0 | 1 << 2;
		break;
	}
	for (i = 0; i < list->count; i++)
		matter |= 1 << list->items[i].arg;
	return ALL_ARGS & ~matter;
}

static void remember(void *call, unsigned int flags)
{
	unsigned int any = any_of(pinredir_nr(call));
	int err = pinredir_remember(call, any, COOKIE, flags);

	if (err)
		fail("pinredir_remember: %s", strerror(-err));
}

static void answer(void *opened, void *call)
{
	remember(call, PINREDIR_FOR_ALL);
	library_answer(opened, call);
}

static void answer_one(void *opened, void *call)
{
	remember(call, 0);
	library_answer(opened, call);
}

static void *next(void *opened, void *last)
{
	if (last)
		answer(opened, last);
	return pinned_receive(opened);
}

static void *next_one(void *opened, void *last)
{
	if (last)
		answer_one(opened, last);
	return pinned_receive(opened);
}

static const char *missing(const struct row *row)
{
	const int *nr;
	unsigned int i;

	if (row->slot)
		return "more bytes than a verdict can be about";
	for (nr = row->traps; *nr >= 0; nr++) {
		const struct reads_list *list = reads_of(*nr);

		for (i = 0; i < list->count; i++)
			if (list->items[i].kind == READS_MESSAGE)
				return "no rule copies all that it reads";
	}
	return NULL;
}

const struct supervisor remembered = {
	.name = "remembered",
	.action = SECCOMP_RET_USER_NOTIF,
	.module = true,
	.open = open_remembering,
	.next = next,
	.answer = answer,
	.missing = missing,
};

/* Each verdict for one address space */
const struct supervisor remembered_one = {
	.name = "remembered-one",
	.action = SECCOMP_RET_USER_NOTIF,
	.module = true,
	.open = open_remembering,
	.next = next_one,
	.answer = answer_one,
	.missing = missing,
};
