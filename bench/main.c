// SPDX-License-Identifier: GPL-2.0-only
/*
 * bench [-r ROW] [-s SUPERVISOR] [-n REPETITIONS]
 *
 * Measures, in the guest, and prints what it has measured as lines of words with
 * tabs in between: bench/run.sh makes tables of them.
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
#include "reads.h"

static const struct supervisor *const supervisors[] = {
	&native, &blind, &racy, &perform, &tracer, &library, &fastest,
	&remembered,
};

#define COUNT(array)	(sizeof(array) / sizeof(*(array)))

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

static void measure(const struct row *row, const struct supervisor *with,
		    unsigned int repetition)
{
	const char *missing = with->missing ? with->missing(row) : NULL;

	settle();
	if (missing)
		printf("missing\tcalls\t%s\t%s\t%s\n", row->name, with->name,
		       missing);
	else
		printf("cost\tcalls\t%s\t%s\t%u\t%llu\t%u\n", row->name,
		       with->name, repetition,
		       (unsigned long long)cell_measure(row, with),
		       cell_calls(row, with));
}

int main(int argc, char **argv)
{
	const char *row = NULL, *with = NULL;
	unsigned int i, repetition, repetitions = 3;
	int opt;
	size_t r;

	while ((opt = getopt(argc, argv, "r:s:n:")) != -1) {
		switch (opt) {
		case 'r':
			row = optarg;
			break;
		case 's':
			with = optarg;
			break;
		case 'n':
			repetitions = atoi(optarg);
			break;
		default:
			return 2;
		}
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	clock_check();
	reads_init();
	for (repetition = 0; repetition < repetitions; repetition++)
		for (r = 0; r < row_count; r++)
			for (i = 0; i < COUNT(supervisors); i++)
				if ((!row || !strcmp(rows[r].name, row)) &&
				    (!with ||
				     !strcmp(supervisors[i]->name, with)))
					measure(&rows[r], supervisors[i],
						repetition);
	return 0;
}
