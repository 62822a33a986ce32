// SPDX-License-Identifier: GPL-2.0-only
/* I2, I8: which task sees which window, and which bytes. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pin.h"

#define THREADS	16
#define ROUNDS	50

static const char *const trap_openat[] = { "openat", NULL };

/* The pin's address, told by the supervisor, and what was found there */
struct seen {
	volatile int ready;
	volatile int done;
	uint64_t address;
	uint64_t length;
	int readable;
	int found;
};

static struct seen *seen;

/* Can this process read there? As the kernel says. */
static bool readable(uint64_t address)
{
	int pipes[2];
	ssize_t n;

	if (pipe(pipes))
		_exit(90);
	n = write(pipes[1], (void *)(uintptr_t)address, 1);
	close(pipes[0]);
	close(pipes[1]);
	return n == 1;
}

static int run_fork(void *arg)
{
	int fd, status;
	pid_t child;

	(void)arg;
	fd = syscall(SYS_openat, AT_FDCWD, "/asked/by/parent", O_RDONLY);
	if (fd < 0)
		return 1;
	await_word(&seen->ready, 1);
	child = fork();
	if (!child) {
		seen->readable = readable(seen->address);
		/* It gets a window of its own, for its own calls. */
		fd = syscall(SYS_openat, AT_FDCWD, "/asked/by/child", O_RDONLY);
		_exit(fd < 0);
	}
	if (waitpid(child, &status, 0) != child || status)
		return 2;
	return readable(seen->address) ? 0 : 3;
}

static void i8_child_does_not_see_its_parents_window(void **state)
{
	struct seccomp_pin_receive r, child;
	struct target target;
	struct pin pin;

	(void)state;
	seen = shared_memory(4096);
	assert_int_equal(target_start(&target, NULL, trap_openat, run_fork,
				      NULL), 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &r, "openat");
	assert_int_equal(pin_allow_string(&pin, &r, 1, "/dev/null"), 0);
	seen->address = r.slot_address;
	seen->readable = -1;
	seen->ready = 1;

	pin_receive_call(&pin, &child, "openat");
	assert_int_equal(seen->readable, 0);
	assert_int_not_equal(child.slot_offset, r.slot_offset);
	/* What belongs to its parent is no place for the child's arguments. */
	r.id = child.id;
	assert_int_equal(pin_allow_string(&pin, &r, 1, "/dev/null"), -EFAULT);
	assert_int_equal(pin_allow_string(&pin, &child, 1, "/dev/null"), 0);
	assert_int_equal(target_wait(&target), 0);
	pin_close(&pin);
}

/* vfork() and CLONE_VM without CLONE_THREAD share the mm, and its windows. */
static int run_vfork(void *arg)
{
	int status;
	pid_t child;

	(void)arg;
	child = vfork();
	if (!child) {
		int fd = syscall(SYS_openat, AT_FDCWD, "/asked", O_RDONLY);

		_exit(fd < 0);
	}
	if (waitpid(child, &status, 0) != child || status)
		return 1;
	return syscall(SYS_openat, AT_FDCWD, "/asked", O_RDONLY) < 0;
}

static void i2_vfork_shares_windows(void **state)
{
	struct seccomp_pin_receive child, parent;
	struct target target;
	struct pin pin;

	(void)state;
	assert_int_equal(target_start(&target, NULL, trap_openat, run_vfork,
				      NULL), 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &child, "openat");
	assert_int_equal(pin_query(&pin).targets, 1);
	assert_int_equal(pin_allow_string(&pin, &child, 1, "/dev/null"), 0);
	pin_receive_call(&pin, &parent, "openat");
	assert_int_not_equal(parent.thread, child.thread);
	assert_int_equal(parent.slot_address, child.slot_address);
	assert_int_equal(pin_query(&pin).targets, 1);
	assert_int_equal(pin_allow_string(&pin, &parent, 1, "/dev/null"), 0);
	assert_int_equal(target_wait(&target), 0);
	pin_close(&pin);
}

/* Sixteen threads at a time, each on its own bytes: /proc/self/fd/N */
static void *thread_calls(void *arg)
{
	int number = (intptr_t)arg, i;
	char path[64], link[64];

	for (i = 0; i < ROUNDS; i++) {
		char buf[16] = "";
		int fd;

		snprintf(path, sizeof(path), "/tmp/thread-%d", number);
		snprintf(link, sizeof(link), "%d\n", number);
		fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY);
		if (fd < 0 || read(fd, buf, sizeof(buf) - 1) <= 0 ||
		    strcmp(buf, link))
			return (void *)1;
		close(fd);
	}
	return NULL;
}

