// SPDX-License-Identifier: GPL-2.0-only
/* I3: the filters outer to the one that notified judge the redirected call. */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/procfs.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attempt.h"

#define SYS_SECCOMP_CODE	1	/* si_code of a SIGSYS from seccomp */

/* What the outer filter says of the call as redirected */
static uint32_t outer_action;

static void outer(void)
{
	attempt_load(attempt_filter(outer_action),
		     outer_action == SCMP_ACT_NOTIFY ?
		     SECCOMP_FILTER_FLAG_NEW_LISTENER : 0);
}

/* Redirect the attempt under an outer filter; returns the exit status. */
static int try_outer(struct attempt *attempt, uint32_t action, uint32_t *how)
{
	outer_action = action;
	attempt_start(attempt, outer, NULL);
	attempt_redirect(attempt);
	*how = attempt_how(attempt);
	return attempt_end(attempt);
}

/* It comes back, or is skipped, with its own registers. */
static void outer_returns(struct attempt attempt, uint32_t action, int error)
{
	uint32_t how;

	assert_int_equal(try_outer(&attempt, action, &how), 0);
	if (error)
		assert_int_equal(attempt.outcome->after.ret, -error);
	else
		assert_true(attempt.outcome->after.ret >= 0);
	assert_true(regs_are(&attempt.outcome->after, attempt.args));
	assert_int_equal(how, error ? SECCOMP_PIN_SKIPPED :
				      SECCOMP_PIN_RETURNED);
}

/* SIGSYS shows the registers of the call that the target made. */
static void outer_traps(struct attempt attempt)
{
	struct outcome *outcome;
	uint32_t how;

	assert_int_equal(try_outer(&attempt, SCMP_ACT_TRAP, &how), 0);
	outcome = attempt.outcome;
	assert_true(regs_are(&outcome->trapped, attempt.args));
	assert_int_equal(outcome->trapped.ret, attempt.nr);
	assert_ptr_equal((void *)outcome->trapped.ip, regs_return);
	assert_int_equal(outcome->code, SYS_SECCOMP_CODE);
	assert_int_equal(outcome->syscall, attempt.nr);
	assert_ptr_equal(outcome->call, regs_return);
	assert_true(regs_are(&outcome->after, attempt.args));
	assert_int_equal(how, SECCOMP_PIN_SKIPPED);
}

static void outer_kills(struct attempt attempt)
{
	uint32_t how;

	assert_int_equal(try_outer(&attempt, SCMP_ACT_KILL_PROCESS, &how),
			 128 + SIGSYS);
	assert_int_equal(how, SECCOMP_PIN_SKIPPED);
}

