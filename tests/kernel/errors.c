// SPDX-License-Identifier: GPL-2.0-only
/* Every error of the device that user space can provoke, and what is left. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/memfd.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pin.h"

/* The ABI is what it was: sizes, and the last members' places. */
_Static_assert(sizeof(struct seccomp_pin_query) == 48, "ABI");
_Static_assert(sizeof(struct seccomp_pin_attach) == 32, "ABI");
_Static_assert(sizeof(struct seccomp_pin_rule) == 16, "ABI");
_Static_assert(sizeof(struct seccomp_pin_rules) == 16, "ABI");
_Static_assert(sizeof(struct seccomp_pin_receive) == 208, "ABI");
_Static_assert(sizeof(struct seccomp_pin_fetch) == 32, "ABI");
_Static_assert(sizeof(struct seccomp_pin_release) == 16, "ABI");
_Static_assert(sizeof(struct seccomp_pin_install) == 40, "ABI");
_Static_assert(sizeof(struct seccomp_pin_redirect) == 128, "ABI");
_Static_assert(sizeof(struct seccomp_pin_completion) == 40, "ABI");
_Static_assert(sizeof(struct seccomp_pin_next) == 232, "ABI");
_Static_assert(sizeof(struct seccomp_pin_drop) == 16, "ABI");
_Static_assert(sizeof(struct seccomp_pin_alloc) == 40, "ABI");
_Static_assert(offsetof(struct seccomp_pin_receive, copies) == 112, "ABI");
_Static_assert(offsetof(struct seccomp_pin_redirect, args) == SECCOMP_PIN_SHORT, "ABI");
_Static_assert(offsetof(struct seccomp_pin_redirect, ptr_len) == 64, "ABI");
_Static_assert(offsetof(struct seccomp_pin_redirect, any_mask) == 124, "ABI");

static const char *const traps[] = { "openat", "lseek", "getppid", NULL };

/* One target that waits in openat, received, through a context */
struct fixture {
	struct target target;
	struct pin pin;
	struct seccomp_pin_receive r;
};

static struct fixture f;

static int run_openat(void *arg)
{
	(void)arg;
	return syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY) < 0;
}

static int setup_received(void **state)
{
	(void)state;
	if (target_start(&f.target, NULL, traps, run_openat, NULL))
		return -1;
	pin_open(&f.pin, f.target.listener);
	pin_receive_call(&f.pin, &f.r, "openat");
	return 0;
}

/* Whatever was refused: the call still waits, and runs when it is let. */
static int teardown_pending(void **state)
{
	int ret;

	(void)state;
	if (!pin_pending(&f.pin, f.r.id) || pin_allow(&f.pin, f.r.id))
		return -1;
	ret = target_wait(&f.target);
	if (pin_query(&f.pin).calls || pin_query(&f.pin).slots)
		return -1;
	pin_close(&f.pin);
	return ret;
}

#define RECEIVED(test)							\
	cmocka_unit_test_setup_teardown(test, setup_received, teardown_pending)

/*
 * A child that was forked before MADV_DONTFORK can write to the arena for ever.
 * It does; but who asks for it is told.
 */
static void i1_attach_to_an_arena_of_one_writer(void **state)
{
	struct seccomp_pin_attach attach = pin_attach_default();
	volatile int *go = shared_memory(4096);
	volatile unsigned char *map;
	struct target target;
	pid_t child;
	int fd;

	(void)state;
	assert_int_equal(target_start(&target, NULL, traps, run_openat, NULL),
			 0);
	fd = pin_device();
	attach.listener = target.listener;
	attach.arena = memfd_create("arena", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_int_equal(ftruncate(attach.arena, TEST_ARENA), 0);
	map = mmap(NULL, TEST_ARENA, PROT_READ | PROT_WRITE, MAP_SHARED,
		   attach.arena, 0);
	assert_true(map != MAP_FAILED);
	child = fork();
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (!*go)
			sched_yield();
		*map = 'x';
		_exit(0);
	}
	assert_int_equal(madvise((void *)map, TEST_ARENA, MADV_DONTFORK), 0);
	assert_int_equal(fcntl(attach.arena, F_ADD_SEALS, ARENA_SEALS), 0);

	attach.flags = SECCOMP_PIN_ATTACH_SOLE;
	assert_int_equal(pin_ioctl(fd, SECCOMP_PIN_ATTACH, &attach), -EAGAIN);
	*go = 1;
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(*map, 'x');
	assert_int_equal(pin_ioctl(fd, SECCOMP_PIN_ATTACH, &attach), 0);
	close(attach.arena);
	close(fd);
	munmap((void *)map, TEST_ARENA);
	/* Its listener is closed: ENOSYS. */
	assert_int_equal(target_wait(&target), 1);
}

/* Attach: a target, a device and an arena, and one thing wrong with it */
static int attach_with(struct seccomp_pin_attach attach, int fd)
{
	return pin_ioctl(fd, SECCOMP_PIN_ATTACH, &attach);
}

