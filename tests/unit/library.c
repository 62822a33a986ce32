// SPDX-License-Identifier: GPL-2.0-only
/* The library's own logic, on the host: its ioctls are answered here. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/seccomp.h>
#include <pinredir.h>

#define SLOT	16384U
#define WINDOW	(16 * SLOT)

/* Where the larger slot is */
#define LARGE_OFFSET	WINDOW
#define LARGE_ADDRESS	0x7f1000000000

/* What the module and the listener are to say, and what they were told */
static struct {
	struct seccomp_pin_receive receive;
	int fetch_error;
	const char *fetch_bytes;
	int redirect_error;
	int send_error;
	int deny_error;
	unsigned int denials;
	unsigned char *arena;
	unsigned int seals;
	uint64_t arena_size;
	struct seccomp_pin_attach attach;
	struct seccomp_pin_fetch fetch;
	struct seccomp_pin_redirect redirect;
	struct seccomp_notif_resp resp;
	struct seccomp_pin_drop drop;
	int next_error;
	int drop_error;
	uint64_t features;
	struct seccomp_pin_alloc alloc;
	int alloc_error;
	uint32_t alloc_most;
	unsigned int allocs;
	unsigned int fetches;
	bool slow;
	unsigned int nexts;
	bool nonblock;
	unsigned int rules;
	unsigned int redirects;
	unsigned int shorts;
	unsigned int sends;
	unsigned int releases;
	unsigned int interruptions;
	unsigned int attaches;
	unsigned int shared_arenas;
} fake;

static int error(int err)
{
	errno = -err;
	return err ? -1 : 0;
}

static void take_answer(const void *answer, size_t size)
{
	memset(&fake.redirect, 0, sizeof(fake.redirect));
	memcpy(&fake.redirect, answer, size);
	fake.redirects++;
	fake.shorts += size == SECCOMP_PIN_SHORT;
}

