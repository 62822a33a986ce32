/* SPDX-License-Identifier: GPL-2.0-only */
/* What a policy says of a call. */
#ifndef JUDGE_H
#define JUDGE_H

#include <pinredir.h>
#include <stdbool.h>

#include "calls.h"
#include "place.h"
#include "policy.h"

/**
 * struct judge - by what calls are judged
 * @policy: the policy
 * @world: the supervisor's mounts
 * @absolute: relative paths are replaced by the absolute ones that were judged
 */
struct judge {
	struct policy policy;
	struct world world;
	bool absolute;
};

/**
 * struct judged - a path of a call
 * @path: the call's bytes, in its slot; NULL if there are none
 * @absolute: where it leads, if it is relative, or if the call runs on that; otherwise
 *	empty
 * @verdict: on it; without one, it names no file: what is open is open
 * @has_verdict: whether there is one
 */
struct judged {
	const char *path;
	char absolute[sizeof(((struct place *)NULL)->name)];
	struct verdict verdict;
	bool has_verdict;
};

/**
 * struct judgement - a call's
 * @paths: what was judged
 * @count: how many, with the one that decided
 * @by_bytes: nothing but the bytes of absolute paths had a part in it, and the mounts
 *	and the root that the supervisor has as well
 * @changes_names: if the call is allowed, names can mean something else
 */
struct judgement {
	struct judged paths[CALL_PATHS];
	unsigned int count;
	bool by_bytes;
	bool changes_names;
};

/**
 * judge_wants - whether a call has a part in what names mean, or has paths
 * @syscall: the call
 */
bool judge_wants(const struct pinredir_syscall *syscall);

/* Whether no answer to it is one for other calls with the same bytes */
bool judge_each(const struct pinredir_syscall *syscall);

/**
 * judge_call - judge a call, and have it run on what it was judged by
 * @judge: by what
 * @call: the call; not answered here
 * @judgement: filled in
 *
 * Return: 0, or the negative errno that the call is to be denied with: -EACCES
 * for what is denied, and for what cannot be judged, if something could be denied;
 * otherwise what the kernel would have said
 */
int judge_call(struct judge *judge, struct pinredir_call *call,
	       struct judgement *judgement);

#endif /* JUDGE_H */
