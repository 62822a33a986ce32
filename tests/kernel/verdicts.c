// SPDX-License-Identifier: GPL-2.0-only
/*
 * Remembered verdicts: the same call is answered in the same way without being
 * asked about, and no other one is. What the calls run on, who they are for, who
 * has a say in them, and until when.
 *
 * The targets here do what they are told over shared memory, which is at the same
 * address in all of them and in the test, so that the same pointers mean the same
 * bytes. The calls are such as a program does not make when it starts.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attempt.h"
#include "pin.h"
#include "regs.h"
#include "storm.h"

#define PAGE		4096UL
#define NOBODY		65534
#define NR_VERDICTS	64U

/* Files of one byte, which says which of them it is */
#define DIRECTORY	"/tmp/verdicts"
#define ALLOWED		DIRECTORY "/a"
#define FORBIDDEN	DIRECTORY "/f"
#define OTHER		DIRECTORY "/other"

/* Where all have the board, and memory that nobody has */
#define BOARD		((struct board *)0x600000000000)
#define NOWHERE		0x600100000000UL

enum what { CALL, REGS, FORK, THREAD, EXEC, SETUID, SETGID, CAPSET, END };

/**
 * struct board - what targets are told, and what they tell
 * @turn: counts the orders
 * @done: of those, how many have been obeyed
 * @who: is to obey: 0 for the first target, then in the order of their making
 * @made: how many there are
 * @tid: of who has obeyed last
 * @what: to do
 * @nr: CALL and REGS: the call
 * @args: its arguments
 * @ret: what it returned
 * @opened: what the file that it opened begins with, or 0
 * @same: it has left its argument registers alone; REGS: all registers
 * @path: for calls that take one; room for one that is too long
 * @how: for openat2()
 * @value: for prctl()
 * @handled: REGS: how often a signal handler ran
 * @in_handler: what it saw
 * @seq: of the loops: the call that is made next
 * @stop: of the loops: come to an end
 * @count: of the loops: files opened, by what they begin with
 */
struct board {
	volatile int turn;
	volatile int done;
	volatile int who;
	volatile int made;
	volatile int tid;
	enum what what;
	long nr;
	unsigned long args[6];
	volatile long ret;
	volatile int opened;
	volatile bool same;
	char path[2 * PAGE];
	struct open_how how;
	char value[64];
	volatile int handled;
	struct regs in_handler;
	volatile unsigned long seq;
	volatile int stop;
	volatile unsigned long count[256];
};

#define BOARD_SIZE	((sizeof(struct board) + PAGE - 1) & -PAGE)

static struct board *const board = BOARD;
static int board_fd = -1;

static void board_map(int fd)
{
	void *map = mmap(BOARD, BOARD_SIZE, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_FIXED, fd, 0);

	if (map != BOARD)
		abort();
	board_fd = fd;
}

/* A new one, for a new target: the old one's is what that knows. */
static void board_make(void)
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
static int first_byte(long fd)
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

static void obey(int *me);

static void *run_thread(void *arg)
{
	int me = (long)arg;

	for (;;)
		obey(&me);
	return NULL;
}

/* Returns in the child as well, which has a number of its own then. */
static void do_fork(int *me)
{
	int number = board->made + 1;
	pid_t pid = fork();

	HOLDS(pid >= 0);
	if (!pid) {
		*me = number;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		board->made = number;
	} else {
		AWAIT_HOLDS(board->made == number);
	}
}

