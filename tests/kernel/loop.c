// SPDX-License-Identifier: GPL-2.0-only
/* Loops: whatever a handler does, or fails to do, its target gets an answer. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <pinredir.h>

#include "pin.h"

#define PROCESSES	8
#define THREADS		4
#define ROUNDS		100

/* Shared with the target */
struct shared {
	long ret[8];
	int wrong[PROCESSES];
};

static struct shared *shared;

/* What has been told of */
static struct {
	pthread_mutex_t lock;
	int count;
	int error;
	int nr;
} told = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct {
	struct target target;
	struct pinredir *ctx;
	struct pinredir_loop *loop;
} f;

static void trouble(struct pinredir_call *call, int error, void *data)
{
	assert_ptr_equal(data, &told);
	pthread_mutex_lock(&told.lock);
	told.count++;
	told.error = error;
	told.nr = pinredir_nr(call);
	pthread_mutex_unlock(&told.lock);
}

static void start_with(const char *const *traps, int (*run)(void *arg),
		       struct pinredir_loop_options options)
{
	options.size = sizeof(options);
	options.trouble = trouble;
	options.data = &told;
	told.count = 0;
	shared = shared_memory(sizeof(*shared));
	assert_int_equal(target_start(&f.target, NULL, traps, run, NULL), 0);
	assert_int_equal(pinredir_open(&f.ctx, f.target.listener, NULL), 0);
	assert_int_equal(pinredir_loop_new(&f.loop, f.ctx, &options), 0);
}

static void start(const char *trap, int (*run)(void *arg))
{
	start_with((const char *[]){ trap, NULL }, run,
		   (struct pinredir_loop_options){ 0 });
}

static void handle(const char *name, pinredir_handler handler, void *data)
{
	int nr = seccomp_syscall_resolve_name(name);

	assert_int_equal(pinredir_loop_handle(f.loop, nr, handler, data), 0);
}

static void run(void)
{
	assert_int_equal(pinredir_loop_run(f.loop), 0);
}

/* Ended by itself, with nothing left of it here */
static void finish(void)
{
	struct seccomp_pin_query query;

	assert_int_equal(await_exit(f.target.pid), 0);
	assert_int_equal(pinredir_query(f.ctx, &query, sizeof(query)), 0);
	assert_int_equal(query.calls, 0);
	pinredir_loop_free(f.loop);
	pinredir_close(f.ctx);
	close(f.target.listener);
}

static void assert_told(int count, int error)
{
	assert_int_equal(told.count, count);
	if (count)
		assert_int_equal(told.error, error);
}

static long result(long ret)
{
	return ret < 0 ? -errno : ret;
}

static int run_dup(void *arg)
{
	(void)arg;
	shared->ret[0] = result(syscall(SYS_dup, 1000));
	return 0;
}

static int run_dup_twice(void *arg)
{
	run_dup(arg);
	shared->ret[1] = result(syscall(SYS_dup, 1000));
	return 0;
}

static int run_access(void *arg)
{
	(void)arg;
	shared->ret[0] = result(syscall(SYS_faccessat, AT_FDCWD, "/dev/null",
					F_OK));
	shared->ret[1] = result(syscall(SYS_faccessat, AT_FDCWD, 16UL, F_OK));
	return 0;
}

/* What a handler is to do: answer, then return this */
struct script {
	int (*answer)(struct pinredir_call *call);
	int verdict;
};

static int follow(struct pinredir_call *call, void *data)
{
	struct script *script = data;

	if (script->answer)
		script->answer(call);
	return script->verdict;
}

static int emulate(struct pinredir_call *call)
{
	return pinredir_emulate(call, 4711);
}

static int deny_remembered(struct pinredir_call *call)
{
	return pinredir_remember(call, 0, 0, 0);
}

/* LXC's monitor: it answers by itself, at the listener. */
static int elsewhere(struct pinredir_call *call)
{
	struct seccomp_notif_resp resp = {
		.id = pinredir_id(call),
		.val = 815,
	};

	return pin_ioctl(f.target.listener, SECCOMP_IOCTL_NOTIF_SEND, &resp);
}