/* Answers one call, and receives another; each can fail. */
static int fake_next(struct seccomp_pin_next *next)
{
	fake.nexts++;
	assert_int_equal(next->count, 1);
	assert_true(next->size == sizeof(fake.redirect) ||
		    next->size == SECCOMP_PIN_SHORT);
	assert_int_equal(next->reserved, 0);
	assert_int_equal(next->receive.id, 0);
	next->answered = 0;
	if (fake.redirect_error)
		return error(fake.redirect_error);
	take_answer((const void *)(uintptr_t)next->answers, next->size);
	next->answered = 1;
	if (fake.next_error)
		return error(fake.next_error);
	fake.nonblock = next->receive.flags & SECCOMP_PIN_NONBLOCK;
	next->receive = fake.receive;
	return 0;
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

static int fake_fetch(struct seccomp_pin_fetch *fetch)
{
	uint64_t until = now_ms() + (fetch->timeout * 3 + 3) / 4;

	fake.fetches++;
	fake.fetch = *fetch;
	/* A target whose memory comes just in time */
	while (fake.slow && now_ms() < until)
		;
	if (!fake.fetch_error && fetch->kind == SECCOMP_PIN_STRING) {
		if (strlen(fake.fetch_bytes) >= fetch->len)
			return error(-ENAMETOOLONG);
		fetch->len = strlen(fake.fetch_bytes) + 1;
	}
	return error(fake.fetch_error);
}

static int fake_alloc(struct seccomp_pin_alloc *alloc)
{
	fake.allocs++;
	fake.alloc = *alloc;
	if (fake.alloc_error)
		return error(fake.alloc_error);
	if (alloc->size > fake.alloc_most)
		return error(-ENOBUFS);
	alloc->offset = LARGE_OFFSET;
	alloc->address = LARGE_ADDRESS;
	alloc->size = (alloc->size + SLOT - 1) / SLOT * SLOT;
	return 0;
}

int __wrap_ioctl(int fd, unsigned long request, void *arg);
int __wrap_ioctl(int fd, unsigned long request, void *arg)
{
	const struct seccomp_pin_redirect *redirect;
	struct seccomp_pin_query *query;

	(void)fd;
	if (fake.interruptions) {
		fake.interruptions--;
		return error(-EINTR);
	}
	switch (request) {
	case SECCOMP_PIN_QUERY:
		query = arg;
		query->abi_version = SECCOMP_PIN_ABI_VERSION;
		query->features = fake.features;
		return 0;
	case SECCOMP_PIN_ATTACH:
		fake.attach = *(struct seccomp_pin_attach *)arg;
		fake.seals = fcntl(fake.attach.arena, F_GET_SEALS);
		fake.arena_size = lseek(fake.attach.arena, 0, SEEK_END);
		return error(++fake.attaches > fake.shared_arenas ? 0 :
			     -EAGAIN);
	case SECCOMP_PIN_RULES:
		fake.rules = ((struct seccomp_pin_rules *)arg)->count;
		return 0;
	case SECCOMP_PIN_RECEIVE:
		*(struct seccomp_pin_receive *)arg = fake.receive;
		return 0;
	case SECCOMP_PIN_FETCH:
		return fake_fetch(arg);
	case SECCOMP_PIN_ALLOC:
		return fake_alloc(arg);
	case SECCOMP_PIN_REDIRECT:
		redirect = arg;
		if (redirect->flags & SECCOMP_PIN_DENY) {
			fake.denials++;
			fake.redirect = *redirect;
			return error(fake.deny_error);
		}
		take_answer(arg, sizeof(fake.redirect));
		return error(fake.redirect_error);
	case SECCOMP_PIN_REDIRECT_SHORT:
		take_answer(arg, SECCOMP_PIN_SHORT);
		return error(fake.redirect_error);
	case SECCOMP_PIN_NEXT:
		return fake_next(arg);
	case SECCOMP_PIN_DROP:
		fake.drop = *(struct seccomp_pin_drop *)arg;
		return error(fake.drop_error);
	case SECCOMP_PIN_RELEASE:
		fake.releases++;
		return 0;
	case SECCOMP_IOCTL_NOTIF_SEND:
		fake.sends++;
		fake.resp = *(struct seccomp_notif_resp *)arg;
		return error(fake.send_error);
	default:
		return error(-ENOTTY);
	}
}

static struct pinredir *ctx;
static struct pinredir_call *call;

static int setup_with(uint64_t features)
{
	struct pinredir_options options = {
		.size = sizeof(options),
		.flags = PINREDIR_STAY_DUMPABLE,
		.arena_size = 64 * SLOT,
		.completions = 8,
		.device = "/dev/null",
	};

	memset(&fake, 0, sizeof(fake));
	fake.features = features;
	fake.alloc_most = WINDOW;
	if (pinredir_open(&ctx, STDIN_FILENO, &options))
		return -1;
	/* A call with a path by rule, a struct by rule, and no third rule */
	fake.receive = (struct seccomp_pin_receive){
		.id = 42,
		.data.nr = SYS_openat2,
		.data.args = { 1, 0x1000, 0x2000, 24, 0x3000, 0 },
		.slot_offset = 2 * SLOT,
		.slot_address = 0x7f0000000000,
		.slot_size = SLOT,
		.copies = {
			[1] = { SECCOMP_PIN_STRING, 0, 0, 5 },
			[2] = { SECCOMP_PIN_BYTES_ARG, 0, 8, 24 },
		},
	};
	return pinredir_receive(ctx, &call, 0);
}

static int setup(void **state)
{
	(void)state;
	return setup_with(0);
}

static int setup_alloc(void **state)
{
	(void)state;
	return setup_with(SECCOMP_PIN_FEATURE_ALLOC);
}

static int setup_short(void **state)
{
	(void)state;
	return setup_with(SECCOMP_PIN_FEATURE_COPIED);
}

static int teardown(void **state)
{
	(void)state;
	pinredir_release(call);
	pinredir_close(ctx);
	return 0;
}

/* Another thread forks while an arena is being made: it is made anew. */
static void open_has_the_arena_to_itself(void **state)
{
	struct pinredir_options options = {
		.size = sizeof(options),
		.flags = PINREDIR_STAY_DUMPABLE,
		.arena_size = 64 * SLOT,
		.device = "/dev/null",
	};
	struct pinredir *other;

	(void)state;
	assert_true(fake.attach.flags & SECCOMP_PIN_ATTACH_SOLE);
	fake.attaches = 0;
	fake.shared_arenas = 2;
	assert_int_equal(pinredir_open(&other, STDIN_FILENO, &options), 0);
	assert_int_equal(fake.attaches, 3);
	pinredir_close(other);
	fake.attaches = 0;
	fake.shared_arenas = UINT_MAX;
	assert_int_equal(pinredir_open(&other, STDIN_FILENO, &options),
			 -EAGAIN);
}

static void open_seals_and_attaches(void **state)
{
	(void)state;
	/* F_SEAL_EXEC comes with MFD_NOEXEC_SEAL, where there is that. */
	assert_int_equal(fake.seals & ~0x20,
			 F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE |
			 F_SEAL_SEAL);
	assert_int_equal(fake.arena_size, 64 * SLOT);
	assert_int_equal(fake.attach.slot_size, SLOT);
	assert_int_equal(fake.attach.window_size, 16 * SLOT);
	assert_int_equal(fake.attach.windows_per_mm, 64);
	assert_int_equal(fake.rules, pinredir_default_rules(NULL, 0, 0));
	/* Its duplicate, not the caller's */
	assert_int_equal(fake.attach.listener, pinredir_poll_fd(ctx));
	assert_int_not_equal(fake.attach.listener, STDIN_FILENO);
	assert_int_equal(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 1);
}

static void rules_are_complete_and_single(void **state)
{
	static const struct { int nr; unsigned int arg; } wanted[] = {
		{ SYS_open, 0 }, { SYS_openat, 1 }, { SYS_openat2, 1 },
		{ SYS_openat2, 2 }, { SYS_stat, 0 }, { SYS_lstat, 0 },
		{ SYS_newfstatat, 1 }, { SYS_statx, 1 }, { SYS_execve, 0 },
		{ SYS_execveat, 1 }, { SYS_unlinkat, 1 }, { SYS_renameat2, 1 },
		{ SYS_renameat2, 3 }, { SYS_linkat, 1 }, { SYS_linkat, 3 },
		{ SYS_symlinkat, 0 }, { SYS_symlinkat, 2 },
		{ SYS_faccessat2, 1 }, { SYS_fchownat, 1 }, { SYS_mknodat, 1 },
	};
	size_t i, j, found, n = pinredir_default_rules(NULL, 0, 0);
	struct seccomp_pin_rule *rules = calloc(n + 1, sizeof(*rules));

	(void)state;
	assert_non_null(rules);
	rules[n].max = 4711;
	assert_int_equal(pinredir_default_rules(rules, n, sizeof(*rules)), n);
	assert_int_equal(rules[n].max, 4711);
	for (i = 0; i < n; i++) {
		assert_true(rules[i].max > 0 && rules[i].max <= SLOT);
		for (j = 0; j < i; j++)
			assert_false(rules[i].nr == rules[j].nr &&
				     rules[i].arg == rules[j].arg);
	}
	for (i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		for (found = 0, j = 0; j < n; j++)
			found += rules[j].nr == (unsigned int)wanted[i].nr &&
				 rules[j].arg == wanted[i].arg;
		assert_int_equal(found, 1);
	}
	/* No more than there is room for */
	memset(rules, 0, n * sizeof(*rules));
	assert_int_equal(pinredir_default_rules(rules, 1, sizeof(*rules)), n);
	assert_int_not_equal(rules[0].max, 0);
	assert_int_equal(rules[1].max, 0);
	free(rules);
}

/* What a rule had copied is pinned even if it was not looked at. */
static void allow_pins_all_copies(void **state)
{
	(void)state;
	assert_int_equal(pinredir_allow(call), 0);
	assert_int_equal(fake.redirect.id, 42);
	assert_int_equal(fake.redirect.args_mask, 6);
	assert_int_equal(fake.redirect.ptr_mask, 6);
	assert_int_equal(fake.redirect.arena_mask, 6);
	assert_int_equal(fake.redirect.str_mask, 2);
	assert_int_equal(fake.redirect.args[1], 2 * SLOT);
	assert_int_equal(fake.redirect.ptr_len[1], 5);
	assert_int_equal(fake.redirect.args[2], 2 * SLOT + 8);
	assert_int_equal(fake.redirect.ptr_len[2], 24);
	assert_int_equal(fake.redirect.args[0], 0);
	assert_int_equal(fake.redirect.flags, 0);
}

/* Where the device takes it, and there is no more to be said */
static void what_is_as_copied_is_said_shortly(void **state)
{
	const char *string;

	(void)state;
	assert_int_equal(pinredir_get_string(call, 1, &string), 0);
	pinredir_want_completion(call);
	assert_int_equal(pinredir_allow(call), 0);
	assert_int_equal(fake.shorts, 1);
	assert_int_equal(fake.redirect.id, 42);
	assert_int_equal(fake.redirect.flags,
			 SECCOMP_PIN_COPIED | SECCOMP_PIN_COMPLETION);
	assert_int_equal(fake.redirect.args_mask, 0);
}

static void short_answers_with_next(void **state)
{
	struct pinredir_call *second;

	(void)state;
	assert_int_equal(pinredir_next(call, &second, 0), 0);
	assert_int_equal(fake.shorts, 1);
	assert_int_equal(fake.redirect.flags, SECCOMP_PIN_COPIED);
	assert_int_equal(pinredir_set_value(second, 5, 1), 0);
	pinredir_release(call);
	assert_int_equal(pinredir_next(second, &call, 0), 0);
	assert_int_equal(fake.shorts, 1);
	assert_int_equal(fake.redirect.args_mask, 0x26);
	pinredir_release(second);
}

static void more_to_say(struct seccomp_pin_redirect expected)
{
	assert_int_equal(pinredir_allow(call), 0);
	assert_int_equal(fake.redirects, 1);
	assert_int_equal(fake.shorts, 0);
	assert_int_equal(fake.redirect.flags, expected.flags);
	assert_int_equal(fake.redirect.args_mask, expected.args_mask);
}

static void set_is_not_as_copied(void **state)
{
	(void)state;
	assert_int_equal(pinredir_set_string(call, 1, "/other"), 0);
	more_to_say((struct seccomp_pin_redirect){ .args_mask = 6 });
}

static void a_value_is_not_as_copied(void **state)
{
	(void)state;
	assert_int_equal(pinredir_set_value(call, 0, 7), 0);
	more_to_say((struct seccomp_pin_redirect){ .args_mask = 7 });
}

static void fetched_is_not_as_copied(void **state)
{
	const void *bytes;
	size_t len = 8;

	(void)state;
	assert_int_equal(pinredir_get_bytes(call, 4, &bytes, &len), 0);
	more_to_say((struct seccomp_pin_redirect){ .args_mask = 0x16 });
}

static void remembered_is_not_short(void **state)
{
	(void)state;
	assert_int_equal(pinredir_remember(call, 0, 3, 0), 0);
	more_to_say((struct seccomp_pin_redirect){
		    .flags = SECCOMP_PIN_REMEMBER, .args_mask = 6 });
}

/* An execve() that is allowed ends the mm, and what would be remembered for it. */
static void execve_is_remembered_for_all(void **state)
{
	(void)state;
	pinredir_release(call);
	fake.receive.data.nr = SYS_execve;
	assert_int_equal(pinredir_receive(ctx, &call, 0), 0);
	assert_int_equal(pinredir_remember(call, 0, 3, 0), 0);
	assert_int_equal(pinredir_allow(call), 0);
	assert_int_equal(fake.shorts, 1);
	assert_int_equal(fake.redirect.flags, SECCOMP_PIN_COPIED);
	pinredir_release(call);

	assert_int_equal(pinredir_receive(ctx, &call, 0), 0);
	assert_int_equal(pinredir_remember(call, 0, 3, PINREDIR_FOR_ALL), 0);
	assert_int_equal(pinredir_allow(call), 0);
	assert_int_equal(fake.shorts, 1);
	assert_int_equal(fake.redirect.flags,
			 SECCOMP_PIN_REMEMBER | SECCOMP_PIN_FOR_ALL);
	pinredir_release(call);

	assert_int_equal(pinredir_receive(ctx, &call, 0), 0);
	assert_int_equal(pinredir_remember(call, 0, 3, 0), 0);
	assert_int_equal(pinredir_deny(call, EPERM), 0);
	assert_int_equal(fake.redirect.flags,
			 SECCOMP_PIN_DENY | SECCOMP_PIN_REMEMBER);
}

/* A copy of nothing has no place; and what has failed is not allowed at all. */
static void copies_that_are_none(void **state)
{
	struct pinredir_call *second;

	(void)state;
	fake.receive.copies[2].len = 0;
	assert_int_equal(pinredir_receive(ctx, &second, 0), 0);
	assert_int_equal(pinredir_allow(second), 0);
	assert_int_equal(fake.shorts, 0);
	assert_int_equal(fake.redirect.args_mask, 2);
	pinredir_release(second);

	fake.receive.copies[2].error = -EFAULT;
	assert_int_equal(pinredir_receive(ctx, &second, 0), 0);
	assert_int_equal(pinredir_allow(second), -EFAULT);
	assert_int_equal(fake.redirects, 1);
	pinredir_release(second);
}

static void allow_pins_what_was_set(void **state)
{
	const char *string;

	(void)state;
	assert_int_equal(pinredir_set_string(call, 1, "/other"), 0);
	assert_int_equal(pinredir_set_value(call, 3, 32), 0);
	assert_int_equal(pinredir_get_string(call, 1, &string), 0);
	assert_string_equal(string, "/other");
	pinredir_want_completion(call);
	assert_int_equal(pinredir_allow(call), 0);
	assert_int_equal(fake.redirect.flags, SECCOMP_PIN_COMPLETION);
	assert_int_equal(fake.redirect.args_mask, 0xe);
	assert_int_equal(fake.redirect.ptr_mask, 6);
	assert_int_equal(fake.redirect.args[3], 32);
	/* Behind what was there, aligned for a structure */
	assert_int_equal(fake.redirect.args[1], 2 * SLOT + 32);
	assert_int_equal(fake.redirect.ptr_len[1], 7);
}

static void gets_without_a_rule_fetch(void **state)
{
	const char *string;
	const void *bytes;
	size_t len = 3;

	(void)state;
	fake.fetch_bytes = "abc";
	assert_int_equal(pinredir_get_string(call, 4, &string), 0);
	assert_int_equal(fake.fetch.address, 0x3000);
	assert_int_equal(fake.fetch.kind, SECCOMP_PIN_STRING);
	assert_int_equal(fake.fetch.len, 4096);
	assert_int_equal(fake.fetch.offset, 32);
	assert_int_equal(fake.fetch.timeout, 1000);
	/* A second look is at the same bytes. */
	fake.fetch_error = -EIO;
	assert_int_equal(pinredir_get_string(call, 4, &string), 0);
	assert_int_equal(pinredir_get_bytes(call, 4, &bytes, &len), 0);
	assert_int_equal(len, 4);
	assert_ptr_equal(bytes, string);
	len = 5;
	assert_int_equal(pinredir_get_bytes(call, 4, &bytes, &len), -E2BIG);
	len = 0;
	assert_int_equal(pinredir_get_bytes(call, 4, &bytes, &len), 0);
	assert_int_equal(pinredir_allow(call), 0);
	assert_int_equal(fake.redirect.str_mask, 1 << 1 | 1 << 4);
	assert_int_equal(fake.redirect.ptr_len[4], 4);
}

static void failed_gets_refuse(void **state)
{
	const char *string;

	(void)state;
	fake.fetch_error = -EFAULT;
	assert_int_equal(pinredir_get_string(call, 4, &string), -EFAULT);
	assert_int_equal(pinredir_allow(call), -EFAULT);
	assert_int_equal(fake.redirects, 0);
	/* Replaced, it is not the target's any more. */
	assert_int_equal(pinredir_set_string(call, 4, "x"), 0);
	assert_int_equal(pinredir_allow(call), 0);
	assert_int_equal(fake.redirects, 1);
}

static void copies_with_an_error_refuse_when_looked_at(void **state)
{
	const char *string;
	const void *bytes;
	size_t len = 0;

	(void)state;
	pinredir_release(call);
	fake.receive.copies[1].error = -EACCES;
	fake.receive.copies[1].len = 0;
	fake.receive.copies[2].error = -E2BIG;
	fake.receive.copies[2].len = 0;
	assert_int_equal(pinredir_receive(ctx, &call, 0), 0);
	assert_int_equal(pinredir_get_bytes(call, 2, &bytes, &len), -E2BIG);
	assert_int_equal(pinredir_get_string(call, 1, &string), -EACCES);
	assert_int_equal(pinredir_allow(call), -EACCES);
	assert_int_equal(fake.redirects, 0);
	assert_int_equal(fake.fetch.id, 0);
	assert_int_equal(pinredir_deny(call, EPERM), 0);
}

static void slots_have_an_end(void **state)
{
	static char big[SLOT];

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	assert_int_equal(pinredir_set_string(call, 1, big), -ENOBUFS);
	assert_int_equal(pinredir_allow(call), -ENOBUFS);
	assert_int_equal(pinredir_set_bytes(call, 1, big, SLOT - 32), 0);
	assert_int_equal(pinredir_set_bytes(call, 2, big, 1), -ENOBUFS);
	assert_int_equal(pinredir_set_value(call, 2, 0), 0);
	assert_int_equal(pinredir_set_bytes(call, 1, big, 0), -EINVAL);
	assert_int_equal(pinredir_set_bytes(call, 6, big, 1), -EINVAL);
	assert_int_equal(pinredir_allow(call), 0);
	/* Of a module that has no larger ones, none is asked for. */
	assert_int_equal(fake.allocs, 0);
}

/* What there is no room for is in a larger slot, and so is what comes then. */
static void larger_slots_come_by_themselves(void **state)
{
	static char big[SLOT];
	const char *string;
	const void *bytes;
	size_t len = 0;

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	assert_int_equal(pinredir_get_bytes(call, 2, &bytes, &len), 0);
	assert_int_equal(pinredir_set_string(call, 1, big), 0);
	assert_int_equal(fake.alloc.id, 42);
	assert_int_equal(fake.alloc.offset, 0);
	assert_int_equal(fake.alloc.address, 0);
	assert_int_equal(fake.alloc.size, WINDOW);
	assert_int_equal(fake.alloc.timeout, 1000);
	assert_int_equal(fake.alloc.flags, 0);
	assert_int_equal(fake.alloc.reserved, 0);
	assert_int_equal(pinredir_get_string(call, 1, &string), 0);
	assert_string_equal(string, big);
	assert_int_equal(pinredir_address(call, string), LARGE_ADDRESS);
	assert_int_equal(pinredir_address(call, string + WINDOW - 1),
			 LARGE_ADDRESS + WINDOW - 1);
	assert_int_equal(pinredir_address(call, string + WINDOW), 0);
	assert_int_equal(pinredir_address(call, string - 1), 0);
	/* What was there is where it was. */
	assert_int_equal(pinredir_address(call, bytes), 0x7f0000000000 + 8);

	assert_int_equal(pinredir_set_bytes(call, 4, "y", 1), 0);
	assert_int_equal(fake.allocs, 1);
	assert_int_equal(pinredir_allow(call), 0);
	assert_int_equal(fake.redirect.arena_mask, 0x16);
	assert_int_equal(fake.redirect.args[1], LARGE_OFFSET);
	assert_int_equal(fake.redirect.ptr_len[1], SLOT);
	assert_int_equal(fake.redirect.args[2], 2 * SLOT + 8);
	assert_int_equal(fake.redirect.args[4], LARGE_OFFSET + SLOT);
	assert_int_equal(fake.redirect.ptr_len[4], 1);
}

static void larger_slots_have_an_end(void **state)
{
	static char big[WINDOW + 1];

	(void)state;
	assert_int_equal(pinredir_set_bytes(call, 1, big, WINDOW + 1),
			 -ENOBUFS);
	assert_int_equal(fake.allocs, 0);
	assert_int_equal(pinredir_set_bytes(call, 1, big, WINDOW), 0);
	assert_int_equal(pinredir_set_bytes(call, 2, big, 1), -ENOBUFS);
	assert_int_equal(pinredir_allow(call), -ENOBUFS);
	assert_int_equal(fake.allocs, 1);
	/* It was that call's. */
	pinredir_release(call);
	assert_int_equal(pinredir_receive(ctx, &call, 0), 0);
	assert_int_equal(pinredir_address(call, big), 0);
	assert_int_equal(pinredir_set_bytes(call, 2, big, 1), 0);
	assert_int_equal(fake.allocs, 1);
	assert_int_equal(pinredir_set_bytes(call, 1, big, SLOT), 0);
	assert_int_equal(fake.allocs, 2);
	assert_int_equal(pinredir_allow(call), 0);
	assert_int_equal(fake.redirect.args[1], LARGE_OFFSET);
	assert_int_equal(fake.redirect.args[2], 2 * SLOT + 32);
}

/* As large as can be, or as is needed, or why there is none */
static void larger_slots_can_be_refused(void **state)
{
	static char big[3 * SLOT];

	(void)state;
	fake.alloc_most = 2 * SLOT;
	assert_int_equal(pinredir_set_bytes(call, 1, big, 3 * SLOT), -ENOBUFS);
	assert_int_equal(fake.allocs, 2);
	assert_int_equal(fake.alloc.size, 3 * SLOT);
	assert_int_equal(pinredir_allow(call), -ENOBUFS);
	fake.alloc_error = -ETIMEDOUT;
	assert_int_equal(pinredir_set_bytes(call, 1, big, SLOT + 1),
			 -ETIMEDOUT);
	assert_int_equal(fake.allocs, 3);
	assert_int_equal(pinredir_allow(call), -ETIMEDOUT);
	/* Its memory is gone, and so will be the call. */
	fake.alloc_error = -ESRCH;
	assert_int_equal(pinredir_set_bytes(call, 1, big, SLOT + 1),
			 PINREDIR_GONE);
	fake.alloc_error = 0;
	assert_int_equal(pinredir_set_bytes(call, 1, big, SLOT + 1), 0);
	assert_int_equal(fake.allocs, 6);
	assert_int_equal(fake.alloc.size, SLOT + 1);
	assert_int_equal(pinredir_set_bytes(call, 2, big, SLOT), -ENOBUFS);
	assert_int_equal(pinredir_set_bytes(call, 2, big, SLOT - 8), 0);
	assert_int_equal(pinredir_allow(call), 0);
}

static void fetches_go_to_larger_slots(void **state)
{
	static char big[SLOT], word[64];
	const char *string;
	const void *bytes;
	size_t len = SLOT;

	(void)state;
	memset(word, 'w', sizeof(word) - 1);
	/* In the first one there is room for 32 bytes, which may be enough. */
	assert_int_equal(pinredir_set_bytes(call, 1, big, SLOT - 64), 0);
	fake.fetch_bytes = "short";
	assert_int_equal(pinredir_get_string(call, 4, &string), 0);
	assert_int_equal(fake.fetch.offset, SLOT - 32);
	assert_int_equal(fake.fetch.len, 32);
	assert_int_equal(fake.allocs, 0);
	fake.fetch_bytes = word;
	assert_int_equal(pinredir_get_string(call, 3, &string), 0);
	assert_int_equal(fake.fetches, 3);
	assert_int_equal(fake.allocs, 1);
	/* Counted on from the end of the first one */
	assert_int_equal(fake.fetch.offset, SLOT);
	assert_int_equal(fake.fetch.len, PATH_MAX);
	assert_int_equal(pinredir_address(call, string), LARGE_ADDRESS);

	assert_int_equal(pinredir_fetch(call, 0x5000, PINREDIR_BYTES, &bytes,
					&len), 0);
	assert_int_equal(fake.fetch.offset, SLOT + 64);
	assert_ptr_equal(bytes, string + 64);
	len = WINDOW;
	assert_int_equal(pinredir_fetch(call, 0x5000, PINREDIR_BYTES, &bytes,
					&len), -ENOBUFS);
	assert_null(bytes);
	assert_int_equal(len, WINDOW);
	assert_int_equal(fake.fetches, 4);
	assert_int_equal(pinredir_allow(call), 0);
	assert_int_equal(fake.redirect.args[3], LARGE_OFFSET);
	assert_int_equal(fake.redirect.ptr_len[3], 64);
	assert_int_equal(fake.redirect.args[4], 3 * SLOT - 32);
}

/* All that is fetched for a call has a limit of time, ten times that of one request. */
static void fetches_have_one_limit(void **state)
{
	struct pinredir_options options = {
		.size = sizeof(options),
		.flags = PINREDIR_STAY_DUMPABLE,
		.arena_size = 64 * SLOT,
		.device = "/dev/null",
		.timeout = 40,
	};
	const void *bytes;
	uint64_t start;
	size_t len = 1;
	int err;

	(void)state;
	pinredir_release(call);
	pinredir_close(ctx);
	assert_int_equal(pinredir_open(&ctx, STDIN_FILENO, &options), 0);
	assert_int_equal(pinredir_receive(ctx, &call, 0), 0);
	fake.slow = true;
	start = now_ms();
	while (!(err = pinredir_fetch(call, 0x5000, PINREDIR_BYTES, &bytes, &len)))
		assert_true(fake.fetch.timeout <= 40);
	assert_int_equal(err, -ETIMEDOUT);
	assert_true(now_ms() - start >= 400);
	assert_true(fake.fetches > 1);
	/* The next call has all of it. */
	pinredir_release(call);
	assert_int_equal(pinredir_receive(ctx, &call, 0), 0);
	fake.slow = false;
	assert_int_equal(pinredir_fetch(call, 0x5000, PINREDIR_BYTES, &bytes,
					&len), 0);
	assert_int_equal(fake.fetch.timeout, 40);
}

/* However long it may be, it is as long as it is, or longer than that. */
static void fetches_of_strings_of_any_length(void **state)
{
	static char big[WINDOW + 1];
	const void *bytes;
	size_t len = SIZE_MAX;

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	fake.fetch_bytes = big;
	assert_int_equal(pinredir_fetch(call, 0x5000, PINREDIR_STRING, &bytes,
					&len), -ENOBUFS);
	assert_int_equal(fake.fetch.len, WINDOW);
	big[WINDOW - 1] = '\0';
	assert_int_equal(pinredir_fetch(call, 0x5000, PINREDIR_STRING, &bytes,
					&len), 0);
	assert_int_equal(len, WINDOW);
	assert_int_equal(fake.allocs, 1);
}

/* The kernel would read more than what was looked at. */
static void gets_of_too_much_refuse(void **state)
{
	const void *bytes;
	size_t len = 25;

	(void)state;
	assert_int_equal(pinredir_get_bytes(call, 2, &bytes, &len), -E2BIG);
	assert_int_equal(pinredir_allow(call), -E2BIG);
	len = 24;
	assert_int_equal(pinredir_get_bytes(call, 2, &bytes, &len), 0);
	assert_int_equal(pinredir_allow(call), 0);
}

/* Nothing ends them that is looked for. */
static void bytes_are_no_string(void **state)
{
	const char *string = "";

	(void)state;
	assert_int_equal(pinredir_get_string(call, 2, &string), -EINVAL);
	assert_null(string);
	assert_int_equal(pinredir_allow(call), -EINVAL);

	assert_int_equal(pinredir_set_bytes(call, 1, "abc", 3), 0);
	assert_int_equal(pinredir_get_string(call, 1, &string), -EINVAL);
	assert_int_equal(pinredir_set_string(call, 1, "abc"), 0);
	assert_int_equal(pinredir_get_string(call, 1, &string), 0);
	assert_string_equal(string, "abc");
}

/* The next one may be in the same memory. */
static void calls_leave_nothing_to_the_next(void **state)
{
	(void)state;
	pinredir_want_completion(call);
	assert_int_equal(pinredir_remember(call, 1, 3, PINREDIR_FOR_ALL), 0);
	pinredir_release(call);
	memset(fake.receive.copies, 0, sizeof(fake.receive.copies));
	assert_int_equal(pinredir_receive(ctx, &call, 0), 0);
	assert_int_equal(pinredir_set_value(call, 0, 7), 0);
	assert_int_equal(pinredir_allow(call), 0);
	assert_memory_equal(&fake.redirect,
			    (&(struct seccomp_pin_redirect){
				.id = 42, .args_mask = 1, .args = { 7 },
			    }), sizeof(fake.redirect));
}

/* A target could make a copy fail, for the call to run unpinned. */
static void copies_with_an_error_refuse_anyway(void **state)
{
	(void)state;
	pinredir_release(call);
	fake.receive.copies[2].error = -EFAULT;
	fake.receive.copies[2].len = 0;
	assert_int_equal(pinredir_receive(ctx, &call, 0), 0);
	assert_int_equal(pinredir_allow(call), -EFAULT);
	assert_int_equal(fake.redirects, 0);
	assert_int_equal(pinredir_set_bytes(call, 2, "x", 1), 0);
	assert_int_equal(pinredir_allow(call), 0);
}

/* After the answer, the slot can be another call's. */
static void nothing_after_the_answer(void **state)
{
	const char *string = "";
	const void *bytes;
	unsigned char before[SLOT];
	size_t len = 1;

	(void)state;
	assert_int_equal(pinredir_get_string(call, 1, &string), 0);
	memcpy(before, string, SLOT);
	assert_int_equal(pinredir_allow(call), 0);
	assert_int_equal(pinredir_set_string(call, 1, "x"), -EINPROGRESS);
	assert_int_equal(pinredir_set_value(call, 1, 0), -EINPROGRESS);
	assert_memory_equal(before, string, SLOT);
	assert_int_equal(pinredir_get_string(call, 1, &string), -EINPROGRESS);
	assert_int_equal(pinredir_get_bytes(call, 1, &bytes, &len),
			 -EINPROGRESS);
	assert_int_equal(pinredir_fetch(call, 1, PINREDIR_BYTES, &bytes, &len),
			 -EINPROGRESS);
	assert_int_equal(fake.fetch.id, 0);
}

#define VECTOR_OFFSET	64U
#define VECTOR_STRINGS	(3 * 8)		/* two pointers and a NULL before them */
#define VECTOR_LEN	(VECTOR_STRINGS + 3 + 2)

/* A call with a vector by rule; the array, as it is in the slot */
static uint64_t *receive_vector(const char **strings)
{
	const uint64_t address = 0x7f0000000000 + VECTOR_OFFSET;
	const char *path;
	uint64_t *array;

	pinredir_release(call);
	fake.receive.copies[4] = (struct seccomp_pin_copy){
		SECCOMP_PIN_VECTOR, 0, VECTOR_OFFSET, VECTOR_LEN
	};
	assert_int_equal(pinredir_receive(ctx, &call, 0), 0);
	assert_int_equal(pinredir_get_string(call, 1, &path), 0);
	array = (uint64_t *)(path + VECTOR_OFFSET);
	*strings = (const char *)array + VECTOR_STRINGS;
	memcpy(array + 3, "ab\0c", 5);
	array[0] = address + VECTOR_STRINGS;
	array[1] = address + VECTOR_STRINGS + 3;
	array[2] = 0;
	return array;
}

static void vectors_are_in_the_slot(void **state)
{
	const char *strings;
	const void *bytes;
	size_t count;
	uint64_t *array = receive_vector(&strings);

	(void)state;
	/* Not before it is known how many there are */
	assert_null(pinredir_vector_string(call, 4, 0));
	assert_int_equal(pinredir_get_vector(call, 4, &count), 0);
	assert_int_equal(count, 2);
	assert_ptr_equal(pinredir_vector_string(call, 4, 0), strings);
	assert_ptr_equal(pinredir_vector_string(call, 4, 1), strings + 3);
	assert_null(pinredir_vector_string(call, 4, 2));
	assert_null(pinredir_vector_string(call, 4, 3));
	assert_null(pinredir_vector_string(call, 4, SIZE_MAX));
	assert_null(pinredir_vector_string(call, 1, 0));
	assert_null(pinredir_vector_string(call, 6, 0));
	count = 0;
	assert_int_equal(pinredir_get_bytes(call, 4, &bytes, &count), 0);
	assert_ptr_equal(bytes, array);
	assert_int_equal(count, VECTOR_LEN);
	assert_int_equal(pinredir_allow(call), 0);
	assert_int_equal(fake.redirect.args[4], 2 * SLOT + VECTOR_OFFSET);
	assert_int_equal(fake.redirect.ptr_len[4], VECTOR_LEN);
	assert_int_equal(fake.redirect.arena_mask, 0x16);
	assert_int_equal(fake.redirect.str_mask, 2);
	assert_null(pinredir_vector_string(call, 4, 0));
}

/* No address is followed that is not in the slot, or in a part not in use. */
static void vectors_that_are_none_refuse(void **state)
{
	const uint64_t address = 0x7f0000000000 + VECTOR_OFFSET;
	const uint64_t bad[] = {
		1, address + VECTOR_LEN, address - SLOT,
		(uintptr_t)&address, UINT64_MAX,
	};
	const char *strings;
	uint64_t *array;
	size_t count, i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		array = receive_vector(&strings);
		assert_int_equal(pinredir_get_vector(call, 4, &count), 0);
		array[1] = bad[i];
		assert_null(pinredir_vector_string(call, 4, 1));
		assert_int_equal(pinredir_get_vector(call, 4, &count), -EINVAL);
		assert_int_equal(count, 0);
		assert_null(pinredir_vector_string(call, 4, 0));
		assert_int_equal(pinredir_allow(call), -EINVAL);
	}
	/* Without an end: of the last string, and of the array */
	array = receive_vector(&strings);
	((char *)array)[VECTOR_LEN - 1] = 'x';
	assert_int_equal(pinredir_get_vector(call, 4, &count), -EINVAL);
	array = receive_vector(&strings);
	array[2] = array[1];
	assert_int_equal(pinredir_get_vector(call, 4, &count), -EINVAL);
	assert_int_equal(fake.redirects, 0);
}