static void obey(int *me)
{
	int number = *me;
	pthread_t thread;

	AWAIT_HOLDS(board->turn != board->done && board->who == *me);
	board->tid = gettid();
	switch (board->what) {
	case CALL:
	case REGS:
		do_call(board->what == REGS);
		break;
	case FORK:
		do_fork(me);
		if (*me != number)
			return;
		break;
	case THREAD:
		HOLDS(!pthread_create(&thread, NULL, run_thread,
				      (void *)(long)++board->made));
		break;
	case EXEC:
		exec_self(*me);
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

static int run_orders(void *arg)
{
	struct sigaction action = {
		.sa_sigaction = on_signal,
		.sa_flags = SA_SIGINFO,
	};
	int me = 0;

	(void)arg;
	sigaction(SIGUSR1, &action, NULL);
	action.sa_flags |= SA_RESTART;
	sigaction(SIGUSR2, &action, NULL);
	for (;;)
		obey(&me);
	return 0;
}

/* In the program that EXEC has run */
static int run_executed(char **argv)
{
	int me = atoi(argv[2]);

	board_map(atoi(argv[1]));
	board->done = board->turn;
	for (;;)
		obey(&me);
	return 0;
}

/*
 * The supervisor
 */
static const char *const traps[] = {
	"openat2", "faccessat2", "socket", NULL
};

static const char *const trap_prctl[] = { "prctl", NULL };
static const char *const trap_clone[] = { "clone", NULL };
static const char *const trap_writev[] = { "writev", NULL };
static const char *const trap_read[] = { "read", NULL };

static const struct seccomp_pin_rule all_rules[] = {
	{ SYS_openat2, 1, SECCOMP_PIN_STRING, PAGE, 0 },
	{ SYS_openat2, 2, SECCOMP_PIN_BYTES_ARG, 64, 3 },
	{ SYS_faccessat2, 1, SECCOMP_PIN_STRING, PAGE, 0 },
	{ SYS_prctl, 1, SECCOMP_PIN_STRING, 64, 0 },
	{ SYS_writev, 1, SECCOMP_PIN_BYTES, 16, 16 },
};

/**
 * struct scene - a target and its supervisor
 * @target: obeys the board
 * @pin: a context that remembers verdicts
 * @r: the call that was received last
 */
struct scene {
	struct target target;
	struct pin pin;
	struct seccomp_pin_receive r;
};

static void set_rules(struct scene *s)
{
	struct seccomp_pin_rules rules = {
		.rules = (uintptr_t)all_rules,
		.count = sizeof(all_rules) / sizeof(*all_rules),
	};

	assert_int_equal(pin_ioctl(s->pin.fd, SECCOMP_PIN_RULES, &rules), 0);
}

static void scene_attach(struct scene *s, unsigned int verdicts,
			 unsigned int completions)
{
	struct seccomp_pin_attach attach = pin_attach_default();

	attach.verdicts = verdicts;
	attach.completions = completions;
	pin_open_with(&s->pin, s->target.listener, TEST_ARENA, &attach);
	set_rules(s);
}

static void scene_start(struct scene *s, target_filter outer,
			const char *const *which)
{
	board_make();
	assert_int_equal(target_start(&s->target, outer, which, run_orders,
				      NULL), 0);
	scene_attach(s, NR_VERDICTS, 16);
}

static struct scene scene(void)
{
	struct scene s;

	scene_start(&s, NULL, traps);
	return s;
}

/* Nothing is left of its calls, and of its verdicts when it is gone. */
static void scene_end(struct scene *s)
{
	assert_int_equal(kill(s->target.pid, SIGKILL), 0);
	assert_int_equal(target_wait(&s->target), 128 + SIGKILL);
	AWAIT(pin_query(&s->pin).calls == 0);
	pin_close(&s->pin);
}

static void order(enum what what)
{
	board->what = what;
	board->turn++;
}

static void told(enum what what)
{
	order(what);
	await_word(&board->done, board->turn);
}

static bool is_done(void)
{
	return board->done == board->turn;
}

static bool waits(struct scene *s)
{
	struct pollfd pollfd = { .fd = s->pin.listener, .events = POLLIN };

	return poll(&pollfd, 1, 0) == 1 && pollfd.revents & POLLIN;
}

/* The calls that are made */
static void call_is(long nr, unsigned long a0, unsigned long a1,
		    unsigned long a2, unsigned long a3, unsigned long a4)
{
	board->nr = nr;
	board->args[0] = a0;
	board->args[1] = a1;
	board->args[2] = a2;
	board->args[3] = a3;
	board->args[4] = a4;
	board->args[5] = 0xa5;
}

static void open_is(const char *path)
{
	strcpy(board->path, path);
	board->how = (struct open_how){ .flags = O_RDONLY };
	call_is(SYS_openat2, AT_FDCWD, (uintptr_t)board->path,
		(uintptr_t)&board->how, sizeof(board->how), 0xa4);
}

static void access_is(const char *path)
{
	strcpy(board->path, path);
	call_is(SYS_faccessat2, AT_FDCWD, (uintptr_t)board->path, F_OK, 0, 0xa4);
}

static void socket_is(unsigned long family)
{
	call_is(SYS_socket, family, SOCK_STREAM, 0, 0xa3, 0xa4);
}

static void no_more_notifications(struct scene *s)
{
	struct seccomp_pin_receive r = { .flags = SECCOMP_PIN_NONBLOCK };

	assert_int_equal(pin_ioctl(s->pin.fd, SECCOMP_PIN_RECEIVE, &r),
			 -EAGAIN);
}

/* The call is made, and the supervisor is asked. */
static void asked(struct scene *s)
{
	uint64_t hits = pin_query(&s->pin).hits;

	order(CALL);
	AWAIT(is_done() || waits(s));
	assert_false(is_done());
	pin_receive(&s->pin, &s->r);
	assert_int_equal(s->r.data.nr, board->nr);
	assert_memory_equal(s->r.data.args, board->args, sizeof(board->args));
	assert_int_equal(pin_query(&s->pin).hits, hits);
}

/* The call that was asked about is over. */
static long finished(void)
{
	await_word(&board->done, board->turn);
	assert_true(board->same);
	return board->ret;
}

/* The call is made, and nobody is asked. */
static long served_how(struct scene *s, enum what what)
{
	uint64_t hits = pin_query(&s->pin).hits;

	order(what);
	AWAIT(is_done() || waits(s));
	assert_true(is_done());
	assert_int_equal(pin_query(&s->pin).hits, hits + 1);
	assert_int_equal(pin_query(&s->pin).slots, 0);
	no_more_notifications(s);
	return finished();
}

static long served(struct scene *s)
{
	return served_how(s, CALL);
}

/* An answer that pins all that was copied */
static struct seccomp_pin_redirect pinned(const struct seccomp_pin_receive *r)
{
	struct seccomp_pin_redirect answer = { .id = r->id };
	unsigned int i;

	for (i = 0; i < 6; i++) {
		if (!r->copies[i].kind || r->copies[i].error)
			continue;
		answer.args_mask |= 1 << i;
		answer.args[i] = r->slot_offset + r->copies[i].offset;
		answer.ptr_len[i] = r->copies[i].len;
		if (r->copies[i].kind == SECCOMP_PIN_STRING)
			answer.str_mask |= 1 << i;
	}
	answer.ptr_mask = answer.args_mask;
	answer.arena_mask = answer.args_mask;
	return answer;
}

static struct seccomp_pin_redirect
remembered(const struct seccomp_pin_receive *r, uint64_t cookie)
{
	struct seccomp_pin_redirect answer = pinned(r);

	answer.flags = SECCOMP_PIN_REMEMBER;
	answer.cookie = cookie;
	return answer;
}

static struct seccomp_pin_redirect
denied(const struct seccomp_pin_receive *r, uint32_t error)
{
	return (struct seccomp_pin_redirect){
		.id = r->id,
		.flags = SECCOMP_PIN_DENY | SECCOMP_PIN_REMEMBER,
		.error = error,
	};
}

static void answer(struct scene *s, struct seccomp_pin_redirect redirect)
{
	assert_int_equal(pin_redirect(&s->pin, &redirect), 0);
}

/* The verdicts of one that is asked: as it is, and with this errno */
static void asked_allow(struct scene *s, uint64_t cookie)
{
	asked(s);
	answer(s, remembered(&s->r, cookie));
	assert_true(finished() >= 0);
}

static void asked_deny(struct scene *s, int error)
{
	asked(s);
	answer(s, denied(&s->r, error));
	assert_int_equal(finished(), -error);
}

/* It is asked about, and what becomes of it is not remembered. */
static void asked_once(struct scene *s)
{
	asked(s);
	assert_int_equal(pin_deny(&s->pin, s->r.id, ENOTNAM), 0);
	assert_int_equal(finished(), -ENOTNAM);
}

static int drop(struct scene *s, uint64_t cookie, uint32_t flags)
{
	struct seccomp_pin_drop request = { .cookie = cookie, .flags = flags };

	return pin_ioctl(s->pin.fd, SECCOMP_PIN_DROP, &request);
}

/*
 * What the calls run on
 */
static void i1_an_allowed_call_runs_on_pinned_bytes(void **state)
{
	struct scene s = scene();
	unsigned int i;

	(void)state;
	open_is(ALLOWED);
	assert_int_equal(pin_query(&s.pin).verdicts, 0);
	asked_allow(&s, 1);
	assert_int_equal(board->opened, 'a');
	assert_int_equal(pin_query(&s.pin).verdicts, 1);
	for (i = 0; i < 8; i++) {
		assert_true(served(&s) >= 0);
		assert_int_equal(board->opened, 'a');
	}
	assert_int_equal(pin_query(&s.pin).hits, 8);
	assert_int_equal(pin_query(&s.pin).verdicts, 1);
	assert_int_equal(pin_query(&s.pin).calls, 0);
	scene_end(&s);
}

/* The bytes that were put in place of the target's are the kernel's own. */
static void i1_substituted_bytes_stay(void **state)
{
	struct seccomp_pin_redirect redirect;
	struct scene s = scene();
	unsigned int i;

	(void)state;
	open_is(FORBIDDEN);
	asked(&s);
	strcpy(pin_slot(&s.pin, &s.r) + 512, OTHER);
	redirect = remembered(&s.r, 1);
	redirect.args[1] = s.r.slot_offset + 512;
	redirect.ptr_len[1] = sizeof(OTHER);
	answer(&s, redirect);
	assert_true(finished() >= 0);
	assert_int_equal(board->opened, 'o');
	for (i = 0; i < 4; i++) {
		/* Of what is left of the first call nothing counts. */
		memset(pin_slot(&s.pin, &s.r), 'x', s.r.slot_size);
		strcpy(pin_slot(&s.pin, &s.r) + 512, FORBIDDEN);
		assert_true(served(&s) >= 0);
		assert_int_equal(board->opened, 'o');
	}
	scene_end(&s);
}

/* The same for bytes that were edited in place */
static void i1_edited_bytes_stay(void **state)
{
	struct scene s = scene();
	char *slot;

	(void)state;
	open_is(FORBIDDEN);
	asked(&s);
	slot = pin_slot(&s.pin, &s.r) + s.r.copies[1].offset;
	strcpy(slot, ALLOWED);
	answer(&s, remembered(&s.r, 1));
	assert_true(finished() >= 0);
	assert_int_equal(board->opened, 'a');
	strcpy(slot, FORBIDDEN);
	assert_true(served(&s) >= 0);
	assert_int_equal(board->opened, 'a');
	/* What it was found by is what the target had, not what it ran on. */
	open_is(ALLOWED);
	asked_once(&s);
	scene_end(&s);
}

static void i1_a_value_is_substituted(void **state)
{
	struct seccomp_pin_redirect redirect;
	struct scene s = scene();
	struct sockaddr_storage name;
	socklen_t len = sizeof(name);
	int fd, pidfd;

	(void)state;
	socket_is(AF_UNIX);
	asked(&s);
	redirect = remembered(&s.r, 1);
	redirect.args_mask = 1;
	redirect.args[0] = AF_INET;
	answer(&s, redirect);
	assert_true(finished() >= 0);
	assert_true(served(&s) >= 0);
	pidfd = syscall(SYS_pidfd_open, s.target.pid, 0);
	fd = syscall(SYS_pidfd_getfd, pidfd, board->ret, 0);
	assert_true(fd >= 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &len), 0);
	assert_int_equal(name.ss_family, AF_INET);
	close(fd);
	close(pidfd);
	scene_end(&s);
}

static void i1_a_denied_call_fails_in_the_same_way(void **state)
{
	struct scene s = scene();

	(void)state;
	open_is(FORBIDDEN);
	asked_deny(&s, EUCLEAN);
	assert_int_equal(pin_query(&s.pin).verdicts, 1);
	assert_int_equal(served(&s), -EUCLEAN);
	assert_int_equal(served(&s), -EUCLEAN);
	/* The new answer to the same call replaces the old one. */
	assert_int_equal(drop(&s, 0, 0), 0);
	asked_deny(&s, 4095);
	assert_int_equal(served(&s), -4095);
	assert_int_equal(pin_query(&s.pin).verdicts, 1);
	scene_end(&s);
}

/* Other bytes at the same address, or the same ones at another */
static void i1_bytes_changed_between_two_traps(void **state)
{
	struct scene s = scene();

	(void)state;
	open_is(ALLOWED);
	asked_allow(&s, 1);
	board->path[sizeof(ALLOWED) - 2] = 'f';
	asked_once(&s);
	board->path[sizeof(ALLOWED) - 2] = 'a';
	assert_true(served(&s) >= 0);
	assert_int_equal(board->opened, 'a');
	/* Of the other argument that was copied */
	board->how.flags |= O_NOFOLLOW;
	asked_once(&s);
	board->how.flags = O_RDONLY;
	/* Shorter by one, and longer by one */
	board->path[sizeof(ALLOWED) - 2] = '\0';
	asked_once(&s);
	strcpy(board->path, ALLOWED "x");
	asked_once(&s);
	strcpy(board->path + 100, ALLOWED);
	board->args[1] += 100;
	assert_true(served(&s) >= 0);
	assert_int_equal(board->opened, 'a');
	scene_end(&s);
}

/*
 * Calls that have as little as possible between them. Whatever the hash of each
 * is, none of them is taken for another.
 */
static void i1_calls_are_told_apart(void **state)
{
	static const char *const paths[] = {
		"", "/", "//", "/tmp", "/tmq", "/tmp/", "./tmp", "/Tmp",
		"/tmp/verdicts/x", "/tmp/verdicts/y",
	};
	struct scene s = scene();
	unsigned int i, j;

	(void)state;
	for (i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		access_is(paths[i]);
		asked_deny(&s, EUCLEAN);
		assert_int_equal(served(&s), -EUCLEAN);
		for (j = 0; j < sizeof(paths) / sizeof(*paths); j++) {
			if (j == i)
				continue;
			access_is(paths[j]);
			asked_once(&s);
		}
		assert_int_equal(drop(&s, 0, SECCOMP_PIN_DROP_ALL), 0);
	}
	scene_end(&s);
}

/* The bytes of two arguments are not taken for those of two others. */
static void i1_bytes_of_two_arguments(void **state)
{
	struct scene s = scene();

	(void)state;
	open_is("/tmp/12");
	asked_deny(&s, EUCLEAN);
	/* The same bytes one after the other, with the border elsewhere */
	strcpy(board->path, "/tmp/1");
	asked_once(&s);
	/* More and fewer of the same bytes, with the number that goes with it */
	open_is("/tmp/12");
	board->args[3] = sizeof(board->how) - 8;
	asked_once(&s);
	board->args[3] = sizeof(board->how) + 8;
	asked_once(&s);
	board->args[3] = 0;
	asked_once(&s);
	board->args[3] = sizeof(board->how);
	assert_int_equal(served(&s), -EUCLEAN);
	scene_end(&s);
}

static void i1_null_is_no_empty_string(void **state)
{
	struct scene s = scene();

	(void)state;
	access_is("");
	asked_deny(&s, EUCLEAN);
	board->args[1] = 0;
	asked_deny(&s, EDOM);
	assert_int_equal(served(&s), -EDOM);
	access_is("");
	assert_int_equal(served(&s), -EUCLEAN);
	/* Nor is there one to be found where nothing else is remembered. */
	assert_int_equal(drop(&s, 0, SECCOMP_PIN_DROP_ALL), 0);
	board->args[1] = 0;
	asked_deny(&s, EDOM);
	access_is("");
	asked_once(&s);
	scene_end(&s);
}

/* What could not be copied is remembered for nothing, and matches nothing. */
static void i1_copies_with_an_error(void **state)
{
	struct scene s = scene();
	int error;

	(void)state;
	for (error = EFAULT; error; error = error == EFAULT ? ENAMETOOLONG : 0) {
		access_is("");
		if (error == EFAULT)
			board->args[1] = NOWHERE;
		else
			memset(board->path, 'x', PAGE);
		asked(&s);
		assert_int_equal(s.r.copies[1].error, -error);
		answer(&s, denied(&s.r, EUCLEAN));
		assert_int_equal(finished(), -EUCLEAN);
		assert_int_equal(pin_query(&s.pin).verdicts, 0);
		asked_once(&s);
	}
	/* Where an empty string would be found */
	access_is("");
	asked_deny(&s, EUCLEAN);
	board->args[1] = NOWHERE;
	asked_once(&s);
	scene_end(&s);
}

/* Bytes that the call would read from where its target can change them */
static void i1_what_is_remembered_is_pinned(void **state)
{
	struct seccomp_pin_redirect redirect;
	struct scene s = scene();

	(void)state;
	open_is(ALLOWED);
	asked(&s);
	redirect = remembered(&s.r, 1);
	redirect.args_mask = redirect.ptr_mask = redirect.arena_mask = 1 << 2;
	redirect.str_mask = 0;
	redirect.args[1] = 0;
	redirect.ptr_len[1] = 0;
	assert_int_equal(pin_redirect(&s.pin, &redirect), -EINVAL);
	assert_true(pin_pending(&s.pin, s.r.id));
	/* Without REMEMBER it is the supervisor's own affair. */
	redirect.flags = 0;
	redirect.cookie = 0;
	answer(&s, redirect);
	assert_true(finished() >= 0);
	assert_int_equal(pin_query(&s.pin).verdicts, 0);
	scene_end(&s);
}

/* A call that remembers its pointer is not served by a verdict on another. */
static void i1_calls_that_remember_pointers(void **state)
{
	struct seccomp_pin_redirect redirect;
	struct scene s;

	(void)state;
	scene_start(&s, NULL, trap_prctl);
	strcpy(board->value, "name");
	call_is(SYS_prctl, PR_SET_NAME, (uintptr_t)board->value, 0, 0, 0);
	asked(&s);
	redirect = remembered(&s.r, 1);
	redirect.any_mask = 1;
	answer(&s, redirect);
	assert_int_equal(finished(), 0);
	assert_int_equal(served(&s), 0);
	board->args[0] = 1UL << 32 | PR_SET_NAME;
	assert_int_equal(served(&s), 0);
	board->args[0] = PR_SET_MM;
	asked_once(&s);
	board->args[0] = 1UL << 32 | PR_SET_MM;
	asked_once(&s);
	board->args[0] = PR_SET_VMA;
	asked_once(&s);
	scene_end(&s);
}

/* A writev() of what is written in the slot, @at bytes from its start */
static void asked_writev(struct scene *s, uint64_t at, uint64_t len)
{
	struct seccomp_pin_redirect redirect;
	struct iovec *iov;

	asked(s);
	iov = (struct iovec *)pin_slot(&s->pin, &s->r);
	iov->iov_base = (void *)(uintptr_t)(s->r.slot_address + at);
	iov->iov_len = 6;
	memcpy((char *)iov + at, "pinned", 6);
	redirect = remembered(&s->r, 1);
	redirect.ptr_len[1] = len;
	answer(s, redirect);
	assert_int_equal(finished(), 6);
}

static void wrote(int fd)
{
	char text[6];

	assert_int_equal(read(fd, text, 6), 6);
	assert_memory_equal(text, "pinned", 6);
}

/*
 * The supervisor has put addresses of the slot into it. They mean nothing in
 * another slot, and nothing where what they point to is not remembered.
 */
static void i1_addresses_of_the_slot(void **state)
{
	struct scene s;
	uint64_t slot, first;
	int pipefd[2];

	(void)state;
	assert_int_equal(pipe(pipefd), 0);
	scene_start(&s, NULL, trap_writev);
	*(struct iovec *)board->value = (struct iovec){ board->path, 6 };
	strcpy(board->path, "target");
	call_is(SYS_writev, pipefd[1], (uintptr_t)board->value, 1, 0, 0);
	asked_writev(&s, 64, 16);
	wrote(pipefd[0]);
	assert_int_equal(pin_query(&s.pin).verdicts, 0);

	asked_writev(&s, 64, 70);
	wrote(pipefd[0]);
	slot = s.r.slot_offset;
	assert_int_equal(pin_query(&s.pin).verdicts, 1);
	memset(pin_slot(&s.pin, &s.r), 'x', 128);
	assert_int_equal(served(&s), 6);
	wrote(pipefd[0]);
	/* In another slot, while that one is taken by a call that nobody answers */
	told(THREAD);
	board->who = 1;
	board->args[3] = 1;
	asked(&s);
	assert_int_equal(s.r.slot_offset, slot);
	first = s.r.id;
	board->done = board->turn;
	board->who = 0;
	board->args[3] = 0;
	asked(&s);
	assert_int_not_equal(s.r.slot_offset, slot);
	assert_int_equal(pin_deny(&s.pin, s.r.id, EUCLEAN), 0);
	assert_int_equal(finished(), -EUCLEAN);
	assert_int_equal(pin_release(&s.pin, first), 0);
	scene_end(&s);
	close(pipefd[0]);
	close(pipefd[1]);
}

/*
 * The storm: a peer changes the path all the time, while the target opens it.
 */
struct storm {
	pthread_t peer;
	volatile int stop;
};

static void *flip(void *arg)
{
	struct storm *storm = arg;
	volatile char *last = &board->path[sizeof(ALLOWED) - 2];

	while (!storm->stop) {
		*last = 'f';
		*last = 'a';
	}
	return NULL;
}

static int run_storm(void *arg)
{
	struct storm storm = { .stop = 0 };
	unsigned long args[6];

	(void)arg;
	AWAIT_HOLDS(board->turn);
	HOLDS(!pthread_create(&storm.peer, NULL, flip, &storm));
	while (!board->stop) {
		memcpy(args, board->args, sizeof(args));
		board->count[first_byte(own_call(SYS_openat2, args))]++;
		board->seq++;
	}
	storm.stop = 1;
	pthread_join(storm.peer, NULL);
	return 0;
}

static void storm_start(struct scene *s)
{
	board_make();
	open_is(ALLOWED);
	assert_int_equal(target_start(&s->target, NULL, traps, run_storm, NULL),
			 0);
	scene_attach(s, NR_VERDICTS, 16);
	board->turn = 1;
}

/* Received within a tenth of a second, or not */
static bool storm_receive(struct scene *s)
{
	struct pollfd pollfd = { .fd = s->pin.listener, .events = POLLIN };

	if (poll(&pollfd, 1, 100) != 1 || !(pollfd.revents & POLLIN))
		return false;
	memset(&s->r, 0, sizeof(s->r));
	s->r.flags = SECCOMP_PIN_NONBLOCK;
	return !pin_ioctl(s->pin.fd, SECCOMP_PIN_RECEIVE, &s->r);
}

static int storm_end(struct scene *s)
{
	int status;

	board->stop = 1;
	while (waitpid(s->target.pid, &status, WNOHANG) != s->target.pid)
		if (storm_receive(s))
			pin_deny(&s->pin, s->r.id, EPERM);
	pin_close(&s->pin);
	close(s->target.listener);
	return status;
}

#define STORM_CALLS	2000U

static void i1_storm(void **state)
{
	unsigned int questions = 0;
	uint64_t start = now_ms();
	struct scene s;
	char *path;

	(void)state;
	storm_start(&s);
	while (board->seq < STORM_CALLS || questions < STORM_CALLS / 20) {
		assert_true(now_ms() - start < TIME_LIMIT_MS);
		if (!storm_receive(&s))
			continue;
		questions++;
		path = pin_slot(&s.pin, &s.r) + s.r.copies[1].offset;
		if (!strcmp(path, ALLOWED)) {
			answer(&s, remembered(&s.r, 1));
			continue;
		}
		assert_string_equal(path, FORBIDDEN);
		answer(&s, (struct seccomp_pin_redirect){
			.id = s.r.id,
			.flags = SECCOMP_PIN_DENY,
			.error = EPERM,
		});
		/* So that it is not allowed by a verdict for ever */
		if (!(questions % 8))
			assert_int_equal(drop(&s, 1, 0), 0);
	}
	assert_true(pin_query(&s.pin).hits > 0);
	assert_int_equal(storm_end(&s), 0);
	assert_int_equal(board->count['f'], 0);
	assert_true(board->count['a'] > 0);
	assert_true(board->count[0] > 0);
}

/* The control: who reads the path, and has the kernel read it again, loses. */
static void storm_without_a_pin(void **state)
{
	struct iovec to, from = { board->path, sizeof(ALLOWED) };
	uint64_t start = now_ms();
	char path[sizeof(ALLOWED)];
	struct scene s;

	(void)state;
	storm_start(&s);
	while (!board->count['f']) {
		assert_true(now_ms() - start < TIME_LIMIT_MS);
		if (!storm_receive(&s))
			continue;
		to = (struct iovec){ path, sizeof(path) };
		assert_int_equal(process_vm_readv(s.target.pid, &to, 1, &from,
						  1, 0), sizeof(path));
		if (!strcmp(path, ALLOWED))
			assert_int_equal(pin_continue(&s.pin, s.r.id), 0);
		else
			assert_int_equal(pin_deny(&s.pin, s.r.id, EPERM), 0);
	}
	assert_int_equal(storm_end(&s), 0);
}

/*
 * Which calls they are for
 */
static void i1_other_scalars(void **state)
{
	struct scene s = scene();
	unsigned int i;

	(void)state;
	access_is("/tmp");
	asked_deny(&s, EUCLEAN);
	for (i = 0; i < 6; i++) {
		if (i == 1)
			continue;
		/* The upper half of a register counts, whatever the call takes. */
		board->args[i] ^= 1UL << 40;
		asked_once(&s);
		board->args[i] ^= 1UL << 40;
		board->args[i] ^= 1;
		asked_once(&s);
		board->args[i] ^= 1;
	}
	assert_int_equal(served(&s), -EUCLEAN);
	scene_end(&s);
}

static void i1_any_value(void **state)
{
	struct seccomp_pin_redirect redirect;
	struct scene s = scene();

	(void)state;
	access_is("/tmp");
	asked(&s);
	redirect = denied(&s.r, EUCLEAN);
	redirect.any_mask = 1 << 2 | 1 << 4;
	answer(&s, redirect);
	assert_int_equal(finished(), -EUCLEAN);
	board->args[2] = R_OK;
	assert_int_equal(served(&s), -EUCLEAN);
	board->args[4] = -1;
	assert_int_equal(served(&s), -EUCLEAN);
	board->args[5] = 1;
	asked_once(&s);
	board->args[5] = 0xa5;
	board->args[3] = 1;
	asked_once(&s);
	scene_end(&s);
}

/* Another mask makes those before forgotten, and they do not come back. */
static void i1_another_mask(void **state)
{
	struct seccomp_pin_redirect redirect;
	struct scene s = scene();

	(void)state;
	socket_is(AF_UNIX);
	asked_deny(&s, EDOM);
	access_is("/tmp");
	asked_deny(&s, EUCLEAN);
	access_is("/dev");
	asked(&s);
	redirect = denied(&s.r, ERANGE);
	redirect.any_mask = 1 << 2;
	answer(&s, redirect);
	assert_int_equal(finished(), -ERANGE);
	assert_int_equal(served(&s), -ERANGE);
	access_is("/tmp");
	asked_once(&s);
	/* With the first mask again */
	access_is("/proc");
	asked_deny(&s, EOVERFLOW);
	access_is("/dev");
	asked_once(&s);
	access_is("/tmp");
	asked_once(&s);
	access_is("/proc");
	assert_int_equal(served(&s), -EOVERFLOW);
	/* Other syscalls have their own. */
	socket_is(AF_UNIX);
	assert_int_equal(served(&s), -EDOM);
	scene_end(&s);
}

static void i1_rules_replaced(void **state)
{
	struct scene s = scene();

	(void)state;
	open_is(ALLOWED);
	asked_allow(&s, 1);
	set_rules(&s);
	asked_allow(&s, 1);
	assert_true(served(&s) >= 0);
	/* Without a rule it is an address that it would be found by. */
	pin_rule_string(&s.pin, "faccessat2", 1);
	asked_once(&s);
	scene_end(&s);
}

static void i2_another_syscall(void **state)
{
	struct scene s = scene();

	(void)state;
	pin_rule_string(&s.pin, "faccessat2", 1);
	access_is("/tmp");
	asked_deny(&s, EUCLEAN);
	board->nr = SYS_openat2;
	asked_once(&s);
	board->nr = SYS_socket;
	asked_once(&s);
	board->nr = SYS_faccessat2;
	assert_int_equal(served(&s), -EUCLEAN);
	scene_end(&s);
}

/* Those of a context are its own. */
static void i2_another_context(void **state)
{
	struct scene first = scene(), second;
	int fd = dup(board_fd);

	(void)state;
	access_is("/tmp");
	asked_deny(&first, EUCLEAN);
	second = scene();
	access_is("/tmp");
	asked_once(&second);
	asked_deny(&second, EDOM);
	assert_int_equal(served(&second), -EDOM);
	scene_end(&second);
	close(board_fd);
	board_map(fd);
	assert_int_equal(served(&first), -EUCLEAN);
	scene_end(&first);
}

/* The answer to this one's calls is for all targets. */
static void asked_for_all(struct scene *s, int error)
{
	struct seccomp_pin_redirect redirect;

	asked(s);
	redirect = denied(&s->r, error);
	redirect.flags |= SECCOMP_PIN_FOR_ALL;
	answer(s, redirect);
	assert_int_equal(finished(), -error);
}

static void i2_another_mm(void **state)
{
	struct scene s = scene();
	unsigned int i;

	(void)state;
	access_is("/tmp");
	asked_deny(&s, EUCLEAN);
	told(THREAD);
	board->who = 1;
	assert_int_equal(served(&s), -EUCLEAN);
	board->who = 0;
	told(FORK);
	board->who = 2;
	for (i = 0; i < 2; i++)
		asked_once(&s);
	asked_deny(&s, EDOM);
	assert_int_equal(served(&s), -EDOM);
	board->who = 0;
	assert_int_equal(served(&s), -EUCLEAN);
	told(EXEC);
	for (i = 0; i < 2; i++)
		asked_once(&s);
	scene_end(&s);
}

/* Whoever is new has been looked at once before one of those is for it. */
static void i5_for_all_but_who_is_new(void **state)
{
	struct scene s = scene();

	(void)state;
	access_is("/tmp");
	asked_for_all(&s, EUCLEAN);
	assert_int_equal(served(&s), -EUCLEAN);
	told(FORK);
	board->who = 1;
	asked_once(&s);
	assert_int_equal(served(&s), -EUCLEAN);
	told(EXEC);
	asked_once(&s);
	assert_int_equal(served(&s), -EUCLEAN);
	board->who = 0;
	assert_int_equal(served(&s), -EUCLEAN);
	scene_end(&s);
}

/* Nobody who has access has received its call: it has not been looked at. */
static void i5_who_receives_has_no_access(void **state)
{
	struct scene s = scene();
	pid_t nobody;

	(void)state;
	access_is("/tmp");
	asked_for_all(&s, EUCLEAN);
	told(FORK);
	board->who = 1;
	order(CALL);
	nobody = fork();
	if (!nobody) {
		struct seccomp_pin_receive r;

		if (setresuid(NOBODY, NOBODY, NOBODY))
			_exit(1);
		pin_receive(&s.pin, &r);
		if (r.copies[1].error != -EACCES)
			_exit(2);
		/* That takes no access, and is not remembered for it. */
		answer(&s, denied(&r, EDOM));
		_exit(0);
	}
	assert_int_equal(await_exit(nobody), 0);
	assert_int_equal(finished(), -EDOM);
	assert_int_equal(pin_query(&s.pin).verdicts, 1);
	asked_once(&s);
	assert_int_equal(served(&s), -EUCLEAN);
	scene_end(&s);
}

/* After this, the target is asked again, whatever the verdict was for. */
static void changed(enum what what)
{
	struct scene s = scene();

	access_is("/tmp");
	asked_for_all(&s, EUCLEAN);
	access_is("/dev");
	asked_deny(&s, EDOM);
	assert_int_equal(served(&s), -EDOM);
	told(what);
	/* Its own are for the credentials that it had. */
	asked_once(&s);
	asked_once(&s);
	access_is("/tmp");
	if (what == CAPSET)
		assert_int_equal(served(&s), -EUCLEAN);
	else
		/* It is not dumpable any more: nobody comes to know it. */
		asked_once(&s);
	scene_end(&s);
}

static void i5_credentials_changed(void **state)
{
	(void)state;
	changed(SETUID);
	changed(SETGID);
	changed(CAPSET);
}

/* By its first call after that, of those that are for all */
static void i5_credentials_changed_for_all(void **state)
{
	struct scene s = scene();

	(void)state;
	access_is("/tmp");
	asked_for_all(&s, EUCLEAN);
	told(CAPSET);
	asked_once(&s);
	assert_int_equal(served(&s), -EUCLEAN);
	scene_end(&s);
}

static void make_dumpable(struct scene *s, int dumpable)
{
	long nr = board->nr;
	unsigned long args[6];

	memcpy(args, board->args, sizeof(args));
	call_is(SYS_prctl, PR_SET_DUMPABLE, dumpable, 0, 0, 0);
	asked(s);
	assert_int_equal(pin_continue(&s->pin, s->r.id), 0);
	assert_int_equal(finished(), 0);
	board->nr = nr;
	memcpy(board->args, args, sizeof(args));
}

static void i5_not_dumpable(void **state)
{
	struct scene s;

	(void)state;
	scene_start(&s, NULL, trap_prctl);
	strcpy(board->value, "name");
	call_is(SYS_prctl, PR_SET_NAME, (uintptr_t)board->value, 0, 0, 0);
	asked_for_all(&s, EUCLEAN);
	assert_int_equal(served(&s), -EUCLEAN);
	make_dumpable(&s, 0);
	asked_once(&s);
	/* Nor is anything remembered now. */
	asked(&s);
	answer(&s, denied(&s.r, EDOM));
	assert_int_equal(finished(), -EDOM);
	asked_once(&s);
	assert_int_equal(pin_query(&s.pin).verdicts, 1);
	make_dumpable(&s, 1);
	assert_int_equal(served(&s), -EUCLEAN);
	scene_end(&s);
}

/*
 * Who else has a say
 */

/* What an outer filter says of AF_INET with this protocol; of nothing else */
static uint32_t outer_action;
#define JUDGED	7

static void outer(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (seccomp_rule_add(filter, outer_action, SCMP_SYS(socket), 2,
			     SCMP_A0(SCMP_CMP_EQ, AF_INET),
			     SCMP_A2(SCMP_CMP_EQ, JUDGED)))
		_exit(99);
	attempt_load(filter, 0);
}

/* A verdict by which AF_UNIX becomes AF_INET, whatever the protocol */
static void outer_start(struct scene *s, uint32_t action)
{
	struct seccomp_pin_redirect redirect;
	struct seccomp_pin_completion completion;

	outer_action = action;
	scene_start(s, outer, traps);
	socket_is(AF_UNIX);
	asked(s);
	redirect = remembered(&s->r, 77);
	redirect.flags |= SECCOMP_PIN_COMPLETION;
	redirect.args_mask = 1;
	redirect.args[0] = AF_INET;
	redirect.any_mask = 1 << 2;
	answer(s, redirect);
	assert_true(finished() >= 0);
	assert_int_equal(read(s->pin.fd, &completion, sizeof(completion)),
			 sizeof(completion));
	assert_int_equal(completion.how, SECCOMP_PIN_RETURNED);
	assert_int_equal(completion.id, s->r.id);
	board->args[2] = JUDGED;
}

static void skipped(struct scene *s)
{
	struct seccomp_pin_completion completion;

	assert_int_equal(read(s->pin.fd, &completion, sizeof(completion)),
			 sizeof(completion));
	assert_int_equal(completion.how, SECCOMP_PIN_SKIPPED);
	assert_int_equal(completion.id, 0);
	assert_int_equal(completion.cookie, 77);
	assert_int_equal(completion.thread, s->r.thread);
}

static void i3_outer_errno(void **state)
{
	struct scene s;

	(void)state;
	outer_start(&s, SCMP_ACT_ERRNO(EDOM));
	assert_int_equal(served_how(&s, REGS), -EDOM);
	skipped(&s);
	board->args[2] = 0;
	assert_true(served(&s) >= 0);
	scene_end(&s);
}

static void i3_outer_trace_without_a_tracer(void **state)
{
	struct scene s;

	(void)state;
	outer_start(&s, SCMP_ACT_TRACE(1));
	assert_int_equal(served_how(&s, REGS), -ENOSYS);
	skipped(&s);
	scene_end(&s);
}

static void i3_outer_kill(void **state)
{
	struct scene s;

	(void)state;
	outer_start(&s, SCMP_ACT_KILL_PROCESS);
	order(CALL);
	/* With the listener open */
	assert_int_equal(WTERMSIG(await_exit(s.target.pid)), SIGSYS);
	skipped(&s);
	assert_int_equal(pin_query(&s.pin).hits, 1);
	assert_int_equal(pin_query(&s.pin).calls, 0);
	assert_int_equal(pin_query(&s.pin).verdicts, 0);
	close(s.target.listener);
	pin_close(&s.pin);
}

/* The call that a verdict denies does not get as far as that. */
static void i3_denied_calls_are_not_judged(void **state)
{
	struct scene s;

	(void)state;
	outer_action = SCMP_ACT_KILL_PROCESS;
	scene_start(&s, outer, traps);
	socket_is(AF_UNIX);
	asked_deny(&s, EUCLEAN);
	assert_int_equal(served(&s), -EUCLEAN);
	scene_end(&s);
}

/*
 * What the target sees afterwards, and what the supervisor is told
 */
static void i4_registers(void **state)
{
	struct scene s = scene();

	(void)state;
	open_is(ALLOWED);
	board->args[4] = 0x5555555555555555;
	board->args[5] = 0x6666666666666666;
	asked_allow(&s, 1);
	assert_true(served_how(&s, REGS) >= 0);
	assert_int_equal(board->opened, 'a');
	/* That it fails is its own affair. */
	open_is(DIRECTORY "/none");
	asked(&s);
	answer(&s, remembered(&s.r, 1));
	assert_int_equal(finished(), -ENOENT);
	assert_int_equal(served_how(&s, REGS), -ENOENT);
	open_is(FORBIDDEN);
	asked_deny(&s, EUCLEAN);
	assert_int_equal(served_how(&s, REGS), -EUCLEAN);
	scene_end(&s);
}

/* A signal in the call: its handler, and the call once more */
static void i4_signals(void **state)
{
	struct seccomp_pin_redirect redirect;
	struct scene s;
	int pipefd[2];

	(void)state;
	assert_int_equal(pipe(pipefd), 0);
	assert_int_equal(write(pipefd[1], "1", 1), 1);
	scene_start(&s, NULL, trap_read);
	call_is(SYS_read, 0x1111, (uintptr_t)board->value, 1, 0xa3, 0xa4);
	asked(&s);
	redirect = remembered(&s.r, 1);
	redirect.args_mask = 1;
	redirect.args[0] = pipefd[0];
	answer(&s, redirect);
	assert_int_equal(finished(), 1);

	order(REGS);
	await_syscall(s.target.pid, SYS_read, pipefd[0]);
	await_sleep(s.target.pid);
	assert_int_equal(kill(s.target.pid, SIGUSR1), 0);
	assert_int_equal(finished(), -EINTR);
	assert_int_equal(board->handled, 1);
	assert_true(regs_are(&board->in_handler, board->args));
	assert_int_equal(board->in_handler.ret, -EINTR);
	assert_int_equal(pin_query(&s.pin).hits, 1);

	/* It is made again, with the registers that the target had. */
	order(REGS);
	await_syscall(s.target.pid, SYS_read, pipefd[0]);
	await_sleep(s.target.pid);
	assert_int_equal(kill(s.target.pid, SIGUSR2), 0);
	await_word(&board->handled, 2);
	AWAIT(pin_query(&s.pin).hits == 3);
	assert_int_equal(write(pipefd[1], "2", 1), 1);
	assert_int_equal(finished(), 1);
	assert_int_equal(board->in_handler.args[0], 0x1111);
	no_more_notifications(&s);
	scene_end(&s);
	close(pipefd[0]);
	close(pipefd[1]);
}

/* Makes a child twice; its registers are those that its parent had. */
static int run_clone(void *arg)
{
	static const unsigned long own[6] = { 0x3f, 0, 0, 0xa3, 0xa4, 0xa5 };
	int i, status;
	long pid;

	(void)arg;
	AWAIT_HOLDS(board->turn);
	for (i = 0; i < 2; i++) {
		pid = regs_syscall(SYS_clone, own);
		if (!pid)
			_exit(regs_are(&regs_after, own) ? 42 : 43);
		HOLDS(pid > 0);
		HOLDS(regs_are(&regs_after, own));
		HOLDS(waitpid(pid, &status, __WALL) == pid);
		HOLDS(WIFEXITED(status) && WEXITSTATUS(status) == 42);
		board->done++;
	}
	return 0;
}

static void clone_flags(unsigned long flags)
{
	struct seccomp_pin_redirect redirect;
	struct scene s;

	board_make();
	assert_int_equal(target_start(&s.target, NULL, trap_clone, run_clone,
				      NULL), 0);
	scene_attach(&s, NR_VERDICTS, 16);
	board->turn = 1;
	pin_receive_call(&s.pin, &s.r, "clone");
	redirect = remembered(&s.r, 1);
	redirect.args_mask = 1;
	redirect.args[0] = flags;
	answer(&s, redirect);
	AWAIT(board->done == 2 || waits(&s));
	assert_int_equal(board->done, 2);
	assert_int_equal(pin_query(&s.pin).hits, 1);
	assert_int_equal(target_wait(&s.target), 0);
	assert_int_equal(pin_query(&s.pin).calls, 0);
	pin_close(&s.pin);
}

static void i4_children(void **state)
{
	(void)state;
	clone_flags(SIGCHLD);
	clone_flags(CLONE_VM | CLONE_VFORK | SIGCHLD);
}

static void i4_completions(void **state)
{
	struct seccomp_pin_completion completions[4];
	struct seccomp_pin_redirect redirect;
	struct scene s = scene();
	ssize_t size = sizeof(*completions);

	(void)state;
	open_is(ALLOWED);
	asked(&s);
	redirect = remembered(&s.r, 0x1122334455667788);
	redirect.flags |= SECCOMP_PIN_COMPLETION;
	answer(&s, redirect);
	assert_true(finished() >= 0);
	assert_true(served(&s) >= 0);
	assert_true(served(&s) >= 0);
	assert_int_equal(read(s.pin.fd, completions, sizeof(completions)),
			 3 * size);
	assert_int_equal(completions[0].id, s.r.id);
	assert_int_equal(completions[1].id, 0);
	assert_int_equal(completions[1].cookie, 0x1122334455667788);
	assert_int_equal(completions[1].thread, s.r.thread);
	assert_int_equal(completions[1].how, SECCOMP_PIN_RETURNED);
	assert_int_equal(completions[1].retval, board->ret);
	assert_int_equal(completions[2].id, 0);
	assert_int_equal(completions[2].thread, s.r.thread);
	scene_end(&s);
}

/* Nobody is asked less often for not reading them. */
static void i4_no_room_for_completions(void **state)
{
	struct seccomp_pin_completion completion;
	struct seccomp_pin_redirect redirect;
	struct scene s;

	(void)state;
	board_make();
	assert_int_equal(target_start(&s.target, NULL, traps, run_orders,
				      NULL), 0);
	scene_attach(&s, NR_VERDICTS, 2);
	open_is(ALLOWED);
	asked(&s);
	redirect = remembered(&s.r, 1);
	redirect.flags |= SECCOMP_PIN_COMPLETION;
	answer(&s, redirect);
	assert_true(finished() >= 0);
	assert_true(served(&s) >= 0);
	asked_once(&s);
	asked_once(&s);
	assert_int_equal(read(s.pin.fd, &completion, sizeof(completion)),
			 sizeof(completion));
	assert_true(served(&s) >= 0);
	assert_int_equal(board->opened, 'a');
	asked_once(&s);
	scene_end(&s);
}

/*
 * How many, and until when
 */
static void i6_the_table_is_bounded(void **state)
{
	struct scene s;
	int i;

	(void)state;
	board_make();
	assert_int_equal(target_start(&s.target, NULL, traps, run_orders,
				      NULL), 0);
	scene_attach(&s, 4, 0);
	for (i = 0; i < 64; i++) {
		access_is("/tmp/");
		board->path[5] = 'A' + i % 16;
		order(CALL);
		AWAIT(is_done() || waits(&s));
		if (!is_done()) {
			pin_receive(&s.pin, &s.r);
			answer(&s, denied(&s.r, 100 + i % 16));
		}
		assert_int_equal(finished(), -100 - i % 16);
		/* It is the newest, whatever had to make room. */
		assert_int_equal(served(&s), -100 - i % 16);
		assert_true(pin_query(&s.pin).verdicts >= 1);
		assert_true(pin_query(&s.pin).verdicts <= 4);
	}
	scene_end(&s);
}

static void i6_too_many_bytes(void **state)
{
	struct seccomp_pin_attach attach = pin_attach_default();
	struct seccomp_pin_rule rule = {
		SYS_faccessat2, 1, SECCOMP_PIN_BYTES_ARG, 4 * PAGE, 4
	};
	struct seccomp_pin_rules rules = { .rules = (uintptr_t)&rule, .count = 1 };
	struct scene s;

	(void)state;
	board_make();
	assert_int_equal(target_start(&s.target, NULL, traps, run_orders,
				      NULL), 0);
	attach.slot_size = 4 * PAGE;
	attach.window_size = 16 * PAGE;
	attach.verdicts = 4;
	pin_open_with(&s.pin, s.target.listener, TEST_ARENA, &attach);
	assert_int_equal(pin_ioctl(s.pin.fd, SECCOMP_PIN_RULES, &rules), 0);
	access_is("");
	board->args[1] = (uintptr_t)board->path;
	board->args[4] = SECCOMP_PIN_MAX_VERDICT;
	asked_deny(&s, EUCLEAN);
	assert_int_equal(served(&s), -EUCLEAN);
	assert_int_equal(pin_query(&s.pin).verdicts, 1);
	board->args[4]++;
	asked_deny(&s, EDOM);
	assert_int_equal(pin_query(&s.pin).verdicts, 1);
	asked_once(&s);
	scene_end(&s);
}

/* A call that has no slot, and so no bytes to be found by */
static void i6_no_slot(void **state)
{
	struct seccomp_pin_attach attach = pin_attach_default();
	struct scene s;
	unsigned int i;

	(void)state;
	board_make();
	assert_int_equal(target_start(&s.target, NULL, traps, run_orders,
				      NULL), 0);
	/* One slot, which is kept for a thread's call that nobody answers */
	attach.slot_size = TEST_SLOT;
	attach.window_size = TEST_SLOT;
	attach.windows_per_mm = 1;
	attach.verdicts = 4;
	pin_open_with(&s.pin, s.target.listener, 16 * TEST_SLOT, &attach);
	set_rules(&s);
	told(THREAD);
	access_is("/tmp");
	asked_deny(&s, EUCLEAN);
	board->who = 1;
	access_is("/dev");
	asked(&s);
	board->done = board->turn;
	board->who = 0;
	for (i = 0; i < 2; i++) {
		access_is("/tmp");
		asked(&s);
		assert_int_equal(s.r.slot_error, -ENOBUFS);
		answer(&s, denied(&s.r, EDOM));
		assert_int_equal(finished(), -EDOM);
	}
	/* The same for one that runs, without pointers */
	socket_is(AF_UNIX);
	asked(&s);
	assert_int_equal(s.r.slot_error, -ENOBUFS);
	answer(&s, remembered(&s.r, 1));
	assert_true(finished() >= 0);
	assert_int_equal(pin_query(&s.pin).verdicts, 1);
	assert_int_equal(kill(s.target.pid, SIGKILL), 0);
	assert_int_equal(target_wait(&s.target), 128 + SIGKILL);
	pin_close(&s.pin);
}

/* Nor has a call of another ABI. */
static int run_int80(void *arg)
{
	long ret;

	(void)arg;
	/* access() of a NULL pointer */
	__asm__ volatile("int $0x80" : "=a" (ret)
			 : "0" (33), "b" (0), "c" (0) : "memory", "r8", "r9",
			   "r10", "r11");
	return ret == -EUCLEAN ? 42 : 1;
}

static void i2_another_abi(void **state)
{
	static const char *const trap_access[] = { "+access", NULL };
	struct scene s;

	(void)state;
	board_make();
	assert_int_equal(target_start(&s.target, NULL, trap_access, run_int80,
				      NULL), 0);
	scene_attach(&s, 4, 0);
	pin_receive(&s.pin, &s.r);
	assert_int_equal(s.r.slot_error, -EOPNOTSUPP);
	answer(&s, denied(&s.r, EUCLEAN));
	assert_int_equal(target_wait(&s.target), 42);
	assert_int_equal(pin_query(&s.pin).verdicts, 0);
	pin_close(&s.pin);
}

static void i7_dropped_by_cookie(void **state)
{
	struct seccomp_pin_redirect redirect;
	struct scene s = scene();
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		access_is("/tmp/0");
		board->path[5] += i;
		asked(&s);
		redirect = denied(&s.r, 100 + i);
		redirect.cookie = i / 2;
		answer(&s, redirect);
		assert_int_equal(finished(), -100 - i);
	}
	assert_int_equal(drop(&s, 5, 0), 0);
	assert_int_equal(pin_query(&s.pin).verdicts, 3);
	assert_int_equal(drop(&s, 0, 0), 0);
	assert_int_equal(pin_query(&s.pin).verdicts, 1);
	assert_int_equal(served(&s), -102);
	access_is("/tmp/0");
	asked_once(&s);
	access_is("/tmp/1");
	asked_deny(&s, EUCLEAN);
	assert_int_equal(drop(&s, 0, SECCOMP_PIN_DROP_ALL), 0);
	assert_int_equal(pin_query(&s.pin).verdicts, 0);
	asked_once(&s);
	access_is("/tmp/2");
	asked_once(&s);

	assert_int_equal(drop(&s, 1, SECCOMP_PIN_DROP_ALL), -EINVAL);
	assert_int_equal(drop(&s, 0, SECCOMP_PIN_DROP_ALL << 1), -EINVAL);
	scene_end(&s);
}

