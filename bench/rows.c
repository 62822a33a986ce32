// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fail.h"
#include "row.h"

#define TRAPS(...)	((const int[]){ __VA_ARGS__, -1 })

#define SMALL_WRITE	(4U << 10)
#define LARGE_WRITE	(64U << 10)
#define MESSAGE		64U
#define STRINGS		20

/* One that the row's calls use */
static int fd;

static void call_openat(void)
{
	int null = openat(AT_FDCWD, "/dev/null", O_RDONLY | O_CLOEXEC);

	need(null >= 0, "openat");
	close(null);
}

static void call_getppid(void)
{
	syscall(SYS_getppid);
}

static void call_faccessat2(void)
{
	need(!syscall(SYS_faccessat2, AT_FDCWD, "/dev/null", R_OK, 0),
	     "faccessat2");
}

static void call_statx(void)
{
	struct statx buffer;

	need(!statx(AT_FDCWD, "/dev/null", 0, STATX_BASIC_STATS, &buffer),
	     "statx");
}

/* To itself, so that every message that is sent can be taken off again */
static struct sockaddr_in self = { .sin_family = AF_INET };

static void prepare_socket(void)
{
	socklen_t len = sizeof(self);

	self.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	need(fd >= 0, "socket");
	need(!bind(fd, (struct sockaddr *)&self, sizeof(self)), "bind");
	need(!getsockname(fd, (struct sockaddr *)&self, &len), "getsockname");
}

static void call_connect(void)
{
	need(!connect(fd, (struct sockaddr *)&self, sizeof(self)), "connect");
}

static void call_sendmsg(void)
{
	char payload[MESSAGE] = "payload", back[MESSAGE];
	struct iovec iov = { .iov_base = payload, .iov_len = MESSAGE };
	struct msghdr msg = {
		.msg_name = &self,
		.msg_namelen = sizeof(self),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};

	need(sendmsg(fd, &msg, 0) == MESSAGE, "sendmsg");
	need(recv(fd, back, MESSAGE, MSG_DONTWAIT) == MESSAGE, "recv");
}

static void prepare_file(void)
{
	fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	need(fd >= 0, "open");
}

static void call_write(size_t len)
{
	static char payload[LARGE_WRITE] = "payload";

	need(write(fd, payload, len) == (ssize_t)len, "write");
	lseek(fd, 0, SEEK_SET);
}

static void call_small_write(void)
{
	call_write(SMALL_WRITE);
}

static void call_large_write(void)
{
	call_write(LARGE_WRITE);
}

static const char *argv[STRINGS + 1], *envp[STRINGS + 1];

static void prepare_execve(void)
{
	int i;

	for (i = 0; i < STRINGS; i++) {
		argv[i] = "--argument=of-some-length";
		envp[i] = "VARIABLE=of:some:length";
	}
}

static void reap(pid_t pid)
{
	int status;

	need(waitpid(pid, &status, 0) == pid, "waitpid");
	if (status)
		fail("the program: wait status %x", status);
}

static void call_execve(void)
{
	pid_t pid = vfork();

	need(pid >= 0, "vfork");
	if (!pid) {
		execve(EXECED, (char **)argv, (char **)envp);
		_exit(127);
	}
	reap(pid);
}

/* An openat in the child's copy of our memory, and one in the program's own */
static void call_fork_exec(void)
{
	char *args[] = { EXECED, "openat", NULL }, *none[] = { NULL };
	pid_t pid = fork();

	need(pid >= 0, "fork");
	if (!pid) {
		call_openat();
		execve(EXECED, args, none);
		_exit(127);
	}
	reap(pid);
}

const struct row rows[] = {
	{
		.name = "openat",
		.traps = TRAPS(SYS_openat),
		.calls = 1000,
		.call = call_openat,
	},
	{
		.name = "getppid",
		.traps = TRAPS(SYS_openat),
		.calls = 20000,
		.allowed = true,
		.call = call_getppid,
	},
	{
		.name = "faccessat2",
		.traps = TRAPS(SYS_faccessat2),
		.calls = 1000,
		.call = call_faccessat2,
	},
	{
		.name = "statx",
		.traps = TRAPS(SYS_statx),
		.calls = 1000,
		.call = call_statx,
	},
	{
		.name = "connect",
		.traps = TRAPS(SYS_connect),
		.calls = 1000,
		.prepare = prepare_socket,
		.call = call_connect,
	},
	{
		.name = "sendmsg",
		.traps = TRAPS(SYS_sendmsg),
		.calls = 1000,
		.prepare = prepare_socket,
		.call = call_sendmsg,
	},
	{
		.name = "execve",
		.traps = TRAPS(SYS_execve),
		.calls = 200,
		.prepare = prepare_execve,
		.call = call_execve,
	},
	{
		.name = "fork-exec",
		.traps = TRAPS(SYS_openat, SYS_execve),
		.calls = 200,
		.call = call_fork_exec,
	},
	{
		.name = "write-4KiB",
		.traps = TRAPS(SYS_write),
		.calls = 500,
		.prepare = prepare_file,
		.call = call_small_write,
	},
	{
		.name = "write-64KiB",
		.traps = TRAPS(SYS_write),
		.calls = 200,
		.slot = 2 * LARGE_WRITE,
		.prepare = prepare_file,
		.call = call_large_write,
	},
};

const size_t row_count = sizeof(rows) / sizeof(*rows);
