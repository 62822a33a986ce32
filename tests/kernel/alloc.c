// SPDX-License-Identifier: GPL-2.0-only
/* I1, I6, I7: larger slots: what runs on them, whose they are, and until when. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pinredir.h>

#include "pin.h"

#define SLOTS		(TEST_WINDOW / TEST_SLOT)
#define DATA		200000U
#define MAX_ARG		131072U		/* what execve takes in one string */

/**
 * struct shared - memory that the targets and the test share
 * @go: how many calls the target may make
 * @made: how many it has made
 * @stop: it is to end
 * @tid: of a thread of its own
 * @ret: of the last call
 * @step: how far an attacker may go, or has come
 * @pin: where the attacker finds what it attacks
 * @data: what the target writes
 *
 * The test writes there what a peer thread would.
 */
struct shared {
	volatile int go;
	volatile int made;
	volatile int stop;
	volatile int tid;
	volatile long ret;
	volatile int step;
	char *pin;
	char data[DATA];
};

static struct shared *shared;
static int file;		/* what the target writes to */

struct fixture {
	struct target target;
	struct pin pin;
};

static struct fixture f;

static const char *const trap_write[] = { "write", NULL };
static const char *const trap_execve[] = { "execve", NULL };

/* One write after the other, all of them of the same bytes */
static int run_writes(void *arg)
{
	int i;

	(void)arg;
	for (i = 1; ; i++) {
		while (shared->go < i)
			sched_yield();
		if (shared->stop)
			return 0;
		shared->ret = syscall(SYS_write, file, shared->data, DATA);
		shared->made = i;
	}
}

/* Windows of 512 KiB, for what is larger than all of one of the others' */
static struct seccomp_pin_attach attach_large(void)
{
	struct seccomp_pin_attach attach = pin_attach_default();

	attach.window_size = 64 * TEST_SLOT;
	attach.verdicts = 4;
	return attach;
}

static int start(const char *const *traps, int (*run)(void *arg),
		 uint64_t arena, struct seccomp_pin_attach attach)
{
	shared = shared_memory(sizeof(*shared));
	file = memfd_create("written", MFD_CLOEXEC);
	if (target_start(&f.target, NULL, traps, run, NULL))
		return -1;
	pin_open_with(&f.pin, f.target.listener, arena, &attach);
	return 0;
}

static int setup_large(void **state)
{
	struct seccomp_pin_attach attach = attach_large();

	(void)state;
	return start(trap_write, run_writes, 64 * attach.window_size, attach);
}

static int setup(void **state)
{
	(void)state;
	return start(trap_write, run_writes, TEST_ARENA, pin_attach_default());
}

/* Every target is at its end, and there is nothing left of it. */
static int leave(void)
{
	struct seccomp_pin_query query;

	AWAIT(pin_query(&f.pin).targets == 0);
	query = pin_query(&f.pin);
	if (query.calls || query.slots || query.windows)
		return -1;
	pin_close(&f.pin);
	close(f.target.listener);
	close(file);
	munmap(shared, sizeof(*shared));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	shared->stop = 1;
	shared->go++;
	if (await_exit(f.target.pid))
		return -1;
	return leave();
}

static void make_call(struct seccomp_pin_receive *r)
{
	shared->go++;
	pin_receive_call(&f.pin, r, "write");
	assert_int_equal(r->slot_error, 0);
}

static void end_call(const struct seccomp_pin_receive *r)
{
	assert_int_equal(pin_deny(&f.pin, r->id, EPERM), 0);
	await_word(&shared->made, shared->go);
}

static bool overlap(uint64_t a, uint64_t a_len, uint64_t b, uint64_t b_len)
{
	return a < b + b_len && b < a + a_len;
}

static char *larger(const struct seccomp_pin_alloc *alloc)
{
	return (char *)f.pin.arena + alloc->offset;
}

static bool all_are(const char *bytes, size_t len, char byte)
{
	while (len && bytes[len - 1] == byte)
		len--;
	return !len;
}

/* Of the target's data */
static int fetch_data(uint64_t id, uint32_t offset, uint32_t len)
{
	struct seccomp_pin_fetch fetch = {
		.id = id,
		.address = (uintptr_t)shared->data,
		.kind = SECCOMP_PIN_BYTES,
		.len = len,
		.offset = offset,
	};

	return pin_fetch(&f.pin, &fetch);
}

/* The data is at a place in the arena, or at one in the target. */
static struct seccomp_pin_redirect redirect_to(uint64_t id, uint64_t place,
					       uint32_t len, bool arena)
{
	return (struct seccomp_pin_redirect){
		.id = id,
		.args_mask = 2,
		.ptr_mask = 2,
		.arena_mask = arena ? 2 : 0,
		.args[1] = place,
		.ptr_len[1] = len,
	};
}

/* What the last call wrote was this, and nothing else. */
static void assert_written(char byte)
{
	static char written[DATA + 1];

	assert_int_equal(shared->ret, DATA);
	assert_int_equal(lseek(file, 0, SEEK_CUR), DATA);
	assert_int_equal(pread(file, written, sizeof(written), 0), DATA);
	assert_true(all_are(written, DATA, byte));
	assert_int_equal(lseek(file, 0, SEEK_SET), 0);
	assert_int_equal(ftruncate(file, 0), 0);
}