static void verdicts(void **state)
{
	static const struct {
		struct script script;
		long ret;
		int told;
	} cases[] = {
		{ { NULL, PINREDIR_ALLOW }, -EBADF, 0 },
		{ { NULL, -EDOM }, -EDOM, 0 },
		{ { NULL, -ENOENT }, -ENOENT, 0 },
		{ { emulate, PINREDIR_ANSWERED }, 4711, 0 },
		/* Forgotten */
		{ { NULL, PINREDIR_ANSWERED }, -EPERM, -EPROTO },
		/* Twice */
		{ { emulate, PINREDIR_ALLOW }, 4711, -EINPROGRESS },
		{ { emulate, -EDOM }, 4711, -EINPROGRESS },
		/* What means nothing */
		{ { NULL, 77 }, -EPERM, -EPROTO },
		{ { NULL, -5000 }, -EPERM, -EPROTO },
		/* A verdict that there is no room for */
		{ { deny_remembered, -EDOM }, -EPERM, -EPROTO },
		{ { deny_remembered, PINREDIR_ALLOW }, -EINVAL, -EINVAL },
		/* Answered by somebody else: an outcome */
		{ { elsewhere, PINREDIR_ALLOW }, 815, 0 },
		{ { elsewhere, -EDOM }, 815, 0 },
		{ { elsewhere, PINREDIR_ANSWERED }, 815, 0 },
		{ { elsewhere, PINREDIR_GONE }, 815, 0 },
	};
	struct script script;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		script = cases[i].script;
		start("dup", run_dup);
		handle("dup", follow, &script);
		run();
		finish();
		assert_int_equal(shared->ret[0], cases[i].ret);
		assert_told(!!cases[i].told, cases[i].told);
	}
}

/* Where there is no handler, and with an errno of one's own */
static void calls_without_a_handler(void **state)
{
	struct script script = { NULL, -EDOM };

	(void)state;
	start("dup", run_dup);
	run();
	finish();
	assert_int_equal(shared->ret[0], -EPERM);
	start_with((const char *[]){ "dup", NULL }, run_dup,
		   (struct pinredir_loop_options){ .deny_error = ENOSYS });
	run();
	finish();
	assert_int_equal(shared->ret[0], -ENOSYS);
	start("dup", run_dup);
	assert_int_equal(pinredir_loop_handle(f.loop, -1, follow, &script), 0);
	assert_int_equal(pinredir_loop_handle(f.loop, -2, follow, NULL),
			 -EINVAL);
	assert_int_equal(pinredir_loop_handle(f.loop, SECCOMP_PIN_MAX_NR,
					      follow, NULL), -EINVAL);
	run();
	finish();
	assert_int_equal(shared->ret[0], -EDOM);
	assert_told(0, 0);
}

static void what_cannot_be_allowed(void **state)
{
	struct script script = { NULL, PINREDIR_ALLOW };

	(void)state;
	start("faccessat", run_access);
	handle("faccessat", follow, &script);
	run();
	finish();
	assert_int_equal(shared->ret[0], 0);
	assert_int_equal(shared->ret[1], -EFAULT);
	assert_told(1, -EFAULT);
}

#ifdef __x86_64__
/* Of i386: getpid is 20, which here is writev. */
static int run_i386(void *arg)
{
	long ret = 20;

	(void)arg;
	asm volatile("int $0x80" : "+a"(ret) : : "memory", "r8", "r9", "r10",
		     "r11");
	shared->ret[0] = ret;
	return 0;
}

static void calls_of_another_abi(void **state)
{
	struct script script = { NULL, -EDOM };

	(void)state;
	start("+getpid", run_i386);
	assert_int_equal(pinredir_loop_handle(f.loop, 20, follow, &script), 0);
	assert_int_equal(pinredir_loop_handle(f.loop, -1, follow, &script), 0);
	run();
	finish();
	assert_int_equal(shared->ret[0], -EPERM);
}
#endif

/* A mailbox for a call, and when something has happened to it */
static struct pinredir_call *mail;
static sem_t posted, go_on;

static int post(struct pinredir_call *call, void *data)
{
	(void)data;
	mail = call;
	sem_post(&posted);
	return PINREDIR_DEFER;
}

/* It is done before it is known to be deferred. */
static int post_and_wait(struct pinredir_call *call, void *data)
{
	post(call, data);
	sem_wait(&go_on);
	return PINREDIR_DEFER;
}

static int await_post(void)
{
	struct timespec limit;

	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec += TIME_LIMIT_MS / 1000;
	return sem_timedwait(&posted, &limit);
}

static void *run_thread(void *arg)
{
	return (void *)(intptr_t)pinredir_loop_run(arg);
}

