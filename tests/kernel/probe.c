// SPDX-License-Identifier: GPL-2.0-only
/* What is in the way is named, and without the device, what is left works. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pinredir.h>

#include "pin.h"
#include "storm.h"

#define YAMA	"/proc/sys/kernel/yama/ptrace_scope"
#define NODE	"/tmp/seccomp-pin-node"
#define MOUNT	"/tmp/seccomp-pin-mount"
#define LOG	"/dev/kmsg"
#define DMESG_RESTRICT	"/proc/sys/kernel/dmesg_restrict"
#define KALLSYMS	"/proc/kallsyms"
#define NO_SYMBOLS	"/tmp/seccomp-pin-kallsyms"
#define USER	1000

static struct pinredir_report probe(const char *device)
{
	struct pinredir_report report = { .size = sizeof(report) };

	assert_int_equal(pinredir_probe(&report, device), 0);
	assert_non_null(pinredir_problem_string(report.problem));
	/* Neither a child nor a change to this process is left. */
	assert_int_equal(waitpid(-1, NULL, __WALL | WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	return report;
}

static void assert_problem(const char *device, int problem, int error)
{
	struct pinredir_report report = probe(device);

	assert_int_equal(report.problem, problem);
	assert_int_equal(report.error, error);
}

static void set_yama(const char *scope)
{
	assert_int_equal(write_file(YAMA, scope), 0);
}

static void nothing_in_the_way(void **state)
{
	struct pinredir_report report;
	struct utsname name;

	(void)state;
	set_yama("1");
	assert_int_equal(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), 0);
	report = probe(NULL);
	assert_int_equal(report.problem, PINREDIR_NO_PROBLEM);
	assert_int_equal(report.error, 0);
	assert_int_equal(report.yama_scope, 1);
	assert_int_equal(report.abi_version, SECCOMP_PIN_ABI_VERSION);
	assert_true(report.features & SECCOMP_PIN_FEATURE_NEXT);
	assert_int_equal(uname(&name), 0);
	assert_string_equal(report.kernel, name.release);
	assert_int_equal(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 1);
	report.size--;
	assert_int_equal(pinredir_probe(&report, NULL), -EINVAL);
	assert_int_equal(pinredir_probe(NULL, NULL), -EINVAL);
}

/* A probe by this process as it is after @change; what it has found */
static struct pinredir_report probe_after(int (*change)(void),
					  const char *device)
{
	struct pinredir_report *report = shared_memory(sizeof(*report));
	pid_t pid = fork();

	if (!pid) {
		report->size = sizeof(*report);
		_exit(change() || pinredir_probe(report, device));
	}
	assert_int_equal(await_exit(pid), 0);
	return *report;
}

static void assert_after(int (*change)(void), int problem, int error)
{
	struct pinredir_report report = probe_after(change, NULL);

	assert_int_equal(report.problem, problem);
	assert_int_equal(report.error, error);
}

