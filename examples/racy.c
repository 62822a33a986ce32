// SPDX-License-Identifier: GPL-2.0-only
/*
 * racy PATH COMMAND...: runs a program that is not to open PATH. It is a supervisor
 * as many are: it reads the path in its target's memory, and lets the call continue.
 * Then the kernel reads the path once more, and another thread has changed it.
 * sound.c is what becomes of it.
 *
 * gcc -o racy racy.c -lseccomp
 */
#define _GNU_SOURCE
#include <errno.h>
#include <error.h>
#include <limits.h>
#include <poll.h>
#include <seccomp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096

static const char *forbidden;

/* A string of the target's, page by page: the one behind it need not be there. */
static int read_string(pid_t pid, uint64_t address, char *buf, size_t size)
{
	size_t done = 0;

	while (done < size) {
		size_t len = PAGE - (address + done) % PAGE;
		struct iovec here = { buf + done, len };
		struct iovec there = { (void *)(address + done), len };
		ssize_t n;

		if (len > size - done)
			here.iov_len = size - done;
		n = process_vm_readv(pid, &here, 1, &there, 1, 0);
		if (n <= 0)
			return -EFAULT;
		if (memchr(buf + done, '\0', n))
			return 0;
		done += n;
	}
	return -ENAMETOOLONG;
}

/* 0 or a negative errno: whether the call may run */
static int judge(const char *path)
{
	return strcmp(path, forbidden) ? 0 : -EACCES;
}

static void answer(int listener, const struct seccomp_notif *req,
		   struct seccomp_notif_resp *resp)
{
	char path[PATH_MAX];

	resp->id = req->id;
	resp->val = 0;
	resp->flags = 0;
	resp->error = read_string(req->pid, req->data.args[1], path,
				  sizeof(path));
	if (seccomp_notify_id_valid(listener, req->id))
		return;
	if (!resp->error)
		resp->error = judge(path);
	if (!resp->error)
		resp->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	seccomp_notify_respond(listener, resp);
}

static int serve(int listener)
{
	struct pollfd pollfd = { .fd = listener, .events = POLLIN };
	struct seccomp_notif_resp *resp;
	struct seccomp_notif *req;

	if (seccomp_notify_alloc(&req, &resp))
		return -ENOMEM;
	while (poll(&pollfd, 1, -1) > 0 && !(pollfd.revents & POLLHUP)) {
		memset(req, 0, sizeof(*req));
		if (!seccomp_notify_receive(listener, req))
			answer(listener, req, resp);
	}
	seccomp_notify_free(req, resp);
	close(listener);
	return 0;
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
