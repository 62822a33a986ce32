// SPDX-License-Identifier: GPL-2.0-only
/*
 * SECCOMP_PIN_NEXT: answers calls and receives the next one, and whatever goes
 * wrong, it can be told which answers were given and no call is lost.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pin.h"
#include "storm.h"

#define PAGE		4096UL

/* It takes no arguments: they say who makes it, and for which time. */
static const char *const traps[] = { "getppid", NULL };

#define MAX_TARGETS	8
#define MAX_CALLS	1000

/**
 * struct board - what the targets tell, and are told
 * @targets: how many there are to be: processes with one listener
 * @calls: how many each of them makes
 * @made: by each: how many were answered
 * @last: how its last call was answered
 * @linger: until this is 0, none of them ends
 */
static struct board {
	int targets;
	int calls;
	volatile int made[MAX_TARGETS];
	volatile long last[MAX_TARGETS];
	volatile int linger;
} *board;

/* How the call is answered that a target makes for this time */
static int error_of(unsigned long n)
{
	return 1 + n % 4000;
}

static int make_calls(int me)
{
	int n;

	for (n = 0; n < board->calls; n++) {
		unsigned long args[6] = { me, n };
		long ret = own_call(SYS_getppid, args);

		board->last[me] = ret;
		board->made[me] = n + 1;
		if (ret != -error_of(n) && ret <= 0)
			complain(__FILE__, __LINE__, "answered", ret);
	}
	AWAIT_HOLDS(!board->linger);
	return 0;
}

static int run_targets(void *arg)
{
	int me, status, bad = 0;

	(void)arg;
	for (me = 1; me < board->targets; me++) {
		if (!fork()) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			_exit(make_calls(me));
		}
	}
	bad = make_calls(0);
	while (wait(&status) > 0)
		bad += !!status;
	return bad;
}

static void start(struct target *target, struct pin *pin, int targets,
		  int calls)
{
	board = shared_memory(PAGE);
	board->targets = targets;
	board->calls = calls;
	assert_int_equal(target_start(target, NULL, traps, run_targets, NULL),
			 0);
	pin_open(pin, target->listener);
}

static void end(struct target *target, struct pin *pin)
{
	assert_int_equal(target_wait(target), 0);
	assert_int_equal(pin_query(pin).calls, 0);
	assert_int_equal(pin_query(pin).slots, 0);
	pin_close(pin);
}

static struct seccomp_pin_redirect denied(const struct seccomp_pin_receive *r)
{
	return (struct seccomp_pin_redirect){
		.id = r->id,
		.flags = SECCOMP_PIN_DENY,
		.error = error_of(r->data.args[1]),
	};
}

static struct seccomp_pin_next next_of(const void *answers, unsigned int count,
				       uint32_t flags)
{
	return (struct seccomp_pin_next){
		.answers = (uintptr_t)answers,
		.size = sizeof(struct seccomp_pin_redirect),
		.count = count,
		.answered = 99,
		.receive.flags = flags,
	};
}

static int next(struct pin *pin, struct seccomp_pin_next *n)
{
	return pin_ioctl(pin->fd, SECCOMP_PIN_NEXT, n);
}

static void one_after_the_other(void **state)
{
	struct seccomp_pin_redirect answer = { 0 };
	struct seccomp_pin_next n;
	struct target target;
	struct pin pin;
	int i;

	(void)state;
	start(&target, &pin, 1, 8);
	board->linger = 1;
	assert_true(pin_query(&pin).features & SECCOMP_PIN_FEATURE_NEXT);
	for (i = 0; i < 8; i++) {
		n = next_of(i ? &answer : NULL, !!i, 0);
		assert_int_equal(next(&pin, &n), 0);
		assert_int_equal(n.answered, !!i);
		assert_int_equal(n.receive.data.nr, SYS_getppid);
		assert_int_equal(n.receive.data.args[1], i);
		assert_int_equal(board->made[0], i);
		assert_true(n.receive.slot_size > 0);
		/* Denied, and let run, in turns */
		answer = denied(&n.receive);
		if (i % 2)
			answer = (struct seccomp_pin_redirect){
				.id = n.receive.id
			};
		if (i)
			assert_int_equal(board->last[0], (i - 1) % 2 ? getpid() :
					 -error_of(i - 1));
	}
	n = next_of(&answer, 1, SECCOMP_PIN_NONBLOCK);
	assert_int_equal(next(&pin, &n), -EAGAIN);
	assert_int_equal(n.answered, 1);
	board->linger = 0;
	end(&target, &pin);
}

