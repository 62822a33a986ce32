// SPDX-License-Identifier: GPL-2.0-only
/* I1, I8: what a pin is, in the target, from its first instant. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pin.h"

static const char *const trap_openat[] = { "openat", NULL };

struct seen {
	volatile int ready;
	uint64_t address;
	uint64_t length;
	int refused[16];
};

static struct seen *seen;

/* Tries to change its pin, and tells the errnos. */
static int run_change(void *arg)
{
	void *pin;
	size_t len;
	int *e = seen->refused;

	(void)arg;
	syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY);
	await_word(&seen->ready, 1);
	pin = (void *)(uintptr_t)seen->address;
	len = seen->length;

#define TRY(call) (*e++ = (long)(call) == -1 ? errno : 0)
	TRY(madvise(pin, len, MADV_DOFORK));
	TRY(mprotect(pin, len, PROT_READ | PROT_WRITE));
	TRY(mprotect(pin, len, PROT_READ | PROT_EXEC));
	TRY(munmap(pin, len));
	TRY(mremap(pin, len, 2 * len, MREMAP_MAYMOVE));
	TRY(mmap(pin, len, PROT_READ | PROT_WRITE,
		 MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	TRY(madvise(pin, len, MADV_REMOVE));
	syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY);
	return 0;
}

/* The lines of /proc/PID/smaps for the mapping at @address */
static void smaps_of(pid_t pid, uint64_t address, char *line, char *flags)
{
	unsigned long start, end;
	char path[64], buf[512];
	bool found = false;
	FILE *file;

	*line = '\0';
	*flags = '\0';
	snprintf(path, sizeof(path), "/proc/%d/smaps", pid);
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(buf, sizeof(buf), file)) {
		if (sscanf(buf, "%lx-%lx", &start, &end) == 2) {
			found = address >= start && address < end;
			if (found)
				strcpy(line, buf);
		} else if (found && !strncmp(buf, "VmFlags:", 8)) {
			strcpy(flags, buf + 8);
		}
	}
	fclose(file);
}

static void check_mapping(unsigned long persona)
{
	struct seccomp_pin_install install = {
		.length = 3 * 4096,
		.timeout = SECCOMP_PIN_MAX_TIMEOUT,
	};
	unsigned long before = personality(0xffffffff);
	struct seccomp_pin_receive r;
	char line[512], flags[512];
	struct target target;
	struct pin pin;
	uint64_t at[2];
	int i;

	seen = shared_memory(4096);
	assert_int_equal(target_start(&target, NULL, trap_openat, run_change,
				      NULL), 0);
	assert_true(personality(persona) >= 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &r, "openat");
	/* One made by the target, one from outside */
	install.id = r.id;
	assert_int_equal(pin_ioctl(pin.fd, SECCOMP_PIN_INSTALL, &install), 0);
	assert_true(personality(before) >= 0);
	at[0] = r.slot_address;
	at[1] = install.address;
	for (i = 0; i < 2; i++) {
		smaps_of(target.pid, at[i], line, flags);
		assert_non_null(strstr(line, " r--s "));
		/* readable, may read, may share, shared; sealed; and so on */
		assert_non_null(strstr(flags, " rd "));
		assert_non_null(strstr(flags, " sh "));
		assert_non_null(strstr(flags, " mr "));
		assert_non_null(strstr(flags, " ms "));
		assert_non_null(strstr(flags, " sl"));
		assert_non_null(strstr(flags, " dc "));
		assert_non_null(strstr(flags, " dd "));
		assert_non_null(strstr(flags, " de "));
		assert_null(strstr(flags, " wr "));
		assert_null(strstr(flags, " mw "));
		assert_null(strstr(flags, " ex "));
		assert_null(strstr(flags, " me "));
	}
	seen->address = install.address;
	seen->length = install.length;
	assert_int_equal(pin_allow(&pin, r.id), 0);
	seen->ready = 1;
	pin_receive_call(&pin, &r, "openat");
	assert_int_equal(seen->refused[0], EINVAL);	/* MADV_DOFORK */
	assert_int_equal(seen->refused[1], EACCES);	/* mprotect */
	assert_int_equal(seen->refused[2], EACCES);
	assert_int_equal(seen->refused[3], EPERM);	/* munmap */
	assert_int_equal(seen->refused[4], EPERM);	/* mremap */
	assert_int_equal(seen->refused[5], EPERM);	/* MAP_FIXED over it */
	assert_int_equal(seen->refused[6], EACCES);	/* MADV_REMOVE */
	smaps_of(target.pid, at[1], line, flags);
	assert_non_null(strstr(line, " r--s "));
	assert_non_null(strstr(flags, " dc "));
	assert_int_equal(pin_allow(&pin, r.id), 0);
	assert_int_equal(target_wait(&target), 0);
	pin_close(&pin);
}

static void i1_flags(void **state)
{
	(void)state;
	check_mapping(personality(0xffffffff));
}

static void i1_flags_with_read_implies_exec(void **state)
{
	(void)state;
	check_mapping(READ_IMPLIES_EXEC);
}

/* MADV_DOFORK goes on working where it did: hugetlb mappings. */
static void hugetlb_can_be_forked(void **state)
{
	size_t len = 2 << 20;
	void *map;

	(void)state;
	assert_int_equal(write_file("/proc/sys/vm/nr_hugepages", "1"), 0);
	map = mmap(NULL, len, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	assert_true(map != MAP_FAILED);
	assert_int_equal(madvise(map, len, MADV_DONTFORK), 0);
	assert_int_equal(madvise(map, len, MADV_DOFORK), 0);
	munmap(map, len);
}

static void fill_address_space(void)
{
	unsigned long size = 1UL << 46;

	/* Ever smaller pieces, until none of a window's size is left */
	while (size >= 4096) {
		void *map = mmap(NULL, size, PROT_NONE, MAP_PRIVATE |
				 MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		if (map == MAP_FAILED)
			size /= 2;
	}
}

static int run_full(void *arg)
{
	(void)arg;
	fill_address_space();
	return syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY) != -1;
}

/* A target with no room left: an error for that call, which can be denied. */
static void i6_no_address_space(void **state)
{
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;

	(void)state;
	assert_int_equal(write_file("/proc/sys/vm/overcommit_memory", "1"), 0);
	assert_int_equal(target_start(&target, NULL, trap_openat, run_full,
				      NULL), 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &r, "openat");
	assert_int_equal(r.slot_error, -ENOMEM);
	assert_int_equal(pin_deny(&pin, r.id, EPERM), 0);
	assert_int_equal(target_wait(&target), 0);
	assert_int_equal(pin_query(&pin).windows, 0);
	pin_close(&pin);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(i1_flags),
		cmocka_unit_test(i1_flags_with_read_implies_exec),
		cmocka_unit_test(hugetlb_can_be_forked),
		cmocka_unit_test(i6_no_address_space),
	};

	return run_group(tests);
}
