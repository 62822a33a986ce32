// SPDX-License-Identifier: GPL-2.0-only
/* Spawning: programs under filters that leave them not one syscall. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pinredir.h>

#include "pin.h"

static scmp_filter_ctx filter_for(const char *const *names)
{
	scmp_filter_ctx filter = seccomp_init(names ? SCMP_ACT_ALLOW :
						      SCMP_ACT_NOTIFY);

	assert_non_null(filter);
	for (; names && *names; names++)
		assert_int_equal(seccomp_rule_add(filter, SCMP_ACT_NOTIFY,
				 seccomp_syscall_resolve_name(*names), 0), 0);
	return filter;
}

static int allow(struct pinredir_call *call, void *data)
{
	(void)call;
	(void)data;
	return PINREDIR_ALLOW;
}

/* Spawn under @filter, which is released */
static int spawn_how(struct pinredir_child **child, scmp_filter_ctx filter,
		     struct pinredir_spawn *how)
{
	int err;

	how->size = sizeof(*how);
	err = pinredir_spawn(child, filter, how);
	seccomp_release(filter);
	return err;
}

static struct pinredir_child *spawn(scmp_filter_ctx filter, char **argv)
{
	struct pinredir_spawn how = { .argv = argv };
	struct pinredir_child *child;

	assert_int_equal(spawn_how(&child, filter, &how), 0);
	return child;
}

/* Supervise it to its end with everything allowed; as pinredir_child_wait() */
static int supervise_with(struct pinredir_child *child, int *status,
			  pinredir_handler handler, void *data)
{
	struct pinredir *ctx;
	struct pinredir_loop *loop;
	int err;

	assert_int_equal(pinredir_open(&ctx, pinredir_child_listener(child),
				       NULL), 0);
	assert_int_equal(pinredir_loop_new(&loop, ctx, NULL), 0);
	assert_int_equal(pinredir_loop_handle(loop, -1, handler, data), 0);
	assert_int_equal(pinredir_loop_run(loop), 0);
	pinredir_loop_free(loop);
	pinredir_close(ctx);
	err = pinredir_child_wait(child, status, 0);
	pinredir_child_free(child);
	return err;
}

static int supervise(struct pinredir_child *child)
{
	int status;

	assert_int_equal(supervise_with(child, &status, allow, NULL), 0);
	return status;
}

/* Not one syscall of these goes by itself, from their execve on. */
static void every_syscall_notifies(void **state)
{
	char *const *argv;
	static char *programs[][4] = {
		{ "true" },
		{ "false" },
		{ "sh", "-c", "exit 7" },
		{ "python3", "-c", "import os, threading\n"
		  "t = threading.Thread(target=os.getpid)\n"
		  "t.start()\nt.join()\nos._exit(9)" },
	};
	static const int statuses[] = { 0, 1, 7, 9 };
	/* Python makes more of them than the debug kernel has time for. */
	unsigned int i, count = debug_kernel() ? 3 : 4;
	int status;

	(void)state;
	for (i = 0; i < count; i++) {
		argv = programs[i];
		status = supervise(spawn(filter_for(NULL), (char **)argv));
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), statuses[i]);
	}
}

static int out_fd;

static int setup_output(void *data)
{
	(void)data;
	return dup2(out_fd, STDOUT_FILENO) < 0 ? -errno : 0;
}

