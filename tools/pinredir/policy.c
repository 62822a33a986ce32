// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "path.h"
#include "policy.h"

#define BLANKS	" \t\r\n"
#define WORDS	3

static const char *const action_names[] = {
	[ACTION_ALLOW] = "allow",
	[ACTION_REWRITE] = "rewrite",
	[ACTION_DENY] = "deny",
};

const char *action_name(enum action action)
{
	return action_names[action];
}

static char *normalised(const char *path)
{
	char *copy = strdup(path);

	if (copy)
		path_normalise(copy);
	return copy;
}

/* Two rewrites of one path: neither is the better one. */
static bool policy_has_other(const struct policy *policy,
			     const struct rule *rule)
{
	size_t i;

	for (i = 0; i < policy->count; i++)
		if (policy->rules[i].to &&
		    !strcmp(policy->rules[i].path, rule->path) &&
		    strcmp(policy->rules[i].to, rule->to))
			return true;
	return false;
}

const char *policy_add(struct policy *policy, enum action action,
		       const char *path, const char *to)
{
	struct rule rule = { .action = action }, *rules;
	const char *wrong = "out of memory";

	if (*path != '/' || (to && *to != '/'))
		return "the path is not absolute";
	/* What no call can name, no rule should seem to be about. */
	if (strlen(path) >= PATH_MAX || (to && strlen(to) >= PATH_MAX))
		return "the path is too long";
	rule.path = normalised(path);
	rule.to = to ? normalised(to) : NULL;
	rules = reallocarray(policy->rules, policy->count + 1, sizeof(rule));
	if (rules)
		policy->rules = rules;
	if (!rules || !rule.path || (to && !rule.to))
		goto fail;
	wrong = "the path is rewritten to another one already";
	if (rule.to && policy_has_other(policy, &rule))
		goto fail;
	rule.len = strlen(rule.path);
	rules[policy->count++] = rule;
	if (action == ACTION_ALLOW)
		policy->others = ACTION_DENY;
	return NULL;

fail:
	free(rule.path);
	free(rule.to);
	return wrong;
}

static bool octal(char c)
{
	return c >= '0' && c <= '7';
}

/* The character behind a backslash; false: there is no such escape. */
static bool unescape(char **at, char *c)
{
	static const char from[] = "\"\\ntr", to[] = "\"\\\n\t\r";
	const char *known;
	char *s = *at;

	if (octal(s[0]) && octal(s[1]) && octal(s[2])) {
		*c = (s[0] - '0') << 6 | (s[1] - '0') << 3 | (s[2] - '0');
		*at += 3;
		/* Neither NUL nor what would be more than a byte */
		return *c && s[0] <= '3';
	}
	known = *s ? strchr(from, *s) : NULL;
	if (!known)
		return false;
	*c = to[known - from];
	*at += 1;
	return true;
}

/* A word in quotes, in place; @at is behind the first quote, then the last. */
static const char *unquote(char **at)
{
	char *from = *at, *to = *at, c;

	for (;;) {
		c = *from++;
		if (!c)
			return "there is no closing quote";
		if (c == '"')
			break;
		if (c == '\\' && !unescape(&from, &c))
			return "there is no such escape";
		*to++ = c;
	}
	if (*from && !strchr(BLANKS, *from))
		return "something follows the closing quote";
	/* The word ends before @from, where the line goes on. */
	if (*from)
		from++;
	*to = '\0';
	*at = from;
	return NULL;
}

/* The words of a line, in place */
static const char *split(char *line, char **words, size_t *count)
{
	const char *wrong;

	*count = 0;
	for (;;) {
		line += strspn(line, BLANKS);
		if (!*line || *line == '#')
			return NULL;
		if (*count == WORDS)
			return "there are too many words";
		if (*line == '"') {
			words[(*count)++] = ++line;
			wrong = unquote(&line);
			if (wrong)
				return wrong;
			continue;
		}
		words[(*count)++] = line;
		line += strcspn(line, BLANKS);
		if (*line)
			*line++ = '\0';
	}
}