static int run_threads(void *arg)
{
	pthread_t threads[THREADS];
	void *ret;
	int i, failed = 0;

	(void)arg;
	/* Only calls that trap after there is a rule are copied by it. */
	await_word(&seen->ready, 1);
	for (i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, thread_calls,
				   (void *)(intptr_t)i))
			return 90;
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &ret);
		failed += !!ret;
	}
	return failed;
}

static void i1_threads_each_on_their_own_bytes(void **state)
{
	struct seccomp_pin_receive r[THREADS];
	struct target target;
	struct pin pin;
	char path[64];
	int i, j, got;

	(void)state;
	seen = shared_memory(4096);
	for (i = 0; i < THREADS; i++) {
		FILE *file;

		snprintf(path, sizeof(path), "/tmp/thread-%d", i);
		file = fopen(path, "w");
		assert_non_null(file);
		fprintf(file, "%d\n", i);
		fclose(file);
	}
	assert_int_equal(target_start(&target, NULL, trap_openat, run_threads,
				      NULL), 0);
	pin_open(&pin, target.listener);
	pin_rule_string(&pin, "openat", 1);
	seen->ready = 1;
	/* All sixteen wait at once in each round: nobody goes ahead. */
	for (got = 0; got < THREADS * ROUNDS; got += THREADS) {
		for (i = 0; i < THREADS; i++) {
			pin_receive_call(&pin, &r[i], "openat");
			for (j = 0; j < i; j++) {
				assert_int_not_equal(r[i].slot_offset,
						     r[j].slot_offset);
				assert_int_not_equal(r[i].thread, r[j].thread);
			}
		}
		for (i = 0; i < THREADS; i++) {
			struct seccomp_pin_redirect redirect = {
				.id = r[i].id,
				.args_mask = 2,
				.ptr_mask = 2,
				.arena_mask = 2,
				.str_mask = 2,
			};

			assert_int_equal(r[i].copies[1].error, 0);
			redirect.args[1] = r[i].slot_offset +
					   r[i].copies[1].offset;
			redirect.ptr_len[1] = r[i].copies[1].len;
			assert_int_equal(pin_redirect(&pin, &redirect), 0);
		}
	}
	assert_int_equal(target_wait(&target), 0);
	assert_int_equal(pin_query(&pin).slots, 0);
	pin_close(&pin);
}

/* Bytes that one target passes, and another looks for in its whole pin */
#define SECRET	"/of-the-first-target-only"

