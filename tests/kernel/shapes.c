// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shapes of arguments, for real: what the call does is what was in its memory, second
 * level included, when the supervisor had it pinned; and where the kernel would have
 * refused it, it is the kernel that does.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <pinredir.h>

#include "pin.h"

#define PAGE		4096U
#define GARBAGE		0xa5
#define DIRECTORY	"/tmp/shapes"
#define ATTRIBUTED	"/sys/kernel"

/**
 * struct shared - memory that the target and the test share
 * @ready: the supervisor is there
 * @ret: what the call has returned
 * @value: what else the target has to tell
 * @fd: what the call is made on
 * @pid: what a child is to be called
 * @memory: what it reads; the test writes there what a peer thread would
 * @end: not mapped in the target
 * @source: what stays as it is
 */
struct shared {
	volatile int ready;
	volatile long ret;
	volatile long value;
	volatile int fd;
	volatile pid_t pid;
	char memory[5 * PAGE] __attribute__((aligned(4096)));
	char end[PAGE];
	char source[PAGE];
};

static struct shared *shared;
static struct target target;
static struct pinredir *ctx;
static int (*run_call)(void);

static long result(long ret)
{
	return ret < 0 ? -errno : ret;
}

static int run(void *arg)
{
	(void)arg;
	munmap(shared->end, sizeof(shared->end));
	await_word(&shared->ready, 1);
	return run_call();
}

/*
 * The call is made. A target needs sendmsg() itself: without a name, it is the call
 * that has TARGET_MAGIC for its last argument.
 */
static struct pinredir_call *receive(const char *trap, int (*function)(void))
{
	const char *const traps[] = { trap, NULL };
	struct pollfd pollfd = { .events = POLLIN };
	struct pinredir_call *call;
	int err;

	run_call = function;
	shared->ret = 4711;
	shared->ready = 0;
	assert_int_equal(target_start(&target, NULL, trap ? traps : NULL, run,
				      NULL), 0);
	assert_int_equal(pinredir_open(&ctx, target.listener, NULL), 0);
	shared->ready = 1;
	pollfd.fd = pinredir_poll_fd(ctx);
	do {
		assert_int_equal(poll(&pollfd, 1, TIME_LIMIT_MS), 1);
		err = pinredir_receive(ctx, &call, PINREDIR_NONBLOCK);
	} while (err == -EAGAIN);
	assert_int_equal(err, 0);
	return call;
}

