// SPDX-License-Identifier: GPL-2.0-only
/* libpinredir on the real device: what is checked is what runs. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pinredir.h>

#include "pin.h"

/* Shared with the target, so that the test can do what a peer thread would. */
struct shared {
	volatile int ready;
	volatile long ret;
	char path[4096];
	struct open_how how;
	struct sockaddr_un address;
	char data[64];
};

static struct shared *shared;

struct fixture {
	struct target target;
	struct pinredir *ctx;
};

static struct fixture f;

static void start(const char *trap, int (*run)(void *arg),
		  struct pinredir_options *options)
{
	const char *const traps[] = { trap, NULL };

	shared = shared_memory(sizeof(*shared));
	assert_int_equal(target_start(&f.target, NULL, traps, run, NULL), 0);
	assert_int_equal(pinredir_open(&f.ctx, f.target.listener, options), 0);
	shared->ready = 1;
}

static struct pinredir_call *receive(void)
{
	struct pollfd pollfd = {
		.fd = pinredir_poll_fd(f.ctx),
		.events = POLLIN,
	};
	struct pinredir_call *call;
	int err;

	do {
		assert_int_equal(poll(&pollfd, 1, TIME_LIMIT_MS), 1);
		err = pinredir_receive(f.ctx, &call, PINREDIR_NONBLOCK);
	} while (err == -EAGAIN);
	assert_int_equal(err, 0);
	return call;
}

static void finish(long ret)
{
	struct seccomp_pin_query query;

	/* The target's end first: closing the listener would be an answer. */
	assert_int_equal(waitpid(f.target.pid, NULL, 0), f.target.pid);
	assert_int_equal(shared->ret, ret);
	assert_int_equal(pinredir_query(f.ctx, &query, sizeof(query)), 0);
	assert_int_equal(query.calls, 0);
	assert_int_equal(query.slots, 0);
	assert_int_equal(query.windows, 0);
	pinredir_close(f.ctx);
	close(f.target.listener);
}

static long result(long ret)
{
	return ret < 0 ? -errno : ret;
}

static int run_access(void *arg)
{
	(void)arg;
	await_word(&shared->ready, 1);
	shared->ret = result(syscall(SYS_faccessat, AT_FDCWD, shared->path,
				     F_OK));
	return 0;
}

/* The race, one step at a time: the path changes when it has been checked. */
static void i1_checked_is_pinned(void **state)
{
	struct pinredir_call *call;
	const char *path, *again;

	(void)state;
	shared = NULL;
	start("faccessat", run_access, NULL);
	/* It has not been called yet, or with an empty path. */
	call = receive();
	assert_int_equal(pinredir_get_string(call, 1, &path), 0);
	assert_string_equal(path, "");
	assert_int_equal(pinredir_set_string(call, 1, "/dev/null"), 0);
	strcpy(shared->path, "/no/such/file");
	assert_int_equal(pinredir_get_string(call, 1, &again), 0);
	assert_string_equal(again, "/dev/null");
	assert_int_equal(pinredir_allow(call), 0);
	assert_int_equal(pinredir_allow(call), -EINPROGRESS);
	pinredir_release(call);
	finish(0);
}

/* Without a rule, it is copied when it is looked at. */
static void i1_fetched_is_pinned(void **state)
{
	struct pinredir_options options = {
		.size = sizeof(options),
		.flags = PINREDIR_NO_RULES,
	};
	struct pinredir_call *call;
	const char *path;

	(void)state;
	start("faccessat", run_access, &options);
	call = receive();
	strcpy(shared->path, "/dev/null");
	assert_int_equal(pinredir_get_string(call, 1, &path), 0);
	assert_string_equal(path, "/dev/null");
	strcpy(shared->path, "/no/such/file");
	assert_string_equal(path, "/dev/null");
	assert_int_not_equal(pinredir_address(call, path), 0);
	assert_int_equal(pinredir_address(call, &options), 0);
	assert_int_equal(pinredir_allow(call), 0);
	pinredir_release(call);
	finish(0);
}

