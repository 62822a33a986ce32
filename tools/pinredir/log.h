/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a subcommand writes its records. */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>

#include "sink.h"
#include "text.h"

/**
 * struct log - records, one to a line
 * @fd: where to; -1: nowhere
 * @json: as JSON
 * @patient: targets wait for who reads it
 * @sink: writes, once begun
 */
struct log {
	int fd;
	bool json;
	bool patient;
	struct sink *sink;
};

/**
 * log_open - open the file
 * @log: filled in
 * @path: appended to; NULL: standard error
 *
 * Return: 0 or -errno; -ENXIO: a FIFO that nobody reads
 */
int log_open(struct log *log, const char *path);

/* Starts the thread that writes. 0 or -errno */
int log_begin(struct log *log);

/* Seconds since 1970 and a blank, or in JSON, the first member and a comma */
void log_time(const struct log *log, struct text *record);

/* Write the record, which has no newline yet; it is empty afterwards. */
void log_put(struct log *log, struct text *record);

/* Wait for what is to be written, and say what was lost. */
void log_end(struct log *log, const char *name, struct text *told);

#endif /* LOG_H */