static int become_user(void)
{
	return setgroups(0, NULL) || setgid(USER) || setuid(USER) ||
	       prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static int stay(void)
{
	return 0;
}

static void nodes(void **state)
{
	struct stat st;

	(void)state;
	assert_problem("/dev/no-such-device", PINREDIR_NO_NODE, -ENOENT);
	assert_problem("/etc/passwd/x", PINREDIR_NO_NODE, -ENOTDIR);
	assert_problem("/dev/null", PINREDIR_NOT_THE_DEVICE, -ENOTTY);
	assert_after(become_user, PINREDIR_NO_PERMISSION, -EACCES);
	/* Another device of the same kind, by a number that is nobody's */
	assert_int_equal(stat(SECCOMP_PIN_DEVICE, &st), 0);
	assert_int_equal(mknod(NODE, S_IFCHR | 0600,
			       makedev(major(st.st_rdev), 254)), 0);
	assert_problem(NODE, PINREDIR_NO_NODE, -ENODEV);
	assert_int_equal(unlink(NODE), 0);
	/* And the device itself, elsewhere: for a container */
	assert_int_equal(mknod(NODE, S_IFCHR | 0600, st.st_rdev), 0);
	assert_problem(NODE, PINREDIR_NO_PROBLEM, 0);
	assert_int_equal(unlink(NODE), 0);
	/* But not where there are no devices, which root is told, too */
	assert_int_equal(mkdir(MOUNT, 0700), 0);
	assert_int_equal(mount("tmpfs", MOUNT, "tmpfs", MS_NODEV, NULL), 0);
	assert_int_equal(mknod(MOUNT "/node", S_IFCHR | 0600, st.st_rdev), 0);
	assert_problem(MOUNT "/node", PINREDIR_NO_PERMISSION, -EACCES);
	assert_int_equal(umount(MOUNT), 0);
	assert_int_equal(rmdir(MOUNT), 0);
}

/*
 * The guest's kernel has no cgroups for devices. What they answer to open(), this
 * device does, to who may not read the kernel's log.
 */
static void device_cgroup(void **state)
{
	struct pinredir_report report;

	(void)state;
	assert_int_equal(write_file(DMESG_RESTRICT, "1"), 0);
	assert_int_equal(chmod(LOG, 0666), 0);
	report = probe_after(become_user, LOG);
	assert_int_equal(report.problem, PINREDIR_NO_DEVICE_CGROUP);
	assert_int_equal(report.error, -EPERM);
	assert_int_equal(chmod(LOG, 0644), 0);
	assert_int_equal(write_file(DMESG_RESTRICT, "0"), 0);
}

static int have_no_fds(void)
{
	return setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 0, 0 });
}

/* One more is for looking at Yama, and then for the memfd; it takes others. */
static int have_few_fds(void)
{
	int fd = open("/dev/null", O_RDONLY);

	return fd < 0 || setrlimit(RLIMIT_NOFILE,
				   &(struct rlimit){ fd + 2, fd + 2 });
}

/* Nothing is wrong with the machine. */
static void lack_of_resources(void **state)
{
	(void)state;
	assert_after(have_no_fds, PINREDIR_OTHER_PROBLEM, -EMFILE);
	assert_after(have_few_fds, PINREDIR_OTHER_PROBLEM, -EMFILE);
}

static int refuse(const char *name, int error)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(error),
				seccomp_syscall_resolve_name(name), 0) ||
	       seccomp_load(filter);
}

static int refuse_seccomp(void)
{
	return refuse("seccomp", EPERM);
}

static int lack_seccomp(void)
{
	return refuse("seccomp", ENOSYS);
}

static int refuse_memfd(void)
{
	return refuse("memfd_create", EPERM);
}

static int refuse_ioctl(void)
{
	return refuse("ioctl", EPERM);
}

static int refuse_pidfd(void)
{
	return refuse("pidfd_open", ENOSYS);
}

static int be_supervised(void)
{
	return target_trap((const char *[]){ "swapoff", NULL }) < 0;
}

/* What a container's profile does */
static void profiles(void **state)
{
	(void)state;
	assert_after(stay, PINREDIR_NO_PROBLEM, 0);
	assert_after(refuse_seccomp, PINREDIR_FILTERED, -EPERM);
	assert_after(lack_seccomp, PINREDIR_NO_SECCOMP, -ENOSYS);
	assert_after(refuse_memfd, PINREDIR_NO_MEMFD, -EPERM);
	assert_after(refuse_ioctl, PINREDIR_FILTERED, -EPERM);
	assert_after(refuse_pidfd, PINREDIR_FILTERED, -ENOSYS);
	assert_after(be_supervised, PINREDIR_NESTED, -EBUSY);
}

/* 3 cannot be taken back; for who is not root, it is as 2. */
static void yama(void **state)
{
	struct pinredir_report report;

	(void)state;
	assert_int_equal(chmod(SECCOMP_PIN_DEVICE, 0666), 0);
	set_yama("0");
	assert_after(become_user, PINREDIR_NO_PROBLEM, 0);
	set_yama("1");
	assert_after(become_user, PINREDIR_NO_PROBLEM, 0);
	set_yama("2");
	report = probe_after(become_user, NULL);
	assert_int_equal(report.problem, PINREDIR_NO_PTRACE);
	assert_int_equal(report.error, -EACCES);
	assert_int_equal(report.yama_scope, 2);
	assert_after(stay, PINREDIR_NO_PROBLEM, 0);
	set_yama("1");
	assert_int_equal(chmod(SECCOMP_PIN_DEVICE, 0600), 0);
}

