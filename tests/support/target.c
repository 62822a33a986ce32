// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <pinredir.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "target.h"

int target_trap(const char *const *traps)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int err, nr;

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
		nr = seccomp_syscall_resolve_name(*traps);
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
