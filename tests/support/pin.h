/* SPDX-License-Identifier: GPL-2.0-only */
/* The device as tests use it: without the library, and failing loudly. */
#ifndef PIN_H
#define PIN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sched.h>
#include <seccomp_pin.h>
#include <stdio.h>
#include <unistd.h>

#include "target.h"

/* Long enough for a busy machine; what takes longer hangs. */
#define TIME_LIMIT_MS	time_limit(60000)

#define TEST_SLOT	8192U
#define TEST_WINDOW	(8 * TEST_SLOT)
#define TEST_ARENA	(256ULL * TEST_WINDOW)
#define ARENA_SEALS	(F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | \
			 F_SEAL_SEAL)

/**
 * struct pin - a context
 * @fd: the device
 * @listener: the target's
 * @arena: our mapping
 * @size: of it
 */
struct pin {
	int fd;
	int listener;
	unsigned char *arena;
	uint64_t size;
};

/* An ioctl that returns -errno */
int pin_ioctl(int fd, unsigned long request, void *arg);

/* Open the device; the fd, or it fails the test. */
int pin_device(void);

/* A memfd, mapped at *map if that is not NULL, then sealed. */
int pin_memfd(uint64_t size, unsigned int seals, unsigned char **map);

/* What a test attaches with, to be changed where it matters */
struct seccomp_pin_attach pin_attach_default(void);

/* A context for a listener: TEST_* sizes, or @attach with its fds filled in */
void pin_open(struct pin *pin, int listener);
void pin_open_with(struct pin *pin, int listener, uint64_t arena_size,
		   struct seccomp_pin_attach *attach);
void pin_close(struct pin *pin);

/* One rule: argument @arg of the call @name is a string. */
void pin_rule_string(struct pin *pin, const char *name, unsigned int arg);

/* Receive a call within TIME_LIMIT_MS, or fail the test. */
void pin_receive(struct pin *pin, struct seccomp_pin_receive *r);
/* The same, and it has to be this one. */
void pin_receive_call(struct pin *pin, struct seccomp_pin_receive *r,
		      const char *name);
int pin_adopt(struct pin *pin, struct seccomp_pin_receive *r, uint64_t id);

int pin_redirect(struct pin *pin, struct seccomp_pin_redirect *redirect);
/* The call runs as it is. */
int pin_allow(struct pin *pin, uint64_t id);
/* It runs on what the rules had copied. */
int pin_allow_copied(struct pin *pin, uint64_t id);
/* A pointer argument is replaced by a string in the call's slot. */
int pin_allow_string(struct pin *pin, const struct seccomp_pin_receive *r,
		     unsigned int arg, const char *string);
int pin_release(struct pin *pin, uint64_t id);
int pin_fetch(struct pin *pin, struct seccomp_pin_fetch *fetch);
/* A larger slot of this many bytes; @alloc is filled in. */
int pin_alloc(struct pin *pin, uint64_t id, uint32_t size,
	      struct seccomp_pin_alloc *alloc);
struct seccomp_pin_query pin_query(struct pin *pin);

/* Answers through the listener itself */
int pin_deny(struct pin *pin, uint64_t id, int error);
int pin_emulate(struct pin *pin, uint64_t id, long value);
int pin_continue(struct pin *pin, uint64_t id);
/* Whether it still waits, received and not answered */
int pin_pending(struct pin *pin, uint64_t id);

/* Where the supervisor sees a call's slot */
char *pin_slot(struct pin *pin, const struct seccomp_pin_receive *r);

/* Milliseconds since some moment */
uint64_t now_ms(void);

/* Wait until this is so, whatever it does to find out, or fail. */
#define AWAIT(condition) do {						\
	uint64_t start_ = now_ms();					\
									\
	while (!(condition)) {						\
		assert_true(now_ms() - start_ < TIME_LIMIT_MS);		\
		sched_yield();						\
	}								\
} while (0)

/* Read a word that another process writes, until it is this, or fail. */
void await_word(const volatile int *word, int value);

/* What /proc/PID/stat says: 'S', or 'D' if fatal signals alone wake it, ... */
char task_state(pid_t tid);
/* Wait until a task sleeps in a syscall, whatever the one, or fail. */
void await_sleep(pid_t tid);
/* In this syscall, and in a kernel function whose name begins like this */
void await_sleep_in(pid_t tid, int nr, const char *function);

/* Wait until there is a call to be received, or fail. */
void pin_await_call(struct pin *pin);

/* Wait until a child has ended, or fail; its status. */
int await_exit(pid_t pid);

/* The same, in this one, its first argument being this, or fail. */
void await_syscall(pid_t tid, long nr, unsigned long arg);

/* Write a string to a file, such as one of /proc; 0 or -errno */
int write_file(const char *path, const char *string);

/* Whether this is the kernel with KASAN and its like, or that with KCSAN */
bool debug_kernel(void);
/* Ten times as much on that with KCSAN, which stops at one access in fifty */
unsigned int time_limit(unsigned int limit);

/* A page or more that this process and its children share */
void *shared_memory(size_t size);

/* For processes that are no tests: say what does not hold, and end. */
#define REQUIRE(condition) do {						\
	if (!(condition)) {						\
		fprintf(stderr, "# %s:%d: %s\n", __FILE__, __LINE__,	\
			#condition);					\
		_exit(1);						\
	}								\
} while (0)

/* Seconds that a program may take: less than tests/tap.sh gives it */
#define PROGRAM_LIMIT	time_limit(1100)

/* Runs a group; a test that hangs ends the program. */
#define run_group(tests)						\
	(alarm(PROGRAM_LIMIT), cmocka_run_group_tests_name(__FILE__, tests, NULL, NULL))

#endif /* PIN_H */
