// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pin.h"
#include "storm.h"

uint64_t chance_seed(void)
{
	const char *given = getenv("SEED");
	uint64_t seed;

	if (given)
		seed = strtoull(given, NULL, 0);
	else
		assert_int_equal(getrandom(&seed, sizeof(seed), 0),
				 sizeof(seed));
	fprintf(stderr, "# SEED=%#llx\n", (unsigned long long)seed);
	return seed;
}

/* The finalizer of splitmix64: neighbours get nothing in common. */
static uint64_t chance_mix(uint64_t z)
{
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

void chance_init(struct chance *chance, uint64_t seed, uint64_t who)
{
	chance->state = chance_mix(seed ^ chance_mix(who + 1));
}

uint64_t chance_draw(struct chance *chance)
{
	chance->state += 0x9e3779b97f4a7c15ULL;
	return chance_mix(chance->state);
}

unsigned int chance_below(struct chance *chance, unsigned int n)
{
	return chance_draw(chance) % n;
}

bool chance_hit(struct chance *chance, unsigned int n)
{
	return !chance_below(chance, n);
}

void complain(const char *file, int line, const char *what, long value)
{
	char text[256];
	struct iovec iov = { .iov_base = text };

	iov.iov_len = snprintf(text, sizeof(text), "# %s:%d: %s (%ld)\n", file,
			       line, what, value);
	/* Targets trap in write(2), and their supervisor may be gone. */
	syscall(SYS_writev, STDERR_FILENO, &iov, 1);
	_exit(COMPLAINED);
}

bool one_of(int err, const int *list, unsigned int count)
{
	while (count--)
		if (err == -list[count])
			return true;
	return false;
}

/* 127 is a program's loader that was denied a file. */
static bool ended_well(int status)
{
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGKILL;
	return !WEXITSTATUS(status) || WEXITSTATUS(status) == 127;
}

int reap(pid_t *pid)
{
	int status;

	*pid = waitpid(-1, &status, WNOHANG);
	if (*pid <= 0)
		return *pid;
	if (!ended_well(status))
		fail_msg("process %d: status %#x", *pid, status);
	return 1;
}

void reap_orphans(void)
{
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
}

void reap_all(void)
{
	uint64_t start = now_ms();
	pid_t pid;
	int ret;

	while ((ret = reap(&pid)) >= 0) {
		if (ret)
			start = now_ms();
		else
			poll(NULL, 0, 1);
		assert_true(now_ms() - start < TIME_LIMIT_MS);
	}
	assert_int_equal(errno, ECHILD);
}

int module_refs(void)
{
	FILE *file = fopen("/sys/module/seccomp_pin/refcnt", "re");
	int refs;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%d", &refs), 1);
	fclose(file);
	return refs;
}

int module_unload(void)
{
	return syscall(SYS_delete_module, "seccomp_pin", O_NONBLOCK) ?
	       -errno : 0;
}

void module_load(void)
{
	const char *path = getenv("SECCOMP_PIN_MODULE");
	int fd;

	assert_non_null(path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(syscall(SYS_finit_module, fd, "", 0), 0);
	close(fd);
}
