// SPDX-License-Identifier: GPL-2.0-only
/*
 * agent SOCKET: supervises whatever it gets a listener of over a Unix socket, as
 * container runtimes send it to their seccomp.listenerPath: a message with the state of
 * the container, which the agent prints, and file descriptors. A container whose filter
 * notifies of the calls that open files cannot open /etc/shadow by that name, nor make
 * any other call that its filter notifies of.
 *
 * Its targets are not its children: where Yama's ptrace_scope is 1, it needs
 * CAP_SYS_PTRACE, in the user namespace that its targets are in.
 *
 * gcc -pthread -o agent agent.c $(pkg-config --cflags --libs pinredir) -lseccomp
 */
#define _GNU_SOURCE
#include <errno.h>
#include <error.h>
#include <pinredir.h>
#include <pthread.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* The calls that open a file by its path, and which argument that is */
static const struct opening {
	int nr;
	unsigned int path;
} opens[] = {
	{ SCMP_SYS(open), 0 },
	{ SCMP_SYS(creat), 0 },
	{ SCMP_SYS(openat), 1 },
	{ SCMP_SYS(openat2), 1 },
	{ SCMP_SYS(open_tree), 1 },
};

static int on_open(struct pinredir_call *call, void *data)
{
	const struct opening *opening = data;
	const char *path;
	int err = pinredir_get_string(call, opening->path, &path);

	if (!err && path && !strcmp(path, "/etc/shadow")) {
		printf("agent: denied to %d: %s\n", pinredir_pid(call), path);
		err = -EACCES;
	}
	return err ? err : PINREDIR_ALLOW;
}

/* One container, until it has no processes any more */
static int supervise(int listener)
{
	struct pinredir_loop *loop;
	struct pinredir *ctx;
	int err = pinredir_open(&ctx, listener, NULL);
	size_t i;

	close(listener);
	if (err)
		return err;
	err = pinredir_loop_new(&loop, ctx, NULL);
	if (!err) {
		for (i = 0; i < sizeof(opens) / sizeof(*opens); i++)
			pinredir_loop_handle(loop, opens[i].nr, on_open,
					     (void *)&opens[i]);
		err = pinredir_loop_run(loop);
		pinredir_loop_free(loop);
	}
	pinredir_close(ctx);
	return err;
}

static void *serve(void *arg)
{
	int connection = (intptr_t)arg;
	int fds[8], ret, listener = -1;
	size_t i, len, count = 8;
	char state[4096];

	/* What is longer than that comes later, and is not needed here. */
	len = sizeof(state);
	ret = pinredir_recv_fds(connection, state, &len, fds, &count);
	close(connection);
	for (i = 0; !ret && i < count; i++)
		if (listener < 0 && pinredir_is_listener(fds[i]) == 1)
			listener = fds[i];
		else
			close(fds[i]);
	if (!ret && len > 1)
		printf("agent: %.*s\n", (int)len, state);
	if (!ret)
		ret = listener < 0 ? -EPROTO : supervise(listener);
	if (ret < 0)
		error(0, -ret, "a container is not supervised");
	return NULL;
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(address.sun_path))
		error(2, ENAMETOOLONG, "%s", path);
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    listen(fd, SOMAXCONN))
		error(1, errno, "%s", path);
	return fd;
}

/* What goes wrong with one container is no reason to abandon the others. */
static void serve_by_a_thread(int connection)
{
	pthread_t thread;
	int err = pthread_create(&thread, NULL, serve,
				 (void *)(intptr_t)connection);

	if (err) {
		error(0, err, "no thread");
		close(connection);
	} else {
		pthread_detach(thread);
	}
}

int main(int argc, char **argv)
{
	int fd, connection;

	if (argc != 2)
		error(2, 0, "usage: agent SOCKET");
	setlinebuf(stdout);
	fd = listen_at(argv[1]);
	for (;;) {
		connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
		if (connection >= 0)
			serve_by_a_thread(connection);
		else if (errno != EINTR && errno != ECONNABORTED)
			error(1, errno, "%s", argv[1]);
	}
}