static void vectors_without_a_copy(void **state)
{
	const char *strings;
	size_t count = 1;

	(void)state;
	/* No pointer, memory that cannot be read, a rule of another kind */
	assert_int_equal(pinredir_get_vector(call, 5, &count), 0);
	assert_int_equal(count, 0);
	fake.fetch_error = -EFAULT;
	assert_int_equal(pinredir_get_vector(call, 4, &count), -EFAULT);
	assert_int_equal(pinredir_allow(call), -EFAULT);
	assert_int_equal(pinredir_get_vector(call, 1, &count), -EINVAL);
	assert_int_equal(pinredir_get_vector(call, 6, &count), -EINVAL);
	assert_int_equal(pinredir_allow(call), -EINVAL);
	assert_int_equal(fake.redirects, 0);

	/* Another in its place */
	receive_vector(&strings);
	assert_int_equal(pinredir_get_vector(call, 4, &count), 0);
	assert_int_equal(pinredir_set_bytes(call, 4, "x", 1), 0);
	assert_null(pinredir_vector_string(call, 4, 0));
	assert_int_equal(pinredir_get_vector(call, 4, &count), -EINVAL);

	/* What could not be copied */
	receive_vector(&strings);
	pinredir_release(call);
	fake.receive.copies[4].error = -E2BIG;
	assert_int_equal(pinredir_receive(ctx, &call, 0), 0);
	assert_int_equal(pinredir_get_vector(call, 4, &count), -E2BIG);
	assert_int_equal(pinredir_allow(call), -E2BIG);
	assert_int_equal(fake.redirects, 0);
}

