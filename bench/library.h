/* SPDX-License-Identifier: GPL-2.0-only */
/* What supervisors with libpinredir's own answers share. */
#ifndef BENCH_LIBRARY_H
#define BENCH_LIBRARY_H

/* For struct supervisor: look, allow or deny, count, release */
void library_answer(void *opened, void *call);

#endif /* BENCH_LIBRARY_H */
