// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuse.h"
#include "pin.h"

#define FILE_NODE	2
#define FILE_SIZE	(FUSE_PAGES * 4096)
#define MAX_HELD	64

/**
 * struct fuse_shared - what the test and the server know of each other
 * @hold: reads wait
 * @waiting: how many do
 * @string: at the start of each page
 */
struct fuse_shared {
	volatile int hold;
	volatile int waiting;
	char string[64];
};

/* In the server */
struct held {
	uint64_t unique;
	uint32_t size;
};

static struct held held[MAX_HELD];

static void reply(int fd, uint64_t unique, int error, const void *data,
		  size_t len)
{
	static char buf[sizeof(struct fuse_out_header) + FILE_SIZE];
	struct fuse_out_header out = {
		.len = sizeof(out) + len,
		.error = error,
		.unique = unique,
	};

	memcpy(buf, &out, sizeof(out));
	if (len)
		memcpy(buf + sizeof(out), data, len);
	/* Who asked may have been killed: ENOENT. */
	if (write(fd, buf, out.len) < 0 && errno != ENOENT)
		_exit(1);
}

static void fill_attr(struct fuse_attr *attr, uint64_t node)
{
	attr->ino = node;
	attr->nlink = 1;
	attr->mode = S_IFDIR | 0755;
	attr->blksize = 4096;
	if (node == FILE_NODE) {
		attr->mode = S_IFREG | 0666;
		attr->size = FILE_SIZE;
	}
}

static void reply_read(int fd, struct fuse_shared *shared, uint64_t unique,
		       uint32_t size)
{
	static char data[FILE_SIZE];
	uint32_t i;

	if (size > FILE_SIZE)
		size = FILE_SIZE;
	memset(data, 0, sizeof(data));
	for (i = 0; i < FILE_SIZE; i += 4096)
		strcpy(data + i, shared->string);
	reply(fd, unique, 0, data, size);
}

static void hold_read(struct fuse_shared *shared, uint64_t unique,
		      uint32_t size)
{
	if (shared->waiting == MAX_HELD)
		_exit(1);
	held[shared->waiting] = (struct held){ unique, size };
	shared->waiting++;
}

static void answer_held(int fd, struct fuse_shared *shared)
{
	int i;

	for (i = 0; i < shared->waiting; i++)
		reply_read(fd, shared, held[i].unique, held[i].size);
	shared->waiting = 0;
}

static void serve_request(int fd, struct fuse_shared *shared,
			  const struct fuse_in_header *in, const void *arg)
{
	const struct fuse_read_in *read_in = arg;
	const struct fuse_open_in *open_in = arg;
	struct fuse_init_out init = {
		.major = FUSE_KERNEL_VERSION,
		.minor = FUSE_KERNEL_MINOR_VERSION,
		.max_readahead = 4096,
		/* Who waits for a page can be killed. */
		.flags = FUSE_ASYNC_READ,
		.max_background = MAX_HELD,
		.congestion_threshold = MAX_HELD,
		.max_write = 4096,
	};
	struct fuse_entry_out entry = { .nodeid = FILE_NODE };
	struct fuse_attr_out attr = { 0 };
	struct fuse_open_out opened = { 0 };

	switch (in->opcode) {
	case FUSE_INIT:
		reply(fd, in->unique, 0, &init, sizeof(init));
		break;
	case FUSE_LOOKUP:
		fill_attr(&entry.attr, FILE_NODE);
		reply(fd, in->unique, 0, &entry, sizeof(entry));
		break;
	case FUSE_GETATTR:
		fill_attr(&attr.attr, in->nodeid);
		reply(fd, in->unique, 0, &attr, sizeof(attr));
		break;
	case FUSE_OPEN:
		opened.open_flags = open_in->flags & O_NONBLOCK ?
				    FOPEN_DIRECT_IO : FOPEN_KEEP_CACHE;
		reply(fd, in->unique, 0, &opened, sizeof(opened));
		break;
	case FUSE_READ:
		if (shared->hold)
			hold_read(shared, in->unique, read_in->size);
		else
			reply_read(fd, shared, in->unique, read_in->size);
		break;
	case FUSE_FLUSH:
	case FUSE_RELEASE:
		reply(fd, in->unique, 0, NULL, 0);
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		/* Nothing is answered to these. */
		break;
	default:
		reply(fd, in->unique, -ENOSYS, NULL, 0);
	}
}

static void serve(int fd, struct fuse_shared *shared)
{
	static char buf[FUSE_MIN_READ_BUFFER + 4096];
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };
	ssize_t n;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		/* It looks whether it is to answer in between. */
		if (poll(&pollfd, 1, 1) == 1) {
			n = read(fd, buf, sizeof(buf));
			if (n < 0 && errno == ENODEV)
				_exit(0);
			if (n < 0 && errno != EINTR && errno != ENOENT)
				_exit(1);
			if (n > 0)
				serve_request(fd, shared, (void *)buf,
					buf + sizeof(struct fuse_in_header));
		}
		if (!shared->hold)
			answer_held(fd, shared);
	}
}

void fuse_start(struct fuse *fuse)
{
	char dir[] = "/tmp/fuse.XXXXXX", options[64];
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_non_null(mkdtemp(dir));
	snprintf(fuse->path, sizeof(fuse->path), "%s/file", dir);
	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	assert_int_equal(mount("fuse", dir, "fuse", 0, options), 0);
	fuse->shared = shared_memory(4096);
	fuse->shared->hold = 1;
	fuse->server = fork();
	assert_true(fuse->server >= 0);
	if (!fuse->server)
		serve(fd, fuse->shared);
	close(fd);
}

int fuse_waiting(const struct fuse *fuse)
{
	return fuse->shared->waiting;
}

void fuse_answer(struct fuse *fuse, const char *string)
{
	strcpy(fuse->shared->string, string);
	fuse->shared->hold = 0;
	AWAIT(!fuse_waiting(fuse));
}

void fuse_hold(struct fuse *fuse)
{
	fuse->shared->hold = 1;
}

void fuse_stop(struct fuse *fuse)
{
	char *dir = fuse->path;

	kill(fuse->server, SIGKILL);
	await_exit(fuse->server);
	*strrchr(dir, '/') = '\0';
	assert_int_equal(umount2(dir, MNT_DETACH), 0);
	assert_int_equal(rmdir(dir), 0);
	munmap(fuse->shared, 4096);
}

void *fuse_map(const struct fuse *fuse, unsigned int page)
{
	int fd = open(fuse->path, O_RDONLY | O_CLOEXEC);
	void *map;

	if (fd < 0)
		return NULL;
	map = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, page * 4096);
	close(fd);
	return map == MAP_FAILED ? NULL : map;
}
