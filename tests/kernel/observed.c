// SPDX-License-Identifier: GPL-2.0-only
/* I4: what tracers and tracepoints see of a redirected call, and can change. */
#define _GNU_SOURCE
#include <asm/perf_regs.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attempt.h"
#include "tracer.h"

#define TRACEFS	"/sys/kernel/tracing"

static struct regs stopped_regs(pid_t pid, struct user_regs_struct *user)
{
	assert_int_equal(tracer_await(pid), STOP_SYSCALL);
	*user = tracer_get(pid);
	return regs_of_user(user);
}

/* Its registers in the order of its arguments */
static void set_argument(struct user_regs_struct *user, unsigned int arg,
			 unsigned long value)
{
	unsigned long long *const regs[6] = {
		&user->rdi, &user->rsi, &user->rdx, &user->r10, &user->r8,
		&user->r9,
	};

	*regs[arg] = value;
}

/*
 * At the exit a tracer sees the target's own registers, and what it changes
 * there is what the target has afterwards: substituted or not, and the result.
 */
static void exit_stop(struct attempt attempt)
{
	pid_t pid;
	struct user_regs_struct user;
	unsigned long own[6];
	struct regs regs;

	attempt_start(&attempt, NULL, NULL);
	pid = attempt.target.pid;
	tracer_seize(pid, PTRACE_O_TRACESYSGOOD);
	/* It has to stop once, for syscall stops to be asked for. */
	tracer_request(PTRACE_INTERRUPT, pid, 0);
	assert_int_equal(tracer_await(pid) >> 16, PTRACE_EVENT_STOP);
	tracer_request(PTRACE_SYSCALL, pid, 0);
	regs = stopped_regs(pid, &user);
	/* The exit of the wait that was interrupted, or the entry after that */
	if (regs.ret != -ENOSYS) {
		tracer_request(PTRACE_SYSCALL, pid, 0);
		regs = stopped_regs(pid, &user);
	}
	assert_int_equal(regs.ret, -ENOSYS);
	assert_true(regs_are(&regs, attempt.args));
	tracer_request(PTRACE_SYSCALL, pid, 0);
	/* The first time nobody answered it. */
	assert_int_equal(pin_release(&attempt.pin, attempt.r.id), 0);
	pin_receive(&attempt.pin, &attempt.r);
	assert_memory_equal(attempt.r.data.args, attempt.args,
			    sizeof(attempt.args));
	attempt_redirect(&attempt);

	regs = stopped_regs(pid, &user);
	assert_true(regs.ret >= 0);
	assert_true(regs_are(&regs, attempt.args));
	assert_int_equal(user.orig_rax, attempt.nr);
	memcpy(own, attempt.args, sizeof(own));
	own[attempt.arg] = 0xd1;
	own[5] = 0xd2;
	set_argument(&user, attempt.arg, 0xd1);
	set_argument(&user, 5, 0xd2);
	user.rax = 77;
	tracer_set(pid, &user);
	tracer_request(PTRACE_DETACH, pid, 0);
	assert_int_equal(attempt_end(&attempt), 0);
	assert_int_equal(attempt.outcome->after.ret, 77);
	assert_true(regs_are(&attempt.outcome->after, own));
}

static void i4_tracer_at_the_exit(void **state)
{
	(void)state;
	exit_stop(attempt_scalar());
	exit_stop(attempt_pointer());
}

/* Waits without a call that a tracer would stop at. */
static int run_ready(void *arg)
{
	struct attempt *attempt = arg;

	while (!attempt->outcome->ready)
		;
	attempt_call(attempt);
	return 0;
}

/*
 * What it changes at the entry is what the target asked for, to the supervisor
 * and afterwards.
 */
