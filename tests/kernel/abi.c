// SPDX-License-Identifier: GPL-2.0-only
/*
 * I2: calls of another ABI, whose numbers and addresses mean other things: the
 * library pins nothing for them and has no answer that lets one run, with the
 * device or without.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <pinredir.h>

#include "pin.h"

#define X32_BIT		0x40000000
#define I386_FACCESSAT	307	/* here it is sendmmsg */
#define CALLS		3
#define VALUE		7

/* One that is there: a call that runs returns 0. */
#define PATH		"/dev/null"

static long call_i386(const char *path)
{
	long ret = I386_FACCESSAT;

	/* Six arguments, the last in the frame pointer */
	__asm__ volatile("lea	-128(%%rsp), %%rsp\n"
			 "push	%%rbp\n"
			 "mov	%1, %%ebp\n"
			 "int	$0x80\n"
			 "pop	%%rbp\n"
			 "lea	128(%%rsp), %%rsp\n"
			 : "+a" (ret)
			 : "i" (TARGET_MAGIC), "b" (AT_FDCWD), "c" (path),
			   "d" (F_OK)
			 : "memory", "r8", "r9", "r10", "r11");
	return ret;
}

static long call_x32(const char *path)
{
	long ret = syscall(SYS_faccessat | X32_BIT, AT_FDCWD, path, F_OK, 0, 0,
			   TARGET_MAGIC);

	/* Or calls with fewer arguments would have it as well. */
	__asm__ volatile("xor %%r9d, %%r9d" : : : "r9");
	return ret < 0 ? -errno : ret;
}

struct abi {
	long (*call)(const char *path);
	int nr;
	uint32_t arch;
};

static const struct abi i386 = {
	.call = call_i386,
	.nr = I386_FACCESSAT,
	.arch = AUDIT_ARCH_I386,
};

/* Told from the native one by its numbers alone */
static const struct abi x32 = {
	.call = call_x32,
	.nr = SYS_faccessat | X32_BIT,
	.arch = AUDIT_ARCH_X86_64,
};

/* Shared with the target */
static struct shared {
	volatile long ret[CALLS];
} *shared;

static struct {
	const struct abi *abi;
	struct target target;
	struct pinredir *ctx;
} f;

/* Where 32 bits reach */
static char *low_path(void)
{
	char *path = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	return path == MAP_FAILED ? NULL : strcpy(path, PATH);
}

static int run_calls(void *arg)
{
	const char *path = low_path();
	int i;

	(void)arg;
	if (!path)
		return 1;
	for (i = 0; i < CALLS; i++)
		shared->ret[i] = f.abi->call(path);
	return 0;
}

static void start(const struct abi *abi, struct pinredir_options *options)
{
	f.abi = abi;
	shared = shared_memory(sizeof(*shared));
	assert_int_equal(target_start(&f.target, NULL, NULL, run_calls, NULL),
			 0);
	assert_int_equal(pinredir_open(&f.ctx, f.target.listener, options), 0);
}

static void finish(void)
{
	assert_int_equal(await_exit(f.target.pid), 0);
	pinredir_close(f.ctx);
	close(f.target.listener);
}

static struct pinredir_call *receive(void)
{
	struct pinredir_call *call;

	assert_int_equal(pinredir_receive(f.ctx, &call, 0), 0);
	assert_int_equal(pinredir_nr(call), f.abi->nr);
	assert_int_equal(pinredir_arch(call), f.abi->arch);
	return call;
}

static void is_refused(struct pinredir_call *call)
{
	struct pinredir_call *next;

	assert_int_equal(pinredir_allow(call), -EOPNOTSUPP);
	assert_int_equal(pinredir_next(call, &next, 0), -EOPNOTSUPP);
	assert_null(next);
}

static void nothing_is_got(struct pinredir_call *call)
{
	const void *bytes;
	const char *string;
	size_t len = 1;

	assert_int_equal(pinredir_get_string(call, 1, &string), -EOPNOTSUPP);
	assert_null(string);
	assert_int_equal(pinredir_get_bytes(call, 1, &bytes, &len),
			 -EOPNOTSUPP);
	assert_int_equal(pinredir_get_vector(call, 1, &len), -EOPNOTSUPP);
	len = sizeof(PATH);
	assert_int_equal(pinredir_fetch(call, pinredir_arg(call, 1),
					PINREDIR_STRING, &bytes, &len),
			 -EOPNOTSUPP);
	assert_int_equal(pinredir_pin_all(call), -EOPNOTSUPP);
}