#define OUTER_TESTS(what)						\
/* LOG is an action that lets it run, as no filter at all does. */	\
static void i3_outer_allow_##what(void **state)				\
{									\
	(void)state;							\
	outer_returns(attempt_##what(), SCMP_ACT_LOG, 0);		\
}									\
									\
static void i3_outer_errno_##what(void **state)				\
{									\
	(void)state;							\
	outer_returns(attempt_##what(), SCMP_ACT_ERRNO(EDOM), EDOM);	\
}									\
									\
static void i3_outer_trap_##what(void **state)				\
{									\
	(void)state;							\
	outer_traps(attempt_##what());					\
}									\
									\
static void i3_outer_kill_##what(void **state)				\
{									\
	(void)state;							\
	outer_kills(attempt_##what());					\
}									\
									\
/* Nobody traces it; the others are in tracer.c. */			\
static void i3_outer_trace_##what(void **state)				\
{									\
	(void)state;							\
	outer_returns(attempt_##what(), SCMP_ACT_TRACE(1), ENOSYS);	\
}									\
									\
/* A chain has one listener at most: this filter's is closed. */	\
static void i3_outer_closed_listener_##what(void **state)		\
{									\
	(void)state;							\
	outer_returns(attempt_##what(), SCMP_ACT_NOTIFY, ENOSYS);	\
}

OUTER_TESTS(scalar)
OUTER_TESTS(pointer)

/* The outer filter says nothing of what the redirect makes of the call. */
static void other_filter(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EDOM), SCMP_SYS(mount), 0))
		_exit(99);
	attempt_load(filter, 0);
}

static void i3_outer_allows(void **state)
{
	struct attempt attempt = attempt_pointer();

	(void)state;
	attempt_start(&attempt, other_filter, NULL);
	attempt_redirect(&attempt);
	assert_int_equal(attempt_end(&attempt), 0);
	assert_true(attempt.outcome->after.ret >= 0);
}

#define CHAIN	32

/* What each filter of a chain says, the outermost first */
static uint32_t chain[CHAIN];

static void outer_chain(void)
{
	unsigned int i;

	for (i = 0; i < CHAIN; i++)
		if (chain[i] == SCMP_ACT_ALLOW)
			other_filter();
		else
			attempt_load(attempt_filter(chain[i]), 0);
}

/* Each of many filters is asked, wherever it is; the strictest one counts. */
static void i3_chain_of_filters(void **state)
{
	static const struct {
		unsigned int at, and;
		uint32_t say, says;
		long ret;
	} cases[] = {
		{ 0, 0, SCMP_ACT_ALLOW, SCMP_ACT_ALLOW, 0 },
		{ 0, 0, SCMP_ACT_ERRNO(EDOM), SCMP_ACT_ERRNO(EDOM), -EDOM },
		{ 17, 17, SCMP_ACT_ERRNO(EDOM), SCMP_ACT_ERRNO(EDOM), -EDOM },
		{ 31, 31, SCMP_ACT_ERRNO(EDOM), SCMP_ACT_ERRNO(EDOM), -EDOM },
		{ 0, 31, SCMP_ACT_ERRNO(EDOM), SCMP_ACT_LOG, -EDOM },
		{ 0, 31, SCMP_ACT_TRACE(1), SCMP_ACT_ERRNO(EDOM), -EDOM },
		{ 0, 31, SCMP_ACT_ERRNO(EDOM), SCMP_ACT_TRACE(1), -EDOM },
	};
	struct attempt attempt;
	unsigned int i, j;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		for (j = 0; j < CHAIN; j++)
			chain[j] = SCMP_ACT_ALLOW;
		chain[cases[i].at] = cases[i].say;
		chain[cases[i].and] = cases[i].says;
		attempt = i % 2 ? attempt_pointer() : attempt_scalar();
		attempt_start(&attempt, outer_chain, NULL);
		attempt_redirect(&attempt);
		assert_int_equal(attempt_end(&attempt), 0);
		if (cases[i].ret)
			assert_int_equal(attempt.outcome->after.ret,
					 cases[i].ret);
		else
			assert_true(attempt.outcome->after.ret >= 0);
		assert_true(regs_are(&attempt.outcome->after, attempt.args));
	}
}

/* Denies all that the target asks for, and what it is redirected to. */
static void *sync_filter(void *arg)
{
	struct attempt *attempt = arg;
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	await_word(&attempt->outcome->ready, 1);
	if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EDOM), attempt->nr, 0))
		_exit(99);
	attempt_load(filter, SECCOMP_FILTER_FLAG_TSYNC);
	attempt->outcome->ready = 2;
	return NULL;
}

static int run_synced(void *arg)
{
	struct attempt *attempt = arg;
	pthread_t thread;
	long first;

	if (pthread_create(&thread, NULL, sync_filter, attempt))
		return 90;
	attempt_call(attempt);
	first = attempt->outcome->after.ret;
	pthread_join(thread, NULL);
	attempt_call(attempt);
	if (attempt->outcome->after.ret != -EDOM)
		return 91;
	attempt->outcome->after.ret = first;
	return 0;
}

/*
 * A filter that another thread gives to all of them while one is waiting: it is
 * an inner one, and does not judge the call that is under way, but the next.
 */
static void synced_while_parked(struct attempt attempt)
{
	attempt_start(&attempt, other_filter, run_synced);
	attempt.outcome->ready = 1;
	await_word(&attempt.outcome->ready, 2);
	attempt_redirect(&attempt);
	assert_int_equal(attempt_end(&attempt), 0);
	assert_true(attempt.outcome->after.ret >= 0);
	assert_true(regs_are(&attempt.outcome->after, attempt.args));
}

static void i3_filter_added_while_parked(void **state)
{
	(void)state;
	synced_while_parked(attempt_scalar());
	synced_while_parked(attempt_pointer());
}

/* What a core dump is searched for, and what it shows of the threads */
struct core {
	unsigned char *map;
	size_t size;
	const prstatus_t *threads[4];
	unsigned int count;
};

static void core_notes(struct core *core, const Elf64_Phdr *notes)
{
	const unsigned char *at = core->map + notes->p_offset;
	const unsigned char *end = at + notes->p_filesz;

	while (at < end) {
		const Elf64_Nhdr *note = (const void *)at;
		size_t name = (note->n_namesz + 3) & ~3U;

		if (note->n_type == NT_PRSTATUS) {
			assert_true(core->count < 4);
			core->threads[core->count++] =
				(const void *)(at + sizeof(*note) + name);
		}
		at += sizeof(*note) + name + ((note->n_descsz + 3) & ~3U);
	}
}