static void entry_stop(struct attempt attempt)
{
	struct user_regs_struct user;
	unsigned long own[6];
	struct regs regs;
	pid_t pid;

	attempt_launch(&attempt, NULL, run_ready);
	pid = attempt.target.pid;
	tracer_seize(pid, PTRACE_O_TRACESYSGOOD);
	tracer_request(PTRACE_INTERRUPT, pid, 0);
	assert_int_equal(tracer_await(pid) >> 16, PTRACE_EVENT_STOP);
	tracer_request(PTRACE_SYSCALL, pid, 0);
	attempt.outcome->ready = 1;
	for (;;) {
		regs = stopped_regs(pid, &user);
		if (user.orig_rax == (unsigned long)attempt.nr)
			break;
		tracer_request(PTRACE_SYSCALL, pid, 0);
	}
	assert_true(regs_are(&regs, attempt.args));
	memcpy(own, attempt.args, sizeof(own));
	own[attempt.arg] = attempt.arg ? own[1] + 1 : AF_NETLINK;
	own[5] = 0xd2;
	set_argument(&user, attempt.arg, own[attempt.arg]);
	set_argument(&user, 5, own[5]);
	tracer_set(pid, &user);
	/* Detaching would interrupt the wait, and the call would be made again. */
	tracer_request(PTRACE_CONT, pid, 0);
	pin_receive(&attempt.pin, &attempt.r);
	assert_int_equal(attempt.r.data.nr, attempt.nr);
	assert_memory_equal(attempt.r.data.args, own, sizeof(own));
	attempt_redirect(&attempt);
	assert_int_equal(attempt_end(&attempt), 0);
	assert_true(attempt.outcome->after.ret >= 0);
	assert_true(regs_are(&attempt.outcome->after, own));
}

static void i4_tracer_at_the_entry(void **state)
{
	(void)state;
	entry_stop(attempt_scalar());
	entry_stop(attempt_pointer());
}

/* strace -f of a process, which it has attached to when this returns */
static pid_t start_strace(pid_t pid, const char *out)
{
	char number[16], path[64], line[256];
	pid_t strace;
	int tracer;

	snprintf(number, sizeof(number), "%d", pid);
	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	strace = fork();
	assert_true(strace >= 0);
	if (!strace) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execlp("strace", "strace", "-f", "-q", "-o", out, "-p", number,
		       NULL);
		_exit(127);
	}
	do {
		FILE *status = fopen(path, "r");

		assert_non_null(status);
		tracer = 0;
		while (!tracer && fgets(line, sizeof(line), status))
			if (sscanf(line, "TracerPid: %d", &tracer) != 1)
				tracer = 0;
		fclose(status);
		/* It is not to have ended already. */
		assert_int_equal(waitpid(strace, NULL, WNOHANG), 0);
	} while (tracer != strace);
	return strace;
}

static void check_trace(pid_t strace, const char *out, const char *call,
			const char *never)
{
	static char text[65536];
	FILE *file;
	size_t len;
	char *at, *line;
	int status;

	assert_int_equal(waitpid(strace, &status, 0), strace);
	assert_int_equal(status, 0);
	file = fopen(out, "r");
	assert_non_null(file);
	len = fread(text, 1, sizeof(text) - 1, file);
	text[len] = '\0';
	fclose(file);
	unlink(out);
	/* The last one; before that it was interrupted, or another. */
	line = NULL;
	for (at = text; (at = strstr(at, call)); at++)
		line = at;
	if (!line)
		fail_msg("not in the trace: %s\n%s", call, text);
	line = strchr(line, '=');
	assert_non_null(line);
	if (sscanf(line, "= %d", &status) != 1)
		fail_msg("no result in the trace:\n%s", text);
	assert_null(strstr(text, never));
}

/* One call for strace to be there already when the other is made */
static int run_twice(void *arg)
{
	attempt_call(arg);
	attempt_call(arg);
	return 0;
}