static void nothing_is_set(struct pinredir_call *call)
{
	const char *const strings[] = { PATH };

	assert_int_equal(pinredir_set_string(call, 1, PATH), -EOPNOTSUPP);
	assert_int_equal(pinredir_set_bytes(call, 1, PATH, sizeof(PATH)),
			 -EOPNOTSUPP);
	assert_int_equal(pinredir_set_vector(call, 1, strings, 1),
			 -EOPNOTSUPP);
}

static void serve(void)
{
	struct pinredir_call *call = receive();
	int root = open("/", O_PATH | O_CLOEXEC);

	nothing_is_got(call);
	is_refused(call);
	nothing_is_set(call);
	is_refused(call);
	assert_int_equal(pinredir_open_beneath(call, root, PATH + 1, 0),
			 -EINVAL);
	assert_int_equal(shared->ret[0], 0);
	assert_int_equal(pinredir_deny(call, EDOM), 0);
	pinredir_release(call);
	close(root);

	/* Without a word about its arguments, and with one about a register */
	call = receive();
	is_refused(call);
	assert_int_equal(pinredir_set_value(call, 1, 0), 0);
	is_refused(call);
	assert_int_equal(pinredir_emulate(call, VALUE), 0);
	pinredir_release(call);

	call = receive();
	pinredir_remember(call, 0, 0, 0);
	is_refused(call);
	pinredir_release(call);
}

static void refused(const struct abi *abi, struct pinredir_options *options)
{
	start(abi, options);
	assert_true(pinredir_can_pin(f.ctx) == !options->device);
	serve();
	/* It waits, for somebody to answer: its listener's end does. */
	pinredir_close(f.ctx);
	close(f.target.listener);
	assert_int_equal(await_exit(f.target.pid), 0);
	assert_int_equal(shared->ret[0], -EDOM);
	assert_int_equal(shared->ret[1], VALUE);
	assert_int_equal(shared->ret[2], -ENOSYS);
}

static void i2_nothing_lets_it_run(void **state)
{
	struct pinredir_options options = {
		.size = sizeof(options),
		.verdicts = 8,
	};

	refused(*state, &options);
}

/* Nor is it looked at, as if it were a call of this ABI. */
static void i2_nor_without_the_device(void **state)
{
	struct pinredir_options options = {
		.size = sizeof(options),
		.flags = PINREDIR_FALLBACK,
		.device = "/dev/no-such-device",
	};

	refused(*state, &options);
}

static int asked;

static int allow(struct pinredir_call *call, void *verdict)
{
	(void)call;
	asked++;
	return *(int *)verdict;
}

/* Whatever the policy is */
static void i2_no_loop_lets_it_run(void **state)
{
	struct pinredir_loop *loop;
	int i, verdicts[] = { PINREDIR_ALLOW, PINREDIR_ALLOW_ALL };
	size_t n;

	for (n = 0; n < 2; n++) {
		start(*state, NULL);
		assert_int_equal(pinredir_loop_new(&loop, f.ctx, NULL), 0);
		assert_int_equal(pinredir_loop_handle(loop, -1, allow,
						      &verdicts[n]), 0);
		assert_int_equal(pinredir_loop_run(loop), 0);
		pinredir_loop_free(loop);
		finish();
		for (i = 0; i < CALLS; i++)
			assert_int_equal(shared->ret[i], -EPERM);
		assert_int_equal(asked, 0);
	}
}

#define FOR(abi, f) { #f " (" #abi ")", f, NULL, NULL, (void *)&abi }

int main(void)
{
	const struct CMUnitTest tests[] = {
		FOR(i386, i2_nothing_lets_it_run),
		FOR(x32, i2_nothing_lets_it_run),
		FOR(i386, i2_nor_without_the_device),
		FOR(x32, i2_nor_without_the_device),
		FOR(i386, i2_no_loop_lets_it_run),
		FOR(x32, i2_no_loop_lets_it_run),
	};

	return run_group(tests);
}
