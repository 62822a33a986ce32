// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/mount.h>

#include "judge.h"
#include "layers.h"
#include "path.h"

/* What mount() is to mount need not be a file: "proc". */
#define MOUNT_SOURCE	0
#define MOUNT_TYPE	2
#define MOUNT_FLAGS	3
#define MOUNT_DATA	4

/* unlinkat() */
#define UNLINK_FLAGS	2

/* openat2() */
#define HOW		2
#define HOW_SIZE	3
#define HOW_MOST	4096
/* These say what a path is relative to, which an absolute path in its place would not. */
#define RESOLVE_FROM	(RESOLVE_BENEATH | RESOLVE_IN_ROOT | RESOLVE_NO_XDEV)

/* What there is to know of calls by their names */
enum trait {
	/* What is below its paths gets other names, by which no rule knows it. */
	TRAIT_TREE = 1 << 0,
	/* Afterwards, names can mean something else, to this target or to others. */
	TRAIT_NAMES = 1 << 1,
	/* Its other arguments say what its paths are. */
	TRAIT_EACH = 1 << 2,
	/* It makes file systems. */
	TRAIT_MAKES = 1 << 3,
};

static const struct {
	const char *name;
	unsigned int traits;
} traits[] = {
	{ "rename", TRAIT_TREE },
	{ "renameat", TRAIT_TREE },
	{ "renameat2", TRAIT_TREE },
	{ "mount", TRAIT_NAMES | TRAIT_EACH | TRAIT_MAKES },
	{ "umount2", TRAIT_NAMES },
	{ "move_mount", TRAIT_NAMES },
	{ "chroot", TRAIT_NAMES },
	{ "pivot_root", TRAIT_NAMES },
	{ "setns", TRAIT_NAMES },
};

static unsigned int call_traits(const struct pinredir_syscall *syscall)
{
	size_t i;

	for (i = 0; i < sizeof(traits) / sizeof(*traits); i++)
		if (!strcmp(syscall->name, traits[i].name))
			return traits[i].traits;
	return 0;
}

bool judge_wants(const struct pinredir_syscall *syscall)
{
	struct call_path paths[CALL_PATHS];

	return call_paths(syscall, paths) || call_traits(syscall);
}

bool judge_each(const struct pinredir_syscall *syscall)
{
	return call_traits(syscall) & TRAIT_EACH;
}

/**
 * struct request - a path that is being judged
 * @judge: by what
 * @call: the call
 * @view: of its thread, or NULL: nobody can tell, and nothing is denied
 * @traits: of the call
 * @resolve: of openat2(), else 0
 * @path_arg: which argument it is, or is in
 * @dirfd: what it is relative to
 * @path: as the call has it
 * @run: what the call runs on instead; empty: @path itself
 * @place: where it leads
 */
struct request {
	struct judge *judge;
	struct pinredir_call *call;
	const struct view *view;
	unsigned int traits;
	uint64_t resolve;
	const struct call_path *path_arg;
	int dirfd;
	const char *path;
	char run[PATH_MAX];
	struct place place;
};

static bool names_no_file(struct pinredir_call *call,
			  const struct pinredir_syscall *syscall,
			  unsigned int arg, const char *path)
{
	return !strcmp(syscall->name, "mount") && arg == MOUNT_SOURCE &&
	       *path != '/' &&
	       !(pinredir_arg(call, MOUNT_FLAGS) & (MS_BIND | MS_MOVE));
}

/* How openat2() is to resolve its path, pinned as well */
static int call_resolve(struct pinredir_call *call,
			const struct pinredir_syscall *syscall,
			uint64_t *resolve)
{
	size_t len = pinredir_arg(call, HOW_SIZE);
	struct open_how how;
	const void *bytes;
	int err;

	*resolve = 0;
	/* Of other sizes the kernel takes none. */
	if (strcmp(syscall->name, "openat2") || len < sizeof(how) ||
	    len > HOW_MOST)
		return 0;
	err = pinredir_get_bytes(call, HOW, &bytes, &len);
	if (err || !bytes)
		return err ? err : -EFAULT;
	memcpy(&how, bytes, sizeof(how));
	*resolve = how.resolve;
	return 0;
}

static bool is_relative(const struct request *request)
{
	return *request->path != '/' || request->resolve & RESOLVE_IN_ROOT;
}

static int run_on(struct request *request, const char *name)
{
	if (strlen(name) + sizeof("/.") > sizeof(request->run))
		return -ENAMETOOLONG;
	strcpy(request->run, name);
	if (path_ends_in_dots(request->path))
		strcat(request->run, "/.");
	else if (strcmp(name, "/") && path_wants_directory(request->path))
		strcat(request->run, "/");
	return 0;
}

/*
 * The name without "..", which is what is judged. The call runs on it too, so that a link in
 * it leads the call nowhere else.
 */
static int request_by_text(struct request *request, const char *path,
			   size_t floor)
{
	char text[PATH_MAX];
	int err = place_append(&request->place, path, floor);

	if (err || !path_dots(request->path))
		return err;
	strcpy(text, request->path);
	path_normalise(text);
	return run_on(request, text);
}

