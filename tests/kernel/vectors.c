// SPDX-License-Identifier: GPL-2.0-only
/* String vectors: argv and envp of an execve, copied and pinned as a whole. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pinredir.h>

#include "pin.h"

#define PAGE		4096U
#define MOST		64U	/* strings, unless a test says otherwise */

/**
 * struct shared - memory that the target and the test share
 * @go: how many calls the target may make
 * @made: how many it has made
 * @stop: its peer is to end
 * @args: of the next call
 * @top: the last page of its address space
 * @array: what the test makes arrays of; it ends where @hole begins
 * @hole: not mapped in the target
 * @strings: what they point to
 *
 * The test writes there what a peer thread would.
 */
struct shared {
	volatile int go;
	volatile int made;
	volatile int stop;
	unsigned long args[6];
	char **top;
	char *array[(3 * PAGE - 72) / 8];
	char hole[PAGE];
	char strings[4 * PAGE];
} __attribute__((aligned(8)));

_Static_assert(offsetof(struct shared, hole) % PAGE == 0, "a page of its own");

static struct shared *shared;

struct fixture {
	struct target target;
	struct pin pin;
};

static struct fixture f;

static const char *const trap_getppid[] = { "getppid", NULL };
static const char *const trap_execve[] = { "execve", NULL };

