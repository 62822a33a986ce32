// SPDX-License-Identifier: GPL-2.0-only
/*
 * sound PATH COMMAND...: runs a program that does not open PATH, by that name. It
 * was racy.c.
 *
 * gcc -o sound sound.c $(pkg-config --cflags --libs pinredir) -lseccomp
 */
#define _GNU_SOURCE
#include <errno.h>
#include <error.h>
#include <pinredir.h>
#include <seccomp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *forbidden;

/* 0 or a negative errno: whether the call may run */
static int judge(const char *path)
{
	return strcmp(path, forbidden) ? 0 : -EACCES;
}

static void answer(struct pinredir_call *call)
{
	const char *path;
	int err = pinredir_get_string(call, 1, &path);

	if (!err && path)
		err = judge(path);
	if (!err)
		err = pinredir_allow(call);
	if (err)
		pinredir_deny(call, -err);
}

static int serve(int listener)
{
	struct pinredir_call *call;
	struct pinredir *ctx;
	int err = pinredir_open(&ctx, listener, NULL);

	close(listener);
	if (err)
		return err;
	while (!(err = pinredir_receive(ctx, &call, 0)) || err == -EINTR) {
		if (err)
			continue;
		answer(call);
		pinredir_release(call);
	}
	pinredir_close(ctx);
	return err == -ESRCH ? 0 : err;
}

/* A child under the filter, which waits until its listener was taken over */
static pid_t start(scmp_filter_ctx filter, char **argv, int *listener)
{
	int number, pidfd, sockets[2];
	char byte = 0;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets))
		return -1;
	pid = fork();
	if (!pid) {
		if (seccomp_load(filter))
			_exit(126);
		number = seccomp_notify_fd(filter);
		if (write(sockets[1], &number, sizeof(number)) < 0 ||
		    read(sockets[1], &byte, 1) != 1)
			_exit(126);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(sockets[1]);
	if (pid < 0 || read(sockets[0], &number, sizeof(number)) < 4)
		return -1;
	pidfd = syscall(SYS_pidfd_open, pid, 0);
	*listener = syscall(SYS_pidfd_getfd, pidfd, number, 0);
	if (*listener < 0 || write(sockets[0], &byte, 1) < 0)
		return -1;
	close(pidfd);
	close(sockets[0]);
	return pid;
}

/* They open by a name as well. Programs that know no other than one of them fail. */
static const int others[] = {
	SCMP_SYS(open), SCMP_SYS(creat), SCMP_SYS(openat2), SCMP_SYS(open_tree),
	SCMP_SYS(io_uring_setup),
};

int main(int argc, char **argv)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	size_t i;
	int err, listener, status;
	pid_t pid;

	if (argc < 3)
		error(2, 0, "usage: PATH COMMAND...");
	forbidden = argv[1];
	seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(openat), 0);
	for (i = 0; i < sizeof(others) / sizeof(*others); i++)
		seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), others[i], 0);
	pid = start(filter, argv + 2, &listener);
	if (pid < 0)
		error(126, errno, "%s", argv[2]);
	err = serve(listener);
	if (err)
		error(126, -err, "supervising");
	if (waitpid(pid, &status, 0) < 0)
		error(126, errno, "%s", argv[2]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
