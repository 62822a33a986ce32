// SPDX-License-Identifier: GPL-2.0-only
/*
 * bench TABLE [-r ROWS] [-s SUPERVISORS] [-n REPETITIONS]
 *
 * Measures, in the guest, and prints what it has measured as lines of words with
 * tabs in between: bench/json.jq says which. ROWS and SUPERVISORS are names with
 * commas in between (default: all). TABLE is
 *
 *   calls      all calls under all supervisors
 *   unused     the same, and one that no supervisor sees
 *   scheduler  the same, where the scheduler decides who runs
 *   wall       the same by time, not by instructions
 *   scale      openat, with one of a thing and with many
 *   work       whole commands, each of their calls that has a path supervised
 *
 * bench command NAME executes a command of that table, bench commands lists them.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "cell.h"
#include "clock.h"
#include "fail.h"
#include "process.h"
#include "reads.h"
#include "scale.h"
#include "tally.h"
#include "word.h"
#include "work.h"

static const struct supervisor *const supervisors[] = {
	&native, &blind, &racy, &perform, &tracer, &library,
	&library_next, &fastest, &remembered,
};

/* Those that real work is done under */
static const struct supervisor *const workers[] = {
	&native, &blind, &racy, &tracer, &library, &library_next, &remembered,
	&remembered_one,
};

/* Those that scale is asked of; the first is what they are compared with. */
static const struct supervisor *const scaled[] = { &blind, &library_next };

#define COUNT(array)	(sizeof(array) / sizeof(*(array)))

/**
 * struct table - a table to fill
 * @name: the table's
 * @repeat: measure all of it once
 * @allowed: with calls that filters allow
 * @scheduler: let the scheduler decide who runs
 * @time: count time, not instructions
 * @paths: of what calls read, only what the library has rules for
 */
struct table {
	const char *name;
	void (*repeat)(unsigned int repetition);
	bool allowed;
	bool scheduler;
	bool time;
	bool paths;
};

/* The one that is filled */
static const struct table *table;

/* What was chosen; NULL is everything */
static const char *chosen_rows, *chosen_supervisors;

/* A name that nothing has would be a row that nobody misses. */
static unsigned int measured;

static bool chosen(const char *list, const char *name)
{
	size_t len = strlen(name);
	const char *at = list;

	if (!list)
		return true;
	while ((at = strstr(at, name))) {
		if ((at == list || at[-1] == ',') &&
		    (!at[len] || at[len] == ','))
			return true;
		at += len;
	}
	return false;
}

/*
 * Let the kernel finish what the last measurement has left it to do: printing,
 * and freeing what belonged to processes that are gone. There is no event that
 * says so; in the guest's time it is long, in the host's it is nothing.
 */
static void settle(void)
{
	static const struct timespec while_idle = { .tv_nsec = 200000000 };

	tcdrain(STDOUT_FILENO);
	nanosleep(&while_idle, NULL);
}

static void print_cost(const char *row, const char *column,
		       unsigned int repetition, uint64_t took,
		       unsigned int calls)
{
	measured++;
	printf("cost\t%s\t%s\t%s\t%u\t%llu\t%u\n", table->name, row, column,
	       repetition, (unsigned long long)took, calls);
}

static void measure_calls(const struct row *row, unsigned int repetition)
{
	const struct supervisor *with;
	const char *missing;
	unsigned int i;

	for (i = 0; i < COUNT(supervisors); i++) {
		with = supervisors[i];
		if (!chosen(chosen_supervisors, with->name))
			continue;
		missing = with->missing ? with->missing(row) : NULL;
		if (missing) {
			printf("missing\t%s\t%s\t%s\t%s\n", table->name,
			       row->name, with->name, missing);
			continue;
		}
		settle();
		print_cost(row->name, with->name, repetition,
			   cell_measure(row, with), cell_calls(row, with));
	}
}