/* What a program prints, run with @how under @filter */
static void output(scmp_filter_ctx filter, struct pinredir_spawn *how,
		   char *buf, size_t size)
{
	struct pinredir_child *child;
	char name[] = "/tmp/spawn-XXXXXX";
	int keep[8], status;
	ssize_t n;

	out_fd = mkstemp(name);
	assert_true(out_fd >= 0);
	assert_int_equal(unlink(name), 0);
	assert_true(how->keep_count < 8);
	memcpy(keep, how->keep_fds, how->keep_count * sizeof(*keep));
	how->keep_fds = keep;
	keep[how->keep_count++] = out_fd;
	how->setup = setup_output;
	assert_int_equal(spawn_how(&child, filter, how), 0);
	status = supervise(child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	n = pread(out_fd, buf, size - 1, 0);
	assert_true(n >= 0);
	buf[n] = 0;
	close(out_fd);
}

/* Neither what the library made for it, nor what this process has open. */
static void no_fds_leak(void **state)
{
	char buf[4096], want[64];
	char *argv[] = { "sh", "-c", "for f in /proc/self/fd/*; do "
		"[ -e $f ] && echo ${f##*/}; done; true", NULL };
	int kept = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 40);
	int other = fcntl(STDIN_FILENO, F_DUPFD, 50);
	int high = fcntl(STDIN_FILENO, F_DUPFD, 600);
	struct pinredir_spawn how = {
		.argv = argv,
		.keep_fds = &kept,
		.keep_count = 1,
	};

	(void)state;
	assert_int_equal(kept, 40);
	output(filter_for((const char *[]){ "execve", NULL }), &how, buf,
	       sizeof(buf));
	snprintf(want, sizeof(want), "0\n1\n2\n%d\n40\n", out_fd);
	assert_string_equal(buf, want);
	/* As they were here */
	assert_int_equal(fcntl(kept, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(other, F_GETFD), 0);
	close(kept);
	close(other);
	close(high);
}

static void no_mappings_leak(void **state)
{
	static char buf[1 << 16];
	char *argv[] = { "cat", "/proc/self/maps", NULL };
	struct pinredir_spawn how = { .argv = argv };

	(void)state;
	output(filter_for((const char *[]){ "execve", NULL }), &how, buf,
	       sizeof(buf));
	assert_non_null(strstr(buf, "/cat"));
	assert_null(strstr(buf, "/dev/zero"));
	/* The window, for its paths, is all there is of ours. */
	assert_null(strstr(buf, "rw-s"));
}

static void on_signal(int sig)
{
	(void)sig;
}

/* The value of a line of /proc/PID/status */
static uint64_t status_of(const char *status, const char *name)
{
	const char *line = strstr(status, name);

	assert_non_null(line);
	return strtoull(line + strlen(name), NULL, 16);
}

#define BIT_OF(sig)	(1ULL << ((sig) - 1))

static void signals_as_with_posix_spawn(void **state)
{
	char buf[8192];
	char *argv[] = { "cat", "/proc/self/status", NULL };
	struct pinredir_spawn how = { .argv = argv };
	sigset_t mask, old;

	(void)state;
	signal(SIGUSR1, on_signal);
	signal(SIGUSR2, SIG_IGN);
	sigemptyset(&mask);
	sigaddset(&mask, SIGHUP);
	pthread_sigmask(SIG_SETMASK, &mask, &old);
	output(filter_for((const char *[]){ "execve", NULL }), &how, buf,
	       sizeof(buf));
	assert_int_equal(status_of(buf, "SigBlk:"), BIT_OF(SIGHUP));
	assert_int_equal(status_of(buf, "SigCgt:"), 0);
	assert_true(status_of(buf, "SigIgn:") & BIT_OF(SIGUSR2));
	assert_false(status_of(buf, "SigIgn:") & BIT_OF(SIGUSR1));
	/* And here, it is as it was. */
	pthread_sigmask(SIG_SETMASK, &old, &mask);
	assert_true(sigismember(&mask, SIGHUP));
	assert_false(sigismember(&mask, SIGTERM));
	signal(SIGUSR1, SIG_DFL);
	signal(SIGUSR2, SIG_DFL);
}

static void directory_and_environment(void **state)
{
	char buf[256];
	char *argv[] = { "sh", "-c", "pwd; echo $A", NULL };
	char *envp[] = { "A=b", NULL };
	struct pinredir_spawn how = {
		.argv = argv,
		.envp = envp,
		.directory = "/usr/bin",
	};

	(void)state;
	output(filter_for((const char *[]){ "execve", NULL }), &how, buf,
	       sizeof(buf));
	assert_string_equal(buf, "/usr/bin\nb\n");
}

/* Nothing of it is left, not even a zombie. */
static void no_child_is_left(void)
{
	assert_int_equal(waitpid(-1, NULL, __WALL | WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static int setup_fails(void *data)
{
	(void)data;
	return -EDOM;
}

static int setup_dies(void *data)
{
	(void)data;
	return kill(getpid(), SIGKILL);
}

/* It does not know what is the library's; nor does it send anything of it. */
static int setup_closes(void *data)
{
	(void)data;
	return syscall(SYS_close_range, 3, ~0U, 0) ? -errno : 0;
}

static void fails(struct pinredir_spawn how, int err)
{
	static char *argv[] = { "true", NULL };
	struct pinredir_child *child;

	if (!how.argv)
		how.argv = argv;
	assert_int_equal(spawn_how(&child, filter_for(NULL), &how), err);
	no_child_is_left();
}

static void failures_have_names(void **state)
{
	char *script[] = { "/etc/hostname", NULL };
	char *none[] = { NULL };
	struct pinredir_spawn how = { .size = 1, .argv = script };
	struct pinredir_child *child;
	scmp_filter_ctx filter;
	int bad[] = { 900 };

	(void)state;
	fails((struct pinredir_spawn){ .flags = 2 }, -EINVAL);
	fails((struct pinredir_spawn){ .argv = none }, -EINVAL);
	fails((struct pinredir_spawn){ .keep_count = 1 }, -EINVAL);
	fails((struct pinredir_spawn){ .keep_fds = bad, .keep_count = 1 },
	      -EBADF);
	fails((struct pinredir_spawn){ .file = "no-such-program" }, -ENOENT);
	fails((struct pinredir_spawn){ .file = "" }, -ENOENT);
	fails((struct pinredir_spawn){ .directory = "/no/such" }, -ENOENT);
	fails((struct pinredir_spawn){ .directory = "/etc/passwd" },
	      -ENOTDIR);
	fails((struct pinredir_spawn){ .setup = setup_fails }, -EDOM);
	fails((struct pinredir_spawn){ .setup = setup_dies }, -ESRCH);
	fails((struct pinredir_spawn){ .setup = setup_closes }, -EBADF);

	filter = seccomp_init(SCMP_ACT_ALLOW);
	assert_int_equal(pinredir_spawn(&child, filter, &how), -EINVAL);
	how.size = sizeof(how);
	assert_int_equal(pinredir_spawn(&child, filter, &how), -EINVAL);
	assert_int_equal(pinredir_spawn(&child, filter, NULL), -EINVAL);
	seccomp_release(filter);
	no_child_is_left();
}

/* What no target here calls */
static const char *const trap_little[] = { "acct", NULL };

/* A spawn that fails, by a process that has lost what it was started with */
static void fails_without_stdio(int first, int last)
{
	char *argv[] = { "true", NULL };
	struct pinredir_spawn how = { .argv = argv, .setup = setup_fails };
	struct pinredir_child *child;
	pid_t pid = fork();

	if (!pid) {
		alarm(TIME_LIMIT_MS / 1000);
		REQUIRE(!syscall(SYS_close_range, first, last, 0));
		REQUIRE(spawn_how(&child, filter_for(NULL), &how) == -EDOM);
		how.setup = NULL;
		how.file = "/nonesuch/program";
		REQUIRE(!spawn_how(&child, filter_for(trap_little), &how));
		REQUIRE(pinredir_child_wait(child, NULL, 0) == -ENOENT);
		pinredir_child_free(child);
		REQUIRE(waitpid(-1, NULL, __WALL | WNOHANG) < 0);
		_exit(0);
	}
	assert_int_equal(await_exit(pid), 0);
}

static void failures_without_stdio(void **state)
{
	(void)state;
	fails_without_stdio(0, 0);
	fails_without_stdio(0, 1);
	fails_without_stdio(0, 2);
	fails_without_stdio(1, 2);
}

/* What another thread's fork() does: it has all that is open at that moment. */
static int hold_all(void *arg)
{
	volatile int *step = arg;

	await_word(step, 1);
	REQUIRE(!unshare(CLONE_FILES));
	*step = 2;
	for (;;)
		pause();
	return 0;
}

static int setup_is_held(void *data)
{
	volatile int *step = data;

	*step = 1;
	await_word(step, 2);
	return -EDOM;
}

static void failure_while_another_forks(void **state)
{
	volatile int *step = shared_memory(sizeof(*step));
	char *argv[] = { "true", NULL };
	struct pinredir_spawn how = {
		.argv = argv,
		.setup = setup_is_held,
		.setup_data = (void *)step,
	};
	struct pinredir_child *child;
	static char stack[1 << 16];
	pid_t holder;

	(void)state;
	holder = clone(hold_all, stack + sizeof(stack), CLONE_FILES | SIGCHLD,
		       (void *)step);
	assert_true(holder > 0);
	assert_int_equal(spawn_how(&child, filter_for(NULL), &how), -EDOM);
	assert_int_equal(kill(holder, SIGKILL), 0);
	assert_int_equal(WTERMSIG(await_exit(holder)), SIGKILL);
	no_child_is_left();
}

/* Its number may be another child's by then. */
static void somebody_else_waits(void **state)
{
	char *argv[] = { "sh", "-c", "exit 3", NULL };
	struct pinredir_child *child = spawn(filter_for(trap_little), argv);
	int status;

	(void)state;
	assert_int_equal(waitpid(pinredir_child_pid(child), &status, __WALL),
			 pinredir_child_pid(child));
	assert_int_equal(WEXITSTATUS(status), 3);
	assert_int_equal(pinredir_child_wait(child, &status, 0), -ECHILD);
	pinredir_child_free(child);
}

static int setup_closes_and_tells(void *data)
{
	int *closed = data, err = setup_closes(NULL);

	__atomic_store_n(closed, 1, __ATOMIC_RELEASE);
	return err;
}

static int spawn_in_target(void *closed)
{
	char *argv[] = { "true", NULL };
	struct pinredir_spawn how = {
		.argv = argv,
		.setup = setup_closes_and_tells,
		.setup_data = closed,
	};
	struct pinredir_child *child;
	int err = spawn_how(&child, filter_for(NULL), &how);

	if (waitpid(-1, NULL, __WALL | WNOHANG) != -1 || errno != ECHILD)
		return 1;
	return err == -EBADF ? 0 : 2;
}

/* Before the third process, which is held up in its send(), has said a word */
static void setup_closes_early(void **state)
{
	static const char *const traps[] = { "sendto", NULL };
	int *closed = shared_memory(sizeof(*closed));
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;
	int err;

	(void)state;
	assert_int_equal(target_start(&target, NULL, traps, spawn_in_target,
				      closed), 0);
	pin_open(&pin, target.listener);
	/* Nobody waits for the third process: it may be killed before that, or after. */
	memset(&r, 0, sizeof(r));
	err = pin_ioctl(pin.fd, SECCOMP_PIN_RECEIVE, &r);
	assert_true(!err || err == -ESRCH);
	assert_true(err || r.pid != (uint32_t)target.pid);
	await_word(closed, 1);
	if (!err)
		err = pin_continue(&pin, r.id);
	assert_true(!err || err == -ENOENT || err == -ESRCH);
	assert_int_equal(target_wait(&target), 0);
	pin_close(&pin);
}

static int spawn_without_courier(void)
{
	char *argv[] = { "true", NULL };
	struct pinredir_spawn how = { .argv = argv };
	struct pinredir_child *child;
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	/* Where the third process has its end of the socket */
	if (seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(sendto), 1,
			     SCMP_A0(SCMP_CMP_GE, 512)) ||
	    seccomp_load(filter))
		return 1;
	seccomp_release(filter);
	if (spawn_how(&child, filter_for(NULL), &how) != -ESRCH)
		return 2;
	return waitpid(-1, NULL, __WALL | WNOHANG) == -1 && errno == ECHILD ?
	       0 : 3;
}

/* The child waits in its execve then, for ever if nobody sees to it. */
static void courier_is_killed(void **state)
{
	pid_t pid = fork();

	(void)state;
	if (!pid)
		_exit(spawn_without_courier());
	assert_int_equal(await_exit(pid), 0);
}

/* One call more than it can make, and nobody to answer: told all the same. */
static void failed_execve_is_told(void **state)
{
	char *argv[] = { "/no/such/program", NULL };
	char *text[] = { "/etc/passwd", NULL };
	struct pinredir_child *child;
	scmp_filter_ctx filter;
	int status;

	(void)state;
	/* By the kernel, with every syscall allowed one by one */
	child = spawn(filter_for(NULL), argv);
	assert_int_equal(supervise_with(child, &status, allow, NULL), -ENOENT);
	child = spawn(filter_for(NULL), text);
	assert_int_equal(supervise_with(child, &status, allow, NULL), -EACCES);
	/* Its exit_group is never answered. */
	child = spawn(filter_for((const char *[]){ "exit_group", NULL }), argv);
	AWAIT(pinredir_child_wait(child, &status, PINREDIR_NONBLOCK) ==
	      -ENOENT);
	assert_int_equal(pinredir_child_wait(child, &status, 0), -ENOENT);
	pinredir_child_free(child);
	no_child_is_left();
	/* By the filter, which does not let it exit either */
	filter = seccomp_init(SCMP_ACT_ERRNO(EDOM));
	assert_int_equal(seccomp_rule_add(filter, SCMP_ACT_NOTIFY,
					  SCMP_SYS(dup), 0), 0);
	child = spawn(filter, argv);
	assert_int_equal(pinredir_child_wait(child, &status, 0), -EDOM);
	pinredir_child_free(child);
	no_child_is_left();
}

static int deny(struct pinredir_call *call, void *data)
{
	(void)call;
	return -*(int *)data;
}

/* The policy's word on the program itself */
static void denied_execve_is_told(void **state)
{
	char *argv[] = { "true", NULL };
	int error = EXDEV, status;

	(void)state;
	assert_int_equal(supervise_with(spawn(filter_for(NULL), argv), &status,
					deny, &error), -EXDEV);
	no_child_is_left();
}

static void killed_by_the_filter(void **state)
{
	char *argv[] = { "true", NULL };
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	struct pinredir_child *child;
	int status;

	(void)state;
	assert_int_equal(seccomp_rule_add(filter, SCMP_ACT_NOTIFY,
					  SCMP_SYS(dup), 0), 0);
	child = spawn(filter, argv);
	assert_int_equal(pinredir_child_wait(child, &status, 0), 0);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
	pinredir_child_free(child);
}

static void waiting(void **state)
{
	char *argv[] = { "true", NULL };
	struct pinredir_child *child = spawn(filter_for(NULL), argv);
	struct pollfd pollfd = {
		.fd = pinredir_child_pidfd(child),
		.events = POLLIN,
	};
	int status;

	(void)state;
	/* In its execve, with nobody to answer. */
	assert_int_equal(pinredir_child_wait(child, &status,
					     PINREDIR_NONBLOCK), -EAGAIN);
	assert_int_equal(pinredir_child_wait(child, &status, 2), -EINVAL);
	assert_int_equal(poll(&pollfd, 1, 0), 0);
	assert_int_equal(kill(pinredir_child_pid(child), SIGKILL), 0);
	assert_int_equal(poll(&pollfd, 1, TIME_LIMIT_MS), 1);
	assert_int_equal(pinredir_child_wait(child, &status, 0), 0);
	assert_true(WIFSIGNALED(status));
	status = 0;
	assert_int_equal(pinredir_child_wait(child, &status, 0), 0);
	assert_int_equal(WTERMSIG(status), SIGKILL);
	pinredir_child_free(child);
	no_child_is_left();
}

static volatile sig_atomic_t children;

static void on_child(int sig)
{
	(void)sig;
	children++;
}

/* Who counts its children's signals counts one. */
static void one_child_one_signal(void **state)
{
	char *argv[] = { "true", NULL };

	(void)state;
	children = 0;
	signal(SIGCHLD, on_child);
	assert_int_equal(supervise(spawn(filter_for(NULL), argv)), 0);
	signal(SIGCHLD, SIG_DFL);
	assert_int_equal(children, 1);
}

static void *spawn_some(void *arg)
{
	char *argv[] = { "true", NULL };
	int *good = arg, status, i;
	struct pinredir_spawn how = { .size = sizeof(how), .argv = argv };
	struct pinredir_child *child;
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	/* Its exit is what is notified of; with nobody to ask, it is killed. */
	seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(exit_group), 0);
	for (i = 0; i < 8; i++) {
		if (pinredir_spawn(&child, filter, &how))
			break;
		kill(pinredir_child_pid(child), SIGKILL);
		if (pinredir_child_wait(child, &status, 0) ||
		    !WIFSIGNALED(status))
			break;
		pinredir_child_free(child);
		++*good;
	}
	seccomp_release(filter);
	return NULL;
}

static int open_fds(void)
{
	int fd, count = 0;

	for (fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void many_threads_spawn(void **state)
{
	pthread_t threads[4];
	int good[4] = { 0 }, i, before = open_fds();

	(void)state;
	for (i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, spawn_some,
						&good[i]), 0);
	for (i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(good[i], 8);
	}
	no_child_is_left();
	assert_int_equal(open_fds(), before);
}

/* An answered execve takes ptrace access: to a child of who is not dumpable. */
static int unprivileged_twice(void)
{
	char *argv[] = { "true", NULL };
	int i, status;

	if (setgroups(0, NULL) || setgid(1000) || setuid(1000) ||
	    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0))
		return 1;
	for (i = 0; i < 2; i++) {
		if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != !i)
			return 2;
		status = supervise(spawn(filter_for(NULL), argv));
		if (status)
			return 3;
	}
	return 0;
}

static void unprivileged_supervisor(void **state)
{
	pid_t pid;

	(void)state;
	assert_int_equal(chmod(SECCOMP_PIN_DEVICE, 0666), 0);
	pid = fork();
	if (!pid)
		_exit(unprivileged_twice());
	assert_int_equal(await_exit(pid), 0);
	assert_int_equal(chmod(SECCOMP_PIN_DEVICE, 0600), 0);
}

static int setup_other_user(void *data)
{
	(void)data;
	if (setgroups(0, NULL) || setgid(1000) || setuid(1000))
		return -errno;
	return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) ? -EDOM : 0;
}