static const char *policy_read_line(struct policy *policy, char *line)
{
	const char *wrong;
	char *words[WORDS];
	size_t count;

	wrong = split(line, words, &count);
	if (wrong || !count)
		return wrong;
	if (!strcmp(words[0], "rewrite"))
		return count == 3 ?
		       policy_add(policy, ACTION_REWRITE, words[1], words[2]) :
		       "rewrite takes two paths";
	if (!strcmp(words[0], "allow"))
		return count == 2 ?
		       policy_add(policy, ACTION_ALLOW, words[1], NULL) :
		       "allow takes one path";
	if (!strcmp(words[0], "deny"))
		return count == 2 ?
		       policy_add(policy, ACTION_DENY, words[1], NULL) :
		       "deny takes one path";
	return "the line begins with neither allow, deny nor rewrite";
}

const char *policy_read(struct policy *policy, FILE *file, unsigned int *line)
{
	const char *wrong = NULL;
	char *text = NULL;
	size_t room = 0;
	ssize_t len;

	*line = 0;
	while (!wrong && (len = getline(&text, &room, file)) >= 0) {
		++*line;
		wrong = memchr(text, '\0', len) ? "there is a NUL in the line" :
			policy_read_line(policy, text);
	}
	if (!wrong && !feof(file)) {
		wrong = strerror(errno);
		*line = 0;
	}
	free(text);
	return wrong;
}

/* The rule that decides, of those up to an action, or NULL */
static const struct rule *policy_find(const struct policy *policy,
				      const char *path, bool rewritten)
{
	const struct rule *rule, *best = NULL;

	for (rule = policy->rules; rule < policy->rules + policy->count;
	     rule++) {
		if (rewritten && rule->action == ACTION_REWRITE)
			continue;
		if (!path_below(path, rule->path, rule->len))
			continue;
		if (!best || rule->len > best->len ||
		    (rule->len == best->len && rule->action > best->action))
			best = rule;
	}
	return best;
}

static int policy_rewrite(const struct policy *policy, const struct rule *rule,
			  const char *path, struct verdict *verdict)
{
	const struct rule *deny;
	/* Below "/" nothing has to be taken off, and nothing put on to "/". */
	const char *rest = path + (rule->len > 1 ? rule->len : 0);
	const char *to = rule->to[1] ? rule->to : "";
	int len;

	if (!strcmp(rest, "/"))
		rest = "";
	len = snprintf(verdict->path, sizeof(verdict->path), "%s%s", to,
		       *to || *rest ? rest : "/");
	if (len >= (int)sizeof(verdict->path))
		return -ENAMETOOLONG;
	deny = policy_find(policy, verdict->path, true);
	if (deny && deny->action == ACTION_DENY &&
	    deny->len >= strlen(rule->to)) {
		verdict->action = ACTION_DENY;
		verdict->rule = deny;
	}
	return 0;
}

int policy_judge(const struct policy *policy, const char *path,
		 struct verdict *verdict)
{
	const struct rule *rule = policy_find(policy, path, false);

	verdict->rule = rule;
	verdict->action = rule ? rule->action : policy->others;
	verdict->path[0] = '\0';
	if (rule && rule->action == ACTION_REWRITE)
		return policy_rewrite(policy, rule, path, verdict);
	return 0;
}

/* Where a path leads, as far as it is there; what is not there is put behind that. */
static char *resolved(const char *path)
{
	char *copy = strdup(path), *end = copy ? copy + strlen(copy) : NULL;
	char *found = NULL, *whole = NULL;

	while (copy && end > copy) {
		*end = '\0';
		found = realpath(copy, NULL);
		if (found)
			break;
		while (end > copy && *--end != '/')
			;
	}
	if (copy && asprintf(&whole, "%s%s", found ? found : "",
			     path + (end - copy)) < 0)
		whole = NULL;
	free(found);
	free(copy);
	if (whole)
		path_normalise(whole);
	return whole;
}