static int run_openat2(void *arg)
{
	(void)arg;
	await_word(&shared->ready, 1);
	strcpy(shared->path, "/dev/null");
	shared->how = (struct open_how){ .flags = O_PATH };
	shared->ret = result(syscall(SYS_openat2, AT_FDCWD, shared->path,
				     &shared->how, sizeof(shared->how)));
	if (shared->ret >= 0)
		shared->ret = fcntl(shared->ret, F_GETFL) & O_PATH;
	return 0;
}

/* The path and the struct, by their rules; then other bytes for the struct */
static void i1_open_how(void **state)
{
	struct open_how other = { .flags = O_RDONLY };
	const struct open_how *how;
	struct pinredir_call *call;
	const void *bytes;
	const char *path;
	size_t len = 0;

	(void)state;
	start("openat2", run_openat2, NULL);
	call = receive();
	assert_int_equal(pinredir_get_string(call, 1, &path), 0);
	assert_string_equal(path, "/dev/null");
	assert_int_equal(pinredir_get_bytes(call, 2, &bytes, &len), 0);
	assert_int_equal(len, sizeof(*how));
	how = bytes;
	assert_int_equal(how->flags, O_PATH);
	/* A peer writes over it; the copy stays. */
	memset(&shared->how, 0xff, sizeof(shared->how));
	assert_int_equal(how->flags, O_PATH);
	len = sizeof(*how) + 1;
	assert_int_equal(pinredir_get_bytes(call, 2, &bytes, &len), -E2BIG);
	assert_int_equal(pinredir_set_bytes(call, 2, &other, sizeof(other)),
			 0);
	assert_int_equal(pinredir_allow(call), 0);
	pinredir_release(call);
	finish(0);
}

static int run_connect(void *arg)
{
	int fd;

	(void)arg;
	await_word(&shared->ready, 1);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	shared->address.sun_family = AF_UNIX;
	strcpy(shared->address.sun_path, "/no/such/socket");
	shared->ret = result(syscall(SYS_connect, fd, &shared->address,
				     sizeof(shared->address)));
	return 0;
}

static void i1_bytes_without_a_rule(void **state)
{
	const struct sockaddr_un *address;
	struct sockaddr_un other = { .sun_family = AF_UNIX };
	int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct pinredir_call *call;
	const void *bytes;
	size_t len = 0;

	(void)state;
	strcpy(other.sun_path, "/tmp/library-socket");
	assert_int_equal(bind(server, (struct sockaddr *)&other,
			      sizeof(other)), 0);
	assert_int_equal(listen(server, 1), 0);
	start("connect", run_connect, NULL);
	call = receive();
	assert_int_equal(pinredir_get_bytes(call, 1, &bytes, &len), -EINVAL);
	len = pinredir_arg(call, 2);
	assert_int_equal(len, sizeof(*address));
	assert_int_equal(pinredir_get_bytes(call, 1, &bytes, &len), 0);
	address = bytes;
	assert_string_equal(address->sun_path, "/no/such/socket");
	assert_int_equal(pinredir_set_bytes(call, 1, &other, sizeof(other)),
			 0);
	assert_int_equal(pinredir_allow(call), 0);
	pinredir_release(call);
	finish(0);
	close(server);
	unlink(other.sun_path);
}

static int run_write(void *arg)
{
	int pipes[2];

	(void)arg;
	await_word(&shared->ready, 1);
	if (pipe(pipes))
		return 1;
	strcpy(shared->data, "unchecked");
	shared->ret = result(syscall(SYS_write, pipes[1], shared->data, 9));
	if (read(pipes[0], shared->path, 9) != 9)
		shared->ret = -1;
	return 0;
}

