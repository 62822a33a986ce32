// SPDX-License-Identifier: GPL-2.0-only
/* I1: makes the attacks, judges them, and prints the table of both. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/openat2.h>
#include <pinredir.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"
#include "pin.h"

#ifndef SYS_mseal
#define SYS_mseal 462
#endif

#define NOBODY		65534
#define DOCUMENT	"docs/security.md"

/* In the page of the path, from the start of the mapping */
#define PATH_AT		PAGE
/* What remap_file_pages() finds in the memfd of the control */
#define OTHER_AT	(PATH_AT + PAGE)

static const char *const trap_openat2[] = { "openat2", NULL };

static const char *const position_names[POSITIONS] = {
	[PEER] = "peer",
	[VFORK] = "vfork child",
	[CHILD] = "child",
	[USER] = "same user",
	[ROOT_PEER] = "root peer",
	[ROOT] = "root",
	[SUPERVISORS_CHILD] = "supervisor's child",
};

static const char *const site_names[] = {
	[PRIVATE] = "private",
	[HEAP] = "heap",
	[MEMFD] = "memfd",
	[SEALED] = "mseal()",
	[UNGUARDED] = "unguarded",
};

static const struct attack *const tables[] = {
	mapping_attacks, advice_attacks, page_attacks, process_attacks,
	supervisor_attacks,
};

#define MAX_ATTACKS	128

static const struct attack *attacks[MAX_ATTACKS];
static struct CMUnitTest tests[MAX_ATTACKS + 1];
static int nr_attacks;
static char *lines[MAX_ATTACKS];

bool attack_step(struct attack_run *a, long ret)
{
	int err = ret == -1 ? errno : 0;

	REQUIRE(a->nr_steps < STEPS);
	a->steps[a->nr_steps++] = err;
	return !err;
}

char *attack_page(void)
{
	char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	strcpy(page, PLANTED);
	return page;
}

static sigjmp_buf fault;

static void on_fault(int signal)
{
	(void)signal;
	siglongjmp(fault, 1);
}

void attack_store_at(struct attack_run *a, char *at)
{
	struct sigaction action = { .sa_handler = on_fault };
	volatile int err = EFAULT;

	sigaction(SIGSEGV, &action, NULL);
	if (!sigsetjmp(fault, 1)) {
		strcpy(at, PLANTED);
		/* The compiler knows nothing of faults. */
		__atomic_signal_fence(__ATOMIC_SEQ_CST);
		err = 0;
	}
	errno = err;
	attack_step(a, err ? -1 : 0);
}

void attack_store(struct attack_run *a)
{
	attack_store_at(a, a->path);
}

