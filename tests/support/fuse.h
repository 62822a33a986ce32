/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file system of one file whose pages come when a test likes. It is the raw
 * protocol, served by a process of its own.
 */
#ifndef FUSE_H
#define FUSE_H

#include <stddef.h>
#include <sys/types.h>

#define FUSE_PAGES	16

/**
 * struct fuse - a mounted file system
 * @server: the process that serves it
 * @path: of the file. Open it with O_NONBLOCK to read past the page cache
 * @shared: between server and test
 */
struct fuse {
	pid_t server;
	char path[64];
	struct fuse_shared *shared;
};

/* Mount it; reads of the file wait from the start. Fails the test, or works. */
void fuse_start(struct fuse *fuse);

/* How many reads of the file wait */
int fuse_waiting(const struct fuse *fuse);

/* Answer reads, with this at the start of each page, or let them wait again. */
void fuse_answer(struct fuse *fuse, const char *string);
void fuse_hold(struct fuse *fuse);

/* Unmount it; what still waits fails. */
void fuse_stop(struct fuse *fuse);

/* In a target: a page of the file that has never been read, or NULL */
void *fuse_map(const struct fuse *fuse, unsigned int page);

#endif /* FUSE_H */
