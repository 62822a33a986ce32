// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>

#include "fail.h"
#include "process.h"

static bool scheduled;

void process_use_scheduler(void)
{
	scheduled = true;
}

void process_begin(void)
{
	const struct sched_param param = { .sched_priority = 1 };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!scheduled)
		need(!sched_setscheduler(0, SCHED_FIFO, &param), "SCHED_FIFO");
}