/* strace shows what the program asked for, and the program gets its result. */
static void straced(struct attempt attempt, bool before, const char *call,
		    const char *never)
{
	static const char out[] = "/tmp/strace";
	pid_t strace;

	attempt_start(&attempt, NULL, before ? run_twice : NULL);
	strace = start_strace(attempt.target.pid, out);
	/* Attaching interrupts the wait, once. */
	AWAIT(!pin_pending(&attempt.pin, attempt.r.id));
	assert_int_equal(pin_release(&attempt.pin, attempt.r.id), 0);
	pin_receive(&attempt.pin, &attempt.r);
	if (before) {
		assert_int_equal(pin_deny(&attempt.pin, attempt.r.id, EDOM), 0);
		pin_receive(&attempt.pin, &attempt.r);
	}
	assert_int_equal(attempt.r.data.nr, attempt.nr);
	assert_memory_equal(attempt.r.data.args, attempt.args,
			    sizeof(attempt.args));
	attempt_redirect(&attempt);
	check_trace(strace, out, call, never);
	assert_int_equal(attempt_end(&attempt), 0);
	assert_true(attempt.outcome->after.ret >= 0);
	assert_true(regs_are(&attempt.outcome->after, attempt.args));
}

static void i4_strace(void **state)
{
	int before;

	(void)state;
	for (before = 0; before <= 1; before++) {
		straced(attempt_scalar(), before,
			"socket(AF_UNIX, SOCK_STREAM, 0", "AF_INET");
		straced(attempt_pointer(), before,
			"openat(AT_FDCWD, \"/no/such/file\", O_RDONLY",
			"/dev/null");
	}
}

/* In the order of struct regs: what a sample of user registers has */
static const unsigned char sampled[] = {
	PERF_REG_X86_AX, PERF_REG_X86_DI, PERF_REG_X86_SI, PERF_REG_X86_DX,
	PERF_REG_X86_R10, PERF_REG_X86_R8, PERF_REG_X86_R9, PERF_REG_X86_BX,
	PERF_REG_X86_BP, PERF_REG_X86_R12, PERF_REG_X86_R13, PERF_REG_X86_R14,
	PERF_REG_X86_R15, PERF_REG_X86_SP, PERF_REG_X86_FLAGS, PERF_REG_X86_CX,
	PERF_REG_X86_R11, PERF_REG_X86_IP,
};

#define SAMPLED	(sizeof(sampled) / sizeof(*sampled))

_Static_assert(sizeof(struct regs) == 8 * SAMPLED, "one for each");

static uint64_t sampled_mask(void)
{
	uint64_t mask = 0;
	unsigned int i;

	for (i = 0; i < SAMPLED; i++)
		mask |= 1ULL << sampled[i];
	return mask;
}

struct event {
	int fd;
	struct perf_event_mmap_page *page;
};

/* Sample a task's registers at a tracepoint. */
static struct event open_event(const char *name, pid_t pid)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.sample_period = 1,
		.sample_type = PERF_SAMPLE_RAW | PERF_SAMPLE_REGS_USER,
		.sample_regs_user = sampled_mask(),
	};
	struct event event;
	char path[128];
	FILE *file;
	unsigned int id;

	snprintf(path, sizeof(path), TRACEFS "/events/%s/id", name);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%u", &id), 1);
	fclose(file);
	attr.config = id;
	event.fd = syscall(SYS_perf_event_open, &attr, pid, -1, -1,
			   PERF_FLAG_FD_CLOEXEC);
	assert_true(event.fd >= 0);
	event.page = mmap(NULL, 17 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
			  event.fd, 0);
	assert_true(event.page != MAP_FAILED);
	return event;
}