static pthread_t thread_start(void)
{
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, run_thread, f.loop), 0);
	return thread;
}

static void thread_end(pthread_t thread)
{
	void *ret;

	assert_int_equal(pthread_join(thread, &ret), 0);
	assert_ptr_equal(ret, NULL);
}

static void mailbox(void)
{
	sem_init(&posted, 0, 0);
	sem_init(&go_on, 0, 0);
}

static void deferred(void **state)
{
	pthread_t thread;

	(void)state;
	mailbox();
	start("dup", run_dup);
	handle("dup", post, NULL);
	thread = thread_start();
	assert_int_equal(await_post(), 0);
	assert_int_equal(pinredir_loop_done(f.loop, mail, -EDOM), 0);
	thread_end(thread);
	finish();
	assert_int_equal(shared->ret[0], -EDOM);

	start("dup", run_dup);
	handle("dup", post_and_wait, NULL);
	thread = thread_start();
	assert_int_equal(await_post(), 0);
	assert_int_equal(pinredir_loop_done(f.loop, mail, PINREDIR_ALLOW), 0);
	sem_post(&go_on);
	thread_end(thread);
	finish();
	assert_int_equal(shared->ret[0], -EBADF);
	assert_told(0, 0);

	/* The same mistakes that a handler can make */
	start("dup", run_dup);
	handle("dup", post, NULL);
	thread = thread_start();
	assert_int_equal(await_post(), 0);
	assert_int_equal(pinredir_loop_done(f.loop, mail, PINREDIR_DEFER),
			 -EPROTO);
	thread_end(thread);
	finish();
	assert_int_equal(shared->ret[0], -EPERM);
	assert_told(1, -EPROTO);
}

/* Its target dies, while it is being thought about. */
static void deferred_and_gone(void **state)
{
	pthread_t thread;

	(void)state;
	mailbox();
	start("dup", run_dup);
	handle("dup", post, NULL);
	thread = thread_start();
	assert_int_equal(await_post(), 0);
	kill(f.target.pid, SIGKILL);
	thread_end(thread);
	assert_int_equal(pinredir_loop_done(f.loop, mail, PINREDIR_ALLOW),
			 PINREDIR_GONE);
	assert_int_equal(await_exit(f.target.pid), SIGKILL);
	assert_told(0, 0);
	pinredir_loop_free(f.loop);
	pinredir_close(f.ctx);
	close(f.target.listener);
}

#define SHORT_MS	50

static void deferred_for_too_long(void **state)
{
	pthread_t thread;

	(void)state;
	mailbox();
	start_with((const char *[]){ "dup", NULL }, run_dup_twice,
		   (struct pinredir_loop_options){ .timeout = SHORT_MS });
	handle("dup", post, NULL);
	thread = thread_start();
	assert_int_equal(await_post(), 0);
	assert_int_equal(await_post(), 0);
	/* By now, the first has been denied: the target has gone on. */
	assert_int_equal(shared->ret[0], -EPERM);
	thread_end(thread);
	assert_int_equal(await_exit(f.target.pid), 0);
	assert_int_equal(shared->ret[1], -EPERM);
	assert_told(2, -ETIMEDOUT);
	assert_int_equal(pinredir_loop_done(f.loop, mail, PINREDIR_ALLOW),
			 PINREDIR_GONE);
	assert_told(2, -ETIMEDOUT);
	/* The first is still deferred, and goes with the loop. */
	pinredir_loop_free(f.loop);
	pinredir_close(f.ctx);
	close(f.target.listener);
}

static int hang(struct pinredir_call *call, void *data)
{
	(void)call;
	(void)data;
	sem_post(&posted);
	sem_wait(&go_on);
	return PINREDIR_ALLOW;
}

/* Its handler hangs; another thread sees to the time. */
static void handled_for_too_long(void **state)
{
	pthread_t threads[2];

	(void)state;
	mailbox();
	start_with((const char *[]){ "dup", NULL }, run_dup,
		   (struct pinredir_loop_options){ .timeout = SHORT_MS });
	handle("dup", hang, NULL);
	threads[0] = thread_start();
	threads[1] = thread_start();
	assert_int_equal(await_post(), 0);
	assert_int_equal(await_exit(f.target.pid), 0);
	assert_int_equal(shared->ret[0], -EPERM);
	sem_post(&go_on);
	thread_end(threads[0]);
	thread_end(threads[1]);
	assert_told(1, -ETIMEDOUT);
	pinredir_loop_free(f.loop);
	pinredir_close(f.ctx);
	close(f.target.listener);
}

