// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pin.h"

int pin_ioctl(int fd, unsigned long request, void *arg)
{
	int ret = ioctl(fd, request, arg);

	return ret < 0 ? -errno : ret;
}

int pin_device(void)
{
	int fd = open(SECCOMP_PIN_DEVICE, O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

int pin_memfd(uint64_t size, unsigned int seals, unsigned char **map)
{
	int fd = memfd_create("arena", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	if (map) {
		*map = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_NORESERVE, fd, 0);
		assert_true(*map != MAP_FAILED);
		assert_int_equal(madvise(*map, size, MADV_DONTFORK), 0);
	}
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

struct seccomp_pin_attach pin_attach_default(void)
{
	return (struct seccomp_pin_attach){
		.slot_size = TEST_SLOT,
		.window_size = TEST_WINDOW,
		.windows_per_mm = 16,
		.completions = 64,
	};
}

void pin_open_with(struct pin *pin, int listener, uint64_t arena_size,
		   struct seccomp_pin_attach *attach)
{
	pin->listener = listener;
	pin->size = arena_size;
	pin->fd = pin_device();
	attach->listener = listener;
	attach->arena = pin_memfd(arena_size, ARENA_SEALS, &pin->arena);
	assert_int_equal(pin_ioctl(pin->fd, SECCOMP_PIN_ATTACH, attach), 0);
	close(attach->arena);
}

void pin_open(struct pin *pin, int listener)
{
	struct seccomp_pin_attach attach = pin_attach_default();

	pin_open_with(pin, listener, TEST_ARENA, &attach);
}

void pin_close(struct pin *pin)
{
	if (pin->fd >= 0)
		close(pin->fd);
	pin->fd = -1;
	munmap(pin->arena, pin->size);
}

void pin_rule_string(struct pin *pin, const char *name, unsigned int arg)
{
	struct seccomp_pin_rule rule = {
		.nr = seccomp_syscall_resolve_name(name),
		.arg = arg,
		.kind = SECCOMP_PIN_STRING,
		.max = 4096,
	};
	struct seccomp_pin_rules rules = {
		.rules = (uintptr_t)&rule,
		.count = 1,
	};

	assert_int_equal(pin_ioctl(pin->fd, SECCOMP_PIN_RULES, &rules), 0);
}

void pin_receive(struct pin *pin, struct seccomp_pin_receive *r)
{
	struct pollfd pollfd = { .fd = pin->listener, .events = POLLIN };
	int err;

	do {
		assert_int_equal(poll(&pollfd, 1, TIME_LIMIT_MS), 1);
		memset(r, 0, sizeof(*r));
		r->flags = SECCOMP_PIN_NONBLOCK;
		err = pin_ioctl(pin->fd, SECCOMP_PIN_RECEIVE, r);
	} while (err == -EAGAIN);
	assert_int_equal(err, 0);
}

void pin_receive_call(struct pin *pin, struct seccomp_pin_receive *r,
		      const char *name)
{
	pin_receive(pin, r);
	assert_int_equal(r->data.nr, seccomp_syscall_resolve_name(name));
}

int pin_adopt(struct pin *pin, struct seccomp_pin_receive *r, uint64_t id)
{
	memset(r, 0, sizeof(*r));
	r->id = id;
	r->flags = SECCOMP_PIN_ADOPT;
	return pin_ioctl(pin->fd, SECCOMP_PIN_RECEIVE, r);
}

int pin_redirect(struct pin *pin, struct seccomp_pin_redirect *redirect)
{
	return pin_ioctl(pin->fd, SECCOMP_PIN_REDIRECT, redirect);
}

int pin_allow(struct pin *pin, uint64_t id)
{
	struct seccomp_pin_redirect redirect = { .id = id };

	return pin_redirect(pin, &redirect);
}

int pin_allow_copied(struct pin *pin, uint64_t id)
{
	struct seccomp_pin_redirect redirect = {
		.id = id,
		.flags = SECCOMP_PIN_COPIED,
	};

	return pin_redirect(pin, &redirect);
}

int pin_allow_string(struct pin *pin, const struct seccomp_pin_receive *r,
		     unsigned int arg, const char *string)
{
	struct seccomp_pin_redirect redirect = { .id = r->id };

	assert_true(strlen(string) < r->slot_size);
	strcpy(pin_slot(pin, r), string);
	redirect.args_mask = 1 << arg;
	redirect.ptr_mask = 1 << arg;
	redirect.arena_mask = 1 << arg;
	redirect.str_mask = 1 << arg;
	redirect.args[arg] = r->slot_offset;
	redirect.ptr_len[arg] = strlen(string) + 1;
	return pin_redirect(pin, &redirect);
}

int pin_release(struct pin *pin, uint64_t id)
{
	struct seccomp_pin_release release = { .id = id };

	return pin_ioctl(pin->fd, SECCOMP_PIN_RELEASE, &release);
}

int pin_fetch(struct pin *pin, struct seccomp_pin_fetch *fetch)
{
	if (!fetch->timeout)
		fetch->timeout = SECCOMP_PIN_MAX_TIMEOUT;
	return pin_ioctl(pin->fd, SECCOMP_PIN_FETCH, fetch);
}

int pin_alloc(struct pin *pin, uint64_t id, uint32_t size,
	      struct seccomp_pin_alloc *alloc)
{
	*alloc = (struct seccomp_pin_alloc){
		.id = id,
		.size = size,
		.timeout = SECCOMP_PIN_MAX_TIMEOUT,
	};
	return pin_ioctl(pin->fd, SECCOMP_PIN_ALLOC, alloc);
}

struct seccomp_pin_query pin_query(struct pin *pin)
{
	struct seccomp_pin_query query;

	assert_int_equal(pin_ioctl(pin->fd, SECCOMP_PIN_QUERY, &query), 0);
	return query;
}

/* The call may be one that was received by the device: that answer does not release it. */
static int listener_send(struct pin *pin, uint64_t id, int error, long value,
			 unsigned int flags)
{
	struct seccomp_notif_resp resp = {
		.id = id,
		.error = error,
		.val = value,
		.flags = flags,
	};

	int err = pin_ioctl(pin->listener, SECCOMP_IOCTL_NOTIF_SEND, &resp);

	if (!err && pin->fd >= 0)
		pin_release(pin, id);
	return err;
}

int pin_deny(struct pin *pin, uint64_t id, int error)
{
	struct seccomp_pin_redirect redirect = {
		.id = id,
		.flags = SECCOMP_PIN_DENY,
		.error = error,
	};

	if (pin->fd < 0)
		return listener_send(pin, id, -error, 0, 0);
	return pin_redirect(pin, &redirect);
}

int pin_emulate(struct pin *pin, uint64_t id, long value)
{
	return listener_send(pin, id, 0, value, 0);
}

int pin_continue(struct pin *pin, uint64_t id)
{
	return listener_send(pin, id, 0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}

int pin_pending(struct pin *pin, uint64_t id)
{
	return !ioctl(pin->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id);
}

char *pin_slot(struct pin *pin, const struct seccomp_pin_receive *r)
{
	assert_true(r->slot_size > 0);
	return (char *)pin->arena + r->slot_offset;
}

uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ULL + ts.tv_nsec / 1000000;
}

void await_word(const volatile int *word, int value)
{
	AWAIT(*word == value);
}

char task_state(pid_t tid)
{
	char path[64], stat[512], *end;
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	file = fopen(path, "r");
	assert_non_null(file);
	n = fread(stat, 1, sizeof(stat) - 1, file);
	fclose(file);
	stat[n] = '\0';
	end = strrchr(stat, ')');
	assert_non_null(end);
	return end[2];
}

void await_sleep(pid_t tid)
{
	AWAIT(strchr("SD", task_state(tid)));
}

/* What a file of /proc begins with */
static const char *proc_text(pid_t tid, const char *name)
{
	static char text[64];
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/%s", tid, name);
	file = fopen(path, "r");
	assert_non_null(file);
	if (!fgets(text, sizeof(text), file))
		text[0] = '\0';
	fclose(file);
	return text;
}

static bool proc_begins_with(pid_t tid, const char *name, const char *start)
{
	return !strncmp(proc_text(tid, name), start, strlen(start));
}

void await_sleep_in(pid_t tid, int nr, const char *function)
{
	char number[16];

	snprintf(number, sizeof(number), "%d ", nr);
	AWAIT(proc_begins_with(tid, "syscall", number) &&
	      proc_begins_with(tid, "wchan", function));
}

void await_syscall(pid_t tid, long nr, unsigned long arg)
{
	char start[48];

	snprintf(start, sizeof(start), "%ld 0x%lx ", nr, arg);
	AWAIT(proc_begins_with(tid, "syscall", start));
}

void pin_await_call(struct pin *pin)
{
	struct pollfd pollfd = { .fd = pin->listener, .events = POLLIN };

	assert_int_equal(poll(&pollfd, 1, TIME_LIMIT_MS), 1);
	assert_int_equal(pollfd.revents, POLLIN);
}

int await_exit(pid_t pid)
{
	int status;

	AWAIT(waitpid(pid, &status, WNOHANG) == pid);
	return status;
}

int write_file(const char *path, const char *string)
{
	int err = 0, fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (write(fd, string, strlen(string)) != (ssize_t)strlen(string))
		err = -errno;
	close(fd);
	return err;
}

static bool kcsan_kernel(void)
{
	static int kcsan = -1;

	if (kcsan < 0)
		kcsan = !access("/sys/kernel/debug/kcsan", F_OK);
	return kcsan;
}

unsigned int time_limit(unsigned int limit)
{
	return kcsan_kernel() ? 10 * limit : limit;
}

bool debug_kernel(void)
{
	return !access("/sys/kernel/debug/kmemleak", F_OK) || kcsan_kernel();
}

void *shared_memory(size_t size)
{
	void *map = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(map != MAP_FAILED);
	return map;
}
