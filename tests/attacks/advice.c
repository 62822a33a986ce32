// SPDX-License-Identifier: GPL-2.0-only
/* Every advice that there is, and the numbers that are none. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "attack.h"

#define MOST_ADVICE	127

/* As of Linux 6.18; the headers may be older. */
static const unsigned char known[] = {
	0, 1, 2, 3, 4, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
	22, 23, 24, 25, 100, 101, 102, 103,
};

static bool is_known(int advice)
{
	unsigned int i;

	for (i = 0; i < sizeof(known); i++)
		if (known[i] == advice)
			return true;
	return false;
}

static void advise(struct attack_run *a)
{
	attack_step(a, madvise(a->path, PAGE, a->attack->arg));
}

/* One step for them all: what is said to each */
static void advise_unknown(struct attack_run *a)
{
	int advice, said = EINVAL;

	for (advice = 0; advice <= MOST_ADVICE; advice++) {
		if (is_known(advice))
			continue;
		errno = 0;
		madvise(a->path, PAGE, advice);
		if (errno != EINVAL)
			said = errno;
	}
	errno = said;
	attack_step(a, said ? -1 : 0);
}

static long advise_process(struct attack_run *a, int pidfd, int advice)
{
	struct iovec iov = { .iov_base = a->path, .iov_len = PAGE };
	long n = syscall(SYS_process_madvise, pidfd, &iov, 1, advice, 0);

	return n < 0 ? -1 : 0;
}

/* The four that are for other processes, and as one step all others */
static void advise_from_outside(struct attack_run *a)
{
	static const unsigned char remote[] = { 3, 20, 21, 25 };
	int advice, said = EINVAL;
	int pidfd = syscall(SYS_pidfd_open, a->pid, 0);
	unsigned int i;

	for (i = 0; i < sizeof(remote); i++)
		attack_step(a, advise_process(a, pidfd, remote[i]));
	for (advice = 0; advice <= MOST_ADVICE; advice++) {
		if (advice == 3 || advice == 20 || advice == 21 || advice == 25)
			continue;
		errno = 0;
		advise_process(a, pidfd, advice);
		if (errno != EINVAL)
			said = errno;
	}
	errno = said;
	attack_step(a, said ? -1 : 0);
	close(pidfd);
}

static const char no_byte[] = "changes no byte";
static const char hint[] = "a hint";

#define ADVICE(nr, name, control, why, said)				\
	{ "MADV_" name, advise, nr, SHARING, control, why, said }

const struct attack advice_attacks[] = {
	ADVICE(0, "NORMAL", NONE, hint, "0"),
	ADVICE(1, "RANDOM", NONE, hint, "0"),
	ADVICE(2, "SEQUENTIAL", NONE, hint, "0"),
	ADVICE(3, "WILLNEED", NONE, hint, "0"),
	ADVICE(4, "DONTNEED", PRIVATE, NULL, "0"),
	ADVICE(8, "FREE", NONE, "takes effect when memory is short", "EINVAL"),
	ADVICE(9, "REMOVE", SEALED, NULL, "EACCES"),
	ADVICE(10, "DONTFORK", NONE, no_byte, "0"),
	ADVICE(11, "DOFORK", NONE, "see above, with a child", "EINVAL"),
	ADVICE(12, "MERGEABLE", NONE, no_byte, "0"),
	ADVICE(13, "UNMERGEABLE", NONE, no_byte, "0"),
	ADVICE(14, "HUGEPAGE", NONE, hint, "0"),
	ADVICE(15, "NOHUGEPAGE", NONE, hint, "0"),
	ADVICE(16, "DONTDUMP", NONE, no_byte, "0"),
	ADVICE(17, "DODUMP", NONE, no_byte, "EINVAL"),
	ADVICE(18, "WIPEONFORK", NONE, "changes a child's", "EINVAL"),
	ADVICE(19, "KEEPONFORK", NONE, no_byte, "0"),
	ADVICE(20, "COLD", NONE, hint, "0"),
	ADVICE(21, "PAGEOUT", NONE, no_byte, "0"),
	ADVICE(22, "POPULATE_READ", NONE, no_byte, "0"),
	ADVICE(23, "POPULATE_WRITE", NONE, no_byte, "EINVAL"),
	ADVICE(24, "DONTNEED_LOCKED", PRIVATE, NULL, "0"),
	ADVICE(25, "COLLAPSE", NONE, no_byte, "EINVAL"),
	ADVICE(100, "HWPOISON", NONE, "not configured", "EINVAL"),
	ADVICE(101, "SOFT_OFFLINE", NONE, "not configured", "EINVAL"),
	ADVICE(102, "GUARD_INSTALL", NONE, "not in Linux 6.12", "EINVAL"),
	ADVICE(103, "GUARD_REMOVE", NONE, "not in Linux 6.12", "EINVAL"),
	{ "madvise() with each other number up to 127", advise_unknown, 0,
	  SHARING, NONE, "unknown to the kernel", "EINVAL" },
	{ "process_madvise(): WILLNEED COLD PAGEOUT COLLAPSE, others",
	  advise_from_outside, 0, SHARING | AT(ROOT), NONE,
	  "takes what changes no byte", "0 0 0 EINVAL EINVAL" },
	{ "the same without CAP_SYS_NICE", advise_from_outside, 0,
	  AT(CHILD) | AT(USER), NONE, "takes what changes no byte",
	  "EPERM EPERM EPERM EPERM EINVAL" },
	{ }
};