static int run_access_twice(void *arg)
{
	(void)arg;
	shared->ret[0] = result(syscall(SYS_faccessat, AT_FDCWD, "/the/first",
					F_OK));
	shared->ret[1] = result(syscall(SYS_faccessat, AT_FDCWD, "/another.one",
					F_OK));
	return 0;
}

/* What each handler has got, until it may go on */
static const char *got[2];
static int handled;

static int hang_with_a_string(struct pinredir_call *call, void *data)
{
	int n = __atomic_fetch_add(&handled, 1, __ATOMIC_RELAXED);

	(void)data;
	assert_int_equal(pinredir_get_string(call, 1, &got[n]), 0);
	sem_post(&posted);
	sem_wait(&go_on);
	return PINREDIR_ALLOW;
}

/*
 * The handler still reads when the time is over. The target goes on, and makes its next
 * call with other bytes, of its choice: they do not come to where the handler reads.
 */
static void i1_what_an_overdue_handler_reads_stays(void **state)
{
	pthread_t threads[2];
	int i;

	(void)state;
	mailbox();
	handled = 0;
	start_with((const char *[]){ "faccessat", NULL }, run_access_twice,
		   (struct pinredir_loop_options){ .timeout = SHORT_MS });
	handle("faccessat", hang_with_a_string, NULL);
	for (i = 0; i < 2; i++)
		threads[i] = thread_start();
	assert_int_equal(await_post(), 0);
	assert_int_equal(await_post(), 0);
	assert_string_equal(got[0], "/the/first");
	assert_string_equal(got[1], "/another.one");
	sem_post(&go_on);
	sem_post(&go_on);
	for (i = 0; i < 2; i++)
		thread_end(threads[i]);
	assert_int_equal(shared->ret[0], -EPERM);
	finish();
}

/* In time, whatever the limit */
static void a_limit_that_is_kept(void **state)
{
	struct script script = { NULL, PINREDIR_ALLOW };

	(void)state;
	start_with((const char *[]){ "dup", NULL }, run_dup_twice,
		   (struct pinredir_loop_options){ .timeout = TIME_LIMIT_MS });
	handle("dup", follow, &script);
	run();
	finish();
	assert_int_equal(shared->ret[1], -EBADF);
	assert_told(0, 0);
}

static int end_thread(struct pinredir_call *call, void *data)
{
	(void)call;
	(void)data;
	pthread_exit(NULL);
}

static int sleep_in_it(struct pinredir_call *call, void *data)
{
	(void)call;
	(void)data;
	sem_post(&posted);
	pause();
	return PINREDIR_ALLOW;
}

static void a_thread_that_ends_in_a_handler(void **state)
{
	pthread_t thread;
	void *ret;

	(void)state;
	mailbox();
	start("dup", run_dup);
	handle("dup", end_thread, NULL);
	thread_end(thread_start());
	finish();
	assert_int_equal(shared->ret[0], -EPERM);
	assert_told(1, -ECANCELED);

	start("dup", run_dup);
	handle("dup", sleep_in_it, NULL);
	thread = thread_start();
	assert_int_equal(await_post(), 0);
	assert_int_equal(pthread_cancel(thread), 0);
	assert_int_equal(pthread_join(thread, &ret), 0);
	assert_ptr_equal(ret, PTHREAD_CANCELED);
	finish();
	assert_int_equal(shared->ret[0], -EPERM);
	assert_told(1, -ECANCELED);
}

/* One of them is told that it may not; and all of them over and over. */
static void call_over_and_over(int n)
{
	char good[] = "/dev/null", bad[] = "/dev/zero";
	int i;

	for (i = 0; i < ROUNDS; i++) {
		if (result(syscall(SYS_faccessat, AT_FDCWD, good, F_OK)))
			shared->wrong[n]++;
		if (result(syscall(SYS_faccessat, AT_FDCWD, bad, F_OK)) !=
		    -EACCES)
			shared->wrong[n]++;
	}
}

static int run_processes(void *arg)
{
	pid_t pids[PROCESSES];
	int i, status, bad = 0;

	(void)arg;
	for (i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		if (!pids[i]) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			call_over_and_over(i);
			_exit(0);
		}
	}
	for (i = 0; i < PROCESSES; i++)
		bad |= waitpid(pids[i], &status, 0) != pids[i] || status;
	return bad;
}