/* 200 KB are checked, changed by a peer, and written as they were checked. */
static void run_on(bool arena)
{
	struct seccomp_pin_redirect redirect;
	struct seccomp_pin_alloc alloc;
	struct seccomp_pin_receive r;

	memset(shared->data, 'c', DATA);
	make_call(&r);
	assert_int_equal(fetch_data(r.id, TEST_SLOT, DATA), -EINVAL);
	assert_int_equal(pin_alloc(&f.pin, r.id, DATA, &alloc), 0);
	assert_int_equal(alloc.size, 25 * TEST_SLOT);
	assert_false(overlap(alloc.offset, alloc.size, r.slot_offset,
			     r.slot_size));
	assert_int_equal(pin_query(&f.pin).slots, 26);
	assert_int_equal(fetch_data(r.id, TEST_SLOT, DATA), 0);
	memset(shared->data, 'x', DATA);
	assert_true(all_are(larger(&alloc), DATA, 'c'));
	redirect = redirect_to(r.id, arena ? alloc.offset : alloc.address, DATA,
			       arena);
	assert_int_equal(pin_redirect(&f.pin, &redirect), 0);
	await_word(&shared->made, shared->go);
	assert_written('c');
	assert_int_equal(pin_query(&f.pin).slots, 0);
}

static void i1_calls_run_on_their_bytes(void **state)
{
	(void)state;
	run_on(true);
	run_on(false);
}

/* The slot is the one it was, whoever else holds the call; and there are two. */
static void i1_fetches_go_to_either(void **state)
{
	struct seccomp_pin_receive r, again;
	struct seccomp_pin_alloc alloc, other;

	(void)state;
	make_call(&r);
	assert_int_equal(pin_alloc(&f.pin, r.id, 2 * TEST_SLOT, &alloc), 0);
	memset(pin_slot(&f.pin, &r), '-', TEST_SLOT);
	memset(larger(&alloc), '-', 2 * TEST_SLOT);
	memset(shared->data, '1', 8);
	assert_int_equal(fetch_data(r.id, TEST_SLOT - 8, 8), 0);
	memset(shared->data, '2', 8);
	assert_int_equal(fetch_data(r.id, TEST_SLOT, 8), 0);
	memset(shared->data, '3', 8);
	assert_int_equal(fetch_data(r.id, 3 * TEST_SLOT - 8, 8), 0);
	/* In one of them, and not in what happens to lie between them */
	assert_int_equal(fetch_data(r.id, TEST_SLOT - 7, 8), -EINVAL);
	assert_int_equal(fetch_data(r.id, 3 * TEST_SLOT - 7, 8), -EINVAL);
	assert_int_equal(fetch_data(r.id, 3 * TEST_SLOT, 1), -EINVAL);
	assert_int_equal(fetch_data(r.id, UINT32_MAX, 8), -EINVAL);
	assert_int_equal(fetch_data(r.id, 0, TEST_SLOT + 1), -EINVAL);
	assert_int_equal(fetch_data(r.id, TEST_SLOT, 2 * TEST_SLOT + 1),
			 -EINVAL);

	assert_true(all_are(pin_slot(&f.pin, &r), TEST_SLOT - 8, '-'));
	assert_true(all_are(pin_slot(&f.pin, &r) + TEST_SLOT - 8, 8, '1'));
	assert_true(all_are(larger(&alloc), 8, '2'));
	assert_true(all_are(larger(&alloc) + 8, 2 * TEST_SLOT - 16, '-'));
	assert_true(all_are(larger(&alloc) + 2 * TEST_SLOT - 8, 8, '3'));

	assert_int_equal(pin_adopt(&f.pin, &again, r.id), 0);
	assert_int_equal(again.slot_offset, r.slot_offset);
	assert_int_equal(again.slot_size, TEST_SLOT);
	assert_int_equal(pin_alloc(&f.pin, r.id, 1, &other), -EBUSY);
	memset(shared->data, '4', 8);
	assert_int_equal(fetch_data(r.id, 0, 8), 0);
	assert_true(all_are(pin_slot(&f.pin, &again), 8, '4'));
	/* It is held twice: all of it stays. */
	assert_int_equal(pin_release(&f.pin, r.id), 0);
	assert_int_equal(pin_query(&f.pin).slots, 3);
	assert_true(all_are(larger(&alloc), 8, '2'));
	end_call(&r);
}

