// SPDX-License-Identifier: GPL-2.0-only
/* A supervisor in C++: an exception comes out of a handler, through the loop. */
#include <cerrno>
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

extern "C" {
#include <cmocka.h>
}
#include <linux/seccomp.h>
#include <pinredir.h>

/* Calls that are still to be received, and what the first listener was told last */
static int calls, error;

extern "C" int __wrap_ioctl(int fd, unsigned long request, void *arg);
extern "C" int __wrap_ioctl(int, unsigned long request, void *arg)
{
	switch (request) {
	case SECCOMP_PIN_QUERY:
		static_cast<seccomp_pin_query *>(arg)->abi_version =
			SECCOMP_PIN_ABI_VERSION;
		return 0;
	case SECCOMP_PIN_RECEIVE: {
		auto *r = static_cast<seccomp_pin_receive *>(arg);

		if (!calls) {
			errno = EAGAIN;
			return -1;
		}
		std::memset(r, 0, sizeof(*r));
		r->id = calls--;
		r->data.nr = SYS_openat;
		r->data.arch = seccomp_arch_native();
		return 0;
	}
	case SECCOMP_PIN_REDIRECT:
		error = -static_cast<int>(static_cast<seccomp_pin_redirect *>(arg)->error);
		return 0;
	default:
		return 0;
	}
}

static int handler(pinredir_call *, void *data)
{
	auto *throws = static_cast<bool *>(data);

	if (*throws)
		throw 4711;
	return -EDOM;
}

static void exceptions(void **)
{
	pinredir_options options = {};
	pinredir_loop *loop;
	pinredir *ctx;
	bool throws = true;
	int caught = 0, listener = eventfd(0, EFD_CLOEXEC);

	options.size = sizeof(options);
	options.flags = PINREDIR_STAY_DUMPABLE;
	options.arena_size = 1 << 20;
	options.device = "/dev/null";
	assert_int_equal(pinredir_open(&ctx, listener, &options), 0);
	assert_int_equal(pinredir_loop_new(&loop, ctx, nullptr), 0);
	assert_int_equal(pinredir_loop_handle(loop, -1, handler, &throws), 0);
	calls = 1;
	try {
		pinredir_loop_dispatch(loop);
	} catch (int value) {
		caught = value;
	}
	assert_int_equal(caught, 4711);
	/* The call is denied, and the loop serves the next one. */
	assert_int_equal(error, -EPERM);
	throws = false;
	calls = 1;
	assert_int_equal(pinredir_loop_dispatch(loop), 0);
	assert_int_equal(error, -EDOM);
	pinredir_loop_free(loop);
	pinredir_close(ctx);
	close(listener);
}

int main()
{
	const CMUnitTest tests[] = {
		cmocka_unit_test(exceptions),
	};

	return cmocka_run_group_tests_name("C++", tests, nullptr, nullptr);
}