static void core_open(struct core *core, pid_t pid)
{
	const Elf64_Phdr *phdr;
	const Elf64_Ehdr *ehdr;
	struct stat st;
	char path[64];
	int fd, i;

	snprintf(path, sizeof(path), "/tmp/core.%d", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	unlink(path);
	assert_int_equal(fstat(fd, &st), 0);
	*core = (struct core){ .size = st.st_size };
	core->map = mmap(NULL, core->size, PROT_READ, MAP_PRIVATE, fd, 0);
	assert_true(core->map != MAP_FAILED);
	close(fd);

	ehdr = (const void *)core->map;
	phdr = (const void *)(core->map + ehdr->e_phoff);
	assert_memory_equal(ehdr->e_ident, ELFMAG, SELFMAG);
	for (i = 0; i < ehdr->e_phnum; i++)
		if (phdr[i].p_type == PT_NOTE)
			core_notes(core, &phdr[i]);
}

/* A control: bytes of the target's own, private and shared */
static unsigned char own_private[16], own_shared[16];

static int run_dumped(void *arg)
{
	struct attempt *attempt = arg;
	unsigned char *private, *file;
	int fd = memfd_create("own", 0);

	private = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (private == MAP_FAILED || ftruncate(fd, 4096))
		return 90;
	/* Mapped just as the pin is */
	file = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	if (file == MAP_FAILED ||
	    write(fd, own_shared, sizeof(own_shared)) != sizeof(own_shared))
		return 91;
	memcpy(private, own_private, sizeof(own_private));
	/* The parent's copies are not to be taken for those. */
	explicit_bzero(own_private, sizeof(own_private));
	explicit_bzero(own_shared, sizeof(own_shared));
	attempt_call(attempt);
	return 92;
}

static void *wait_for_the_end(void *arg)
{
	(void)arg;
	while (pause() < 0)
		;
	return NULL;
}

static int run_dumped_threads(void *arg)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, wait_for_the_end, NULL))
		return 93;
	return run_dumped(arg);
}

/*
 * The dump of a target that an outer filter killed has none of the bytes of its
 * pin, and the registers of the call that it made.
 */
static void dumped(struct attempt attempt, uint32_t action,
		   int (*run)(void *arg), unsigned int threads)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };
	unsigned char private[16], shared[16];
	struct core core;
	struct regs regs;

	outer_action = action;
	assert_int_equal(getrandom(own_private, 16, 0), 16);
	assert_int_equal(getrandom(own_shared, 16, 0), 16);
	memcpy(private, own_private, sizeof(private));
	memcpy(shared, own_shared, sizeof(shared));
	assert_int_equal(setrlimit(RLIMIT_CORE, &limit), 0);
	attempt_start(&attempt, outer, run);
	limit.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_CORE, &limit), 0);
	attempt_redirect(&attempt);
	assert_int_equal(attempt_how(&attempt), SECCOMP_PIN_SKIPPED);
	assert_int_equal(attempt_end(&attempt), 128 + SIGSYS);

	core_open(&core, attempt.target.pid);
	assert_non_null(memmem(core.map, core.size, private, sizeof(private)));
	assert_non_null(memmem(core.map, core.size, shared, sizeof(shared)));
	assert_null(memmem(core.map, core.size, attempt.marker,
			   sizeof(attempt.marker)));
	assert_int_equal(core.count, threads);
	/* The thread that the dump is about comes first. */
	_Static_assert(sizeof(core.threads[0]->pr_reg) ==
		       sizeof(struct user_regs_struct), "one is the other");
	regs = regs_of_user((const void *)&core.threads[0]->pr_reg);
	assert_int_equal(core.threads[0]->pr_pid, attempt.outcome->tid);
	assert_int_equal(regs.ret, attempt.nr);
	assert_memory_equal(regs.args, attempt.args, sizeof(regs.args));
	assert_ptr_equal((void *)regs.ip, regs_return);
	munmap(core.map, core.size);
}

static void i3_core_dump_of_a_process(void **state)
{
	(void)state;
	dumped(attempt_pointer(), SCMP_ACT_KILL_PROCESS, run_dumped, 1);
	dumped(attempt_scalar(), SCMP_ACT_KILL_PROCESS, run_dumped, 1);
	dumped(attempt_pointer(), SCMP_ACT_KILL_PROCESS, run_dumped_threads, 2);
}

