// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "calls.h"
#include "confine.h"
#include "judge.h"
#include "socket.h"

/* Files without a path, or by one that is not looked at; and others' memory */
static const struct {
	const char *name;
	int error;
} closed[] = {
	{ "open_by_handle_at", EPERM },
	/* Paths in structures, and programs that read and write memory */
	{ "bpf", EPERM },
	{ "perf_event_open", EPERM },
	{ "quotactl", EPERM },
	/* mount(8) goes on with mount(), which is looked at. */
	{ "fsopen", ENOSYS },
	{ "fspick", ENOSYS },
	{ "fsconfig", ENOSYS },
};

#define CLOSED	(sizeof(closed) / sizeof(*closed))

/* They type into the terminal, for the shell to execute outside of the policy. */
static const unsigned int typing[] = { TIOCSTI, TIOCLINUX };

static bool is_wanted(const struct pinredir_syscall *syscall, void *data)
{
	const struct policy *policy = data;
	struct call_path paths[CALL_PATHS];
	size_t i;

	for (i = 0; policy_denies(policy) && i < CLOSED; i++)
		if (!strcmp(syscall->name, closed[i].name))
			return false;
	if (socket_path(syscall, paths))
		/* send() is sendto() without an address. */
		return policy->count && strcmp(syscall->name, "sendto");
	return judge_wants(syscall);
}

static int add_closed(scmp_filter_ctx filter)
{
	size_t i;
	int err = 0;

	for (i = 0; !err && i < CLOSED; i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ERRNO(closed[i].error),
				       seccomp_syscall_resolve_name(closed[i].name),
				       0);
	/* The kernel looks at the lower half alone. */
	for (i = 0; !err && i < sizeof(typing) / sizeof(*typing); i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM),
				       SCMP_SYS(ioctl), 1,
				       SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffff,
					       typing[i]));
	return err;
}

static int add_sockets(scmp_filter_ctx filter)
{
	int err = seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(sendto),
				   1, SCMP_A4(SCMP_CMP_NE, 0));

	return err ? err : seccomp_rule_add(filter, SCMP_ACT_NOTIFY,
					    SCMP_SYS(sendmmsg), 0);
}

int confine_filter(scmp_filter_ctx *filter, const struct policy *policy)
{
	int err = calls_filter(filter, is_wanted, (void *)policy);

	if (err)
		return err;
	if (policy_denies(policy))
		err = add_closed(*filter);
	if (!err && policy->count)
		err = add_sockets(*filter);
	if (err)
		seccomp_release(*filter);
	return err;
}

static int deny(struct policy *policy, const char *path)
{
	/* Neither is wrong as a path: it may be known already. */
	return policy_add(policy, ACTION_DENY, path, NULL) ? -ENOMEM : 0;
}

int confine_protect(struct policy *policy, int log)
{
	char fd[32], path[PATH_MAX];
	bool device = policy_denies(policy);
	struct stat st;
	ssize_t n;
	int err = 0;

	if (log >= 0 && !fstat(log, &st) && S_ISREG(st.st_mode)) {
		snprintf(fd, sizeof(fd), "/proc/self/fd/%d", log);
		n = readlink(fd, path, sizeof(path) - 1);
		if (n < 0)
			return -errno;
		path[n] = '\0';
		err = deny(policy, path);
		device = true;
	}
	return !err && device ? deny(policy, SECCOMP_PIN_DEVICE) : err;
}

int confine_rights(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	const uint32_t right = 1U << CAP_SYS_PTRACE;

	if (syscall(SYS_capget, &header, data))
		return -errno;
	/* With no_new_privs, execve gives no right that was given up. */
	data[0].effective &= ~right;
	data[0].permitted &= ~right;
	data[0].inheritable &= ~right;
	return syscall(SYS_capset, &header, data) ? -errno : 0;
}
