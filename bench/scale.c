// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cell.h"
#include "fail.h"
#include "process.h"
#include "ring.h"
#include "scale.h"
#include "word.h"

#define LIMIT		600	/* seconds of the guest */
#define DESCRIPTORS	8192
#define THREADS		4

const struct scene scenes[] = {
	{ .name = "targets", .many = SCALE_MOST },
	{ .name = "waiting-targets", .many = SCALE_MOST, .waiting = true },
	{ .name = "threads", .many = SCALE_MOST, .threads = true },
	{
		.name = "waiting-threads",
		.many = SCALE_MOST,
		.threads = true,
		.waiting = true,
	},
	{ .name = "contexts", .many = SCALE_MOST, .contexts = true },
	{ .name = "supervisors", .many = THREADS, .supervisors = true },
};

const size_t scene_count = sizeof(scenes) / sizeof(*scenes);

/**
 * struct show - a scene as it is played
 * @ring: the targets
 * @with: how they are supervised
 * @opened: by it; one for all targets, or one for each
 * @targets: how many there are
 * @held: how many of them are left waiting
 */
struct show {
	struct ring *ring;
	const struct supervisor *with;
	void *opened[SCALE_MOST];
	unsigned int targets;
	unsigned int held;
};

/* All targets are behind one listener, and some of them are to wait. */
static void supervise_holding(struct show *show)
{
	void *held[SCALE_MOST], *call, *last = NULL;
	struct ring *ring = show->ring;
	unsigned int n = 0;

	while ((call = show->with->next(show->opened[0], last))) {
		last = call;
		if (n < show->held && !ring->over) {
			held[n++] = call;
			last = NULL;
			word_set(&ring->held, n);
		}
		while (ring->over && n)
			show->with->answer(show->opened[0], held[--n]);
	}
}

/* Each target has its own: whose turn it is, we know as the conductor does. */
static void supervise_contexts(struct show *show)
{
	unsigned int i, n = 0, calls = ring_calls(show->targets, 0);
	void *call;

	for (i = 0; i < calls; i++) {
		/* The last one is for the last target. */
		if (i == calls - 1)
			n = show->targets - 1;
		call = show->with->next(show->opened[n], NULL);
		if (!call)
			fail("a target is gone");
		show->with->answer(show->opened[n], call);
		n = (n + 1) % show->targets;
	}
}

static void *supervise_thread(void *arg)
{
	struct show *show = arg;

	supervise(show->with, show->opened[0]);
	return NULL;
}

static void supervise_threads(struct show *show)
{
	pthread_t threads[THREADS];
	unsigned int i;

	for (i = 0; i < THREADS; i++) {
		errno = pthread_create(&threads[i], NULL, supervise_thread,
				       show);
		need(!errno, "pthread_create");
	}
	word_set(&show->ring->go, 1);
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static void open_one(struct show *show, unsigned int n, const struct row *row)
{
	const struct ring *ring = show->ring;
	struct supervised supervised = { .target = ring->owner[n], .row = row };

	supervised.listener = steal_fd(ring->owner[n], ring->listener[n]);
	show->opened[n] = show->with->open(&supervised);
}

static pid_t conductor(struct show *show)
{
	pid_t pid = fork();

	need(pid >= 0, "fork");
	if (pid)
		return pid;
	word_await(&show->ring->go, 1);
	ring_conduct(show->ring, show->targets, show->held);
	_exit(0);
}

static void play(const struct scene *scene, bool many, struct show *show)
{
	const struct rlimit limit = { DESCRIPTORS, DESCRIPTORS };
	const struct row *row = &rows[0];
	unsigned int i;

	process_begin();
	alarm(LIMIT);
	need(!setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
	ring_targets(show->ring, scene, show->targets, show->with, row);
	conductor(show);
	word_await(&show->ring->ready, show->targets);
	for (i = 0; i < (scene->contexts ? show->targets : 1); i++)
		open_one(show, i, row);

	if (many && scene->supervisors) {
		supervise_threads(show);
	} else {
		word_set(&show->ring->go, 1);
		if (scene->contexts)
			supervise_contexts(show);
		else
			supervise_holding(show);
	}
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
	_exit(show->ring->took ? 0 : 1);
}

uint64_t scale_measure(const struct scene *scene, bool many,
		       const struct supervisor *with)
{
	struct show show = {
		.ring = shared_memory(sizeof(*show.ring)),
		.with = with,
		.targets = many && !scene->supervisors ? scene->many : 1,
	};
	uint64_t took;
	int status;
	pid_t pid;

	if (scene->waiting)
		show.held = show.targets - 1;
	pid = fork();
	need(pid >= 0, "fork");
	if (!pid)
		play(scene, many, &show);
	need(waitpid(pid, &status, 0) == pid, "waitpid");
	if (status)
		fail("%s, %s: wait status %x", scene->name, with->name, status);
	took = show.ring->took;
	munmap(show.ring, sizeof(*show.ring));
	return took;
}