/* All sizes, of windows of all slots that there can be */
static void i1_runs_of_every_length(void **state)
{
	struct seccomp_pin_alloc alloc;
	struct seccomp_pin_receive r;
	uint32_t nr;

	(void)state;
	for (nr = 1; nr <= SECCOMP_PIN_MAX_SLOTS; nr++) {
		make_call(&r);
		assert_int_equal(pin_alloc(&f.pin, r.id, nr * TEST_SLOT - 1,
					   &alloc), 0);
		assert_int_equal(alloc.size, nr * TEST_SLOT);
		assert_int_equal(alloc.offset % TEST_SLOT, 0);
		/* In one window, which the call's own slot may be in */
		assert_int_equal(alloc.offset / (64 * TEST_SLOT),
				 (alloc.offset + alloc.size - 1) /
				 (64 * TEST_SLOT));
		assert_false(overlap(alloc.offset, alloc.size, r.slot_offset,
				     r.slot_size));
		assert_int_equal(pin_query(&f.pin).slots, nr + 1);
		/* One more is needed where all slots are wanted, and only there. */
		assert_int_equal(pin_query(&f.pin).windows,
				 nr < SECCOMP_PIN_MAX_SLOTS ? 1 : 2);
		end_call(&r);
		assert_int_equal(pin_query(&f.pin).slots, 0);
	}
}

/* However a call ends, and whatever it was that it had */
static void i1_every_end_gives_it_back(void **state)
{
	struct seccomp_pin_redirect redirect;
	struct seccomp_pin_alloc alloc;
	struct seccomp_pin_receive r;
	unsigned int i;

	(void)state;
	for (i = 0; i < 5; i++) {
		make_call(&r);
		assert_int_equal(pin_alloc(&f.pin, r.id, TEST_WINDOW, &alloc),
				 0);
		assert_int_equal(pin_query(&f.pin).slots, 1 + SLOTS);
		switch (i) {
		case 0:
			assert_int_equal(pin_allow(&f.pin, r.id), 0);
			break;
		case 1:
			redirect = redirect_to(r.id, alloc.offset, DATA, true);
			assert_int_equal(pin_redirect(&f.pin, &redirect),
					 -EFAULT);
			redirect.ptr_len[1] = TEST_WINDOW;
			assert_int_equal(pin_redirect(&f.pin, &redirect), 0);
			break;
		case 2:
			assert_int_equal(pin_emulate(&f.pin, r.id, 0), 0);
			break;
		case 3:
			assert_int_equal(pin_continue(&f.pin, r.id), 0);
			break;
		default:
			/* Nobody holds it, and it waits. */
			assert_int_equal(pin_release(&f.pin, r.id), 0);
			assert_int_equal(pin_query(&f.pin).slots, 1 + SLOTS);
			assert_int_equal(pin_deny(&f.pin, r.id, EPERM), 0);
		}
		await_word(&shared->made, shared->go);
		assert_int_equal(pin_query(&f.pin).slots, 0);
		assert_int_equal(pin_query(&f.pin).calls, 0);
	}
}

/* The device is closed on a call that has one. */
static void i7_closed_with_it(void **state)
{
	struct seccomp_pin_alloc alloc;
	struct seccomp_pin_receive r;

	(void)state;
	make_call(&r);
	assert_int_equal(pin_alloc(&f.pin, r.id, TEST_WINDOW, &alloc), 0);
	close(f.pin.fd);
	assert_int_equal(pin_continue(&f.pin, r.id), 0);
	await_word(&shared->made, shared->go);
	assert_int_equal(shared->ret, DATA);
	/* The next one is its, and the first one's window is not. */
	munmap(f.pin.arena, f.pin.size);
	pin_open(&f.pin, f.target.listener);
	make_call(&r);
	end_call(&r);
}

/* The dead one's bytes stay, and then are nobody's. */
static void i1_killed_targets_bytes(void **state)
{
	struct seccomp_pin_alloc alloc, late;
	struct seccomp_pin_receive r;

	(void)state;
	make_call(&r);
	assert_int_equal(pin_alloc(&f.pin, r.id, TEST_WINDOW, &alloc), 0);
	memset(larger(&alloc), 'd', alloc.size);
	assert_int_equal(kill(f.target.pid, SIGKILL), 0);
	assert_int_equal(await_exit(f.target.pid), SIGKILL);
	assert_int_equal(pin_query(&f.pin).windows, 2);
	assert_int_equal(pin_query(&f.pin).slots, 1 + SLOTS);
	assert_true(all_are(larger(&alloc), alloc.size, 'd'));
	assert_int_equal(pin_alloc(&f.pin, r.id, 1, &late), -ENOENT);
	assert_int_equal(pin_release(&f.pin, r.id), 0);
	/* The window has been emptied. */
	assert_int_equal(pin_query(&f.pin).windows, 0);
	assert_true(all_are(larger(&alloc), alloc.size, 0));
	assert_int_equal(leave(), 0);
}

static void on_usr1(int sig)
{
	(void)sig;
}

#define LATER	50

static int pipe_fds[2];

/* More than a pipe takes */
static void *first_thread(void *arg)
{
	shared->tid = gettid();
	shared->ret = syscall(SYS_write, pipe_fds[1], shared->data, DATA);
	return arg;
}

