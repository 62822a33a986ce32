// SPDX-License-Identifier: GPL-2.0-only
/*
 * I4: what a redirected call leaves behind does not depend on probes in the
 * target's code: a breakpoint, behind which the instruction is run from a copy,
 * or for a function's return a trampoline, with a call that nobody answers.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pin.h"
#include "regs.h"

#define TRACEFS	"/sys/kernel/tracing"
#define PMU	"/sys/bus/event_source/devices/uprobe"

/* The trampoline's; not in every libc */
#define NR_URETPROBE	335

/* What the target tells of itself, in shared memory */
struct seen {
	volatile int ready;	/* its probes are there; set by the test */
	long ret;		/* of the function */
	struct regs after;	/* the call in it */
	struct regs child;
	struct regs handler;	/* what it interrupted */
};

static struct seen *seen;

static int setup(void **state)
{
	(void)state;
	seen = shared_memory(sizeof(*seen));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return munmap(seen, sizeof(*seen));
}

/* A number out of a file in sysfs or tracefs, behind what it begins with */
static unsigned int number(const char *path, const char *format)
{
	FILE *file = fopen(path, "r");
	unsigned int n;

	assert_non_null(file);
	assert_int_equal(fscanf(file, format, &n), 1);
	fclose(file);
	return n;
}

/* Where in this program's file an address is */
static uint64_t file_offset(uintptr_t address)
{
	unsigned long start, end, offset;
	FILE *maps = fopen("/proc/self/maps", "r");
	bool found = false;
	char line[512];

	assert_non_null(maps);
	while (!found && fgets(line, sizeof(line), maps))
		found = sscanf(line, "%lx-%lx %*s %lx", &start, &end,
			       &offset) == 3 &&
			address >= start && address < end;
	fclose(maps);
	assert_true(found);
	return address - start + offset;
}