static int run_secret(void *arg)
{
	unsigned int i;

	(void)arg;
	/* The second one asks for nothing of that kind, and then looks. */
	if (!fork()) {
		int fd = syscall(SYS_openat, AT_FDCWD, "/x", O_RDONLY);

		if (fd >= 0)
			_exit(90);
		await_word(&seen->ready, 1);
		seen->found = !!memmem((void *)(uintptr_t)seen->address,
				       seen->length, SECRET, strlen(SECRET));
		seen->done = 1;
		_exit(0);
	}
	for (i = 0; i < 32; i++)
		if (!fork()) {
			syscall(SYS_openat, AT_FDCWD, SECRET, O_RDONLY);
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	return 0;
}

static void i8_no_byte_of_another_target(void **state)
{
	struct seccomp_pin_receive r, looking = { 0 };
	struct target target;
	struct pin pin;
	unsigned int i;

	(void)state;
	seen = shared_memory(4096);
	assert_int_equal(target_start(&target, NULL, trap_openat, run_secret,
				      NULL), 0);
	pin_open(&pin, target.listener);
	pin_rule_string(&pin, "openat", 1);
	/* 32 with the secret and one without, in any order */
	for (i = 0; i < 33; i++) {
		char *path;

		pin_receive_call(&pin, &r, "openat");
		if (!r.copies[1].kind) {
			struct seccomp_pin_fetch fetch = {
				.id = r.id,
				.address = r.data.args[1],
				.kind = SECCOMP_PIN_STRING,
				.len = 4096,
			};

			assert_int_equal(pin_fetch(&pin, &fetch), 0);
		}
		path = pin_slot(&pin, &r) + r.copies[1].offset;
		if (!strcmp(path, "/x")) {
			looking = r;
		} else {
			assert_string_equal(path, SECRET);
			/* In a page that the module has not written to, as well */
			strcpy(pin_slot(&pin, &r) + 4096, SECRET);
		}
		assert_int_equal(pin_deny(&pin, r.id, EACCES), 0);
	}
	assert_int_not_equal(looking.slot_address, 0);
	/* The arena has it, in the parts of the others. */
	assert_non_null(memmem(pin.arena, 64 * TEST_WINDOW, SECRET,
			       strlen(SECRET)));
	seen->found = -1;
	seen->address = looking.slot_address & ~(uint64_t)(4096 - 1);
	seen->length = TEST_WINDOW - (seen->address - looking.slot_address);
	seen->ready = 1;
	assert_int_equal(target_wait(&target), 0);
	assert_int_equal(seen->done, 1);
	assert_int_equal(seen->found, 0);

	/* What the dead have left is emptied, before another can have it. */
	assert_int_equal(pin_query(&pin).windows, 0);
	assert_null(memmem(pin.arena, 64 * TEST_WINDOW, SECRET,
			   strlen(SECRET)));
	pin_close(&pin);
}

/* Keeps a page of its pin in a pipe, which outlives it. */
static int run_splice(void *arg)
{
	int *pipes = arg;
	struct iovec iov = { .iov_len = 4096 };

	syscall(SYS_openat, AT_FDCWD, "/asked", O_RDONLY);
	await_word(&seen->ready, 1);
	iov.iov_base = (void *)(uintptr_t)seen->address;
	return vmsplice(pipes[1], &iov, 1, 0) != 4096;
}

/*
 * A huge page of which the window is a part cannot be split, and so not be
 * punched out, while somebody has a reference to it. Then the window changes
 * hands to nobody.
 */
static void i8_pages_that_cannot_be_emptied(void **state)
{
	const char *shmem = "/sys/kernel/mm/transparent_hugepage/shmem_enabled";
	struct seccomp_pin_fetch fetch = {
		.kind = SECCOMP_PIN_STRING,
		.len = 4096,
		.timeout = TIME_LIMIT_MS,
	};
	struct seccomp_pin_receive r, next;
	struct target target, second;
	struct pin pin, other;
	char page[4096];
	int pipes[2];

	(void)state;
	seen = shared_memory(4096);
	assert_int_equal(write_file(shmem, "always"), 0);
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(target_start(&target, NULL, trap_openat, run_splice,
				      pipes), 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &r, "openat");
	/* The supervisor's mapping is large enough for one. */
	strcpy(pin_slot(&pin, &r), SECRET);
	seen->address = r.slot_address;
	assert_int_equal(pin_deny(&pin, r.id, EPERM), 0);
	seen->ready = 1;
	assert_int_equal(waitpid(target.pid, NULL, 0), target.pid);
	assert_int_equal(write_file(shmem, "never"), 0);

	assert_int_equal(pin_query(&pin).windows, 1);
	assert_int_equal(pin_query(&pin).targets, 1);
	assert_int_equal(read(pipes[0], page, sizeof(page)), sizeof(page));
	/* The kernel itself can hold on to a page for a moment. */
	AWAIT(pin_query(&pin).windows == 0);
	assert_int_equal(pin_query(&pin).targets, 0);
	assert_int_equal(pin_slot(&pin, &r)[0], 0);
	close(target.listener);
	pin_close(&pin);

	/* With pages of the ordinary size, what is in a pipe is nobody's. */
	seen->ready = 0;
	assert_int_equal(target_start(&second, NULL, trap_openat, run_splice,
				      pipes), 0);
	pin_open(&other, second.listener);
	pin_receive_call(&other, &next, "openat");
	/* The module keeps the page that it writes to, and could wipe it later. */
	fetch.id = next.id;
	fetch.address = next.data.args[1];
	assert_int_equal(pin_fetch(&other, &fetch), 0);
	assert_string_equal(pin_slot(&other, &next), "/asked");
	strcpy(pin_slot(&other, &next), SECRET);
	seen->address = next.slot_address;
	assert_int_equal(pin_deny(&other, next.id, EPERM), 0);
	seen->ready = 1;
	assert_int_equal(waitpid(second.pid, NULL, 0), second.pid);
	assert_int_equal(pin_query(&other).windows, 0);
	strcpy(pin_slot(&other, &next), "of the next target");
	assert_int_equal(read(pipes[0], page, sizeof(page)), sizeof(page));
	assert_string_equal(page, SECRET);
	close(second.listener);
	pin_close(&other);
	close(pipes[0]);
	close(pipes[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(i8_child_does_not_see_its_parents_window),
		cmocka_unit_test(i2_vfork_shares_windows),
		cmocka_unit_test(i1_threads_each_on_their_own_bytes),
		cmocka_unit_test(i8_no_byte_of_another_target),
		cmocka_unit_test(i8_pages_that_cannot_be_emptied),
	};

	return run_group(tests);
}
