/* SPDX-License-Identifier: GPL-2.0-only */
/* The processes of a measurement. */
#ifndef BENCH_PROCESS_H
#define BENCH_PROCESS_H

/*
 * Let the scheduler choose who runs, from now on, as it does for most programs.
 * Otherwise, who is woken runs when who has woken it sleeps, never before: the
 * scheduler's choice depends on what was before, and is up to 4 % of a call.
 */
void process_use_scheduler(void);

/* To be done first: the process ends with its parent. */
void process_begin(void);

#endif /* BENCH_PROCESS_H */
