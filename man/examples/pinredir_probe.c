// SPDX-License-Identifier: GPL-2.0-only
#include <pinredir.h>
#include <stdio.h>

/* 0 if calls can be pinned; otherwise it is said why not. */
int check_machine(void)
{
	struct pinredir_report report = { .size = sizeof(report) };
	int err = pinredir_probe(&report, NULL);

	if (!err && report.problem)
		fprintf(stderr, "Linux %s: %s\n", report.kernel,
			pinredir_problem_string(report.problem));
	return err ? err : report.problem;
}