/* Receive the calls of this many, with the answers to them. */
static void receive_all(struct pin *pin, struct seccomp_pin_redirect *answers,
			int count)
{
	struct seccomp_pin_receive r;
	int i;

	for (i = 0; i < count; i++) {
		pin_receive(pin, &r);
		answers[i] = denied(&r);
	}
}

static void several_at_once(void **state)
{
	struct seccomp_pin_redirect answers[MAX_TARGETS];
	struct seccomp_pin_next n;
	struct target target;
	struct pin pin;
	int i;

	(void)state;
	start(&target, &pin, MAX_TARGETS, 2);
	board->linger = 1;
	receive_all(&pin, answers, MAX_TARGETS);
	n = next_of(answers, MAX_TARGETS, 0);
	assert_int_equal(next(&pin, &n), 0);
	assert_int_equal(n.answered, MAX_TARGETS);
	assert_int_equal(n.receive.data.args[1], 1);
	answers[0] = denied(&n.receive);
	receive_all(&pin, answers + 1, MAX_TARGETS - 1);
	for (i = 0; i < MAX_TARGETS; i++) {
		assert_int_equal(board->made[i], 1);
		assert_int_equal(board->last[i], -error_of(0));
	}
	n = next_of(answers, MAX_TARGETS, SECCOMP_PIN_NONBLOCK);
	assert_int_equal(next(&pin, &n), -EAGAIN);
	assert_int_equal(n.answered, MAX_TARGETS);
	for (i = 0; i < MAX_TARGETS; i++) {
		AWAIT(board->made[i] == 2);
		assert_int_equal(board->last[i], -error_of(1));
	}
	board->linger = 0;
	end(&target, &pin);
}

/*
 * Three calls are answered, the second one with a mistake: the first is, the
 * others are not, and what waits to be received goes on waiting.
 */
struct mistake {
	int error;
	void (*make)(struct seccomp_pin_redirect *answer);
};

static void another_id(struct seccomp_pin_redirect *answer)
{
	answer->id += 1000000;
}

static void a_reserved_bit(struct seccomp_pin_redirect *answer)
{
	answer->reserved[2] = 1;
}

static void no_error(struct seccomp_pin_redirect *answer)
{
	answer->error = 0;
}

static void a_pointer_nowhere(struct seccomp_pin_redirect *answer)
{
	answer->flags = 0;
	answer->error = 0;
	answer->args_mask = 1;
	answer->ptr_mask = 1;
	answer->args[0] = PAGE;
	answer->ptr_len[0] = 1;
}

static void no_place_for_a_completion(struct seccomp_pin_redirect *answer)
{
	answer->flags = SECCOMP_PIN_COMPLETION;
	answer->error = 0;
}

static const struct mistake mistakes[] = {
	{ -ENOENT, another_id },
	{ -EINVAL, a_reserved_bit },
	{ -EINVAL, no_error },
	{ -EFAULT, a_pointer_nowhere },
	{ -ENOBUFS, no_place_for_a_completion },
};

static void make_mistake(const struct mistake *mistake)
{
	struct seccomp_pin_attach attach = pin_attach_default();
	struct seccomp_pin_redirect good, answers[3];
	struct seccomp_pin_receive r;
	struct seccomp_pin_next n;
	struct target target;
	struct pin pin;
	int first;

	board = shared_memory(PAGE);
	board->targets = 3;
	board->calls = 2;
	assert_int_equal(target_start(&target, NULL, traps, run_targets, NULL),
			 0);
	attach.completions = 0;
	pin_open_with(&pin, target.listener, TEST_ARENA, &attach);
	pin_receive(&pin, &r);
	first = r.data.args[0];
	answers[0] = denied(&r);
	receive_all(&pin, answers + 1, 2);
	good = answers[1];
	mistake->make(&answers[1]);
	n = next_of(answers, 3, 0);
	n.receive.id = 0;
	assert_int_equal(next(&pin, &n), mistake->error);
	assert_int_equal(n.answered, 1);
	assert_int_equal(n.receive.id, 0);
	assert_int_equal(pin_pending(&pin, answers[0].id), 0);
	assert_true(pin_pending(&pin, good.id));
	assert_true(pin_pending(&pin, answers[2].id));

	/* The second call of the first target, which nobody has received */
	pin_receive(&pin, &r);
	assert_int_equal(r.data.args[0], first);
	assert_int_equal(r.data.args[1], 1);
	assert_int_equal(board->last[first], -error_of(0));
	answers[0] = denied(&r);
	answers[1] = good;
	n = next_of(answers, 3, 0);
	assert_int_equal(next(&pin, &n), 0);
	assert_int_equal(n.answered, 3);
	answers[0] = denied(&n.receive);
	receive_all(&pin, answers + 1, 1);
	n = next_of(answers, 2, 0);
	assert_int_equal(next(&pin, &n), -ESRCH);
	assert_int_equal(n.answered, 2);
	end(&target, &pin);
}