static void next_allows_and_receives(void **state)
{
	struct pinredir_call *other;
	const char *string;

	(void)state;
	assert_int_equal(pinredir_set_string(call, 1, "/other"), 0);
	fake.receive.id = 43;
	assert_int_equal(pinredir_next(call, &other, PINREDIR_NONBLOCK), 0);
	assert_true(fake.nonblock);
	assert_int_equal(fake.redirect.id, 42);
	assert_int_equal(fake.redirect.ptr_len[1], 7);
	assert_int_equal(fake.redirect.args_mask, 6);
	assert_non_null(other);
	assert_int_equal(pinredir_id(other), 43);
	/* The old one is over, and the new one is not. */
	assert_int_equal(pinredir_get_string(call, 1, &string), -EINPROGRESS);
	assert_int_equal(pinredir_allow(call), -EINPROGRESS);
	assert_int_equal(pinredir_get_string(other, 1, &string), 0);
	pinredir_release(call);
	assert_int_equal(fake.releases, 0);
	call = other;
	assert_int_equal(pinredir_next(call, &other, 0), 0);
	assert_false(fake.nonblock);
	assert_int_equal(fake.redirect.id, 43);
	assert_int_equal(fake.redirect.args[1], 2 * SLOT);
	assert_int_equal(fake.redirect.ptr_len[1], 5);
	pinredir_release(other);
	assert_int_equal(fake.releases, 1);
	assert_int_equal(fake.nexts, 2);
}