static void i1_payload(void **state)
{
	struct pinredir_call *call;
	const void *bytes;
	size_t len = 9;

	(void)state;
	start("write", run_write, NULL);
	call = receive();
	assert_int_equal(pinredir_get_bytes(call, 1, &bytes, &len), 0);
	assert_memory_equal(bytes, "unchecked", 9);
	memcpy(shared->data, "swapped!!", 9);
	assert_int_equal(pinredir_allow(call), 0);
	pinredir_release(call);
	finish(9);
	assert_memory_equal(shared->path, "unchecked", 9);
}

static int run_bad_pointer(void *arg)
{
	(void)arg;
	await_word(&shared->ready, 1);
	shared->ret = result(syscall(SYS_faccessat, AT_FDCWD, (void *)16UL,
				     F_OK));
	return 0;
}

/* What could not be looked at cannot be allowed. */
static void i1_failed_get_refuses(void **state)
{
	struct pinredir_call *call;
	const char *path;

	(void)state;
	start("faccessat", run_bad_pointer, NULL);
	call = receive();
	assert_int_equal(pinredir_get_string(call, 1, &path), -EFAULT);
	assert_int_equal(pinredir_allow(call), -EFAULT);
	assert_int_equal(pinredir_deny(call, EPERM), 0);
	pinredir_release(call);
	finish(-EPERM);
}

static int run_long_path(void *arg)
{
	(void)arg;
	await_word(&shared->ready, 1);
	memset(shared->path, 'x', sizeof(shared->path));
	shared->ret = result(syscall(SYS_faccessat, AT_FDCWD, shared->path,
				     F_OK));
	return 0;
}

static void over_long_path(void **state)
{
	struct pinredir_call *call;
	const char *path;

	(void)state;
	start("faccessat", run_long_path, NULL);
	call = receive();
	assert_int_equal(pinredir_get_string(call, 1, &path), -ENAMETOOLONG);
	assert_int_equal(pinredir_allow(call), -ENAMETOOLONG);
	assert_int_equal(pinredir_deny(call, ENAMETOOLONG), 0);
	pinredir_release(call);
	finish(-ENAMETOOLONG);
}

static int run_null(void *arg)
{
	(void)arg;
	await_word(&shared->ready, 1);
	shared->ret = result(syscall(SYS_faccessat, AT_FDCWD, NULL, F_OK));
	return 0;
}

static void null_stays_null(void **state)
{
	struct pinredir_call *call;
	const char *path = "";

	(void)state;
	start("faccessat", run_null, NULL);
	call = receive();
	assert_int_equal(pinredir_get_string(call, 1, &path), 0);
	assert_null(path);
	assert_int_equal(pinredir_allow(call), 0);
	pinredir_release(call);
	finish(-EFAULT);
}

static int run_dup(void *arg)
{
	(void)arg;
	await_word(&shared->ready, 1);
	shared->ret = result(syscall(SYS_dup, 1000));
	return 0;
}

static void answers(void **state)
{
	struct pinredir_call *call;

	(void)state;
	start("dup", run_dup, NULL);
	call = receive();
	assert_int_equal(pinredir_emulate(call, 4711), 0);
	assert_int_equal(pinredir_deny(call, EPERM), -EINPROGRESS);
	pinredir_release(call);
	finish(4711);

	start("dup", run_dup, NULL);
	call = receive();
	assert_int_equal(pinredir_deny(call, 0), -EINVAL);
	assert_int_equal(pinredir_deny(call, 4096), -EINVAL);
	assert_int_equal(pinredir_deny(call, EDOM), 0);
	pinredir_release(call);
	finish(-EDOM);

	start("dup", run_dup, NULL);
	call = receive();
	assert_int_equal(pinredir_set_value(call, 0, STDERR_FILENO), 0);
	assert_int_equal(pinredir_set_value(call, 6, 0), -EINVAL);
	assert_int_equal(pinredir_allow(call), 0);
	pinredir_release(call);
	assert_int_equal(waitpid(f.target.pid, NULL, 0), f.target.pid);
	assert_true(shared->ret > STDERR_FILENO);
	pinredir_close(f.ctx);
	close(f.target.listener);
}

