// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each program in examples/ does what it says: run on real targets, most of which
 * are this program, with a name of a target as its argument.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/io_uring.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <pthread.h>
#include <seccomp.h>
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

#include "pin.h"

#define PORT	4711

/* Where the programs are, this one included, and where files can be made */
static char build[PATH_MAX], work[] = "/tmp/examples.XXXXXX";

/* What a command has printed */
static char output[65536];

/* Run a command of the shell's, with $E for examples/ and $T for this program. */
__attribute__((format(printf, 1, 2)))
static int run(const char *format, ...)
{
	char command[4096];
	va_list args;
	size_t len;
	FILE *pipe;
	int status;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	/* Each gets as much time as others get for a group. */
	alarm(300);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	len = fread(output, 1, sizeof(output) - 1, pipe);
	output[len] = '\0';
	status = pclose(pipe);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void says(const char *what)
{
	if (strstr(output, what))
		return;
	print_error("not \"%s\":\n%s", what, output);
	fail();
}

/* The two that deny one path and nothing else */
static void deny_shadow(const char *example)
{
	assert_int_equal(run("$E/%s cat /etc/shadow 2>&1", example), 1);
	says("/etc/shadow: Permission denied");
	assert_int_equal(run("$E/%s cmp /etc/passwd /etc/passwd", example), 0);
	assert_int_equal(run("$E/%s sh -c 'cat /etc/shadow; exit 7' 2>&1",
			     example), 7);
	says("/etc/shadow: Permission denied");
	assert_int_equal(run("$E/%s sh -c 'kill -TERM $$'", example),
			 128 + SIGTERM);
	/* Without it, there is nothing in the way. */
	assert_int_equal(run("cat /etc/shadow"), 0);
	assert_int_equal(run("$T opens"), 0);
	says("open 0\ncreat 30\nopenat 0\nopenat2 0\nopen_tree 0\nio_uring_setup 0\n");
	assert_int_equal(run("$E/%s $T opens", example), 0);
	says("open 13\ncreat 13\nopenat 13\nopenat2 13\nopen_tree 13\n"
	     "io_uring_setup 38\n");
}

static void smallest(void **state)
{
	(void)state;
	deny_shadow("smallest");
	assert_int_equal(run("$E/smallest /no/such/program 2>&1"), 126);
	says("No such file or directory");
}

static void device(void **state)
{
	(void)state;
	deny_shadow("device");
	assert_int_equal(run("$E/device /no/such/program 2>&1"), 127);
}

/*
 * Targets say what came of each thing they try: its errno.
 */
static void tell(const char *what, long ret)
{
	printf("%s %d\n", what, ret < 0 ? errno : 0);
}

/* Every way to open a file by its name */
static int target_opens(void)
{
	struct open_how how = { .flags = O_RDONLY };
	struct io_uring_params params = { 0 };
	const char *path = "/etc/shadow";

	/* The guest's is on a file system that is read-only: creat() does no harm. */
	if (!access(path, W_OK))
		return 1;
	tell("open", syscall(SYS_open, path, O_RDONLY));
	tell("creat", syscall(SYS_creat, path, 0600));
	tell("openat", syscall(SYS_openat, AT_FDCWD, path, O_RDONLY));
	tell("openat2", syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how)));
	tell("open_tree", syscall(SYS_open_tree, AT_FDCWD, path, 0));
	tell("io_uring_setup", syscall(SYS_io_uring_setup, 1, &params));
	return 0;
}

static struct sockaddr_in ipv4(const char *address)
{
	struct sockaddr_in in = {
		.sin_family = AF_INET,
		.sin_port = htons(PORT),
	};

	inet_pton(AF_INET, address, &in.sin_addr);
	return in;
}

static void try_connect(const char *what, const void *address, socklen_t len,
			int type)
{
	const struct sockaddr *to = address;
	int fd = socket(to->sa_family, type, 0);

	tell(what, connect(fd, to, len));
	close(fd);
}