static void an_answer_that_fails(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(mistakes) / sizeof(*mistakes); i++)
		make_mistake(&mistakes[i]);
}

/* The same answer twice: it has been given by then. */
static void an_answer_given_twice(void **state)
{
	struct seccomp_pin_redirect answers[2];
	struct seccomp_pin_next n;
	struct target target;
	struct pin pin;
	int err;

	(void)state;
	start(&target, &pin, 1, 1);
	receive_all(&pin, answers, 1);
	answers[1] = answers[0];
	n = next_of(answers, 2, 0);
	err = next(&pin, &n);
	/* Gone, or on its way */
	assert_true(err == -ENOENT || err == -EINPROGRESS);
	assert_int_equal(n.answered, 1);
	end(&target, &pin);
}

/* A request that fails as a whole has answered nothing. */
static void refused(struct pin *pin, struct seccomp_pin_next n, int error,
		    const struct seccomp_pin_redirect *answer)
{
	n.answered = 99;
	assert_int_equal(next(pin, &n), error);
	assert_int_equal(n.answered, 0);
	assert_true(pin_pending(pin, answer->id));
}

static void requests_that_are_malformed(void **state)
{
	size_t size = sizeof(struct seccomp_pin_redirect);
	struct {
		struct seccomp_pin_next next;
		uint64_t future;
	} longer;
	struct seccomp_pin_redirect *answers;
	struct seccomp_pin_next n;
	struct target target;
	struct pin pin;
	char *memory;

	(void)state;
	start(&target, &pin, 1, 3);
	/* Two pages, with nothing behind them */
	memory = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(memory != MAP_FAILED);
	assert_int_equal(munmap(memory + 2 * PAGE, 2 * PAGE), 0);
	answers = (void *)memory;
	receive_all(&pin, answers, 1);

	n = next_of(answers, 1, 0);
	n.reserved = 1;
	refused(&pin, n, -EINVAL, answers);
	n = next_of(answers, SECCOMP_PIN_MAX_ANSWERS + 1, 0);
	refused(&pin, n, -EINVAL, answers);
	n = next_of(answers, -1U, 0);
	refused(&pin, n, -EINVAL, answers);
	n = next_of(answers, 1, 0);
	for (n.size = 0; n.size < size; n.size++)
		refused(&pin, n, -EINVAL, answers);
	n.size = PAGE + 1;
	refused(&pin, n, -E2BIG, answers);
	n.size = -1U;
	refused(&pin, n, -E2BIG, answers);

	/* What is behind the part that is known has to be 0, up to its end. */
	n.size = PAGE;
	memory[PAGE - 1] = 1;
	refused(&pin, n, -E2BIG, answers);
	memory[PAGE - 1] = 0;
	memory[size] = 1;
	refused(&pin, n, -E2BIG, answers);
	memory[size] = 0;

	/* What cannot be read, all of it or the end of it */
	n = next_of(NULL, 1, 0);
	refused(&pin, n, -EFAULT, answers);
	n = next_of((void *)-PAGE, 1, 0);
	refused(&pin, n, -EFAULT, answers);
	memcpy(memory + 2 * PAGE - size / 2, answers, size / 2);
	n = next_of(memory + 2 * PAGE - size / 2, 1, 0);
	refused(&pin, n, -EFAULT, answers);
	memcpy(memory + 2 * PAGE - size, answers, size);
	n = next_of(memory + 2 * PAGE - size, 1, 0);
	n.size = size + 8;
	refused(&pin, n, -EFAULT, answers);

	/* The request itself can be longer, too. */
	longer.next = next_of(answers, 1, 0);
	longer.future = 1;
	assert_int_equal(pin_ioctl(pin.fd, _IOC(_IOC_READ | _IOC_WRITE,
						SECCOMP_PIN_IOC, 8,
						sizeof(longer)), &longer),
			 -E2BIG);
	assert_true(pin_pending(&pin, answers->id));
	longer.future = 0;
	assert_int_equal(pin_ioctl(pin.fd, _IOC(_IOC_READ | _IOC_WRITE,
						SECCOMP_PIN_IOC, 8,
						sizeof(longer)), &longer), 0);
	assert_int_equal(longer.next.answered, 1);
	assert_int_equal(longer.next.receive.data.args[1], 1);

	/* One of them, larger than it is known here; and then none is behind. */
	memset(memory, 0, 2 * PAGE);
	*answers = denied(&longer.next.receive);
	n = next_of(answers, 2, 0);
	n.size = 2 * PAGE;
	refused(&pin, n, -E2BIG, answers);
	memmove(memory + PAGE, answers, size);
	n = next_of(memory + PAGE, 2, 0);
	n.size = PAGE;
	assert_int_equal(next(&pin, &n), -EFAULT);
	assert_int_equal(n.answered, 1);

	/* What receives is looked at when the answers have been given. */
	receive_all(&pin, answers, 1);
	n = next_of(answers, 1, 1U << 5);
	assert_int_equal(next(&pin, &n), -EINVAL);
	assert_int_equal(n.answered, 1);
	munmap(memory, 2 * PAGE);
	end(&target, &pin);
}