/* The first sample of that call: what the tracepoint was told, and registers */
static struct regs read_event(struct event *event, long nr, uint64_t *told,
			      size_t count)
{
	const unsigned char *at = (unsigned char *)event->page + 4096, *data;
	const unsigned char *end = at + __atomic_load_n(&event->page->data_head,
							__ATOMIC_ACQUIRE);
	uint64_t values[SAMPLED], abi;
	unsigned int i, j, rank;
	struct regs regs;
	uint32_t raw;

	do {
		const struct perf_event_header *header = (const void *)at;

		/* It has not wrapped around, and is not over yet. */
		assert_true(end - at < 16 * 4096 && at < end);
		assert_int_equal(header->type, PERF_RECORD_SAMPLE);
		data = at + sizeof(*header);
		at += header->size;
		memcpy(&raw, data, sizeof(raw));
		data += sizeof(raw);
		/* Behind the fields that all tracepoints have */
		memcpy(told, data + 8, count * sizeof(*told));
	} while ((int)told[0] != nr);
	data += raw;
	memcpy(&abi, data, sizeof(abi));
	assert_int_equal(abi, PERF_SAMPLE_REGS_ABI_64);
	memcpy(values, data + sizeof(abi), sizeof(values));
	/* They come in the order of their numbers. */
	for (i = 0; i < SAMPLED; i++) {
		for (rank = 0, j = 0; j < SAMPLED; j++)
			rank += sampled[j] < sampled[i];
		((uint64_t *)&regs)[i] = values[rank];
	}
	munmap(event->page, 17 * 4096);
	close(event->fd);
	return regs;
}

/* On entry tracepoints show what runs, on exit what the target has again. */
static void tracepoints(struct attempt attempt)
{
	const char *const enter = attempt.nr == SYS_socket ?
		"syscalls/sys_enter_socket" : "syscalls/sys_enter_openat";
	const char *const leave = attempt.nr == SYS_socket ?
		"syscalls/sys_exit_socket" : "syscalls/sys_exit_openat";
	struct event entry, named_entry, exit, named_exit;
	unsigned long redirected[6];
	uint64_t told[7];
	struct regs regs;

	/* Whoever is in a call already has no entry any more. */
	attempt_launch(&attempt, NULL, run_ready);
	entry = open_event("raw_syscalls/sys_enter", attempt.target.pid);
	exit = open_event("raw_syscalls/sys_exit", attempt.target.pid);
	named_entry = open_event(enter, attempt.target.pid);
	named_exit = open_event(leave, attempt.target.pid);
	attempt.outcome->ready = 1;
	pin_receive(&attempt.pin, &attempt.r);
	memcpy(redirected, attempt.args, sizeof(redirected));
	redirected[attempt.arg] = attempt_value(&attempt);
	attempt_redirect(&attempt);
	assert_int_equal(attempt_end(&attempt), 0);
	assert_true(attempt.outcome->after.ret >= 0);
	assert_true(regs_are(&attempt.outcome->after, attempt.args));

	regs = read_event(&entry, attempt.nr, told, 7);
	assert_true(regs_are(&regs, redirected));
	assert_memory_equal(told + 1, redirected, sizeof(redirected));
	regs = read_event(&named_entry, attempt.nr, told, 4);
	assert_true(regs_are(&regs, redirected));
	assert_int_equal(told[1 + attempt.arg], redirected[attempt.arg]);

	regs = read_event(&exit, attempt.nr, told, 2);
	assert_true(regs_are(&regs, attempt.args));
	assert_int_equal(regs.ret, attempt.outcome->after.ret);
	assert_int_equal(told[1], attempt.outcome->after.ret);
	regs = read_event(&named_exit, attempt.nr, told, 2);
	assert_true(regs_are(&regs, attempt.args));
	assert_int_equal(told[1], attempt.outcome->after.ret);
}

static void i4_tracepoints(void **state)
{
	(void)state;
	tracepoints(attempt_scalar());
	tracepoints(attempt_pointer());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(i4_tracer_at_the_exit),
		cmocka_unit_test(i4_tracer_at_the_entry),
		cmocka_unit_test(i4_strace),
		cmocka_unit_test(i4_tracepoints),
	};

	if (access(TRACEFS "/events", F_OK) &&
	    mount("tracefs", TRACEFS, "tracefs", 0, NULL))
		return 1;
	return run_group(tests);
}