/* What comes of receiving is said by receiving: this one has been answered. */
static void next_that_receives_nothing(void **state)
{
	static const int errors[] = {
		-EAGAIN, -EINTR, -ESRCH, -EBADF, -ENOMEM,
	};
	struct pinredir_call *other;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		other = call;
		fake.next_error = errors[i];
		assert_int_equal(pinredir_next(call, &other, 0), 0);
		assert_null(other);
		assert_int_equal(pinredir_allow(call), -EINPROGRESS);
		assert_int_equal(pinredir_next(call, &other, 0), -EINPROGRESS);
		assert_null(other);
		assert_int_equal(fake.nexts, i + 1);
		pinredir_release(call);
		assert_int_equal(fake.releases, 0);
		assert_int_equal(pinredir_receive(ctx, &call, 0), 0);
	}
}

static void next_that_cannot_allow(void **state)
{
	struct pinredir_call *other = call;
	const char *string;

	(void)state;
	assert_int_equal(pinredir_next(call, &other, PINREDIR_NONBLOCK << 1),
			 -EINVAL);
	assert_null(other);
	fake.fetch_error = -EFAULT;
	assert_int_equal(pinredir_get_string(call, 4, &string), -EFAULT);
	assert_int_equal(pinredir_next(call, &other, 0), -EFAULT);
	assert_null(other);
	assert_int_equal(fake.nexts, 0);
	/* Refused by the device, it can be answered in another way. */
	assert_int_equal(pinredir_set_value(call, 4, 0), 0);
	fake.redirect_error = -EACCES;
	other = call;
	assert_int_equal(pinredir_next(call, &other, 0), -EACCES);
	assert_null(other);
	assert_int_equal(pinredir_deny(call, EPERM), 0);
	assert_int_equal(fake.redirect.error, EPERM);
}