static void attach_is_checked(void **state)
{
	struct seccomp_pin_attach good = pin_attach_default(), bad;
	unsigned char *map;
	struct target target;
	int fd, other, i;

	(void)state;
	assert_int_equal(target_start(&target, NULL, traps, run_openat, NULL),
			 0);
	/* Not before: the target would have it open, too. */
	fd = pin_device();
	good.listener = target.listener;
	good.arena = pin_memfd(TEST_ARENA, ARENA_SEALS, &map);

#define ATTACH_FAILS(change, error) do {				\
	bad = good;							\
	change;								\
	assert_int_equal(attach_with(bad, fd), -(error));		\
} while (0)
	ATTACH_FAILS(bad.verdicts = SECCOMP_PIN_MAX_VERDICTS + 1, EINVAL);
	ATTACH_FAILS(bad.flags = 1U << 31, EINVAL);
	ATTACH_FAILS(bad.slot_size = 0, EINVAL);
	ATTACH_FAILS(bad.slot_size = 4097, EINVAL);
	ATTACH_FAILS(bad.slot_size = 2U << 20, EINVAL);
	ATTACH_FAILS(bad.slot_size = UINT_MAX & ~4095U, EINVAL);
	ATTACH_FAILS(bad.window_size = 0, EINVAL);
	ATTACH_FAILS(bad.window_size = TEST_SLOT + 4096, EINVAL);
	ATTACH_FAILS(bad.window_size = 65 * TEST_SLOT, EINVAL);
	ATTACH_FAILS(bad.windows_per_mm = 0, EINVAL);
	ATTACH_FAILS(bad.completions = SECCOMP_PIN_MAX_QUEUE + 1, EINVAL);
	ATTACH_FAILS(bad.listener = -1, EBADF);
	ATTACH_FAILS(bad.listener = 1000, EBADF);
	ATTACH_FAILS(bad.listener = good.arena, EINVAL);
	ATTACH_FAILS(bad.listener = fd, EINVAL);
	ATTACH_FAILS(bad.arena = -1, EBADF);
	ATTACH_FAILS(bad.arena = target.listener, EINVAL);
	ATTACH_FAILS(bad.arena = fd, EINVAL);

	/* Arenas of every wrong kind */
	static const unsigned int lacking[] = {
		F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_FUTURE_WRITE, F_SEAL_SEAL,
	};
	for (i = 0; i < 4; i++) {
		other = pin_memfd(TEST_ARENA, ARENA_SEALS & ~lacking[i], NULL);
		ATTACH_FAILS(bad.arena = other, EPERM);
		close(other);
	}
	other = memfd_create("unsealable", MFD_CLOEXEC);
	assert_int_equal(ftruncate(other, TEST_ARENA), 0);
	ATTACH_FAILS(bad.arena = other, EPERM);
	close(other);
	other = pin_memfd(TEST_WINDOW - 4096, ARENA_SEALS, NULL);
	ATTACH_FAILS(bad.arena = other, EINVAL);
	close(other);
	other = pin_memfd((SECCOMP_PIN_MAX_WINDOWS + 1ULL) * TEST_WINDOW,
			  ARENA_SEALS, NULL);
	ATTACH_FAILS(bad.arena = other, EINVAL);
	close(other);
	other = memfd_create("huge", MFD_CLOEXEC | MFD_ALLOW_SEALING |
			     MFD_HUGETLB | MFD_HUGE_2MB);
	assert_true(other >= 0);
	assert_int_equal(fcntl(other, F_ADD_SEALS, ARENA_SEALS), 0);
	ATTACH_FAILS(bad.arena = other, EINVAL);
	close(other);
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", good.arena);
	other = open(path, O_RDONLY);
	assert_true(other >= 0);
	ATTACH_FAILS(bad.arena = other, EACCES);
	close(other);
	other = open("/tmp/plain", O_RDWR | O_CREAT, 0600);
	assert_int_equal(ftruncate(other, TEST_ARENA), 0);
	ATTACH_FAILS(bad.arena = other, EPERM);	/* tmpfs: shmem, unsealed */
	close(other);
	other = open("/bin/true", O_RDONLY);
	ATTACH_FAILS(bad.arena = other, EINVAL);
	close(other);
	other = open("/dev/zero", O_RDWR);
	ATTACH_FAILS(bad.arena = other, EINVAL);
	close(other);
	int pipes[2];

	assert_int_equal(pipe(pipes), 0);
	ATTACH_FAILS(bad.arena = pipes[1], EINVAL);
	close(pipes[0]);
	close(pipes[1]);

	/* All those changed nothing. */
	assert_int_equal(attach_with(good, fd), 0);
	/* The context has its listener, the listener its context. */
	assert_int_equal(attach_with(good, fd), -EBUSY);
	other = pin_device();
	bad = good;
	bad.arena = pin_memfd(TEST_ARENA, ARENA_SEALS, NULL);
	assert_int_equal(attach_with(bad, other), -EBUSY);

	/* An arena serves one context in its life, a listener one at a time. */
	close(fd);
	assert_int_equal(attach_with(good, other), -EBUSY);
	assert_int_equal(attach_with(bad, other), 0);
	close(other);
	close(bad.arena);
	close(good.arena);
	munmap(map, TEST_ARENA);
	/* Its listener is closed: ENOSYS. */
	assert_int_equal(target_wait(&target), 1);
}