static void not_attached(void **state)
{
	struct seccomp_pin_next n = next_of(NULL, 0, SECCOMP_PIN_NONBLOCK);
	struct seccomp_pin_drop drop = { 0 };
	int fd = pin_device();

	(void)state;
	assert_int_equal(pin_ioctl(fd, SECCOMP_PIN_NEXT, &n), -ENOTCONN);
	assert_int_equal(pin_ioctl(fd, SECCOMP_PIN_DROP, &drop), -ENOTCONN);
	close(fd);
}

static void none_to_answer(void **state)
{
	struct seccomp_pin_redirect answer;
	struct seccomp_pin_next n;
	struct target target;
	struct pin pin;

	(void)state;
	start(&target, &pin, 1, 1);
	/* The array is not looked at, nor is the size. */
	n = next_of((void *)-PAGE, 0, 0);
	n.size = 0;
	assert_int_equal(next(&pin, &n), 0);
	assert_int_equal(n.answered, 0);
	assert_int_equal(n.receive.data.args[1], 0);
	answer = denied(&n.receive);
	n = next_of(NULL, 0, SECCOMP_PIN_NONBLOCK);
	assert_int_equal(next(&pin, &n), -EAGAIN);
	assert_int_equal(n.answered, 0);
	/* What is received can be one that was received before. */
	n = next_of(NULL, 0, SECCOMP_PIN_ADOPT);
	n.receive.id = answer.id;
	assert_int_equal(next(&pin, &n), 0);
	assert_int_equal(n.receive.data.args[1], 0);
	n = next_of(&answer, 1, 0);
	assert_int_equal(next(&pin, &n), -ESRCH);
	assert_int_equal(n.answered, 1);
	/* It was received twice. */
	assert_int_equal(pin_release(&pin, answer.id), 0);
	end(&target, &pin);
}

/* Where the answer cannot be told, nothing that was received is lost. */
static void a_result_that_cannot_be_written(void **state)
{
	struct seccomp_pin_redirect answer;
	struct seccomp_pin_receive r;
	struct seccomp_pin_next *n;
	struct target target;
	struct pin pin;
	int i;

	(void)state;
	start(&target, &pin, 1, 4);
	board->linger = 1;
	n = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	receive_all(&pin, &answer, 1);
	for (i = 0; i < 3; i++) {
		assert_int_equal(mprotect(n, PAGE, PROT_READ | PROT_WRITE), 0);
		*n = next_of(&answer, 1, 0);
		assert_int_equal(mprotect(n, PAGE, PROT_READ), 0);
		assert_int_equal(next(&pin, n), -EFAULT);
		/* It has been answered, and the next one waits, for anyone. */
		assert_int_equal(board->made[0], i + 1);
		assert_int_equal(board->last[0], -error_of(i));
		assert_int_equal(pin_pending(&pin, answer.id), 0);
		pin_await_call(&pin);
		pin_receive(&pin, &r);
		assert_int_equal(r.data.args[1], i + 1);
		assert_int_equal(pin_release(&pin, r.id), 0);
		assert_int_equal(pin_release(&pin, r.id), -ENOENT);
		answer = denied(&r);
	}
	/* And how many were, where receiving fails */
	assert_int_equal(mprotect(n, PAGE, PROT_READ | PROT_WRITE), 0);
	*n = next_of(&answer, 1, SECCOMP_PIN_NONBLOCK);
	assert_int_equal(mprotect(n, PAGE, PROT_READ), 0);
	assert_int_equal(next(&pin, n), -EFAULT);
	AWAIT(board->made[0] == 4);
	assert_int_equal(board->last[0], -error_of(3));
	munmap(n, PAGE);
	board->linger = 0;
	end(&target, &pin);
}