/* An answer to a call that was made before may be older than its reason. */
static void i7_answers_older_than_a_drop(void **state)
{
	struct scene s = scene();
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		access_is("/tmp");
		asked(&s);
		assert_int_equal(drop(&s, 5, i ? SECCOMP_PIN_DROP_ALL : 0),
				 i ? -EINVAL : 0);
		assert_int_equal(drop(&s, 0, SECCOMP_PIN_DROP_ALL), 0);
		answer(&s, denied(&s.r, EUCLEAN));
		assert_int_equal(finished(), -EUCLEAN);
		assert_int_equal(pin_query(&s.pin).verdicts, 0);
	}
	asked_deny(&s, EUCLEAN);
	assert_int_equal(served(&s), -EUCLEAN);
	scene_end(&s);
}

/*
 * Calls one after the other, each with its number in a register that may have
 * any value, and that the target tells before it makes the call.
 */
static int run_numbered(void *arg)
{
	unsigned long args[6];
	unsigned long n;

	(void)arg;
	AWAIT_HOLDS(board->turn);
	for (n = 1; !board->stop; n++) {
		memcpy(args, board->args, sizeof(args));
		args[4] = n;
		board->seq = n;
		HOLDS(!own_call(SYS_faccessat2, args) || board->stop);
	}
	return 0;
}