static void nothing_before_attach(void **state)
{
	union {
		struct seccomp_pin_rules rules;
		struct seccomp_pin_receive receive;
		struct seccomp_pin_redirect redirect;
		struct seccomp_pin_release release;
	} u;
	struct seccomp_pin_fetch fetch = { .kind = SECCOMP_PIN_BYTES,
		.len = 1, .timeout = 1 };
	struct seccomp_pin_install install = { .length = 4096, .timeout = 1 };
	struct seccomp_pin_alloc alloc = { .size = 1, .timeout = 1 };
	struct seccomp_pin_completion completion;
	struct seccomp_pin_query query;
	int fd = pin_device();

	(void)state;
	memset(&u, 0, sizeof(u));
	assert_int_equal(pin_ioctl(fd, SECCOMP_PIN_RULES, &u), -ENOTCONN);
	u.receive.flags = SECCOMP_PIN_NONBLOCK;
	assert_int_equal(pin_ioctl(fd, SECCOMP_PIN_RECEIVE, &u), -ENOTCONN);
	memset(&u, 0, sizeof(u));
	assert_int_equal(pin_ioctl(fd, SECCOMP_PIN_REDIRECT, &u), -ENOTCONN);
	assert_int_equal(pin_ioctl(fd, SECCOMP_PIN_RELEASE, &u), -ENOTCONN);
	assert_int_equal(pin_ioctl(fd, SECCOMP_PIN_FETCH, &fetch), -ENOTCONN);
	assert_int_equal(pin_ioctl(fd, SECCOMP_PIN_INSTALL, &install),
			 -ENOTCONN);
	assert_int_equal(pin_ioctl(fd, SECCOMP_PIN_ALLOC, &alloc), -ENOTCONN);
	assert_int_equal(read(fd, &completion, sizeof(completion)), -1);
	assert_int_equal(errno, ENOTCONN);
	assert_int_equal(pin_ioctl(fd, SECCOMP_PIN_QUERY, &query), 0);
	assert_int_equal(query.abi_version, SECCOMP_PIN_ABI_VERSION);
	assert_int_equal(query.redirect_check, 1);
	assert_int_equal(query.targets, 0);
	close(fd);
}

/* Numbers that are none of ours, and sizes of older and newer programs */
static void structs_can_grow(void **state)
{
	struct {
		struct seccomp_pin_redirect r;
		uint64_t more[4];
	} longer;
	const unsigned int dir = _IOC_WRITE, nr = _IOC_NR(SECCOMP_PIN_REDIRECT);

	(void)state;
	memset(&longer, 0, sizeof(longer));
	longer.r.id = f.r.id;
	longer.more[3] = 1;
	assert_int_equal(pin_ioctl(f.pin.fd, _IOC(dir, SECCOMP_PIN_IOC, nr,
						  sizeof(longer)), &longer),
			 -E2BIG);
	assert_int_equal(pin_ioctl(f.pin.fd, _IOC(dir, SECCOMP_PIN_IOC, nr,
						  sizeof(longer.r) - 8),
				   &longer), -EINVAL);
	assert_int_equal(pin_ioctl(f.pin.fd, _IOC(dir, SECCOMP_PIN_IOC, nr, 0),
				   &longer), -EINVAL);
	assert_int_equal(pin_ioctl(f.pin.fd, _IOC(dir, SECCOMP_PIN_IOC, 99,
						  sizeof(longer)), &longer),
			 -ENOTTY);
	assert_int_equal(pin_ioctl(f.pin.fd, _IOC(dir, 'x', nr,
						  sizeof(longer)), &longer),
			 -ENOTTY);
	assert_int_equal(pin_ioctl(f.pin.fd, _IOC(_IOC_READ, SECCOMP_PIN_IOC,
						  nr, sizeof(longer)),
				   &longer), -ENOTTY);
	assert_int_equal(pin_ioctl(f.pin.fd, SECCOMP_PIN_REDIRECT, NULL),
			 -EFAULT);
	assert_true(pin_pending(&f.pin, f.r.id));

	/* Too long with zeros is fine, for what is read as for what is written. */
	struct {
		struct seccomp_pin_query q;
		uint64_t more[4];
	} query = { .more = { 1, 2, 3, 4 } };

	assert_int_equal(pin_ioctl(f.pin.fd, _IOC(_IOC_READ, SECCOMP_PIN_IOC,
						  _IOC_NR(SECCOMP_PIN_QUERY),
						  sizeof(query)), &query), 0);
	assert_int_equal(query.q.abi_version, SECCOMP_PIN_ABI_VERSION);
	assert_int_equal(query.more[3], 0);

	struct {
		struct seccomp_pin_receive r;
		uint64_t more[4];
	} receive = {
		.r.id = f.r.id,
		.r.flags = SECCOMP_PIN_ADOPT,
	};

	assert_int_equal(pin_ioctl(f.pin.fd, _IOC(_IOC_READ | _IOC_WRITE,
						  SECCOMP_PIN_IOC,
						  _IOC_NR(SECCOMP_PIN_RECEIVE),
						  sizeof(receive)), &receive),
			 0);
	assert_int_equal(receive.r.slot_offset, f.r.slot_offset);
	assert_int_equal(pin_release(&f.pin, f.r.id), 0);
}

