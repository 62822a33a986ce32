/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where records go: a thread writes them, so that whoever reads them slowly, or
 * not at all, keeps nobody else from going on.
 */
#ifndef SINK_H
#define SINK_H

#include <stdbool.h>
#include <stddef.h>

struct sink;

/**
 * sink_open - start writing
 * @sink: set to it
 * @fd: written to, and closed at the end
 * @patient: whether to wait for room. Otherwise, what does not fit is lost
 *
 * Signals that are blocked now are so in its thread.
 *
 * Return: 0 or -errno
 */
int sink_open(struct sink **sink, int fd, bool patient);

/*
 * Write a record, whole or not at all; its bytes are copied. It ends with the only
 * newline that it has. One that failed before is lost.
 */
void sink_put(struct sink *sink, const char *record, size_t len, bool failed);

/**
 * sink_flush - wait until all is written
 * @sink: the sink
 *
 * Only as long as there is progress every now and then, unless it is patient.
 * What is not written by then may still be.
 */
void sink_flush(struct sink *sink);

/**
 * sink_lost - how many records were lost so far
 * @sink: the sink
 * @error: set to why, if writing failed, as an errno; otherwise 0
 */
unsigned long sink_lost(struct sink *sink, int *error);

#endif /* SINK_H */