/* That user's processes cannot attach to a copy of this one, before its execve. */
static void i5_the_copy_is_guarded(void **state)
{
	char *argv[] = { "true", NULL };
	struct pinredir_spawn how = {
		.argv = argv,
		.setup = setup_other_user,
	};
	struct pinredir_child *child;

	(void)state;
	assert_int_equal(spawn_how(&child, filter_for(NULL), &how), 0);
	assert_int_equal(supervise(child), 0);
}

/*
 * libseccomp 2.6 has an attribute for waits that fatal signals alone end, by this
 * number. An older one is made to have it here: all behind it is as it is.
 */
#define ATTR_WAITKILL	10

static bool wait_killable;

int seccomp_attr_get(const scmp_filter_ctx filter, enum scmp_filter_attr attr,
		     uint32_t *value)
{
	int (*get)(const scmp_filter_ctx filter, enum scmp_filter_attr attr,
		   uint32_t *value) = dlsym(RTLD_NEXT, "seccomp_attr_get");

	if ((int)attr != ATTR_WAITKILL)
		return get(filter, attr, value);
	*value = wait_killable;
	return 0;
}

static volatile sig_atomic_t handled;

static void on_usr1(int sig)
{
	(void)sig;
	handled++;
}

/* This program again, as a target: what its call says, and its handler has run. */
static int target_main(void)
{
	struct sigaction action = { .sa_handler = on_usr1 };
	int error = 0;

	sigaction(SIGUSR1, &action, NULL);
	if (syscall(SYS_faccessat, AT_FDCWD, "/", F_OK))
		error = errno;
	return handled == 1 ? error : -1;
}