/*
 * Signals
 */
static void on_signal(int signal)
{
	(void)signal;
}

static void handle(int signal, int flags)
{
	struct sigaction action = {
		.sa_handler = on_signal,
		.sa_flags = flags,
	};

	assert_int_equal(sigaction(signal, &action, NULL), 0);
}

/* A thread that makes the request, and what comes of it */
struct waiter {
	pthread_t thread;
	struct pin *pin;
	struct seccomp_pin_next n;
	volatile int tid;
	volatile int done;
	int err;
};

static void *run_waiter(void *arg)
{
	struct waiter *w = arg;

	w->tid = gettid();
	w->err = next(w->pin, &w->n);
	w->done = 1;
	return NULL;
}

static void waiter_start(struct waiter *w, struct pin *pin,
			 struct seccomp_pin_next n)
{
	*w = (struct waiter){ .pin = pin, .n = n };
	assert_int_equal(pthread_create(&w->thread, NULL, run_waiter, w), 0);
	AWAIT(w->tid);
}

static int waiter_end(struct waiter *w)
{
	AWAIT(w->done);
	assert_int_equal(pthread_join(w->thread, NULL), 0);
	return w->err;
}

/* An answer that was given is not given again, whatever the handler's flags. */
static void interrupted(int flags)
{
	struct seccomp_pin_redirect answer;
	struct target target;
	struct waiter w;
	struct pin pin;

	handle(SIGUSR1, flags);
	start(&target, &pin, 1, 1);
	board->linger = 1;
	receive_all(&pin, &answer, 1);
	waiter_start(&w, &pin, next_of(&answer, 1, 0));
	AWAIT(board->made[0] == 1);
	await_sleep(w.tid);
	assert_int_equal(pthread_kill(w.thread, SIGUSR1), 0);
	assert_int_equal(waiter_end(&w), -EINTR);
	assert_int_equal(w.n.answered, 1);

	/* With none to be given, it goes on where that is asked for. */
	waiter_start(&w, &pin, next_of(NULL, 0, 0));
	await_sleep_in(w.tid, SYS_ioctl, "pin_take");
	assert_int_equal(pthread_kill(w.thread, SIGUSR1), 0);
	if (flags & SA_RESTART) {
		await_sleep_in(w.tid, SYS_ioctl, "pin_take");
		assert_false(w.done);
		board->linger = 0;
		assert_int_equal(waiter_end(&w), -ESRCH);
	} else {
		assert_int_equal(waiter_end(&w), -EINTR);
		assert_int_equal(w.n.answered, 0);
		board->linger = 0;
	}
	end(&target, &pin);
}

static void interrupted_by_a_signal(void **state)
{
	(void)state;
	interrupted(0);
	interrupted(SA_RESTART);
}

/*
 * Several threads on one listener, some of which answer and receive in one, and
 * others one after the other. Each call is for one of them.
 */
#define THREADS		4

struct crew {
	struct pin pin;
	atomic_int seen[MAX_TARGETS][MAX_CALLS];
	atomic_int interruptions;
	struct member {
		struct crew *crew;
		pthread_t thread;
		unsigned int number;
		volatile int tid;
		volatile int done;
		int err;
		unsigned long received;
	} members[THREADS];
};

/* Answers, if there is something to be answered, and receives. */
static int member_next(struct member *m, struct seccomp_pin_redirect *answer,
		       struct seccomp_pin_receive *r)
{
	struct pin *pin = &m->crew->pin;
	struct seccomp_pin_next n;
	int err = 0;

	if (m->received % 8 < m->number + 2) {
		n = next_of(answer, !!answer->id, 0);
		err = next(pin, &n);
		if (n.answered)
			answer->id = 0;
		*r = n.receive;
		return err;
	}
	if (answer->id)
		err = pin_redirect(pin, answer);
	if (err)
		return err;
	answer->id = 0;
	memset(r, 0, sizeof(*r));
	return pin_ioctl(pin->fd, SECCOMP_PIN_RECEIVE, r);
}