/* The first call can be interrupted, or last while the later ones are made. */
static int run_beside(void *arg)
{
	struct sigaction action = { .sa_handler = on_usr1 };
	pthread_t thread;
	int i;

	if (sigaction(SIGUSR1, &action, NULL) ||
	    pthread_create(&thread, NULL, first_thread, arg))
		return 1;
	await_word(&shared->go, 1);
	for (i = 0; i < LATER; i++)
		syscall(SYS_write, file, "later", 5);
	pthread_join(thread, NULL);
	return 0;
}

/* The first one, which has this much */
static void start_first(uint32_t size, struct seccomp_pin_receive *first,
			struct seccomp_pin_alloc *more)
{
	struct seccomp_pin_attach large = attach_large();

	assert_int_equal(pipe(pipe_fds), 0);
	assert_int_equal(start(trap_write, run_beside, 64 * large.window_size,
			       large), 0);
	close(pipe_fds[1]);
	pin_receive_call(&f.pin, first, "write");
	assert_int_equal(pin_alloc(&f.pin, first->id, size, more), 0);
	memset(pin_slot(&f.pin, first), '1', first->slot_size);
	memset(larger(more), '1', more->size);
}

static void assert_apart(const struct seccomp_pin_receive *a,
			 const struct seccomp_pin_alloc *a_more,
			 const struct seccomp_pin_receive *b,
			 const struct seccomp_pin_alloc *b_more)
{
	const uint64_t ranges[4][2] = {
		{ a->slot_offset, a->slot_size },
		{ a_more->offset, a_more->size },
		{ b->slot_offset, b->slot_size },
		{ b_more->offset, b_more->size },
	};
	unsigned int i, j;

	for (i = 0; i < 4; i++)
		for (j = 0; j < i; j++)
			assert_false(overlap(ranges[i][0], ranges[i][1],
					     ranges[j][0], ranges[j][1]));
}

/* The later ones, and what they have; it is not what the first one has. */
static void serve_later(const struct seccomp_pin_receive *first,
			const struct seccomp_pin_alloc *first_more)
{
	struct seccomp_pin_alloc more;
	struct seccomp_pin_receive r;
	unsigned int i;

	shared->go = 1;
	for (i = 0; i < LATER; i++) {
		pin_receive_call(&f.pin, &r, "write");
		assert_int_equal(pin_alloc(&f.pin, r.id, (1 + i) * TEST_SLOT,
					   &more), 0);
		assert_apart(first, first_more, &r, &more);
		memset(pin_slot(&f.pin, &r), '2', r.slot_size);
		memset(larger(&more), '2', more.size);
		assert_int_equal(pin_deny(&f.pin, r.id, EPERM), 0);
	}
	assert_true(all_are(pin_slot(&f.pin, first), first->slot_size, '1'));
	assert_true(all_are(larger(first_more), first_more->size, '1'));
}

/*
 * A call is interrupted while the supervisor looks at its bytes: what it has
 * stays its own, whatever calls and larger slots there are in the same mm.
 */
static void i1_held_ones_are_nobody_elses(void **state)
{
	struct seccomp_pin_receive first;
	struct seccomp_pin_alloc more;

	(void)state;
	start_first(3 * TEST_SLOT, &first, &more);
	assert_int_equal(syscall(SYS_tgkill, f.target.pid, shared->tid,
				 SIGUSR1), 0);
	AWAIT(!pin_pending(&f.pin, first.id));
	serve_later(&first, &more);
	assert_int_equal(await_exit(f.target.pid), 0);
	assert_int_equal(shared->ret, -1);
	assert_int_equal(pin_query(&f.pin).slots, 4);
	assert_int_equal(pin_release(&f.pin, first.id), 0);
	close(pipe_fds[0]);
	assert_int_equal(leave(), 0);
}

/* A call that is answered runs on, and reads what it runs on when it likes. */
static void i1_running_calls_keep_theirs(void **state)
{
	struct seccomp_pin_redirect redirect;
	struct seccomp_pin_receive first;
	struct seccomp_pin_alloc more;
	static char written[DATA];
	size_t n;
	ssize_t got;

	(void)state;
	start_first(DATA, &first, &more);
	redirect = redirect_to(first.id, more.offset, DATA, true);
	assert_int_equal(pin_redirect(&f.pin, &redirect), 0);
	await_sleep_in(shared->tid, SYS_write, "pipe_write");
	serve_later(&first, &more);
	for (n = 0; n < DATA; n += got) {
		got = read(pipe_fds[0], written + n, DATA - n);
		assert_in_range(got, 1, DATA - n);
	}
	assert_true(all_are(written, DATA, '1'));
	assert_int_equal(await_exit(f.target.pid), 0);
	assert_int_equal(shared->ret, DATA);
	close(pipe_fds[0]);
	assert_int_equal(leave(), 0);
}

static void *call_thread(void *arg)
{
	(void)arg;
	syscall(SYS_write, file, "one", 3);
	return NULL;
}

/* A thread for each slot of a window, and one more */
static int run_threads(void *arg)
{
	pthread_t threads[SLOTS + 1];
	unsigned int i;

	(void)arg;
	for (i = 0; i <= SLOTS; i++)
		if (pthread_create(&threads[i], NULL, call_thread, NULL))
			return 1;
	for (i = 0; i <= SLOTS; i++)
		pthread_join(threads[i], NULL);
	return 0;
}

