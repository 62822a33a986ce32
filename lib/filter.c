// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A filter by which calls fail that the table does not know. A later kernel has
 * calls that take paths, or whatever else a supervisor looks at, and a filter that
 * is made of the table alone lets them run.
 *
 * The numbers of the table are a few ranges without a gap. The filter has two
 * instructions for each; low numbers, which are the most frequent, meet the first
 * two only.
 */
#include <asm/unistd.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>

#include "private.h"

/*
 * The kernel has put this call into the task, where a traced function returns. If
 * it failed, the task would die. It takes no arguments, and is SIGILL elsewhere.
 */
#ifdef __x86_64__
#define URETPROBE	335
#else
#define URETPROBE	(-1)
#endif

/* @length: of the whole, or 0: it is not known yet */
struct program {
	struct sock_filter *filter;
	size_t room;
	size_t count;
	size_t length;
};

static void add(struct program *program, uint16_t code, uint32_t k)
{
	if (program->count < program->room)
		program->filter[program->count] = (struct sock_filter){
			.code = code,
			.k = k,
		};
	program->count++;
}

/* The last two instructions are what becomes of unknown calls, and of all others. */
enum { UNKNOWN = 2, OTHERS = 1 };

/* Go on behind if the comparison is @holds, and to one of these otherwise. */
static void add_jump(struct program *program, uint16_t code, uint32_t k,
		     bool holds, unsigned int otherwise)
{
	size_t at = program->count;
	uint8_t distance = program->length - otherwise - at - 1;

	add(program, BPF_JMP | code | BPF_K, k);
	if (at >= program->room)
		return;
	if (holds)
		program->filter[at].jf = distance;
	else
		program->filter[at].jt = distance;
}

static bool is_known(int nr)
{
	return nr == URETPROBE || pinredir_syscall(nr);
}

/* One more than the highest number that is known */
static int numbers(void)
{
	const struct pinredir_syscall *row = NULL;
	int end = URETPROBE + 1;

	while ((row = pinredir_syscall_after(row)))
		if (row->nr >= end)
			end = row->nr + 1;
	return end;
}

static void add_ranges(struct program *program)
{
	int nr = 0, first, end = numbers();

	while (nr < end) {
		first = nr;
		while (is_known(nr))
			nr++;
		/* Not in an earlier range */
		add_jump(program, BPF_JGE, first, true, UNKNOWN);
		add_jump(program, BPF_JGE, nr, true, OTHERS);
		while (nr < end && !is_known(nr))
			nr++;
	}
}

static void add_all(struct program *program)
{
	add(program, BPF_LD | BPF_W | BPF_ABS,
	    offsetof(struct seccomp_data, arch));
	/* Numbers of another ABI mean something else. */
	add_jump(program, BPF_JEQ, seccomp_arch_native(), true, OTHERS);
	add(program, BPF_LD | BPF_W | BPF_ABS,
	    offsetof(struct seccomp_data, nr));
#ifdef __X32_SYSCALL_BIT
	add_jump(program, BPF_JGE, __X32_SYSCALL_BIT, false, OTHERS);
#endif
	add_ranges(program);
	add(program, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);
	add(program, BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
}

size_t pinredir_known_filter(struct sock_filter *filter, size_t room)
{
	struct program counted = { 0 };
	struct program program = { .filter = filter, .room = room };

	add_all(&counted);
	program.length = counted.count;
	add_all(&program);
	return program.count;
}