static int rule_resolve(struct policy *policy, size_t i,
			void (*told)(const struct rule *rule, const char *to))
{
	const struct rule rule = policy->rules[i];
	char *path = resolved(rule.path);
	int err = path ? 0 : -ENOMEM;

	if (path && strcmp(path, rule.path)) {
		if (told)
			told(&rule, path);
		/* What is rewritten to another path by that name, stays so. */
		policy_add(policy, rule.action, path, rule.to);
	}
	free(path);
	return err;
}

int policy_resolve(struct policy *policy,
		   void (*told)(const struct rule *rule, const char *to))
{
	size_t i, count = policy->count;
	int err = 0;

	for (i = 0; !err && i < count; i++)
		err = rule_resolve(policy, i, told);
	return err;
}

static void verdict_deny(struct verdict *verdict, const struct rule *rule)
{
	verdict->action = ACTION_DENY;
	verdict->rule = rule;
}

/**
 * struct names - what the names say that a file had when all began
 * @any: there are some
 * @this: the one that it is called by is one of them
 * @free: one of the others is not denied
 * @denied: a rule that denies one of the others, or NULL
 * @inner: that is about a path below a mount
 */
struct names {
	bool any;
	bool this;
	bool free;
	const struct rule *denied;
	bool inner;
};

static void names_add(struct names *names, const struct policy *policy,
		      const struct mount *mount, const char *name)
{
	const struct rule *rule = policy_find(policy, name, false);
	enum action action = rule ? rule->action : policy->others;
	size_t len = strlen(mount->point);

	if (action != ACTION_DENY) {
		names->free = true;
	} else if (rule && !names->inner) {
		names->denied = rule;
		names->inner = rule->len > (len ? len : strlen("/"));
	}
}

void policy_judge_file(const struct policy *policy, const char *file,
		       const char *name, struct verdict *verdict)
{
	char other[3 * PATH_MAX];
	struct names names = { 0 };
	size_t i;

	for (i = 0; i < policy->mounts.count; i++) {
		const struct mount *mount = &policy->mounts.list[i];

		if (!mounts_name(&policy->mounts, policy->root, mount, file,
				 other, sizeof(other)))
			continue;
		names.any = true;
		if (!strcmp(other, name))
			names.this = true;
		else
			names_add(&names, policy, mount, other);
	}
	if (names.inner || (names.any && !names.this && !names.free))
		verdict_deny(verdict, names.denied);
}

/* What a tree of that name has below it that would be got round */
static const struct rule *policy_below(const struct policy *policy,
				       const char *name)
{
	size_t i, len = strlen(name);

	for (i = 0; i < policy->count; i++)
		if (policy->rules[i].action != ACTION_ALLOW &&
		    path_below(policy->rules[i].path, name, len))
			return &policy->rules[i];
	return NULL;
}

void policy_judge_tree(const struct policy *policy, const char *file,
		       const char *name, struct verdict *verdict)
{
	const struct rule *rule = policy_below(policy, name);
	char other_name[3 * PATH_MAX];
	size_t i;

	for (i = 0; !rule && i < policy->mounts.count; i++)
		if (mounts_name(&policy->mounts, policy->root,
				&policy->mounts.list[i], file, other_name,
				sizeof(other_name)))
			rule = policy_below(policy, other_name);
	if (rule)
		verdict_deny(verdict, rule);
}

bool policy_denies(const struct policy *policy)
{
	size_t i;

	for (i = 0; i < policy->count; i++)
		if (policy->rules[i].action == ACTION_DENY)
			return true;
	return policy->others == ACTION_DENY;
}

void policy_free(struct policy *policy)
{
	size_t i;

	for (i = 0; i < policy->count; i++) {
		free(policy->rules[i].path);
		free(policy->rules[i].to);
	}
	mounts_free(&policy->mounts);
	free(policy->rules);
	*policy = (struct policy){ 0 };
}
