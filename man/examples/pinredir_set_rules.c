// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <pinredir.h>
#include <seccomp.h>
#include <stdlib.h>

/* The rules that there are anyway, and one for execve's argv */
int set_rules(struct pinredir *ctx)
{
	size_t count = pinredir_default_rules(NULL, 0, 0);
	struct seccomp_pin_rule *rules = calloc(count + 1, sizeof(*rules));
	int err;

	if (!rules)
		return -ENOMEM;
	pinredir_default_rules(rules, count, sizeof(*rules));
	rules[count] = (struct seccomp_pin_rule){
		.nr = SCMP_SYS(execve),
		.arg = 1,
		.kind = PINREDIR_VECTOR,
		.max = 8192,	/* bytes, of a slot's 16384 */
		.len = 256,	/* strings */
	};
	err = pinredir_set_rules(ctx, rules, count + 1, sizeof(*rules));
	free(rules);
	return err;
}
