// SPDX-License-Identifier: GPL-2.0-only
/*
 * bench [-t TABLE] [-r ROWS] [-s SUPERVISORS] [-n REPETITIONS] [-f] [-w]
 *
 * Measures, in the guest, and prints what it has measured as lines of words with
 * tabs in between: bench/run.sh makes tables of them. TABLE is "calls" or "scale",
 * ROWS and SUPERVISORS are names with commas in between (default: all). -f: as
 * the scheduler likes. -w: by time, not by instructions.
 */
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

static const struct supervisor *const supervisors[] = {
	&native, &blind, &racy, &perform, &tracer, &library, &fastest,
	&remembered,
};

/* Those that scale is asked of; the first is what they are compared with. */
static const struct supervisor *const scaled[] = { &blind, &fastest };

#define COUNT(array)	(sizeof(array) / sizeof(*(array)))

/* What was chosen; NULL is everything */
static const char *chosen_rows, *chosen_supervisors;

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

static void print_cost(const char *table, const char *row, const char *column,
		       unsigned int repetition, uint64_t took,
		       unsigned int calls)
{
	printf("cost\t%s\t%s\t%s\t%u\t%llu\t%u\n", table, row, column,
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
			printf("missing\tcalls\t%s\t%s\t%s\n", row->name,
			       with->name, missing);
			continue;
		}
		settle();
		print_cost("calls", row->name, with->name, repetition,
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
		snprintf(row, sizeof(row), "%u %s, %s", scene->many,
			 scene->name, scaled[i]->name);
		for (many = 0; many < 2; many++) {
			settle();
			print_cost("scale", row, many ? "many" : "one",
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
		if (chosen(chosen_rows, rows[i].name))
			measure_calls(&rows[i], repetition);
}

static void repeat_scale(unsigned int repetition)
{
	size_t i;

	for (i = 0; i < scene_count; i++)
		if (chosen(chosen_rows, scenes[i].name))
			measure_scale(&scenes[i], repetition);
}

int main(int argc, char **argv)
{
	void (*repeat)(unsigned int repetition) = repeat_calls;
	unsigned int i, repetitions = 3;
	int opt;

	while ((opt = getopt(argc, argv, "t:r:s:n:fw")) != -1) {
		switch (opt) {
		case 't':
			if (!strcmp(optarg, "scale"))
				repeat = repeat_scale;
			break;
		case 'r':
			chosen_rows = optarg;
			break;
		case 's':
			chosen_supervisors = optarg;
			break;
		case 'n':
			repetitions = atoi(optarg);
			break;
		case 'f':
			process_use_scheduler();
			break;
		case 'w':
			clock_use_time();
			break;
		default:
			return 2;
		}
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	clock_check();
	reads_init();
	for (i = 0; i < repetitions; i++)
		repeat(i);
	return 0;
}
