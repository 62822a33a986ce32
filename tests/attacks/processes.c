// SPDX-License-Identifier: GPL-2.0-only
/* Attacks on processes, their memory and files: the target, the supervisor. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"

#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

/* What can be done with an arena that was got hold of */
enum { WRITE, MAP, PUNCH, TRUNCATE };

static void write_memory(struct attack_run *a)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", a->pid);
	fd = open(path, O_RDWR | O_CLOEXEC);
	attack_step(a, fd);
	attack_step(a, pwrite(fd, PLANTED, sizeof(PLANTED),
			      (uintptr_t)a->path));
	close(fd);
}

static void write_process(struct attack_run *a)
{
	struct iovec from = { .iov_base = PLANTED, .iov_len = sizeof(PLANTED) };
	struct iovec to = { .iov_base = a->path, .iov_len = sizeof(PLANTED) };

	attack_step(a, process_vm_writev(a->pid, &from, 1, &to, 1, 0));
}

static void poke(struct attack_run *a)
{
	char bytes[24] = PLANTED;
	unsigned int i;
	long word, ret = 0;

	attack_step(a, ptrace(PTRACE_ATTACH, a->tid, NULL, NULL));
	/* Not one's own child unless it is attached */
	waitpid(a->tid, NULL, __WALL);
	for (i = 0; !ret && i < sizeof(bytes); i += sizeof(word)) {
		memcpy(&word, bytes + i, sizeof(word));
		ret = ptrace(PTRACE_POKEDATA, a->tid, a->path + i, word);
	}
	attack_step(a, ret);
	ptrace(PTRACE_DETACH, a->tid, NULL, NULL);
}

static long map_and_write(struct attack_run *a, int fd)
{
	char *map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			 a->offset);

	if (map == MAP_FAILED)
		return -1;
	strcpy(map, PLANTED);
	return 0;
}

static void change_file(struct attack_run *a, int fd)
{
	switch (a->attack->arg) {
	case WRITE:
		attack_step(a, pwrite(fd, PLANTED, sizeof(PLANTED), a->offset));
		break;
	case MAP:
		attack_step(a, map_and_write(a, fd));
		break;
	case PUNCH:
		attack_step(a, fallocate(fd, FALLOC_FL_PUNCH_HOLE |
					 FALLOC_FL_KEEP_SIZE, a->offset, PAGE));
		break;
	case TRUNCATE:
		attack_step(a, ftruncate(fd, 0));
		break;
	}
}

static void reopen_mapping(struct attack_run *a)
{
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/map_files/%lx-%lx", a->pid,
		 (unsigned long)a->map, (unsigned long)(a->map + a->len));
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (attack_step(a, fd))
		change_file(a, fd);
	close(fd);
}

static bool is_memfd(const char *path)
{
	char link[64] = "";

	return readlink(path, link, sizeof(link) - 1) > 0 &&
	       !strncmp(link, "/memfd:", 7);
}

/* Any memfd among the files that are open, by their names in /proc */
static int find_fd(pid_t pid)
{
	struct dirent *entry;
	char path[300];
	int fd = -1, err = ENOENT;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	if (!dir)
		return -1;
	while (fd < 0 && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%s", pid,
			 entry->d_name);
		if (is_memfd(path)) {
			fd = open(path, O_RDWR | O_CLOEXEC);
			err = errno;
		}
	}
	closedir(dir);
	errno = err;
	return fd;
}

static void reopen_fd(struct attack_run *a)
{
	int fd = find_fd(a->pid);

	if (attack_step(a, fd))
		change_file(a, fd);
	close(fd);
}

/* The same by number: ENOENT if none of them is one */
static void take_fd(struct attack_run *a)
{
	int pidfd = syscall(SYS_pidfd_open, a->pid, 0);
	int nr, fd = -1, err = ENOENT;
	char path[64];

	for (nr = 0; fd < 0 && nr < 64; nr++) {
		fd = syscall(SYS_pidfd_getfd, pidfd, nr, 0);
		if (fd < 0 && errno != EBADF)
			err = errno;
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		if (fd >= 0 && !is_memfd(path)) {
			close(fd);
			fd = -1;
		}
	}
	errno = err;
	if (attack_step(a, fd))
		change_file(a, fd);
	close(fd);
	close(pidfd);
}

