// SPDX-License-Identifier: GPL-2.0-only
/*
 * served DIR: a FUSE server, mounted at DIR, that opens a file of another file system
 * before each of its answers, and a client that uses relative paths below DIR
 *
 * All its names are those of empty files, but for "dir". Nothing may be cached. Prints
 * what came of each of the client's calls.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIR_NODE	2
#define FILE_NODE	3

static void reply(int fd, const struct fuse_in_header *in, int error,
		  const void *data, size_t len)
{
	char buf[512];
	struct fuse_out_header out = {
		.len = sizeof(out) + len,
		.error = error,
		.unique = in->unique,
	};

	memcpy(buf, &out, sizeof(out));
	if (len)
		memcpy(buf + sizeof(out), data, len);
	/* ENOENT: the client does not wait for it any more. */
	if (write(fd, buf, out.len) < 0 && errno != ENOENT)
		_exit(1);
}

static void fill_attr(struct fuse_attr *attr, uint64_t node)
{
	attr->ino = node;
	attr->nlink = 1;
	attr->mode = node == FILE_NODE ? S_IFREG | 0644 : S_IFDIR | 0755;
}

static void serve_request(int fd, const struct fuse_in_header *in,
			  const char *name)
{
	struct fuse_init_out init = {
		.major = FUSE_KERNEL_VERSION,
		.minor = FUSE_KERNEL_MINOR_VERSION,
		.max_write = 4096,
	};
	struct fuse_entry_out entry = { .nodeid = FILE_NODE };
	struct fuse_attr_out attr = { 0 };
	struct fuse_open_out opened = { 0 };

	/* What a server like bindfs does */
	close(open("/etc/hostname", O_RDONLY));
	switch (in->opcode) {
	case FUSE_INIT:
		reply(fd, in, 0, &init, sizeof(init));
		break;
	case FUSE_LOOKUP:
		if (!strcmp(name, "dir"))
			entry.nodeid = DIR_NODE;
		fill_attr(&entry.attr, entry.nodeid);
		reply(fd, in, 0, &entry, sizeof(entry));
		break;
	case FUSE_GETATTR:
		fill_attr(&attr.attr, in->nodeid);
		reply(fd, in, 0, &attr, sizeof(attr));
		break;
	case FUSE_OPEN:
		reply(fd, in, 0, &opened, sizeof(opened));
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		/* Nothing is answered to these. */
		break;
	default:
		reply(fd, in, -ENOSYS, NULL, 0);
	}
}

static void serve(int fd)
{
	static char buf[FUSE_MIN_READ_BUFFER + 4096];
	ssize_t n;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		n = read(fd, buf, sizeof(buf));
		if (n < 0 && errno != EINTR && errno != ENOENT)
			_exit(errno != ENODEV);
		if (n > 0)
			serve_request(fd, (void *)buf,
				      buf + sizeof(struct fuse_in_header));
	}
}

static void try(const char *path)
{
	int fd = open(path, O_RDONLY);

	printf("%s: %s\n", path, fd < 0 ? strerrorname_np(errno) : "0");
	fflush(stdout);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char options[64];

	if (argc != 2 || fd < 0)
		return 2;
	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	if (mount("fuse", argv[1], "fuse", 0, options))
		return 2;
	switch (fork()) {
	case -1:
		return 2;
	case 0:
		serve(fd);
	}
	close(fd);
	if (chdir(argv[1]) || chdir("dir"))
		return 1;
	try("file");
	try("../dir/file");
	try("../dir/../file");
	try("../dir/../secret");
	return 0;
}