static void sentences(void **state)
{
	int i, j;

	(void)state;
	for (i = 0; i <= PINREDIR_OTHER_PROBLEM; i++) {
		assert_true(strlen(pinredir_problem_string(i)) > 10);
		for (j = 0; j < i; j++)
			assert_string_not_equal(pinredir_problem_string(i),
						pinredir_problem_string(j));
	}
	assert_non_null(pinredir_problem_string(-1));
	assert_non_null(pinredir_problem_string(1000));
}

/* Shared with the target */
struct shared {
	volatile int ready;
	long ret;
	char path[4096];
};

static struct shared *shared;

static struct {
	struct target target;
	struct pinredir *ctx;
	struct pinredir_call *call;
} f;

static void fall_back(const char *trap, int (*run)(void *arg),
		      const char *device)
{
	struct pinredir_options options = {
		.size = sizeof(options),
		.flags = PINREDIR_FALLBACK,
		.device = device,
	};
	const char *const traps[] = { trap, NULL };

	shared = shared_memory(sizeof(*shared));
	assert_int_equal(target_start(&f.target, NULL, traps, run, NULL), 0);
	assert_int_equal(pinredir_open(&f.ctx, f.target.listener, &options),
			 0);
	assert_false(pinredir_can_pin(f.ctx));
	assert_int_equal(pinredir_is_listener(f.target.listener), 1);
}

static void receive(void)
{
	assert_int_equal(pinredir_receive(f.ctx, &f.call, 0), 0);
}

static void finish(void)
{
	assert_int_equal(await_exit(f.target.pid), 0);
	assert_int_equal(pinredir_receive(f.ctx, &f.call, 0), -ESRCH);
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
	strcpy(shared->path, "/dev/null");
	shared->ret = result(syscall(SYS_faccessat, AT_FDCWD, shared->path,
				     F_OK));
	return 0;
}

static int run_when_ready(void *arg)
{
	await_word(&shared->ready, 1);
	return run_access(arg);
}

/* It can be looked at; and whatever it says, it does not run. */
static void i1_no_way_to_let_it_run(void **state)
{
	struct pinredir_call *next;
	const char *path;

	(void)state;
	fall_back("faccessat", run_access, "/dev/no-such-device");
	receive();
	assert_int_equal(pinredir_nr(f.call), SYS_faccessat);
	assert_int_equal(pinredir_pid(f.call), f.target.pid);
	assert_int_equal(pinredir_get_string(f.call, 1, &path), 0);
	assert_string_equal(path, "/dev/null");
	assert_int_equal(pinredir_allow(f.call), -EOPNOTSUPP);
	assert_int_equal(pinredir_next(f.call, &next, 0), -EOPNOTSUPP);
	assert_null(next);
	assert_int_equal(pinredir_remember(f.call, 0, 0, 0), -EOPNOTSUPP);
	assert_int_equal(pinredir_set_string(f.call, 1, "/dev/zero"), 0);
	assert_int_equal(pinredir_allow(f.call), -EOPNOTSUPP);
	assert_int_equal(pinredir_pin_all(f.call), 0);
	assert_int_equal(pinredir_allow(f.call), -EOPNOTSUPP);
	assert_int_equal(shared->ret, 0);
	assert_int_equal(pinredir_deny(f.call, EDOM), 0);
	assert_int_equal(pinredir_deny(f.call, EDOM), -EINPROGRESS);
	pinredir_release(f.call);
	finish();
	assert_int_equal(shared->ret, -EDOM);
}

static int run_open(void *arg)
{
	char byte = 1;
	int fd;

	(void)arg;
	fd = syscall(SYS_openat, AT_FDCWD, "zero", O_RDONLY);
	shared->ret = fd < 0 ? -errno : read(fd, &byte, 1);
	return byte;
}

