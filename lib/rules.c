// SPDX-License-Identifier: LGPL-2.1-or-later
/* Rules: what targets copy when they trap. */
#include <limits.h>
#include <linux/openat2.h>
#include <seccomp.h>

#include "private.h"

/* Calls by name, with a bit for each argument that is a path */
static const struct {
	const char *name;
	unsigned int paths;
} path_calls[] = {
	{ "access", 1 << 0 },
	{ "acct", 1 << 0 },
	{ "chdir", 1 << 0 },
	{ "chmod", 1 << 0 },
	{ "chown", 1 << 0 },
	{ "chroot", 1 << 0 },
	{ "creat", 1 << 0 },
	{ "execve", 1 << 0 },
	{ "execveat", 1 << 1 },
	{ "faccessat", 1 << 1 },
	{ "faccessat2", 1 << 1 },
	{ "fanotify_mark", 1 << 4 },
	{ "fchmodat", 1 << 1 },
	{ "fchmodat2", 1 << 1 },
	{ "fchownat", 1 << 1 },
	{ "fspick", 1 << 1 },
	{ "futimesat", 1 << 1 },
	{ "getxattr", 1 << 0 | 1 << 1 },
	{ "inotify_add_watch", 1 << 1 },
	{ "lchown", 1 << 0 },
	{ "lgetxattr", 1 << 0 | 1 << 1 },
	{ "link", 1 << 0 | 1 << 1 },
	{ "linkat", 1 << 1 | 1 << 3 },
	{ "listxattr", 1 << 0 },
	{ "llistxattr", 1 << 0 },
	{ "lremovexattr", 1 << 0 | 1 << 1 },
	{ "lsetxattr", 1 << 0 | 1 << 1 },
	{ "lstat", 1 << 0 },
	{ "mkdir", 1 << 0 },
	{ "mkdirat", 1 << 1 },
	{ "mknod", 1 << 0 },
	{ "mknodat", 1 << 1 },
	{ "mount", 1 << 0 | 1 << 1 },
	{ "mount_setattr", 1 << 1 },
	{ "move_mount", 1 << 1 | 1 << 3 },
	{ "name_to_handle_at", 1 << 1 },
	{ "newfstatat", 1 << 1 },
	{ "open", 1 << 0 },
	{ "open_tree", 1 << 1 },
	{ "openat", 1 << 1 },
	{ "openat2", 1 << 1 },
	{ "pivot_root", 1 << 0 | 1 << 1 },
	{ "quotactl", 1 << 1 },
	{ "readlink", 1 << 0 },
	{ "readlinkat", 1 << 1 },
	{ "removexattr", 1 << 0 | 1 << 1 },
	{ "rename", 1 << 0 | 1 << 1 },
	{ "renameat", 1 << 1 | 1 << 3 },
	{ "renameat2", 1 << 1 | 1 << 3 },
	{ "rmdir", 1 << 0 },
	{ "setxattr", 1 << 0 | 1 << 1 },
	{ "stat", 1 << 0 },
	{ "statfs", 1 << 0 },
	{ "statx", 1 << 1 },
	{ "swapoff", 1 << 0 },
	{ "swapon", 1 << 0 },
	{ "symlink", 1 << 0 | 1 << 1 },
	{ "symlinkat", 1 << 0 | 1 << 2 },
	{ "truncate", 1 << 0 },
	{ "umount2", 1 << 0 },
	{ "unlink", 1 << 0 },
	{ "unlinkat", 1 << 1 },
	{ "uselib", 1 << 0 },
	{ "utime", 1 << 0 },
	{ "utimensat", 1 << 1 },
	{ "utimes", 1 << 0 },
};

/*
 * openat2(dirfd, path, how, size): the struct grows, and the kernel takes up to
 * a page of it.
 */
#define OPENAT2_HOW	2
#define OPENAT2_SIZE	3
#define OPENAT2_MAX	4096

static void rule_add(struct seccomp_pin_rule *rules, size_t room,
		     size_t *count, const struct seccomp_pin_rule *rule)
{
	if (*count < room)
		rules[*count] = *rule;
	++*count;
}

size_t pinredir_default_rules(struct seccomp_pin_rule *rules, size_t room)
{
	struct seccomp_pin_rule rule;
	size_t i, count = 0;
	unsigned int arg;
	int nr;

	for (i = 0; i < sizeof(path_calls) / sizeof(*path_calls); i++) {
		nr = seccomp_syscall_resolve_name(path_calls[i].name);
		/* Not there on this architecture, or newer than libseccomp */
		if (nr < 0)
			continue;
		for (arg = 0; arg < SECCOMP_PIN_ARGS; arg++) {
			if (!(path_calls[i].paths & 1 << arg))
				continue;
			rule = (struct seccomp_pin_rule){
				.nr = nr,
				.arg = arg,
				.kind = SECCOMP_PIN_STRING,
				.max = PATH_MAX,
			};
			rule_add(rules, room, &count, &rule);
		}
	}
	nr = seccomp_syscall_resolve_name("openat2");
	if (nr >= 0) {
		rule = (struct seccomp_pin_rule){
			.nr = nr,
			.arg = OPENAT2_HOW,
			.kind = SECCOMP_PIN_BYTES_ARG,
			.max = OPENAT2_MAX,
			.len = OPENAT2_SIZE,
		};
		rule_add(rules, room, &count, &rule);
	}
	return count;
}

int pinredir_set_rules(struct pinredir *ctx,
		       const struct seccomp_pin_rule *rules, size_t count)
{
	struct seccomp_pin_rules r = {
		.rules = (uintptr_t)rules,
		.count = count,
	};

	if (count > SECCOMP_PIN_MAX_RULES)
		return -EINVAL;
	return pinredir_ioctl(ctx->device, SECCOMP_PIN_RULES, &r);
}
