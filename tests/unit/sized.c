// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs that were built against another header than the library: structures that are
 * larger, with zeros or more behind what the library knows, and ones that are too small.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/seccomp.h>
#include <pinredir.h>

#define SLOT	16384U
#define ARENA	(64 * SLOT)

/* What a newer header has behind the structure of this one */
#define MORE	24

#define LARGER(type)	struct {	\
	type known;			\
	unsigned char more[MORE];	\
}

/* What the module was told, and what it is to say */
static struct {
	struct seccomp_pin_rule rules[3];
	unsigned int count;
	struct seccomp_pin_receive receive;
} fake;

int __wrap_ioctl(int fd, unsigned long request, void *arg);
int __wrap_ioctl(int fd, unsigned long request, void *arg)
{
	struct seccomp_pin_query *query = arg;
	struct seccomp_pin_rules *rules = arg;

	(void)fd;
	switch (request) {
	case SECCOMP_PIN_QUERY:
		*query = (struct seccomp_pin_query){
			.abi_version = SECCOMP_PIN_ABI_VERSION,
			.hits = 4711,
		};
		return 0;
	case SECCOMP_PIN_RULES:
		fake.count = rules->count;
		if (rules->count <= 3)
			memcpy(fake.rules, (void *)(uintptr_t)rules->rules,
			       rules->count * sizeof(*fake.rules));
		return 0;
	case SECCOMP_PIN_RECEIVE:
		*(struct seccomp_pin_receive *)arg = fake.receive;
		return 0;
	default:
		return 0;
	}
}

/* A device that can be read from */
static char device[] = "/tmp/sized.XXXXXX";

static struct pinredir *ctx;
static int listener;

static struct pinredir_options options_default(void)
{
	return (struct pinredir_options){
		.size = sizeof(struct pinredir_options),
		.flags = PINREDIR_STAY_DUMPABLE,
		.arena_size = ARENA,
		.device = device,
	};
}

static int setup(void **state)
{
	struct pinredir_options options = options_default();

	(void)state;
	strcpy(device, "/tmp/sized.XXXXXX");
	memset(&fake, 0, sizeof(fake));
	/* What a loop can wait for */
	listener = eventfd(0, EFD_CLOEXEC);
	if (listener < 0 || !mkdtemp(device) || rmdir(device) || mkfifo(device, 0600))
		return -1;
	return pinredir_open(&ctx, listener, &options);
}

static int teardown(void **state)
{
	(void)state;
	pinredir_close(ctx);
	close(listener);
	return unlink(device);
}

static void assert_zero(const void *bytes, size_t len)
{
	const unsigned char *b = bytes;

	while (len--)
		assert_int_equal(*b++, 0);
}

static void options(void **state)
{
	LARGER(struct pinredir_options) o = { .known = options_default() };
	struct pinredir *other;

	(void)state;
	o.known.size = sizeof(o);
	assert_int_equal(pinredir_open(&other, listener, &o.known), 0);
	pinredir_close(other);
	o.more[MORE - 1] = 1;
	assert_int_equal(pinredir_open(&other, listener, &o.known), -E2BIG);
	o.known.size = sizeof(o.known) - 1;
	assert_int_equal(pinredir_open(&other, listener, &o.known), -EINVAL);
	o.known.size = 0;
	assert_int_equal(pinredir_open(&other, listener, &o.known), -EINVAL);
}

static void loop_options(void **state)
{
	LARGER(struct pinredir_loop_options) o = { .known.size = sizeof(o) };
	struct pinredir_loop *loop;

	(void)state;
	assert_int_equal(pinredir_loop_new(&loop, ctx, &o.known), 0);
	pinredir_loop_free(loop);
	o.more[0] = 1;
	assert_int_equal(pinredir_loop_new(&loop, ctx, &o.known), -E2BIG);
	o.known.size = sizeof(o.known) - 1;
	assert_int_equal(pinredir_loop_new(&loop, ctx, &o.known), -EINVAL);
}

static void spawns(void **state)
{
	LARGER(struct pinredir_spawn) how = { .known.size = sizeof(how) };
	char *const argv[] = { "", NULL };
	struct pinredir_child *child;

	(void)state;
	/* There is no such program, if it comes to that. */
	how.known.argv = argv;
	assert_int_equal(pinredir_spawn(&child, NULL, &how.known), -ENOENT);
	how.more[0] = 1;
	assert_int_equal(pinredir_spawn(&child, NULL, &how.known), -E2BIG);
	how.known.size = sizeof(how.known) - 1;
	assert_int_equal(pinredir_spawn(&child, NULL, &how.known), -EINVAL);
}

static void reports(void **state)
{
	LARGER(struct pinredir_report) r;

	(void)state;
	memset(&r, 0xa5, sizeof(r));
	r.known.size = sizeof(r);
	assert_int_equal(pinredir_probe(&r.known, "/no/such/device"), 0);
	assert_int_equal(r.known.size, sizeof(r));
	assert_int_not_equal(r.known.problem, PINREDIR_NO_PROBLEM);
	assert_zero(r.more, MORE);
	r.known.size = sizeof(r.known) - 1;
	r.known.problem = 4711;
	assert_int_equal(pinredir_probe(&r.known, NULL), -EINVAL);
	assert_int_equal(r.known.problem, 4711);
}