static void try_send(const char *what, const void *address, socklen_t len)
{
	struct iovec iov = { .iov_base = "hello", .iov_len = 5 };
	struct msghdr msg = {
		.msg_name = (void *)address,
		.msg_namelen = len,
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	tell(what, sendto(fd, "hello", 5, 0, address, len));
	tell(what, sendmsg(fd, &msg, 0));
	close(fd);
}

static int target_connect(void)
{
	struct sockaddr_in good = ipv4("127.0.0.1"), bad = ipv4("127.0.0.2");
	struct sockaddr_un path = { .sun_family = AF_UNIX };
	struct mmsghdr messages = { 0 };
	int fd = socket(AF_INET, SOCK_STREAM, 0), pair[2];
	const int one = 1;

	/* Somebody is there, at every local address. */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	good.sin_addr.s_addr = INADDR_ANY;
	if (bind(fd, (struct sockaddr *)&good, sizeof(good)) || listen(fd, 5))
		return 1;
	good = ipv4("127.0.0.1");
	try_connect("tcp-good", &good, sizeof(good), SOCK_STREAM);
	try_connect("tcp-bad", &bad, sizeof(bad), SOCK_STREAM);
	try_connect("udp-good", &good, sizeof(good), SOCK_DGRAM);
	try_connect("udp-bad", &bad, sizeof(bad), SOCK_DGRAM);
	try_send("send-good", &good, sizeof(good));
	try_send("send-bad", &bad, sizeof(bad));
	bad.sin_family = AF_UNSPEC;
	try_send("send-unspec", &bad, sizeof(bad));
	tell("short", connect(fd, (struct sockaddr *)&bad, 1));
	tell("null", connect(fd, NULL, sizeof(bad)));
	strcpy(path.sun_path, "/no/such/socket");
	try_connect("unix", &path, sizeof(path), SOCK_STREAM);
	tell("pair", socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
	tell("send", send(pair[0], "x", 1, 0));
	tell("sendmmsg", sendmmsg(pair[0], &messages, 1, 0));
	tell("ring", syscall(SYS_io_uring_setup, 1, NULL));
	tell("netlink", socket(AF_NETLINK, SOCK_RAW, 0));
	return 0;
}

static void connect_policy(void **state)
{
	(void)state;
	assert_int_equal(run("$T connect"), 0);
	assert_string_equal(output,
		"tcp-good 0\ntcp-bad 0\nudp-good 0\nudp-bad 0\n"
		"send-good 0\nsend-good 0\nsend-bad 0\nsend-bad 0\n"
		"send-unspec 0\nsend-unspec 0\nshort 22\nnull 14\n"
		"unix 2\npair 0\nsend 0\nsendmmsg 0\nring 14\nnetlink 0\n");
	assert_int_equal(run("$E/connect 127.0.0.1 $T connect"), 0);
	assert_string_equal(output,
		"tcp-good 0\ntcp-bad 13\nudp-good 0\nudp-bad 13\n"
		"send-good 0\nsend-good 0\nsend-bad 13\nsend-bad 13\n"
		"send-unspec 13\nsend-unspec 13\nshort 22\nnull 14\n"
		"unix 2\npair 0\nsend 0\nsendmmsg 38\nring 38\nnetlink 97\n");
	assert_int_equal(run("$E/connect ::ffff:127.0.0.1 $T connect"), 0);
	says("tcp-good 0\ntcp-bad 13\n");
}

static void execve_policy(void **state)
{
	static const char policy[] = "$E/execve '/usr/bin/sh -c' "
				     "'/usr/bin/echo a' -- sh -c";

	(void)state;
	assert_int_equal(run("%s '/usr/bin/echo a b'", policy), 0);
	assert_string_equal(output, "a b\n");
	assert_int_equal(run("%s '/usr/bin/echo b a' 2>&1", policy), 126);
	says("execve: denied: /usr/bin/echo");
	assert_int_equal(run("%s '/usr/bin/echo ab' 2>&1", policy), 126);
	assert_int_equal(run("%s '/usr/bin/echo' 2>&1", policy), 126);
	assert_int_equal(run("%s /usr/bin/true 2>&1", policy), 126);
	says("execve: denied: /usr/bin/true");
	/* By number */
	assert_int_equal(run("%s '/usr/bin/echo a; exec $T execveat' 2>&1",
			     policy), 126);
	assert_int_equal(run("$E/execve $T -- $T execveat"), 0);
	assert_string_equal(output, "execveat 38\n");
	assert_int_equal(run("$E/execve /usr/bin/true -- sh -c : 2>&1"), 126);
	says("Permission denied");
}

static int target_execveat(void)
{
	char *argv[] = { "true", NULL };

	tell("execveat", syscall(SYS_execveat, open("/usr/bin/true", O_RDONLY),
				 "", argv, environ, AT_EMPTY_PATH));
	return 0;
}

/* A process that ends at once */
static void try_clone3(const char *what, unsigned long long flags, size_t size)
{
	struct clone_args args = { .flags = flags, .exit_signal = SIGCHLD };
	long pid = syscall(SYS_clone3, &args, size);

	if (!pid)
		_exit(0);
	tell(what, pid);
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

static void *nothing(void *arg)
{
	return arg;
}

static int target_clone3(void)
{
	pthread_t thread;
	pid_t pid;

	try_clone3("plain", 0, sizeof(struct clone_args));
	try_clone3("first", 0, CLONE_ARGS_SIZE_VER0);
	try_clone3("short", 0, CLONE_ARGS_SIZE_VER0 - 1);
	try_clone3("long", 0, 4097);
	try_clone3("user", CLONE_NEWUSER, sizeof(struct clone_args));
	try_clone3("net", CLONE_NEWNET, sizeof(struct clone_args));
	printf("thread %d\n", pthread_create(&thread, NULL, nothing, NULL));
	pthread_join(thread, NULL);
	pid = fork();
	if (!pid)
		_exit(0);
	tell("fork", pid);
	waitpid(pid, NULL, 0);
	tell("unshare", unshare(CLONE_NEWUSER));
	tell("clone", syscall(SYS_clone, CLONE_NEWUSER | CLONE_NEWNET | SIGCHLD,
			      0, 0, 0, 0));
	return 0;
}

static void clone3_policy(void **state)
{
	(void)state;
	assert_int_equal(run("$E/clone3 $T clone3"), 0);
	assert_string_equal(output,
		"plain 0\nfirst 0\nshort 22\nlong 7\nuser 1\nnet 1\n"
		"thread 0\nfork 0\nunshare 1\nclone 1\n");
	assert_int_equal(run("$T clone3 | head -n 7"), 0);
	says("plain 0\nfirst 0\nshort 22\nlong 7\nuser 0\n");
}

static void path_rewriting(void **state)
{
	(void)state;
	assert_int_equal(run("mkdir -p %s/to/sub && echo text >%s/to/file",
			     work, work), 0);
	assert_int_equal(run("$E/rewrite /no/where %s/to sh -c '"
		"cat /no/where/file && cd /no/where/sub && pwd -P && "
		"mv /no/where/file /no/where/sub/other && ls /no/where/sub; "
		"test -e /no/wherever || echo no'", work), 0);
	says("text\n/tmp/");
	says("/to/sub\nother\nno\n");
	assert_int_equal(run("$E/rewrite /no/where %s/to /no/where/x 2>&1",
			     work), 126);
	assert_int_equal(run("cp /usr/bin/true %s/to && "
		"$E/rewrite /no/where %s/to /no/where/true", work, work), 0);
}

/* A container's first process: hands its listener over, as crun does. */
static int target_contained(void)
{
	static const char state[] = "{\"ociVersion\":\"1.0.2\",\"fds\":[\"seccompFd\"]}";
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = {
		.iov_base = (void *)state,
		.iov_len = sizeof(state) - 1,
	};
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	int listener, fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, getenv("AGENT"));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(openat), 0) ||
	    seccomp_rule_add(filter, SCMP_ACT_NOTIFY, SCMP_SYS(mkdir), 0) ||
	    seccomp_load(filter))
		return 1;
	listener = seccomp_notify_fd(filter);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &listener, sizeof(int));
	if (sendmsg(fd, &msg, 0) < 0)
		return 1;
	close(listener);
	close(fd);
	tell("shadow", open("/etc/shadow", O_RDONLY));
	tell("passwd", open("/etc/passwd", O_RDONLY));
	tell("mkdir", syscall(SYS_mkdir, "/tmp/contained", 0700));
	return 0;
}

