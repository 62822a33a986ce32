// SPDX-License-Identifier: LGPL-2.1-or-later
/* The table of syscalls, and the lookup of a row. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <linux/keyctl.h>
#include <linux/landlock.h>
#include <linux/mount.h>
#include <linux/prctl.h>
#include <linux/quota.h>
#include <linux/reboot.h>
#include <linux/seccomp.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/msg.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <utime.h>

#include "private.h"

/* What structures have, in the kernel's ABI, and how much of strings is read */
#define TIMESPEC	sizeof(struct timespec)
#define TIMEVAL		sizeof(struct timeval)
#define TIMEZONE	sizeof(struct timezone)
#define ITIMERVAL	sizeof(struct itimerval)
#define ITIMERSPEC	sizeof(struct itimerspec)
#define UTIMBUF		sizeof(struct utimbuf)
#define SIGSET		(_NSIG / 8)
#define SIGACTION	(3 * sizeof(long) + SIGSET)
#define SIGINFO		sizeof(siginfo_t)
#define SIGEVENT_SIZE	sizeof(struct sigevent)
#define STACK		sizeof(stack_t)
#define SCHED_PARAM	sizeof(struct sched_param)
#define SCHED_ATTR_VER0	48
#define RLIMIT		sizeof(struct rlimit)
#define SEMBUF		sizeof(struct sembuf)
#define LONG_SIZE	sizeof(long)
#define SHMID_DS	sizeof(struct shmid_ds)
#define MSQID_DS	sizeof(struct msqid_ds)
#define SEMID_DS	sizeof(struct semid_ds)
#define MQ_ATTR		sizeof(struct mq_attr)
#define FLOCK		sizeof(struct flock)
#define OWNER		sizeof(struct f_owner_ex)
#define EPOLL_EVENT	sizeof(struct epoll_event)
#define PATH_BENEATH	sizeof(struct landlock_path_beneath_attr)
#define DQBLK		sizeof(struct if_dqblk)
#define DQINFO		sizeof(struct if_dqinfo)
#define CACHESTAT_RANGE	16
#define CPUMASK		1024		/* 8192 processors */
#define GROUPS		65536
#define PAGES		4096		/* what PAGE_SIZE bounds; it can be more */
#define HOST_NAME	64
#define MODULE_NAME	56
#define MEMFD_NAME	250
#define REBOOT_TEXT	255
#define COMM		15
#define XATTR_NAME	256
#define XATTR_SIZE	65536
#define KEY_TYPE	32
#define KEY_TEXT	4096
#define KEY_PAYLOAD	((1 << 20) - 1)
#define MODULE_ARGS	0

#define NONE	PINREDIR_NO_ARG
#define OPT	PINREDIR_NULLABLE

