// SPDX-License-Identifier: GPL-2.0-only
/*
 * Answers by which a call runs on what the rules had copied, without a word on its
 * arguments: SECCOMP_PIN_COPIED, in its whole form and in the short one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pin.h"

#define PAGE		4096UL

#define ONE		"/tmp/copied-one"
#define TWO		"/tmp/copied-two"
#define THREE		"/tmp/copied-three"

static const char *const traps[] = { "renameat", NULL };

/**
 * struct board - what the target renames; its peers can write here, as we do
 * @from: the old path
 * @to: the new one
 * @to_at: where the target says that it is
 * @go: begin
 * @error: what it came to, or -1: it has not been made
 */
static struct board {
	char from[PAGE];
	char to[PAGE];
	char *to_at;
	volatile int go;
	volatile int error;
} *board;

static int run_rename(void *arg)
{
	(void)arg;
	await_word(&board->go, 1);
	board->error = syscall(SYS_renameat, AT_FDCWD, board->from, AT_FDCWD,
			       board->to_at) ? errno : 0;
	return 0;
}

struct scene {
	struct target target;
	struct pin pin;
	struct seccomp_pin_receive r;
};

static void copy_both(struct pin *pin)
{
	struct seccomp_pin_rule rules[] = {
		{ SYS_renameat, 1, SECCOMP_PIN_STRING, 64, 0 },
		{ SYS_renameat, 3, SECCOMP_PIN_STRING, 64, 0 },
	};
	struct seccomp_pin_rules request = {
		.rules = (uintptr_t)rules,
		.count = 2,
	};

	assert_int_equal(pin_ioctl(pin->fd, SECCOMP_PIN_RULES, &request), 0);
}