static void next_of_a_call_that_is_gone(void **state)
{
	struct pinredir_call *other;

	(void)state;
	fake.redirect_error = PINREDIR_GONE;
	assert_int_equal(pinredir_next(call, &other, 0), PINREDIR_GONE);
	assert_null(other);
	/* That was an answer: the device has let go of it. */
	pinredir_release(call);
	call = NULL;
	assert_int_equal(fake.releases, 0);
}

/* A signal that comes before the answer is no reason to refuse either. */
static void next_that_is_interrupted_is_made_again(void **state)
{
	struct pinredir_call *other;

	(void)state;
	fake.interruptions = 3;
	assert_int_equal(pinredir_next(call, &other, 0), 0);
	assert_int_equal(fake.redirects, 1);
	assert_non_null(other);
	pinredir_release(other);
}

static void remembered_answers(void **state)
{
	struct pinredir_call *other;

	(void)state;
	assert_int_equal(pinredir_remember(call, 1 << 6, 0, 0), -EINVAL);
	assert_int_equal(pinredir_remember(call, 0, 0, PINREDIR_FOR_ALL << 1),
			 -EINVAL);
	assert_int_equal(pinredir_remember(call, 1, 7, PINREDIR_FOR_ALL), 0);
	/* The last word counts. */
	assert_int_equal(pinredir_remember(call, 1 << 5, 77, 0), 0);
	pinredir_want_completion(call);
	assert_int_equal(pinredir_allow(call), 0);
	assert_int_equal(fake.redirect.flags,
			 SECCOMP_PIN_REMEMBER | SECCOMP_PIN_COMPLETION);
	assert_int_equal(fake.redirect.any_mask, 1 << 5);
	assert_int_equal(fake.redirect.cookie, 77);
	assert_int_equal(fake.redirect.args_mask, 6);
	assert_int_equal(fake.redirect.error, 0);
	assert_int_equal(pinredir_remember(call, 0, 0, 0), -EINPROGRESS);
	pinredir_release(call);

	/* Nothing of it is left for the next call. */
	assert_int_equal(pinredir_receive(ctx, &call, 0), 0);
	assert_int_equal(pinredir_allow(call), 0);
	assert_int_equal(fake.redirect.flags, 0);
	assert_int_equal(fake.redirect.any_mask, 0);
	assert_int_equal(fake.redirect.cookie, 0);
	pinredir_release(call);

	assert_int_equal(pinredir_receive(ctx, &call, 0), 0);
	assert_int_equal(pinredir_remember(call, 0, 78, PINREDIR_FOR_ALL), 0);
	assert_int_equal(pinredir_next(call, &other, 0), 0);
	assert_int_equal(fake.redirect.flags,
			 SECCOMP_PIN_REMEMBER | SECCOMP_PIN_FOR_ALL);
	assert_int_equal(fake.redirect.cookie, 78);
	pinredir_release(other);
}

