// SPDX-License-Identifier: GPL-2.0-only
/*
 * Supervisors where there is less than all of a system: under the seccomp profile
 * of a container, in namespaces of their own, and with Yama.
 *
 * Yama's last scope stays until the next boot: with YAMA_LOCK in the environment,
 * that is all that is tested, in a guest of its own (tests/checks/yama.sh).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <pinredir.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pin.h"

#define PTRACE_SCOPE	"/proc/sys/kernel/yama/ptrace_scope"
#define OPENED		"/etc/hostname"

/* A user, and the group that the device is given to */
#define USER	1000
#define GROUP	990

static const char *const trap_openat[] = { "openat", NULL };

/* Become a user, in that group, or not; one who may be traced by himself. */
static void become_user(gid_t group)
{
	REQUIRE(!setgroups(group ? 1 : 0, &group));
	REQUIRE(!setresgid(USER, USER, USER));
	REQUIRE(!setresuid(USER, USER, USER));
	REQUIRE(!prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

static int open_once(void *arg)
{
	(void)arg;
	return syscall(SYS_openat, AT_FDCWD, OPENED, O_RDONLY) < 0 ? errno : 0;
}

static int open_once_as_user(void *arg)
{
	become_user(0);
	if (arg)
		REQUIRE(!prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0));
	return open_once(NULL);
}

/*
 * Supervise a target that opens a file, once; 0 or why it could not be pinned, and
 * was denied. @pid is the target as the supervisor's pid namespace has it, if that
 * is to be looked at.
 */
static int supervise(int listener, int pid)
{
	struct pinredir_call *call;
	const char *path = NULL;
	struct pinredir *ctx;
	int err;

	REQUIRE(!pinredir_open(&ctx, listener, NULL));
	REQUIRE(!pinredir_receive(ctx, &call, 0));
	if (pid)
		REQUIRE(pinredir_pid(call) == pid);
	err = pinredir_get_string(call, 1, &path);
	if (!err) {
		REQUIRE(!strcmp(path, OPENED));
		err = pinredir_allow(call);
	}
	if (err)
		REQUIRE(!pinredir_deny(call, EPERM));
	pinredir_release(call);
	pinredir_close(ctx);
	return err;
}

/* The same with a child of the caller's, which sees what came of it. */
static int supervise_child(void)
{
	struct target target;
	int err;

	REQUIRE(!target_start(&target, NULL, trap_openat, open_once, NULL));
	err = supervise(target.listener, target.pid);
	REQUIRE(target_wait(&target) == (err ? EPERM : 0));
	return err;
}

/* Opens here what the target asks for. */
static int open_for_it(struct pinredir_call *call, void *root)
{
	const char *path;
	int err;

	err = pinredir_get_string(call, 1, &path);
	if (!err && path && path[0] == '/')
		err = pinredir_open_beneath(call, *(int *)root, path + 1, 0);
	else if (!err)
		err = -EINVAL;
	return err ? err : PINREDIR_ANSWERED;
}

/* A command, which cannot begin without what it opens, by a loop */
static void supervise_command(void)
{
	static char *const argv[] = { "grep", "-q", ".", OPENED, NULL };
	struct pinredir_spawn how = { .size = sizeof(how), .argv = argv };
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int root = open("/", O_PATH | O_CLOEXEC), status;
	struct pinredir_child *child;
	struct pinredir_loop *loop;
	struct pinredir *ctx;

	REQUIRE(filter && root >= 0);
	REQUIRE(!seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(openat),
				  0));
	REQUIRE(!pinredir_spawn(&child, filter, &how));
	REQUIRE(!pinredir_open(&ctx, pinredir_child_listener(child), NULL));
	REQUIRE(!pinredir_loop_new(&loop, ctx, NULL));
	REQUIRE(!pinredir_loop_handle(loop, -1, open_for_it, &root));
	REQUIRE(!pinredir_loop_run(loop));
	REQUIRE(!pinredir_child_wait(child, &status, 0) && status == 0);
	pinredir_loop_free(loop);
	pinredir_close(ctx);
	pinredir_child_free(child);
	seccomp_release(filter);
	close(root);
}

