// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cell.h"
#include "clock.h"
#include "fail.h"
#include "filter.h"
#include "process.h"
#include "tally.h"
#include "word.h"

#define LIMIT	120	/* seconds */

/* Without a supervisor, calls are that much cheaper. */
#define NATIVE	4

/**
 * struct cell - what the processes of a measurement share
 * @ready: the target has its filter
 * @go: the supervisor is ready
 * @done: all calls are made
 * @listener: its number in the target
 * @took: by the clock
 */
struct cell {
	uint32_t ready;
	uint32_t go;
	uint32_t done;
	int listener;
	uint64_t took;
};

unsigned int cell_calls(const struct row *row, const struct supervisor *with)
{
	if (!row->calls)
		return 1;
	return with->action == SECCOMP_RET_ALLOW ? NATIVE * row->calls :
						   row->calls;
}

/* A tenth of the calls, and some, come before those that count. */
static unsigned int calls_before(const struct row *row, unsigned int calls)
{
	return row->calls ? calls / 10 + 10 : 1;
}

int steal_fd(pid_t pid, int fd)
{
	int pidfd = syscall(SYS_pidfd_open, pid, 0);
	int stolen = syscall(SYS_pidfd_getfd, pidfd, fd, 0);

	need(stolen >= 0, "pidfd_getfd");
	close(pidfd);
	return stolen;
}

static void target_main(struct cell *cell, const struct row *row,
			const struct supervisor *with)
{
	unsigned int i, calls = cell_calls(row, with);
	uint64_t begin;

	process_begin();
	if (row->prepare)
		row->prepare();
	cell->listener = -1;
	if (with->action != SECCOMP_RET_ALLOW)
		cell->listener = filter_install(row->traps, with->action);
	word_set(&cell->ready, 1);
	word_await(&cell->go, 1);
	if (cell->listener >= 0)
		close(cell->listener);

	for (i = 0; i < calls_before(row, calls); i++)
		row->call();
	if (tally)
		memset(tally, 0, sizeof(*tally));
	begin = clock_now();
	for (i = 0; i < calls; i++)
		row->call();
	cell->took = clock_now() - begin;
	cell->done = 1;
	_exit(0);
}

static void supervisor_main(struct cell *cell, const struct row *row,
			    const struct supervisor *with)
{
	struct supervised supervised = { .row = row, .listener = -1 };
	void *opened = NULL;

	process_begin();
	alarm(LIMIT);
	supervised.target = fork();
	need(supervised.target >= 0, "fork");
	if (!supervised.target)
		target_main(cell, row, with);
	word_await(&cell->ready, 1);
	if (cell->listener >= 0)
		supervised.listener = steal_fd(supervised.target,
					       cell->listener);
	if (with->open)
		opened = with->open(&supervised);
	word_set(&cell->go, 1);
	supervise(with, opened);
	while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR)
		;
	_exit(cell->done ? 0 : 1);
}

bool cell_try(const struct row *row, const struct supervisor *with,
	      uint64_t *took)
{
	struct cell *cell = shared_memory(sizeof(*cell));
	pid_t pid = fork();
	int status;

	need(pid >= 0, "fork");
	if (!pid)
		supervisor_main(cell, row, with);
	need(waitpid(pid, &status, 0) == pid, "waitpid");
	*took = cell->took;
	munmap(cell, sizeof(*cell));
	return !status;
}

uint64_t cell_measure(const struct row *row, const struct supervisor *with)
{
	uint64_t took;

	if (!cell_try(row, with, &took))
		fail("%s, %s: failed", row->name, with->name);
	return took;
}
