// SPDX-License-Identifier: GPL-2.0-only
/*
 * number NR...: makes each of these calls, with arguments of 0, and prints what it
 *	came to, a line for one
 * number outer NR COMMAND...: runs it under a filter by which the call fails with
 *	EDOM, unless a filter that is installed later says what it fails with
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int outer(unsigned int nr, char **command)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EDOM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { .len = 4, .filter = filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog))
		return 2;
	execvp(command[0], command);
	return 127;
}

int main(int argc, char **argv)
{
	long ret;
	int i;

	if (argc > 3 && !strcmp(argv[1], "outer"))
		return outer(atoi(argv[2]), argv + 3);
	for (i = 1; i < argc; i++) {
		ret = syscall(atol(argv[i]), 0, 0, 0, 0, 0, 0);
		puts(ret < 0 ? strerrorname_np(errno) : "0");
	}
	return 0;
}
