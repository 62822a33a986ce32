// SPDX-License-Identifier: GPL-2.0-only
#include <pinredir.h>
#include <stdio.h>

/* Calls that name a file, and by which argument */
void print_paths(void)
{
	const struct pinredir_syscall *row;
	unsigned int i;
	size_t n;

	for (n = 0; (row = pinredir_syscall_at(n)); n++)
		for (i = 0; i < row->count; i++)
			if (pinredir_argument(row, i)->shape == PINREDIR_PATH)
				printf("%s %u\n", row->name, i);
}