static void measure_scale(const struct scene *scene, unsigned int repetition)
{
	unsigned int i, many;
	char row[64];

	for (i = 0; i < COUNT(scaled); i++) {
		if (!chosen(chosen_supervisors, scaled[i]->name))
			continue;
		snprintf(row, sizeof(row), "%u-%s/%s", scene->many,
			 scene->name, scaled[i]->name);
		for (many = 0; many < 2; many++) {
			settle();
			print_cost(row, many ? "many" : "one",
				   repetition,
				   scale_measure(scene, many, scaled[i]),
				   SCALE_CALLS);
		}
	}
}

static void repeat_calls(unsigned int repetition)
{
	size_t i;

	for (i = 0; i < row_count; i++)
		if (chosen(chosen_rows, rows[i].name) &&
		    (table->allowed || !rows[i].allowed))
			measure_calls(&rows[i], repetition);
}

/* What became of the calls of a measurement */
static void print_tally(const char *row, const char *column,
			unsigned int repetition)
{
	unsigned int i;

	printf("asked\t%s\t%s\t%s\t%u\t%llu\n", table->name, row, column,
	       repetition, (unsigned long long)tally->asked);
	for (i = 0; i < TALLY_ERRORS; i++)
		if (tally->refused[i])
			printf("refused\t%s\t%s\t%s\t%u\t%s\t%llu\n",
			       table->name, row, column, repetition,
			       strerrorname_np(i),
			       (unsigned long long)tally->refused[i]);
}

static void measure_work(const struct row *row, const struct supervisor *with,
			 unsigned int repetition)
{
	uint64_t took;

	memset(tally, 0, sizeof(*tally));
	settle();
	if (cell_try(row, with, &took))
		print_cost(row->name, with->name, repetition, took, 1);
	else
		printf("missing\t%s\t%s\t%s\tthe command fails under it\n",
		       table->name, row->name, with->name);
	print_tally(row->name, with->name, repetition);
}

static void repeat_work(unsigned int repetition)
{
	const struct row *row;
	unsigned int i, j;

	tally = shared_memory(sizeof(*tally));
	for (i = 0; (row = work_row(i)); i++)
		for (j = 0; j < COUNT(workers) && chosen(chosen_rows, row->name);
		     j++)
			if (chosen(chosen_supervisors, workers[j]->name))
				measure_work(row, workers[j], repetition);
}

static void repeat_scale(unsigned int repetition)
{
	size_t i;

	for (i = 0; i < scene_count; i++)
		if (chosen(chosen_rows, scenes[i].name))
			measure_scale(&scenes[i], repetition);
}

static const struct table tables[] = {
	{ .name = "calls", .repeat = repeat_calls },
	{ .name = "unused", .repeat = repeat_calls, .allowed = true },
	{ .name = "scheduler", .repeat = repeat_calls, .scheduler = true },
	{ .name = "wall", .repeat = repeat_calls, .scheduler = true,
	  .time = true },
	{ .name = "scale", .repeat = repeat_scale },
	{ .name = "work", .repeat = repeat_work, .paths = true },
};

static void choose_table(const char *name)
{
	unsigned int i;

	for (i = 0; i < COUNT(tables); i++)
		if (name && !strcmp(tables[i].name, name))
			table = &tables[i];
	if (!table)
		fail("no such table: %s", name);
	if (table->scheduler)
		process_use_scheduler();
	if (table->time)
		clock_use_time();
}

int main(int argc, char **argv)
{
	unsigned int i, repetitions = 3;
	int opt;

	while ((opt = getopt(argc, argv, "r:s:n:")) != -1) {
		switch (opt) {
		case 'r':
			chosen_rows = optarg;
			break;
		case 's':
			chosen_supervisors = optarg;
			break;
		case 'n':
			repetitions = atoi(optarg);
			break;
		default:
			return 2;
		}
	}
	if (work_command(argv + optind))
		return 0;
	choose_table(argv[optind]);
	setvbuf(stdout, NULL, _IOLBF, 0);
	clock_check();
	reads_init(!table->paths);
	for (i = 0; i < repetitions; i++)
		table->repeat(i);
	if (!measured)
		fail("nothing that was chosen is there");
	return 0;
}
