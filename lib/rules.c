// SPDX-License-Identifier: LGPL-2.1-or-later
/* Rules: what targets copy when they trap. */
#include <limits.h>
#include <stdlib.h>

#include "private.h"

/* What comes with a path is copied as well. */
static bool has_path(const struct pinredir_syscall *row)
{
	unsigned int arg;

	for (arg = 0; arg < row->count; arg++)
		if (pinredir_argument(row, arg)->shape == PINREDIR_PATH)
			return true;
	return false;
}

/* Whether there is a rule by default, and which */
static bool rule_fill(struct seccomp_pin_rule *rule,
		      const struct pinredir_syscall *row, unsigned int arg)
{
	const struct pinredir_argument *argument = pinredir_argument(row, arg);

	*rule = (struct seccomp_pin_rule){
		.nr = row->nr,
		.arg = arg,
		.max = argument->most,
	};
	switch (argument->shape) {
	case PINREDIR_PATH:
		rule->kind = SECCOMP_PIN_STRING;
		return true;
	case PINREDIR_STRING:
		/* That one is too long is for the kernel to say, in its words. */
		rule->kind = SECCOMP_PIN_STRING;
		rule->max = PATH_MAX;
		return has_path(row);
	case PINREDIR_SIZED:
		rule->kind = SECCOMP_PIN_BYTES_ARG;
		rule->len = argument->length_arg;
		return has_path(row);
	default:
		return false;
	}
}

/* The first version, and what this library knows */
#define RULE_FIRST	SIZE_TO(struct seccomp_pin_rule, len)
#define RULE_SIZE	sizeof(struct seccomp_pin_rule)

size_t pinredir_default_rules(struct seccomp_pin_rule *rules, size_t room,
			      size_t size)
{
	unsigned char *to = (unsigned char *)rules;
	const struct pinredir_syscall *row = NULL;
	struct seccomp_pin_rule rule;
	unsigned int arg;
	size_t count = 0;

	if (room && size < RULE_FIRST)
		return 0;
	while ((row = pinredir_syscall_after(row))) {
		for (arg = 0; arg < row->count; arg++) {
			if (!rule_fill(&rule, row, arg))
				continue;
			if (count < room)
				pinredir_sized_out(to + count * size, size,
						   &rule, sizeof(rule));
			count++;
		}
	}
	return count;
}

int pinredir_set_rules(struct pinredir *ctx,
		       const struct seccomp_pin_rule *rules, size_t count,
		       size_t size)
{
	const unsigned char *from = (const unsigned char *)rules;
	struct seccomp_pin_rules r = { .count = count };
	struct seccomp_pin_rule *known;
	int err = 0;
	size_t i;

	if (count > SECCOMP_PIN_MAX_RULES)
		return -EINVAL;
	known = calloc(count + 1, RULE_SIZE);
	if (!known)
		return -ENOMEM;
	for (i = 0; i < count && !err; i++)
		err = pinredir_sized_in(&known[i], RULE_SIZE, from + i * size,
					size, RULE_FIRST);
	r.rules = (uintptr_t)known;
	if (!err)
		err = pinredir_request(ctx, SECCOMP_PIN_RULES, &r);
	free(known);
	return err;
}
