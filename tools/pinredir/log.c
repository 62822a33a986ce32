// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

int log_open(struct log *log, const char *path)
{
	int fd;

	if (!path) {
		fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
		if (fd < 0)
			return -errno;
		log->fd = fd;
		return 0;
	}
	/* A FIFO without a reader is an error, not a reason to wait. */
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY |
		  O_NONBLOCK, 0666);
	if (fd < 0)
		return -errno;
	if (fcntl(fd, F_SETFL, O_APPEND)) {
		close(fd);
		return -errno;
	}
	log->fd = fd;
	return 0;
}

int log_begin(struct log *log)
{
	return log->fd < 0 ? 0 : sink_open(&log->sink, log->fd, log->patient);
}

void log_time(const struct log *log, struct text *record)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	text_print(record, log->json ? "{\"time\":%lld.%06ld," : "%lld.%06ld ",
		   (long long)now.tv_sec, now.tv_nsec / 1000);
}

void log_put(struct log *log, struct text *record)
{
	text_add(record, "\n", 1);
	if (log->sink)
		sink_put(log->sink, record->bytes, record->len, record->failed);
	text_clear(record);
}

void log_end(struct log *log, const char *name, struct text *told)
{
	unsigned long lost;
	int error;

	if (!log->sink)
		return;
	sink_flush(log->sink);
	lost = sink_lost(log->sink, &error);
	if (error)
		text_print(told, "pinredir %s: writing the log: %s\n", name,
			   strerror(error));
	if (lost)
		text_print(told, "pinredir %s: %lu records are not in the log\n",
			   name, lost);
}