static void remembered_denials(void **state)
{
	(void)state;
	pinredir_want_completion(call);
	assert_int_equal(pinredir_set_value(call, 3, 1), 0);
	assert_int_equal(pinredir_remember(call, 1, 77, PINREDIR_FOR_ALL), 0);
	assert_int_equal(pinredir_deny(call, 0), -EINVAL);
	assert_int_equal(pinredir_deny(call, 4096), -EINVAL);
	assert_int_equal(fake.redirects, 0);
	fake.deny_error = -EINVAL;
	assert_int_equal(pinredir_deny(call, EPERM), -EINVAL);
	fake.deny_error = 0;
	assert_int_equal(pinredir_deny(call, EPERM), 0);
	/* Through the device, which remembers it; and nothing but the errno */
	assert_int_equal(fake.sends, 0);
	assert_int_equal(fake.redirect.id, 42);
	assert_int_equal(fake.redirect.flags, SECCOMP_PIN_DENY |
			 SECCOMP_PIN_REMEMBER | SECCOMP_PIN_FOR_ALL);
	assert_int_equal(fake.redirect.error, EPERM);
	assert_int_equal(fake.redirect.any_mask, 1);
	assert_int_equal(fake.redirect.cookie, 77);
	assert_int_equal(fake.redirect.args_mask, 0);
	assert_int_equal(fake.redirect.args[3], 0);
	assert_int_equal(pinredir_deny(call, EPERM), -EINPROGRESS);
	pinredir_release(call);
	call = NULL;
	assert_int_equal(fake.releases, 0);
}

static void verdicts_are_dropped(void **state)
{
	(void)state;
	assert_int_equal(pinredir_drop(ctx, 0x1122334455667788), 0);
	assert_int_equal(fake.drop.cookie, 0x1122334455667788);
	assert_int_equal(fake.drop.flags, 0);
	assert_int_equal(fake.drop.reserved, 0);
	assert_int_equal(pinredir_drop(ctx, 0), 0);
	assert_int_equal(fake.drop.flags, 0);
	assert_int_equal(pinredir_drop_all(ctx), 0);
	assert_int_equal(fake.drop.cookie, 0);
	assert_int_equal(fake.drop.flags, SECCOMP_PIN_DROP_ALL);
	fake.drop_error = -EINVAL;
	assert_int_equal(pinredir_drop(ctx, 1), -EINVAL);
	assert_int_equal(pinredir_drop_all(ctx), -EINVAL);
}

static void verdicts_are_asked_for(void **state)
{
	struct pinredir_options options = {
		.size = sizeof(options),
		.flags = PINREDIR_STAY_DUMPABLE,
		.arena_size = 64 * SLOT,
		.device = "/dev/null",
		.verdicts = 100,
	};
	struct pinredir *other;

	(void)state;
	assert_int_equal(fake.attach.verdicts, 0);
	assert_int_equal(pinredir_open(&other, STDIN_FILENO, &options), 0);
	assert_int_equal(fake.attach.verdicts, 100);
	pinredir_close(other);
}

/* A signal to the supervisor is no reason to refuse. */
static void interrupted_requests_are_made_again(void **state)
{
	(void)state;
	fake.interruptions = 3;
	assert_int_equal(pinredir_allow(call), 0);
	assert_int_equal(fake.interruptions, 0);
	pinredir_release(call);
	fake.interruptions = 1;
	assert_int_equal(pinredir_receive(ctx, &call, 0), -EINTR);
	call = NULL;
}

static void no_slot_no_pins(void **state)
{
	const char *string;

	(void)state;
	pinredir_release(call);
	memset(fake.receive.copies, 0, sizeof(fake.receive.copies));
	fake.receive.slot_size = 0;
	fake.receive.slot_error = -ENOBUFS;
	assert_int_equal(pinredir_receive(ctx, &call, 0), 0);
	assert_int_equal(pinredir_get_string(call, 1, &string), -ENOBUFS);
	assert_int_equal(pinredir_set_string(call, 2, "x"), -ENOBUFS);
	assert_int_equal(pinredir_allow(call), -ENOBUFS);
	assert_int_equal(fake.redirects, 0);
}

static void answers_are_given_once(void **state)
{
	(void)state;
	assert_int_equal(pinredir_deny(call, EPERM), 0);
	assert_int_equal(fake.redirect.id, 42);
	assert_int_equal(fake.redirect.error, EPERM);
	assert_int_equal(fake.redirect.flags, SECCOMP_PIN_DENY);
	assert_int_equal(pinredir_allow(call), -EINPROGRESS);
	assert_int_equal(pinredir_deny(call, EPERM), -EINPROGRESS);
	assert_int_equal(pinredir_emulate(call, 0), -EINPROGRESS);
	assert_int_equal(fake.denials, 1);
	assert_int_equal(fake.sends, 0);
	assert_int_equal(fake.redirects, 0);
}

static void answers_that_fail_can_be_given_again(void **state)
{
	(void)state;
	fake.redirect_error = -EACCES;
	assert_int_equal(pinredir_allow(call), -EACCES);
	assert_int_equal(pinredir_emulate(call, -7), 0);
	assert_int_equal(fake.resp.val, -7);
	assert_int_equal(fake.resp.error, 0);
	/* Never the answer that lets it run on what may have changed */
	assert_int_equal(fake.resp.flags, 0);
	/* An answer by the listener leaves the call to those who hold it. */
	assert_int_equal(fake.releases, 1);
}

/* To ask in a way that cannot be answered leaves the call as it was. */
static void asking_changes_nothing(void **state)
{
	struct pinredir_message message = { .size = sizeof(message) };
	const struct sockaddr *address;
	size_t len;

	(void)state;
	assert_int_equal(pinredir_get_sockaddr(call, UINT_MAX, &address, &len),
			 -EINVAL);
	assert_int_equal(pinredir_get_sockaddr(call, 5, &address, &len), -EINVAL);
	assert_int_equal(pinredir_set_sockaddr(call, UINT_MAX, address, 1),
			 -EINVAL);
	assert_int_equal(pinredir_get_iovec(call, UINT_MAX, &len), -EINVAL);
	assert_int_equal(pinredir_get_message(call, UINT_MAX, &message), -EINVAL);
	assert_int_equal(pinredir_allow(call), 0);
	assert_int_equal(pinredir_want_completion(call), -EINPROGRESS);
}

static void completions_take_room(void **state)
{
	struct pinredir_options options = {
		.size = sizeof(options),
		.flags = PINREDIR_STAY_DUMPABLE,
		.arena_size = 64 * SLOT,
		.device = "/dev/null",
	};
	struct pinredir_call *other;
	struct pinredir *without;

	(void)state;
	assert_int_equal(pinredir_open(&without, STDIN_FILENO, &options), 0);
	assert_int_equal(pinredir_receive(without, &other, 0), 0);
	assert_int_equal(pinredir_want_completion(other), -EINVAL);
	assert_int_equal(pinredir_allow(other), 0);
	pinredir_release(other);
	pinredir_close(without);
	assert_int_equal(pinredir_want_completion(call), 0);
}

static void calls_that_are_gone_are_let_go_of(void **state)
{
	(void)state;
	/* What a path lookup returns means something else. */
	assert_int_not_equal(PINREDIR_GONE, -ENOENT);
	fake.send_error = -ENOENT;
	assert_int_equal(pinredir_emulate(call, 0), PINREDIR_GONE);
	assert_int_equal(fake.releases, 1);
	pinredir_release(call);
	assert_int_equal(fake.releases, 1);

	/* The module knows of an answer by the device. */
	assert_int_equal(pinredir_receive(ctx, &call, 0), 0);
	fake.deny_error = -ENOENT;
	assert_int_equal(pinredir_deny(call, EPERM), PINREDIR_GONE);
	pinredir_release(call);
	assert_int_equal(fake.releases, 1);

	/* Nor does an answer at the listener let go of it. */
	fake.releases = 0;
	fake.send_error = 0;
	assert_int_equal(pinredir_receive(ctx, &call, 0), 0);
	assert_int_equal(pinredir_emulate(call, 7), 0);
	assert_int_equal(fake.releases, 1);
	pinredir_release(call);
	assert_int_equal(fake.releases, 1);

	/* The module knows of a redirect by itself. */
	assert_int_equal(pinredir_receive(ctx, &call, 0), 0);
	fake.redirect_error = -ENOENT;
	assert_int_equal(pinredir_allow(call), PINREDIR_GONE);
	/* It stays gone: a handler that denies what it could not allow is told so. */
	assert_int_equal(pinredir_deny(call, EPERM), PINREDIR_GONE);
	assert_int_equal(pinredir_emulate(call, 0), PINREDIR_GONE);
	pinredir_release(call);
	assert_int_equal(fake.releases, 1);

	/* Not answered at all */
	assert_int_equal(pinredir_receive(ctx, &call, 0), 0);
	pinredir_release(call);
	assert_int_equal(fake.releases, 2);
	call = NULL;
}

