// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "fail.h"
#include "notify.h"
#include "pinned.h"
#include "reads.h"

static bool has_rule(const struct seccomp_pin_rule *rules, size_t count,
		     unsigned int nr, unsigned int arg)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (rules[i].nr == nr && rules[i].arg == arg)
			return true;
	return false;
}

#define MOST_STRINGS	1000

/* What the library has no rule for by itself */
static struct seccomp_pin_rule rule_for(unsigned int nr,
					const struct reads *reads, size_t slot)
{
	struct seccomp_pin_rule rule = {
		.nr = nr,
		.arg = reads->arg,
		.kind = SECCOMP_PIN_BYTES_ARG,
		.max = slot / 2,
		.len = reads->len,
	};

	switch (reads->kind) {
	case READS_STRINGS:
		rule.kind = SECCOMP_PIN_VECTOR;
		rule.len = MOST_STRINGS;
		break;
	case READS_MESSAGE:
		rule.kind = SECCOMP_PIN_BYTES;
		rule.max = sizeof(struct msghdr);
		rule.len = sizeof(struct msghdr);
		break;
	}
	return rule;
}

size_t pinned_slot(const struct row *row)
{
	return row->slot ? row->slot : 16U << 10;
}

struct seccomp_pin_rule *pinned_rules(const struct row *row, size_t *count)
{
	size_t n = pinredir_default_rules(NULL, 0, 0);
	struct seccomp_pin_rule *rules = calloc(n + 16, sizeof(*rules));
	const int *nr;
	unsigned int i;

	need(rules, "calloc");
	pinredir_default_rules(rules, n, sizeof(*rules));
	for (nr = row->traps; *nr >= 0; nr++) {
		const struct reads_list *list = reads_of(*nr);

		for (i = 0; i < list->count; i++)
			if (!has_rule(rules, n, *nr, list->items[i].arg))
				rules[n++] = rule_for(*nr, &list->items[i],
						      pinned_slot(row));
	}
	*count = n;
	return rules;
}

static void set_rules(struct pinredir *ctx, const struct row *row)
{
	size_t count;
	struct seccomp_pin_rule *rules = pinned_rules(row, &count);

	if (pinredir_set_rules(ctx, rules, count, sizeof(*rules)))
		fail("%s: rules", row->name);
	free(rules);
}

void *pinned_open(const struct supervised *supervised)
{
	const struct row *row = supervised->row;
	struct pinredir_options options = {
		.size = sizeof(options),
		.slot_size = pinned_slot(row),
	};
	struct pinredir *ctx;
	int err;

	notify_sync(supervised->listener);
	err = pinredir_open(&ctx, supervised->listener, &options);
	if (err)
		fail("pinredir_open: %s", strerror(-err));
	set_rules(ctx, row);
	return ctx;
}

struct pinredir_call *pinned_receive(void *opened)
{
	struct pinredir_call *call;
	int err;

	do
		err = pinredir_receive(opened, &call, 0);
	while (err == -EINTR);
	if (err && err != -ESRCH)
		fail("receiving: %s", strerror(-err));
	return err ? NULL : call;
}

void pinned_answer(void *opened, void *call)
{
	int err = pinned_look(call);

	(void)opened;
	if (!err)
		err = pinredir_allow(call);
	if (err)
		pinredir_deny(call, -err);
	pinredir_release(call);
}