static int finish(struct pinredir_call *call)
{
	int status;

	pinredir_release(call);
	status = await_exit(target.pid);
	close(target.listener);
	pinredir_close(ctx);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Pinned, changed, and allowed */
static int pin_and_finish(struct pinredir_call *call)
{
	assert_int_equal(pinredir_pin_all(call), 0);
	memset(shared->memory, GARBAGE, sizeof(shared->memory));
	assert_int_equal(pinredir_allow(call), 0);
	return finish(call);
}

static int setup(void **state)
{
	(void)state;
	shared = shared_memory(sizeof(*shared));
	umask(0);
	return mkdir(DIRECTORY, 0777) && errno != EEXIST;
}

static int teardown(void **state)
{
	(void)state;
	return munmap(shared, sizeof(*shared));
}

/* Strings behind each other, an array of them; its address */
static char **strings(char *at, const char *const *list)
{
	char **array = (char **)at, *string = at + 512;
	unsigned int i;

	for (i = 0; list[i]; i++) {
		array[i] = strcpy(string, list[i]);
		string += strlen(string) + 1;
	}
	array[i] = NULL;
	return array;
}

static int run_execve(void)
{
	const char *const argv[] = { "sh", "-c", "echo $0 $A >&9", "zero",
				     NULL };
	const char *const envp[] = { "A=one", NULL };

	dup2(shared->fd, 9);
	syscall(SYS_execve, "/bin/sh", strings(shared->memory, argv),
		strings(shared->memory + PAGE, envp));
	return 1;
}

/* Without a rule: array and strings are those that were counted and looked at. */
static void i1_argv_and_envp(void **state)
{
	struct pinredir_call *call;
	char text[64] = "";
	size_t count;
	int pipes[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	shared->fd = pipes[1];
	call = receive("execve", run_execve);
	assert_int_equal(pinredir_get_vector(call, 1, &count), 0);
	assert_int_equal(count, 4);
	assert_string_equal(pinredir_vector_string(call, 1, 3), "zero");
	assert_int_equal(pin_and_finish(call), 0);
	assert_int_equal(read(pipes[0], text, sizeof(text)), 9);
	assert_string_equal(text, "zero one\n");
	close(pipes[0]);
	close(pipes[1]);
}

/* Another vector altogether */
static void vectors_can_be_set(void **state)
{
	const char *const argv[] = { "sh", "-c", "echo set >&9" };
	struct pinredir_call *call;
	char text[64] = "";
	int pipes[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	shared->fd = pipes[1];
	call = receive("execve", run_execve);
	assert_int_equal(pinredir_set_vector(call, 1, argv, 3), 0);
	assert_int_equal(pin_and_finish(call), 0);
	assert_int_equal(read(pipes[0], text, sizeof(text)), 4);
	assert_string_equal(text, "set\n");
	close(pipes[0]);
	close(pipes[1]);
}

static int run_aliased(void)
{
	char **array = (char **)shared->memory;
	unsigned int i;

	memset(shared->source, 'x', PAGE - 1);
	for (i = 0; i < sizeof(shared->memory) / sizeof(*array); i++)
		array[i] = shared->source;
	shared->ret = result(syscall(SYS_execve, "/bin/true", array, NULL));
	return 0;
}

/*
 * Thousands of pointers to the same string, up to where memory ends: nothing of it
 * is copied before all of the array is.
 */
static void i6_aliased_strings(void **state)
{
	struct pinredir_call *call;
	size_t count;

	(void)state;
	call = receive("execve", run_aliased);
	assert_int_equal(pinredir_get_vector(call, 1, &count), -EFAULT);
	assert_int_equal(pinredir_pin_all(call), -EFAULT);
	assert_int_equal(pinredir_allow(call), -EFAULT);
	assert_int_equal(pinredir_deny(call, EFAULT), 0);
	assert_int_equal(finish(call), 0);
	assert_int_equal(shared->ret, -EFAULT);
}

static int make_server(const struct sockaddr_un *un, socklen_t len)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	assert_int_equal(bind(fd, (const struct sockaddr *)un, len), 0);
	return fd;
}

static socklen_t address_len;

static int run_connect(void)
{
	struct sockaddr_un peer = { 0 };
	socklen_t len = sizeof(peer);
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	memcpy(shared->memory, shared->source, sizeof(peer));
	shared->ret = result(syscall(SYS_connect, fd, shared->memory,
				     address_len));
	shared->value = getpeername(fd, (struct sockaddr *)&peer, &len) ?
			-errno : memcmp(&peer, shared->source, len);
	return 0;
}

/* An abstract name has NULs, and its length is all of it. */
static void i1_abstract_address(void **state)
{
	struct sockaddr_un un = { AF_UNIX, "\0a\0b" };
	const struct sockaddr *address;
	struct pinredir_call *call;
	size_t len;
	int server;

	(void)state;
	address_len = offsetof(struct sockaddr_un, sun_path) + 4;
	server = make_server(&un, address_len);
	memcpy(shared->source, &un, sizeof(un));
	call = receive("connect", run_connect);
	assert_int_equal(pinredir_get_sockaddr(call, 1, &address, &len), 0);
	assert_int_equal(len, address_len);
	assert_memory_equal(address, &un, len);
	assert_int_equal(pin_and_finish(call), 0);
	assert_int_equal(shared->ret, 0);
	assert_int_equal(shared->value, 0);
	close(server);
}

static int run_bind(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	memcpy(shared->memory, shared->source, sizeof(struct sockaddr_un));
	shared->ret = result(syscall(SYS_bind, fd, shared->memory,
				     sizeof(struct sockaddr_un)));
	return 0;
}

/* 108 bytes, and no NUL behind them */
static void i1_unterminated_path(void **state)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	char path[sizeof(un.sun_path) + 1] = DIRECTORY "/";

	(void)state;
	memset(path + strlen(path), 'x', sizeof(un.sun_path) - strlen(path));
	path[sizeof(un.sun_path)] = '\0';
	memcpy(un.sun_path, path, sizeof(un.sun_path));
	memcpy(shared->source, &un, sizeof(un));
	unlink(path);
	assert_int_equal(pin_and_finish(receive("bind", run_bind)), 0);
	assert_int_equal(shared->ret, 0);
	assert_int_equal(access(path, F_OK), 0);
	unlink(path);
}

/* No family, no length, too much of it: as the kernel has it */
static void odd_addresses(void **state)
{
	const struct { socklen_t len; long ret; } cases[] = {
		{ 2, 0 }, { 0, -EINVAL }, { 1, -EINVAL }, { 129, -EINVAL },
		{ -1, -EINVAL },
	};
	unsigned int i;

	(void)state;
	memset(shared->source, 0, sizeof(struct sockaddr_un));
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		address_len = cases[i].len;
		assert_int_equal(pin_and_finish(receive("connect",
							run_connect)), 0);
		assert_int_equal(shared->ret, cases[i].ret);
	}
}