static int run_open(void *arg)
{
	char byte;
	int fd;

	(void)arg;
	await_word(&shared->ready, 1);
	fd = syscall(SYS_openat, AT_FDCWD, "/no/such/file", O_RDONLY);
	shared->ret = fd < 0 ? -errno : read(fd, &byte, 1);
	return 0;
}

static void addfd_and_completions(void **state)
{
	struct pinredir_options options = {
		.size = sizeof(options),
		.completions = 4,
	};
	struct seccomp_pin_completion completion;
	struct pinredir_call *call;
	uint64_t id, thread;
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	(void)state;
	start("openat", run_open, NULL);
	call = receive();
	assert_int_equal(pinredir_addfd(call, fd, O_APPEND), -EINVAL);
	assert_int_equal(pinredir_addfd(call, 1000, 0), -EBADF);
	assert_true(pinredir_addfd(call, fd, O_CLOEXEC) >= 0);
	pinredir_release(call);
	finish(1);
	close(fd);

	start("openat", run_open, &options);
	assert_int_equal(pinredir_read_completions(f.ctx, &completion, 1,
						   sizeof(completion),
						   PINREDIR_NONBLOCK),
			 -EAGAIN);
	call = receive();
	id = pinredir_id(call);
	thread = pinredir_thread(call);
	assert_int_equal(pinredir_pid(call), f.target.pid);
	assert_int_equal(pinredir_nr(call), SYS_openat);
	pinredir_want_completion(call);
	assert_int_equal(pinredir_allow(call), 0);
	pinredir_release(call);
	assert_int_equal(pinredir_read_completions(f.ctx, &completion, 1,
						   sizeof(completion), 0),
			 1);
	assert_int_equal(completion.id, id);
	assert_int_equal(completion.thread, thread);
	assert_int_equal(completion.how, SECCOMP_PIN_RETURNED);
	assert_int_equal(completion.retval, -ENOENT);
	finish(-ENOENT);
}

/* Gone at any step is an outcome, and leaves nothing behind. */
static void gone_is_an_outcome(void **state)
{
	struct pinredir_call *call;
	struct seccomp_pin_query query;
	const char *path;
	int i;

	(void)state;
	for (i = 0; i < 5; i++) {
		start("faccessat", run_access, NULL);
		call = receive();
		assert_int_equal(pinredir_get_string(call, 1, &path), 0);
		kill(f.target.pid, SIGKILL);
		assert_int_equal(waitpid(f.target.pid, NULL, 0), f.target.pid);
		assert_string_equal(path, "");
		switch (i) {
		case 0:
			assert_int_equal(pinredir_allow(call), PINREDIR_GONE);
			break;
		case 1:
			assert_int_equal(pinredir_deny(call, EPERM),
					 PINREDIR_GONE);
			break;
		case 2:
			assert_int_equal(pinredir_emulate(call, 0),
					 PINREDIR_GONE);
			break;
		case 3:
			assert_int_equal(pinredir_addfd(call, 0, 0),
					 PINREDIR_GONE);
			break;
		}
		pinredir_release(call);
		assert_int_equal(pinredir_query(f.ctx, &query, sizeof(query)), 0);
		assert_int_equal(query.calls, 0);
		assert_int_equal(query.windows, 0);
		pinredir_close(f.ctx);
		close(f.target.listener);
	}
}

