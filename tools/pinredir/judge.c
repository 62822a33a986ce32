// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>

#include "judge.h"
#include "path.h"

/* What mount() is to mount need not be a file: "proc". */
#define MOUNT_SOURCE	0
#define MOUNT_FLAGS	3

static bool names_no_file(struct pinredir_call *call,
			  const struct pinredir_syscall *syscall,
			  unsigned int arg, const char *path)
{
	return !strcmp(syscall->name, "mount") && arg == MOUNT_SOURCE &&
	       *path != '/' &&
	       !(pinredir_arg(call, MOUNT_FLAGS) & (MS_BIND | MS_MOVE));
}

/* Whether there is something to be got round */
static bool policy_denies(const struct policy *policy)
{
	size_t i;

	for (i = 0; i < policy->count; i++)
		if (policy->rules[i].action == ACTION_DENY)
			return true;
	return policy->others == ACTION_DENY;
}

/* A relative path; without an error, @absolute stays empty if nobody can tell. */
static int judged_absolute(const struct policy *policy,
			   struct pinredir_call *call,
			   const struct call_path *path, struct judged *judged)
{
	int dirfd = path->dirfd == CALL_NO_DIRFD ? AT_FDCWD :
		    (int)pinredir_arg(call, path->dirfd);
	int err = pinredir_absolute(call, dirfd, judged->path,
				    judged->absolute,
				    sizeof(judged->absolute));

	if (!err)
		return 0;
	judged->absolute[0] = '\0';
	if (err == PINREDIR_GONE || err == -EBADF || err == -ENOTDIR)
		return err;
	return policy_denies(policy) ? -EACCES : 0;
}

static int judged_run_on(struct pinredir_call *call,
			 const struct call_path *path, struct judged *judged)
{
	char *to = judged->verdict.path;
	size_t len = strlen(to);

	if (len > 1 && path_wants_directory(judged->path)) {
		if (len + 1 >= sizeof(judged->verdict.path))
			return -ENAMETOOLONG;
		strcpy(to + len, "/");
	}
	return call_path_set(call, path, to);
}

static int judge_path(const struct policy *policy, bool absolute,
		      struct pinredir_call *call,
		      const struct call_path *path, struct judged *judged)
{
	char name[sizeof(judged->absolute)];
	int err;

	if (*judged->path != '/') {
		err = judged_absolute(policy, call, path, judged);
		if (err || !judged->absolute[0])
			return err;
	}
	strcpy(name, judged->absolute[0] ? judged->absolute : judged->path);
	path_normalise(name);
	err = policy_judge(policy, name, &judged->verdict);
	if (err)
		return err;
	judged->has_verdict = true;
	if (judged->verdict.action == ACTION_DENY)
		return -EACCES;
	if (judged->verdict.action == ACTION_REWRITE)
		return judged_run_on(call, path, judged);
	if (!absolute || !judged->absolute[0])
		return 0;
	if (strlen(judged->absolute) >= PATH_MAX)
		return -ENAMETOOLONG;
	return call_path_set(call, path, judged->absolute);
}

int judge(const struct policy *policy, bool absolute,
	  struct pinredir_call *call, struct judgement *judgement)
{
	const struct pinredir_syscall *syscall =
		pinredir_syscall(pinredir_nr(call));
	struct call_path paths[CALL_PATHS];
	unsigned int i, count = call_paths(syscall, paths);
	struct judged *judged;
	int err;

	judgement->count = 0;
	judgement->by_bytes = true;
	for (i = 0; i < count; i++) {
		judged = &judgement->paths[i];
		judged->absolute[0] = '\0';
		judged->has_verdict = false;
		err = call_path_get(call, &paths[i], &judged->path);
		judgement->count++;
		if (err)
			return err;
		if (!judged->path || *judged->path != '/' ||
		    paths[i].kind != CALL_STRING)
			judgement->by_bytes = false;
		if (!judged->path || !*judged->path ||
		    names_no_file(call, syscall, paths[i].arg, judged->path))
			continue;
		err = judge_path(policy, absolute, call, &paths[i], judged);
		if (err)
			return err;
	}
	return 0;
}
