/* SPDX-License-Identifier: GPL-2.0-only */
/* Words in shared memory that processes wait for. */
#ifndef BENCH_WORD_H
#define BENCH_WORD_H

#include <stddef.h>
#include <stdint.h>

/* Zeroed memory that children share, or fail */
void *shared_memory(size_t size);

/* Set a word, and wake who waits for it. */
void word_set(uint32_t *word, uint32_t value);

/* Wait until a word has a value, or fail after a minute. */
void word_await(uint32_t *word, uint32_t value);

#endif /* BENCH_WORD_H */
