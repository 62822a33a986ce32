// SPDX-License-Identifier: GPL-2.0-only
/* I1, I2: a redirected call runs on what is in the pin, in its own mm. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pinredir.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pin.h"
#include "regs.h"

static const char *const trap_openat[] = { "openat", NULL };

/* Made by main(): a file that only the supervisor's path leads to */
static char wanted[] = "/tmp/wanted";

static bool is_wanted(int fd)
{
	char buf[16];

	return fd >= 0 && read(fd, buf, sizeof(buf)) == 6 &&
	       !memcmp(buf, "wanted", 6);
}

/* Does nothing but trap; the exit status is 0 if it got the wanted file. */
static int run_openat(void *arg)
{
	(void)arg;
	return !is_wanted(syscall(SYS_openat, AT_FDCWD, "/tmp/asked", O_RDONLY));
}

static struct seccomp_pin_redirect redirect_path(uint64_t id, uint64_t at,
						 uint64_t len)
{
	struct seccomp_pin_redirect redirect = {
		.id = id,
		.args_mask = 1 << 1,
		.ptr_mask = 1 << 1,
	};

	redirect.args[1] = at;
	redirect.ptr_len[1] = len;
	return redirect;
}

static void i2_install_then_redirect(void **state)
{
	struct seccomp_pin_install install = {
		.length = 4096,
		.timeout = SECCOMP_PIN_MAX_TIMEOUT,
	};
	struct seccomp_pin_redirect redirect;
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;

	(void)state;
	assert_int_equal(target_start(&target, NULL, trap_openat, run_openat,
				      NULL), 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &r, "openat");

	install.id = r.id;
	assert_int_equal(pin_ioctl(pin.fd, SECCOMP_PIN_INSTALL, &install), 0);
	assert_int_not_equal(install.address, 0);
	strcpy((char *)pin.arena + install.offset, wanted);

	/* One byte past the window, and one too many in it */
	redirect = redirect_path(r.id, install.address + 4096, 1);
	assert_int_equal(pin_redirect(&pin, &redirect), -EFAULT);
	assert_true(pin_pending(&pin, r.id));
	redirect = redirect_path(r.id, install.address + 1, 4096);
	assert_int_equal(pin_redirect(&pin, &redirect), -EFAULT);
	assert_true(pin_pending(&pin, r.id));
	redirect = redirect_path(r.id, install.address, 4097);
	assert_int_equal(pin_redirect(&pin, &redirect), -EFAULT);
	assert_true(pin_pending(&pin, r.id));
	redirect = redirect_path(r.id, install.address, INT64_MAX);
	assert_int_equal(pin_redirect(&pin, &redirect), -EFAULT);
	assert_true(pin_pending(&pin, r.id));
	redirect = redirect_path(r.id, install.address - 1, 1);
	assert_int_equal(pin_redirect(&pin, &redirect), -EFAULT);
	assert_true(pin_pending(&pin, r.id));

	redirect = redirect_path(r.id, install.address, 4096);
	assert_int_equal(pin_redirect(&pin, &redirect), 0);
	assert_int_equal(target_wait(&target), 0);
	pin_close(&pin);
}

static void i2_redirect_alone(void **state)
{
	struct seccomp_pin_redirect redirect;
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;

	(void)state;
	assert_int_equal(target_start(&target, NULL, trap_openat, run_openat,
				      NULL), 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &r, "openat");
	assert_int_equal(r.slot_error, 0);

	/* Arena offsets are judged in the same way */
	redirect = redirect_path(r.id, r.slot_offset + TEST_WINDOW, 1);
	redirect.arena_mask = 1 << 1;
	assert_int_equal(pin_redirect(&pin, &redirect), -EFAULT);
	redirect = redirect_path(r.id, r.slot_offset, INT64_MAX);
	redirect.arena_mask = 1 << 1;
	assert_int_equal(pin_redirect(&pin, &redirect), -EFAULT);
	redirect = redirect_path(r.id, TEST_WINDOW - 1, 2);
	redirect.arena_mask = 1 << 1;
	assert_int_equal(pin_redirect(&pin, &redirect), -EFAULT);
	redirect = redirect_path(r.id, UINT64_MAX - 1, 1);
	redirect.arena_mask = 1 << 1;
	assert_int_equal(pin_redirect(&pin, &redirect), -EFAULT);
	assert_true(pin_pending(&pin, r.id));

	assert_int_equal(pin_allow_string(&pin, &r, 1, wanted), 0);
	assert_int_equal(target_wait(&target), 0);
	pin_close(&pin);
}

