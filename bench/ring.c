// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "fail.h"
#include "filter.h"
#include "process.h"
#include "ring.h"
#include "word.h"

#define LAST_TURN	UINT_MAX
#define STACK		(64U << 10)

/**
 * struct member - a target
 * @ring: its ring
 * @row: what it calls
 * @n: which one it is
 */
struct member {
	struct ring *ring;
	const struct row *row;
	unsigned int n;
};

static void *member_main(void *arg)
{
	const struct member *member = arg;
	struct ring *ring = member->ring;
	uint32_t *turn = &ring->turn[member->n], seen = 0;

	word_add(&ring->ready, 1);
	while ((seen = word_await_change(turn, seen)) != LAST_TURN) {
		if (ring->calling)
			member->row->call();
		word_set(&ring->done, ring->sequence);
	}
	return NULL;
}

static void install(struct ring *ring, unsigned int n, const struct row *row,
		    const struct supervisor *with)
{
	ring->owner[n] = getpid();
	ring->listener[n] = filter_install(row->traps, with->action);
}

static void threads_main(struct ring *ring, unsigned int count,
			 const struct row *row)
{
	static struct member members[SCALE_MOST];
	static pthread_t threads[SCALE_MOST];
	pthread_attr_t attr;
	unsigned int i;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	for (i = 0; i < count; i++) {
		members[i] = (struct member){ ring, row, i };
		errno = pthread_create(&threads[i], &attr, member_main,
				       &members[i]);
		need(!errno, "pthread_create");
	}
	for (i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
}

static void processes_main(struct ring *ring, const struct scene *scene,
			   unsigned int count, const struct row *row,
			   const struct supervisor *with)
{
	struct member member = { .ring = ring, .row = row };
	pid_t pid;

	for (; member.n < count; member.n++) {
		pid = fork();
		need(pid >= 0, "fork");
		if (pid)
			continue;
		process_begin();
		if (scene->contexts)
			install(ring, member.n, row, with);
		member_main(&member);
		_exit(0);
	}
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

pid_t ring_targets(struct ring *ring, const struct scene *scene,
		   unsigned int count, const struct supervisor *with,
		   const struct row *row)
{
	pid_t pid = fork();

	need(pid >= 0, "fork");
	if (pid)
		return pid;
	process_begin();
	if (!scene->contexts)
		install(ring, 0, row, with);
	if (scene->threads)
		threads_main(ring, count, row);
	else
		processes_main(ring, scene, count, row, with);
	_exit(0);
}

static void give_turn(struct ring *ring, unsigned int n)
{
	uint32_t sequence = ++ring->sequence;

	word_set(&ring->turn[n], sequence);
	word_await(&ring->done, sequence);
}

static unsigned int rounds(unsigned int count, unsigned int held)
{
	return SCALE_CALLS / (count - held);
}

static uint64_t measure(struct ring *ring, unsigned int count,
			unsigned int held, bool calling)
{
	unsigned int i, n;
	uint64_t begin;

	/* Once around before it counts */
	ring->calling = calling;
	for (n = held; n < count; n++)
		give_turn(ring, n);
	begin = clock_now();
	for (i = 0; i < rounds(count, held); i++)
		for (n = held; n < count; n++)
			give_turn(ring, n);
	return clock_now() - begin;
}

void ring_conduct(struct ring *ring, unsigned int count, unsigned int held)
{
	uint64_t calls;
	unsigned int n;

	process_begin();
	ring->calling = true;
	for (n = 0; n < held; n++) {
		word_set(&ring->turn[n], ++ring->sequence);
		word_await(&ring->held, n + 1);
	}
	calls = measure(ring, count, held, true);
	ring->took = calls - measure(ring, count, held, false);

	/* One more, for those that are held to be answered with it */
	ring->over = true;
	ring->calling = true;
	give_turn(ring, count - 1);
	for (n = 0; n < count; n++)
		word_set(&ring->turn[n], LAST_TURN);
}

unsigned int ring_calls(unsigned int count, unsigned int held)
{
	return held + (rounds(count, held) + 1) * (count - held) + 1;
}