static size_t how_size;

static int run_openat2(void)
{
	struct open_how *how = (void *)shared->memory;

	memset(how, 0, PAGE);
	how->flags = O_PATH;
	shared->ret = result(syscall(SYS_openat2, AT_FDCWD, "/", how,
				     how_size));
	return 0;
}

static void sizes_are_kept(void **state)
{
	(void)state;
	how_size = PAGE + 1;
	assert_int_equal(pin_and_finish(receive("openat2", run_openat2)), 0);
	assert_int_equal(shared->ret, -E2BIG);
	how_size = 8;
	assert_int_equal(pin_and_finish(receive("openat2", run_openat2)), 0);
	assert_int_equal(shared->ret, -EINVAL);
	how_size = PAGE;
	assert_int_equal(pin_and_finish(receive("openat2", run_openat2)), 0);
	assert_true(shared->ret >= 0);
}

/* Not one that the kernel gives to somebody else in the meantime */
static pid_t free_pid(void)
{
	pid_t pid = 31000;

	while (!kill(pid, 0) || errno != ESRCH)
		pid++;
	return pid;
}

static int run_clone3(void)
{
	struct clone_args *args = (void *)shared->memory;
	pid_t *tid = (pid_t *)(shared->memory + 512);
	int *pidfd = (int *)shared->source;
	long ret;

	memset(args, 0, sizeof(*args));
	*pidfd = -1;
	*tid = shared->pid = free_pid();
	args->flags = CLONE_PIDFD;
	args->pidfd = (uintptr_t)pidfd;
	args->exit_signal = SIGCHLD;
	args->set_tid = (uintptr_t)tid;
	args->set_tid_size = 1;
	ret = syscall(SYS_clone3, args, how_size);
	if (!ret)
		_exit(7);
	shared->ret = result(ret);
	if (ret > 0)
		waitpid(ret, NULL, 0);
	shared->value = *pidfd;
	return 0;
}

/* The pid that it asked for, at a second level; and where it wants the pidfd */
static void i1_clone_args(void **state)
{
	(void)state;
	how_size = sizeof(struct clone_args);
	assert_int_equal(pin_and_finish(receive("clone3", run_clone3)), 0);
	assert_int_equal(shared->ret, shared->pid);
	assert_true(shared->pid && shared->value > 2);
	how_size = PAGE + 1;
	assert_int_equal(pin_and_finish(receive("clone3", run_clone3)), 0);
	assert_int_equal(shared->ret, -E2BIG);
	assert_int_equal(shared->value, -1);
}