/* In the last page, where no array can be read further than it goes */
static char **map_top(void)
{
	static const uintptr_t ends[] = { 1UL << 56, 1UL << 47 };
	unsigned int i;
	void *map;

	for (i = 0; i < 2; i++) {
		map = mmap((void *)(ends[i] - 2 * PAGE), PAGE,
			   PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		if (map != MAP_FAILED)
			return (char **)((char *)map + PAGE) - 2;
	}
	return NULL;
}

/* A call whose arguments mean nothing to it, again and again */
static int run_calls(void *arg)
{
	const unsigned long *a = shared->args;
	int i;

	(void)arg;
	if (munmap(shared->hole, sizeof(shared->hole)))
		return 1;
	shared->top = map_top();
	if (!shared->top)
		return 1;
	shared->top[0] = shared->strings;
	shared->top[1] = NULL;
	for (i = 1; ; i++) {
		while (shared->go < i)
			sched_yield();
		if (shared->stop)
			return 0;
		syscall(SYS_getppid, a[0], a[1], a[2], a[3], a[4], a[5]);
		shared->made = i;
	}
}

static int setup_with(uint32_t verdicts)
{
	struct seccomp_pin_attach attach = pin_attach_default();

	attach.verdicts = verdicts;
	shared = shared_memory(sizeof(*shared));
	if (target_start(&f.target, NULL, trap_getppid, run_calls, NULL))
		return -1;
	pin_open_with(&f.pin, f.target.listener, TEST_ARENA, &attach);
	return 0;
}

static int setup_calls(void **state)
{
	(void)state;
	return setup_with(0);
}

static int teardown_calls(void **state)
{
	int ret;

	(void)state;
	shared->stop = 1;
	shared->go++;
	ret = target_wait(&f.target);
	if (pin_query(&f.pin).calls || pin_query(&f.pin).slots)
		return -1;
	pin_close(&f.pin);
	munmap(shared, sizeof(*shared));
	return ret;
}

static void set_rules(const struct seccomp_pin_rule *array, uint32_t count)
{
	struct seccomp_pin_rules rules = {
		.rules = (uintptr_t)array,
		.count = count,
	};

	assert_int_equal(pin_ioctl(f.pin.fd, SECCOMP_PIN_RULES, &rules), 0);
}

static struct seccomp_pin_rule vector_rule(unsigned int nr, unsigned int arg,
					   uint32_t max, uint32_t len)
{
	return (struct seccomp_pin_rule){ nr, arg, SECCOMP_PIN_VECTOR, max,
					  len };
}

/* One call, with this for its first argument, copied by this rule */
static void make_call(struct seccomp_pin_receive *r, const void *array,
		      uint32_t max, uint32_t len)
{
	struct seccomp_pin_rule rule = vector_rule(SYS_getppid, 0, max, len);

	set_rules(&rule, 1);
	shared->args[0] = (uintptr_t)array;
	shared->go++;
	pin_receive_call(&f.pin, r, "getppid");
}

static void end_call(const struct seccomp_pin_receive *r)
{
	assert_int_equal(pin_allow(&f.pin, r->id), 0);
	await_word(&shared->made, shared->go);
}

/* What becomes of it */
static int error_of(const void *array, uint32_t max, uint32_t len)
{
	struct seccomp_pin_receive r;

	make_call(&r, array, max, len);
	assert_int_equal(r.copies[0].kind, SECCOMP_PIN_VECTOR);
	if (r.copies[0].error)
		assert_int_equal(r.copies[0].len, 0);
	end_call(&r);
	return r.copies[0].error;
}

/* The string in the arena that an entry means, or NULL */
static const char *entry(const struct seccomp_pin_receive *r, unsigned int arg,
			 unsigned int n)
{
	const struct seccomp_pin_copy *copy = &r->copies[arg];
	uint64_t address;

	assert_true(copy->len / 8 > n);
	memcpy(&address, pin_slot(&f.pin, r) + copy->offset + n * 8, 8);
	if (!address)
		return NULL;
	assert_true(address >= r->slot_address + copy->offset);
	assert_true(address < r->slot_address + copy->offset + copy->len);
	return pin_slot(&f.pin, r) + (address - r->slot_address);
}

/* How many strings there are; all is where it has to be, without a gap. */
static unsigned int check_layout(const struct seccomp_pin_receive *r,
				 unsigned int arg)
{
	const struct seccomp_pin_copy *copy = &r->copies[arg];
	const char *at, *end, *string;
	unsigned int n, count = 0;

	assert_int_equal(copy->error, 0);
	assert_int_equal(copy->kind, SECCOMP_PIN_VECTOR);
	assert_int_equal(copy->offset % 8, 0);
	while (entry(r, arg, count))
		count++;
	at = pin_slot(&f.pin, r) + copy->offset + (count + 1) * 8;
	end = pin_slot(&f.pin, r) + copy->offset + copy->len;
	for (n = 0; n < count; n++) {
		string = entry(r, arg, n);
		assert_ptr_equal(string, at);
		at += strnlen(string, end - string) + 1;
		assert_true(at <= end);
	}
	assert_ptr_equal(at, end);
	return count;
}

static char *put(char *at, const char *string)
{
	strcpy(at, string);
	return at;
}

static void i6_vectors_have_limits(void **state)
{
	char **array = shared->array;
	unsigned int i;

	(void)state;
	array[0] = put(shared->strings, "a");
	array[1] = put(shared->strings + 2, "bc");
	array[2] = NULL;
	assert_int_equal(error_of(array, 29, 2), 0);
	assert_int_equal(error_of(array, 28, 2), -E2BIG);
	assert_int_equal(error_of(array, 29, 1), -E2BIG);
	assert_int_equal(error_of(array, 29, UINT32_MAX), 0);
	/* Not even the array; or nothing but that */
	assert_int_equal(error_of(array, 1, 2), -E2BIG);
	assert_int_equal(error_of(array, 23, 2), -E2BIG);
	assert_int_equal(error_of(array, 24, 2), -E2BIG);
	assert_int_equal(error_of(&array[2], 8, 1), 0);
	assert_int_equal(error_of(&array[2], 7, 1), -E2BIG);

	/* However often they point to the same string */
	memset(shared->strings, 'x', 199);
	for (i = 0; i < 100; i++)
		array[i] = shared->strings;
	array[100] = NULL;
	assert_int_equal(error_of(array, TEST_SLOT, 100), -E2BIG);
	for (i = 0; i < sizeof(shared->array) / 8; i++)
		array[i] = shared->strings + 198;
	assert_int_equal(error_of(array, TEST_SLOT, UINT32_MAX), -E2BIG);
	assert_int_equal(error_of(array, TEST_SLOT, 500), -E2BIG);
}

static void i6_vectors_that_cannot_be_read(void **state)
{
	char **last = &shared->array[sizeof(shared->array) / 8 - 1];
	char *end = (char *)(last + 1);

	(void)state;
	assert_int_equal(error_of((void *)16, PAGE, MOST), -EFAULT);
	assert_int_equal(error_of(shared->hole, PAGE, MOST), -EFAULT);
	assert_int_equal(error_of((void *)(1UL << 63), PAGE, MOST), -EFAULT);
	assert_int_equal(error_of((void *)-8UL, PAGE, MOST), -EFAULT);
	assert_int_equal(error_of((void *)-1UL, PAGE, MOST), -EFAULT);

	/* Without an end before a page that is not there, and with one */
	put(shared->strings, "a");
	last[-1] = shared->strings;
	last[0] = shared->strings;
	assert_int_equal(error_of(last - 1, PAGE, MOST), -EFAULT);
	last[0] = NULL;
	assert_int_equal(error_of(last - 1, PAGE, MOST), 0);
	assert_int_equal(error_of(shared->top, PAGE, MOST), 0);
	assert_int_equal(error_of(shared->top + 2, PAGE, MOST), -EFAULT);
	/* The limit is a limit of what is read, too. */
	last[0] = shared->strings;
	assert_int_equal(error_of(last - 1, PAGE, 1), -E2BIG);
	assert_int_equal(error_of(last - 1, 16, MOST), -E2BIG);

	/* One string of them */
	last[0] = NULL;
	last[-1] = shared->hole;
	assert_int_equal(error_of(last - 1, PAGE, MOST), -EFAULT);
	last[-1] = (char *)(1UL << 63);
	assert_int_equal(error_of(last - 1, PAGE, MOST), -EFAULT);
	memset(end - 3, 'x', 3);
	shared->array[0] = end - 3;
	shared->array[1] = NULL;
	assert_int_equal(error_of(shared->array, PAGE, MOST), -EFAULT);
	end[-1] = '\0';
	assert_int_equal(error_of(shared->array, PAGE, MOST), 0);
}

/* As many and as long as there is room for, however often that has to grow */
static void i1_large_vectors_are_copied(void **state)
{
	static const unsigned int counts[] = { 1, 28, 29, 30, 31, 32, 33, 400 };
	static const unsigned int lengths[] = { 0, 1, 7, 8, 200, 5000 };
	struct seccomp_pin_receive r;
	unsigned int i, n, count;

	(void)state;
	for (i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		count = counts[i];
		for (n = 0; n < count; n++) {
			shared->array[n] = shared->strings + n * 8;
			snprintf(shared->array[n], 8, "%u", n);
		}
		shared->array[count] = NULL;
		make_call(&r, shared->array, TEST_SLOT, count);
		assert_int_equal(check_layout(&r, 0), count);
		for (n = 0; n < count; n++)
			assert_string_equal(entry(&r, 0, n), shared->array[n]);
		end_call(&r);
	}
	for (i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		memset(shared->strings, 'x', sizeof(shared->strings));
		shared->strings[lengths[i]] = '\0';
		shared->array[0] = shared->strings;
		shared->array[1] = put(shared->strings + 3 * PAGE, "last");
		shared->array[2] = NULL;
		make_call(&r, shared->array, TEST_SLOT, 2);
		assert_int_equal(check_layout(&r, 0), 2);
		assert_string_equal(entry(&r, 0, 0), shared->strings);
		assert_string_equal(entry(&r, 0, 1), "last");
		end_call(&r);
	}
}

static void null_stays_null(void **state)
{
	struct seccomp_pin_receive r;

	(void)state;
	make_call(&r, NULL, PAGE, MOST);
	assert_int_equal(r.copies[0].kind, SECCOMP_PIN_NONE);
	assert_int_equal(r.copies[0].error, 0);
	end_call(&r);
}

/* Between a string and a structure; and where those leave too little room */
static void i1_vectors_next_to_other_copies(void **state)
{
	struct seccomp_pin_rule rules[] = {
		{ SYS_getppid, 0, SECCOMP_PIN_STRING, 100, 0 },
		vector_rule(SYS_getppid, 1, TEST_SLOT, MOST),
		{ SYS_getppid, 2, SECCOMP_PIN_BYTES, 16, 16 },
		vector_rule(SYS_getppid, 3, TEST_SLOT, MOST),
		{ SYS_getppid, 4, SECCOMP_PIN_STRING, 100, 0 },
	};
	struct seccomp_pin_receive r;
	unsigned int i;

	(void)state;
	shared->array[0] = put(shared->strings, "first");
	shared->array[1] = put(shared->strings + 10, "second");
	shared->array[2] = NULL;
	shared->args[0] = (uintptr_t)put(shared->strings + 20, "path");
	shared->args[1] = (uintptr_t)shared->array;
	shared->args[2] = (uintptr_t)shared->strings;
	shared->args[3] = (uintptr_t)(shared->array + 1);
	shared->args[4] = shared->args[0];
	set_rules(rules, 5);
	shared->go++;
	pin_receive_call(&f.pin, &r, "getppid");
	assert_string_equal(pin_slot(&f.pin, &r) + r.copies[0].offset, "path");
	assert_int_equal(check_layout(&r, 1), 2);
	assert_string_equal(entry(&r, 1, 0), "first");
	assert_string_equal(entry(&r, 1, 1), "second");
	assert_memory_equal(pin_slot(&f.pin, &r) + r.copies[2].offset,
			    shared->strings, 16);
	assert_int_equal(check_layout(&r, 3), 1);
	assert_string_equal(entry(&r, 3, 0), "second");
	for (i = 1; i < 5; i++)
		assert_true(r.copies[i].offset >= r.copies[i - 1].offset +
						  r.copies[i - 1].len);
	end_call(&r);

	/* One that fails takes no room. */
	shared->array[2] = (char *)16;
	shared->go++;
	pin_receive_call(&f.pin, &r, "getppid");
	assert_int_equal(r.copies[1].error, -EFAULT);
	assert_int_equal(r.copies[3].error, -EFAULT);
	assert_int_equal(r.copies[4].error, 0);
	assert_string_equal(pin_slot(&f.pin, &r) + r.copies[4].offset, "path");
	end_call(&r);

	/* No room for the array, for the strings, and just enough */
	shared->array[2] = NULL;
	rules[0] = (struct seccomp_pin_rule){ SYS_getppid, 0, SECCOMP_PIN_BYTES,
					      TEST_SLOT, 0 };
	shared->args[0] = (uintptr_t)shared->strings;
	for (i = 0; i < 5; i++) {
		static const struct { uint32_t left; int error; } rooms[] = {
			{ 0, -ENOBUFS }, { 16, -ENOBUFS }, { 24, -ENOBUFS },
			{ 32, -ENOBUFS }, { 40, 0 },
		};

		rules[0].len = TEST_SLOT - rooms[i].left;
		set_rules(rules, 2);
		shared->go++;
		pin_receive_call(&f.pin, &r, "getppid");
		assert_int_equal(r.copies[1].error, rooms[i].error);
		end_call(&r);
	}
}

/*
 * Who counts pointers, or bytes, and reads them again afterwards, can be made to
 * find more of them.
 */
static void i1_vectors_are_read_once(void **state)
{
	struct seccomp_pin_receive r;
	unsigned int i = 0, n, count;
	pid_t peer;

	(void)state;
	put(shared->strings, "short");
	memset(shared->strings + PAGE, 'x', 1000);
	for (n = 0; n < MOST + 1; n++)
		shared->array[n] = shared->strings;
	shared->array[n] = NULL;
	peer = fork();
	if (!peer) {
		while (!shared->stop) {
			i = (i * 5 + 3) % 8192;
			n = i / 8 % MOST;
			shared->strings[PAGE + 900] ^= 'x';
			shared->array[n] = i & 1 ? shared->strings : NULL;
			n = i / 3 % MOST;
			shared->array[n] = shared->strings + PAGE * (i & 1);
		}
		_exit(0);
	}
	for (i = 0; i < 2000; i++) {
		make_call(&r, shared->array, 2000, MOST);
		if (r.copies[0].error) {
			assert_int_equal(r.copies[0].error, -E2BIG);
		} else {
			assert_true(r.copies[0].len <= 2000);
			count = check_layout(&r, 0);
			assert_true(count <= MOST);
			for (n = 0; n < count; n++)
				assert_true(!strcmp(entry(&r, 0, n), "short") ||
					    *entry(&r, 0, n) == 'x');
		}
		end_call(&r);
	}
	shared->stop = 1;
	assert_int_equal(await_exit(peer), 0);
}

/* The copies as they are, as an allow */
static struct seccomp_pin_redirect as_copied(const struct seccomp_pin_receive *r)
{
	struct seccomp_pin_redirect redirect = { .id = r->id };
	unsigned int i;

	for (i = 0; i < SECCOMP_PIN_ARGS; i++) {
		if (!r->copies[i].kind)
			continue;
		assert_int_equal(r->copies[i].error, 0);
		redirect.args_mask |= 1 << i;
		redirect.args[i] = r->slot_offset + r->copies[i].offset;
		redirect.ptr_len[i] = r->copies[i].len;
	}
	redirect.ptr_mask = redirect.args_mask;
	redirect.arena_mask = redirect.args_mask;
	return redirect;
}

static int setup_verdicts(void **state)
{
	(void)state;
	return setup_with(64);
}

/* A remembered one is for the same strings, not for the same pointers. */
static void i1_vectors_and_verdicts(void **state)
{
	struct seccomp_pin_redirect redirect;
	struct seccomp_pin_receive r;
	uint64_t hits;

	(void)state;
	shared->array[0] = put(shared->strings, "first");
	shared->array[1] = put(shared->strings + 10, "second");
	shared->array[2] = NULL;
	make_call(&r, shared->array, PAGE, MOST);
	redirect = as_copied(&r);
	redirect.flags = SECCOMP_PIN_REMEMBER;
	assert_int_equal(pin_redirect(&f.pin, &redirect), 0);
	await_word(&shared->made, shared->go);
	hits = pin_query(&f.pin).hits;

	shared->array[0] = put(shared->strings + 20, "first");
	shared->go++;
	await_word(&shared->made, shared->go);
	assert_int_equal(pin_query(&f.pin).hits, hits + 1);

	shared->array[1] = shared->strings + 11;
	shared->go++;
	pin_receive_call(&f.pin, &r, "getppid");
	assert_string_equal(entry(&r, 0, 1), "econd");
	end_call(&r);
	assert_int_equal(pin_query(&f.pin).hits, hits + 1);
}

/*
 * A program that shows what it was given
 */
#define SHOW_FD	9

static int show(char **argv, char **envp)
{
	for (; *argv; argv++)
		dprintf(SHOW_FD, "%s\n", *argv);
	dprintf(SHOW_FD, "--\n");
	for (; *envp; envp++)
		dprintf(SHOW_FD, "%s\n", *envp);
	return 0;
}

static int show_pipe;

/* Unmaps what the program is told from there, when it is told to. */
static void *unmap_strings(void *arg)
{
	(void)arg;
	while (!shared->stop)
		sched_yield();
	munmap(shared->strings, sizeof(shared->strings));
	shared->made = 1;
	return NULL;
}

static int run_execve(void *arg)
{
	pthread_t thread;

	(void)arg;
	if (pthread_create(&thread, NULL, unmap_strings, NULL))
		return 1;
	await_word(&shared->go, 1);
	syscall(SYS_execve, "/proc/self/exe", shared->args[1], shared->args[2]);
	return errno;
}

#define ARGV	(shared->array)
#define ENVP	(shared->array + 8)

static void start_execve(void)
{
	int pipes[2];

	shared = shared_memory(sizeof(*shared));
	ARGV[0] = put(shared->strings, "show");
	ARGV[1] = put(shared->strings + 10, "--good");
	ARGV[2] = put(shared->strings + 20, "");
	ARGV[3] = put(shared->strings + 30, "argument");
	ENVP[0] = put(shared->strings + 40, "A=good");
	ENVP[1] = put(shared->strings + 50, "B=");
	shared->args[1] = (uintptr_t)ARGV;
	shared->args[2] = (uintptr_t)ENVP;
	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	assert_int_equal(dup2(pipes[1], SHOW_FD), SHOW_FD);
	close(pipes[1]);
	show_pipe = pipes[0];
	assert_int_equal(target_start(&f.target, NULL, trap_execve, run_execve,
				      NULL), 0);
	close(SHOW_FD);
}

/* As a peer thread would: the strings, and where the pointers point to */
static void rewrite(void)
{
	put(shared->strings + 10, "--evil");
	put(shared->strings + 40, "A=evil");
	ARGV[3] = put(shared->strings + 60, "planted");
	ENVP[1] = shared->strings + 60;
}

#define SHOWN_GOOD	"show\n--good\n\nargument\n--\nA=good\nB=\n"
#define SHOWN_EVIL	"show\n--evil\n\nplanted\n--\nA=evil\nplanted\n"

/* What the program showed; it has ended, without an error. */
static void assert_shown(const char *expected)
{
	char text[256];
	size_t n = 0;
	ssize_t got;

	do {
		got = read(show_pipe, text + n, sizeof(text) - 1 - n);
		assert_true(got >= 0);
		n += got;
	} while (got);
	text[n] = '\0';
	assert_string_equal(text, expected);
	close(show_pipe);
	assert_int_equal(await_exit(f.target.pid), 0);
}

static void receive_execve(struct seccomp_pin_receive *r)
{
	const struct seccomp_pin_rule rules[] = {
		{ SYS_execve, 0, SECCOMP_PIN_STRING, PAGE, 0 },
		vector_rule(SYS_execve, 1, 2000, MOST),
		vector_rule(SYS_execve, 2, 2000, MOST),
	};

	start_execve();
	pin_open(&f.pin, f.target.listener);
	set_rules(rules, 3);
	shared->go = 1;
	pin_receive_call(&f.pin, r, "execve");
}

static void end_execve(void)
{
	assert_int_equal(pin_query(&f.pin).calls, 0);
	pin_close(&f.pin);
	close(f.target.listener);
	munmap(shared, sizeof(*shared));
}

static void i1_execve_runs_on_pinned_vectors(void **state)
{
	struct seccomp_pin_redirect redirect;
	struct seccomp_pin_receive r;

	(void)state;
	receive_execve(&r);
	assert_int_equal(check_layout(&r, 1), 4);
	assert_int_equal(check_layout(&r, 2), 2);
	assert_string_equal(entry(&r, 1, 1), "--good");
	assert_string_equal(entry(&r, 2, 0), "A=good");
	rewrite();
	assert_string_equal(entry(&r, 1, 1), "--good");
	redirect = as_copied(&r);
	assert_int_equal(pin_redirect(&f.pin, &redirect), 0);
	assert_shown(SHOWN_GOOD);
	end_execve();

	/* What that is worth: where it continues, it runs on something else. */
	receive_execve(&r);
	assert_string_equal(entry(&r, 1, 1), "--good");
	rewrite();
	assert_int_equal(pin_continue(&f.pin, r.id), 0);
	assert_shown(SHOWN_EVIL);
	end_execve();
}

/* What they were copied from need not be there any more. */
static void i1_execve_when_its_strings_are_unmapped(void **state)
{
	struct seccomp_pin_redirect redirect;
	struct seccomp_pin_receive r;

	(void)state;
	receive_execve(&r);
	shared->stop = 1;
	await_word(&shared->made, 1);
	redirect = as_copied(&r);
	assert_int_equal(pin_redirect(&f.pin, &redirect), 0);
	assert_shown(SHOWN_GOOD);
	end_execve();
}

/*
 * Through the library
 */
static struct pinredir *ctx;

static struct pinredir_call *receive_by_library(uint32_t len)
{
	const struct seccomp_pin_rule rules[] = {
		{ SYS_execve, 0, PINREDIR_STRING, PAGE, 0 },
		{ SYS_execve, 1, PINREDIR_VECTOR, 2000, len },
		{ SYS_execve, 2, PINREDIR_VECTOR, 2000, len },
	};
	struct pollfd pollfd = { .events = POLLIN };
	struct pinredir_call *call;

	assert_int_equal(pinredir_open(&ctx, f.target.listener, NULL), 0);
	assert_int_equal(pinredir_set_rules(ctx, rules, 3, sizeof(*rules)), 0);
	shared->go = 1;
	pollfd.fd = pinredir_poll_fd(ctx);
	assert_int_equal(poll(&pollfd, 1, TIME_LIMIT_MS), 1);
	assert_int_equal(pinredir_receive(ctx, &call, 0), 0);
	assert_int_equal(pinredir_nr(call), SYS_execve);
	return call;
}

static void end_by_library(struct pinredir_call *call)
{
	pinredir_release(call);
	pinredir_close(ctx);
	close(f.target.listener);
	munmap(shared, sizeof(*shared));
}

static void i1_vectors_through_the_library(void **state)
{
	struct pinredir_call *call;
	const char *string;
	size_t count;

	(void)state;
	start_execve();
	call = receive_by_library(MOST);
	rewrite();
	assert_int_equal(pinredir_get_vector(call, 1, &count), 0);
	assert_int_equal(count, 4);
	assert_string_equal(pinredir_vector_string(call, 1, 0), "show");
	assert_string_equal(pinredir_vector_string(call, 1, 1), "--good");
	assert_string_equal(pinredir_vector_string(call, 1, 2), "");
	assert_string_equal(pinredir_vector_string(call, 1, 3), "argument");
	assert_null(pinredir_vector_string(call, 1, 4));
	assert_int_equal(pinredir_get_string(call, 1, &string), -EINVAL);
	assert_int_equal(pinredir_get_vector(call, 1, &count), 0);
	/* The other one is pinned unseen. */
	assert_null(pinredir_vector_string(call, 2, 0));
	assert_int_equal(pinredir_allow(call), 0);
	assert_null(pinredir_vector_string(call, 1, 0));
	assert_int_equal(pinredir_get_vector(call, 1, &count), -EINPROGRESS);
	assert_shown(SHOWN_GOOD);
	end_by_library(call);

	/* NULL is nothing, too many are an error, looked at or not. */
	start_execve();
	shared->args[2] = 0;
	call = receive_by_library(3);
	assert_int_equal(pinredir_get_vector(call, 2, &count), 0);
	assert_int_equal(count, 0);
	assert_int_equal(pinredir_allow(call), -E2BIG);
	assert_int_equal(pinredir_get_vector(call, 1, &count), -E2BIG);
	assert_int_equal(pinredir_deny(call, E2BIG), 0);
	assert_int_equal(WEXITSTATUS(await_exit(f.target.pid)), E2BIG);
	close(show_pipe);
	end_by_library(call);
}

#define CALLS(test)							\
	cmocka_unit_test_setup_teardown(test, setup_calls, teardown_calls)

int main(int argc, char **argv, char **envp)
{
	const struct CMUnitTest tests[] = {
		CALLS(i6_vectors_have_limits),
		CALLS(i6_vectors_that_cannot_be_read),
		CALLS(i1_large_vectors_are_copied),
		CALLS(null_stays_null),
		CALLS(i1_vectors_next_to_other_copies),
		CALLS(i1_vectors_are_read_once),
		cmocka_unit_test_setup_teardown(i1_vectors_and_verdicts,
						setup_verdicts, teardown_calls),
		cmocka_unit_test(i1_execve_runs_on_pinned_vectors),
		cmocka_unit_test(i1_execve_when_its_strings_are_unmapped),
		cmocka_unit_test(i1_vectors_through_the_library),
	};

	if (argc && !strcmp(argv[0], "show"))
		return show(argv, envp);
	return run_group(tests);
}