/* Calls by the slots that they have; the last one has none. */
static void receive_threads(struct seccomp_pin_receive calls[SLOTS + 1])
{
	struct seccomp_pin_attach attach = pin_attach_default();
	struct seccomp_pin_receive r;
	unsigned int i, at;

	attach.windows_per_mm = 1;
	assert_int_equal(start(trap_write, run_threads, TEST_ARENA, attach), 0);
	memset(calls, 0, (SLOTS + 1) * sizeof(*calls));
	for (i = 0; i <= SLOTS; i++) {
		pin_receive_call(&f.pin, &r, "write");
		at = r.slot_error ? SLOTS :
				    r.slot_offset % TEST_WINDOW / TEST_SLOT;
		assert_int_equal(calls[at].id, 0);
		calls[at] = r;
	}
	assert_int_equal(calls[SLOTS].slot_error, -ENOBUFS);
}

static void deny_threads(const struct seccomp_pin_receive *calls,
			 unsigned int which)
{
	uint32_t slots = pin_query(&f.pin).slots;
	unsigned int i;

	for (i = 0; i < SLOTS; i++) {
		if (!(which & 1U << i))
			continue;
		assert_int_equal(pin_deny(&f.pin, calls[i].id, EPERM), 0);
		slots--;
		AWAIT(pin_query(&f.pin).slots == slots);
	}
}

/* Adjoining ones are what there must be, within the share of its mm. */
static void i6_a_share_in_pieces(void **state)
{
	struct seccomp_pin_receive calls[SLOTS + 1];
	struct seccomp_pin_alloc two, one;
	uint64_t window;

	(void)state;
	receive_threads(calls);
	window = calls[0].slot_offset;
	assert_int_equal(pin_alloc(&f.pin, calls[0].id, 1, &one), -ENOBUFS);
	deny_threads(calls, 1 << 1 | 1 << 3 | 1 << 4 | 1 << 6);
	assert_int_equal(pin_alloc(&f.pin, calls[0].id, 3 * TEST_SLOT, &two),
			 -ENOBUFS);
	assert_int_equal(pin_alloc(&f.pin, calls[0].id, 2 * TEST_SLOT, &two),
			 0);
	assert_int_equal(two.offset, window + 3 * TEST_SLOT);
	assert_int_equal(two.address, calls[0].slot_address + 3 * TEST_SLOT);
	assert_int_equal(pin_alloc(&f.pin, calls[2].id, 2 * TEST_SLOT, &one),
			 -ENOBUFS);
	assert_int_equal(pin_alloc(&f.pin, calls[2].id, 1, &one), 0);
	/* The highest one: where it is in nobody's way */
	assert_int_equal(one.offset, window + 6 * TEST_SLOT);
	assert_int_equal(pin_query(&f.pin).slots, 4 + 3);
	deny_threads(calls, 1 << 5 | 1 << 7);
	assert_int_equal(pin_deny(&f.pin, calls[0].id, EPERM), 0);
	assert_int_equal(pin_deny(&f.pin, calls[2].id, EPERM), 0);
	assert_int_equal(pin_deny(&f.pin, calls[SLOTS].id, EPERM), 0);
	assert_int_equal(await_exit(f.target.pid), 0);
	assert_int_equal(leave(), 0);
}

/* A call that came when all slots were taken has none but this. */
static void i6_a_call_without_a_slot(void **state)
{
	struct seccomp_pin_receive calls[SLOTS + 1], *r = &calls[SLOTS];
	struct seccomp_pin_redirect redirect;
	struct seccomp_pin_alloc alloc;
	char written[8] = "";

	(void)state;
	receive_threads(calls);
	assert_int_equal(pin_alloc(&f.pin, r->id, 1, &alloc), -ENOBUFS);
	assert_int_equal(fetch_data(r->id, 0, 8), -ENOBUFS);
	deny_threads(calls, 0xff);
	/* In an arena that has room again, it is not like the first one. */
	assert_int_equal(fetch_data(r->id, 0, 8), -ENOBUFS);
	assert_int_equal(pin_alloc(&f.pin, r->id, TEST_WINDOW, &alloc), 0);
	memset(shared->data, 's', 8);
	assert_int_equal(fetch_data(r->id, TEST_WINDOW - 7, 8), -EINVAL);
	assert_int_equal(fetch_data(r->id, TEST_WINDOW - 8, 8), 0);
	redirect = redirect_to(r->id, alloc.offset + TEST_WINDOW - 8, 8, true);
	assert_int_equal(pin_redirect(&f.pin, &redirect), 0);
	assert_int_equal(await_exit(f.target.pid), 0);
	assert_int_equal(pread(file, written, sizeof(written), 0), 3);
	assert_string_equal(written, "sss");
	assert_int_equal(leave(), 0);
}

/* A second call, once the test says so */
static void *call_twice(void *arg)
{
	call_thread(arg);
	await_word(&shared->go, 1);
	return call_thread(arg);
}

