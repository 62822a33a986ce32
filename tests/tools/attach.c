// SPDX-License-Identifier: GPL-2.0-only
/*
 * attach PID [UID]: tries each way to get hold of a process, as this user or another,
 * and prints what came of it: to attach to it, to open its memory, to read it, and to
 * take a file from it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static void say(const char *what, long ret)
{
	printf("%s %s\n", what, ret < 0 ? strerrorname_np(errno) : "0");
}

int main(int argc, char **argv)
{
	char path[32], byte;
	struct iovec local = { &byte, 1 }, remote = { main, 1 };
	pid_t pid;

	if (argc < 2)
		return 2;
	pid = atoi(argv[1]);
	if (argc > 2 && (setresgid(atoi(argv[2]), atoi(argv[2]), atoi(argv[2])) ||
			 setresuid(atoi(argv[2]), atoi(argv[2]), atoi(argv[2]))))
		return 2;
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	say("mem", open(path, O_RDWR));
	say("getfd", syscall(SYS_pidfd_getfd,
			     syscall(SYS_pidfd_open, pid, 0), 0, 0));
	/* What is there is of no interest, and may be nothing. */
	if (process_vm_readv(pid, &local, 1, &remote, 1, 0) < 0 &&
	    errno == EFAULT)
		say("read", 0);
	else
		say("read", errno == EPERM ? -1 : 0);
	say("seize", ptrace(PTRACE_SEIZE, pid, 0, 0));
	return 0;
}
