// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "confine.h"
#include "front.h"
#include "supervise.h"

/* Completions that are read at a time */
#define COMPLETIONS	64

/* Of the arena; of it, only what is in use takes memory. */
#define ARENA_MOST	(16UL << 30)
#define ARENA_LEAST	(64UL << 20)

/**
 * struct supervisor - the supervisor's process
 * @s: what it was asked for
 * @start: as it was
 * @front: the socket, or -1: the front is gone
 * @signals: SIGCHLD
 * @child: the command
 * @ctx: the context
 * @loop: serves calls
 * @status: of the command, as an exit status; -1: it has not ended
 * @signal: that has killed it, or 0
 * @stopped: the front was told that it has stopped, and has not passed on a SIGCONT
 *	since
 * @text: what went wrong, for the user
 */
struct supervisor {
	const struct supervision *s;
	const struct start *start;
	int front;
	int signals;
	struct pinredir_child *child;
	struct pinredir *ctx;
	struct pinredir_loop *loop;
	int status;
	int signal;
	bool stopped;
	struct text text;
};

/* What the user is told at the end; there is room for all of it. Returns @err. */
static int supervisor_fail(struct supervisor *v, const char *what, int err)
{
	text_print(&v->text, "pinredir %s: %.200s: %s\n", v->s->name, what,
		   strerror(-err));
	return err;
}

static void supervisor_tell(struct supervisor *v, const struct news *news)
{
	if (v->front < 0)
		return;
	/*
	 * Nobody listens: there is nobody to be told. Who is stopped himself need not
	 * be told of each stop, but is told of the end.
	 */
	if (send(v->front, news, sizeof(*news), MSG_NOSIGNAL |
		 (news->what == NEWS_STOPPED ? MSG_DONTWAIT : 0)) < 0 &&
	    errno != EAGAIN) {
		close(v->front);
		v->front = -1;
	}
}

/* The end, as far as the front is concerned */
static void supervisor_tell_end(struct supervisor *v, int status)
{
	struct news news = {
		.what = NEWS_END,
		.status = status,
		.signal = v->signal,
	};

	/* Otherwise it has not even begun. */
	if (v->loop)
		v->s->end(&v->text, v->s->data);
	if (v->text.bytes)
		snprintf(news.text, sizeof(news.text), "%s", v->text.bytes);
	text_free(&v->text);
	supervisor_tell(v, &news);
}

/* As shells and env(1) have it */
static int exec_status(int err)
{
	return err == -ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE;
}

static int exit_status(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) :
				   STATUS_SIGNAL + WTERMSIG(status);
}

/* The command has ended. */
static void supervisor_ended(struct supervisor *v)
{
	int status, err;

	err = pinredir_child_wait(v->child, &status, PINREDIR_NONBLOCK);
	if (err == -EAGAIN)
		return;
	if (err)
		supervisor_fail(v, v->s->argv[0], err);
	v->status = err ? exec_status(err) : exit_status(status);
	v->signal = !err && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	if (v->signal == SIGSYS)
		text_print(&v->text, "pinredir %s: the command was killed by SIGSYS, as are 32-bit programs and what makes calls as they do\n",
			   v->s->name);
	if (v->s->wait_for_all)
		supervisor_tell(v, &(struct news){ .what = NEWS_ENDED,
						   .status = v->status,
						   .signal = v->signal });
	else
		supervisor_tell_end(v, v->status);
}

static void supervisor_stopped(struct supervisor *v)
{
	v->stopped = true;
	supervisor_tell(v, &(struct news){ .what = NEWS_STOPPED });
}

/* Children that have ended: the command, and orphans that it has left to us */
static void supervisor_reap(struct supervisor *v)
{
	pid_t command = pinredir_child_pid(v->child);
	siginfo_t info;

	for (;;) {
		info.si_pid = 0;
		if (waitid(P_ALL, 0, &info,
			   WEXITED | WNOHANG | WNOWAIT | __WALL) ||
		    !info.si_pid)
			break;
		/* When it has been waited for, its number can be an orphan's. */
		if (info.si_pid != command || v->status >= 0)
			waitpid(info.si_pid, NULL, __WALL);
		else
			supervisor_ended(v);
	}
	info.si_pid = 0;
	if (v->status < 0 &&
	    !waitid(P_PID, command, &info, WSTOPPED | WNOHANG) && info.si_pid)
		supervisor_stopped(v);
}

static void supervisor_sigchld(struct supervisor *v)
{
	struct signalfd_siginfo info;

	while (read(v->signals, &info, sizeof(info)) == sizeof(info))
		;
	supervisor_reap(v);
}

/*
 * Whoever continues a job tells its process group, which the command is in: it may
 * be under way, or even have stopped again. Told once more, it would have a signal
 * too many, or not stay stopped.
 */
