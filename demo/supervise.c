// SPDX-License-Identifier: GPL-2.0-only
/*
 * supervise [--pinned|--unpinned] [--rewrite FROM=TO] [--only PATH] COMMAND...
 *
 * Runs COMMAND with the paths of its open, openat, openat2, execve and unlinkat
 * supervised. --rewrite answers one path from another file; --only denies every
 * openat of a path below the same directory as PATH that is not PATH. --unpinned
 * does what supervisors have to do without seccomp-pin: look at the path in the
 * target's memory, and let the call continue on whatever is there by then.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <linux/openat2.h>
#include <pinredir.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "target.h"

static const char *const traps[] = {
	"open", "openat", "openat2", "execve", "unlinkat", NULL
};

static struct {
	bool unpinned;
	char *from;
	const char *to;
	const char *only;
	unsigned long calls;
} options;

static int nr_openat2, nr_open, nr_execve;

static int fail(const char *what, int err)
{
	fprintf(stderr, "supervise: %s: %s\n", what, strerror(-err));
	return 1;
}

/* Which argument is the path */
static unsigned int path_arg(int nr)
{
	return nr == nr_open || nr == nr_execve ? 0 : 1;
}

static bool forbidden(const char *path)
{
	const char *slash;

	if (!options.only)
		return false;
	slash = strrchr(options.only, '/');
	return !strncmp(path, options.only, slash + 1 - options.only) &&
	       strcmp(path, options.only);
}

/* 0 if the call was allowed, or why not */
static int supervise_call(struct pinredir_call *call)
{
	unsigned int arg = path_arg(pinredir_nr(call));
	const char *path;
	int err;

	err = pinredir_get_string(call, arg, &path);
	if (!err && pinredir_nr(call) == nr_openat2) {
		size_t len = pinredir_arg(call, 3);
		const void *how;

		err = pinredir_get_bytes(call, 2, &how, &len);
	}
	if (!err && path && forbidden(path))
		err = -EACCES;
	if (!err && path && options.from && !strcmp(path, options.from))
		err = pinredir_set_string(call, arg, options.to);
	return err ? err : pinredir_allow(call);
}

static int pinned(int listener)
{
	struct pinredir *ctx;
	struct pinredir_call *call;
	int err = pinredir_open(&ctx, listener, NULL);

	if (err)
		return fail("pinredir_open", err);
	close(listener);
	while (!(err = pinredir_receive(ctx, &call, 0)) || err == -EINTR) {
		if (err)
			continue;
		options.calls++;
		err = supervise_call(call);
		if (err)
			pinredir_deny(call, -err);
		pinredir_release(call);
	}
	pinredir_close(ctx);
	/* No targets are left: that is how it should end. */
	return err == -ESRCH ? 0 : fail("supervising", err);
}

static int unpinned_answer(int listener, const struct seccomp_notif *notif)
{
	char path[PATH_MAX];
	struct seccomp_notif_resp resp = { .id = notif->id };
	struct iovec here = { .iov_base = path, .iov_len = sizeof(path) - 1 };
	struct iovec there = { .iov_len = sizeof(path) - 1 };
	unsigned long to_page;
	ssize_t n;

	there.iov_base =
		(void *)(uintptr_t)notif->data.args[path_arg(notif->data.nr)];
	/* Not beyond the page, if there is no other behind it */
	to_page = 4096 - ((uintptr_t)there.iov_base & 4095);
	if (to_page < there.iov_len)
		there.iov_len = to_page;
	n = process_vm_readv(notif->pid, &here, 1, &there, 1, 0);
	if (n < 0)
		n = 0;
	path[n] = '\0';
	if (forbidden(path))
		resp.error = -EACCES;
	else
		resp.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &resp) &&
	    errno != ENOENT)
		return -errno;
	return 0;
}

static int unpinned(int listener)
{
	struct seccomp_notif notif;
	int err = 0;

	while (!err) {
		memset(&notif, 0, sizeof(notif));
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &notif)) {
			/* No targets, or one that was killed */
			if (errno == ENOENT)
				break;
			if (errno != EINTR)
				err = -errno;
			continue;
		}
		options.calls++;
		err = unpinned_answer(listener, &notif);
	}
	close(listener);
	return err ? fail("supervising", err) : 0;
}

static int parse(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (!strcmp(argv[i], "--unpinned")) {
			options.unpinned = true;
		} else if (!strcmp(argv[i], "--pinned")) {
			options.unpinned = false;
		} else if (!strcmp(argv[i], "--only") && i + 1 < argc &&
			   strchr(argv[i + 1], '/')) {
			options.only = argv[++i];
		} else if (!strcmp(argv[i], "--rewrite") && i + 1 < argc &&
			   strchr(argv[i + 1], '=')) {
			options.from = argv[++i];
			options.to = strchr(argv[i], '=') + 1;
			*strchr(argv[i], '=') = '\0';
		} else {
			return 0;
		}
	}
	return i < argc ? i : 0;
}

int main(int argc, char **argv)
{
	struct target target;
	int err, status, first = parse(argc, argv);

	if (!first) {
		fputs("usage: supervise [--pinned|--unpinned] [--rewrite FROM=TO] [--only PATH] COMMAND...\n",
		      stderr);
		return 2;
	}
	nr_open = seccomp_syscall_resolve_name("open");
	nr_openat2 = seccomp_syscall_resolve_name("openat2");
	nr_execve = seccomp_syscall_resolve_name("execve");

	err = target_exec(&target, traps, &argv[first]);
	if (err)
		return fail("starting the target", err);
	err = options.unpinned ? unpinned(target.listener) :
				 pinned(target.listener);
	/* It is closed, and nobody can wait for an answer any more. */
	target.listener = -1;
	status = target_wait(&target);
	fprintf(stderr, "supervise: %lu calls supervised\n", options.calls);
	return err ? err : status;
}