static void a_file_can_be_opened(void **state)
{
	int root = open("/dev", O_PATH | O_CLOEXEC);
	const char *path;
	char buf[64];

	(void)state;
	fall_back("openat", run_open, "/dev/no-such-device");
	receive();
	assert_int_equal(pinredir_get_string(f.call, 1, &path), 0);
	assert_int_equal(pinredir_absolute(f.call, AT_FDCWD, "/dev/zero", buf,
					   sizeof(buf)), 0);
	assert_string_equal(buf, "/dev/zero");
	assert_int_equal(pinredir_open_beneath(f.call, root, path, 0), 0);
	pinredir_release(f.call);
	finish();
	assert_int_equal(shared->ret, 1);
	close(root);
}

static int run_exec(void *arg)
{
	static char *argv[] = { "one", "", "three", NULL };

	(void)arg;
	shared->ret = result(syscall(SYS_execve, "/no/such", argv, NULL));
	return 0;
}

static int run_connect(void *arg)
{
	struct sockaddr_un address = { AF_UNIX, "/no/such/socket" };

	(void)arg;
	shared->ret = result(syscall(SYS_connect, 1000, &address,
				     sizeof(address)));
	return 0;
}

static void shapes_can_be_looked_at(void **state)
{
	const struct sockaddr *address;
	size_t count, len;

	(void)state;
	fall_back("execve", run_exec, "/dev/no-such-device");
	receive();
	assert_int_equal(pinredir_get_vector(f.call, 1, &count), 0);
	assert_int_equal(count, 3);
	assert_string_equal(pinredir_vector_string(f.call, 1, 0), "one");
	assert_string_equal(pinredir_vector_string(f.call, 1, 2), "three");
	assert_int_equal(pinredir_emulate(f.call, 7), 0);
	pinredir_release(f.call);
	finish();
	assert_int_equal(shared->ret, 7);

	fall_back("connect", run_connect, "/dev/no-such-device");
	receive();
	assert_int_equal(pinredir_get_sockaddr(f.call, 1, &address, &len), 0);
	assert_int_equal(address->sa_family, AF_UNIX);
	assert_string_equal(((struct sockaddr_un *)address)->sun_path,
			    "/no/such/socket");
	assert_int_equal(pinredir_deny(f.call, ECONNREFUSED), 0);
	pinredir_release(f.call);
	finish();
	assert_int_equal(shared->ret, -ECONNREFUSED);
}

static int run_bad(void *arg)
{
	char *end = shared_memory(8192);

	(void)arg;
	if (munmap(end + 4096, 4096))
		return 1;
	memset(end + 4090, 'x', 6);
	syscall(SYS_faccessat, AT_FDCWD, 16UL, F_OK);
	syscall(SYS_faccessat, AT_FDCWD, end + 4090, F_OK);
	memset(shared->path, 'x', sizeof(shared->path));
	syscall(SYS_faccessat, AT_FDCWD, shared->path, F_OK);
	return 0;
}

static void what_cannot_be_read(void **state)
{
	static const int errors[] = { -EFAULT, -EFAULT, -ENAMETOOLONG };
	const char *path;
	int i;

	(void)state;
	fall_back("faccessat", run_bad, "/dev/no-such-device");
	for (i = 0; i < 3; i++) {
		receive();
		assert_int_equal(pinredir_get_string(f.call, 1, &path),
				 errors[i]);
		assert_int_equal(pinredir_allow(f.call), errors[i]);
		assert_int_equal(pinredir_deny(f.call, -errors[i]), 0);
		pinredir_release(f.call);
	}
	finish();
}

static void gone(void **state)
{
	struct pinredir_call *call;
	const char *path;

	(void)state;
	fall_back("faccessat", run_access, "/dev/no-such-device");
	receive();
	assert_int_equal(pinredir_receive(f.ctx, &call, PINREDIR_NONBLOCK),
			 -EAGAIN);
	kill(f.target.pid, SIGKILL);
	assert_int_equal(await_exit(f.target.pid), SIGKILL);
	assert_int_equal(pinredir_get_string(f.call, 1, &path), PINREDIR_GONE);
	assert_int_equal(pinredir_deny(f.call, EPERM), PINREDIR_GONE);
	pinredir_release(f.call);
	assert_int_equal(pinredir_receive(f.ctx, &call, PINREDIR_NONBLOCK),
			 -ESRCH);
	pinredir_close(f.ctx);
	close(f.target.listener);
}