/* Where ".." follows a symbolic link. Returns 1; 0: the path is to be read as text. */
static int request_by_links(struct request *request, const char *path)
{
	size_t dots = path_dots(path);
	struct place found;
	int err;

	if (!dots || request->resolve & RESOLVE_FROM)
		return 0;
	err = place_resolve(request->view, &request->place, path, dots, &found);
	if (err <= 0)
		return err == PLACE_UNKNOWN ? 0 : err;
	err = place_append(&found, path + dots, found.root);
	if (err)
		return err == PLACE_UNKNOWN ? 0 : err;
	request->place = found;
	err = run_on(request, place_name(&request->place));
	return err ? err : 1;
}

/* Where the path leads, and what to run on. Returns what place_directory() does. */
static int request_locate(struct request *request)
{
	bool in_root = request->resolve & RESOLVE_IN_ROOT;
	struct place *place = &request->place;
	const char *path = request->path;
	size_t floor;
	int err;

	if (is_relative(request)) {
		err = place_directory(request->view, request->dirfd,
				      in_root ? NULL : &path, place);
		if (err)
			return err;
	} else {
		place_root(request->view, place);
	}
	err = request_by_links(request, path);
	if (err)
		return err < 0 ? err : 0;
	floor = in_root || place->deep ? strlen(place->name) : place->root;
	return request_by_text(request, path, floor);
}

/* The directory is not looked up again: it could have become another one. */
static int request_absolute(struct request *request)
{
	const char *name = place_name(&request->place);
	struct place named;
	int err;

	if (!request->judge->absolute || !is_relative(request) ||
	    request->resolve & RESOLVE_FROM)
		return 0;
	if (request->place.deep)
		return -ENAMETOOLONG;
	if (request->place.outside)
		return PLACE_UNKNOWN;
	/* What is mounted over the directory has its name. */
	place_root(request->view, &named);
	err = place_append(&named, name, named.root);
	if (err || named.mount != request->place.mount)
		return err ? err : PLACE_UNKNOWN;
	return run_on(request, name);
}

static int request_rewrite(struct request *request, struct judged *judged)
{
	/* It would be looked for below the directory. */
	if (request->resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT))
		return -EXDEV;
	if (request->place.deep)
		return -ENAMETOOLONG;
	return run_on(request, judged->verdict.path);
}

/* The verdict on the file that the name leads to, which it may have others for */
static int request_file(struct request *request, struct judged *judged)
{
	const struct policy *policy = &request->judge->policy;
	char file[sizeof(request->place.name)];
	const char *name = judged->verdict.path;
	int err = 0;

	if (judged->verdict.action == ACTION_REWRITE) {
		place_root(request->view, &request->place);
		err = place_append(&request->place, name,
				   request->place.root);
	} else {
		name = place_name(&request->place);
	}
	if (!err)
		err = place_file(&request->place, file, sizeof(file));
	if (err)
		return err;
	policy_judge_file(policy, file, name, &judged->verdict);
	if (request->traits & TRAIT_TREE)
		policy_judge_tree(policy, file, name, &judged->verdict);
	return 0;
}

/* What is decided by its name; the file can be denied all the same. */
static int request_verdict(struct request *request, const char *name,
			   struct judged *judged)
{
	int err = policy_judge(&request->judge->policy, name,
			       &judged->verdict);

	if (err)
		return err;
	judged->has_verdict = true;
	if (judged->verdict.action == ACTION_REWRITE)
		return request_rewrite(request, judged);
	return 0;
}

static int request_judge(struct request *request, struct judged *judged)
{
	int err = request_locate(request);

	if (err)
		return err;
	if (is_relative(request) || *request->run)
		strcpy(judged->absolute, place_name(&request->place));
	err = request_verdict(request, place_name(&request->place), judged);
	if (!err && judged->verdict.action == ACTION_ALLOW)
		err = request_absolute(request);
	if (!err && judged->verdict.action != ACTION_DENY)
		err = request_file(request, judged);
	return err;
}

/* Nobody can tell where the target is, and nothing is denied: only texts count. */
static int request_judge_text(struct request *request, struct judged *judged)
{
	char text[PATH_MAX];

	request->place.deep = false;
	if (is_relative(request))
		return 0;
	strcpy(text, request->path);
	path_normalise(text);
	return request_verdict(request, text, judged);
}

/* What the target is told, where it is not what the kernel would say */
static int request_error(const struct request *request, int err)
{
	switch (err) {
	case 0:
	case -EBADF:
	case -ENOENT:
	case -ENOTDIR:
	case -ENAMETOOLONG:
	case -EXDEV:
		return err;
	default:
		return policy_denies(&request->judge->policy) ? -EACCES : 0;
	}
}

/* ".." is not removed. Its directory would not be either, but with another errno. */
static bool removes_dots(const struct request *request)
{
	const char *name = pinredir_syscall(pinredir_nr(request->call))->name;

	return *request->run && path_ends_in_dots(request->path) &&
	       (!strcmp(name, "rmdir") ||
		(!strcmp(name, "unlinkat") &&
		 pinredir_arg(request->call, UNLINK_FLAGS) & AT_REMOVEDIR));
}

