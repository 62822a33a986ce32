// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attempt.h"

const char attempt_path[] = "/no/such/file";

void attempt_load(scmp_filter_ctx filter, unsigned int flags)
{
	static struct sock_filter insns[BPF_MAXINSNS];
	struct sock_fprog prog = { .filter = insns };
	int listener, fd = memfd_create("filter", 0);
	ssize_t len;

	if (fd < 0 || seccomp_export_bpf(filter, fd))
		_exit(99);
	len = pread(fd, insns, sizeof(insns), 0);
	if (len <= 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		_exit(99);
	prog.len = len / sizeof(*insns);
	listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
	if (listener < 0)
		_exit(99);
	if (flags & SECCOMP_FILTER_FLAG_NEW_LISTENER)
		close(listener);
	close(fd);
	seccomp_release(filter);
}

scmp_filter_ctx attempt_filter(uint32_t action)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (seccomp_rule_add(filter, action, SCMP_SYS(socket), 1,
			     SCMP_A0(SCMP_CMP_EQ, AF_INET)) ||
	    seccomp_rule_add(filter, action, SCMP_SYS(openat), 1,
			     SCMP_A1(SCMP_CMP_NE, (uintptr_t)attempt_path)))
		_exit(99);
	return filter;
}

struct attempt attempt_scalar(void)
{
	return (struct attempt){
		.nr = SYS_socket,
		.args = { AF_UNIX, SOCK_STREAM, 0, 0xa3, 0xa4, 0xa5 },
		.arg = 0,
	};
}

struct attempt attempt_pointer(void)
{
	return (struct attempt){
		.nr = SYS_openat,
		.args = { AT_FDCWD, (uintptr_t)attempt_path, O_RDONLY, 0xa3,
			  0xa4, 0xa5 },
		.arg = 1,
	};
}

static struct outcome *told;

static void on_sigsys(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	told->trapped = regs_of_context(context);
	told->code = info->si_code;
	told->error = info->si_errno;
	told->call = info->si_call_addr;
	told->syscall = info->si_syscall;
}

void attempt_call(struct attempt *attempt)
{
	struct sigaction action = {
		.sa_sigaction = on_sigsys,
		.sa_flags = SA_SIGINFO,
	};

	told = attempt->outcome;
	sigaction(SIGSYS, &action, NULL);
	attempt->outcome->tid = gettid();
	regs_syscall(attempt->nr, attempt->args);
	attempt->outcome->after = regs_after;
}

static int run_call(void *arg)
{
	attempt_call(arg);
	return 0;
}

void attempt_launch(struct attempt *attempt, target_filter outer,
		    int (*run)(void *arg))
{
	static const char *const traps[] = {
		"socket", "openat", "getpid", NULL
	};

	attempt->outcome = shared_memory(4096);
	assert_int_equal(target_start(&attempt->target, outer, traps,
				      run ?: run_call, attempt), 0);
	/* Only now: the target has a copy of all that was there before. */
	assert_int_equal(getrandom(attempt->marker, sizeof(attempt->marker), 0),
			 sizeof(attempt->marker));
	pin_open(&attempt->pin, attempt->target.listener);
}

void attempt_start(struct attempt *attempt, target_filter outer,
		   int (*run)(void *arg))
{
	attempt_launch(attempt, outer, run);
	pin_receive(&attempt->pin, &attempt->r);
	assert_int_equal(attempt->r.data.nr, attempt->nr);
}

void attempt_redirect(struct attempt *attempt)
{
	static const char path[] = "/dev/null";
	struct seccomp_pin_redirect redirect = {
		.id = attempt->r.id,
		.flags = SECCOMP_PIN_COMPLETION,
		.args_mask = 1 << attempt->arg,
	};
	char *slot = pin_slot(&attempt->pin, &attempt->r);

	memcpy(slot, path, sizeof(path));
	memcpy(slot + sizeof(path), attempt->marker, sizeof(attempt->marker));
	redirect.args[attempt->arg] = attempt_value(attempt);
	if (attempt->nr == SYS_openat) {
		redirect.ptr_mask = redirect.args_mask;
		redirect.ptr_len[attempt->arg] = sizeof(path);
	}
	assert_int_equal(pin_redirect(&attempt->pin, &redirect), 0);
}

unsigned long attempt_value(const struct attempt *attempt)
{
	return attempt->nr == SYS_openat ? attempt->r.slot_address : AF_INET;
}

uint32_t attempt_how(struct attempt *attempt)
{
	struct seccomp_pin_completion completion;

	assert_int_equal(read(attempt->pin.fd, &completion, sizeof(completion)),
			 sizeof(completion));
	return completion.how;
}

int attempt_end(struct attempt *attempt)
{
	int status = target_wait(&attempt->target);

	/* However it ended, nothing is left of the call. */
	assert_int_equal(pin_query(&attempt->pin).calls, 0);
	pin_close(&attempt->pin);
	return status;
}