static int run_twice(void *arg)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, call_twice, arg))
		return 1;
	call_twice(arg);
	pthread_join(thread, NULL);
	return 0;
}

/* A thread's call after one that had a slot, when ALLOC has taken all there are */
static void i6_a_slot_taken_meanwhile(void **state)
{
	struct seccomp_pin_attach attach = pin_attach_default();
	struct seccomp_pin_receive low, high, r;
	struct seccomp_pin_alloc alloc;

	(void)state;
	attach.windows_per_mm = 1;
	assert_int_equal(start(trap_write, run_twice, TEST_ARENA, attach), 0);
	pin_receive_call(&f.pin, &low, "write");
	pin_receive_call(&f.pin, &high, "write");
	if (low.slot_offset > high.slot_offset) {
		r = low;
		low = high;
		high = r;
	}
	/* The record of the call that is answered keeps its slot. */
	assert_int_equal(pin_deny(&f.pin, high.id, EPERM), 0);
	AWAIT(pin_query(&f.pin).slots == 1);
	assert_int_equal(pin_alloc(&f.pin, low.id, TEST_WINDOW - TEST_SLOT,
				   &alloc), 0);
	shared->go = 1;
	pin_receive_call(&f.pin, &r, "write");
	assert_int_equal(r.pid, high.pid);
	assert_int_equal(r.slot_error, -ENOBUFS);
	assert_int_equal(r.slot_size, 0);
	assert_int_equal(r.slot_offset, 0);
	assert_int_equal(r.slot_address, 0);
	assert_int_equal(pin_deny(&f.pin, r.id, EPERM), 0);
	assert_int_equal(pin_deny(&f.pin, low.id, EPERM), 0);
	pin_receive_call(&f.pin, &r, "write");
	assert_int_equal(pin_deny(&f.pin, r.id, EPERM), 0);
	assert_int_equal(await_exit(f.target.pid), 0);
	assert_int_equal(leave(), 0);
}

/*
 * Attackers: a thread that finds the bytes where they are, and does to them what
 * tests/attacks does to those of an ordinary slot.
 */
#define STEPS	8

static void attack(char *at, int errors[STEPS])
{
	unsigned long page = (uintptr_t)at & ~4095UL;
	void *own = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC), n = 0;

#define STEP(fails) (errors[n++] = (fails) ? errno : 0)
	STEP(pread(file, at, 1, 0) < 0);
	STEP(mprotect((void *)page, 4096, PROT_READ | PROT_WRITE));
	STEP(munmap((void *)page, 4096));
	STEP(madvise((void *)page, 4096, MADV_REMOVE));
	STEP(mremap((void *)page, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED,
		    own) == MAP_FAILED);
	STEP(mmap((void *)page, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE |
		  MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED);
	STEP(mremap(own, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED,
		    page) == MAP_FAILED);
	STEP(pwrite(fd, "x", 1, (uintptr_t)at) < 0);
	close(fd);
}

static int *steps;		/* what they said */

static void *attack_thread(void *arg)
{
	(void)arg;
	await_word(&shared->step, 1);
	attack(shared->pin, steps);
	shared->step = 2;
	return NULL;
}

static int run_attacked(void *arg)
{
	pthread_t thread;

	/* One byte, for what is attacked by a read to be writable */
	if (pwrite(file, "x", 1, 0) != 1 ||
	    pthread_create(&thread, NULL, attack_thread, arg))
		return 1;
	return run_writes(arg);
}

static void i1_peers_cannot_change_it(void **state)
{
	static const int expected[STEPS] = {
		EFAULT, EACCES, EPERM, EACCES, EPERM, EPERM, EPERM, EIO
	};
	struct seccomp_pin_attach large = attach_large();
	struct seccomp_pin_redirect redirect;
	struct seccomp_pin_alloc alloc;
	struct seccomp_pin_receive r;
	char *private;

	(void)state;
	steps = shared_memory(STEPS * sizeof(*steps));
	assert_int_equal(start(trap_write, run_attacked,
			       64 * large.window_size, large), 0);
	memset(shared->data, 'c', DATA);
	make_call(&r);
	/* All of another window */
	assert_int_equal(pin_alloc(&f.pin, r.id, large.window_size, &alloc), 0);
	assert_int_equal(fetch_data(r.id, TEST_SLOT, DATA), 0);
	shared->pin = (char *)(uintptr_t)alloc.address + DATA / 2;
	shared->step = 1;
	await_word(&shared->step, 2);
	assert_memory_equal(steps, expected, sizeof(expected));
	assert_true(all_are(larger(&alloc), DATA, 'c'));
	redirect = redirect_to(r.id, alloc.offset, DATA, true);
	assert_int_equal(pin_redirect(&f.pin, &redirect), 0);
	await_word(&shared->made, shared->go);
	assert_written('c');

	/* Memory of one's own has no defence against the first of them. */
	private = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	*private = 'c';
	assert_int_equal(pwrite(file, "x", 1, 0), 1);
	attack(private, steps);
	assert_int_equal(steps[0], 0);
	munmap(steps, STEPS * sizeof(*steps));
	assert_int_equal(teardown(NULL), 0);
}

