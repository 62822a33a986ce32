// SPDX-License-Identifier: GPL-2.0-only
/*
 * I1: the attack that a sealed mapping of an ordinary memfd does not stand: a
 * peer thread discards the page with MADV_REMOVE, registers the range with
 * userfaultfd, and puts a page of its own there. Seen to succeed on such a
 * mapping, and to fail on a pin.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pin.h"

#ifndef SYS_mseal
#define SYS_mseal 462
#endif

/* What each step said: 0 or an errno */
struct steps {
	volatile int ready;
	volatile int done;
	uint64_t address;
	int discard;
	int registration;
	int copy;
	char seen[64];
};

static void attack(struct steps *steps, void *page)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = {
		.range = { .start = (uintptr_t)page, .len = 4096 },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	struct uffdio_copy copy = {
		.dst = (uintptr_t)page,
		.len = 4096,
	};
	int uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	char *mine = aligned_alloc(4096, 4096);

	strcpy(mine, "/attackers/path");
	copy.src = (uintptr_t)mine;
	if (uffd < 0 || ioctl(uffd, UFFDIO_API, &api)) {
		steps->discard = -1;
		return;
	}
	steps->discard = madvise(page, 4096, MADV_REMOVE) ? errno : 0;
	steps->registration = ioctl(uffd, UFFDIO_REGISTER, &reg) ? errno : 0;
	steps->copy = ioctl(uffd, UFFDIO_COPY, &copy) ? errno : 0;
	close(uffd);
	memcpy(steps->seen, page, sizeof(steps->seen));
	free(mine);
}

static void i1_control_sealed_mapping_of_a_memfd(void **state)
{
	struct steps *steps = shared_memory(4096);
	int fd = memfd_create("control", MFD_CLOEXEC);
	char *page;

	(void)state;
	assert_int_equal(ftruncate(fd, 4096), 0);
	assert_int_equal(pwrite(fd, "/checked/path", 14, 0), 14);
	/* As upstream's proposal makes it: read-only, shared and sealed */
	page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	assert_true(page != MAP_FAILED);
	assert_int_equal(syscall(SYS_mseal, page, 4096, 0), 0);
	assert_string_equal(page, "/checked/path");
	assert_int_equal(mprotect(page, 4096, PROT_READ | PROT_WRITE), -1);

	attack(steps, page);
	assert_int_equal(steps->discard, 0);
	assert_int_equal(steps->registration, 0);
	assert_int_equal(steps->copy, 0);
	assert_string_equal(page, "/attackers/path");
	close(fd);
}

static int run_attack(void *arg)
{
	struct steps *steps = arg;

	syscall(SYS_openat, AT_FDCWD, "/asked", O_RDONLY);
	await_word(&steps->ready, 1);
	attack(steps, (void *)(uintptr_t)steps->address);
	steps->done = 1;
	return syscall(SYS_openat, AT_FDCWD, "/asked", O_RDONLY) >= 0;
}

static void i1_a_pin(void **state)
{
	static const char *const traps[] = { "openat", NULL };
	struct steps *steps = shared_memory(4096);
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;

	(void)state;
	assert_int_equal(target_start(&target, NULL, traps, run_attack, steps),
			 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &r, "openat");
	strcpy(pin_slot(&pin, &r), "/checked/path");
	steps->address = r.slot_address;
	assert_int_equal(pin_allow(&pin, r.id), 0);
	steps->ready = 1;
	await_word(&steps->done, 1);
	assert_int_equal(steps->discard, EACCES);
	/* Without VM_MAYWRITE it is EPERM; VM_DONTEXPAND is looked at first. */
	assert_true(steps->registration == EINVAL ||
		    steps->registration == EPERM);
	assert_int_equal(steps->copy, ENOENT);
	assert_string_equal(steps->seen, "/checked/path");
	assert_string_equal(pin_slot(&pin, &r), "/checked/path");
	pin_receive_call(&pin, &r, "openat");
	assert_int_equal(pin_allow(&pin, r.id), 0);
	assert_int_equal(target_wait(&target), 0);
	pin_close(&pin);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(i1_control_sealed_mapping_of_a_memfd),
		cmocka_unit_test(i1_a_pin),
	};

	return run_group(tests);
}