static int redirect_with(struct seccomp_pin_redirect redirect)
{
	redirect.id = f.r.id;
	return pin_redirect(&f.pin, &redirect);
}

static void redirect_is_checked(void **state)
{
	const uint64_t slot = f.r.slot_address;

	(void)state;
#define REDIRECT_FAILS(error, ...)					\
	assert_int_equal(redirect_with((struct seccomp_pin_redirect){	\
				       __VA_ARGS__ }), -(error))
	REDIRECT_FAILS(EINVAL, .flags = 1U << 31);
	REDIRECT_FAILS(EINVAL, .args_mask = 1 << 6);
	REDIRECT_FAILS(EINVAL, .ptr_mask = 2, .ptr_len = { 0, 1 });
	REDIRECT_FAILS(EINVAL, .args_mask = 2, .arena_mask = 2);
	REDIRECT_FAILS(EINVAL, .args_mask = 2, .str_mask = 2);
	REDIRECT_FAILS(EINVAL, .args = { 0, 1 });
	REDIRECT_FAILS(EINVAL, .args_mask = 2, .ptr_len = { 0, 1 });
	REDIRECT_FAILS(EINVAL, .args_mask = 2, .ptr_mask = 2);
	/* Around the end of the address space */
	REDIRECT_FAILS(EINVAL, .args_mask = 2, .ptr_mask = 2,
		       .args = { 0, slot }, .ptr_len = { 0, UINT64_MAX });
	REDIRECT_FAILS(EINVAL, .args_mask = 2, .ptr_mask = 2,
		       .args = { 0, UINT64_MAX }, .ptr_len = { 0, 1 });
	REDIRECT_FAILS(EFAULT, .args_mask = 2, .ptr_mask = 2,
		       .args = { 0, UINT64_MAX - 1 }, .ptr_len = { 0, 1 });
	REDIRECT_FAILS(EFAULT, .args_mask = 2, .ptr_mask = 2,
		       .args = { 0, 0 }, .ptr_len = { 0, 1 });
	/* The target's own memory is no pin. */
	REDIRECT_FAILS(EFAULT, .args_mask = 2, .ptr_mask = 2,
		       .args = { 0, f.r.data.args[1] }, .ptr_len = { 0, 1 });
	/* One good pointer does not make the other one good. */
	REDIRECT_FAILS(EFAULT, .args_mask = 6, .ptr_mask = 6,
		       .args = { 0, slot, 1 }, .ptr_len = { 0, 1, 1 });
	/* A string without an end */
	memset(pin_slot(&f.pin, &f.r), 'x', f.r.slot_size);
	REDIRECT_FAILS(EINVAL, .args_mask = 2, .ptr_mask = 2, .str_mask = 2,
		       .args = { 0, slot }, .ptr_len = { 0, f.r.slot_size });
	assert_true(pin_pending(&f.pin, f.r.id));
}

static void ids_are_checked(void **state)
{
	struct seccomp_pin_receive r;
	struct seccomp_pin_fetch fetch = {
		.id = f.r.id + 1000,
		.kind = SECCOMP_PIN_BYTES,
		.len = 1,
	};
	struct seccomp_pin_install install = {
		.id = f.r.id + 1000,
		.length = 4096,
		.timeout = 1,
	};
	struct seccomp_pin_alloc alloc;

	(void)state;
	/* Never there */
	assert_int_equal(pin_allow(&f.pin, f.r.id + 1000), -ENOENT);
	assert_int_equal(pin_release(&f.pin, f.r.id + 1000), -ENOENT);
	assert_int_equal(pin_adopt(&f.pin, &r, f.r.id + 1000), -ENOENT);
	assert_int_equal(pin_fetch(&f.pin, &fetch), -ENOENT);
	assert_int_equal(pin_ioctl(f.pin.fd, SECCOMP_PIN_INSTALL, &install),
			 -ENOENT);
	assert_int_equal(pin_alloc(&f.pin, f.r.id + 1000, 1, &alloc), -ENOENT);
	assert_true(pin_pending(&f.pin, f.r.id));

	/* Released, but not answered: it can be adopted again. */
	assert_int_equal(pin_release(&f.pin, f.r.id), 0);
	assert_int_equal(pin_release(&f.pin, f.r.id), -ENOENT);
	assert_int_equal(pin_alloc(&f.pin, f.r.id, 1, &alloc), -EINPROGRESS);
	assert_int_equal(pin_adopt(&f.pin, &r, f.r.id), 0);
	assert_int_equal(r.slot_offset, f.r.slot_offset);
}

