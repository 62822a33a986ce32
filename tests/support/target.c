// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pinredir.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "target.h"

static int trap_magic(void)
{
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, args[5])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TARGET_MAGIC, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {
		.filter = insns,
		.len = sizeof(insns) / sizeof(*insns),
	};
	int listener;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			   SECCOMP_FILTER_FLAG_NEW_LISTENER, &prog);
	return listener < 0 ? -errno : listener;
}

/* By name; or by number, behind a '#', for those that libseccomp does not know */
static int trap_nr(const char *name)
{
	return *name == '#' ? atoi(name + 1) :
			      seccomp_syscall_resolve_name(name);
}

int target_trap(const char *const *traps)
{
	scmp_filter_ctx filter;
	int err, nr;

	if (!traps)
		return trap_magic();
	filter = seccomp_init(SCMP_ACT_ALLOW);
	if (!filter)
		return -ENOMEM;
	err = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ALLOW);
	if (!err && **traps == '+')
		err = seccomp_arch_add(filter, SCMP_ARCH_X86);
	for (; !err && *traps; traps++) {
		if (**traps == '+') {
			err = seccomp_rule_add(filter, SCMP_ACT_NOTIFY,
				seccomp_syscall_resolve_name(*traps + 1), 0);
			continue;
		}
		nr = trap_nr(*traps);
		err = nr == __NR_SCMP_ERROR ? -EINVAL :
		      seccomp_rule_add(filter, SCMP_ACT_NOTIFY, nr, 0);
	}
	if (!err)
		err = seccomp_load(filter);
	if (!err)
		err = seccomp_notify_fd(filter);
	seccomp_release(filter);
	return err;
}

static int target_child(int socket, target_filter outer,
			const char *const *traps)
{
	int listener;

	/* No target outlives the test that made it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (outer)
		outer();
	listener = target_trap(traps);
	if (listener < 0 || pinredir_send_listener(socket, listener))
		return -1;
	close(listener);
	close(socket);
	return 0;
}

int target_start(struct target *target, target_filter outer,
		 const char *const *traps, int (*run)(void *arg), void *arg)
{
	int sockets[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets))
		return -errno;
	target->pid = fork();
	if (target->pid < 0) {
		target->listener = -errno;
	} else if (!target->pid) {
		close(sockets[0]);
		if (target_child(sockets[1], outer, traps))
			_exit(126);
		_exit(run(arg));
	}
	close(sockets[1]);
	if (target->pid > 0)
		target->listener = pinredir_recv_listener(sockets[0]);
	close(sockets[0]);
	return target->listener < 0 ? target->listener : 0;
}

static int exec_argv(void *arg)
{
	char **argv = arg;

	execvp(argv[0], argv);
	return 127;
}

int target_exec(struct target *target, const char *const *traps, char **argv)
{
	return target_start(target, NULL, traps, exec_argv, argv);
}

int target_wait(struct target *target)
{
	int status;

	if (target->listener >= 0)
		close(target->listener);
	target->listener = -1;
	while (waitpid(target->pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) :
				   128 + WTERMSIG(status);
}