/* Count an event of a task and of those that it makes. */
static int event_open(struct perf_event_attr attr, pid_t pid)
{
	int fd;

	attr.size = sizeof(attr);
	attr.inherit = 1;
	fd = syscall(SYS_perf_event_open, &attr, pid, -1, -1,
		     PERF_FLAG_FD_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

static void event_counted(int fd, uint64_t times)
{
	uint64_t count;

	assert_int_equal(read(fd, &count, sizeof(count)), sizeof(count));
	assert_int_equal(count, times);
	close(fd);
}

static int probe_open(pid_t pid, uintptr_t at, bool on_return)
{
	struct perf_event_attr attr = {
		.type = number(PMU "/type", "%u"),
		.uprobe_path = (uintptr_t)"/proc/self/exe",
		.probe_offset = file_offset(at),
	};

	if (on_return)
		attr.config = 1ULL << number(PMU "/format/retprobe",
					     "config:%u");
	return event_open(attr, pid);
}

/* Probes of the function that makes the call, any of them together */
enum {
	ENTRY,
	CALL,		/* the very instruction, which 6.12 allows */
	RETURN,
	PROBES
};

static void probes_open(int fds[PROBES], pid_t pid, unsigned int which)
{
	const uintptr_t at[PROBES] = {
		[ENTRY] = (uintptr_t)regs_syscall,
		[CALL] = (uintptr_t)regs_return - REGS_SYSCALL_LEN,
		[RETURN] = (uintptr_t)regs_syscall,
	};
	unsigned int i;

	for (i = 0; i < PROBES; i++)
		fds[i] = which & 1 << i ?
			 probe_open(pid, at[i], i == RETURN) : -1;
}

/* In a target, when its probes are there: the probed function */
static long make_call(long nr, const unsigned long args[6])
{
	long ret;

	await_word(&seen->ready, 1);
	ret = regs_syscall(nr, args);
	seen->ret = ret;
	seen->after = regs_after;
	return ret;
}

static const unsigned long own[6] = { 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5 };
static const unsigned long others[6] = { 0xb0, 0xb1, 0xb2, 0xb3, 0xb4, 0xb5 };
static const unsigned long open_null[6] = {
	AT_FDCWD, 0, O_RDONLY, 0xb3, 0xb4, 0xb5
};

/* All registers are substituted, and one of them may point to a string. */
static void redirect(struct pin *pin, const struct seccomp_pin_receive *r,
		     const unsigned long args[6], unsigned int arg,
		     const char *string)
{
	struct seccomp_pin_redirect redirect = {
		.id = r->id,
		.flags = SECCOMP_PIN_COMPLETION,
		.args_mask = 0x3f,
	};

	memcpy(redirect.args, args, sizeof(redirect.args));
	if (string) {
		strcpy(pin_slot(pin, r), string);
		redirect.ptr_mask = 1 << arg;
		redirect.arena_mask = 1 << arg;
		redirect.str_mask = 1 << arg;
		redirect.args[arg] = r->slot_offset;
		redirect.ptr_len[arg] = strlen(string) + 1;
	}
	assert_int_equal(pin_redirect(pin, &redirect), 0);
}

/* How the oldest redirected call ended */
static void ended(struct pin *pin, uint32_t how)
{
	struct seccomp_pin_completion completion;

	assert_int_equal(read(pin->fd, &completion, sizeof(completion)),
			 sizeof(completion));
	assert_int_equal(completion.how, how);
}

static int run_openat(void *arg)
{
	struct stat st;
	long fd;

	(void)arg;
	fd = make_call(SYS_openat, own);
	if (fd < 0)
		return 90;
	return fstat(fd, &st) || st.st_rdev != makedev(1, 3);
}

/* What the processor leaves in two of them is of the copy that was run. */
static struct regs regs_in_place(struct regs regs)
{
	regs.cx = (uintptr_t)regs_return;
	regs.r11 = regs.flags;
	return regs;
}

static const char *const trap_openat[] = { "openat", NULL };

static void openat_with(unsigned int which)
{
	struct seccomp_pin_receive r;
	int fds[PROBES], i;
	struct target target;
	struct pin pin;

	memset(seen, 0, sizeof(*seen));
	assert_int_equal(target_start(&target, NULL, trap_openat, run_openat,
				      NULL), 0);
	pin_open(&pin, target.listener);
	probes_open(fds, target.pid, which);
	seen->ready = 1;
	pin_receive_call(&pin, &r, "openat");
	assert_memory_equal(r.data.args, own, sizeof(own));
	/* A probed instruction is not run where it is, but from a copy. */
	assert_int_equal(r.data.instruction_pointer != (uintptr_t)regs_return,
			 !!(which & 1 << CALL));
	redirect(&pin, &r, open_null, 1, "/dev/null");
	ended(&pin, SECCOMP_PIN_RETURNED);
	assert_int_equal(target_wait(&target), 0);
	assert_int_equal(seen->ret, seen->after.ret);
	if (which & 1 << CALL)
		seen->after = regs_in_place(seen->after);
	assert_true(regs_are(&seen->after, own));
	for (i = 0; i < PROBES; i++)
		if (fds[i] >= 0)
			event_counted(fds[i], 1);
	pin_close(&pin);
}

static void i4_return_probe(void **state)
{
	(void)state;
	openat_with(1 << RETURN);
}

static void i4_entry_probe(void **state)
{
	(void)state;
	openat_with(1 << ENTRY);
	openat_with(1 << ENTRY | 1 << RETURN);
}

static void i4_probe_of_the_call(void **state)
{
	(void)state;
	openat_with(1 << CALL);
	openat_with(1 << CALL | 1 << RETURN);
	openat_with(1 << ENTRY | 1 << CALL | 1 << RETURN);
}

static void on_signal(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)info;
	seen->handler = regs_of_context(context);
}

static int run_signalled(void *arg)
{
	struct sigaction action = {
		.sa_sigaction = on_signal,
		.sa_flags = SA_SIGINFO,
	};

	sigaction(SIGUSR1, &action, NULL);
	return run_openat(arg);
}

/*
 * A signal interrupts the wait, but is not delivered before the copy is done
 * with: the call is made once more, in spite of its handler.
 */
static void i4_signal_at_a_probed_call(void **state)
{
	struct seccomp_pin_receive r;
	int fds[PROBES];
	struct target target;
	struct pin pin;

	(void)state;
	assert_int_equal(target_start(&target, NULL, trap_openat,
				      run_signalled, NULL), 0);
	pin_open(&pin, target.listener);
	probes_open(fds, target.pid, 1 << CALL | 1 << RETURN);
	seen->ready = 1;
	pin_receive_call(&pin, &r, "openat");
	assert_int_equal(kill(target.pid, SIGUSR1), 0);
	AWAIT(!pin_pending(&pin, r.id));
	assert_int_equal(pin_release(&pin, r.id), 0);
	pin_receive_call(&pin, &r, "openat");
	assert_memory_equal(r.data.args, own, sizeof(own));
	assert_int_equal(seen->handler.ip, 0);
	redirect(&pin, &r, open_null, 1, "/dev/null");
	ended(&pin, SECCOMP_PIN_RETURNED);
	assert_int_equal(target_wait(&target), 0);
	seen->after = regs_in_place(seen->after);
	assert_true(regs_are(&seen->after, own));
	/* The copy ends one instruction behind the call. */
	assert_int_equal(seen->handler.ip, (uintptr_t)regs_return + 1);
	seen->handler.ip--;
	seen->handler = regs_in_place(seen->handler);
	assert_true(regs_are(&seen->handler, own));
	assert_int_equal(seen->handler.ret, seen->ret);
	event_counted(fds[CALL], 1);
	event_counted(fds[RETURN], 1);
	pin_close(&pin);
}

/* A child that shares memory and stack returns from the function as well. */
static int run_vfork(void *arg)
{
	long ret;
	int status;

	(void)arg;
	await_word(&seen->ready, 1);
	ret = regs_syscall(SYS_vfork, own);
	if (!ret) {
		seen->child = regs_after;
		_exit(7);
	}
	seen->ret = ret;
	seen->after = regs_after;
	if (ret < 0 || waitpid(ret, &status, 0) != ret)
		return 90;
	return WEXITSTATUS(status) != 7;
}

static void i4_probed_vfork(void **state)
{
	static const char *const traps[] = { "vfork", NULL };
	struct seccomp_pin_receive r;
	struct target target;
	int fds[PROBES];
	struct pin pin;

	(void)state;
	assert_int_equal(target_start(&target, NULL, traps, run_vfork, NULL),
			 0);
	pin_open(&pin, target.listener);
	probes_open(fds, target.pid, 1 << ENTRY | 1 << RETURN);
	seen->ready = 1;
	pin_receive_call(&pin, &r, "vfork");
	redirect(&pin, &r, others, 0, NULL);
	ended(&pin, SECCOMP_PIN_RETURNED);
	assert_int_equal(target_wait(&target), 0);
	assert_int_equal(seen->ret, seen->after.ret);
	assert_true(regs_are(&seen->after, own));
	assert_int_equal(seen->child.ret, 0);
	assert_true(regs_are(&seen->child, own));
	event_counted(fds[ENTRY], 1);
	event_counted(fds[RETURN], 2);
	pin_close(&pin);
}

/* Two of them: the first one fails. */
static int run_execve(void *arg)
{
	static char *const argv[] = { "true", NULL };
	unsigned long args[6];

	(void)arg;
	memcpy(args, own, sizeof(args));
	args[1] = (uintptr_t)argv;
	args[2] = 0;
	make_call(SYS_execve, args);
	if (!regs_are(&seen->after, args))
		return 90;
	make_call(SYS_execve, args);
	return 91;
}

static void i4_probed_execve(void **state)
{
	static const char *const traps[] = { "execve", NULL };
	struct seccomp_pin_receive r;
	struct target target;
	unsigned long args[6];
	int fds[PROBES];
	struct pin pin;

	(void)state;
	assert_int_equal(target_start(&target, NULL, traps, run_execve, NULL),
			 0);
	pin_open(&pin, target.listener);
	probes_open(fds, target.pid, 1 << ENTRY | 1 << RETURN);
	seen->ready = 1;
	pin_receive_call(&pin, &r, "execve");
	memcpy(args, others, sizeof(args));
	memcpy(args + 1, r.data.args + 1, 2 * sizeof(*args));
	redirect(&pin, &r, args, 0, "/no/such/file");
	ended(&pin, SECCOMP_PIN_RETURNED);
	pin_receive_call(&pin, &r, "execve");
	assert_int_equal(r.data.args[0], own[0]);
	assert_int_equal(seen->ret, -ENOENT);
	redirect(&pin, &r, args, 0, "/bin/true");
	ended(&pin, SECCOMP_PIN_EXECUTED);
	assert_int_equal(target_wait(&target), 0);
	/* There was nothing to return to from the second. */
	event_counted(fds[ENTRY], 2);
	event_counted(fds[RETURN], 1);
	pin_close(&pin);
}

/*
 * getppid() with the last argument that makes any call trap. It is still in its
 * register at the return, and so in that of the call that a trampoline makes.
 */
long magic_call(void);
__asm__(
"	.text\n"
"	.type	magic_call, @function\n"
"magic_call:\n"
"	movl	$110, %eax\n"
"	movl	$0x7abbed, %r9d\n"
"	syscall\n"
"	ret\n"
"	.size	magic_call, . - magic_call\n"
);

_Static_assert(SYS_getppid == 110 && TARGET_MAGIC == 0x7abbed,
	       "as in the assembly");

/* Whether the register is as the function has left it */
static bool call_magic(void)
{
	unsigned long last;
	long ret;

	__asm__ volatile("lea	-128(%%rsp), %%rsp\n"
			 "call	magic_call\n"
			 "lea	128(%%rsp), %%rsp\n"
			 "mov	%%r9, %1\n"
			 "xor	%%r9d, %%r9d\n"
			 : "=a" (ret), "=r" (last) :
			 : "memory", "rcx", "r9", "r11", "cc");
	seen->ret = ret;
	return last == TARGET_MAGIC;
}

/* The trampoline's call by hand, from where it is not to be made */
static void call_trampoline(void)
{
	static const unsigned long magic[6] = { [5] = TARGET_MAGIC };

	/* CMocka has a handler. */
	signal(SIGILL, SIG_DFL);
	regs_syscall(NR_URETPROBE, magic);
}

static int run_magic(void *arg)
{
	const bool *by_hand = arg;

	await_word(&seen->ready, 1);
	if (!call_magic())
		return 1;
	if (*by_hand)
		call_trampoline();
	return 0;
}

/*
 * Calls that trap are received, but not the trampoline's. Where it is not made
 * by one, it is an illegal instruction, whether there is one or not.
 */
static void trampoline(bool probed, bool by_hand)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT };
	int made, probe = -1, status;
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;

	memset(seen, 0, sizeof(*seen));
	assert_int_equal(target_start(&target, NULL, NULL, run_magic, &by_hand),
			 0);
	pin_open(&pin, target.listener);
	if (probed)
		probe = probe_open(target.pid, (uintptr_t)magic_call, true);
	attr.config = number(TRACEFS "/events/syscalls/sys_enter_uretprobe/id",
			     "%u");
	made = event_open(attr, target.pid);
	seen->ready = 1;
	pin_receive_call(&pin, &r, "getppid");
	assert_int_equal(r.data.args[5], TARGET_MAGIC);
	redirect(&pin, &r, others, 0, NULL);
	ended(&pin, SECCOMP_PIN_RETURNED);
	/* It would not end, if there were anything more to be answered. */
	status = await_exit(target.pid);
	assert_int_equal(WIFSIGNALED(status) ? WTERMSIG(status) : status,
			 by_hand ? SIGILL : 0);
	assert_int_equal(seen->ret, getpid());
	if (probed)
		event_counted(probe, 1);
	event_counted(made, probed + by_hand);
	close(target.listener);
	pin_close(&pin);
}

static void i4_call_of_the_trampoline(void **state)
{
	(void)state;
	trampoline(true, false);
}

static void i4_call_of_the_trampoline_by_hand(void **state)
{
	(void)state;
	trampoline(false, true);
	trampoline(true, true);
}

#define PROBE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PROBE_TEST(i4_return_probe),
		PROBE_TEST(i4_entry_probe),
		PROBE_TEST(i4_probe_of_the_call),
		PROBE_TEST(i4_signal_at_a_probed_call),
		PROBE_TEST(i4_probed_vfork),
		PROBE_TEST(i4_probed_execve),
		PROBE_TEST(i4_call_of_the_trampoline),
		PROBE_TEST(i4_call_of_the_trampoline_by_hand),
	};

	if (access(TRACEFS "/events", F_OK) &&
	    mount("tracefs", TRACEFS, "tracefs", 0, NULL))
		return 1;
	return run_group(tests);
}
