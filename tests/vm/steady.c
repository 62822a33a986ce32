// SPDX-License-Identifier: GPL-2.0-only
/*
 * steady: has the kernel count an event of a task, which does nothing, for as long as
 * the guest runs, so that tests that count events do not switch that on and off. It
 * prints a line when the kernel does.
 */
#include <linux/perf_event.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_DUMMY,
	};

	if (syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0) < 0) {
		perror("steady: perf_event_open");
		return 1;
	}
	puts("steady");
	fflush(stdout);
	for (;;)
		pause();
}