static bool supervisor_continued(struct supervisor *v)
{
	siginfo_t info = { .si_pid = 0 };

	if (!v->stopped)
		return false;
	v->stopped = false;
	if (waitid(P_PID, pinredir_child_pid(v->child), &info,
		   WSTOPPED | WCONTINUED | WNOHANG) || !info.si_pid)
		return false;
	if (info.si_code == CLD_STOPPED)
		supervisor_stopped(v);
	return true;
}

static void supervisor_pass_on(struct supervisor *v, int signal)
{
	bool ends = signal_ends(signal);

	/* The front may not have known that the command has ended. */
	if (ends)
		supervisor_reap(v);
	if (ends && v->status >= 0)
		supervisor_tell(v, &(struct news){ .what = NEWS_END,
						   .status = v->status,
						   .signal = v->signal });
	if (v->status >= 0 || (signal == SIGCONT && supervisor_continued(v)))
		return;
	syscall(SYS_pidfd_send_signal, pinredir_child_pidfd(v->child), signal,
		NULL, 0);
}

/* A signal to be passed on, or the front is gone */
static void supervisor_front(struct supervisor *v)
{
	int signal;

	if (recv(v->front, &signal, sizeof(signal), MSG_DONTWAIT) !=
	    sizeof(signal)) {
		close(v->front);
		v->front = -1;
	} else {
		supervisor_pass_on(v, signal);
	}
}

static void supervisor_completions(struct supervisor *v)
{
	struct seccomp_pin_completion completions[COMPLETIONS];
	int i, n;

	do {
		n = pinredir_read_completions(v->ctx, completions, COMPLETIONS,
					      sizeof(*completions),
					      PINREDIR_NONBLOCK);
		for (i = 0; i < n; i++)
			v->s->completion(&completions[i], v->s->data);
	} while (n == COMPLETIONS);
}

/* Returns when there are no targets, or with -errno. */
static int supervisor_serve(struct supervisor *v)
{
	struct pollfd fds[] = {
		{ .fd = pinredir_loop_fd(v->loop), .events = POLLIN },
		{ .fd = v->signals, .events = POLLIN },
		{ .events = POLLIN },
		{ .fd = v->s->options.completions ?
			pinredir_completion_fd(v->ctx) : -1,
		  .events = POLLIN },
		{ .events = POLLIN },
	};
	int err;

	for (;;) {
		fds[2].fd = v->front;
		/* If it has executed nothing, there is no SIGCHLD. */
		fds[4].fd = v->status < 0 ? pinredir_child_pidfd(v->child) : -1;
		if (poll(fds, sizeof(fds) / sizeof(*fds), -1) < 0)
			return -errno;
		/* How calls ended comes before the next calls. */
		if (fds[3].revents)
			supervisor_completions(v);
		if (fds[0].revents) {
			err = pinredir_loop_dispatch(v->loop);
			if (err)
				return err == -ESRCH ? 0 : err;
		}
		if (fds[2].revents)
			supervisor_front(v);
		if (fds[1].revents || fds[4].revents)
			supervisor_sigchld(v);
	}
}

/* No calls come any more, or none can be served. */
static void supervisor_finish(struct supervisor *v, int err)
{
	struct pollfd ended = {
		.fd = pinredir_child_pidfd(v->child),
		.events = POLLIN,
	};

	if (err)
		supervisor_fail(v, "serving calls", err);
	/* Without a target, the command has all but ended. */
	while (!err && v->status < 0) {
		poll(&ended, 1, -1);
		supervisor_reap(v);
	}
	if (v->s->options.completions)
		supervisor_completions(v);
	v->s->finish(v->s->data);
	if (err)
		v->signal = 0;
	if (err)
		supervisor_tell_end(v, STATUS_FAILED);
	else if (v->s->wait_for_all)
		supervisor_tell_end(v, v->status);
}

static int child_setup(void *data)
{
	const struct supervisor *v = data;
	int err = start_restore(v->start);

	return err || !v->s->confined ? err : confine_rights();
}

/* What the command has is its own from here on, to close when it likes. */
static int supervisor_let_go(const struct supervisor *v)
{
	int fd, null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return -errno;
	for (fd = 0; fd <= 2; fd++)
		if (dup2(null, fd) < 0)
			return -errno;
	close(null);
	start_close_fds(v->start);
	/* Nor is its working directory held on to, which it may unmount. */
	return chdir("/") ? -errno : 0;
}

/* Why there can be none: the errno alone does not tell. */
static int supervisor_explain(struct supervisor *v, int err)
{
	struct pinredir_report report = { .size = sizeof(report) };

	supervisor_fail(v, "no supervision", err);
	if (err == -EFBIG || err == -ENOMEM) {
		text_print(&v->text, "pinredir %s: it takes %lu MiB of address space at least, but little memory: raise the limit (ulimit -%c)\n",
			   v->s->name, ARENA_LEAST >> 20,
			   err == -EFBIG ? 'f' : 'v');
		return err;
	}
	if (!pinredir_probe(&report, v->s->options.device) &&
	    report.problem != PINREDIR_NO_PROBLEM)
		text_print(&v->text, "pinredir %s: %s\n", v->s->name,
			   pinredir_problem_string(report.problem));
	return err;
}

