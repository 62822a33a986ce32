/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Policies: which paths calls may run on, and which they run on instead.
 *
 * A rule is about a path and all below it. The longest rule decides; of rules
 * for the same path, deny comes first, then rewrite. What no rule is about is
 * allowed, or denied if there is a rule that allows something. A path that was
 * rewritten is judged again, by rules that allow or deny; to what it was rewritten
 * counts as allowed, so that only a rule as long or longer denies it.
 */
#ifndef POLICY_H
#define POLICY_H

#include <limits.h>
#include <stddef.h>
#include <stdio.h>

/* In the order in which they win over each other */
enum action {
	ACTION_ALLOW,
	ACTION_REWRITE,
	ACTION_DENY,
};

/**
 * struct rule - one rule
 * @action: what becomes of a path
 * @path: normalised
 * @len: of @path
 * @to: ACTION_REWRITE: instead of @path; normalised
 */
struct rule {
	enum action action;
	char *path;
	size_t len;
	char *to;
};

/**
 * struct policy - rules; all zero is one without any
 * @rules: in no order that matters
 * @count: how many
 * @others: what becomes of paths that no rule is about
 */
struct policy {
	struct rule *rules;
	size_t count;
	enum action others;
};

/**
 * struct verdict - what a policy says of a path
 * @action: what becomes of it
 * @rule: the rule that decided, or NULL
 * @path: ACTION_REWRITE, or ACTION_DENY by what it was rewritten to: the new path
 */
struct verdict {
	enum action action;
	const struct rule *rule;
	char path[PATH_MAX];
};

/**
 * policy_add - add a rule
 * @policy: the policy
 * @action: what becomes of @path
 * @path: absolute
 * @to: for ACTION_REWRITE, absolute; NULL otherwise
 *
 * Return: NULL, or what is wrong with it
 */
const char *policy_add(struct policy *policy, enum action action,
		       const char *path, const char *to);

/**
 * policy_read - add the rules of a file
 * @policy: the policy
 * @file: to be read
 * @line: set to the number of the line that is wrong; 0: the file cannot be read
 *
 * A line is "allow PATH", "deny PATH" or "rewrite PATH PATH"; an empty one and
 * what follows a '#' at the start of a word do not count. A word in double quotes
 * may hold blanks, and the escapes \" \\ \n \t and \ooo, an octal byte.
 *
 * Return: NULL, or what is wrong with it
 */
const char *policy_read(struct policy *policy, FILE *file,
			unsigned int *line);

/**
 * policy_judge - what becomes of a path
 * @policy: the policy
 * @path: absolute and normalised
 * @verdict: filled in
 *
 * Return: 0 or -ENAMETOOLONG: the path that it is rewritten to is
 */
int policy_judge(const struct policy *policy, const char *path,
		 struct verdict *verdict);

const char *action_name(enum action action);

void policy_free(struct policy *policy);

#endif /* POLICY_H */
