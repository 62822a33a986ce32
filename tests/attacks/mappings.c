// SPDX-License-Identifier: GPL-2.0-only
/* Attacks that replace the mapping, or change what may be done with it. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <linux/prctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"

#ifndef SYS_mseal
#define SYS_mseal 462
#endif

#define RW	(PROT_READ | PROT_WRITE)

/* mmap() and mremap() say -1 as others do. */
static bool map_step(struct attack_run *a, void *map)
{
	return attack_step(a, map == MAP_FAILED ? -1 : 0);
}

/* What many attacks end with */
static void map_there(struct attack_run *a)
{
	char *page = mmap(a->path, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE |
			  MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (map_step(a, page))
		strcpy(page, PLANTED);
}

static void read_there(struct attack_run *a)
{
	int ends[2];

	if (pipe(ends) || write(ends[1], PLANTED, sizeof(PLANTED)) < 0)
		return;
	attack_step(a, read(ends[0], a->path, sizeof(PLANTED)));
	close(ends[0]);
	close(ends[1]);
}

static void protect(struct attack_run *a)
{
	attack_step(a, mprotect(a->path, PAGE, a->attack->arg));
	if (a->attack->arg & PROT_WRITE)
		attack_store(a);
}

/* A key of one's own can be put on it even where protections are the same. */
static void protect_with_key(struct attack_run *a)
{
	int key = pkey_alloc(0, 0);

	attack_step(a, key);
	attack_step(a, pkey_mprotect(a->path, PAGE, PROT_READ, key));
	attack_step(a, pkey_mprotect(a->path, PAGE, RW, key));
	attack_store(a);
}

static void unmap_all(struct attack_run *a)
{
	attack_step(a, munmap(a->map, a->len));
	map_there(a);
}

static void unmap_part(struct attack_run *a)
{
	attack_step(a, munmap(a->path, PAGE));
	map_there(a);
}

/* It is moved where there is room. */
static void remap_larger(struct attack_run *a)
{
	map_step(a, mremap(a->map, a->len, 2 * a->len, MREMAP_MAYMOVE));
	map_there(a);
}

static void remap_smaller(struct attack_run *a)
{
	map_step(a, mremap(a->map, a->len, PAGE, 0));
	map_there(a);
}

static void remap_away(struct attack_run *a)
{
	char *to = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			0);

	map_step(a, mremap(a->path, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
			   to));
	map_there(a);
}

/* The mapping stays, its pages go. */
static void remap_pages_away(struct attack_run *a)
{
	/* glibc leaves the new address to chance. */
	attack_step(a, syscall(SYS_mremap, a->path, PAGE, PAGE,
			       MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL));
}

/* A second mapping of the same, for which there could be other rules */
static void remap_copy(struct attack_run *a)
{
	char *copy = mremap(a->path, 0, PAGE, MREMAP_MAYMOVE);

	if (!map_step(a, copy))
		return;
	attack_step(a, mprotect(copy, PAGE, RW));
	strcpy(copy, PLANTED);
}

static void remap_onto(struct attack_run *a)
{
	map_step(a, mremap(attack_page(), PAGE, PAGE,
			   MREMAP_MAYMOVE | MREMAP_FIXED, a->path));
}

static void map_over(struct attack_run *a, char *at, size_t len)
{
	if (map_step(a, mmap(at, len, RW,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0)))
		strcpy(a->path, PLANTED);
}

static void map_over_all(struct attack_run *a)
{
	map_over(a, a->map, a->len);
}

static void map_over_part(struct attack_run *a)
{
	map_over(a, a->path, PAGE);
}

/* From a page before it to a page in it, so that there is a hole to begin in */
static void map_over_edge(struct attack_run *a)
{
	map_over(a, a->map - PAGE, a->path + 2 * PAGE - a->map);
}

/* The memfd of the control has another path a page further on. */
static void remap_file(struct attack_run *a)
{
	attack_step(a, remap_file_pages(a->path, PAGE, 0, a->offset / PAGE + 1,
					0));
}

static void attach_over(struct attack_run *a)
{
	int id = shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0600);

	attack_step(a, id);
	if (attack_step(a, (long)shmat(id, a->path, SHM_REMAP)))
		strcpy(a->path, PLANTED);
	shmctl(id, IPC_RMID, NULL);
}

/* It returns where the break is, wherever it was to be. */
static bool break_step(struct attack_run *a, char *at)
{
	errno = ENOMEM;
	return attack_step(a, (char *)syscall(SYS_brk, at) == at ? 0 : -1);
}

static void shrink_heap(struct attack_run *a)
{
	break_step(a, a->path);
	map_there(a);
}

/* What is said to be the heap can be cut off; saying so takes no privilege. */
static void declare_heap(struct attack_run *a)
{
	uint64_t here = (uintptr_t)attack_page();
	struct prctl_mm_map map = {
		.start_code = here,
		.end_code = here + 1,
		.start_data = here,
		.end_data = here,
		.start_brk = (uintptr_t)a->map,
		.brk = (uintptr_t)(a->map + a->len),
		.start_stack = here,
		.arg_start = here,
		.arg_end = here,
		.env_start = here,
		.env_end = here,
		.exe_fd = -1,
	};

	attack_step(a, prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0));
	break_step(a, a->path);
	map_there(a);
}