static int run_sendmsg(void)
{
	struct msghdr *header = (void *)shared->memory;
	struct iovec *iov = (void *)(shared->memory + 256);
	struct cmsghdr *control = (void *)(shared->memory + 512);
	char *bytes = shared->memory + PAGE;
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	memset(shared->memory, 0, PAGE);
	memcpy(shared->memory + 1024, shared->source,
	       sizeof(struct sockaddr_un));
	strcpy(bytes, "pinned message");
	iov[0] = (struct iovec){ bytes, 3 };
	iov[1] = (struct iovec){ bytes + 3, 4 };
	iov[2] = (struct iovec){ NULL, 0 };
	iov[3] = (struct iovec){ bytes + 7, 7 };
	control->cmsg_level = SOL_SOCKET;
	control->cmsg_type = SCM_RIGHTS;
	control->cmsg_len = CMSG_LEN(sizeof(int));
	*(int *)CMSG_DATA(control) = shared->fd;
	*header = (struct msghdr){
		.msg_name = shared->memory + 1024,
		.msg_namelen = sizeof(struct sockaddr_un),
		.msg_iov = iov,
		.msg_iovlen = 4,
		.msg_control = control,
		.msg_controllen = CMSG_SPACE(sizeof(int)),
	};
	shared->ret = result(syscall(SYS_sendmsg, fd, header, 0, 0, 0,
				     TARGET_MAGIC));
	/* The next call is not to have it any more. */
	syscall(SYS_getppid, 0, 0, 0, 0, 0, 0);
	return 0;
}

/* Name, payload by pieces, and a descriptor, all of it at second levels */
static void i1_message(void **state)
{
	struct sockaddr_un un = { AF_UNIX, DIRECTORY "/server" };
	char bytes[64] = "", control[64];
	struct iovec iov = { bytes, sizeof(bytes) };
	struct msghdr header = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct pinredir_message message = { .size = sizeof(message) };
	struct pinredir_call *call;
	struct cmsghdr *cmsg;
	size_t len;
	int server, pipes[2], got;

	(void)state;
	unlink(un.sun_path);
	server = make_server(&un, sizeof(un));
	memcpy(shared->source, &un, sizeof(un));
	assert_int_equal(pipe(pipes), 0);
	shared->fd = pipes[1];
	call = receive(NULL, run_sendmsg);
	assert_int_equal(pinredir_get_message(call, 1, &message), 0);
	assert_int_equal(message.count, 4);
	assert_memory_equal(message.name, &un, sizeof(un));
	assert_memory_equal(pinredir_iovec_bytes(call, 1, 3, &len), "message",
			    7);
	assert_int_equal(pin_and_finish(call), 0);
	assert_int_equal(shared->ret, 14);
	assert_int_equal(recvmsg(server, &header, 0), 14);
	assert_string_equal(bytes, "pinned message");
	cmsg = CMSG_FIRSTHDR(&header);
	assert_non_null(cmsg);
	assert_int_equal(cmsg->cmsg_type, SCM_RIGHTS);
	memcpy(&got, CMSG_DATA(cmsg), sizeof(got));
	assert_int_equal(write(got, "x", 1), 1);
	assert_int_equal(read(pipes[0], bytes, 1), 1);
	close(got);
	close(server);
	close(pipes[0]);
	close(pipes[1]);
}

static int pieces;

static int run_writev(void)
{
	struct iovec *iov = (void *)shared->memory;
	int i;

	memset(shared->memory, 0, sizeof(shared->memory));
	strcpy(shared->source, "0123456789");
	for (i = 0; i < 1100; i++)
		iov[i] = (struct iovec){ &shared->source[i % 10], i % 2 };
	shared->ret = result(syscall(SYS_writev, shared->fd, iov, pieces));
	return 0;
}