/* Direction, shape, argument with the length, flags, length, most */
#define S		{ PINREDIR_SCALAR, 0, NONE, 0, 0, 0 }
#define FD		{ PINREDIR_FD, 0, NONE, 0, 0, 0 }
#define OUT		{ PINREDIR_OUT, 0, NONE, 0, 0, 0 }
#define INOUT		{ PINREDIR_INOUT, 0, NONE, 0, 0, 0 }
#define KEPT		{ PINREDIR_KEPT, 0, NONE, 0, 0, 0 }
#define VARIES		{ PINREDIR_VARIES, 0, NONE, 0, 0, 0 }
#define INPUT(shape, arg, flags, length, most) \
	{ PINREDIR_IN, PINREDIR_##shape, arg, flags, length, most }
#define PATH		INPUT(PATH, NONE, 0, 0, PATH_MAX)
#define PATH_OPT	INPUT(PATH, NONE, OPT, 0, PATH_MAX)
#define STRING(n)	INPUT(STRING, NONE, 0, 0, n)
#define STRING_OPT(n)	INPUT(STRING, NONE, OPT, 0, n)
#define STRINGS		INPUT(VECTOR, NONE, OPT, 0, 0)
#define IN(n)		INPUT(BYTES, NONE, 0, n, n)
#define IN_OPT(n)	INPUT(BYTES, NONE, OPT, n, n)
#define BYTES(a)	INPUT(BYTES_ARG, a, 0, 0, 0)
#define BYTES_AND(n, a)	INPUT(BYTES_ARG, a, 0, n, 0)
#define BYTES_INT(a, n)	INPUT(BYTES_ARG, a, PINREDIR_INT, 0, n)
#define BYTES_MOST(a, n) INPUT(BYTES_ARG, a, OPT, 0, n)
#define ARRAY(n, a)	INPUT(ARRAY, a, 0, n, 0)
#define ARRAY_OPT(n, a)	INPUT(ARRAY, a, OPT, n, 0)
#define ARRAY_INT(n, a)	INPUT(ARRAY, a, PINREDIR_INT, n, GROUPS)
#define IOVECS(a)	INPUT(ARRAY, a, 0, sizeof(struct iovec), IOV_MAX)
#define IOVEC(a)	INPUT(IOVEC, a, 0, sizeof(struct iovec), IOV_MAX)
#define PARTIAL(a, n)	INPUT(PARTIAL, a, PINREDIR_INT, 0, n)
#define MOUNT_DATA	INPUT(MOUNT_DATA, NONE, OPT, PAGES, PAGES)
#define BITMAP(a)	INPUT(BITMAP, a, OPT, 0, PAGES * 8)
#define SIZED(a)	INPUT(SIZED, a, 0, 0, PAGES)
#define SIZED_OPT(a)	INPUT(SIZED, a, OPT, 0, PAGES)
#define CLONE_ARGS(a)	INPUT(CLONE_ARGS, a, 0, 0, PAGES)
#define SELF_SIZED(n)	INPUT(SELF_SIZED, NONE, 0, n, PAGES)
#define SOCKADDR(a)	INPUT(SOCKADDR, a, PINREDIR_INT | OPT, 0, \
			      sizeof(struct sockaddr_storage))
#define MSGHDR		INPUT(MSGHDR, NONE, 0, sizeof(struct msghdr), 0)
#define BUFFER		INPUT(BUFFER, NONE, OPT, 16, 16)
#define FPROG		INPUT(FPROG, NONE, 0, 16, 16)
#define SIGEVENT	INPUT(SIGEVENT, NONE, OPT, SIGEVENT_SIZE, SIGEVENT_SIZE)
#define FILE_HANDLE	INPUT(FILE_HANDLE, NONE, 0, 8, 8 + 128)
#define CAP_HEADER	INPUT(CAP_HEADER, NONE, 0, 8, 8)
#define CAP_DATA(a)	INPUT(CAP_DATA, a, 0, 0, 24)

#define COUNT(...)	(sizeof((struct pinredir_argument[]){ __VA_ARGS__ }) / \
			 sizeof(struct pinredir_argument))

#define ROW(nr_, name_, flags_, ...) { { nr_, flags_, name_, \
	COUNT(__VA_ARGS__), 0 }, { __VA_ARGS__ } },
#define SYSCALL(name, ...)	ROW(__SNR_##name, #name, 0, __VA_ARGS__)
#define REFUSED(name, ...)	ROW(__SNR_##name, #name, PINREDIR_REFUSED, \
				    __VA_ARGS__)
#define COMMON(nr, name, ...)	ROW(nr, #name, 0, __VA_ARGS__)
#define COMMON_REFUSED(nr, name, ...) ROW(nr, #name, PINREDIR_REFUSED, \
					  __VA_ARGS__)

/**
 * struct row - a row of the table
 * @syscall: what programs see of it
 * @args: its arguments
 */
struct row {
	struct pinredir_syscall syscall;
	struct pinredir_argument args[SECCOMP_PIN_ARGS];
};

static const struct row rows[] = {
#include "syscalls.h"
};

#undef SYSCALL
#undef REFUSED
#undef COMMON
#undef COMMON_REFUSED
#define SYSCALL(name, ...)	ROW_##name,
#define REFUSED(name, ...)	ROW_##name,
#define COMMON(nr, name, ...)	ROW_##name,
#define COMMON_REFUSED(nr, name, ...) ROW_##name,

enum {
#include "syscalls.h"
	ROWS
};