static void execute(struct attack_run *a)
{
	attack_step(a, execl("/bin/true", "true", NULL));
}

#define OTHERS		(AT(CHILD) | AT(USER) | AT(ROOT))
#define ALL_ROOTS	(AT(ROOT_PEER) | AT(ROOT))

const struct attack process_attacks[] = {
	{ "write to /proc/self/mem, /proc/PID/mem", write_memory, 0,
	  SHARING | OTHERS, PRIVATE, NULL, "0 EIO" },
	{ "process_vm_writev()", write_process, 0, SHARING | OTHERS, PRIVATE,
	  NULL, "EFAULT" },
	{ "PTRACE_POKEDATA", poke, 0, OTHERS, PRIVATE, NULL, "0 EIO" },
	{ "reopened through map_files, pwrite()", reopen_mapping, WRITE,
	  ALL_ROOTS, SEALED, NULL, "0 EPERM" },
	{ "reopened through map_files, mmap(), store", reopen_mapping, MAP,
	  ALL_ROOTS, SEALED, NULL, "0 EPERM" },
	{ "reopened through map_files, PUNCH_HOLE", reopen_mapping, PUNCH,
	  ALL_ROOTS, SEALED, NULL, "0 EPERM" },
	{ "reopened through map_files, ftruncate()", reopen_mapping, TRUNCATE,
	  ALL_ROOTS, SEALED, NULL, "0 EPERM" },
	{ "the same without CAP_CHECKPOINT_RESTORE", reopen_mapping, WRITE,
	  SHARING | AT(CHILD) | AT(USER), NONE, "refused everywhere", "EPERM" },
	{ "reopened through /proc/PID/fd, pwrite()", reopen_fd, WRITE,
	  SHARING | OTHERS, MEMFD, NULL, "ENOENT" },
	{ "reopened through /proc/PID/fd, PUNCH_HOLE", reopen_fd, PUNCH,
	  SHARING | OTHERS, MEMFD, NULL, "ENOENT" },
	{ "reopened through /proc/PID/fd, ftruncate()", reopen_fd, TRUNCATE,
	  SHARING | OTHERS, MEMFD, NULL, "ENOENT" },
	{ "pidfd_getfd(), pwrite()", take_fd, WRITE, SHARING | OTHERS, MEMFD,
	  NULL, "ENOENT" },
	{ "execve() in another thread", execute, 0, AT(PEER), NONE,
	  "ends the call, with its memory", NULL },
	{ }
};

#define AROUND	(AT(PEER) | AT(USER))

const struct attack supervisor_attacks[] = {
	{ "write to /proc/SUPERVISOR/mem", write_memory, 0, AROUND, UNGUARDED,
	  NULL, "EACCES EBADF" },
	{ "process_vm_writev() to the supervisor", write_process, 0, AROUND,
	  UNGUARDED, NULL, "EPERM" },
	{ "PTRACE_POKEDATA to the supervisor", poke, 0, AROUND, UNGUARDED,
	  NULL, "EPERM ESRCH" },
	{ "reopened through /proc/SUPERVISOR/fd, pwrite()", reopen_fd, WRITE,
	  AROUND, UNGUARDED, NULL, "EACCES" },
	{ "reopened through /proc/SUPERVISOR/fd, ftruncate()", reopen_fd,
	  TRUNCATE, AROUND, UNGUARDED, NULL, "EACCES" },
	{ "pidfd_getfd() from the supervisor, pwrite()", take_fd, WRITE, AROUND,
	  UNGUARDED, NULL, "EPERM" },
	{ "a store through what it inherited", attack_store, 0,
	  AT(SUPERVISORS_CHILD), UNGUARDED, NULL, "EFAULT" },
	{ "a memfd that it inherited, pwrite()", reopen_fd, WRITE,
	  AT(SUPERVISORS_CHILD), UNGUARDED, NULL, "ENOENT" },
	{ }
};
