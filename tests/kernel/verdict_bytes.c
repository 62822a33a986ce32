// SPDX-License-Identifier: GPL-2.0-only
/*
 * Remembered verdicts: what the calls run on. The same call is answered in the
 * same way without being asked about, on the bytes that were checked.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scene.h"
#include "storm.h"

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

/* Nor do they if the answer says that the pointer is good for less. */
static void i1_edited_bytes_behind_what_was_said(void **state)
{
	struct seccomp_pin_redirect redirect;
	struct scene s = scene();

	(void)state;
	access_is("/no-such-directory");
	asked(&s);
	strcpy(pin_slot(&s.pin, &s.r) + s.r.copies[1].offset, "/tmp");
	redirect = remembered(&s.r, 1);
	redirect.ptr_len[1] = 1;
	redirect.str_mask = 0;
	answer(&s, redirect);
	assert_int_equal(finished(), 0);
	assert_int_equal(served(&s), 0);
	scene_end(&s);
}

#define SECRET	"/tmp/a-path-that-is-nobody-elses-but-the-first-targets"

/* What of it the shorter path leaves: what is copied is whole words. */
#define LEFT	(SECRET + 16)
#define FETCHED	"hidden"

/*
 * What an earlier call of the first target has left in its slot, between what was
 * copied of this one and what was put in its place, is not for the others.
 */
static void i8_for_all_is_of_this_call_alone(void **state)
{
	struct seccomp_pin_redirect redirect;
	struct scene s = scene();
	char *slot;

	(void)state;
	access_is(SECRET);
	asked_once(&s);
	access_is("/nowhere");
	asked(&s);
	slot = pin_slot(&s.pin, &s.r);
	assert_non_null(memmem(slot, s.r.slot_size, LEFT, strlen(LEFT)));
	/* As if it had been fetched, into the word that the path ends in */
	memcpy(slot + sizeof("/nowhere"), FETCHED, sizeof(FETCHED));
	strcpy(slot + 512, "/tmp");
	redirect = remembered(&s.r, 1);
	redirect.flags |= SECCOMP_PIN_FOR_ALL;
	redirect.args[1] = s.r.slot_offset + 512;
	redirect.ptr_len[1] = sizeof("/tmp");
	answer(&s, redirect);
	assert_int_equal(finished(), 0);

	told(FORK);
	board->who = 1;
	asked_once(&s);
	assert_ptr_not_equal(pin_slot(&s.pin, &s.r), slot);
	slot = pin_slot(&s.pin, &s.r);
	memset(slot, 'x', s.r.slot_size);
	assert_int_equal(served(&s), 0);
	assert_string_equal(slot, "/nowhere");
	assert_string_equal(slot + 512, "/tmp");
	assert_null(memmem(slot, s.r.slot_size, LEFT, strlen(LEFT)));
	assert_null(memmem(slot, s.r.slot_size, FETCHED, strlen(FETCHED)));
	scene_end(&s);
}

/* Nor is what an earlier call has left of the last word that is copied. */
static void i8_words_are_ended_with_zeros(void **state)
{
	static const char zeros[8];
	struct scene s = scene();
	size_t len = sizeof(board->how) - sizeof(zeros) + 1;
	char *copy;

	(void)state;
	open_is("/tmp");
	memset(&board->how, 'x', sizeof(board->how));
	asked_once(&s);
	board->args[3] = len;
	asked(&s);
	copy = pin_slot(&s.pin, &s.r) + s.r.copies[2].offset;
	assert_int_equal(copy[len - 1], 'x');
	assert_memory_equal(copy + len, zeros, sizeof(zeros) - 1);
	answer(&s, denied(&s.r, EUCLEAN));
	assert_int_equal(finished(), -EUCLEAN);
	assert_int_equal(served(&s), -EUCLEAN);
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

/* Where the argument that says how many bytes there are may have any value */
static void i1_bytes_and_how_many(void **state)
{
	struct seccomp_pin_redirect redirect;
	struct scene s = scene();

	(void)state;
	open_is("/tmp");
	/* The rest of their last word is zeros, copied or not. */
	board->args[3] = sizeof(board->how) - 4;
	asked(&s);
	redirect = denied(&s.r, EUCLEAN);
	redirect.any_mask = 1 << 3;
	answer(&s, redirect);
	assert_int_equal(finished(), -EUCLEAN);
	assert_int_equal(served(&s), -EUCLEAN);
	board->args[3]++;
	asked_once(&s);
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
	/* Nor is it no bytes at all of something. */
	open_is("/tmp");
	board->args[3] = 0;
	asked_deny(&s, EUCLEAN);
	board->args[2] = 0;
	asked_once(&s);
	board->args[2] = (uintptr_t)&board->how;
	assert_int_equal(served(&s), -EUCLEAN);
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
static void asked_writev(struct scene *s, uint64_t at, uint64_t len,
			 uint32_t flags)
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
	redirect.flags |= flags;
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
	asked_writev(&s, 64, 16, 0);
	wrote(pipefd[0]);
	assert_int_equal(pin_query(&s.pin).verdicts, 0);
	/* Nor where others could be given more than the call's own bytes */
	asked_writev(&s, 64, 70, SECCOMP_PIN_FOR_ALL);
	wrote(pipefd[0]);
	assert_int_equal(pin_query(&s.pin).verdicts, 0);

	asked_writev(&s, 64, 70, 0);
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
		assert_true(now_ms() - start < 4 * TIME_LIMIT_MS);
		if (!receive_soon(&s))
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
	assert_int_equal(scene_stop(&s), 0);
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
		assert_true(now_ms() - start < 4 * TIME_LIMIT_MS);
		if (!receive_soon(&s))
			continue;
		to = (struct iovec){ path, sizeof(path) };
		assert_int_equal(process_vm_readv(s.target.pid, &to, 1, &from,
						  1, 0), sizeof(path));
		if (!strcmp(path, ALLOWED))
			assert_int_equal(pin_continue(&s.pin, s.r.id), 0);
		else
			assert_int_equal(pin_deny(&s.pin, s.r.id, EPERM), 0);
	}
	assert_int_equal(scene_stop(&s), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(i1_an_allowed_call_runs_on_pinned_bytes),
		cmocka_unit_test(i1_substituted_bytes_stay),
		cmocka_unit_test(i1_edited_bytes_stay),
		cmocka_unit_test(i1_edited_bytes_behind_what_was_said),
		cmocka_unit_test(i8_for_all_is_of_this_call_alone),
		cmocka_unit_test(i8_words_are_ended_with_zeros),
		cmocka_unit_test(i1_a_value_is_substituted),
		cmocka_unit_test(i1_a_denied_call_fails_in_the_same_way),
		cmocka_unit_test(i1_bytes_changed_between_two_traps),
		cmocka_unit_test(i1_calls_are_told_apart),
		cmocka_unit_test(i1_bytes_of_two_arguments),
		cmocka_unit_test(i1_bytes_and_how_many),
		cmocka_unit_test(i1_null_is_no_empty_string),
		cmocka_unit_test(i1_copies_with_an_error),
		cmocka_unit_test(i1_what_is_remembered_is_pinned),
		cmocka_unit_test(i1_calls_that_remember_pointers),
		cmocka_unit_test(i1_addresses_of_the_slot),
		cmocka_unit_test(i1_storm),
		cmocka_unit_test(storm_without_a_pin),
	};

	if (scene_main(argc, argv))
		return 1;
	return run_group(tests);
}