/* Let the loop's calls run by a verdict; returns whether they do now. */
static bool numbered_remember(struct scene *s)
{
	struct seccomp_pin_redirect redirect = remembered(&s->r, 1);
	uint64_t hits = pin_query(&s->pin).hits;

	redirect.any_mask = 1 << 4;
	answer(s, redirect);
	AWAIT(pin_query(&s->pin).hits > hits || waits(s));
	return pin_query(&s->pin).hits > hits;
}

/* When DROP has returned, no call that is made then runs unasked. */
static void i7_no_call_after_a_drop(void **state)
{
	unsigned int round, rounds = 300;
	unsigned long seq = 0;
	struct scene s;

	(void)state;
	board_make();
	access_is("/tmp");
	assert_int_equal(target_start(&s.target, NULL, traps, run_numbered,
				      NULL), 0);
	scene_attach(&s, 4, 0);
	board->turn = 1;
	for (round = 0; round < rounds; round++) {
		pin_receive_call(&s.pin, &s.r, "faccessat2");
		/* It was about to be made when DROP returned, or is the next. */
		assert_in_range(s.r.data.args[4], seq, seq + 1);
		assert_int_equal(pin_query(&s.pin).verdicts, 0);
		if (!numbered_remember(&s)) {
			/* Made before: that is not remembered, but the next. */
			seq = s.r.data.args[4];
			pin_receive_call(&s.pin, &s.r, "faccessat2");
			assert_int_equal(s.r.data.args[4], seq + 1);
			assert_true(numbered_remember(&s));
		}
		assert_int_equal(drop(&s, round % 2,
				      round % 2 ? 0 : SECCOMP_PIN_DROP_ALL), 0);
		seq = board->seq;
	}
	assert_int_equal(storm_end(&s), 0);
}