/* A string argument that a rule had copied is what the kernel reads. */
static void i1_rule_copies_before_the_stop(void **state)
{
	struct seccomp_pin_redirect redirect;
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;

	(void)state;
	assert_int_equal(target_start(&target, NULL, trap_openat, run_openat,
				      NULL), 0);
	pin_open(&pin, target.listener);
	/* The target may have parked already: it is looked at again. */
	pin_rule_string(&pin, "openat", 1);
	pin_receive_call(&pin, &r, "openat");
	if (r.copies[1].kind) {
		assert_int_equal(r.copies[1].error, 0);
		assert_int_equal(r.copies[1].len, sizeof("/tmp/asked"));
		assert_string_equal(pin_slot(&pin, &r) + r.copies[1].offset,
				    "/tmp/asked");
	} else {
		struct seccomp_pin_fetch fetch = {
			.id = r.id,
			.address = r.data.args[1],
			.kind = SECCOMP_PIN_STRING,
			.len = 4096,
		};

		assert_int_equal(pin_fetch(&pin, &fetch), 0);
		assert_int_equal(fetch.len, sizeof("/tmp/asked"));
		assert_string_equal(pin_slot(&pin, &r), "/tmp/asked");
	}
	/* What the supervisor writes over it is what counts. */
	strcpy(pin_slot(&pin, &r), wanted);
	redirect = redirect_path(r.id, r.slot_address, sizeof(wanted));
	assert_int_equal(pin_redirect(&pin, &redirect), 0);
	assert_int_equal(target_wait(&target), 0);
	pin_close(&pin);
}

static int run_exec(void *arg)
{
	char *argv[] = { "cat", "/tmp/asked", NULL };

	if (run_openat(arg))
		return 100;
	/* Its output is not a test's. */
	if (dup2(memfd_create("output", 0), STDOUT_FILENO) < 0)
		return 102;
	execv("/bin/cat", argv);
	return 101;
}

static void i2_across_execve(void **state)
{
	static const char *const traps[] = { "openat", "execve", NULL };
	struct seccomp_pin_receive r;
	struct seccomp_pin_redirect stale;
	struct target target;
	unsigned int asked = 0;
	bool before = true;
	struct pin pin;

	(void)state;
	assert_int_equal(target_start(&target, NULL, traps, run_exec, NULL), 0);
	pin_open(&pin, target.listener);
	pin_rule_string(&pin, "openat", 1);

	/* Before */
	pin_receive_call(&pin, &r, "openat");
	stale = redirect_path(0, r.slot_address, sizeof(wanted));
	assert_int_equal(pin_allow_string(&pin, &r, 1, wanted), 0);
	/* It runs another program than it asked for, which is not there. */
	pin_receive_call(&pin, &r, "execve");
	assert_int_equal(pin_allow_string(&pin, &r, 0, "/bin/cat"), 0);

	/* After: the loader's calls, and the one of cat */
	while (asked < 1) {
		pin_receive_call(&pin, &r, "openat");
		if (before) {
			/*
			 * The window of the old mm means nothing now, neither
			 * by address nor by offset.
			 */
			assert_int_not_equal(stale.args[1], r.slot_address);
			stale.id = r.id;
			assert_int_equal(pin_redirect(&pin, &stale), -EFAULT);
			before = false;
		}
		assert_int_equal(r.copies[1].error, 0);
		if (!strcmp(pin_slot(&pin, &r) + r.copies[1].offset,
			    "/tmp/asked")) {
			asked++;
			assert_int_equal(pin_allow_string(&pin, &r, 1, wanted),
					 0);
		} else {
			assert_int_equal(pin_allow(&pin, r.id), 0);
		}
	}
	assert_int_equal(target_wait(&target), 0);
	pin_close(&pin);
}

/* Is this address in the dynamic loader? As /proc/PID/maps says. */
static bool in_loader(pid_t pid, uint64_t ip)
{
	unsigned long start, end;
	char path[64], line[512];
	bool found = false;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = fopen(path, "r");
	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx", &start, &end) == 2 &&
		    ip >= start && ip < end)
			found = strstr(line, "/ld-linux") || strstr(line, "/ld-2");
	fclose(maps);
	return found;
}