/* Run this in a process of its own, and require that it ends well. */
static void in_child(void (*run)(int arg), int arg)
{
	pid_t child = fork();
	int status;

	if (!child) {
		run(arg);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* What Docker's default profile does not allow; these it fails with EPERM. */
static const char *const denied[] = {
	"_sysctl", "acct", "add_key", "afs_syscall", "bpf", "clock_settime",
	"create_module", "delete_module", "fanotify_init", "finit_module",
	"fsconfig", "fsmount", "fsopen", "fspick", "get_kernel_syms",
	"get_mempolicy", "getpmsg", "init_module", "ioperm", "iopl", "kcmp",
	"kexec_file_load", "kexec_load", "keyctl", "lookup_dcookie", "mbind",
	"migrate_pages", "mount", "mount_setattr", "move_mount", "move_pages",
	"nfsservctl", "open_by_handle_at", "open_tree", "perf_event_open",
	"pidfd_getfd", "pivot_root", "process_madvise", "putpmsg",
	"query_module", "quotactl", "quotactl_fd", "reboot", "request_key",
	"security", "set_mempolicy", "setdomainname", "sethostname", "setns",
	"settimeofday", "swapoff", "swapon", "sysfs", "syslog", "tuxcall",
	"umount2", "unshare", "uselib", "userfaultfd", "ustat", "vhangup",
	"vserver",
	/* Since version 25 */
	"io_uring_enter", "io_uring_register", "io_uring_setup",
};

/* The newest call that it allows has this number; clone and two more: below. */
#define NEWEST	449	/* futex_waitv */
#define NEW_NAMESPACES	(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC |	\
			 CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET |	\
			 CLONE_NEWCGROUP)

static bool is_denied(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(denied) / sizeof(*denied); i++)
		if (!strcmp(denied[i], name))
			return true;
	return false;
}

static void profile_rules(scmp_filter_ctx profile)
{
	char *name;
	int nr;

	for (nr = 0; nr <= NEWEST; nr++) {
		name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, nr);
		if (name && !is_denied(name) && nr != SCMP_SYS(clone) &&
		    nr != SYS_clone3 && nr != SCMP_SYS(personality) &&
		    nr != SCMP_SYS(socket))
			REQUIRE(!seccomp_rule_add(profile, SCMP_ACT_ALLOW, nr,
						  0));
		free(name);
	}
	REQUIRE(!seccomp_rule_add(profile, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
				  SCMP_A0(SCMP_CMP_MASKED_EQ, NEW_NAMESPACES,
					  0)));
	REQUIRE(!seccomp_rule_add(profile, SCMP_ACT_ERRNO(ENOSYS), SYS_clone3,
				  0));
	REQUIRE(!seccomp_rule_add(profile, SCMP_ACT_ALLOW,
				  SCMP_SYS(personality), 1,
				  SCMP_A0(SCMP_CMP_EQ, 0)));
	REQUIRE(!seccomp_rule_add(profile, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
				  SCMP_A0(SCMP_CMP_NE, AF_VSOCK)));
}

/* As the runtime does, it is loaded before there is anything of the container. */
static void load_profile(void)
{
	scmp_filter_ctx profile = seccomp_init(SCMP_ACT_ERRNO(EPERM));

	REQUIRE(profile);
	profile_rules(profile);
	REQUIRE(!seccomp_load(profile));
	seccomp_release(profile);

	REQUIRE(syscall(SYS_unshare, 0) == -1 && errno == EPERM);
	REQUIRE(syscall(SYS_userfaultfd, 0) == -1 && errno == EPERM);
	REQUIRE(syscall(SYS_clone3, NULL, 0) == -1 && errno == ENOSYS);
	REQUIRE(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0) == -1 &&
		errno == EPERM);
}

#define CAP(name)	(1U << CAP_##name)

