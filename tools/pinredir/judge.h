/* SPDX-License-Identifier: GPL-2.0-only */
/* What a policy says of a call. */
#ifndef JUDGE_H
#define JUDGE_H

#include <pinredir.h>
#include <stdbool.h>

#include "calls.h"
#include "policy.h"

/**
 * struct judged - a path of a call
 * @path: the call's bytes, in its slot; NULL if there are none
 * @absolute: made absolute, if it was relative; otherwise empty
 * @verdict: on it; without one, it names no file: what is open is open
 * @has_verdict: whether there is one
 */
struct judged {
	const char *path;
	char absolute[2 * PATH_MAX];
	struct verdict verdict;
	bool has_verdict;
};

/**
 * struct judgement - a call's
 * @paths: what was judged
 * @count: how many, with the one that decided
 * @by_bytes: nothing but the bytes of absolute paths had a part in it
 */
struct judgement {
	struct judged paths[CALL_PATHS];
	unsigned int count;
	bool by_bytes;
};

/**
 * judge - judge a call, and have it run on what it was judged by
 * @policy: the policy
 * @absolute: relative paths are replaced by the absolute ones that were judged
 * @call: the call; not answered here
 * @judgement: filled in
 *
 * Return: 0, or the negative errno that the call is to be denied with: -EACCES
 * for what is denied, and for what cannot be judged, if something could be denied;
 * otherwise what the kernel would have said
 */
int judge(const struct policy *policy, bool absolute,
	  struct pinredir_call *call, struct judgement *judgement);

#endif /* JUDGE_H */