/*
 * The supervisor is no relative of the target: it gets the listener over a
 * socket, and leaves the calls of the dynamic loader alone.
 */
static int supervise_outside(int socket)
{
	struct pinredir_call *call;
	struct pinredir *ctx;
	unsigned int loader = 0, program = 0;
	int err, listener = pinredir_recv_listener(socket);

	if (listener < 0 || pinredir_open(&ctx, listener, NULL))
		return 1;
	close(listener);
	while (!(err = pinredir_receive(ctx, &call, 0))) {
		const char *path;

		if (pinredir_get_string(call, 1, &path))
			return 2;
		if (in_loader(pinredir_pid(call),
			      pinredir_instruction_pointer(call))) {
			loader++;
		} else if (!strcmp(path, "/tmp/asked")) {
			program++;
			if (pinredir_set_string(call, 1, wanted))
				return 3;
		}
		if (pinredir_allow(call))
			return 4;
		pinredir_release(call);
	}
	pinredir_close(ctx);
	return err == -ESRCH && loader && program == 1 ? 0 : 5;
}

static void i2_supervisor_outside_the_filter(void **state)
{
	int to_supervisor[2], output[2], status;
	char *argv[] = { "cat", "/tmp/asked", NULL };
	pid_t supervisor, target;
	char buf[16];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
				    to_supervisor), 0);
	assert_int_equal(pipe(output), 0);
	supervisor = fork();
	if (!supervisor)
		_exit(supervise_outside(to_supervisor[0]));
	target = fork();
	if (!target) {
		int listener;

		dup2(output[1], STDOUT_FILENO);
		listener = target_trap(trap_openat);
		if (listener < 0 ||
		    pinredir_send_listener(to_supervisor[1], listener))
			_exit(100);
		close(listener);
		execv("/bin/cat", argv);
		_exit(101);
	}
	assert_int_equal(read(output[0], buf, sizeof(buf)), 6);
	assert_memory_equal(buf, "wanted", 6);
	assert_int_equal(waitpid(target, &status, 0), target);
	assert_int_equal(status, 0);
	assert_int_equal(waitpid(supervisor, &status, 0), supervisor);
	assert_int_equal(status, 0);
	close(to_supervisor[0]);
	close(to_supervisor[1]);
	close(output[0]);
	close(output[1]);
}

static int run_registers(void *arg)
{
	unsigned long args[6] = { 0x1111111111111111, 0x2222222222222222,
				  0x3333333333333333, 0x4444444444444444,
				  0x5555555555555555, 0x6666666666666666 };
	unsigned long before[6];
	long ret;

	(void)arg;
	memcpy(before, args, sizeof(args));
	ret = regs_call(SYS_mmap, args);
	if (memcmp(args, before, sizeof(args)))
		return 1;
	/* It is the call with the supervisor's six that has succeeded. */
	if (ret < 0)
		return 2;
	return *(char *)ret == 0 ? 0 : 3;
}

static void i4_all_six_registers(void **state)
{
	static const char *const traps[] = { "mmap", NULL };
	const uint64_t args[6] = { 0, 4096, 3 /* read, write */,
				   0x22 /* private, anonymous */, -1, 0 };
	struct seccomp_pin_redirect redirect = { .args_mask = 0x3f };
	struct seccomp_pin_receive r;
	struct target target;
	unsigned int i;
	struct pin pin;

	(void)state;
	assert_int_equal(target_start(&target, NULL, traps, run_registers,
				      NULL), 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &r, "mmap");
	for (i = 0; i < 6; i++)
		assert_int_equal(r.data.args[i],
				 0x1111111111111111 * (i + 1));
	redirect.id = r.id;
	memcpy(redirect.args, args, sizeof(args));
	assert_int_equal(pin_redirect(&pin, &redirect), 0);
	assert_int_equal(target_wait(&target), 0);
	pin_close(&pin);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(i2_install_then_redirect),
		cmocka_unit_test(i2_redirect_alone),
		cmocka_unit_test(i1_rule_copies_before_the_stop),
		cmocka_unit_test(i2_across_execve),
		cmocka_unit_test(i2_supervisor_outside_the_filter),
		cmocka_unit_test(i4_all_six_registers),
	};
	int fd = open(wanted, O_WRONLY | O_CREAT, 0644);

	if (fd < 0 || write(fd, "wanted", 6) != 6)
		return 1;
	close(fd);
	return run_group(tests);
}