/* The only thread of its process takes that with it. */
static void i3_core_dump_of_a_thread(void **state)
{
	(void)state;
	dumped(attempt_pointer(), SCMP_ACT_KILL_THREAD, run_dumped, 1);
	dumped(attempt_scalar(), SCMP_ACT_KILL_THREAD, run_dumped, 1);
}

static void *call_in_thread(void *arg)
{
	attempt_call(arg);
	return NULL;
}

static int run_in_thread(void *arg)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, call_in_thread, arg))
		return 90;
	pthread_join(thread, NULL);
	return 42;
}

/* One of several threads is killed alone. */
static void i3_outer_kills_a_thread(void **state)
{
	struct attempt attempt = attempt_pointer();

	(void)state;
	outer_action = SCMP_ACT_KILL_THREAD;
	attempt_start(&attempt, outer, run_in_thread);
	attempt_redirect(&attempt);
	assert_int_equal(attempt_how(&attempt), SECCOMP_PIN_SKIPPED);
	assert_int_equal(attempt_end(&attempt), 42);
	assert_int_equal(attempt.outcome->after.ip, 0);
}

/* A call that is continued is not judged again, nor is one that is denied. */
static void i3_calls_that_are_not_redirected(void **state)
{
	static const uint32_t actions[] = {
		SCMP_ACT_LOG, SCMP_ACT_TRACE(1),
	};
	struct attempt attempt;
	unsigned int i;

	(void)state;
	for (i = 0; i < 2 * sizeof(actions) / sizeof(*actions); i++) {
		outer_action = actions[i / 2];
		attempt = attempt_scalar();
		/* What the outer filter has something to say of */
		attempt.args[0] = AF_INET;
		attempt_start(&attempt, outer, NULL);
		if (i % 2)
			assert_int_equal(pin_deny(&attempt.pin, attempt.r.id,
						  EDOM), 0);
		else
			assert_int_equal(pin_continue(&attempt.pin,
						      attempt.r.id), 0);
		assert_int_equal(attempt_end(&attempt), 0);
		if (i % 2)
			assert_int_equal(attempt.outcome->after.ret, -EDOM);
		else
			assert_true(attempt.outcome->after.ret >= 0);
		assert_true(regs_are(&attempt.outcome->after, attempt.args));
	}
}

/* A stricter outer filter has its say first, and nobody is asked. */
static int run_denied(void *arg)
{
	struct attempt *attempt = arg;

	attempt->args[0] = AF_INET;
	attempt_call(attempt);
	if (attempt->outcome->after.ret != -EDOM)
		return 1;
	attempt->args[0] = AF_UNIX;
	attempt_call(attempt);
	return 0;
}

static void i3_stricter_outer_filter(void **state)
{
	struct attempt attempt = attempt_scalar();

	(void)state;
	outer_action = SCMP_ACT_ERRNO(EDOM);
	attempt_start(&attempt, outer, run_denied);
	assert_int_equal(attempt.r.data.args[0], AF_UNIX);
	assert_int_equal(pin_emulate(&attempt.pin, attempt.r.id, 77), 0);
	assert_int_equal(attempt_end(&attempt), 0);
	assert_int_equal(attempt.outcome->after.ret, 77);
}

#define OUTER_LIST(what)						\
		cmocka_unit_test(i3_outer_allow_##what),		\
		cmocka_unit_test(i3_outer_errno_##what),		\
		cmocka_unit_test(i3_outer_trap_##what),			\
		cmocka_unit_test(i3_outer_kill_##what),			\
		cmocka_unit_test(i3_outer_trace_##what),		\
		cmocka_unit_test(i3_outer_closed_listener_##what)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(i3_outer_allows),
		OUTER_LIST(scalar),
		OUTER_LIST(pointer),
		cmocka_unit_test(i3_chain_of_filters),
		cmocka_unit_test(i3_filter_added_while_parked),
		cmocka_unit_test(i3_core_dump_of_a_process),
		cmocka_unit_test(i3_core_dump_of_a_thread),
		cmocka_unit_test(i3_outer_kills_a_thread),
		cmocka_unit_test(i3_calls_that_are_not_redirected),
		cmocka_unit_test(i3_stricter_outer_filter),
	};

	/*
	 * Dumps go into a file, whatever this system does with them otherwise,
	 * and every kind of mapping goes into dumps.
	 */
	if (write_file("/proc/sys/kernel/core_pattern", "/tmp/core.%p") ||
	    write_file("/proc/self/coredump_filter", "0x1ff"))
		return 1;
	return run_group(tests);
}
