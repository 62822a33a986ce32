// SPDX-License-Identifier: LGPL-2.1-or-later
/* Rules: what targets copy when they trap. */
#include <limits.h>

#include "private.h"

/* What comes with a path is copied as well. */
static bool has_path(const struct pinredir_syscall *row)
{
	unsigned int arg;

	for (arg = 0; arg < row->count; arg++)
		if (row->args[arg].shape == PINREDIR_PATH)
			return true;
	return false;
}

/* Whether there is a rule by default, and which */
static bool rule_fill(struct seccomp_pin_rule *rule,
		      const struct pinredir_syscall *row, unsigned int arg)
{
	const struct pinredir_argument *argument = &row->args[arg];

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

size_t pinredir_default_rules(struct seccomp_pin_rule *rules, size_t room)
{
	const struct pinredir_syscall *row = NULL;
	struct seccomp_pin_rule rule;
	unsigned int arg;
	size_t count = 0;

	while ((row = pinredir_syscall_after(row))) {
		for (arg = 0; arg < row->count; arg++) {
			if (!rule_fill(&rule, row, arg))
				continue;
			if (count < room)
				rules[count] = rule;
			count++;
		}
	}
	return count;
}

int pinredir_set_rules(struct pinredir *ctx,
		       const struct seccomp_pin_rule *rules, size_t count)
{
	struct seccomp_pin_rules r = {
		.rules = (uintptr_t)rules,
		.count = count,
	};

	if (count > SECCOMP_PIN_MAX_RULES)
		return -EINVAL;
	return pinredir_request(ctx, SECCOMP_PIN_RULES, &r);
}
