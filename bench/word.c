// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fail.h"
#include "word.h"

void *shared_memory(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	need(memory != MAP_FAILED, "mmap");
	return memory;
}

static void wake(uint32_t *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX);
}

static uint32_t load(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

void word_set(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
	wake(word);
}

void word_add(uint32_t *word, uint32_t value)
{
	__atomic_add_fetch(word, value, __ATOMIC_RELEASE);
	wake(word);
}

/* Wait while it has a value, or for some other reason. */
static void wait_while(uint32_t *word, uint32_t value)
{
	if (syscall(SYS_futex, word, FUTEX_WAIT, value, NULL))
		need(errno == EAGAIN || errno == EINTR, "waiting");
}

void word_await(uint32_t *word, uint32_t value)
{
	uint32_t seen;

	while ((seen = load(word)) != value)
		wait_while(word, seen);
}

uint32_t word_await_change(uint32_t *word, uint32_t value)
{
	uint32_t seen;

	while ((seen = load(word)) == value)
		wait_while(word, seen);
	return seen;
}