static void i7_the_listener_is_closed(void **state)
{
	struct scene s = scene();

	(void)state;
	open_is(ALLOWED);
	asked_allow(&s, 1);
	assert_true(served(&s) >= 0);
	close(s.target.listener);
	s.target.listener = -1;
	told(REGS);
	assert_int_equal(board->ret, -ENOSYS);
	assert_true(board->same);
	assert_int_equal(pin_query(&s.pin).hits, 1);
	scene_end(&s);
}

/* The listener stays: the call waits for whoever has that. */
static void i7_the_context_is_closed(void **state)
{
	struct seccomp_notif notif = { 0 };
	struct scene s = scene();

	(void)state;
	open_is(ALLOWED);
	asked_allow(&s, 1);
	close(s.pin.fd);
	s.pin.fd = -1;
	order(REGS);
	AWAIT(is_done() || waits(&s));
	assert_false(is_done());
	assert_int_equal(pin_ioctl(s.target.listener, SECCOMP_IOCTL_NOTIF_RECV,
				   &notif), 0);
	assert_int_equal(notif.data.nr, SYS_openat2);
	assert_int_equal(pin_deny(&s.pin, notif.id, EUCLEAN), 0);
	assert_int_equal(finished(), -EUCLEAN);
	assert_int_equal(kill(s.target.pid, SIGKILL), 0);
	assert_int_equal(target_wait(&s.target), 128 + SIGKILL);
	pin_close(&s.pin);
}