static void seal_again(struct attack_run *a)
{
	attack_step(a, syscall(SYS_mseal, a->map, a->len, 0));
	attack_step(a, syscall(SYS_mseal, a->map, a->len, 1));
	attack_step(a, munmap(a->map, a->len));
}

static void grow_neighbour(struct attack_run *a)
{
	char *next = a->map - PAGE;

	map_step(a, mmap(next, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS |
			 MAP_FIXED_NOREPLACE, -1, 0));
	map_step(a, mremap(next, PAGE, 3 * PAGE, 0));
}

/* A page further on, and then on that page, which is free. */
static void grow_stack(struct attack_run *a)
{
	char *end = a->map + a->len;

	map_step(a, mmap(end + PAGE, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS |
			 MAP_GROWSDOWN | MAP_FIXED_NOREPLACE, -1, 0));
	attack_store_at(a, end);
	attack_store(a);
}

static void protect_in_child(struct attack_run *a)
{
	attack_step(a, madvise(a->map, a->len, MADV_DOFORK));
	if (!fork()) {
		attack_step(a, mprotect(a->path, PAGE, RW));
		attack_store(a);
		_exit(0);
	}
	wait(NULL);
}

const struct attack mapping_attacks[] = {
	{ "a plain store", attack_store, 0, SHARING, PRIVATE, NULL, "EFAULT" },
	{ "read() into it", read_there, 0, SHARING, PRIVATE, NULL, "EFAULT" },
	{ "mprotect() writable, store", protect, RW, SHARING, MEMFD, NULL,
	  "EACCES EFAULT" },
	{ "mprotect() unreadable", protect, PROT_NONE, SHARING, PRIVATE, NULL,
	  "EPERM" },
	{ "pkey_mprotect() with a key, writable, store", protect_with_key, 0,
	  SHARING, MEMFD, NULL, "0 EPERM EACCES EFAULT" },
	{ "mprotect() in a forked child, store", protect, RW, AT(CHILD), MEMFD,
	  NULL, "ENOMEM EFAULT" },
	{ "MADV_DOFORK, mprotect() in a child, store", protect_in_child, 0,
	  SHARING, MEMFD, NULL, "EINVAL ENOMEM EFAULT" },
	{ "munmap() of all, own page there", unmap_all, 0, SHARING, PRIVATE,
	  NULL, "EPERM EEXIST" },
	{ "munmap() of a page, own page there", unmap_part, 0, SHARING,
	  PRIVATE, NULL, "EPERM EEXIST" },
	{ "mremap() larger, own page there", remap_larger, 0, SHARING, PRIVATE,
	  NULL, "EPERM EEXIST" },
	{ "mremap() smaller, own page there", remap_smaller, 0, SHARING,
	  PRIVATE, NULL, "EPERM EEXIST" },
	{ "mremap() away, own page there", remap_away, 0, SHARING, PRIVATE,
	  NULL, "EPERM EEXIST" },
	{ "mremap() of its pages, MREMAP_DONTUNMAP", remap_pages_away, 0,
	  SHARING, PRIVATE, NULL, "EPERM" },
	{ "mremap() to a second mapping, writable", remap_copy, 0, SHARING,
	  MEMFD, NULL, "EPERM" },
	{ "mremap() of own page onto it", remap_onto, 0, SHARING, PRIVATE,
	  NULL, "EPERM" },
	{ "mmap() MAP_FIXED over all", map_over_all, 0, SHARING, PRIVATE, NULL,
	  "EPERM" },
	{ "mmap() MAP_FIXED over a page", map_over_part, 0, SHARING, PRIVATE,
	  NULL, "EPERM" },
	{ "mmap() MAP_FIXED over its edge", map_over_edge, 0, SHARING, PRIVATE,
	  NULL, "EPERM" },
	{ "remap_file_pages() of another page", remap_file, 0, SHARING, MEMFD,
	  NULL, "EPERM" },
	{ "shmat() SHM_REMAP over it", attach_over, 0, SHARING, PRIVATE, NULL,
	  "0 EPERM" },
	{ "brk() below it, own page there", shrink_heap, 0, SHARING, HEAP, NULL,
	  "ENOMEM EEXIST" },
	{ "PR_SET_MM makes it the heap, brk(), own page", declare_heap, 0,
	  SHARING, PRIVATE, NULL, "0 ENOMEM EEXIST" },
	{ "mseal() again, with flags, munmap()", seal_again, 0, SHARING, NONE,
	  "a seal can only be added", "0 EINVAL EPERM" },
	{ "mremap() of own page below it, larger", grow_neighbour, 0, SHARING,
	  NONE, "mappings grow into free pages only", "0 ENOMEM" },
	{ "a stack above it grows down, store", grow_stack, 0, SHARING, NONE,
	  "stacks grow into free pages only", "0 EFAULT EFAULT" },
	{ }
};