/* LXC's way: somebody else receives, and hands over the id. */
static void adopted(void **state)
{
	struct seccomp_notif notif = { 0 };
	struct pinredir_call *call, *none;
	const char *path;
	int err;

	(void)state;
	start("faccessat", run_access, NULL);
	assert_int_equal(pin_ioctl(f.target.listener,
				   SECCOMP_IOCTL_NOTIF_RECV, &notif), 0);
	assert_int_equal(pinredir_adopt(f.ctx, &none, notif.id + 1),
			 PINREDIR_GONE);
	AWAIT((err = pinredir_adopt(f.ctx, &call, notif.id)) != -EAGAIN);
	assert_int_equal(err, 0);
	assert_int_equal(pinredir_get_string(call, 1, &path), 0);
	assert_int_equal(pinredir_set_string(call, 1, "/dev/null"), 0);
	assert_int_equal(pinredir_allow(call), 0);
	pinredir_release(call);
	finish(0);
}

static void i1_the_supervisors_mapping_is_guarded(void **state)
{
	char line[512];
	bool found = false;
	int status;
	pid_t child;
	FILE *smaps;

	(void)state;
	assert_int_equal(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), 0);
	start("dup", run_dup, NULL);
	assert_int_equal(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
	smaps = fopen("/proc/self/smaps", "r");
	assert_non_null(smaps);
	while (fgets(line, sizeof(line), smaps)) {
		if (strstr(line, "/memfd:pinredir")) {
			assert_non_null(strstr(line, "rw-s"));
			found = true;
		} else if (found && !strncmp(line, "VmFlags:", 8)) {
			assert_non_null(strstr(line, " dc "));
			assert_non_null(strstr(line, " dd "));
			break;
		}
	}
	fclose(smaps);
	assert_true(found);
	/* Children have neither the mapping nor, after exec, the fds. */
	child = fork();
	if (!child)
		_exit(!system("grep -q memfd:pinredir /proc/self/maps || ls -l /proc/self/fd | grep -q -e pinredir -e seccomp"));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	pinredir_release(receive());
	kill(f.target.pid, SIGKILL);
	waitpid(f.target.pid, NULL, 0);
	pinredir_close(f.ctx);
	close(f.target.listener);
}

static void open_fails_by_name(void **state)
{
	struct pinredir_options options = { .size = sizeof(options) };
	struct pinredir *ctx, *second;

	(void)state;
	assert_int_equal(pinredir_open(&ctx, -1, NULL), -EBADF);
	assert_int_equal(pinredir_open(&ctx, STDIN_FILENO, NULL), -EINVAL);
	options.device = "/dev/no-such-device";
	assert_int_equal(pinredir_open(&ctx, STDIN_FILENO, &options), -ENOENT);
	options.device = NULL;
	options.size = 1;
	assert_int_equal(pinredir_open(&ctx, STDIN_FILENO, &options), -EINVAL);
	options.size = sizeof(options);
	options.flags = 1U << 31;
	assert_int_equal(pinredir_open(&ctx, STDIN_FILENO, &options), -EINVAL);

	start("dup", run_dup, NULL);
	assert_int_equal(pinredir_open(&second, f.target.listener, NULL),
			 -EBUSY);
	options.flags = PINREDIR_INTERRUPTIBLE;
	pinredir_close(f.ctx);
	assert_int_equal(pinredir_open(&f.ctx, f.target.listener, &options),
			 0);
	pinredir_release(receive());
	kill(f.target.pid, SIGKILL);
	waitpid(f.target.pid, NULL, 0);
	pinredir_close(f.ctx);
	close(f.target.listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(i1_checked_is_pinned),
		cmocka_unit_test(i1_fetched_is_pinned),
		cmocka_unit_test(i1_open_how),
		cmocka_unit_test(i1_bytes_without_a_rule),
		cmocka_unit_test(i1_payload),
		cmocka_unit_test(i1_failed_get_refuses),
		cmocka_unit_test(over_long_path),
		cmocka_unit_test(null_stays_null),
		cmocka_unit_test(answers),
		cmocka_unit_test(addfd_and_completions),
		cmocka_unit_test(gone_is_an_outcome),
		cmocka_unit_test(adopted),
		cmocka_unit_test(i1_the_supervisors_mapping_is_guarded),
		cmocka_unit_test(open_fails_by_name),
	};

	return run_group(tests);
}