/* What was for one mm goes with it; what is for all stays. */
static void i7_dead_targets(void **state)
{
	struct scene s = scene();

	(void)state;
	access_is("/tmp");
	asked_for_all(&s, EUCLEAN);
	told(FORK);
	board->who = 1;
	asked_once(&s);
	access_is("/dev");
	asked_deny(&s, EDOM);
	open_is(ALLOWED);
	asked_allow(&s, 1);
	assert_int_equal(pin_query(&s.pin).verdicts, 3);
	assert_int_equal(pin_query(&s.pin).targets, 2);
	order(END);
	AWAIT(pin_query(&s.pin).targets == 1);
	assert_int_equal(pin_query(&s.pin).verdicts, 1);
	board->done = board->turn;
	board->who = 0;
	access_is("/tmp");
	assert_int_equal(served(&s), -EUCLEAN);
	scene_end(&s);
}

/* With targets, calls and verdicts left, and without anything left of them */
static void i7_the_module_is_unloaded(void **state)
{
	struct scene s = scene();
	int refs;

	(void)state;
	open_is(ALLOWED);
	asked_allow(&s, 1);
	access_is("/tmp");
	asked_for_all(&s, EUCLEAN);
	assert_int_equal(served(&s), -EUCLEAN);
	refs = module_refs();
	assert_true(refs > 0);
	assert_int_equal(module_unload(), -EAGAIN);
	/* The context goes, its listener and its target stay. */
	pin_close(&s.pin);
	AWAIT(module_refs() < refs);
	if (!module_refs()) {
		assert_int_equal(module_unload(), 0);
		order(CALL);
		AWAIT(is_done() || waits(&s));
		assert_false(is_done());
		module_load();
	}
	assert_int_equal(kill(s.target.pid, SIGKILL), 0);
	assert_int_equal(target_wait(&s.target), 128 + SIGKILL);
}