/*
 * A signal that has a handler comes when the call has been received. @spawn, @open:
 * PINREDIR_INTERRUPTIBLE or 0
 */
static void signal_while_it_waits(bool goes_on, unsigned int spawn,
				  unsigned int open)
{
	char *argv[] = { "/proc/self/exe", "target", NULL };
	struct pinredir_spawn how = {
		.size = sizeof(how),
		.flags = spawn,
		.argv = argv,
	};
	struct pinredir_options options = {
		.size = sizeof(options),
		.flags = open,
	};
	struct pinredir_child *child;
	struct pinredir_call *call;
	struct pinredir *ctx;
	int status;

	assert_int_equal(spawn_how(&child, filter_for((const char *[]){
				   "faccessat", NULL }), &how), 0);
	assert_int_equal(pinredir_open(&ctx, pinredir_child_listener(child),
				       &options), 0);
	assert_int_equal(pinredir_receive(ctx, &call, 0), 0);
	assert_int_equal(kill(pinredir_child_pid(child), SIGUSR1), 0);
	if (goes_on) {
		/* Woken by the signal, it goes on waiting for fatal ones. */
		AWAIT(task_state(pinredir_child_pid(child)) == 'D');
		assert_int_equal(pinredir_deny(call, EDOM), 0);
	}
	assert_int_equal(pinredir_child_wait(child, &status, 0), 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), goes_on ? EDOM : EINTR);
	if (!goes_on)
		assert_int_equal(pinredir_deny(call, EDOM), PINREDIR_GONE);
	pinredir_release(call);
	pinredir_close(ctx);
	pinredir_child_free(child);
}