/* A rule for what the target writes, as far as it is 8 bytes */
static void set_rule(void)
{
	struct seccomp_pin_rule rule = {
		SYS_write, 1, SECCOMP_PIN_BYTES, 8, 8
	};
	struct seccomp_pin_rules rules = {
		.rules = (uintptr_t)&rule,
		.count = 1,
	};

	assert_int_equal(pin_ioctl(f.pin.fd, SECCOMP_PIN_RULES, &rules), 0);
}

static int remember_at(uint64_t id, uint64_t place, bool arena)
{
	struct seccomp_pin_redirect redirect = redirect_to(id, place, 8, arena);

	redirect.flags = SECCOMP_PIN_REMEMBER;
	redirect.args_mask |= 4;
	redirect.args[2] = 8;
	return pin_redirect(&f.pin, &redirect);
}

/* Nobody would know what is there the next time: it is asked about. */
static void i1_answers_into_it_are_not_remembered(void **state)
{
	struct seccomp_pin_alloc alloc;
	struct seccomp_pin_receive r;
	char written[9] = "";
	int i;

	(void)state;
	set_rule();
	memset(shared->data, 'c', 8);
	for (i = 0; i < 2; i++) {
		make_call(&r);
		assert_int_equal(pin_alloc(&f.pin, r.id, 1, &alloc), 0);
		strcpy(larger(&alloc) + TEST_SLOT - 8, "larger!");
		/* In the window, but in none of the slots, or only in part */
		assert_int_equal(remember_at(r.id, alloc.offset - 8, true),
				 -EINVAL);
		assert_int_equal(remember_at(r.id, alloc.offset - 1, true),
				 -EINVAL);
		assert_int_equal(remember_at(r.id, alloc.address - 1, false),
				 -EINVAL);
		assert_int_equal(remember_at(r.id, (i ? alloc.address :
						    alloc.offset) +
					     TEST_SLOT - 8, !i), 0);
		await_word(&shared->made, shared->go);
		assert_int_equal(pread(file, written, 8, 8 * i), 8);
		assert_string_equal(written, "larger!");
		assert_int_equal(pin_query(&f.pin).verdicts, 0);
	}
	/* Beside it, the slot is what it always was. */
	make_call(&r);
	assert_int_equal(pin_alloc(&f.pin, r.id, 1, &alloc), 0);
	assert_int_equal(remember_at(r.id, r.slot_offset, true), 0);
	await_word(&shared->made, shared->go);
	assert_int_equal(pin_query(&f.pin).verdicts, 1);
	shared->go++;
	await_word(&shared->made, shared->go);
	assert_int_equal(pin_query(&f.pin).hits, 1);
}

/* Requests for the same call, at the same time */
static _Atomic uint64_t raced;
static atomic_int racing, asked, given, astray;

static void *race_thread(void *arg)
{
	struct seccomp_pin_alloc alloc;
	uint64_t last = 0, id;
	int err;

	while (racing) {
		id = raced;
		if (id == last) {
			sched_yield();
			continue;
		}
		last = id;
		err = pin_alloc(&f.pin, id, TEST_WINDOW / 2, &alloc);
		if (!err)
			given++;
		else if (err != -EBUSY && err != -ENOENT &&
			 err != -EINPROGRESS)
			astray++;
		asked++;
	}
	return arg;
}

#define RACERS	2

static void i7_two_at_once_and_an_answer(void **state)
{
	int i, before, n = debug_kernel() ? 100 : 300;
	struct seccomp_pin_receive r;
	pthread_t threads[RACERS];

	(void)state;
	racing = 1;
	for (i = 0; i < RACERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, race_thread,
						NULL), 0);
	for (i = 0; i < n; i++) {
		make_call(&r);
		before = given;
		raced = r.id;
		if (i % 2)
			AWAIT(given > before);
		end_call(&r);
		AWAIT(asked == RACERS * (i + 1));
		assert_in_range(given, before + i % 2, before + 1);
	}
	racing = 0;
	for (i = 0; i < RACERS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(astray, 0);
	AWAIT(pin_query(&f.pin).slots == 0);
}

/*
 * An execve with an argument as long as there can be one, by the library. The
 * program is this one, which says what came of it.
 */
static int run_execve(void *arg)
{
	char *argv[] = { "alloc", "executed", shared->data, NULL };

	(void)arg;
	await_word(&shared->go, 1);
	syscall(SYS_execve, "/proc/self/exe", argv, NULL);
	return 90;
}

static int executed(const char *string)
{
	return strlen(string) == MAX_ARG - 1 &&
	       all_are(string, MAX_ARG - 1, 'c') ? 0 : 91;
}

