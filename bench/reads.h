/* SPDX-License-Identifier: GPL-2.0-only */
/* What syscalls read from their caller's memory. */
#ifndef BENCH_READS_H
#define BENCH_READS_H

#include <stdbool.h>
#include <stdint.h>

enum reads_kind {
	READS_STRING,
	READS_BYTES,		/* as many as @len */
	READS_BYTES_ARG,	/* as many as the argument @len says */
	READS_STRINGS,		/* pointers to strings, up to a NULL */
	READS_MESSAGE,		/* struct msghdr, and all that it points to */
};

struct reads {
	uint8_t kind;
	uint8_t arg;
	uint32_t len;
};

/**
 * struct reads_list - what one syscall reads
 * @count: how many arguments point to such memory
 * @items: each of them
 */
struct reads_list {
	unsigned int count;
	struct reads items[3];
};

/*
 * Fill in the table: to be done once. With @more, what the library has no rules
 * for by itself is in it as well.
 */
void reads_init(bool more);

const struct reads_list *reads_of(unsigned int nr);

#endif /* BENCH_READS_H */