/* What a container's root has of root: no CAP_SYS_PTRACE, nor CAP_SYS_ADMIN */
static void drop_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = { { 0 } };
	int cap;

	data[0].permitted = CAP(CHOWN) | CAP(DAC_OVERRIDE) | CAP(FOWNER) |
		CAP(FSETID) | CAP(KILL) | CAP(SETGID) | CAP(SETUID) |
		CAP(SETPCAP) | CAP(NET_BIND_SERVICE) | CAP(NET_RAW) |
		CAP(SYS_CHROOT) | CAP(MKNOD) | CAP(AUDIT_WRITE);
	data[0].effective = data[0].permitted;
	for (cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (cap > 31 || !(data[0].permitted & (1U << cap)))
			REQUIRE(!prctl(PR_CAPBSET_DROP, cap, 0, 0, 0));
	REQUIRE(!syscall(SYS_capset, &header, data));
	REQUIRE(!prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

static void profile_as_root(int unused)
{
	(void)unused;
	drop_capabilities();
	load_profile();
	REQUIRE(supervise_child() == 0);
	supervise_command();
}

static void profile_as_user(int group)
{
	become_user(group);
	load_profile();
	if (group) {
		REQUIRE(supervise_child() == 0);
		supervise_command();
	} else {
		REQUIRE(open(SECCOMP_PIN_DEVICE, O_RDWR) < 0 &&
			errno == EACCES);
	}
}

/* A filter tree has one listener: where the runtime has it, nobody else can. */
static void profile_that_notifies(int unused)
{
	static const char *const outer[] = { "mknod", NULL };

	(void)unused;
	REQUIRE(target_trap(outer) >= 0);
	REQUIRE(target_trap(NULL) == -EBUSY);
}

static void container_of_root(void **state)
{
	(void)state;
	in_child(profile_as_root, 0);
}

static void container_of_a_user(void **state)
{
	(void)state;
	in_child(profile_as_user, GROUP);
}

static void container_without_the_group(void **state)
{
	(void)state;
	in_child(profile_as_user, 0);
}

static void container_whose_runtime_has_a_listener(void **state)
{
	(void)state;
	in_child(profile_that_notifies, 0);
}

/* In a user namespace and a pid namespace: its first process, as its root */
static void first_process(void)
{
	REQUIRE(getpid() == 1 && getuid() == 0);
	/* The group is not one of the namespace's, and counts nevertheless. */
	REQUIRE(supervise_child() == 0);
}

static void enter_namespaces(void)
{
	char map[64];

	REQUIRE(!unshare(CLONE_NEWUSER | CLONE_NEWPID));
	snprintf(map, sizeof(map), "0 %d 1", USER);
	REQUIRE(!write_file("/proc/self/setgroups", "deny"));
	REQUIRE(!write_file("/proc/self/uid_map", map));
	REQUIRE(!write_file("/proc/self/gid_map", map));
}

static void run_in_namespaces(int group)
{
	pid_t child;
	int status;

	become_user(group);
	enter_namespaces();
	child = fork();
	if (!child) {
		REQUIRE(!prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
		first_process();
		_exit(0);
	}
	REQUIRE(waitpid(child, &status, 0) == child);
	REQUIRE(status == 0);
}

static void namespaces_of_a_user(void **state)
{
	(void)state;
	in_child(run_in_namespaces, GROUP);
}

/* Root of a namespace is as much to Yama as to others: for what is in there */
static void namespaces_with_yama(void **state)
{
	(void)state;
	assert_int_equal(write_file(PTRACE_SCOPE, "2"), 0);
	in_child(run_in_namespaces, GROUP);
	assert_int_equal(write_file(PTRACE_SCOPE, "0"), 0);
}

/*
 * struct scope - what Yama lets a supervisor do
 * @scope: the sysctl's value
 * @child: of a user, to a target that he has started
 * @other: of a user, to another target of his
 * @named: to that if it has named him, or anybody (PR_SET_PTRACER)
 * @root: of root, with CAP_SYS_PTRACE, to that target
 */
struct scope {
	const char *scope;
	int child, other, named, root;
};

static void as_user_with_child(int expected)
{
	become_user(GROUP);
	REQUIRE(supervise_child() == expected);
}

/* A target that starts another one, which opens the file when it is an orphan. */
static int open_as_orphan(void *arg)
{
	pid_t parent = getpid();
	uint64_t start = now_ms();

	(void)arg;
	if (fork())
		return 0;
	while (getppid() == parent) {
		REQUIRE(now_ms() - start < TIME_LIMIT_MS);
		sched_yield();
	}
	_exit(open_once(NULL));
}

/* It stays a descendant of who reaps it. */
static void as_user_with_orphan(int reaper)
{
	struct target target;

	become_user(GROUP);
	REQUIRE(!prctl(PR_SET_CHILD_SUBREAPER, reaper, 0, 0, 0));
	REQUIRE(!target_start(&target, NULL, trap_openat, open_as_orphan,
			      NULL));
	REQUIRE(supervise(target.listener, 0) == (reaper ? 0 : -EACCES));
	REQUIRE(target_wait(&target) == 0);
}

static void i5_yama_1_and_orphans(void **state)
{
	(void)state;
	assert_int_equal(write_file(PTRACE_SCOPE, "1"), 0);
	in_child(as_user_with_orphan, 0);
	in_child(as_user_with_orphan, 1);
	assert_int_equal(write_file(PTRACE_SCOPE, "0"), 0);
}

/* A target that is not the supervisor's child */
static void with_other(bool root, bool named, int expected)
{
	struct target target;
	pid_t child;
	int status;

	assert_int_equal(target_start(&target, NULL, trap_openat,
				      open_once_as_user,
				      named ? &target : NULL), 0);
	child = fork();
	if (!child) {
		if (!root)
			become_user(GROUP);
		REQUIRE(supervise(target.listener, 0) == expected);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(target_wait(&target), expected ? EPERM : 0);
}

static void try_scope(const struct scope *scope)
{
	assert_int_equal(write_file(PTRACE_SCOPE, scope->scope), 0);
	in_child(as_user_with_child, scope->child);
	with_other(false, false, scope->other);
	with_other(false, true, scope->named);
	with_other(true, false, scope->root);
}

static const struct scope scopes[] = {
	{ "0", 0, 0, 0, 0 },
	{ "1", 0, -EACCES, 0, 0 },
	{ "2", -EACCES, -EACCES, -EACCES, 0 },
	{ "3", -EACCES, -EACCES, -EACCES, -EACCES },
};

static void yama(void **state)
{
	try_scope(*state);
	assert_int_equal(write_file(PTRACE_SCOPE, "0"), 0);
}

static void yama_forbids_all(void **state)
{
	struct pinredir_report report = { .size = sizeof(report) };

	try_scope(*state);
	assert_int_equal(pinredir_probe(&report, NULL), 0);
	assert_int_equal(report.problem, PINREDIR_NO_PTRACE);
	assert_int_equal(report.error, -EACCES);
	assert_int_equal(report.yama_scope, 3);
	/* What makes it need a guest of its own */
	assert_int_equal(write_file(PTRACE_SCOPE, "0"), -EINVAL);
}

static int prepare(void **state)
{
	(void)state;
	return chown(SECCOMP_PIN_DEVICE, 0, GROUP) ||
	       chmod(SECCOMP_PIN_DEVICE, 0660) ||
	       (!getenv("YAMA_LOCK") && write_file(PTRACE_SCOPE, "0"));
}

static int clean_up(void **state)
{
	(void)state;
	return chown(SECCOMP_PIN_DEVICE, 0, 0) ||
	       chmod(SECCOMP_PIN_DEVICE, 0600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(container_of_root),
		cmocka_unit_test(container_of_a_user),
		cmocka_unit_test(container_without_the_group),
		cmocka_unit_test(container_whose_runtime_has_a_listener),
		cmocka_unit_test(namespaces_of_a_user),
		cmocka_unit_test(namespaces_with_yama),
		{ "i5_yama_0_asks_for_the_same_user", yama, NULL, NULL,
		  (void *)&scopes[0] },
		{ "i5_yama_1_asks_for_a_descendant", yama, NULL, NULL,
		  (void *)&scopes[1] },
		{ "i5_yama_2_asks_for_a_capability", yama, NULL, NULL,
		  (void *)&scopes[2] },
		cmocka_unit_test(i5_yama_1_and_orphans),
	};
	const struct CMUnitTest locked[] = {
		{ "i5_yama_3_forbids_all", yama_forbids_all, NULL, NULL,
		  (void *)&scopes[3] },
	};

	alarm(PROGRAM_LIMIT);
	if (getenv("YAMA_LOCK"))
		return cmocka_run_group_tests(locked, prepare, clean_up);
	return cmocka_run_group_tests(tests, prepare, clean_up);
}
