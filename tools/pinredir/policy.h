/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Policies: which paths calls may run on, and which they run on instead.
 *
 * A rule is about a path and all below it. The longest rule decides; of rules
 * for the same path, deny comes first, then rewrite. What no rule is about is
 * allowed, or denied if there is a rule that allows something. A path that was
 * rewritten is judged again, by rules that allow or deny; to what it was rewritten
 * counts as allowed, so that only a rule as long or longer denies it.
 *
 * A file has other names where its file system is mounted once more, or where another
 * root is. So it is also judged by the names that it had when all began.
 */
#ifndef POLICY_H
#define POLICY_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "mounts.h"

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
 * @mounts: those that its paths are about
 * @root: the one that their root is on
 * @others: what becomes of paths that no rule is about
 */
struct policy {
	struct rule *rules;
	size_t count;
	struct mounts mounts;
	const struct mount *root;
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

/**
 * policy_resolve - have rules for what the paths of rules lead to
 * @policy: the policy
 * @told: called for each path that leads by way of symbolic links to another one, for
 *	which there is such a rule as well now; or NULL
 *
 * Return: 0 or -ENOMEM
 */
int policy_resolve(struct policy *policy,
		   void (*told)(const struct rule *rule, const char *to));

/**
 * policy_judge_file - what becomes of a file by its other names
 * @policy: the policy
 * @file: where it is, by mount_file()
 * @name: by which @verdict is: its path, or that which it is rewritten to
 * @verdict: changed if the file is denied
 *
 * A rule about a path below a mount is about the files there, whatever their names. A
 * rule about all of a mount leaves names alone that the files have elsewhere, if they had
 * them from the beginning: a backup may show the root, and be denied.
 */
void policy_judge_file(const struct policy *policy, const char *file,
		       const char *name, struct verdict *verdict);

/**
 * policy_judge_tree - what becomes of a directory that is to have another name
 * @policy: the policy
 * @file: where it is, by mount_file()
 * @name: as for policy_judge_file()
 * @verdict: changed to a denial if something below is denied or rewritten, which it
 *	would not be by its next name
 */
void policy_judge_tree(const struct policy *policy, const char *file,
		       const char *name, struct verdict *verdict);

/* Whether there is something to be got round */
bool policy_denies(const struct policy *policy);

const char *action_name(enum action action);

void policy_free(struct policy *policy);

#endif /* POLICY_H */