static int by_path(struct pinredir_call *call, void *data)
{
	const char *path;
	int err = pinredir_get_string(call, 1, &path);

	(void)data;
	if (err)
		return err;
	return strcmp(path, "/dev/zero") ? PINREDIR_ALLOW : -EACCES;
}

static void many_threads_many_targets(void **state)
{
	pthread_t threads[THREADS];
	int i;

	(void)state;
	start("faccessat", run_processes);
	handle("faccessat", by_path, NULL);
	for (i = 0; i < THREADS; i++)
		threads[i] = thread_start();
	for (i = 0; i < THREADS; i++)
		thread_end(threads[i]);
	finish();
	for (i = 0; i < PROCESSES; i++)
		assert_int_equal(shared->wrong[i], 0);
	assert_told(0, 0);
}

static int kill_it(struct pinredir_call *call, void *data)
{
	*(int *)data += 1;
	kill(pinredir_pid(call), SIGKILL);
	/* Not only sent, but dead */
	AWAIT(pin_ioctl(f.target.listener, SECCOMP_IOCTL_NOTIF_ID_VALID,
			&(uint64_t){ pinredir_id(call) }) == -ENOENT);
	return *(int *)data % 2 ? PINREDIR_ALLOW : -EDOM;
}

static int run_victims(void *arg)
{
	int i, status;
	pid_t pid;

	(void)arg;
	for (i = 0; i < PROCESSES; i++) {
		pid = fork();
		if (!pid) {
			syscall(SYS_dup, 1000);
			_exit(1);
		}
		if (waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status))
			return 1;
	}
	return 0;
}

static void targets_die_in_handlers(void **state)
{
	int count = 0;

	(void)state;
	start("dup", run_victims);
	handle("dup", kill_it, &count);
	run();
	finish();
	assert_int_equal(count, PROCESSES);
	assert_told(0, 0);
}

static int stop(struct pinredir_call *call, void *data)
{
	(void)call;
	(void)data;
	pinredir_loop_stop(f.loop);
	return PINREDIR_ALLOW;
}

/* Both have gone through: the one after its answer, the other not at all. */
static void stopped_while_targets_wait(void **state)
{
	struct pinredir_loop *next;
	struct script script = { NULL, -EDOM };

	(void)state;
	start("dup", run_dup_twice);
	handle("dup", stop, NULL);
	run();
	await_syscall(f.target.pid, SYS_dup, 1000);
	run();
	assert_int_equal(pinredir_loop_dispatch(f.loop), -ECANCELED);
	AWAIT(shared->ret[0] == -EBADF);
	assert_int_equal(shared->ret[1], 0);
	/* No call is lost: what waits, another loop serves. */
	assert_int_equal(pinredir_loop_new(&next, f.ctx, NULL), 0);
	assert_int_equal(pinredir_loop_handle(next, SYS_dup, follow, &script),
			 0);
	assert_int_equal(pinredir_loop_run(next), 0);
	pinredir_loop_free(next);
	finish();
	assert_int_equal(shared->ret[1], -EDOM);

	/* And if there is none, they wait for as long as somebody could come. */
	start("dup", run_dup_twice);
	handle("dup", stop, NULL);
	run();
	pinredir_loop_free(f.loop);
	pinredir_close(f.ctx);
	await_syscall(f.target.pid, SYS_dup, 1000);
	close(f.target.listener);
	assert_int_equal(await_exit(f.target.pid), 0);
	assert_int_equal(shared->ret[1], -ENOSYS);
}

static void stopped_with_many_threads(void **state)
{
	pthread_t threads[THREADS];
	int i;

	(void)state;
	mailbox();
	start("dup", run_dup);
	handle("dup", post, NULL);
	for (i = 0; i < THREADS; i++)
		threads[i] = thread_start();
	assert_int_equal(await_post(), 0);
	pinredir_loop_stop(f.loop);
	for (i = 0; i < THREADS; i++)
		thread_end(threads[i]);
	/* What is deferred can be done, or goes with the loop. */
	assert_int_equal(kill(f.target.pid, 0), 0);
	pinredir_loop_free(f.loop);
	assert_told(1, -ECANCELED);
	assert_int_equal(await_exit(f.target.pid), 0);
	assert_int_equal(shared->ret[0], -EPERM);
	pinredir_close(f.ctx);
	close(f.target.listener);
}