static void agent(void **state)
{
	char socket_path[PATH_MAX], log[PATH_MAX], program[2 * PATH_MAX];
	struct stat st;
	pid_t pid;

	(void)state;
	snprintf(socket_path, sizeof(socket_path), "%s/agent", work);
	snprintf(log, sizeof(log), "%s/log", work);
	snprintf(program, sizeof(program), "%s/examples/agent", build);
	setenv("AGENT", socket_path, 1);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (!freopen(log, "w", stdout) || dup2(1, 2) < 0)
			_exit(1);
		execl(program, "agent", socket_path, NULL);
		_exit(127);
	}
	AWAIT(!stat(socket_path, &st));
	/* Two at a time, and then one more */
	assert_int_equal(run("$T contained >%s/1 & $T contained >%s/2; wait; cat %s/1 %s/2; $T contained",
			     work, work, work, work), 0);
	assert_string_equal(output, "shadow 13\npasswd 0\nmkdir 1\n"
			    "shadow 13\npasswd 0\nmkdir 1\n"
			    "shadow 13\npasswd 0\nmkdir 1\n");
	/* What is no listener harms nobody. */
	assert_int_equal(run("$T stranger; $T contained"), 0);
	says("shadow 13\n");
	/* The last that it says comes when the stranger has been told already. */
	AWAIT(!run("grep 'Protocol error' %s", log));
	kill(pid, SIGTERM);
	assert_int_equal(await_exit(pid), SIGTERM);
	assert_int_equal(run("cat %s", log), 0);
	says("denied to ");
	says(": /etc/shadow\n");
	says("Protocol error");
}