/* Nobody could adopt it: it does not wait for ever. */
static void released_without_an_answer(void **state)
{
	(void)state;
	fall_back("faccessat", run_access, "/dev/no-such-device");
	receive();
	pinredir_release(f.call);
	finish();
	assert_int_equal(shared->ret, -ENOSYS);
}

/* Here, for valgrind has a limit of its own in the library's other tests. */
static void no_descriptors_left(void **state)
{
	struct rlimit limit, none;
	int sockets[2], first;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
	first = dup(sockets[0]);
	close(first);
	assert_int_equal(pinredir_send_listener(sockets[0], STDIN_FILENO), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = first;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(pinredir_recv_listener(sockets[1]), -EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(dup(STDIN_FILENO), first);
	close(first);
	close(sockets[0]);
	close(sockets[1]);
}

static void *receive_for_ever(void *arg)
{
	struct pinredir_call *call;

	(void)arg;
	for (;;)
		if (!pinredir_receive(f.ctx, &call, 0))
			pinredir_release(call);
	return NULL;
}

/* Threads that are cancelled while they wait leave no lock behind. */
static void receivers_are_cancelled(void **state)
{
	struct timespec limit;
	pthread_t thread;
	int i;

	(void)state;
	fall_back("faccessat", run_when_ready, "/dev/no-such-device");
	for (i = 0; i < 1000; i++) {
		assert_int_equal(pthread_create(&thread, NULL, receive_for_ever,
						NULL), 0);
		assert_int_equal(pthread_cancel(thread), 0);
		clock_gettime(CLOCK_REALTIME, &limit);
		limit.tv_sec += TIME_LIMIT_MS / 1000;
		assert_int_equal(pthread_timedjoin_np(thread, NULL, &limit), 0);
	}
	shared->ready = 1;
	receive();
	assert_int_equal(pinredir_deny(f.call, EDOM), 0);
	pinredir_release(f.call);
	finish();
	assert_int_equal(shared->ret, -EDOM);
}

static void what_takes_the_device(void **state)
{
	struct pinredir_options options = { .size = sizeof(options) };
	struct seccomp_pin_completion completion;
	struct seccomp_pin_query query;
	struct pinredir_call *call;
	struct pinredir *ctx;

	(void)state;
	fall_back("faccessat", run_access, "/dev/no-such-device");
	assert_int_equal(pinredir_query(f.ctx, &query, sizeof(query)), -EOPNOTSUPP);
	assert_int_equal(pinredir_set_rules(f.ctx, NULL, 0, 0), -EOPNOTSUPP);
	assert_int_equal(pinredir_drop(f.ctx, 0), -EOPNOTSUPP);
	assert_int_equal(pinredir_drop_all(f.ctx), -EOPNOTSUPP);
	assert_int_equal(pinredir_adopt(f.ctx, &call, 1), -EOPNOTSUPP);
	assert_int_equal(pinredir_read_completions(f.ctx, &completion, 1,
						   sizeof(completion), 0),
			 -EOPNOTSUPP);
	assert_int_equal(pinredir_completion_fd(f.ctx), -1);
	/* Only if asked for, and only for want of a device */
	options.device = "/dev/no-such-device";
	assert_int_equal(pinredir_open(&ctx, f.target.listener, &options),
			 -ENOENT);
	options.flags = PINREDIR_FALLBACK;
	assert_int_equal(pinredir_open(&ctx, STDIN_FILENO, &options), -EINVAL);
	assert_int_equal(pinredir_open(&ctx, -1, &options), -EBADF);
	options.device = NULL;
	assert_int_equal(pinredir_open(&ctx, STDIN_FILENO, &options), -EINVAL);
	/* With one, it is used. */
	options.flags |= PINREDIR_STAY_DUMPABLE;
	assert_int_equal(pinredir_open(&ctx, f.target.listener, &options), 0);
	assert_true(pinredir_can_pin(ctx));
	assert_int_equal(pinredir_receive(ctx, &call, 0), 0);
	assert_int_equal(pinredir_allow(call), 0);
	pinredir_release(call);
	pinredir_close(ctx);
	finish();
	assert_int_equal(shared->ret, 0);
}

#define PROCESSES	4
#define ROUNDS		50

static int run_processes(void *arg)
{
	int i, n, status, bad = 0;

	(void)arg;
	for (i = 0; i < PROCESSES; i++) {
		if (fork())
			continue;
		for (n = 0; n < ROUNDS; n++)
			if (result(syscall(SYS_dup, 1000 + n)) != 1000 + n)
				_exit(1);
		_exit(0);
	}
	for (i = 0; i < PROCESSES; i++)
		bad |= wait(&status) < 0 || status;
	return bad;
}

static int answer_itself(struct pinredir_call *call, void *data)
{
	(void)data;
	return pinredir_emulate(call, pinredir_arg(call, 0));
}

static void *run_loop(void *loop)
{
	return (void *)(intptr_t)pinredir_loop_run(loop);
}

static int hide_kallsyms(const char *behind)
{
	return unshare(CLONE_NEWNS) ||
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	       mount(behind, KALLSYMS, NULL, MS_BIND, NULL);
}

/*
 * All functions but those of the series. A kernel that is without is looked at by
 * make kselftest, which boots one.
 */
static int lack_series(void)
{
	return system("grep -v ' vm_mmap_seal_remote$' " KALLSYMS " >"
		      NO_SYMBOLS) || hide_kallsyms(NO_SYMBOLS);
}

static int lack_kallsyms(void)
{
	return hide_kallsyms("/dev/null");
}

/* And there really is no module. */
static void without_the_module(void **state)
{
	struct pinredir_loop *loop;
	pthread_t threads[2];
	struct stat st;
	int i;

	(void)state;
	assert_int_equal(stat(SECCOMP_PIN_DEVICE, &st), 0);
	AWAIT(!module_refs());
	assert_int_equal(module_unload(), 0);
	assert_problem(NULL, PINREDIR_NO_DEVICE, -ENOENT);
	assert_after(lack_series, PINREDIR_NO_PATCH, -ENOENT);
	assert_int_equal(unlink(NO_SYMBOLS), 0);
	assert_after(lack_kallsyms, PINREDIR_NO_DEVICE, -ENOENT);
	/* A node that has stayed behind */
	assert_int_equal(mknod(NODE, S_IFCHR | 0600, st.st_rdev), 0);
	assert_problem(NODE, PINREDIR_NO_DEVICE, -ENODEV);
	assert_int_equal(unlink(NODE), 0);

	fall_back("dup", run_processes, NULL);
	assert_int_equal(pinredir_loop_new(&loop, f.ctx, NULL), 0);
	assert_int_equal(pinredir_loop_handle(loop, SYS_dup, answer_itself,
					      NULL), 0);
	for (i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, run_loop,
						loop), 0);
	for (i = 0; i < 2; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	pinredir_loop_free(loop);
	finish();
	module_load();
	assert_problem(NULL, PINREDIR_NO_PROBLEM, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_in_the_way),
		cmocka_unit_test(nodes),
		cmocka_unit_test(device_cgroup),
		cmocka_unit_test(lack_of_resources),
		cmocka_unit_test(profiles),
		cmocka_unit_test(yama),
		cmocka_unit_test(sentences),
		cmocka_unit_test(i1_no_way_to_let_it_run),
		cmocka_unit_test(a_file_can_be_opened),
		cmocka_unit_test(shapes_can_be_looked_at),
		cmocka_unit_test(what_cannot_be_read),
		cmocka_unit_test(gone),
		cmocka_unit_test(released_without_an_answer),
		cmocka_unit_test(no_descriptors_left),
		cmocka_unit_test(receivers_are_cancelled),
		cmocka_unit_test(what_takes_the_device),
		cmocka_unit_test(without_the_module),
	};

	return run_group(tests);
}
