// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fail.h"
#include "filter.h"

/* The jumps to the end have eight bits. */
#define MOST	200

int filter_install(const int *traps, uint32_t action)
{
	struct sock_filter insns[MOST + 6];
	struct sock_fprog prog = { .filter = insns };
	unsigned int i, count, flags = 0;
	int ret;

	for (count = 0; traps[count] >= 0; count++)
		if (count == MOST)
			fail("too many calls for a filter");
	insns[prog.len++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		offsetof(struct seccomp_data, arch));
	insns[prog.len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
		AUDIT_ARCH_X86_64, 0, count + 1);
	insns[prog.len++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		offsetof(struct seccomp_data, nr));
	for (i = 0; i < count; i++)
		insns[prog.len++] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, traps[i], count - i, 0);
	insns[prog.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
		SECCOMP_RET_ALLOW);
	insns[prog.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action);

	need(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
	if (action == SECCOMP_RET_USER_NOTIF)
		flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	ret = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
	need(ret >= 0, "seccomp");
	return flags ? ret : -1;
}