static void control_a_signal_ends_the_wait(void **state)
{
	(void)state;
	signal_while_it_waits(false, PINREDIR_INTERRUPTIBLE,
			      PINREDIR_INTERRUPTIBLE);
}

/* By the filter, which is all that there is without the device; by the context */
static void waits_killable(void **state)
{
	(void)state;
	signal_while_it_waits(true, 0, 0);
	signal_while_it_waits(true, 0, PINREDIR_INTERRUPTIBLE);
	signal_while_it_waits(true, PINREDIR_INTERRUPTIBLE, 0);
}

static void waits_killable_if_the_filter_says_so(void **state)
{
	(void)state;
	wait_killable = true;
	signal_while_it_waits(true, PINREDIR_INTERRUPTIBLE,
			      PINREDIR_INTERRUPTIBLE);
	wait_killable = false;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_syscall_notifies),
		cmocka_unit_test(no_fds_leak),
		cmocka_unit_test(no_mappings_leak),
		cmocka_unit_test(signals_as_with_posix_spawn),
		cmocka_unit_test(directory_and_environment),
		cmocka_unit_test(failures_have_names),
		cmocka_unit_test(failures_without_stdio),
		cmocka_unit_test(failure_while_another_forks),
		cmocka_unit_test(somebody_else_waits),
		cmocka_unit_test(setup_closes_early),
		cmocka_unit_test(courier_is_killed),
		cmocka_unit_test(failed_execve_is_told),
		cmocka_unit_test(denied_execve_is_told),
		cmocka_unit_test(killed_by_the_filter),
		cmocka_unit_test(waiting),
		cmocka_unit_test(one_child_one_signal),
		cmocka_unit_test(many_threads_spawn),
		cmocka_unit_test(unprivileged_supervisor),
		cmocka_unit_test(i5_the_copy_is_guarded),
		cmocka_unit_test(control_a_signal_ends_the_wait),
		cmocka_unit_test(waits_killable),
		cmocka_unit_test(waits_killable_if_the_filter_says_so),
	};

	(void)argv;
	if (argc > 1)
		return target_main();
	return run_group(tests);
}