static void queries(void **state)
{
	LARGER(struct seccomp_pin_query) q;

	(void)state;
	memset(&q, 0xa5, sizeof(q));
	assert_int_equal(pinredir_query(ctx, &q.known, sizeof(q)), 0);
	assert_int_equal(q.known.hits, 4711);
	assert_zero(q.more, MORE);
	memset(&q, 0xa5, sizeof(q));
	assert_int_equal(pinredir_query(ctx, &q.known, sizeof(q.known)), 0);
	assert_int_equal(q.more[0], 0xa5);
	assert_int_equal(pinredir_query(ctx, &q.known, sizeof(q.known) - 1),
			 -EINVAL);
}

static void rules(void **state)
{
	LARGER(struct seccomp_pin_rule) r[3] = {
		{ .known = { .nr = 1, .max = 10 } },
		{ .known = { .nr = 2, .max = 20 } },
		{ .known = { .nr = 3, .max = 30 } },
	};
	unsigned int i;

	(void)state;
	assert_int_equal(pinredir_set_rules(ctx, &r->known, 3, sizeof(*r)), 0);
	assert_int_equal(fake.count, 3);
	for (i = 0; i < 3; i++)
		assert_memory_equal(&fake.rules[i], &r[i].known,
				    sizeof(r[i].known));
	r[2].more[0] = 1;
	fake.count = 4711;
	assert_int_equal(pinredir_set_rules(ctx, &r->known, 3, sizeof(*r)),
			 -E2BIG);
	assert_int_equal(pinredir_set_rules(ctx, &r->known, 3, 15), -EINVAL);
	assert_int_equal(fake.count, 4711);
	assert_int_equal(pinredir_set_rules(ctx, NULL, 0, 0), 0);
	assert_int_equal(fake.count, 0);
}

static void default_rules(void **state)
{
	struct seccomp_pin_rule known[3];
	LARGER(struct seccomp_pin_rule) r[3];
	size_t count = pinredir_default_rules(NULL, 0, 0);
	unsigned int i;

	(void)state;
	memset(r, 0xa5, sizeof(r));
	assert_true(count > 3);
	assert_int_equal(pinredir_default_rules(known, 3, sizeof(*known)),
			 count);
	assert_int_equal(pinredir_default_rules(&r->known, 2, sizeof(*r)), count);
	for (i = 0; i < 2; i++) {
		assert_memory_equal(&r[i].known, &known[i], sizeof(*known));
		assert_zero(r[i].more, MORE);
	}
	assert_int_equal(r[2].known.nr, 0xa5a5a5a5);
	assert_int_equal(pinredir_default_rules(known, 3, 15), 0);
}

static void completions(void **state)
{
	struct seccomp_pin_completion sent[] = {
		{ .id = 1, .how = SECCOMP_PIN_DIED }, { .id = 2, .retval = -2 },
		{ .id = 3 },
	};
	LARGER(struct seccomp_pin_completion) c[4];
	int i, fd = pinredir_completion_fd(ctx);

	(void)state;
	memset(c, 0xa5, sizeof(c));
	assert_int_equal(write(fd, sent, sizeof(sent)), sizeof(sent));
	assert_int_equal(pinredir_read_completions(ctx, &c->known, 4, sizeof(*c),
						   PINREDIR_NONBLOCK), 3);
	for (i = 0; i < 3; i++) {
		assert_memory_equal(&c[i].known, &sent[i], sizeof(*sent));
		assert_zero(c[i].more, MORE);
	}
	assert_int_equal(c[3].known.id, 0xa5a5a5a5a5a5a5a5);
	assert_int_equal(pinredir_read_completions(ctx, &c->known, 4, 39, 0),
			 -EINVAL);
}

/* What a peer sends is no part of this; only that the structure is filled. */
static void messages(void **state)
{
	LARGER(struct pinredir_message) m = { .known.size = sizeof(m) };
	struct pinredir_call *call;

	(void)state;
	fake.receive.data.nr = SYS_sendmsg;
	fake.receive.data.arch = SCMP_ARCH_X86_64;
	assert_int_equal(pinredir_receive(ctx, &call, 0), 0);
	memset(m.more, 0xa5, MORE);
	m.known.name = "stale";
	assert_int_equal(pinredir_get_message(call, 1, &m.known), -EFAULT);
	assert_int_equal(m.known.size, sizeof(m));
	assert_null(m.known.name);
	assert_zero(m.more, MORE);
	m.known.size = sizeof(m.known) - 1;
	assert_int_equal(pinredir_get_message(call, 1, &m.known), -EINVAL);
	pinredir_release(call);
}

/* Only the library makes these; what is not there is NULL. */
static void arguments(void **state)
{
	const struct pinredir_syscall *row = pinredir_syscall(SYS_openat);

	(void)state;
	assert_int_equal(pinredir_argument(row, 0)->direction, PINREDIR_FD);
	assert_int_equal(pinredir_argument(row, 1)->shape, PINREDIR_PATH);
	assert_non_null(pinredir_argument(row, row->count - 1));
	assert_null(pinredir_argument(row, row->count));
	assert_null(pinredir_argument(row, -1));
}

int main(void)
{
#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(options),
		TEST(loop_options),
		TEST(spawns),
		TEST(reports),
		TEST(queries),
		TEST(rules),
		TEST(default_rules),
		TEST(completions),
		TEST(messages),
		TEST(arguments),
	};

	return cmocka_run_group_tests_name("sizes", tests, NULL, NULL);
}
