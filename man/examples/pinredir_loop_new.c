// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <pinredir.h>
#include <pthread.h>
#include <seccomp.h>
#include <string.h>

#define THREADS	4

static int on_openat(struct pinredir_call *call, void *forbidden)
{
	const char *path;
	int err = pinredir_get_string(call, 1, &path);

	if (!err && path && !strcmp(path, forbidden))
		err = -EACCES;
	return err ? err : PINREDIR_ALLOW;
}

static void *run(void *loop)
{
	while (pinredir_loop_run(loop) == -ENOMEM)
		;
	return NULL;
}

/* Serve a context by several threads, until there are no targets. */
int serve(struct pinredir *ctx, char *forbidden)
{
	pthread_t threads[THREADS];
	struct pinredir_loop *loop;
	int i, err = pinredir_loop_new(&loop, ctx, NULL);

	if (err)
		return err;
	pinredir_loop_handle(loop, SCMP_SYS(openat), on_openat, forbidden);
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, run, loop))
			break;
	run(loop);
	while (i--)
		pthread_join(threads[i], NULL);
	pinredir_loop_free(loop);
	return 0;
}
