// SPDX-License-Identifier: GPL-2.0-only
/*
 * race DIRECTORY CALLS: a target that races its supervisor
 *
 * One thread opens a path CALLS times, another flips that path between
 * DIRECTORY/a, which the supervisor allows, and DIRECTORY/f, which it does not,
 * by a single byte and as fast as it can. Prints how many calls there were, and
 * how many opened DIRECTORY/f all the same, as the file's contents tell.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[4096];
static volatile char *last;
static atomic_bool stop;

static void *flip(void *arg)
{
	(void)arg;
	while (!atomic_load_explicit(&stop, memory_order_relaxed)) {
		*last = 'f';
		*last = 'a';
	}
	return NULL;
}

/* Returns 1 if it was the forbidden file, 0 if it was not, -1 on an error */
static int one_call(void)
{
	int fd = openat(AT_FDCWD, path, O_RDONLY);
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
	unsigned long calls, i, forbidden = 0;
	pthread_t thread;
	int ret;

	if (argc != 3)
		return 2;
	calls = strtoul(argv[2], NULL, 10);
	snprintf(path, sizeof(path), "%s/a", argv[1]);
	last = &path[strlen(path) - 1];
	if (pthread_create(&thread, NULL, flip, NULL))
		return 1;
	for (i = 0; i < calls; i++) {
		ret = one_call();
		if (ret < 0) {
			perror("race");
			return 1;
		}
		forbidden += ret;
	}
	atomic_store(&stop, true);
	pthread_join(thread, NULL);
	printf("%lu %lu\n", i, forbidden);
	return 0;
}