/* Not received yet, and answered already */
static void ids_in_other_states(void **state)
{
	struct target target;
	struct seccomp_pin_receive r;
	struct seccomp_pin_alloc alloc;
	struct seccomp_notif notif;
	struct pin pin;
	int err;

	(void)state;
	assert_int_equal(target_start(&target, NULL, traps, run_openat, NULL),
			 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &r, "openat");
	assert_int_equal(pin_allow(&pin, r.id), 0);
	/* It runs, or is over. */
	assert_true(pin_allow(&pin, r.id) == -EINPROGRESS ||
		    pin_allow(&pin, r.id) == -ENOENT);
	err = pin_alloc(&pin, r.id, 1, &alloc);
	assert_true(err == -EINPROGRESS || err == -ENOENT);
	assert_int_equal(target_wait(&target), 0);
	assert_int_equal(pin_alloc(&pin, r.id, 1, &alloc), -ENOENT);
	assert_int_equal(pin_allow(&pin, r.id), -ENOENT);
	assert_int_equal(pin_release(&pin, r.id), -ENOENT);
	pin_close(&pin);

	/* An id that a signal has made pending again is one higher. */
	assert_int_equal(target_start(&target, NULL, traps, run_openat, NULL),
			 0);
	pin_open(&pin, target.listener);
	memset(&notif, 0, sizeof(notif));
	assert_int_equal(pin_ioctl(target.listener, SECCOMP_IOCTL_NOTIF_RECV,
				   &notif), 0);
	AWAIT((err = pin_alloc(&pin, notif.id, 1, &alloc)) != -EAGAIN);
	assert_int_equal(err, -EINPROGRESS);
	/* Received by someone else: adopted, it is a call like any other. */
	AWAIT(pin_adopt(&pin, &r, notif.id) != -EAGAIN);
	assert_int_equal(r.id, notif.id);
	assert_int_equal(pin_allow_string(&pin, &r, 1, "/dev/zero"), 0);
	assert_int_equal(target_wait(&target), 0);
	pin_close(&pin);
}

static int run_two(void *arg)
{
	pid_t child = fork();

	(void)arg;
	if (!child) {
		syscall(SYS_getppid);
		_exit(0);
	}
	return syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY) < 0;
}

static void ids_not_received_yet(void **state)
{
	struct seccomp_pin_receive r, other;
	struct seccomp_pin_alloc alloc;
	struct target target;
	struct pin pin;
	uint64_t id;

	(void)state;
	assert_int_equal(target_start(&target, NULL, traps, run_two, NULL), 0);
	pin_open(&pin, target.listener);
	pin_receive(&pin, &r);
	/* Ids count up. The other one comes, is there, and is not received. */
	AWAIT(pin_allow(&pin, id = r.id + 1) != -ENOENT ||
	      pin_allow(&pin, id = r.id - 1) != -ENOENT);
	assert_int_equal(pin_allow(&pin, id), -EINPROGRESS);
	assert_int_equal(pin_adopt(&pin, &other, id), -EINPROGRESS);
	assert_int_equal(pin_alloc(&pin, id, 1, &alloc), -EINPROGRESS);
	assert_int_equal(pin_release(&pin, id), -ENOENT);
	pin_receive(&pin, &other);
	assert_int_equal(other.id, id);
	assert_int_equal(pin_allow(&pin, other.id), 0);
	assert_int_equal(pin_allow(&pin, r.id), 0);
	assert_int_equal(target_wait(&target), 0);
	pin_close(&pin);
}

/* A request that can be read, and not written back */
static int request_readonly(unsigned long cmd, const void *request)
{
	void *readonly = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int err;

	assert_true(readonly != MAP_FAILED);
	memcpy(readonly, request, _IOC_SIZE(cmd));
	mprotect(readonly, 4096, PROT_READ);
	err = pin_ioctl(f.pin.fd, cmd, readonly);
	munmap(readonly, 4096);
	return err;
}

static void receive_is_checked(void **state)
{
	struct seccomp_pin_receive r = { .flags = SECCOMP_PIN_NONBLOCK };

	(void)state;
	assert_int_equal(pin_ioctl(f.pin.fd, SECCOMP_PIN_RECEIVE, &r),
			 -EAGAIN);
	r.flags = 1U << 31;
	assert_int_equal(pin_ioctl(f.pin.fd, SECCOMP_PIN_RECEIVE, &r),
			 -EINVAL);
	r.flags = SECCOMP_PIN_NONBLOCK;
	r.id = f.r.id;
	assert_int_equal(pin_ioctl(f.pin.fd, SECCOMP_PIN_RECEIVE, &r),
			 -EINVAL);
	/* What it returns cannot be told: it is still there to be received. */
	r.flags = SECCOMP_PIN_ADOPT;
	assert_int_equal(request_readonly(SECCOMP_PIN_RECEIVE, &r), -EFAULT);
	assert_true(pin_pending(&f.pin, f.r.id));
}

static void receive_that_faults_loses_nothing(void **state)
{
	struct seccomp_pin_receive *readonly, r;
	struct target target;
	struct pin pin;
	int err;

	(void)state;
	assert_int_equal(target_start(&target, NULL, traps, run_openat, NULL),
			 0);
	pin_open(&pin, target.listener);
	readonly = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			0);
	assert_true(readonly != MAP_FAILED);
	/* All zeros: it waits. */
	err = pin_ioctl(pin.fd, SECCOMP_PIN_RECEIVE, readonly);
	assert_int_equal(err, -EFAULT);
	pin_receive_call(&pin, &r, "openat");
	assert_int_equal(pin_allow(&pin, r.id), 0);
	assert_int_equal(target_wait(&target), 0);
	assert_int_equal(pin_query(&pin).calls, 0);
	munmap(readonly, 4096);
	pin_close(&pin);
}

