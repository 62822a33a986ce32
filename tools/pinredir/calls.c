// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <string.h>

#include "calls.h"
#include "socket.h"

static bool is_one_of(const struct pinredir_syscall *syscall,
		      const char *const *names)
{
	for (; *names; names++)
		if (!strcmp(syscall->name, *names))
			return true;
	return false;
}

/* Names of message queues are none of files. */
static const char *const no_files[] = { "mq_open", "mq_unlink", NULL };

/* The first argument of these is the text of a link. */
static const char *const make_symlink[] = { "symlink", "symlinkat", NULL };

/* Their file descriptors are no directories. */
static const char *const no_dirfd[] = { "inotify_add_watch", NULL };

unsigned int call_paths(const struct pinredir_syscall *syscall,
			struct call_path paths[CALL_PATHS])
{
	unsigned int i, count = 0;

	if (is_one_of(syscall, no_files))
		return 0;
	if (socket_path(syscall, &paths[0]))
		return 1;
	for (i = is_one_of(syscall, make_symlink); i < syscall->count; i++) {
		if (pinredir_argument(syscall, i)->shape != PINREDIR_PATH ||
		    count == CALL_PATHS)
			continue;
		paths[count].arg = i;
		paths[count].dirfd = CALL_NO_DIRFD;
		paths[count].kind = CALL_STRING;
		if (i && pinredir_argument(syscall, i - 1)->direction ==
		    PINREDIR_FD && !is_one_of(syscall, no_dirfd))
			paths[count].dirfd = i - 1;
		count++;
	}
	return count;
}

/* Files are opened by its own threads, or by polling ones: nothing traps. */
static const char *const ring_calls[] = {
	"io_uring_setup", "io_uring_enter", "io_uring_register", NULL
};

bool call_is_closed(const struct pinredir_syscall *syscall)
{
	return is_one_of(syscall, ring_calls);
}

int call_path_get(struct pinredir_call *call, const struct call_path *path,
		  const char **string)
{
	if (path->kind == CALL_STRING)
		return pinredir_get_string(call, path->arg, string);
	return socket_path_get(call, path, string);
}

int call_path_set(struct pinredir_call *call, const struct call_path *path,
		  const char *string)
{
	if (path->kind == CALL_STRING)
		return pinredir_set_string(call, path->arg, string);
	return socket_path_set(call, path, string);
}

static int filter_fill(scmp_filter_ctx filter,
		       bool (*wanted)(const struct pinredir_syscall *syscall,
				      void *data), void *data)
{
	const struct pinredir_syscall *syscall;
	const char *const *name;
	int err;
	size_t i;

	err = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH,
			       SCMP_ACT_KILL_PROCESS);
	/* By the number, in a tree: there are many rules. */
	if (!err)
		err = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	for (name = ring_calls; !err && *name; name++)
		err = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
				       seccomp_syscall_resolve_name(*name), 0);
	for (i = 0; !err && (syscall = pinredir_syscall_at(i)); i++)
		if (wanted(syscall, data))
			err = seccomp_rule_add(filter, SCMP_ACT_NOTIFY,
					       syscall->nr, 0);
	return err;
}

int calls_filter(scmp_filter_ctx *filter,
		 bool (*wanted)(const struct pinredir_syscall *syscall,
				void *data), void *data)
{
	int err;

	*filter = seccomp_init(SCMP_ACT_ALLOW);
	if (!*filter)
		return -ENOMEM;
	err = filter_fill(*filter, wanted, data);
	if (err)
		seccomp_release(*filter);
	return err;
}