/* A target that has asked to rename ONE to what is at @to, or NULL */
static struct scene received_at(char *to)
{
	struct scene s;
	int fd = open(ONE, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	close(fd);
	unlink(TWO);
	unlink(THREE);
	strcpy(board->from, ONE);
	strcpy(board->to, TWO);
	board->to_at = to;
	board->go = 0;
	board->error = -1;
	assert_int_equal(target_start(&s.target, NULL, traps, run_rename,
				      NULL), 0);
	pin_open(&s.pin, s.target.listener);
	copy_both(&s.pin);
	board->go = 1;
	pin_receive_call(&s.pin, &s.r, "renameat");
	assert_int_equal(s.r.copies[1].error, 0);
	return s;
}

static struct scene received(void)
{
	return received_at(board->to);
}

static void end(struct scene *s)
{
	assert_int_equal(target_wait(&s->target), 0);
	assert_int_equal(pin_query(&s->pin).calls, 0);
	assert_int_equal(pin_query(&s->pin).slots, 0);
	pin_close(&s->pin);
}

static struct seccomp_pin_redirect copied(const struct scene *s)
{
	return (struct seccomp_pin_redirect){
		.id = s->r.id,
		.flags = SECCOMP_PIN_COPIED,
	};
}

/* Nothing behind SECCOMP_PIN_SHORT may count; so it makes no sense. */
static int answer_short(struct scene *s, struct seccomp_pin_redirect answer)
{
	memset((char *)&answer + SECCOMP_PIN_SHORT, 0xff,
	       sizeof(answer) - SECCOMP_PIN_SHORT);
	return pin_ioctl(s->pin.fd, SECCOMP_PIN_REDIRECT_SHORT, &answer);
}

static int answer_whole(struct scene *s, struct seccomp_pin_redirect answer)
{
	return pin_redirect(&s->pin, &answer);
}

/* By SECCOMP_PIN_NEXT, with a size; there is no next call. */
static int answer_next(struct scene *s, struct seccomp_pin_redirect answer,
		       uint32_t size)
{
	struct seccomp_pin_next next = {
		.answers = (uintptr_t)&answer,
		.size = size,
		.count = 1,
		.receive.flags = SECCOMP_PIN_NONBLOCK,
	};
	int err;

	if (size == SECCOMP_PIN_SHORT)
		memset((char *)&answer + size, 0xff, sizeof(answer) - size);
	err = pin_ioctl(s->pin.fd, SECCOMP_PIN_NEXT, &next);
	if (next.answered) {
		/* It has ended, or is about to. */
		assert_true(err == -EAGAIN || err == -ESRCH);
		return 0;
	}
	return err;
}

static int answer_next_short(struct scene *s, struct seccomp_pin_redirect answer)
{
	return answer_next(s, answer, SECCOMP_PIN_SHORT);
}

static int answer_next_whole(struct scene *s, struct seccomp_pin_redirect answer)
{
	return answer_next(s, answer, sizeof(answer));
}

typedef int (*answer_fn)(struct scene *s, struct seccomp_pin_redirect answer);

static const answer_fn forms[] = {
	answer_short, answer_whole, answer_next_short, answer_next_whole,
};

#define FORMS	(sizeof(forms) / sizeof(*forms))

static bool there_is(const char *path)
{
	return !access(path, F_OK);
}

/* Whatever a peer writes to what it has passed, once that has been checked */
static void i1_runs_on_the_copies(void **state)
{
	struct seccomp_pin_redirect as_it_is;
	struct scene s;
	unsigned int i;

	(void)state;
	for (i = 0; i < FORMS; i++) {
		s = received();
		strcpy(board->to, THREE);
		assert_int_equal(forms[i](&s, copied(&s)), 0);
		end(&s);
		assert_true(there_is(TWO));
		assert_false(there_is(THREE));
	}
	/* The attack works on a call that runs as it is. */
	s = received();
	strcpy(board->to, THREE);
	as_it_is = (struct seccomp_pin_redirect){ .id = s.r.id };
	assert_int_equal(answer_whole(&s, as_it_is), 0);
	end(&s);
	assert_true(there_is(THREE));
}

/* What the supervisor has written over a copy is what counts. */
static void runs_on_what_the_slot_holds(void **state)
{
	struct scene s = received();

	(void)state;
	strcpy(pin_slot(&s.pin, &s.r) + s.r.copies[3].offset, "/tmp/copied-3");
	assert_int_equal(answer_short(&s, copied(&s)), 0);
	end(&s);
	assert_true(there_is("/tmp/copied-3"));
	unlink("/tmp/copied-3");
}

/*
 * A path that cannot be copied when the target traps, and is there when it runs:
 * there is nothing that the supervisor could have looked at.
 */
static void i1_no_copy_no_call(void **state)
{
	struct seccomp_pin_redirect as_it_is;
	char *nowhere = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct scene s;
	unsigned int i;

	(void)state;
	assert_ptr_not_equal(nowhere, MAP_FAILED);
	/* Longer than the rule allows, for as long as it is looked at */
	memset(nowhere, '/', PAGE);
	s = received_at(nowhere);
	assert_int_equal(s.r.copies[3].error, -ENAMETOOLONG);
	strcpy(nowhere, THREE);
	for (i = 0; i < FORMS; i++)
		assert_int_equal(forms[i](&s, copied(&s)), -EFAULT);
	assert_true(pin_pending(&s.pin, s.r.id));
	assert_int_equal(board->error, -1);
	/* Run as it is, it reads what nobody has seen. */
	as_it_is = (struct seccomp_pin_redirect){ .id = s.r.id };
	assert_int_equal(answer_whole(&s, as_it_is), 0);
	end(&s);
	assert_true(there_is(THREE));
	munmap(nowhere, PAGE);
}

/* It is nothing that a rule copies. The kernel says what it thinks of it. */
static void null_is_passed(void **state)
{
	struct seccomp_pin_completion completion;
	struct seccomp_pin_redirect answer;
	struct scene s = received_at(NULL);

	(void)state;
	assert_int_equal(s.r.copies[3].kind, SECCOMP_PIN_NONE);
	answer = copied(&s);
	answer.flags |= SECCOMP_PIN_COMPLETION;
	assert_int_equal(answer_short(&s, answer), 0);
	assert_int_equal(read(s.pin.fd, &completion, sizeof(completion)),
			 sizeof(completion));
	assert_int_equal(completion.retval, -EFAULT);
	end(&s);
	assert_true(there_is(ONE));
}

static void malformed(void **state)
{
	static const uint32_t flags[] = {
		SECCOMP_PIN_DENY, SECCOMP_PIN_REMEMBER, SECCOMP_PIN_FOR_ALL,
		1U << 31,
	};
	struct seccomp_pin_redirect answer;
	struct scene s = received();
	unsigned int i, j;

	(void)state;
	for (i = 0; i < FORMS; i++) {
		for (j = 0; j < sizeof(flags) / sizeof(*flags); j++) {
			answer = copied(&s);
			answer.flags |= flags[j];
			assert_int_equal(forms[i](&s, answer), -EINVAL);
		}
		answer = copied(&s);
		answer.args_mask = 1 << 1;
		assert_int_equal(forms[i](&s, answer), -EINVAL);
		answer = copied(&s);
		answer.str_mask = 1 << 1;
		assert_int_equal(forms[i](&s, answer), -EINVAL);
		answer = copied(&s);
		answer.id += 1000;
		assert_int_equal(forms[i](&s, answer), -ENOENT);
	}
	/* What is given beside it, where there is room for it */
	for (i = SECCOMP_PIN_SHORT; i < sizeof(answer); i++) {
		answer = copied(&s);
		((char *)&answer)[i] = 1;
		assert_int_equal(answer_whole(&s, answer), -EINVAL);
		assert_int_equal(answer_next_whole(&s, answer), -EINVAL);
	}
	/* Without the flag, there has to be more to it. */
	answer = (struct seccomp_pin_redirect){ .id = s.r.id };
	assert_int_equal(answer_short(&s, answer), -EINVAL);
	assert_int_equal(answer_next_short(&s, answer), -EINVAL);
	/* There is nothing between the two. */
	answer = copied(&s);
	assert_int_equal(answer_next(&s, answer, 8), -EINVAL);
	assert_int_equal(answer_next(&s, answer, 24), -EINVAL);
	assert_int_equal(answer_next(&s, answer, 127), -EINVAL);
	assert_int_equal(pin_ioctl(s.pin.fd, SECCOMP_PIN_REDIRECT_SHORT, NULL),
			 -EFAULT);
	assert_true(pin_pending(&s.pin, s.r.id));
	assert_int_equal(board->error, -1);

	assert_int_equal(answer_short(&s, copied(&s)), 0);
	end(&s);
	assert_true(there_is(TWO));
}

/* The supervisor's mistake: the kernel would read on. */
static void a_string_without_its_end(void **state)
{
	struct scene s = received();
	char *end_of = pin_slot(&s.pin, &s.r) + s.r.copies[3].offset +
		       s.r.copies[3].len - 1;
	unsigned int i;

	(void)state;
	assert_int_equal(*end_of, 0);
	*end_of = 'x';
	for (i = 0; i < FORMS; i++)
		assert_int_equal(forms[i](&s, copied(&s)), -EINVAL);
	assert_true(pin_pending(&s.pin, s.r.id));
	*end_of = 0;
	assert_int_equal(answer_short(&s, copied(&s)), 0);
	end(&s);
	assert_true(there_is(TWO));
}

static void its_end_is_told(void **state)
{
	struct seccomp_pin_completion completion;
	struct seccomp_pin_redirect answer;
	struct scene s = received();

	(void)state;
	unlink(ONE);
	answer = copied(&s);
	answer.flags |= SECCOMP_PIN_COMPLETION;
	assert_int_equal(answer_short(&s, answer), 0);
	assert_int_equal(read(s.pin.fd, &completion, sizeof(completion)),
			 sizeof(completion));
	assert_int_equal(completion.id, s.r.id);
	assert_int_equal(completion.how, SECCOMP_PIN_RETURNED);
	assert_int_equal(completion.retval, -ENOENT);
	end(&s);
}

/* One that was answered is not answered again, in whichever way. */
static void once(void **state)
{
	struct scene s = received();
	int err;

	(void)state;
	assert_int_equal(answer_short(&s, copied(&s)), 0);
	err = answer_short(&s, copied(&s));
	assert_true(err == -ENOENT || err == -EINPROGRESS);
	end(&s);
}

static int run_writes(void *arg)
{
	int fd = *(int *)arg;

	board->error = -1;
	await_word(&board->go, 1);
	if (syscall(SYS_write, fd, board->to, 4) != 4)
		return 1;
	board->error = syscall(SYS_write, fd, board->to, 0);
	return 0;
}

/*
 * Somebody has had access to the thread. How its next call is received does not
 * matter, nor that there are no bytes to be copied.
 */
static void received_by_the_listener(void **state)
{
	static const char *const writes[] = { "write", NULL };
	struct seccomp_pin_rule rule = {
		SYS_write, 1, SECCOMP_PIN_BYTES_ARG, 64, 2,
	};
	struct seccomp_pin_rules request = {
		.rules = (uintptr_t)&rule,
		.count = 1,
	};
	struct seccomp_notif notif = { 0 };
	struct scene s;
	int pipefd[2];

	(void)state;
	assert_int_equal(pipe(pipefd), 0);
	board->go = 0;
	assert_int_equal(target_start(&s.target, NULL, writes, run_writes,
				      &pipefd[1]), 0);
	pin_open(&s.pin, s.target.listener);
	assert_int_equal(pin_ioctl(s.pin.fd, SECCOMP_PIN_RULES, &request), 0);
	board->go = 1;
	pin_receive_call(&s.pin, &s.r, "write");
	assert_int_equal(answer_short(&s, copied(&s)), 0);
	assert_int_equal(pin_ioctl(s.target.listener, SECCOMP_IOCTL_NOTIF_RECV,
				   &notif), 0);
	assert_int_equal(notif.data.args[2], 0);
	s.r.id = notif.id;
	assert_int_equal(answer_short(&s, copied(&s)), 0);
	end(&s);
	assert_int_equal(board->error, 0);
	close(pipefd[0]);
	close(pipefd[1]);
}

static void before_attach(void **state)
{
	struct seccomp_pin_redirect answer = { .flags = SECCOMP_PIN_COPIED };
	int fd = pin_device();

	(void)state;
	assert_int_equal(pin_ioctl(fd, SECCOMP_PIN_REDIRECT_SHORT, &answer),
			 -ENOTCONN);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(i1_runs_on_the_copies),
		cmocka_unit_test(runs_on_what_the_slot_holds),
		cmocka_unit_test(i1_no_copy_no_call),
		cmocka_unit_test(null_is_passed),
		cmocka_unit_test(malformed),
		cmocka_unit_test(a_string_without_its_end),
		cmocka_unit_test(its_end_is_told),
		cmocka_unit_test(once),
		cmocka_unit_test(received_by_the_listener),
		cmocka_unit_test(before_attach),
	};

	board = shared_memory(sizeof(*board));
	return run_group(tests);
}