static void send_two(int socket, const char *data, size_t len)
{
	union {
		char buf[CMSG_SPACE(2 * sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec iov = { .iov_base = (void *)data, .iov_len = len };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	int fds[2] = { STDIN_FILENO, STDOUT_FILENO };

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(cmsg), fds, sizeof(fds));
	assert_int_equal(sendmsg(socket, &msg, 0), len);
}

static void listeners_pass_over_sockets(void **state)
{
	int sockets[2], fd;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
	assert_int_equal(pinredir_send_listener(sockets[0], STDIN_FILENO), 0);
	fd = pinredir_recv_listener(sockets[1]);
	assert_true(fd > STDERR_FILENO);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
	assert_int_equal(pinredir_send_listener(sockets[0], -1), -EBADF);
	assert_int_equal(write(sockets[0], "x", 1), 1);
	assert_int_equal(pinredir_recv_listener(sockets[1]), -EPROTO);
	/* One too many: neither stays open. */
	send_two(sockets[0], "x", 1);
	fd = dup(STDIN_FILENO);
	close(fd);
	assert_int_equal(pinredir_recv_listener(sockets[1]), -EPROTO);
	assert_int_equal(dup(STDIN_FILENO), fd);
	close(fd);
	close(sockets[0]);
	assert_int_equal(pinredir_recv_listener(sockets[1]), -EPIPE);
	close(sockets[1]);
	assert_int_equal(pinredir_recv_listener(-1), -EBADF);
}

/* The descriptors that are open below this one, to see that none was left */
static int next_fd(void)
{
	int fd = dup(STDIN_FILENO);

	close(fd);
	return fd;
}

static void messages_with_descriptors(void **state)
{
	int sockets[2], fds[2], first, on = 1;
	char data[16];
	size_t len = sizeof(data), count = 2;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sockets), 0);
	first = next_fd();
	assert_int_equal(pinredir_is_listener(STDIN_FILENO), 0);
	assert_int_equal(pinredir_is_listener(first), -EBADF);

	/* All of it, and nothing else that the socket passes */
	assert_int_equal(setsockopt(sockets[1], SOL_SOCKET, SO_PASSCRED, &on,
				    sizeof(on)), 0);
	send_two(sockets[0], "{state}", 7);
	assert_int_equal(pinredir_recv_fds(sockets[1], data, &len, fds, &count),
			 0);
	assert_int_equal(len, 7);
	assert_memory_equal(data, "{state}", 7);
	assert_int_equal(count, 2);
	assert_int_equal(fcntl(fds[0], F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(fds[1], F_GETFD), FD_CLOEXEC);
	close(fds[0]);
	close(fds[1]);
	assert_int_equal(pinredir_send_listener(sockets[0], STDIN_FILENO), 0);
	fds[0] = pinredir_recv_listener(sockets[1]);
	assert_int_equal(fds[0], first);
	close(fds[0]);

	/* Without any */
	len = sizeof(data);
	count = 2;
	assert_int_equal(write(sockets[0], "x", 1), 1);
	assert_int_equal(pinredir_recv_fds(sockets[1], data, &len, fds, &count),
			 0);
	assert_int_equal(len, 1);
	assert_int_equal(count, 0);

	/* There is no room for it, and nothing of it stays open. */
	send_two(sockets[0], "{state}", 7);
	len = 3;
	count = 2;
	assert_int_equal(pinredir_recv_fds(sockets[1], data, &len, fds, &count),
			 -EMSGSIZE);
	send_two(sockets[0], "{state}", 7);
	len = sizeof(data);
	count = 1;
	assert_int_equal(pinredir_recv_fds(sockets[1], data, &len, fds, &count),
			 -E2BIG);
	len = 0;
	count = 2;
	assert_int_equal(pinredir_recv_fds(sockets[1], data, &len, fds, &count),
			 -EINVAL);
	assert_int_equal(next_fd(), first);
	close(sockets[0]);
	len = sizeof(data);
	assert_int_equal(pinredir_recv_fds(sockets[1], data, &len, fds, &count),
			 -EPIPE);
	close(sockets[1]);
}

#define CALL_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#define ALLOC_TEST(f) \
	cmocka_unit_test_setup_teardown(f, setup_alloc, teardown)
#define SHORT_TEST(f) \
	cmocka_unit_test_setup_teardown(f, setup_short, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CALL_TEST(open_seals_and_attaches),
		CALL_TEST(open_has_the_arena_to_itself),
		cmocka_unit_test(rules_are_complete_and_single),
		CALL_TEST(allow_pins_all_copies),
		CALL_TEST(allow_pins_what_was_set),
		SHORT_TEST(what_is_as_copied_is_said_shortly),
		SHORT_TEST(short_answers_with_next),
		SHORT_TEST(set_is_not_as_copied),
		SHORT_TEST(a_value_is_not_as_copied),
		SHORT_TEST(fetched_is_not_as_copied),
		SHORT_TEST(remembered_is_not_short),
		SHORT_TEST(execve_is_remembered_for_all),
		SHORT_TEST(copies_that_are_none),
		CALL_TEST(gets_without_a_rule_fetch),
		CALL_TEST(failed_gets_refuse),
		CALL_TEST(copies_with_an_error_refuse_when_looked_at),
		CALL_TEST(gets_of_too_much_refuse),
		CALL_TEST(bytes_are_no_string),
		CALL_TEST(calls_leave_nothing_to_the_next),
		ALLOC_TEST(larger_slots_come_by_themselves),
		ALLOC_TEST(larger_slots_have_an_end),
		ALLOC_TEST(larger_slots_can_be_refused),
		ALLOC_TEST(fetches_go_to_larger_slots),
		ALLOC_TEST(fetches_of_strings_of_any_length),
		CALL_TEST(fetches_have_one_limit),
		cmocka_unit_test(messages_with_descriptors),
		CALL_TEST(copies_with_an_error_refuse_anyway),
		CALL_TEST(nothing_after_the_answer),
		CALL_TEST(vectors_are_in_the_slot),
		CALL_TEST(vectors_that_are_none_refuse),
		CALL_TEST(vectors_without_a_copy),
		CALL_TEST(next_allows_and_receives),
		CALL_TEST(next_that_receives_nothing),
		CALL_TEST(next_that_cannot_allow),
		CALL_TEST(next_of_a_call_that_is_gone),
		CALL_TEST(next_that_is_interrupted_is_made_again),
		CALL_TEST(remembered_answers),
		CALL_TEST(remembered_denials),
		CALL_TEST(verdicts_are_dropped),
		CALL_TEST(verdicts_are_asked_for),
		CALL_TEST(interrupted_requests_are_made_again),
		CALL_TEST(slots_have_an_end),
		CALL_TEST(no_slot_no_pins),
		CALL_TEST(answers_are_given_once),
		CALL_TEST(answers_that_fail_can_be_given_again),
		CALL_TEST(calls_that_are_gone_are_let_go_of),
		CALL_TEST(asking_changes_nothing),
		CALL_TEST(completions_take_room),
		cmocka_unit_test(listeners_pass_over_sockets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