static void on_alarm(int sig)
{
	(void)sig;
	pinredir_loop_stop(f.loop);
}

static int run_nothing(void *arg)
{
	(void)arg;
	return pause();
}

static void stopped_by_a_signal(void **state)
{
	struct itimerspec when = { .it_value.tv_nsec = 20000000 };
	struct sigevent event = {
		.sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGUSR1,
	};
	timer_t timer;

	(void)state;
	start("dup", run_nothing);
	signal(SIGUSR1, on_alarm);
	assert_int_equal(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
	assert_int_equal(timer_settime(timer, 0, &when, NULL), 0);
	run();
	timer_delete(timer);
	signal(SIGUSR1, SIG_DFL);
	kill(f.target.pid, SIGKILL);
	assert_int_equal(await_exit(f.target.pid), SIGKILL);
	pinredir_loop_free(f.loop);
	pinredir_close(f.ctx);
	close(f.target.listener);
}

/* Somebody else has received, and passes the id on. */
static void adopted(void **state)
{
	struct seccomp_notif notif = { 0 };
	struct script script = { NULL, PINREDIR_ALLOW };
	int err;

	(void)state;
	start("faccessat", run_access);
	handle("faccessat", follow, &script);
	assert_int_equal(pin_ioctl(f.target.listener,
				   SECCOMP_IOCTL_NOTIF_RECV, &notif), 0);
	assert_int_equal(pinredir_loop_adopt(f.loop, notif.id + 1),
			 PINREDIR_GONE);
	AWAIT((err = pinredir_loop_adopt(f.loop, notif.id)) != -EAGAIN);
	assert_int_equal(err, 0);
	run();
	finish();
	assert_int_equal(shared->ret[0], 0);
	assert_int_equal(shared->ret[1], -EFAULT);
}

static void a_poll_loop_of_ones_own(void **state)
{
	struct script script = { NULL, PINREDIR_ALLOW };
	struct pollfd pollfd;
	int err;

	(void)state;
	start("faccessat", run_processes);
	handle("faccessat", by_path, &script);
	pollfd.fd = pinredir_loop_fd(f.loop);
	pollfd.events = POLLIN;
	do {
		assert_int_equal(poll(&pollfd, 1, TIME_LIMIT_MS), 1);
		err = pinredir_loop_dispatch(f.loop);
	} while (!err);
	assert_int_equal(err, -ESRCH);
	finish();
	assert_int_equal(shared->wrong[0], 0);
	assert_told(0, 0);
}

static void options_that_make_no_sense(void **state)
{
	struct pinredir_loop_options options = { .size = 1 };
	struct pinredir_loop *loop;

	(void)state;
	start("dup", run_dup);
	assert_int_equal(pinredir_loop_new(&loop, f.ctx, &options), -EINVAL);
	options.size = sizeof(options);
	options.flags = 1;
	assert_int_equal(pinredir_loop_new(&loop, f.ctx, &options), -EINVAL);
	options.flags = 0;
	options.deny_error = 4096;
	assert_int_equal(pinredir_loop_new(&loop, f.ctx, &options), -EINVAL);
	options.deny_error = -EPERM;
	assert_int_equal(pinredir_loop_new(&loop, f.ctx, &options), -EINVAL);
	run();
	finish();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts),
		cmocka_unit_test(calls_without_a_handler),
		cmocka_unit_test(what_cannot_be_allowed),
#ifdef __x86_64__
		cmocka_unit_test(calls_of_another_abi),
#endif
		cmocka_unit_test(deferred),
		cmocka_unit_test(deferred_and_gone),
		cmocka_unit_test(deferred_for_too_long),
		cmocka_unit_test(handled_for_too_long),
		cmocka_unit_test(i1_what_an_overdue_handler_reads_stays),
		cmocka_unit_test(a_limit_that_is_kept),
		cmocka_unit_test(a_thread_that_ends_in_a_handler),
		cmocka_unit_test(many_threads_many_targets),
		cmocka_unit_test(targets_die_in_handlers),
		cmocka_unit_test(stopped_while_targets_wait),
		cmocka_unit_test(stopped_with_many_threads),
		cmocka_unit_test(stopped_by_a_signal),
		cmocka_unit_test(adopted),
		cmocka_unit_test(a_poll_loop_of_ones_own),
		cmocka_unit_test(options_that_make_no_sense),
	};

	return run_group(tests);
}