/* Sends a message without a file descriptor. */
static int target_stranger(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, getenv("AGENT"));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    write(fd, "x", 1) != 1)
		return 1;
	/* It has been looked at when the other end is closed. */
	return read(fd, output, 1) != 0;
}

/* The race that the demo shows: how many calls opened the forbidden file */
static unsigned long race(const char *example, unsigned long calls)
{
	unsigned long made, forbidden;

	assert_int_equal(run("$E/%s %s/race/f $E/../demo/race %s/race %lu",
			     example, work, work, calls), 0);
	assert_int_equal(sscanf(output, "%lu %lu", &made, &forbidden), 2);
	assert_int_equal(made, calls);
	return forbidden;
}

static void racy_is_racy_and_sound_is_sound(void **state)
{
	unsigned long calls = 50, lost = 0;

	(void)state;
	assert_int_equal(run("cd %s && mkdir race && echo a >race/a && "
			     "echo f >race/f", work), 0);
	assert_int_equal(run("$E/racy %s/race/f cat %s/race/f 2>&1", work,
			     work), 1);
	says("Permission denied");
	assert_int_equal(run("$E/racy %s/race/f cat %s/race/a", work, work), 0);
	assert_int_equal(run("$E/sound %s/race/f cat %s/race/f 2>&1", work,
			     work), 1);
	says("Permission denied");
	assert_int_equal(run("$E/sound %s/race/f cat %s/race/a", work, work),
			 0);
	/* By the forbidden name, no other call opens it either. */
	assert_int_equal(run("$E/sound /etc/shadow $T opens"), 0);
	assert_string_equal(output, "open 38\ncreat 38\nopenat 13\nopenat2 38\n"
				    "open_tree 38\nio_uring_setup 38\n");
	/* As many calls as it takes to lose a few; the other gets twice as many. */
	while (lost < 5) {
		calls *= 2;
		assert_true(calls < 1000000);
		lost = race("racy", calls);
	}
	assert_int_equal(race("sound", 2 * calls), 0);
}

static int find_programs(void)
{
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (len < 0)
		return -1;
	self[len] = '\0';
	setenv("T", self, 1);
	/* build/tests/examples/examples */
	snprintf(build, sizeof(build), "%s",
		 dirname(dirname(dirname(self))));
	strcpy(self, build);
	if (strlen(self) + sizeof("/examples") > sizeof(self))
		return -1;
	strcat(self, "/examples");
	setenv("E", self, 1);
	return mkdtemp(work) ? 0 : -1;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(void);
	} targets[] = {
		{ "opens", target_opens },
		{ "connect", target_connect },
		{ "execveat", target_execveat },
		{ "clone3", target_clone3 },
		{ "contained", target_contained },
		{ "stranger", target_stranger },
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(smallest),
		cmocka_unit_test(connect_policy),
		cmocka_unit_test(execve_policy),
		cmocka_unit_test(clone3_policy),
		cmocka_unit_test(path_rewriting),
		cmocka_unit_test(device),
		cmocka_unit_test(agent),
		cmocka_unit_test(racy_is_racy_and_sound_is_sound),
	};
	size_t i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; argc > 1 && i < sizeof(targets) / sizeof(*targets); i++)
		if (!strcmp(argv[1], targets[i].name))
			return targets[i].run();
	if (argc > 1 || find_programs())
		return 2;
	return run_group(tests);
}
