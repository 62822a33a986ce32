// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sink.h"

/* Room for what is not written yet */
#define ROOM		(1U << 20)
/* How long a flush waits for the next piece to be written */
#define PATIENCE	2

/**
 * struct sink - a ring of bytes, and the thread that writes them
 * @fd: written to
 * @patient: whether to wait for room
 * @lock: for all below
 * @filled: there is something to write
 * @drained: something was written, or cannot be
 * @put: how many bytes were ever put in
 * @taken: how many of them were written
 * @lost: records, not bytes
 * @error: why writing failed, then all is lost
 * @ring: the bytes from @taken to @put, at their positions modulo its size
 */
struct sink {
	int fd;
	bool patient;
	pthread_mutex_t lock;
	pthread_cond_t filled;
	pthread_cond_t drained;
	size_t put;
	size_t taken;
	unsigned long lost;
	int error;
	char ring[ROOM];
};

static size_t sink_used(const struct sink *sink)
{
	return sink->put - sink->taken;
}

/* Records end with a newline, and have none in them. */
static unsigned long sink_records(const struct sink *sink)
{
	unsigned long records = 0;
	size_t at;

	for (at = sink->taken; at != sink->put; at++)
		records += sink->ring[at % ROOM] == '\n';
	return records;
}

/* The terminal or pipe can be others' as well, who do not want to wait. */
static ssize_t write_some(int fd, const char *bytes, size_t len)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLOUT };
	ssize_t n;

	do {
		n = write(fd, bytes, len);
	} while (n < 0 && (errno == EINTR ||
			   (errno == EAGAIN && poll(&pollfd, 1, -1) >= 0)));
	return n;
}

static void *sink_write(void *arg)
{
	struct sink *sink = arg;
	size_t start, len;
	ssize_t n;

	pthread_mutex_lock(&sink->lock);
	while (!sink->error) {
		if (!sink_used(sink)) {
			pthread_cond_wait(&sink->filled, &sink->lock);
			continue;
		}
		start = sink->taken % ROOM;
		len = sink_used(sink);
		if (len > ROOM - start)
			len = ROOM - start;
		/* What is in the ring stays there, until it is taken. */
		pthread_mutex_unlock(&sink->lock);
		n = write_some(sink->fd, sink->ring + start, len);
		pthread_mutex_lock(&sink->lock);
		if (n >= 0) {
			sink->taken += n;
		} else {
			sink->error = errno;
			sink->lost += sink_records(sink);
			sink->taken = sink->put;
		}
		pthread_cond_broadcast(&sink->drained);
	}
	pthread_mutex_unlock(&sink->lock);
	return NULL;
}

int sink_open(struct sink **out, int fd, bool patient)
{
	struct sink *sink = calloc(1, sizeof(*sink));
	pthread_t thread;
	int err;

	if (!sink)
		return -ENOMEM;
	sink->fd = fd;
	sink->patient = patient;
	pthread_mutex_init(&sink->lock, NULL);
	pthread_cond_init(&sink->filled, NULL);
	pthread_cond_init(&sink->drained, NULL);
	err = pthread_create(&thread, NULL, sink_write, sink);
	if (err) {
		free(sink);
		return -err;
	}
	/* It may wait in write() for ever: nobody joins it, nothing is freed. */
	pthread_detach(thread);
	*out = sink;
	return 0;
}

void sink_put(struct sink *sink, const char *record, size_t len, bool failed)
{
	size_t start, first;

	pthread_mutex_lock(&sink->lock);
	while (sink->patient && !sink->error && len <= ROOM &&
	       ROOM - sink_used(sink) < len)
		pthread_cond_wait(&sink->drained, &sink->lock);
	if (failed || sink->error || ROOM - sink_used(sink) < len) {
		sink->lost++;
	} else {
		start = sink->put % ROOM;
		first = len < ROOM - start ? len : ROOM - start;
		memcpy(sink->ring + start, record, first);
		memcpy(sink->ring, record + first, len - first);
		sink->put += len;
		pthread_cond_signal(&sink->filled);
	}
	pthread_mutex_unlock(&sink->lock);
}

static struct timespec sink_deadline(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	now.tv_sec += PATIENCE;
	return now;
}

void sink_flush(struct sink *sink)
{
	struct timespec deadline;
	size_t taken;
	int err = 0;

	pthread_mutex_lock(&sink->lock);
	while (sink_used(sink) && !err) {
		if (sink->patient) {
			pthread_cond_wait(&sink->drained, &sink->lock);
			continue;
		}
		taken = sink->taken;
		deadline = sink_deadline();
		while (sink->taken == taken && !err)
			err = pthread_cond_timedwait(&sink->drained,
						     &sink->lock, &deadline);
	}
	pthread_mutex_unlock(&sink->lock);
}

unsigned long sink_lost(struct sink *sink, int *error)
{
	unsigned long lost;

	pthread_mutex_lock(&sink->lock);
	lost = sink->lost;
	*error = sink->error;
	/* What nobody has read by now */
	if (!sink->patient)
		lost += sink_records(sink);
	pthread_mutex_unlock(&sink->lock);
	return lost;
}