static void run_on(pid_t tid, int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	assert_int_equal(sched_setaffinity(tid, sizeof(cpus), &cpus), 0);
}

/*
 * Nobody else runs on our processor, as long as we do not sleep. Back to what it
 * was: policy 0.
 */
static void schedule_as(int policy)
{
	struct sched_param param = { .sched_priority = !!policy };

	assert_int_equal(sched_setscheduler(0, policy, &param), 0);
}

/*
 * A thread's call waits before there is a context. It is kept from looking at
 * that until there is a verdict on the same call by another thread. Returns
 * whether that was so.
 */
static bool older_call(struct scene *s, const cpu_set_t *cpus)
{
	struct seccomp_pin_redirect redirect;
	bool late;

	board_make();
	assert_int_equal(target_start(&s->target, NULL, traps, run_orders,
				      NULL), 0);
	told(THREAD);
	board->who = 1;
	open_is(ALLOWED);
	order(CALL);
	s->pin.listener = s->target.listener;
	AWAIT(waits(s));
	await_sleep(board->tid);
	run_on(board->tid, 0);
	run_on(s->target.pid, 1);
	run_on(0, 0);
	board->who = 0;
	board->done = board->turn;
	schedule_as(SCHED_FIFO);
	scene_attach(s, NR_VERDICTS, 2);
	order(CALL);
	do {
		memset(&s->r, 0, sizeof(s->r));
		s->r.flags = SECCOMP_PIN_NONBLOCK;
	} while (pin_ioctl(s->pin.fd, SECCOMP_PIN_RECEIVE, &s->r));
	late = pin_query(&s->pin).calls == 1 && (pid_t)s->r.pid == s->target.pid;
	redirect = remembered(&s->r, 1);
	redirect.flags |= SECCOMP_PIN_COMPLETION;
	assert_int_equal(pin_redirect(&s->pin, &redirect), 0);
	while (late && !is_done())
		late = pin_query(&s->pin).calls <= 1;
	late = late && !pin_query(&s->pin).calls &&
	       pin_query(&s->pin).verdicts;
	schedule_as(SCHED_OTHER);
	assert_int_equal(sched_setaffinity(0, sizeof(*cpus), cpus), 0);
	return late;
}

static void i7_calls_older_than_the_context(void **state)
{
	struct seccomp_pin_completion completions[2];
	struct seccomp_pin_redirect redirect;
	unsigned int tries = 0;
	struct scene s;
	cpu_set_t cpus;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(cpus), &cpus), 0);
	while (!older_call(&s, &cpus)) {
		assert_true(++tries < 100);
		assert_int_equal(kill(s.target.pid, SIGKILL), 0);
		assert_int_equal(target_wait(&s.target), 128 + SIGKILL);
		pin_close(&s.pin);
	}
	/* It has been asked about, and is to be answered. */
	board->who = 9;
	board->done = board->turn - 1;
	pin_receive(&s.pin, &s.r);
	assert_int_equal(s.r.data.nr, SYS_openat2);
	assert_string_equal(pin_slot(&s.pin, &s.r) + s.r.copies[1].offset,
			    ALLOWED);
	redirect = pinned(&s.r);
	redirect.flags = SECCOMP_PIN_COMPLETION;
	answer(&s, redirect);
	assert_true(finished() >= 0);
	assert_int_equal(board->opened, 'a');
	assert_int_equal(read(s.pin.fd, completions, sizeof(completions)),
			 sizeof(completions));
	/* No place in the queue was lost by that. */
	board->who = 0;
	assert_true(served(&s) >= 0);
	assert_true(served(&s) >= 0);
	scene_end(&s);
}