static int fetch_with(struct seccomp_pin_fetch fetch)
{
	fetch.id = f.r.id;
	return pin_ioctl(f.pin.fd, SECCOMP_PIN_FETCH, &fetch);
}

static void fetch_is_checked(void **state)
{
	const uint64_t path = f.r.data.args[1];

	(void)state;
#define FETCH_FAILS(error, ...)						\
	assert_int_equal(fetch_with((struct seccomp_pin_fetch){		\
				    .address = path,			\
				    .kind = SECCOMP_PIN_BYTES,		\
				    .len = 4, .timeout = SECCOMP_PIN_MAX_TIMEOUT,\
				    ##__VA_ARGS__ }), -(error))
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
	FETCH_FAILS(EINVAL, .kind = 0);
	FETCH_FAILS(EINVAL, .kind = SECCOMP_PIN_BYTES_ARG);
	FETCH_FAILS(EINVAL, .len = 0);
	FETCH_FAILS(EINVAL, .len = TEST_SLOT + 1);
	FETCH_FAILS(EINVAL, .len = UINT_MAX);
	FETCH_FAILS(EINVAL, .offset = TEST_SLOT);
	FETCH_FAILS(EINVAL, .offset = TEST_SLOT - 3);
	FETCH_FAILS(EINVAL, .offset = UINT_MAX);
	FETCH_FAILS(EINVAL, .timeout = 0);
	FETCH_FAILS(EINVAL, .timeout = SECCOMP_PIN_MAX_TIMEOUT + 1);
	FETCH_FAILS(EFAULT, .address = 0);
	FETCH_FAILS(EFAULT, .address = UINT64_MAX - 4096);
	FETCH_FAILS(EFAULT, .address = 1ULL << 63);
	FETCH_FAILS(ENAMETOOLONG, .kind = SECCOMP_PIN_STRING);
	FETCH_FAILS(0);
	FETCH_FAILS(0, .offset = TEST_SLOT - 4);
#pragma GCC diagnostic pop
	assert_memory_equal(pin_slot(&f.pin, &f.r), "/dev", 4);
	assert_memory_equal(pin_slot(&f.pin, &f.r) + TEST_SLOT - 4, "/dev", 4);
}

static int install_with(struct seccomp_pin_install install)
{
	install.id = f.r.id;
	return pin_ioctl(f.pin.fd, SECCOMP_PIN_INSTALL, &install);
}

static void install_is_checked(void **state)
{
	uint32_t windows = pin_query(&f.pin).windows;

	(void)state;
#define INSTALL_FAILS(error, ...)					\
	assert_int_equal(install_with((struct seccomp_pin_install){	\
				      .length = 4096,			\
				      .timeout = SECCOMP_PIN_MAX_TIMEOUT,\
				      ##__VA_ARGS__ }), -(error))
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
	INSTALL_FAILS(EINVAL, .flags = 1);
	INSTALL_FAILS(EINVAL, .offset = 1);
	INSTALL_FAILS(EINVAL, .timeout = 0);
	INSTALL_FAILS(EINVAL, .length = 0);
	INSTALL_FAILS(EINVAL, .length = 4097);
	INSTALL_FAILS(EINVAL, .address = 0x10001);
	INSTALL_FAILS(EINVAL, .address = ~0xfffULL);
	INSTALL_FAILS(ENOBUFS, .length = 1ULL << 62);
	INSTALL_FAILS(ENOBUFS, .length = 17 * TEST_WINDOW);
	INSTALL_FAILS(ENOMEM, .address = 1ULL << 60);
	INSTALL_FAILS(EPERM, .address = 0x1000);
	INSTALL_FAILS(EEXIST, .address = f.r.slot_address & ~0xfffULL);
	INSTALL_FAILS(EEXIST, .address = f.r.data.args[1] & ~0xfffULL);
#pragma GCC diagnostic pop
	assert_int_equal(pin_query(&f.pin).windows, windows);

	struct seccomp_pin_install install = {
		.id = f.r.id,
		.address = 0x7000000,
		.length = 8192,
		.timeout = SECCOMP_PIN_MAX_TIMEOUT,
	};

	assert_int_equal(pin_ioctl(f.pin.fd, SECCOMP_PIN_INSTALL, &install), 0);
	assert_int_equal(install.address, 0x7000000);
	install.offset = 0;
	assert_int_equal(pin_ioctl(f.pin.fd, SECCOMP_PIN_INSTALL, &install),
			 -EEXIST);
	assert_int_equal(pin_query(&f.pin).windows, windows + 1);
}

static int alloc_with(struct seccomp_pin_alloc alloc)
{
	alloc.id = f.r.id;
	return pin_ioctl(f.pin.fd, SECCOMP_PIN_ALLOC, &alloc);
}

static void alloc_is_checked(void **state)
{
	struct {
		struct seccomp_pin_alloc a;
		uint64_t more;
	} longer = { .a = { .id = f.r.id, .size = 1,
			    .timeout = SECCOMP_PIN_MAX_TIMEOUT } };
	const unsigned int dir = _IOC_READ | _IOC_WRITE, nr = 10;
	struct seccomp_pin_query before = pin_query(&f.pin), after;
	struct seccomp_pin_alloc alloc;

	(void)state;
	assert_true(before.features & SECCOMP_PIN_FEATURE_ALLOC);
#define ALLOC_FAILS(error, ...)						\
	assert_int_equal(alloc_with((struct seccomp_pin_alloc){		\
				    .size = TEST_SLOT,			\
				    .timeout = SECCOMP_PIN_MAX_TIMEOUT,	\
				    ##__VA_ARGS__ }), -(error))
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
	ALLOC_FAILS(EINVAL, .flags = 1);
	ALLOC_FAILS(EINVAL, .reserved = 1);
	ALLOC_FAILS(EINVAL, .offset = 1);
	ALLOC_FAILS(EINVAL, .address = 1);
	ALLOC_FAILS(EINVAL, .timeout = 0);
	ALLOC_FAILS(EINVAL, .timeout = SECCOMP_PIN_MAX_TIMEOUT + 1);
	ALLOC_FAILS(EINVAL, .size = 0);
	ALLOC_FAILS(E2BIG, .size = TEST_WINDOW + 1);
	ALLOC_FAILS(E2BIG, .size = UINT_MAX);
#pragma GCC diagnostic pop
	longer.more = 1;
	assert_int_equal(pin_ioctl(f.pin.fd, _IOC(dir, SECCOMP_PIN_IOC, nr,
						  sizeof(longer)), &longer),
			 -E2BIG);
	assert_int_equal(pin_ioctl(f.pin.fd, _IOC(dir, SECCOMP_PIN_IOC, nr,
						  sizeof(longer.a) - 8),
				   &longer), -EINVAL);
	assert_int_equal(pin_ioctl(f.pin.fd, _IOC(_IOC_WRITE, SECCOMP_PIN_IOC,
						  nr, sizeof(longer.a)),
				   &longer), -ENOTTY);
	assert_int_equal(pin_ioctl(f.pin.fd, SECCOMP_PIN_ALLOC, NULL), -EFAULT);

	/* What was allocated cannot be told: it is as if it had not been. */
	assert_int_equal(request_readonly(SECCOMP_PIN_ALLOC, &longer.a),
			 -EFAULT);
	after = pin_query(&f.pin);
	assert_memory_equal(&before, &after, sizeof(before));

	/* It is told in a structure of the future, and there is but one. */
	longer.more = 0;
	assert_int_equal(pin_ioctl(f.pin.fd, _IOC(dir, SECCOMP_PIN_IOC, nr,
						  sizeof(longer)), &longer), 0);
	assert_int_equal(longer.a.size, TEST_SLOT);
	assert_int_equal(longer.a.offset - f.r.slot_offset,
			 longer.a.address - f.r.slot_address);
	assert_int_equal(pin_alloc(&f.pin, f.r.id, 1, &alloc), -EBUSY);
	assert_int_equal(pin_query(&f.pin).slots, 2);
	assert_int_equal(pin_query(&f.pin).windows, 1);
}

static int rules_with(struct seccomp_pin_rule *rules, uint32_t count)
{
	struct seccomp_pin_rules r = {
		.rules = (uintptr_t)rules,
		.count = count,
	};

	return pin_ioctl(f.pin.fd, SECCOMP_PIN_RULES, &r);
}

static int rule_with(struct seccomp_pin_rule rule)
{
	return rules_with(&rule, 1);
}

static void rules_are_checked(void **state)
{
	struct seccomp_pin_rule two[2] = {
		{ .nr = 1, .kind = SECCOMP_PIN_STRING, .max = 10 },
		{ .nr = 1, .kind = SECCOMP_PIN_STRING, .max = 10 },
	};
	struct seccomp_pin_rules r = { .reserved = 1 };

	(void)state;
#define RULE_FAILS(error, ...)						\
	assert_int_equal(rule_with((struct seccomp_pin_rule){		\
				   __VA_ARGS__ }), -(error))
	RULE_FAILS(EINVAL, .max = 10);
	RULE_FAILS(EINVAL, .kind = 5, .max = 10);
	RULE_FAILS(EINVAL, .kind = SECCOMP_PIN_STRING);
	RULE_FAILS(EINVAL, .kind = SECCOMP_PIN_STRING, .max = TEST_SLOT + 1);
	RULE_FAILS(EINVAL, .kind = SECCOMP_PIN_STRING, .max = 10, .len = 1);
	RULE_FAILS(EINVAL, .kind = SECCOMP_PIN_STRING, .max = 10, .arg = 6);
	RULE_FAILS(EINVAL, .kind = SECCOMP_PIN_STRING, .max = 10,
		   .nr = SECCOMP_PIN_MAX_NR);
	RULE_FAILS(EINVAL, .kind = SECCOMP_PIN_BYTES, .max = 10);
	RULE_FAILS(EINVAL, .kind = SECCOMP_PIN_BYTES, .max = 10, .len = 11);
	RULE_FAILS(EINVAL, .kind = SECCOMP_PIN_BYTES_ARG, .max = 10, .len = 6);
	RULE_FAILS(EINVAL, .kind = SECCOMP_PIN_BYTES_ARG, .max = 10, .len = 0);
	RULE_FAILS(EINVAL, .kind = SECCOMP_PIN_VECTOR, .max = 10);
	RULE_FAILS(EINVAL, .kind = SECCOMP_PIN_VECTOR, .len = 10);
	RULE_FAILS(EINVAL, .kind = SECCOMP_PIN_VECTOR, .max = TEST_SLOT + 1,
		   .len = 10);
	RULE_FAILS(EINVAL, .kind = SECCOMP_PIN_VECTOR, .max = 10, .len = 10,
		   .arg = 6);
	assert_int_equal(rules_with(two, 2), -EINVAL);
	assert_int_equal(rules_with(NULL, 1), -EFAULT);
	assert_int_equal(rules_with(two, SECCOMP_PIN_MAX_RULES + 1), -EINVAL);
	assert_int_equal(pin_ioctl(f.pin.fd, SECCOMP_PIN_RULES, &r), -EINVAL);
	assert_int_equal(rules_with(two, 1), 0);
	assert_int_equal(rules_with(NULL, 0), 0);
}

static void release_is_checked(void **state)
{
	struct seccomp_pin_release release = { .id = f.r.id, .flags = 1 };

	(void)state;
	assert_int_equal(pin_ioctl(f.pin.fd, SECCOMP_PIN_RELEASE, &release),
			 -EINVAL);
	release.flags = 0;
	release.reserved = 1;
	assert_int_equal(pin_ioctl(f.pin.fd, SECCOMP_PIN_RELEASE, &release),
			 -EINVAL);
	assert_true(pin_pending(&f.pin, f.r.id));
}

/* The queue has a place for one, and that is promised. */
static void completions_are_reserved(void **state)
{
	struct seccomp_pin_attach attach = pin_attach_default();
	struct seccomp_pin_completion completion;
	struct seccomp_pin_redirect redirect = {
		.flags = SECCOMP_PIN_COMPLETION,
	};
	struct seccomp_pin_receive r, other;
	struct target target;
	struct pin pin;

	(void)state;
	attach.completions = 1;
	assert_int_equal(target_start(&target, NULL, traps, run_two, NULL), 0);
	pin_open_with(&pin, target.listener, TEST_ARENA, &attach);
	pin_receive(&pin, &r);
	pin_receive(&pin, &other);
	redirect.id = r.id;
	assert_int_equal(pin_redirect(&pin, &redirect), 0);
	redirect.id = other.id;
	assert_int_equal(pin_redirect(&pin, &redirect), -ENOBUFS);
	assert_true(pin_pending(&pin, other.id));
	assert_int_equal(read(pin.fd, &completion, sizeof(completion) - 1), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(read(pin.fd, &completion, sizeof(completion)),
			 sizeof(completion));
	assert_int_equal(completion.id, r.id);
	assert_int_equal(pin_redirect(&pin, &redirect), 0);
	assert_int_equal(target_wait(&target), 0);
	pin_close(&pin);
}

static void no_targets_and_no_listener(void **state)
{
	struct seccomp_pin_receive r = { 0 };
	struct target target;
	struct pin pin;

	(void)state;
	assert_int_equal(target_start(&target, NULL, traps, run_openat, NULL),
			 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &r, "openat");
	assert_int_equal(pin_allow(&pin, r.id), 0);
	/* It would block, but for who might still come: nobody. */
	memset(&r, 0, sizeof(r));
	assert_int_equal(pin_ioctl(pin.fd, SECCOMP_PIN_RECEIVE, &r), -ESRCH);
	assert_int_equal(target_wait(&target), 0);
	assert_int_equal(pin_ioctl(pin.fd, SECCOMP_PIN_RECEIVE, &r), -EBADF);
	pin_close(&pin);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attach_is_checked),
		cmocka_unit_test(i1_attach_to_an_arena_of_one_writer),
		cmocka_unit_test(nothing_before_attach),
		RECEIVED(structs_can_grow),
		RECEIVED(redirect_is_checked),
		RECEIVED(ids_are_checked),
		cmocka_unit_test(ids_in_other_states),
		cmocka_unit_test(ids_not_received_yet),
		RECEIVED(receive_is_checked),
		cmocka_unit_test(receive_that_faults_loses_nothing),
		RECEIVED(fetch_is_checked),
		RECEIVED(install_is_checked),
		RECEIVED(alloc_is_checked),
		RECEIVED(rules_are_checked),
		RECEIVED(release_is_checked),
		cmocka_unit_test(completions_are_reserved),
		cmocka_unit_test(no_targets_and_no_listener),
	};
	/* A hugetlb memfd is to be refused, and an address that is too low. */
	if (write_file("/proc/sys/vm/nr_hugepages", "1") ||
	    write_file("/proc/sys/vm/mmap_min_addr", "65536"))
		return 1;
	return run_group(tests);
}
