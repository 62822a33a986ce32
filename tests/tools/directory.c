// SPDX-License-Identifier: GPL-2.0-only
/*
 * directory DIR OTHER CALLS: races a supervisor by the working directory
 *
 * One thread opens "file" CALLS times, another changes the working directory from
 * DIR to OTHER and back, as fast as it can. Prints how many calls there were, and
 * how many opened OTHER/file, which says "f", while DIR/file says "a".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int dir, other;
static atomic_bool stop;

/* By file descriptor: these calls have no path, and are not supervised. */
static void *change(void *arg)
{
	(void)arg;
	while (!atomic_load(&stop))
		if (fchdir(other) || fchdir(dir))
			abort();
	return NULL;
}

/* Returns 1 if it was the other one, 0 if it was not, -1 on an error */
static int one_call(void)
{
	int fd = open("file", O_RDONLY);
	char byte;
	ssize_t n;

	if (fd < 0)
		return errno == EACCES ? 0 : -1;
	n = read(fd, &byte, 1);
	close(fd);
	return n == 1 ? byte == 'f' : -1;
}

int main(int argc, char **argv)
{
	unsigned long calls, i, others = 0;
	pthread_t thread;
	int ret;

	if (argc != 4)
		return 2;
	dir = open(argv[1], O_PATH | O_DIRECTORY);
	other = open(argv[2], O_PATH | O_DIRECTORY);
	if (dir < 0 || other < 0 || fchdir(dir) ||
	    pthread_create(&thread, NULL, change, NULL))
		return 1;
	calls = strtoul(argv[3], NULL, 10);
	for (i = 0; i < calls; i++) {
		ret = one_call();
		if (ret < 0) {
			perror("directory");
			return 1;
		}
		others += ret;
	}
	atomic_store(&stop, true);
	pthread_join(thread, NULL);
	printf("%lu %lu\n", i, others);
	return 0;
}
