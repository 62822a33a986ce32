// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "front.h"
#include "start.h"

/* Generations between a process and the supervisor; far more than there are */
#define GENERATIONS	1000

static pid_t parent_of(pid_t pid)
{
	char path[64], line[128];
	int parent = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "PPid: %d", &parent) == 1)
			break;
	fclose(file);
	return parent;
}

/* Whether a process is the command, or was started by it */
static bool is_target(pid_t pid, pid_t supervisor)
{
	int i;

	for (i = 0; pid > 1 && i < GENERATIONS; i++) {
		pid = parent_of(pid);
		if (pid == supervisor)
			return true;
	}
	return false;
}

/**
 * struct front - the front's process
 * @socket: the supervisor's other end
 * @signals: those that are passed on
 * @supervisor: the child
 * @status: of the command that has ended, or -1
 * @signal: that has killed it, or 0
 */
struct front {
	int socket;
	int signals;
	pid_t supervisor;
	int status;
	int signal;
};

/*
 * The terminal tells the whole process group, and so does a target that signals
 * the group it is in: the command has heard of that already. Without a command,
 * it is about the waiting for other targets; returns whether that ends.
 */
static bool front_signal(const struct front *front)
{
	struct signalfd_siginfo info;
	int signal;

	if (read(front->signals, &info, sizeof(info)) != sizeof(info))
		return false;
	signal = info.ssi_signo;
	if (front->status >= 0)
		return signal_ends(signal);
	if (info.ssi_code > 0 || is_target(info.ssi_pid, front->supervisor))
		return false;
	send(front->socket, &signal, sizeof(signal), MSG_NOSIGNAL);
	return false;
}

/* Returns whether it is the end. */
static bool front_news(struct front *front)
{
	struct news news;

	if (recv(front->socket, &news, sizeof(news), 0) != sizeof(news)) {
		fputs("pinredir: the supervisor was killed; what it supervised cannot go on\n",
		      stderr);
		front->status = STATUS_FAILED;
		front->signal = 0;
		return true;
	}
	switch (news.what) {
	case NEWS_STOPPED:
		/* As the command does, so that the shell takes over */
		raise(SIGSTOP);
		return false;
	case NEWS_ENDED:
		front->status = news.status;
		front->signal = news.signal;
		return false;
	default:
		fputs(news.text, stderr);
		front->status = news.status;
		front->signal = news.signal;
		return true;
	}
}

static void front_serve(struct front *front)
{
	struct pollfd fds[] = {
		{ .fd = front->socket, .events = POLLIN },
		{ .fd = front->signals, .events = POLLIN },
	};

	for (;;) {
		if (poll(fds, 2, -1) < 0)
			continue;
		/* What continues the command comes before the next stop. */
		if (fds[1].revents && front_signal(front))
			return;
		if (fds[0].revents && front_news(front))
			return;
	}
}

/*
 * Shells end their loops at Ctrl-C if it has killed what they wait for, not by its exit
 * status. This process dumps no core: it is not dumpable.
 */
static void front_die(int signal)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t set;

	sigaction(signal, &action, NULL);
	sigemptyset(&set);
	sigaddset(&set, signal);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(signal);
}

int front_run(int socket, pid_t supervisor)
{
	struct front front = {
		.socket = socket,
		.supervisor = supervisor,
		.status = -1,
	};
	const int *signal;
	sigset_t set;

	sigemptyset(&set);
	for (signal = forwarded_signals; *signal; signal++)
		sigaddset(&set, *signal);
	front.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (front.signals < 0) {
		perror("pinredir: signalfd");
		return STATUS_FAILED;
	}
	front_serve(&front);
	if (front.signal)
		front_die(front.signal);
	return front.status;
}
