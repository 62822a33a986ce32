// SPDX-License-Identifier: GPL-2.0-only
/* odd: calls with odd paths, and what the kernel says to each, a line for one. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#define BAD	((char *)8)

static int line;

static long say(long ret)
{
	printf("%d %s\n", ++line, ret < 0 ? strerrorname_np(errno) : "0");
	return ret;
}

static char *path_of(size_t len)
{
	char *path = malloc(len + 1);
	size_t i;

	if (!path)
		exit(2);
	for (i = 0; i < len; i++)
		path[i] = i % 2 ? '.' : '/';
	path[len] = '\0';
	return path;
}

static void lengths(void)
{
	char component[258] = "/";

	memset(component + 1, 'x', 256);
	say(access(path_of(4094), F_OK));
	say(access(path_of(4095), F_OK));
	say(access(path_of(4096), F_OK));
	say(access(path_of(100000), F_OK));
	say(access(component, F_OK));
	component[256] = '\0';
	say(access(component, F_OK));
	say(rename("/nonesuch", path_of(4096)));
	say(rename(path_of(4096), "/nonesuch"));
	say(symlink(path_of(4096), "/tmp/odd"));
	say(symlink("", "/tmp/odd"));
}

static void pointers(void)
{
	struct stat st;
	int fd = open("/etc/hostname", O_RDONLY);

	say(access(BAD, F_OK));
	say(syscall(SYS_open, NULL, O_RDONLY));
	say(rename("/nonesuch", BAD));
	say(rename(BAD, "/nonesuch"));
	say(syscall(SYS_openat, -1, BAD, O_RDONLY));
	say(syscall(SYS_execve, BAD, NULL, NULL));
	say(syscall(SYS_execve, "/bin/true", BAD, NULL));
	say(syscall(SYS_execve, "/nonesuch", BAD, NULL));
	say(stat("/etc/hostname", (struct stat *)BAD));
	say(syscall(SYS_utimensat, fd, NULL, BAD, 0));
	say(syscall(SYS_utimensat, AT_FDCWD, NULL, NULL, 0));
	say(syscall(SYS_newfstatat, fd, NULL, &st, AT_EMPTY_PATH));
	say(getxattr("/etc/hostname", BAD, NULL, 0));
	close(fd);
}

static void empty_ones(void)
{
	struct stat st;
	int fd = open("/etc/hostname", O_PATH);

	say(access("", F_OK));
	say(open("", O_RDONLY));
	say(fstatat(fd, "", &st, 0));
	say(fstatat(fd, "", &st, AT_EMPTY_PATH));
	say(fstatat(AT_FDCWD, "", &st, AT_EMPTY_PATH));
	say(fstatat(-1, "", &st, AT_EMPTY_PATH));
	say(fstatat(-1, "x", &st, AT_EMPTY_PATH));
	say(fstatat(-1, "/", &st, AT_EMPTY_PATH));
	say(readlinkat(fd, "", (char *)&st, sizeof(st)));
	say(linkat(fd, "", AT_FDCWD, "/tmp/odd", 0));
	say(syscall(SYS_execveat, fd, "", NULL, NULL, AT_EMPTY_PATH));
	close(fd);
}

static void openat2_sizes(void)
{
	struct open_how how[512] = { { .flags = O_RDONLY } };
	size_t sizes[] = { 0, 8, 23, 24, 32, 4096, 4097, 8192 };
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		say(syscall(SYS_openat2, AT_FDCWD, "/etc/hostname", how,
			    sizes[i]));
	how[1].mode = 1;
	say(syscall(SYS_openat2, AT_FDCWD, "/etc/hostname", how, 48));
	say(syscall(SYS_openat2, AT_FDCWD, "/etc/hostname", BAD, 24));
	how[0].resolve = RESOLVE_BENEATH;
	say(syscall(SYS_openat2, AT_FDCWD, "etc/hostname", how, 24));
	say(syscall(SYS_openat2, AT_FDCWD, "/etc/hostname", how, 24));
}

static void others(void)
{
	int fd = inotify_init1(0);

	say(inotify_add_watch(fd, "etc", IN_OPEN) > 0 ? 0 : -1);
	say(inotify_add_watch(fd, "nonesuch", IN_OPEN));
	say(mount("none", "/nonesuch", "tmpfs", 0, NULL));
	say(open("/etc/\xff\n", O_RDONLY));
	say(open("/etc/hostname/", O_RDONLY));
	say(open("/etc/../etc/hostname/.", O_RDONLY));
	say(open("//etc//./hostname", O_RDONLY) > 0 ? 0 : -1);
	say(mkdir("/tmp/odd.dir/", 0700));
	say(rmdir("/tmp/odd.dir/."));
	say(rmdir("/tmp/odd.dir/.."));
	say(rmdir("/tmp/odd.dir/"));
}

int main(void)
{
	if (chdir("/"))
		return 2;
	lengths();
	pointers();
	empty_ones();
	openat2_sizes();
	others();
	return 0;
}