/*
 * With less than the default where a limit keeps it from that. Windows are small then: a
 * family of processes has a share of their number, not of the bytes.
 */
static int supervisor_open_context(struct supervisor *v)
{
	struct pinredir_options options = v->s->options;
	int err;

	options.arena_size = ARENA_MOST;
	for (;;) {
		err = pinredir_open(&v->ctx, pinredir_child_listener(v->child),
				    &options);
		if ((err != -ENOMEM && err != -EFBIG) ||
		    options.arena_size == ARENA_LEAST)
			return err;
		options.arena_size /= 2;
		options.window_size = 2 * options.slot_size;
	}
}

static int supervisor_open(struct supervisor *v)
{
	int err;

	err = supervisor_open_context(v);
	if (err)
		return supervisor_explain(v, err);
	err = pinredir_loop_new(&v->loop, v->ctx, &v->s->loop);
	if (!err)
		err = v->s->begin(v->ctx, v->loop, v->s->data);
	if (!err)
		err = supervisor_let_go(v);
	return err ? supervisor_fail(v, "no supervision", err) : 0;
}

/* 0, or the status to exit with */
static int supervisor_spawn(struct supervisor *v)
{
	const struct pinredir_spawn how = {
		.size = sizeof(how),
		.flags = v->s->confined ? PINREDIR_KNOWN_ONLY : 0,
		.argv = v->s->argv,
		.keep_fds = v->start->fds,
		.keep_count = v->start->count,
		.setup = child_setup,
		.setup_data = v,
	};
	sigset_t blocked;
	int err;

	/* The command inherits it. */
	sigprocmask(SIG_SETMASK, &v->start->mask, &blocked);
	err = pinredir_spawn(&v->child, v->s->filter, &how);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	if (!err)
		return 0;
	supervisor_fail(v, v->s->argv[0], err);
	if (err == -EBUSY)
		text_print(&v->text, "pinredir %s: it is under a seccomp filter with a listener already, as everything that pinredir runs; there is one at most\n",
			   v->s->name);
	return err == -ENOENT || err == -EACCES || err == -ENOTDIR ?
	       exec_status(err) : STATUS_FAILED;
}

static int supervisor_begin(struct supervisor *v)
{
	sigset_t child;
	int status;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	v->signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	if (v->signals < 0) {
		supervisor_fail(v, "signalfd", -errno);
		return STATUS_FAILED;
	}
	/*
	 * Out of the way of what the terminal tells the command. Orphans that the
	 * command leaves become children of this process: to attach to them
	 * takes more than that otherwise, where Yama restricts it.
	 */
	if (v->start->group)
		setpgid(0, 0);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	status = supervisor_spawn(v);
	if (status)
		return status;
	return supervisor_open(v) ? STATUS_FAILED : 0;
}

/*
 * The command waits in its execve, and nobody is going to answer it. It has the listener
 * open itself until then, so that it would wait for ever.
 */
static void supervisor_abandon(struct supervisor *v)
{
	syscall(SYS_pidfd_send_signal, pinredir_child_pidfd(v->child), SIGKILL,
		NULL, 0);
	while (pinredir_child_wait(v->child, NULL, 0) == -EINTR)
		;
	pinredir_child_free(v->child);
}

static void supervisor_run(const struct supervision *s,
			   const struct start *start, int front)
{
	struct supervisor v = {
		.s = s,
		.start = start,
		.front = front,
		.status = -1,
	};
	int status = supervisor_begin(&v);

	if (status && v.child)
		supervisor_abandon(&v);
	if (status)
		supervisor_tell_end(&v, status);
	else
		supervisor_finish(&v, supervisor_serve(&v));
}

int supervise(const struct supervision *supervision,
	      const struct start *start)
{
	int sockets[2];
	pid_t pid;

	/*
	 * The command is the same user's: it could attach to the front, which has no
	 * filter, and make calls there.
	 */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)) {
		perror("pinredir: prctl");
		return STATUS_FAILED;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets)) {
		perror("pinredir: socketpair");
		return STATUS_FAILED;
	}
	pid = fork();
	if (pid < 0) {
		perror("pinredir: fork");
		return STATUS_FAILED;
	}
	if (!pid) {
		close(sockets[0]);
		supervisor_run(supervision, start, sockets[1]);
		_exit(0);
	}
	close(sockets[1]);
	start_close_fds(start);
	return front_run(sockets[0], pid);
}