/* Become the user whom target, attacker and supervisor can all be. */
static void drop_root(void)
{
	REQUIRE(!setresgid(NOBODY, NOBODY, NOBODY));
	REQUIRE(!setresuid(NOBODY, NOBODY, NOBODY));
	/* Which that change has taken away, as it has the other */
	REQUIRE(!prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
	REQUIRE(!prctl(PR_SET_PDEATHSIG, SIGKILL));
}

/* Sleeping, not spinning: too many processes wait here at a time. */
static bool await(volatile int *word)
{
	struct timespec limit = { .tv_sec = TIME_LIMIT_MS / 1000 };

	while (!*word)
		if (syscall(SYS_futex, word, FUTEX_WAIT, 0, &limit, NULL, 0) &&
		    errno == ETIMEDOUT)
			return false;
	return true;
}

static void announce(volatile int *word, int value)
{
	*word = value;
	syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static void attack_now(struct attack_run *a)
{
	a->attack->run(a);
	announce(&a->done, 1);
	REQUIRE(await(&a->finish));
}

static int attack_and_exit(void *arg)
{
	attack_now(arg);
	_exit(0);
}

/* A process that attacks from outside, when it is time to */
static pid_t attack_from_outside(struct attack_run *a)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	if (a->position == USER)
		drop_root();
	else
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	REQUIRE(await(&a->go));
	if (a->position == SUPERVISORS_CHILD)
		a->pid = getpid();
	attack_and_exit(a);
	return -1;
}

/* Runs on the thread's own memory, while the thread waits. */
static pid_t attack_by_vfork(struct attack_run *a)
{
	size_t size = 1 << 16;
	char *stack = mmap(NULL, size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

	return clone(attack_and_exit, stack + size,
		     CLONE_VM | CLONE_VFORK | SIGCHLD, a);
}

/* Not the supervisor's memory, then, but that of the target */
static bool on_target(const struct attack_run *a)
{
	return a->site != UNGUARDED && a->site != LIBRARY;
}

static void *run_peer(void *arg)
{
	struct attack_run *a = arg;
	pid_t child = 0;

	if (on_target(a))
		announce(&a->tid, gettid());
	REQUIRE(await(&a->go));
	switch (a->position) {
	case PEER:
	case ROOT_PEER:
		attack_now(a);
		break;
	case VFORK:
		child = attack_by_vfork(a);
		break;
	case CHILD:
		child = fork();
		if (!child)
			attack_and_exit(a);
		break;
	default:
		REQUIRE(await(&a->finish));
	}
	if (child)
		REQUIRE(waitpid(child, NULL, 0) == child);
	return NULL;
}

static int site_memfd(struct attack_run *a)
{
	int fd = memfd_create("site", 0);

	REQUIRE(fd >= 0);
	REQUIRE(!ftruncate(fd, a->len));
	REQUIRE(pwrite(fd, CHECKED, sizeof(CHECKED), PATH_AT) > 0);
	REQUIRE(pwrite(fd, PLANTED, sizeof(PLANTED), OTHER_AT) > 0);
	return fd;
}

/* Memory like a pin's, but without the defence, with something next to it */
static void site_make(struct attack_run *a)
{
	char *map = a->site == HEAP ? sbrk(2 * a->len) :
		mmap(NULL, a->len + 2 * PAGE, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	REQUIRE(map != MAP_FAILED);
	/* sbrk() says where the break was, on a page or not. */
	map = (char *)(((uintptr_t)map + 2 * PAGE - 1) & -PAGE);
	a->map = map;
	a->path = map + PATH_AT;
	a->offset = PATH_AT;
	switch (a->site) {
	case PRIVATE:
		REQUIRE(!mprotect(map, a->len, PROT_READ | PROT_WRITE));
		__attribute__((fallthrough));
	case HEAP:
		strcpy(a->path, CHECKED);
		break;
	default:
		a->fd = site_memfd(a);
		map = mmap(map, a->len, PROT_READ, MAP_SHARED | MAP_FIXED,
			   a->fd, 0);
		REQUIRE(map == a->map);
	}
	if (a->site == SEALED) {
		REQUIRE(!syscall(SYS_mseal, a->map, a->len, 0));
		close(a->fd);
		a->fd = -1;
	}
}

static int which_file(int fd)
{
	char byte;

	if (fd < 0)
		return -errno;
	REQUIRE(read(fd, &byte, 1) == 1);
	return byte == 'c' ? OPENED_CHECKED : OPENED_PLANTED;
}

/* The registers that it does not look at are the same each time, too. */
static int open_path(const char *path, const struct open_how *how)
{
	return syscall(SYS_openat2, AT_FDCWD, path, how, sizeof(*how), 0, 0);
}

/* The target: makes the call, and tells which file it got. */
static int run_target(void *arg)
{
	struct open_how how = { .flags = O_RDONLY };
	struct attack_run *a = arg;
	/* Where there is a pin, this is what the target would rather have. */
	const char *path = PLANTED;
	pthread_t peer;

	if (!getuid() && a->position != ROOT_PEER)
		drop_root();
	if (on_target(a))
		a->pid = getpid();
	if (a->site < UNGUARDED)
		site_make(a);
	if (a->site <= UNGUARDED)
		path = a->path;
	if (a->site == LIBRARY)
		path = CHECKED;
	REQUIRE(!pthread_create(&peer, NULL, run_peer, a));
	REQUIRE(await(&a->tid));
	/* The rules are there: what it passes is what the verdict is found by. */
	if (on_target(a))
		REQUIRE(await(&a->ready));
	a->opened = which_file(open_path(path, &how));
	if (a->site == PIN)
		a->again = which_file(open_path(path, &how));
	announce(&a->finish, 1);
	REQUIRE(!pthread_join(peer, NULL));
	return 0;
}

/* The target of a careless supervisor, whose mapping came along */
static int run_unguarded(void *arg)
{
	struct attack_run *a = arg;

	REQUIRE(!mprotect(a->map, a->len, PROT_READ));
	REQUIRE(!syscall(SYS_mseal, a->map, a->len, 0));
	REQUIRE(!close(a->fd));
	return run_target(a);
}

static struct attack_run *run_new(const struct attack *attack,
				  enum position position, enum site site)
{
	struct attack_run *a = shared_memory(sizeof(*a));

	a->attack = attack;
	a->position = position;
	a->site = site;
	a->len = TEST_WINDOW;
	a->fd = -1;
	return a;
}

/* The supervisor's check, of what the call reads if nobody interferes */
static void check_path(struct attack_run *a, pid_t pid)
{
	char path[sizeof(CHECKED)];
	struct iovec to = { .iov_base = path, .iov_len = sizeof(path) };
	struct iovec from = { .iov_base = a->path, .iov_len = sizeof(path) };

	assert_int_equal(process_vm_readv(pid, &to, 1, &from, 1, 0),
			 sizeof(path));
	assert_string_equal(path, CHECKED);
}

static void pin_path(struct attack_run *a, struct pin *pin,
		     const struct seccomp_pin_receive *r)
{
	strcpy(pin_slot(pin, r) + PATH_AT, CHECKED);
	a->map = (char *)(uintptr_t)r->slot_address;
	a->path = a->map + PATH_AT;
	a->offset = r->slot_offset + PATH_AT;
	check_path(a, a->pid);
}

static int answer(struct attack_run *a, struct pin *pin,
		  const struct seccomp_pin_receive *r)
{
	struct seccomp_pin_redirect redirect = {
		.id = r->id,
		.args_mask = 1 << 1,
		.ptr_mask = 1 << 1,
		.arena_mask = 1 << 1,
		.str_mask = 1 << 1,
		.args[1] = a->offset,
		.ptr_len[1] = sizeof(CHECKED),
	};

	if (a->site != PIN)
		return pin_continue(pin, r->id);
	redirect.flags = SECCOMP_PIN_REMEMBER;
	assert_string_equal(pin_slot(pin, r) + PATH_AT, CHECKED);
	return pin_redirect(pin, &redirect);
}

static void attack_target(struct attack_run *a)
{
	struct seccomp_pin_attach attach = pin_attach_default();
	bool outside = AT(a->position) & (AT(USER) | AT(ROOT));
	pid_t attacker = outside ? attack_from_outside(a) : 0;
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;
	int status;

	assert_int_equal(target_start(&target, NULL, trap_openat2, run_target,
				      a), 0);
	attach.verdicts = 4;
	pin_open_with(&pin, target.listener, TEST_ARENA, &attach);
	pin_rule_string(&pin, "openat2", 1);
	announce(&a->ready, 1);
	pin_receive_call(&pin, &r, "openat2");
	if (a->site == PIN)
		pin_path(a, &pin, &r);
	else
		check_path(a, target.pid);
	announce(&a->go, 1);
	if (!a->attack->steps)
		AWAIT(!pin_pending(&pin, r.id));
	else
		assert_true(await(&a->done));
	assert_int_equal(answer(a, &pin, &r), a->attack->steps ? 0 : -ENOENT);
	assert_int_equal(WEXITSTATUS(await_exit(target.pid)), 0);
	close(target.listener);
	assert_int_equal(pin_query(&pin).hits,
			 a->site == PIN && a->attack->steps);
	pin_close(&pin);
	if (attacker) {
		assert_int_equal(waitpid(attacker, &status, 0), attacker);
		assert_int_equal(status, 0);
	}
}

/* A supervisor that has a memfd mapped, and left it at that */
static void supervise_unguarded(struct attack_run *a)
{
	struct seccomp_notif_resp resp = {
		.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE,
	};
	struct seccomp_notif notif = { 0 };
	struct target target;
	pid_t child = 0;

	a->fd = site_memfd(a);
	a->map = mmap(NULL, a->len, PROT_READ | PROT_WRITE, MAP_SHARED, a->fd,
		      0);
	a->path = a->map + PATH_AT;
	a->offset = PATH_AT;
	REQUIRE(!target_start(&target, NULL, trap_openat2, run_unguarded, a));
	if (a->position == SUPERVISORS_CHILD)
		child = attack_from_outside(a);
	REQUIRE(!pin_ioctl(target.listener, SECCOMP_IOCTL_NOTIF_RECV, &notif));
	REQUIRE(!strcmp(a->path, CHECKED));
	announce(&a->go, 1);
	REQUIRE(await(&a->done));
	resp.id = notif.id;
	REQUIRE(!pin_ioctl(target.listener, SECCOMP_IOCTL_NOTIF_SEND, &resp));
	REQUIRE(!target_wait(&target));
	REQUIRE(!child || waitpid(child, NULL, 0) == child);
}

static void supervise_by_library(struct attack_run *a)
{
	struct pinredir_options options = {
		.size = sizeof(options),
		.arena_size = TEST_ARENA,
	};
	struct pinredir_call *call;
	struct pinredir *ctx;
	struct target target;
	const char *path;
	pid_t child = 0;

	REQUIRE(!target_start(&target, NULL, trap_openat2, run_target, a));
	REQUIRE(!pinredir_open(&ctx, target.listener, &options));
	REQUIRE(!pinredir_receive(ctx, &call, 0));
	REQUIRE(!pinredir_get_string(call, 1, &path));
	REQUIRE(!strcmp(path, CHECKED));
	a->path = (char *)path;
	if (a->position == SUPERVISORS_CHILD)
		child = attack_from_outside(a);
	announce(&a->go, 1);
	REQUIRE(await(&a->done));
	REQUIRE(!strcmp(path, CHECKED));
	REQUIRE(!pinredir_allow(call));
	REQUIRE(!target_wait(&target));
	REQUIRE(!child || waitpid(child, NULL, 0) == child);
	pinredir_release(call);
	pinredir_close(ctx);
}

/* Supervisor, target and attacker are the same user, who may use the device. */
static void attack_supervisor(struct attack_run *a)
{
	pid_t supervisor, attacker = 0;
	int status;

	supervisor = fork();
	if (!supervisor) {
		drop_root();
		a->pid = getpid();
		a->tid = gettid();
		if (a->site == LIBRARY)
			supervise_by_library(a);
		else
			supervise_unguarded(a);
		_exit(0);
	}
	if (a->position == USER)
		attacker = attack_from_outside(a);
	assert_int_equal(waitpid(supervisor, &status, 0), supervisor);
	assert_int_equal(status, 0);
	if (attacker) {
		assert_int_equal(waitpid(attacker, &status, 0), attacker);
		assert_int_equal(status, 0);
	}
}

static const char *errno_name(int err)
{
	return err ? strerrorname_np(err) : "0";
}

static const char *outcome(int opened)
{
	switch (opened) {
	case OPENED_NOTHING:
		return "not made";
	case OPENED_CHECKED:
		return "checked";
	case OPENED_PLANTED:
		return "planted";
	default:
		return errno_name(-opened);
	}
}

static void steps_text(const struct attack_run *a, char *text)
{
	int i;

	*text = '\0';
	for (i = 0; i < a->nr_steps; i++) {
		if (i)
			strcat(text, " ");
		strcat(text, errno_name(a->steps[i]));
	}
}

/* Without the defence: every step works, and the call runs on other bytes. */
static int attack_control(const struct attack *attack, enum position position)
{
	struct attack_run *a = run_new(attack, position, attack->control);
	int i, opened;

	if (attack->control == UNGUARDED)
		attack_supervisor(a);
	else
		attack_target(a);
	for (i = 0; i < a->nr_steps; i++)
		assert_int_equal(a->steps[i], 0);
	opened = a->opened;
	assert_int_not_equal(opened, OPENED_NOTHING);
	assert_int_not_equal(opened, OPENED_CHECKED);
	munmap(a, sizeof(*a));
	return opened;
}

static int attack_pin(const struct attack *attack, enum position position)
{
	bool library = attack->control == UNGUARDED;
	struct attack_run *a = run_new(attack, position,
				       library ? LIBRARY : PIN);
	char text[STEPS * 20];
	int opened;

	if (library)
		attack_supervisor(a);
	else
		attack_target(a);
	steps_text(a, text);
	if (attack->steps)
		assert_string_equal(text, attack->steps);
	opened = a->opened;
	assert_int_equal(opened, attack->steps ? OPENED_CHECKED :
						 OPENED_NOTHING);
	if (!library)
		assert_int_equal(a->again, opened);
	munmap(a, sizeof(*a));
	return opened;
}

static char *positions_text(const struct attack *attack)
{
	char *text = NULL, *longer;
	int i;

	for (i = 0; i < POSITIONS; i++) {
		if (!(attack->positions & AT(i)))
			continue;
		assert_true(asprintf(&longer, "%s%s%s", text ?: "",
				     text ? ", " : "", position_names[i]) > 0);
		free(text);
		text = longer;
	}
	return text;
}

/* A line of the table, in Markdown that can be read as it is */
static char *table_line(const char *name, const char *from,
			const char *control, const char *pin)
{
	char *line;

	assert_true(asprintf(&line, "| %-58s | %-41s | %-39s | %-39s |", name,
			     from, control, pin) > 0);
	return line;
}

static void make_attack(void **state)
{
	const struct attack **entry = *state;
	const struct attack *attack = *entry;
	int position, opened, control = 0, pin = -1;
	char *from = positions_text(attack);
	char without[128], with[128];

	for (position = 0; position < POSITIONS; position++) {
		if (!(attack->positions & AT(position)))
			continue;
		if (attack->control != NONE) {
			opened = attack_control(attack, position);
			assert_true(!control || opened == control);
			control = opened;
		}
		pin = attack_pin(attack, position);
	}
	if (attack->control == NONE)
		snprintf(without, sizeof(without), "none: %s", attack->why);
	else
		snprintf(without, sizeof(without), "%s: %s",
			 site_names[attack->control], outcome(control));
	snprintf(with, sizeof(with), "%s: %s",
		 attack->steps ?: "0", outcome(pin));
	lines[entry - attacks] = table_line(attack->name, from, without, with);
	free(from);
}

/*
 * Prints the table, and holds the one in the documentation to it. Where that is
 * to change, sed -n 's/^# |/|/p' makes the new one of what is printed.
 */
static void the_table_in_the_documentation(void **state)
{
	FILE *file = fopen(DOCUMENT, "r");
	char text[512];
	int i, wrong = 0;

	(void)state;
	assert_non_null(file);
	while (fgets(text, sizeof(text), file) && strncmp(text, "| attack |", 10))
		;
	assert_non_null(fgets(text, sizeof(text), file));
	for (i = 0; i < nr_attacks; i++) {
		assert_non_null(lines[i]);
		printf("# %s\n", lines[i]);
		if (fgets(text, sizeof(text), file))
			text[strcspn(text, "\n")] = '\0';
		wrong += !!strcmp(text, lines[i]);
	}
	/* And no line more */
	assert_true(!fgets(text, sizeof(text), file) || *text != '|');
	fclose(file);
	assert_int_equal(wrong, 0);
}

static void list_attacks(const struct attack *table)
{
	for (; table->name; table++) {
		struct CMUnitTest *test = &tests[nr_attacks];
		char *name;

		assert_true(nr_attacks < MAX_ATTACKS);
		assert_true(asprintf(&name, "i1: %s", table->name) > 0);
		attacks[nr_attacks] = table;
		test->name = name;
		test->test_func = make_attack;
		test->initial_state = &attacks[nr_attacks];
		nr_attacks++;
	}
}

static int prepare(void **state)
{
	(void)state;
	/* The relation that Yama can ask for is another matter. */
	return mkdir("/tmp/attacks", 0755) || chmod(SECCOMP_PIN_DEVICE, 0666) ||
	       close(creat(CHECKED, 0644)) || write_file(CHECKED, "c") ||
	       close(creat(PLANTED, 0644)) || write_file(PLANTED, "p") ||
	       write_file("/proc/sys/kernel/yama/ptrace_scope", "0");
}

static int clean_up(void **state)
{
	(void)state;
	return chmod(SECCOMP_PIN_DEVICE, 0600);
}

int main(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(tables) / sizeof(*tables); i++)
		list_attacks(tables[i]);
	tests[nr_attacks].name = "the table in " DOCUMENT;
	tests[nr_attacks].test_func = the_table_in_the_documentation;
	/* A test that hangs ends the program. */
	alarm(PROGRAM_LIMIT);
	return _cmocka_run_group_tests(__FILE__, tests, nr_attacks + 1,
				       prepare, clean_up);
}