/**
 * struct command - what a call does, by one of its arguments
 * @row: which call
 * @key: which argument, shifted by how much, and whether it is a long and no int.
 *	And, if @also, the value that argument @also_arg has
 * @first: from this value
 * @last: to this
 * @args: what it does with its arguments
 */
struct command {
	unsigned int row;
	struct {
		uint8_t arg;
		uint8_t shift;
		bool wide;
		bool also;
		uint8_t also_arg;
		uint32_t also_value;
	} key;
	uint64_t first;
	uint64_t last;
	struct pinredir_argument args[SECCOMP_PIN_ARGS];
};

#define LEVEL(value)	2, .also = true, .also_arg = 1, .also_value = value
#define QUOTA(a)	a, .shift = 8
#define LONG(a)		a, .wide = true
#define COMMANDS(name, k, from, to, ...) \
	{ .row = ROW_##name, .key = { k }, .first = from, .last = to, \
	  .args = { __VA_ARGS__ } },
#define COMMAND(name, k, value, ...) \
	{ .row = ROW_##name, .key = { k }, .first = value, .last = value, \
	  .args = { __VA_ARGS__ } },
/* All options of a level that no line before is for */
#define OPTIONS(level) \
	COMMANDS(setsockopt, LEVEL(level), 0, UINT32_MAX, \
		 FD, S, S, BYTES_INT(4, 0), S)
#define COMMAND2(name, a, value, a2, value2, ...) \
	{ .row = ROW_##name, .first = value, .last = value, \
	  .key = { a, .also = true, .also_arg = a2, .also_value = value2 }, \
	  .args = { __VA_ARGS__ } },

static const struct command commands[] = {
#include "commands.h"
};

const struct pinredir_syscall *pinredir_syscall(int nr)
{
#undef SYSCALL
#undef REFUSED
#undef COMMON
#undef COMMON_REFUSED
#define SYSCALL(name, ...)	case __SNR_##name: \
				return &rows[ROW_##name].syscall;
#define REFUSED			SYSCALL
#define COMMON(nr, name, ...)	case nr: \
				return &rows[ROW_##name].syscall;
#define COMMON_REFUSED		COMMON
	/* Calls that this architecture has not have numbers below 0. */
	if (nr < 0)
		return NULL;
	switch (nr) {
#include "syscalls.h"
	}
	return NULL;
}

static const struct row *row_of(const struct pinredir_syscall *syscall)
{
	return (const struct row *)syscall;
}

const struct pinredir_syscall *
pinredir_syscall_after(const struct pinredir_syscall *row)
{
	const struct row *at = row ? row_of(row) + 1 : rows;

	for (; at < rows + ROWS; at++)
		if (at->syscall.nr >= 0)
			return &at->syscall;
	return NULL;
}

const struct pinredir_argument *
pinredir_argument(const struct pinredir_syscall *row, unsigned int n)
{
	return n < row->count ? &row_of(row)->args[n] : NULL;
}

const struct pinredir_syscall *pinredir_syscall_at(size_t n)
{
	const struct pinredir_syscall *row = pinredir_syscall_after(NULL);

	while (row && n--)
		row = pinredir_syscall_after(row);
	return row;
}

static bool command_fits(const struct command *command, const uint64_t *args)
{
	uint64_t value = args[command->key.arg];

	if (!command->key.wide)
		value = (uint32_t)value >> command->key.shift;
	if (value < command->first || value > command->last)
		return false;
	return !command->key.also ||
	       (uint32_t)args[command->key.also_arg] == command->key.also_value;
}

static bool row_varies(const struct pinredir_syscall *row)
{
	unsigned int i;

	for (i = 0; i < row->count; i++)
		if (pinredir_argument(row, i)->direction == PINREDIR_VARIES)
			return true;
	return false;
}

/* What a call does with these arguments, or NULL if that is not known */
const struct pinredir_argument *
pinredir_arguments(const struct pinredir_syscall *row, const uint64_t *args)
{
	size_t i;

	if (!row_varies(row))
		return row_of(row)->args;
	for (i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (&rows[commands[i].row].syscall == row &&
		    command_fits(&commands[i], args))
			return commands[i].args;
	return NULL;
}
