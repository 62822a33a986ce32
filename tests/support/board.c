// SPDX-License-Identifier: GPL-2.0-only
/* Targets that do what they are told over shared memory. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "board.h"
#include "pin.h"
#include "storm.h"

#define BOARD_SIZE	((sizeof(struct board) + PAGE - 1) & -PAGE)

int board_fd = -1;

void board_map(int fd)
{
	void *map = mmap(BOARD, BOARD_SIZE, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_FIXED, fd, 0);

	if (map != BOARD)
		abort();
	board_fd = fd;
}

void board_make(void)
{
	int fd = memfd_create("board", 0);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, BOARD_SIZE), 0);
	if (board_fd >= 0)
		close(board_fd);
	board_map(fd);
}

/*
 * The target
 */
int first_byte(long fd)
{
	char byte = 0;

	if (fd < 0)
		return 0;
	if (read(fd, &byte, 1) != 1)
		byte = 0;
	close(fd);
	return byte;
}

static void on_signal(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)info;
	board->in_handler = regs_of_context(context);
	board->handled++;
}

static void do_call(bool all_registers)
{
	unsigned long args[6], own[6];

	memcpy(args, board->args, sizeof(args));
	memcpy(own, args, sizeof(own));
	if (all_registers) {
		board->ret = regs_syscall(board->nr, args);
		board->same = regs_are(&regs_after, own);
	} else {
		board->ret = regs_call(board->nr, args);
		board->same = !memcmp(args, own, sizeof(own));
	}
	board->opened = board->nr == SYS_openat2 ? first_byte(board->ret) : 0;
}

static void drop_capability(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	HOLDS(!syscall(SYS_capget, &header, data));
	data[CAP_SYS_TIME / 32].effective &= ~(1U << CAP_SYS_TIME % 32);
	HOLDS(!syscall(SYS_capset, &header, data));
}

static void exec_self(int me)
{
	char fd[16], who[16];

	snprintf(fd, sizeof(fd), "%d", board_fd);
	snprintf(who, sizeof(who), "%d", me);
	execl("/proc/self/exe", "verdicts", fd, who, NULL);
	_exit(91);
}

/**
 * struct self - a target, of those that share the board
 * @number: its number
 * @seen: the last order that it has looked at. A target that is made by an order does
 *	not obey that order once more, however late it begins to look
 */
struct self {
	int number;
	uint64_t seen;
};

static void obey(struct self *self);

static void *run_thread(void *arg)
{
	for (;;)
		obey(arg);
	return NULL;
}

static void do_thread(const struct self *self)
{
	struct self *new = malloc(sizeof(*new));
	pthread_t thread;

	HOLDS(new);
	*new = *self;
	new->number = ++board->made;
	HOLDS(!pthread_create(&thread, NULL, run_thread, new));
}

/* Returns in the child as well, which has a number of its own then. */
static void do_fork(struct self *self)
{
	int number = board->made + 1;
	pid_t pid = fork();

	HOLDS(pid >= 0);
	if (!pid) {
		self->number = number;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		board->made = number;
	} else {
		AWAIT_HOLDS(board->made == number);
	}
}

/* Look at the next order, and obey it if it is for this target. */
static void obey(struct self *self)
{
	int number = self->number;

	AWAIT_HOLDS(board->given != self->seen);
	self->seen = board->given;
	if ((int)(self->seen >> 32) != number)
		return;
	board->tid = gettid();
	switch (board->what) {
	case CALL:
	case REGS:
		do_call(board->what == REGS);
		break;
	case FORK:
		do_fork(self);
		if (self->number != number)
			return;
		break;
	case THREAD:
		do_thread(self);
		break;
	case EXEC:
		exec_self(number);
		break;
	case SETUID:
		HOLDS(!syscall(SYS_setresuid, NOBODY, NOBODY, NOBODY));
		break;
	case SETGID:
		HOLDS(!syscall(SYS_setresgid, NOBODY, NOBODY, NOBODY));
		break;
	case CAPSET:
		drop_capability();
		break;
	case END:
		_exit(0);
	}
	board->done = board->turn;
}

int run_orders(void *arg)
{
	struct sigaction action = {
		.sa_sigaction = on_signal,
		.sa_flags = SA_SIGINFO,
	};
	struct self self = { .number = 0, .seen = 0 };

	(void)arg;
	sigaction(SIGUSR1, &action, NULL);
	action.sa_flags |= SA_RESTART;
	sigaction(SIGUSR2, &action, NULL);
	for (;;)
		obey(&self);
	return 0;
}

int run_executed(char **argv)
{
	struct self self = { .number = atoi(argv[2]) };

	board_map(atoi(argv[1]));
	self.seen = board->given;
	board->done = board->turn;
	for (;;)
		obey(&self);
	return 0;
}

void order(enum what what)
{
	board->what = what;
	board->turn++;
	board->given = (uint64_t)board->who << 32 | (uint32_t)board->turn;
}

void told(enum what what)
{
	order(what);
	await_word(&board->done, board->turn);
}

bool is_done(void)
{
	return board->done == board->turn;
}

void call_is(long nr, unsigned long a0, unsigned long a1, unsigned long a2,
	     unsigned long a3, unsigned long a4)
{
	board->nr = nr;
	board->args[0] = a0;
	board->args[1] = a1;
	board->args[2] = a2;
	board->args[3] = a3;
	board->args[4] = a4;
	board->args[5] = 0xa5;
}

void open_is(const char *path)
{
	strcpy(board->path, path);
	board->how = (struct open_how){ .flags = O_RDONLY };
	call_is(SYS_openat2, AT_FDCWD, (uintptr_t)board->path,
		(uintptr_t)&board->how, sizeof(board->how), 0xa4);
}

void access_is(const char *path)
{
	strcpy(board->path, path);
	call_is(SYS_faccessat2, AT_FDCWD, (uintptr_t)board->path, F_OK, 0, 0xa4);
}

void socket_is(unsigned long family)
{
	call_is(SYS_socket, family, SOCK_STREAM, 0, 0xa3, 0xa4);
}

long finished(void)
{
	await_word(&board->done, board->turn);
	assert_true(board->same);
	return board->ret;
}

static int make_file(const char *path, const char *content)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, content, 1) != 1)
		return -1;
	return close(fd);
}

int board_files(void)
{
	if (mkdir(DIRECTORY, 0755) && errno != EEXIST)
		return -1;
	return make_file(ALLOWED, "a") || make_file(FORBIDDEN, "f") ||
	       make_file(OTHER, "o") ? -1 : 0;
}