static void i1_an_argument_of_128_kib(void **state)
{
	struct pinredir_options options = { .size = sizeof(options) };
	uint64_t argv[4], pinned[4] = { 0 };
	size_t len = sizeof(argv), i;
	struct pinredir_call *call;
	struct seccomp_pin_query query;
	struct pinredir *ctx;
	struct target target;
	const void *bytes;

	(void)state;
	shared = shared_memory(sizeof(*shared));
	memset(shared->data, 'c', MAX_ARG - 1);
	assert_int_equal(target_start(&target, NULL, trap_execve, run_execve,
				      NULL), 0);
	assert_int_equal(pinredir_open(&ctx, target.listener, &options), 0);
	shared->go = 1;
	assert_int_equal(pinredir_receive(ctx, &call, 0), 0);
	assert_int_equal(pinredir_fetch(call, pinredir_arg(call, 1),
					PINREDIR_BYTES, &bytes, &len), 0);
	memcpy(argv, bytes, sizeof(argv));
	for (i = 0; argv[i]; i++) {
		len = MAX_ARG;
		assert_int_equal(pinredir_fetch(call, argv[i], PINREDIR_STRING,
						&bytes, &len), 0);
		pinned[i] = pinredir_address(call, bytes);
		assert_true(pinned[i] != 0);
	}
	assert_int_equal(i, 3);
	assert_int_equal(len, MAX_ARG);
	assert_int_equal(pinredir_set_bytes(call, 1, pinned, sizeof(pinned)),
			 0);
	memset(shared->data, 'x', DATA);
	assert_int_equal(pinredir_allow(call), 0);
	pinredir_release(call);
	assert_int_equal(await_exit(target.pid), 0);
	AWAIT(!pinredir_query(ctx, &query, sizeof(query)) && !query.targets);
	assert_int_equal(query.slots, 0);
	pinredir_close(ctx);
	close(target.listener);
	munmap(shared, sizeof(*shared));
}

/* The same for bytes that an argument points to, and for what is set */
static void i1_the_library_takes_it_by_itself(void **state)
{
	struct pinredir_options options = { .size = sizeof(options) };
	static char zeros[DATA];
	struct pinredir_call *call;
	struct pinredir *ctx;
	const void *bytes;
	size_t len;
	int i;

	(void)state;
	shared = shared_memory(sizeof(*shared));
	file = memfd_create("written", MFD_CLOEXEC);
	assert_int_equal(target_start(&f.target, NULL, trap_write, run_writes,
				      NULL), 0);
	assert_int_equal(pinredir_open(&ctx, f.target.listener, &options), 0);
	for (i = 0; i < 2; i++) {
		memset(shared->data, 'c', DATA);
		shared->go++;
		assert_int_equal(pinredir_receive(ctx, &call, 0), 0);
		len = DATA;
		assert_int_equal(pinredir_get_bytes(call, 1, &bytes, &len), 0);
		assert_true(all_are(bytes, DATA, 'c'));
		assert_true(pinredir_address(call, bytes) != 0);
		memset(shared->data, 'x', DATA);
		/* There is no room for so much again, for this is all there is. */
		if (i)
			assert_int_equal(pinredir_set_bytes(call, 1, zeros,
							    DATA), -ENOBUFS);
		else
			assert_int_equal(pinredir_allow(call), 0);
		if (i)
			assert_int_equal(pinredir_deny(call, ENOBUFS), 0);
		pinredir_release(call);
		await_word(&shared->made, shared->go);
		if (!i)
			assert_written('c');
	}
	memset(zeros, 's', DATA);
	shared->go++;
	assert_int_equal(pinredir_receive(ctx, &call, 0), 0);
	assert_int_equal(pinredir_set_bytes(call, 1, zeros, DATA), 0);
	assert_int_equal(pinredir_allow(call), 0);
	pinredir_release(call);
	await_word(&shared->made, shared->go);
	assert_written('s');
	shared->stop = 1;
	shared->go++;
	assert_int_equal(await_exit(f.target.pid), 0);
	pinredir_close(ctx);
	close(f.target.listener);
	close(file);
	munmap(shared, sizeof(*shared));
}

#define LARGE_TEST(f) cmocka_unit_test_setup_teardown(f, setup_large, teardown)
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		LARGE_TEST(i1_calls_run_on_their_bytes),
		TEST(i1_fetches_go_to_either),
		LARGE_TEST(i1_runs_of_every_length),
		TEST(i1_every_end_gives_it_back),
		TEST(i7_closed_with_it),
		cmocka_unit_test_setup(i1_killed_targets_bytes, setup),
		cmocka_unit_test(i1_held_ones_are_nobody_elses),
		cmocka_unit_test(i1_running_calls_keep_theirs),
		cmocka_unit_test(i6_a_share_in_pieces),
		cmocka_unit_test(i6_a_call_without_a_slot),
		cmocka_unit_test(i6_a_slot_taken_meanwhile),
		cmocka_unit_test(i1_peers_cannot_change_it),
		LARGE_TEST(i1_answers_into_it_are_not_remembered),
		TEST(i7_two_at_once_and_an_answer),
		cmocka_unit_test(i1_an_argument_of_128_kib),
		cmocka_unit_test(i1_the_library_takes_it_by_itself),
	};

	if (argc == 3 && !strcmp(argv[1], "executed"))
		return executed(argv[2]);
	return run_group(tests);
}
