/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Words in shared memory that processes wait for. No wait has a time limit of its
 * own, which would cost something: the supervisor that all of them belong to has
 * an alarm, and takes them with it.
 */
#ifndef BENCH_WORD_H
#define BENCH_WORD_H

#include <stddef.h>
#include <stdint.h>

/* Zeroed memory that children share, or fail */
void *shared_memory(size_t size);

/* Set a word, and wake who waits for it. */
void word_set(uint32_t *word, uint32_t value);

/* Add to a word that others add to as well. */
void word_add(uint32_t *word, uint32_t value);

/* Wait until a word has a value. */
void word_await(uint32_t *word, uint32_t value);

/* Wait until it has another value, which is returned. */
uint32_t word_await_change(uint32_t *word, uint32_t value);

#endif /* BENCH_WORD_H */