static int judge_path(struct request *request, struct judged *judged)
{
	int err;

	*request->run = '\0';
	/* The kernel refuses it. */
	if (request->resolve & RESOLVE_BENEATH && *request->path == '/')
		return 0;
	err = request->view ? request_judge(request, judged) :
			      request_judge_text(request, judged);
	err = request_error(request, err);
	if (err)
		return err;
	if (judged->has_verdict && judged->verdict.action == ACTION_DENY)
		return -EACCES;
	if (removes_dots(request))
		return -ENOTEMPTY;
	return *request->run ?
	       call_path_set(request->call, request->path_arg, request->run) :
	       0;
}

/* A directory whose files get other names, without a mount that would tell */
static int judge_layer(const struct request *of, const char *path,
		       struct judged *judged)
{
	struct request request = *of;
	struct judged layer = { .has_verdict = false };
	int err;

	request.traits |= TRAIT_TREE;
	request.dirfd = AT_FDCWD;
	request.path = path;
	*request.run = '\0';
	err = request_error(&request, request_judge(&request, &layer));
	if (err || !layer.has_verdict ||
	    layer.verdict.action == ACTION_ALLOW)
		return err;
	/* What is rewritten would not be, below another name. */
	judged->verdict = layer.verdict;
	judged->verdict.action = ACTION_DENY;
	judged->has_verdict = true;
	return -EACCES;
}

static int judge_layers(const struct request *request, struct judged *judged)
{
	const char *options;
	char path[PATH_MAX];
	bool list = false;
	int err = pinredir_get_string(request->call, MOUNT_DATA, &options);

	if (err || !options)
		return err;
	while ((err = layers_next(&options, &list, path, sizeof(path))) > 0) {
		err = *path ? judge_layer(request, path, judged) : 0;
		if (err)
			return err;
	}
	return err;
}

/* The type of the file system that mount() makes */
static int judge_type(const struct request *request, struct judged *judged)
{
	const char *type;
	bool known;
	int err = pinredir_get_string(request->call, MOUNT_TYPE, &type);

	if (err || !type || !layers_type(type, &known))
		return err;
	if (known && request->view)
		return judge_layers(request, judged);
	return policy_denies(&request->judge->policy) ? -EACCES : 0;
}

/* Whether names mean to the target what they mean to the supervisor */
static bool view_is_worlds(const struct view *view)
{
	return view && view->own && !*view->root &&
	       view->root_mount->id == view->world->root;
}

static int judge_paths(struct request *request, const struct call_path *paths,
		       unsigned int count, struct judgement *judgement)
{
	const struct pinredir_syscall *syscall =
		pinredir_syscall(pinredir_nr(request->call));
	struct judged *judged = judgement->paths;
	unsigned int i;
	int err;

	if (!view_is_worlds(request->view) || request->resolve)
		judgement->by_bytes = false;
	for (i = 0; i < count; i++) {
		judged = &judgement->paths[i];
		judged->absolute[0] = '\0';
		judged->has_verdict = false;
		request->path_arg = &paths[i];
		request->dirfd = paths[i].dirfd == CALL_NO_DIRFD ? AT_FDCWD :
			(int)pinredir_arg(request->call, paths[i].dirfd);
		err = call_path_get(request->call, &paths[i], &judged->path);
		judgement->count++;
		if (err)
			return err;
		if (!judged->path || *judged->path != '/' ||
		    paths[i].kind != CALL_STRING || path_dots(judged->path))
			judgement->by_bytes = false;
		if (!judged->path || !*judged->path ||
		    names_no_file(request->call, syscall, paths[i].arg,
				  judged->path))
			continue;
		request->path = judged->path;
		err = judge_path(request, judged);
		if (err)
			return err;
	}
	return request->traits & TRAIT_MAKES ?
	       judge_type(request, judged) : 0;
}

int judge_call(struct judge *judge, struct pinredir_call *call,
	       struct judgement *judgement)
{
	const struct pinredir_syscall *syscall =
		pinredir_syscall(pinredir_nr(call));
	struct request request = { .judge = judge, .call = call };
	struct call_path paths[CALL_PATHS];
	unsigned int count = call_paths(syscall, paths);
	struct view view;
	int err;

	request.traits = call_traits(syscall);
	judgement->count = 0;
	judgement->by_bytes = true;
	judgement->changes_names = request.traits & TRAIT_NAMES;
	if (!count)
		return 0;
	err = call_resolve(call, syscall, &request.resolve);
	if (err)
		return err;
	err = view_open(&view, &judge->world, pinredir_pid(call));
	if (!err)
		request.view = &view;
	if (err == -ESRCH)
		err = PINREDIR_GONE;
	else if (!err || !policy_denies(&judge->policy))
		err = judge_paths(&request, paths, count, judgement);
	else
		err = -EACCES;
	view_close(&view);
	return err;
}