static void *run_member(void *arg)
{
	struct seccomp_pin_redirect answer = { 0 };
	struct seccomp_pin_receive r;
	struct member *m = arg;

	m->tid = gettid();
	for (;;) {
		m->err = member_next(m, &answer, &r);
		if (m->err == -EINTR) {
			m->crew->interruptions++;
			continue;
		}
		if (m->err)
			break;
		m->received++;
		m->crew->seen[r.data.args[0]][r.data.args[1]]++;
		answer = denied(&r);
	}
	m->done = 1;
	return NULL;
}

static void crew_start(struct crew *crew)
{
	unsigned int i;

	for (i = 0; i < THREADS; i++) {
		struct member *m = &crew->members[i];

		m->crew = crew;
		m->number = i;
		assert_int_equal(pthread_create(&m->thread, NULL, run_member,
						m), 0);
	}
}

/* They have all come to an end, for this reason. */
static void crew_end(struct crew *crew, int err)
{
	unsigned int i;

	for (i = 0; i < THREADS; i++) {
		AWAIT(crew->members[i].done);
		pthread_join(crew->members[i].thread, NULL);
		assert_int_equal(crew->members[i].err, err);
	}
}

static bool crew_done(const struct crew *crew)
{
	unsigned int i, done = 0;

	for (i = 0; i < THREADS; i++)
		done += crew->members[i].done;
	return done == THREADS;
}

static void serve_all(int calls, bool signals)
{
	struct crew *crew = calloc(1, sizeof(*crew));
	uint64_t start_ms = now_ms();
	struct target target;
	struct chance chance;
	int i, j;

	assert_non_null(crew);
	handle(SIGUSR1, 0);
	handle(SIGUSR2, SA_RESTART);
	chance_init(&chance, chance_seed(), 0);
	start(&target, &crew->pin, MAX_TARGETS, calls);
	crew_start(crew);
	while (!crew_done(crew)) {
		assert_true(now_ms() - start_ms < 8 * TIME_LIMIT_MS);
		sched_yield();
		if (!signals)
			continue;
		i = chance_below(&chance, THREADS);
		if (!crew->members[i].done)
			pthread_kill(crew->members[i].thread,
				     chance_hit(&chance, 2) ? SIGUSR1 : SIGUSR2);
	}
	crew_end(crew, -ESRCH);
	for (i = 0; i < MAX_TARGETS; i++) {
		assert_int_equal(board->made[i], calls);
		for (j = 0; j < calls; j++)
			assert_int_equal(crew->seen[i][j], 1);
	}
	if (signals)
		assert_true(crew->interruptions > 0);
	end(&target, &crew->pin);
	free(crew);
}

static void several_threads(void **state)
{
	(void)state;
	serve_all(MAX_CALLS, false);
}

static void several_threads_that_are_interrupted(void **state)
{
	(void)state;
	serve_all(MAX_CALLS / 2, true);
}

/* All of them wait when it is closed; none is left to wait for ever. */
static void several_threads_and_the_listener_closed(void **state)
{
	struct crew *crew = calloc(1, sizeof(*crew));
	struct target target;
	int i;

	(void)state;
	assert_non_null(crew);
	start(&target, &crew->pin, 2, 10);
	board->linger = 1;
	crew_start(crew);
	for (i = 0; i < 2; i++)
		AWAIT(board->made[i] == 10);
	for (i = 0; i < THREADS; i++) {
		AWAIT(crew->members[i].tid);
		await_sleep_in(crew->members[i].tid, SYS_ioctl,
			       "pin_take");
	}
	close(target.listener);
	target.listener = -1;
	crew_end(crew, -EBADF);
	board->linger = 0;
	end(&target, &crew->pin);
	free(crew);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_after_the_other),
		cmocka_unit_test(several_at_once),
		cmocka_unit_test(an_answer_that_fails),
		cmocka_unit_test(an_answer_given_twice),
		cmocka_unit_test(requests_that_are_malformed),
		cmocka_unit_test(not_attached),
		cmocka_unit_test(none_to_answer),
		cmocka_unit_test(a_result_that_cannot_be_written),
		cmocka_unit_test(interrupted_by_a_signal),
		cmocka_unit_test(several_threads),
		cmocka_unit_test(several_threads_that_are_interrupted),
		cmocka_unit_test(several_threads_and_the_listener_closed),
	};

	return run_group(tests);
}