static void pieces_of_memory(void **state)
{
	char bytes[PAGE];
	int pipes[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	shared->fd = pipes[1];
	pieces = IOV_MAX + 1;
	assert_int_equal(pin_and_finish(receive("writev", run_writev)), 0);
	assert_int_equal(shared->ret, -EINVAL);
	pieces = 20;
	assert_int_equal(pin_and_finish(receive("writev", run_writev)), 0);
	assert_int_equal(shared->ret, 10);
	assert_int_equal(read(pipes[0], bytes, sizeof(bytes)), 10);
	assert_memory_equal(bytes, "1357913579", 10);
	pieces = 0;
	assert_int_equal(pin_and_finish(receive("writev", run_writev)), 0);
	assert_int_equal(shared->ret, 0);
	close(pipes[0]);
	close(pipes[1]);
}

static int run_mount(void)
{
	char *data = shared->end - 8;
	struct statfs fs;

	if (unshare(CLONE_NEWNS) ||
	    syscall(SYS_mount, NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return 1;
	strcpy(data, "size=8k");
	strcpy(shared->memory, "tmpfs");
	shared->ret = result(syscall(SYS_mount, NULL, DIRECTORY,
				     shared->memory, 0, data));
	shared->value = statfs(DIRECTORY, &fs) ? -errno : (long)fs.f_blocks;
	return 0;
}

/* A page of data, of which there are 8 bytes; after one without any */
static void i1_mount_data(void **state)
{
	struct pinredir_call *call = receive("mount", run_mount);
	struct pinredir_call *next;

	(void)state;
	assert_int_equal(pinredir_pin_all(call), 0);
	assert_int_equal(pinredir_next(call, &next, 0), 0);
	pinredir_release(call);
	assert_non_null(next);
	assert_int_equal(pin_and_finish(next), 0);
	assert_int_equal(shared->ret, 0);
	assert_int_equal(shared->value, 2);
}

static size_t value_size, name_size;

static int run_setxattr(void)
{
	char *name = shared->memory + PAGE;

	strcpy(shared->memory, "value");
	memset(name, 0, PAGE);
	strcpy(name, "trusted.shapes");
	if (name_size)
		memset(name, 'x', name_size);
	shared->ret = result(syscall(SYS_setxattr, ATTRIBUTED, name,
				     shared->memory, value_size, 0));
	return 0;
}

static void i1_attributes(void **state)
{
	char value[64];

	(void)state;
	name_size = 0;
	value_size = 5;
	assert_int_equal(pin_and_finish(receive("setxattr", run_setxattr)), 0);
	assert_int_equal(shared->ret, 0);
	assert_int_equal(getxattr(ATTRIBUTED, "trusted.shapes", value, 64), 5);
	assert_memory_equal(value, "value", 5);
	value_size = 0;
	assert_int_equal(pin_and_finish(receive("setxattr", run_setxattr)), 0);
	assert_int_equal(shared->ret, 0);
	assert_int_equal(getxattr(ATTRIBUTED, "trusted.shapes", value, 64), 0);
	value_size = 65537;
	assert_int_equal(pin_and_finish(receive("setxattr", run_setxattr)), 0);
	assert_int_equal(shared->ret, -E2BIG);
	value_size = 5;
	name_size = 256;
	assert_int_equal(pin_and_finish(receive("setxattr", run_setxattr)), 0);
	assert_int_equal(shared->ret, -ERANGE);
	removexattr(ATTRIBUTED, "trusted.shapes");
}

static int run_mkdir(void)
{
	strcpy(shared->memory, DIRECTORY "/\xff\xfe");
	shared->ret = result(syscall(SYS_mkdir, shared->memory, 0700));
	return 0;
}

static int run_long_mkdir(void)
{
	memset(shared->memory, 'x', PAGE);
	shared->ret = result(syscall(SYS_mkdir, shared->memory, 0700));
	return 0;
}

static int run_empty_path(void)
{
	struct stat st;

	shared->ret = result(syscall(SYS_newfstatat, STDIN_FILENO,
				     strcpy(shared->memory, ""), &st,
				     AT_EMPTY_PATH));
	return 0;
}

static void i1_paths(void **state)
{
	struct pinredir_call *call;
	int err;

	(void)state;
	rmdir(DIRECTORY "/\xff\xfe");
	assert_int_equal(pin_and_finish(receive("mkdir", run_mkdir)), 0);
	assert_int_equal(shared->ret, 0);
	assert_int_equal(rmdir(DIRECTORY "/\xff\xfe"), 0);
	call = receive("mkdir", run_long_mkdir);
	err = pinredir_pin_all(call);
	assert_int_equal(pinredir_deny(call, -err), 0);
	assert_int_equal(finish(call), 0);
	assert_int_equal(shared->ret, -ENAMETOOLONG);
	assert_int_equal(pin_and_finish(receive("newfstatat", run_empty_path)),
			 0);
	assert_int_equal(shared->ret, 0);
}

/* Shares the target's descriptors, as a peer thread does */
static int dup_over(void *arg)
{
	(void)arg;
	await_word((volatile int *)&shared->value, 1);
	dup2(shared->fd, 9);
	shared->value = 2;
	await_word((volatile int *)&shared->value, 3);
	return 0;
}

static int run_write(void)
{
	char *stack = malloc(1 << 16);
	int pid = clone(dup_over, stack + (1 << 16), CLONE_FILES | SIGCHLD,
			NULL);

	strcpy(shared->memory, "bytes");
	shared->ret = result(syscall(SYS_write, 9, shared->memory, 5));
	shared->value = 3;
	waitpid(pid, NULL, 0);
	return 0;
}

static int open_new(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	return fd;
}

static off_t size_of(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return st.st_size;
}

/*
 * What pinning does not close: a descriptor is a number. The supervisor has looked
 * at what it was, a peer puts another file there, and that is written to; the bytes
 * are those that were checked.
 */
static void attack_a_descriptor_is_racy(void **state)
{
	int checked = open_new(DIRECTORY "/checked");
	int planted = open_new(DIRECTORY "/planted");
	char path[64], file[64] = "", bytes[8] = "";
	struct pinredir_call *call;

	(void)state;
	shared->value = 0;
	shared->fd = planted;
	assert_int_equal(dup2(checked, 9), 9);
	call = receive("write", run_write);
	assert_int_equal(pinredir_argument(pinredir_syscall(SYS_write), 0)->direction,
			 PINREDIR_FD);
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", pinredir_pid(call),
		 (int)pinredir_arg(call, 0));
	assert_true(readlink(path, file, sizeof(file) - 1) > 0);
	assert_string_equal(file, DIRECTORY "/checked");
	assert_int_equal(pinredir_pin_all(call), 0);
	shared->value = 1;
	await_word((volatile int *)&shared->value, 2);
	memset(shared->memory, GARBAGE, PAGE);
	assert_int_equal(pinredir_allow(call), 0);
	assert_int_equal(finish(call), 0);
	assert_int_equal(shared->ret, 5);
	assert_int_equal(size_of(checked), 0);
	assert_int_equal(pread(planted, bytes, 5, 0), 5);
	assert_string_equal(bytes, "bytes");
	close(9);
	close(checked);
	close(planted);
}

#define SHAPE_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHAPE_TEST(i1_argv_and_envp),
		SHAPE_TEST(vectors_can_be_set),
		SHAPE_TEST(i6_aliased_strings),
		SHAPE_TEST(i1_abstract_address),
		SHAPE_TEST(i1_unterminated_path),
		SHAPE_TEST(odd_addresses),
		SHAPE_TEST(sizes_are_kept),
		SHAPE_TEST(i1_clone_args),
		SHAPE_TEST(i1_message),
		SHAPE_TEST(pieces_of_memory),
		SHAPE_TEST(i1_mount_data),
		SHAPE_TEST(i1_attributes),
		SHAPE_TEST(i1_paths),
		SHAPE_TEST(attack_a_descriptor_is_racy),
	};

	return run_group(tests);
}