/* Killed in a call that runs by a verdict */
static void i7_killed_in_the_call(void **state)
{
	struct seccomp_pin_completion completions[2];
	struct seccomp_pin_redirect redirect;
	struct scene s;
	int pipefd[2];

	(void)state;
	assert_int_equal(pipe(pipefd), 0);
	assert_int_equal(write(pipefd[1], "1", 1), 1);
	scene_start(&s, NULL, trap_read);
	call_is(SYS_read, 0x1111, (uintptr_t)board->value, 1, 0, 0);
	asked(&s);
	redirect = remembered(&s.r, 7);
	redirect.flags |= SECCOMP_PIN_COMPLETION;
	redirect.args_mask = 1;
	redirect.args[0] = pipefd[0];
	answer(&s, redirect);
	assert_int_equal(finished(), 1);
	order(CALL);
	await_syscall(s.target.pid, SYS_read, pipefd[0]);
	await_sleep(s.target.pid);
	assert_int_equal(kill(s.target.pid, SIGKILL), 0);
	assert_int_equal(target_wait(&s.target), 128 + SIGKILL);
	assert_int_equal(read(s.pin.fd, completions, sizeof(completions)),
			 sizeof(completions));
	assert_int_equal(completions[1].id, 0);
	assert_int_equal(completions[1].cookie, 7);
	assert_true(completions[1].how == SECCOMP_PIN_DIED ||
		    (completions[1].how == SECCOMP_PIN_RETURNED &&
		     completions[1].retval == -EINTR));
	assert_int_equal(pin_query(&s.pin).calls, 0);
	assert_int_equal(pin_query(&s.pin).verdicts, 0);
	assert_int_equal(pin_query(&s.pin).windows, 0);
	pin_close(&s.pin);
	close(pipefd[0]);
	close(pipefd[1]);
}

/*
 * What is malformed, and leaves the call waiting
 */
static void refused(struct scene *s, struct seccomp_pin_redirect redirect)
{
	assert_int_equal(pin_redirect(&s->pin, &redirect), -EINVAL);
	assert_true(pin_pending(&s->pin, s->r.id));
	assert_int_equal(pin_query(&s->pin).verdicts, 0);
}

#define REFUSED(from, change) do {					\
	struct seccomp_pin_redirect a = from;				\
									\
	change;								\
	refused(&s, a);							\
} while (0)

static void answers_that_are_malformed(void **state)
{
	struct scene s = scene();
	struct seccomp_pin_redirect allow, deny, plain;

	(void)state;
	open_is(ALLOWED);
	asked(&s);
	allow = remembered(&s.r, 1);
	deny = denied(&s.r, EUCLEAN);
	plain = pinned(&s.r);

	REFUSED(plain, a.cookie = 1);
	REFUSED(plain, a.any_mask = 1);
	REFUSED(plain, a.flags = SECCOMP_PIN_FOR_ALL);
	REFUSED(plain, a.error = 1);
	REFUSED(plain, a.flags = 1 << 4);
	REFUSED(plain, a.reserved[0] = 1);
	REFUSED(plain, a.reserved[2] = 1);
	REFUSED(allow, a.error = 1);
	REFUSED(allow, a.any_mask = 1 << 1);
	REFUSED(allow, a.any_mask = 1 << 2);
	REFUSED(allow, a.any_mask = 1 << 6);
	REFUSED(allow, a.any_mask = 1 << 7);
	REFUSED(allow, a.reserved[1] = 1);
	/* The pointer of an argument that nothing was copied for */
	REFUSED(allow, (a.args_mask |= 1 << 4, a.ptr_mask |= 1 << 4,
			a.arena_mask |= 1 << 4, a.ptr_len[4] = 1,
			a.args[4] = s.r.slot_offset));
	/* Somewhere else in the window */
	REFUSED(allow, a.args[1] = s.r.slot_offset + s.r.slot_size);
	REFUSED(allow, a.args[1] = s.r.slot_offset + s.r.slot_size - 1);
	REFUSED(deny, a.any_mask = 1 << 1);
	REFUSED(deny, a.error = 0);
	REFUSED(deny, a.error = 4096);
	REFUSED(deny, a.error = -1U);
	REFUSED(deny, a.flags |= SECCOMP_PIN_COMPLETION);
	REFUSED(deny, a.args_mask = 1);
	REFUSED(deny, (a.args_mask = 1, a.args[0] = 1));
	REFUSED(deny, a.args[0] = 1);
	REFUSED(deny, a.ptr_len[0] = 1);
	REFUSED(deny, (a.flags = SECCOMP_PIN_DENY, a.cookie = 1));
	/* And then it is answered. */
	answer(&s, allow);
	assert_true(finished() >= 0);
	assert_int_equal(pin_query(&s.pin).verdicts, 1);
	scene_end(&s);
}

/* Where the listener ends a call it is not known to the module by then. */
static void denied_without_remembering(void **state)
{
	struct seccomp_pin_redirect deny;
	struct scene s = scene();

	(void)state;
	open_is(ALLOWED);
	asked(&s);
	deny = denied(&s.r, EUCLEAN);
	deny.flags = SECCOMP_PIN_DENY;
	answer(&s, deny);
	assert_int_equal(finished(), -EUCLEAN);
	assert_int_equal(pin_redirect(&s.pin, &deny), -ENOENT);
	assert_int_equal(pin_query(&s.pin).verdicts, 0);
	assert_int_equal(pin_query(&s.pin).calls, 0);
	asked_once(&s);
	scene_end(&s);
}

static void contexts_without_verdicts(void **state)
{
	struct seccomp_pin_attach attach = pin_attach_default();
	int arena = pin_memfd(TEST_ARENA, ARENA_SEALS, NULL);
	struct scene s;
	int fd;

	(void)state;
	board_make();
	assert_int_equal(target_start(&s.target, NULL, traps, run_orders,
				      NULL), 0);
	fd = pin_device();
	attach.listener = s.target.listener;
	attach.arena = arena;
	attach.verdicts = SECCOMP_PIN_MAX_VERDICTS + 1;
	assert_int_equal(pin_ioctl(fd, SECCOMP_PIN_ATTACH, &attach), -EINVAL);
	close(arena);
	close(fd);

	scene_attach(&s, 0, 0);
	assert_true(pin_query(&s.pin).features & SECCOMP_PIN_FEATURE_VERDICTS);
	assert_int_equal(drop(&s, 0, 0), -EINVAL);
	assert_int_equal(drop(&s, 0, SECCOMP_PIN_DROP_ALL), -EINVAL);
	open_is(ALLOWED);
	asked(&s);
	refused(&s, remembered(&s.r, 1));
	refused(&s, denied(&s.r, EUCLEAN));
	answer(&s, pinned(&s.r));
	assert_true(finished() >= 0);
	scene_end(&s);
}

static void make_file(const char *path, const char *content)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, content, 1) != 1)
		abort();
	close(fd);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(i1_an_allowed_call_runs_on_pinned_bytes),
		cmocka_unit_test(i1_substituted_bytes_stay),
		cmocka_unit_test(i1_edited_bytes_stay),
		cmocka_unit_test(i1_a_value_is_substituted),
		cmocka_unit_test(i1_a_denied_call_fails_in_the_same_way),
		cmocka_unit_test(i1_bytes_changed_between_two_traps),
		cmocka_unit_test(i1_calls_are_told_apart),
		cmocka_unit_test(i1_bytes_of_two_arguments),
		cmocka_unit_test(i1_null_is_no_empty_string),
		cmocka_unit_test(i1_copies_with_an_error),
		cmocka_unit_test(i1_what_is_remembered_is_pinned),
		cmocka_unit_test(i1_calls_that_remember_pointers),
		cmocka_unit_test(i1_addresses_of_the_slot),
		cmocka_unit_test(i1_storm),
		cmocka_unit_test(storm_without_a_pin),
		cmocka_unit_test(i1_other_scalars),
		cmocka_unit_test(i1_any_value),
		cmocka_unit_test(i1_another_mask),
		cmocka_unit_test(i1_rules_replaced),
		cmocka_unit_test(i2_another_syscall),
		cmocka_unit_test(i2_another_context),
		cmocka_unit_test(i2_another_mm),
		cmocka_unit_test(i2_another_abi),
		cmocka_unit_test(i5_for_all_but_who_is_new),
		cmocka_unit_test(i5_who_receives_has_no_access),
		cmocka_unit_test(i5_credentials_changed),
		cmocka_unit_test(i5_credentials_changed_for_all),
		cmocka_unit_test(i5_not_dumpable),
		cmocka_unit_test(i3_outer_errno),
		cmocka_unit_test(i3_outer_trace_without_a_tracer),
		cmocka_unit_test(i3_outer_kill),
		cmocka_unit_test(i3_denied_calls_are_not_judged),
		cmocka_unit_test(i4_registers),
		cmocka_unit_test(i4_signals),
		cmocka_unit_test(i4_children),
		cmocka_unit_test(i4_completions),
		cmocka_unit_test(i4_no_room_for_completions),
		cmocka_unit_test(i6_the_table_is_bounded),
		cmocka_unit_test(i6_too_many_bytes),
		cmocka_unit_test(i6_no_slot),
		cmocka_unit_test(i7_dropped_by_cookie),
		cmocka_unit_test(i7_answers_older_than_a_drop),
		cmocka_unit_test(i7_no_call_after_a_drop),
		cmocka_unit_test(i7_the_listener_is_closed),
		cmocka_unit_test(i7_the_context_is_closed),
		cmocka_unit_test(i7_dead_targets),
		cmocka_unit_test(i7_calls_older_than_the_context),
		cmocka_unit_test(i7_killed_in_the_call),
		cmocka_unit_test(i7_the_module_is_unloaded),
		cmocka_unit_test(answers_that_are_malformed),
		cmocka_unit_test(denied_without_remembering),
		cmocka_unit_test(contexts_without_verdicts),
	};

	if (argc == 3)
		return run_executed(argv);
	/* One test alone, by its name */
	if (argc == 2)
		cmocka_set_test_filter(argv[1]);
	if (mkdir(DIRECTORY, 0755) && errno != EEXIST)
		return 1;
	make_file(ALLOWED, "a");
	make_file(FORBIDDEN, "f");
	make_file(OTHER, "o");
	return run_group(tests);
}
