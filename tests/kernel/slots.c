// SPDX-License-Identifier: GPL-2.0-only
/* I1, I7: whose a slot is, and until when. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pin.h"

static const char *const trap_openat[] = { "openat", NULL };

static int run_openat(void *arg)
{
	syscall(SYS_openat, AT_FDCWD, arg ? arg : "/dev/null", O_RDONLY);
	return 0;
}

/* Two threads of one mm; the first is killed by what the second one does. */
struct seen {
	volatile int tid;
	volatile int ready;
};

static struct seen *seen;

static void *first_thread(void *arg)
{
	(void)arg;
	seen->tid = gettid();
	syscall(SYS_openat, AT_FDCWD, "/first", O_RDONLY);
	return NULL;
}

static void on_usr1(int sig)
{
	(void)sig;
}

static int run_interrupted(void *arg)
{
	struct sigaction action = { .sa_handler = on_usr1 };
	pthread_t thread;
	int i;

	(void)arg;
	sigaction(SIGUSR1, &action, NULL);
	if (pthread_create(&thread, NULL, first_thread, NULL))
		return 1;
	pthread_join(thread, NULL);
	/* Many calls, which would take over its slot if they could */
	for (i = 0; i < 100; i++)
		syscall(SYS_openat, AT_FDCWD, "/second", O_RDONLY);
	return 0;
}

/*
 * A call is interrupted while the supervisor looks at its bytes: its slot stays
 * that call's until the supervisor lets go, whatever traps in the same mm.
 */
static void i1_held_slots_are_nobody_elses(void **state)
{
	struct seccomp_pin_receive first, r;
	struct target target;
	struct pin pin;
	int i;

	(void)state;
	seen = shared_memory(4096);
	assert_int_equal(target_start(&target, NULL, trap_openat,
				      run_interrupted, NULL), 0);
	pin_open(&pin, target.listener);
	pin_rule_string(&pin, "openat", 1);
	pin_receive_call(&pin, &first, "openat");
	strcpy(pin_slot(&pin, &first), "/first");
	assert_int_equal(syscall(SYS_tgkill, target.pid, seen->tid, SIGUSR1),
			 0);
	for (i = 0; i < 100; i++) {
		pin_receive_call(&pin, &r, "openat");
		assert_int_not_equal(r.slot_offset, first.slot_offset);
		strcpy(pin_slot(&pin, &r), "/xxxxx");
		assert_string_equal(pin_slot(&pin, &first), "/first");
		assert_int_equal(pin_deny(&pin, r.id, EPERM), 0);
	}
	/* In the very last one, the slot is let go of, and used again. */
	assert_int_equal(target_wait(&target), 0);
	assert_int_equal(pin_query(&pin).slots, 1);
	assert_int_equal(pin_release(&pin, first.id), 0);
	assert_int_equal(pin_query(&pin).slots, 0);
	assert_int_equal(pin_query(&pin).calls, 0);
	pin_close(&pin);
}

/* The same for a target that is killed, with others all around */
static void i1_killed_targets_slot(void **state)
{
	struct seccomp_pin_attach attach = pin_attach_default();
	struct seccomp_pin_receive killed;
	struct target target;
	struct pin pin;
	unsigned int windows = 8;
	pid_t victim;
	int i;

	(void)state;
	assert_int_equal(target_start(&target, NULL, trap_openat,
				      run_openat, NULL), 0);
	/* An arena of a few windows, so that they change hands at once */
	pin_open_with(&pin, target.listener, windows * TEST_WINDOW, &attach);
	pin_receive_call(&pin, &killed, "openat");
	victim = target.pid;
	strcpy(pin_slot(&pin, &killed), "/of the dead");
	assert_int_equal(kill(victim, SIGKILL), 0);
	target.listener = -1;
	assert_int_equal(target_wait(&target), 128 + SIGKILL);

	assert_int_equal(pin_query(&pin).windows, 1);
	assert_int_equal(pin_query(&pin).slots, 1);
	assert_string_equal(pin_slot(&pin, &killed), "/of the dead");
	assert_int_equal(pin_allow(&pin, killed.id), -ENOENT);
	/* That was an answer: the window is empty, and nobody's. */
	assert_int_equal(pin_query(&pin).windows, 0);
	assert_int_equal(pin_query(&pin).targets, 0);
	for (i = 0; i < 12; i++)
		assert_int_equal(pin_slot(&pin, &killed)[i], 0);
	close(pin.listener);
	pin_close(&pin);
}

static int run_when_ready(void *arg)
{
	await_word(&seen->ready, 1);
	return run_openat(arg);
}

/* A target whose call has the rule, and that nobody has received */
static void start_with_rule(struct target *target, struct pin *pin)
{
	seen = shared_memory(4096);
	assert_int_equal(target_start(target, NULL, trap_openat,
				      run_when_ready, NULL), 0);
	pin_open(pin, target->listener);
	pin_rule_string(pin, "openat", 1);
	seen->ready = 1;
}

static int fetch_path(struct pin *pin, uint64_t id, uint64_t address,
		      uint32_t offset)
{
	struct seccomp_pin_fetch fetch = {
		.id = id,
		.address = address,
		.kind = SECCOMP_PIN_STRING,
		.len = 64,
		.offset = offset,
	};

	return pin_fetch(pin, &fetch);
}

/* Into a slot that is kept for nobody, nothing is fetched. */
static void i1_fetch_asks_for_a_held_call(void **state)
{
	struct seccomp_pin_install install = {
		.length = 4096,
		.timeout = SECCOMP_PIN_MAX_TIMEOUT,
	};
	struct seccomp_notif notif = { 0 };
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;
	uint64_t path;

	(void)state;
	start_with_rule(&target, &pin);
	/* Received by somebody who does not know of the slot */
	assert_int_equal(pin_ioctl(target.listener, SECCOMP_IOCTL_NOTIF_RECV,
				   &notif), 0);
	path = notif.data.args[1];
	assert_int_equal(fetch_path(&pin, notif.id, path, 0), -EINPROGRESS);
	/* A window has nothing to do with it. */
	install.id = notif.id;
	assert_int_equal(pin_ioctl(pin.fd, SECCOMP_PIN_INSTALL, &install), 0);

	assert_int_equal(pin_adopt(&pin, &r, notif.id), 0);
	assert_string_equal(pin_slot(&pin, &r), "/dev/null");
	assert_int_equal(fetch_path(&pin, r.id, path + 4, 0), 0);
	assert_string_equal(pin_slot(&pin, &r), "/null");
	/* Nor does another look at the call bring back what was there. */
	assert_int_equal(pin_adopt(&pin, &r, notif.id), 0);
	assert_string_equal(pin_slot(&pin, &r), "/null");

	assert_int_equal(pin_release(&pin, r.id), 0);
	assert_int_equal(fetch_path(&pin, r.id, path, 0), 0);
	assert_int_equal(pin_release(&pin, r.id), 0);
	assert_int_equal(fetch_path(&pin, r.id, path + 4, 0), -EINPROGRESS);
	assert_string_equal(pin_slot(&pin, &r), "/dev/null");
	assert_int_equal(pin_allow(&pin, r.id), 0);
	assert_int_equal(target_wait(&target), 0);
	assert_int_equal(pin_query(&pin).slots, 0);
	pin_close(&pin);
}

/* Who receives has no access, who fetches has, and a third one adopts. */
static void i1_fetched_bytes_stay(void **state)
{
	struct seccomp_pin_receive r, *received;
	struct target target;
	struct pin pin;
	pid_t nobody;
	int status;

	(void)state;
	received = shared_memory(sizeof(*received));
	start_with_rule(&target, &pin);
	nobody = fork();
	if (!nobody) {
		if (setresuid(65534, 65534, 65534))
			_exit(1);
		pin_receive(&pin, received);
		_exit(received->copies[1].error != -EACCES);
	}
	assert_int_equal(waitpid(nobody, &status, 0), nobody);
	assert_int_equal(status, 0);
	assert_int_equal(pin_slot(&pin, received)[0], 0);
	assert_int_equal(fetch_path(&pin, received->id,
				    received->data.args[1] + 4, 0), 0);
	assert_string_equal(pin_slot(&pin, received), "/null");
	assert_int_equal(pin_adopt(&pin, &r, received->id), 0);
	assert_int_equal(r.copies[1].error, 0);
	assert_string_equal(pin_slot(&pin, &r), "/null");
	assert_int_equal(pin_allow(&pin, r.id), 0);
	assert_int_equal(target_wait(&target), 0);
	pin_close(&pin);
}

static int run_six(void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < 6; i++)
		syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY);
	return 0;
}

/* Two threads of the supervisor look at one call: each lets go for itself. */
static void i1_held_by_two(void **state)
{
	struct seccomp_pin_receive r, again;
	struct target target;
	struct pin pin;

	(void)state;
	assert_int_equal(target_start(&target, NULL, trap_openat, run_openat,
				      NULL), 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &r, "openat");
	assert_int_equal(pin_adopt(&pin, &again, r.id), 0);
	assert_int_equal(kill(target.pid, SIGKILL), 0);
	assert_int_equal(waitpid(target.pid, NULL, 0), target.pid);
	assert_int_equal(pin_release(&pin, r.id), 0);
	assert_int_equal(pin_query(&pin).slots, 1);
	assert_int_equal(pin_release(&pin, r.id), 0);
	assert_int_equal(pin_query(&pin).slots, 0);
	assert_int_equal(pin_release(&pin, r.id), -ENOENT);
	close(target.listener);
	pin_close(&pin);
}

/* What a supervisor that answers by the listener alone sends */
static int send_error(struct target *target, uint64_t id)
{
	struct seccomp_notif_resp resp = { .id = id, .error = -EPERM };

	return pin_ioctl(target->listener, SECCOMP_IOCTL_NOTIF_SEND, &resp);
}

/* The next calls of the same target, none of which gets the slot of @held */
static void others_leave(struct pin *pin, const struct seccomp_pin_receive *held,
			 int calls)
{
	struct seccomp_pin_receive r;

	while (calls--) {
		pin_receive_call(pin, &r, "openat");
		assert_int_not_equal(r.slot_offset, held->slot_offset);
		strcpy(pin_slot(pin, &r), "/other");
		assert_string_equal(pin_slot(pin, held), "/held");
		assert_int_equal(pin_deny(pin, r.id, EPERM), 0);
	}
}

/*
 * A thread of the supervisor looks at a call that somebody else answers: by the
 * listener, as a runtime does, or a thread that has a time limit; or by the device,
 * which another thread does that has adopted the call. The slot stays the call's
 * until the first thread has let go, by RELEASE or by an answer that is too late.
 */
static void i1_answered_by_another(void **state)
{
	struct seccomp_pin_receive held, again;
	struct target target;
	struct pin pin;

	(void)state;
	assert_int_equal(target_start(&target, NULL, trap_openat, run_six,
				      NULL), 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &held, "openat");
	strcpy(pin_slot(&pin, &held), "/held");
	assert_int_equal(send_error(&target, held.id), 0);
	others_leave(&pin, &held, 2);
	assert_int_equal(pin_adopt(&pin, &again, held.id), -ENOENT);
	assert_int_equal(fetch_path(&pin, held.id, 4096, 0), -ENOENT);
	assert_int_equal(pin_alloc(&pin, held.id, 1, &(struct seccomp_pin_alloc){ 0 }),
			 -ENOENT);
	assert_int_equal(send_error(&target, held.id), -ENOENT);
	assert_string_equal(pin_slot(&pin, &held), "/held");
	assert_int_equal(pin_release(&pin, held.id), 0);
	assert_int_equal(pin_release(&pin, held.id), -ENOENT);
	assert_int_equal(pin_query(&pin).slots,
			 pin_query(&pin).calls);

	pin_receive_call(&pin, &held, "openat");
	strcpy(pin_slot(&pin, &held), "/held");
	assert_int_equal(pin_adopt(&pin, &again, held.id), 0);
	assert_int_equal(pin_allow(&pin, again.id), 0);
	others_leave(&pin, &held, 2);
	/* Too late: that lets go, too, and is told by its errno. */
	assert_int_equal(pin_allow(&pin, held.id), -ENOENT);
	assert_int_equal(pin_release(&pin, held.id), -ENOENT);
	assert_int_equal(target_wait(&target), 0);
	assert_int_equal(pin_query(&pin).slots, 0);
	assert_int_equal(pin_query(&pin).calls, 0);
	pin_close(&pin);
}

/* However a call is answered, no slot stays behind. */
static void i1_every_answer_gives_the_slot_back(void **state)
{
	struct seccomp_notif_addfd addfd = {
		.flags = SECCOMP_ADDFD_FLAG_SEND,
		.srcfd = STDIN_FILENO,
	};
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;

	(void)state;
	assert_int_equal(target_start(&target, NULL, trap_openat, run_six,
				      NULL), 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &r, "openat");
	assert_int_equal(pin_deny(&pin, r.id, EPERM), 0);
	pin_receive_call(&pin, &r, "openat");
	assert_int_equal(pin_query(&pin).slots, 1);
	assert_int_equal(pin_emulate(&pin, r.id, 0), 0);
	pin_receive_call(&pin, &r, "openat");
	assert_int_equal(pin_query(&pin).slots, 1);
	assert_int_equal(pin_continue(&pin, r.id), 0);
	pin_receive_call(&pin, &r, "openat");
	assert_int_equal(pin_query(&pin).slots, 1);
	addfd.id = r.id;
	assert_true(pin_ioctl(pin.listener, SECCOMP_IOCTL_NOTIF_ADDFD,
			      &addfd) >= 0);
	assert_int_equal(pin_release(&pin, r.id), 0);
	pin_receive_call(&pin, &r, "openat");
	assert_int_equal(pin_query(&pin).slots, 1);
	assert_int_equal(pin_allow_string(&pin, &r, 1, "/dev/zero"), 0);
	pin_receive_call(&pin, &r, "openat");
	assert_int_equal(pin_query(&pin).slots, 1);
	/* Let go of, and still answered by whoever else has the listener */
	assert_int_equal(pin_release(&pin, r.id), 0);
	assert_int_equal(pin_query(&pin).slots, 1);
	assert_int_equal(pin_deny(&pin, r.id, EPERM), 0);
	assert_int_equal(target_wait(&target), 0);
	assert_int_equal(pin_query(&pin).slots, 0);
	assert_int_equal(pin_query(&pin).calls, 0);
	assert_int_equal(pin_query(&pin).windows, 0);
	pin_close(&pin);
}

#define FIFO	"/tmp/slots-fifo"

static char clone_stack[65536] __attribute__((aligned(16)));

/* Blocks in the call itself */
static int open_fifo(void *arg)
{
	(void)arg;
	seen->tid = gettid();
	syscall(SYS_openat, AT_FDCWD, FIFO, O_RDONLY);
	return 0;
}

/* A process that shares the mm is killed in its call; this one goes on. */
static int run_with_clone(void *arg)
{
	pid_t child = clone(open_fifo, clone_stack + sizeof(clone_stack),
			    CLONE_VM | SIGCHLD, NULL);
	int i, status;

	(void)arg;
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFSIGNALED(status))
		return 1;
	for (i = 0; i < 20; i++)
		syscall(SYS_openat, AT_FDCWD, "/second", O_RDONLY);
	return 0;
}

/*
 * A call whose task was killed has returned, and what it began can go on: NFS sends a
 * direct write again and again, from the pages of the slot. Nobody else gets the slot,
 * until the mm is dead and the pages are out of the arena.
 */
static void i1_slots_of_killed_calls(void **state)
{
	struct seccomp_pin_receive killed, r;
	struct target target;
	struct pin pin;
	int i;

	(void)state;
	seen = shared_memory(4096);
	unlink(FIFO);
	assert_int_equal(mkfifo(FIFO, 0600), 0);
	assert_int_equal(target_start(&target, NULL, trap_openat,
				      run_with_clone, NULL), 0);
	pin_open(&pin, target.listener);
	pin_rule_string(&pin, "openat", 1);
	pin_receive_call(&pin, &killed, "openat");
	assert_string_equal(pin_slot(&pin, &killed), FIFO);
	assert_int_equal(pin_allow_copied(&pin, killed.id), 0);
	await_sleep_in(seen->tid, SYS_openat, "wait_for");
	assert_int_equal(kill(seen->tid, SIGKILL), 0);
	for (i = 0; i < 20; i++) {
		pin_receive_call(&pin, &r, "openat");
		assert_int_equal(r.slot_error, 0);
		assert_int_not_equal(r.slot_offset, killed.slot_offset);
		assert_string_equal(pin_slot(&pin, &r), "/second");
		assert_string_equal(pin_slot(&pin, &killed), FIFO);
		assert_int_equal(pin_allow_copied(&pin, r.id), 0);
	}
	assert_int_equal(target_wait(&target), 0);
	assert_int_equal(pin_query(&pin).windows, 0);
	assert_int_equal(pin_query(&pin).slots, 0);
	assert_int_equal(pin_query(&pin).calls, 0);
	pin_close(&pin);
	unlink(FIFO);
}

/* A thread for each slot of the share, and one more */
#define SHARE_THREADS	9

static void *share_thread(void *arg)
{
	(void)arg;
	syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY);
	return NULL;
}

static int run_share(void *arg)
{
	pthread_t threads[SHARE_THREADS];
	pid_t child;
	int i, status;

	(void)arg;
	child = fork();
	if (!child) {
		/* Another target, when the first one has taken its share */
		for (i = 0; i < SHARE_THREADS; i++)
			pthread_create(&threads[i], NULL, share_thread, NULL);
		for (i = 0; i < SHARE_THREADS; i++)
			pthread_join(threads[i], NULL);
		_exit(run_openat(NULL));
	}
	waitpid(child, &status, 0);
	return run_openat(NULL);
}

static void i6_a_share_for_each_target(void **state)
{
	struct seccomp_pin_attach attach = pin_attach_default();
	struct seccomp_pin_receive r[SHARE_THREADS], last;
	unsigned int i, refused = 0, without = 0;
	struct target target;
	struct pin pin;

	(void)state;
	attach.windows_per_mm = 1;
	assert_int_equal(TEST_WINDOW / TEST_SLOT, SHARE_THREADS - 1);
	assert_int_equal(target_start(&target, NULL, trap_openat, run_share,
				      NULL), 0);
	pin_open_with(&pin, target.listener, 2 * TEST_WINDOW, &attach);
	pin_rule_string(&pin, "openat", 1);
	for (i = 0; i < SHARE_THREADS; i++) {
		pin_receive_call(&pin, &r[i], "openat");
		if (!r[i].slot_error)
			continue;
		refused++;
		without = i;
		assert_int_equal(r[i].slot_error, -ENOBUFS);
		assert_int_equal(r[i].slot_size, 0);
		if (r[i].copies[1].kind)
			assert_int_equal(r[i].copies[1].error, -ENOBUFS);
	}
	assert_int_equal(refused, 1);
	for (i = 0; i < SHARE_THREADS; i++)
		if (i != without)
			assert_int_equal(pin_deny(&pin, r[i].id, EPERM), 0);
	/*
	 * The module keeps the records of these calls, with all slots, and last that of the
	 * call without a slot: the mm's next call gets that record, and one of the slots.
	 */
	AWAIT(pin_query(&pin).calls == 1);
	assert_int_equal(pin_deny(&pin, r[without].id, EPERM), 0);
	pin_receive_call(&pin, &last, "openat");
	assert_int_equal(last.slot_error, 0);
	assert_int_equal(pin_deny(&pin, last.id, EPERM), 0);
	pin_receive_call(&pin, &last, "openat");
	assert_int_equal(last.slot_error, 0);
	assert_int_equal(pin_allow(&pin, last.id), 0);
	assert_int_equal(target_wait(&target), 0);
	pin_close(&pin);
}

static int run_two_mms(void *arg)
{
	int status;

	(void)arg;
	if (!fork())
		_exit(run_openat(NULL));
	run_openat(NULL);
	return wait(&status) < 0 || status;
}

static void i6_a_full_arena(void **state)
{
	struct seccomp_pin_attach attach = pin_attach_default();
	struct seccomp_pin_receive r, full;
	struct target target;
	struct pin pin;

	(void)state;
	assert_int_equal(target_start(&target, NULL, trap_openat, run_two_mms,
				      NULL), 0);
	pin_open_with(&pin, target.listener, TEST_WINDOW, &attach);
	pin_receive_call(&pin, &r, "openat");
	pin_receive_call(&pin, &full, "openat");
	/* Whoever came first has the window. */
	if (r.slot_error) {
		struct seccomp_pin_receive other = r;

		r = full;
		full = other;
	}
	assert_int_equal(r.slot_error, 0);
	assert_int_equal(full.slot_error, -ENOBUFS);
	/* It can be denied, or run as it is: it has no pointer to a pin. */
	assert_int_equal(pin_allow(&pin, full.id), 0);
	assert_int_equal(pin_allow(&pin, r.id), 0);
	assert_int_equal(target_wait(&target), 0);
	pin_close(&pin);
}

/*
 * A process that forks until the arena is full, and its sibling, which traps
 * when it is; more processes than there are windows.
 */
#define TREE_WINDOWS	64
#define TREE_PROCESSES	(TREE_WINDOWS + 8)

struct tree {
	volatile int sibling;		/* its pid */
	volatile int sibling_go;
};

static struct tree *tree;

static void tree_child(void)
{
	if (!fork())
		_exit(run_openat(NULL));
}

/* Traps when its parent is dead. */
static void tree_orphan(void)
{
	pid_t parent;

	if (fork())
		return;
	parent = getpid();
	if (fork())
		_exit(0);
	while (getppid() == parent)
		sched_yield();
	_exit(run_openat(NULL));
}

static int run_tree(void *fork_one)
{
	int i;

	if (!fork()) {
		tree->sibling = getpid();
		while (!tree->sibling_go)
			sched_yield();
		_exit(run_openat(NULL));
	}
	if (!fork()) {
		for (i = 0; i < TREE_PROCESSES; i++)
			((void (*)(void))fork_one)();
		while (wait(NULL) > 0)
			;
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
	return 0;
}

/* @larger: each call gets a larger slot, which takes a window of its own. */
static void fork_tree(void (*fork_one)(void), bool larger)
{
	struct seccomp_pin_attach attach = pin_attach_default();
	struct seccomp_pin_receive r;
	struct seccomp_pin_alloc alloc;
	struct target target;
	struct pin pin;
	int windows = 0, err = 0;

	tree = shared_memory(sizeof(*tree));
	attach.windows_per_mm = larger ? 2 : 1;
	assert_int_equal(target_start(&target, NULL, trap_openat, run_tree,
				      fork_one), 0);
	pin_open_with(&pin, target.listener, TREE_WINDOWS * TEST_WINDOW,
		      &attach);
	for (;;) {
		pin_receive_call(&pin, &r, "openat");
		err = r.slot_error;
		if (err)
			break;
		windows++;
		if (!larger)
			continue;
		err = pin_alloc(&pin, r.id, TEST_WINDOW, &alloc);
		if (err)
			break;
		windows++;
	}
	assert_int_equal(err, -ENOBUFS);
	assert_in_range(windows, TREE_WINDOWS / 2, TREE_WINDOWS - 1);
	tree->sibling_go = 1;
	do {
		pin_receive_call(&pin, &r, "openat");
	} while ((int)r.pid != tree->sibling);
	assert_int_equal(r.slot_error, 0);
	if (larger)
		assert_int_equal(pin_alloc(&pin, r.id, TEST_WINDOW, &alloc), 0);
	pin_close(&pin);
	assert_int_equal(target_wait(&target), 0);
}

static void i6_a_fork_tree_leaves_room(void **state)
{
	(void)state;
	fork_tree(tree_child, false);
}

static void i6_larger_slots_leave_room(void **state)
{
	(void)state;
	fork_tree(tree_child, true);
}

/* Nor do processes that see to it that their parents are gone. */
static void i6_orphans_leave_room(void **state)
{
	(void)state;
	fork_tree(tree_orphan, false);
}

/* Not even if they seem to be our children then. */
static void i6_adopted_orphans_leave_room(void **state)
{
	(void)state;
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	fork_tree(tree_orphan, false);
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

/* Short-lived processes, one after the other and side by side */
#define SIDE_BY_SIDE	10
#define CALLS_OF_EACH	10

/* For 100,000 calls; a tenth with the debugging aids, which cost that much. */
static int rounds(void)
{
	return debug_kernel() ? 100 : 1000;
}

static int run_many(void *arg)
{
	int i, j, k;

	for (i = 0; i < (intptr_t)arg; i++) {
		for (j = 0; j < SIDE_BY_SIDE; j++) {
			pid_t child = fork();

			if (child < 0)
				return 1;
			if (child)
				continue;
			for (k = 0; k < CALLS_OF_EACH; k++)
				syscall(SYS_openat, AT_FDCWD, "/dev/null",
					O_RDONLY);
			_exit(0);
		}
		while (wait(NULL) > 0)
			;
	}
	return 0;
}

static void i7_many_short_lived_processes(void **state)
{
	struct seccomp_pin_redirect redirect = {
		.args_mask = 2,
		.ptr_mask = 2,
		.arena_mask = 2,
		.str_mask = 2,
	};
	struct seccomp_pin_query query;
	struct seccomp_pin_receive r;
	struct target target;
	uint32_t most = 0;
	struct pin pin;
	int i, calls = rounds() * SIDE_BY_SIDE * CALLS_OF_EACH;

	(void)state;
	assert_int_equal(target_start(&target, NULL, trap_openat, run_many,
				      (void *)(intptr_t)rounds()), 0);
	pin_open(&pin, target.listener);
	pin_rule_string(&pin, "openat", 1);
	for (i = 0; i < calls; i++) {
		pin_receive_call(&pin, &r, "openat");
		assert_int_equal(r.slot_error, 0);
		if (r.slot_offset / TEST_WINDOW > most)
			most = r.slot_offset / TEST_WINDOW;
		if (!r.copies[1].kind || i % 5 == 4) {
			assert_int_equal(pin_deny(&pin, r.id, EPERM), 0);
			continue;
		}
		redirect.id = r.id;
		redirect.args[1] = r.slot_offset + r.copies[1].offset;
		redirect.ptr_len[1] = r.copies[1].len;
		assert_int_equal(pin_redirect(&pin, &redirect), 0);
	}
	assert_int_equal(target_wait(&target), 0);
	/* The dead had not been left to pile up, even before they are counted. */
	assert_true(most < 8 * SIDE_BY_SIDE);
	query = pin_query(&pin);
	assert_int_equal(query.slots, 0);
	assert_int_equal(query.calls, 0);
	assert_int_equal(query.windows, 0);
	assert_int_equal(query.targets, 0);
	pin_close(&pin);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(i1_held_slots_are_nobody_elses),
		cmocka_unit_test(i1_killed_targets_slot),
		cmocka_unit_test(i1_held_by_two),
		cmocka_unit_test(i1_answered_by_another),
		cmocka_unit_test(i1_slots_of_killed_calls),
		cmocka_unit_test(i1_fetch_asks_for_a_held_call),
		cmocka_unit_test(i1_fetched_bytes_stay),
		cmocka_unit_test(i1_every_answer_gives_the_slot_back),
		cmocka_unit_test(i6_a_share_for_each_target),
		cmocka_unit_test(i6_a_full_arena),
		cmocka_unit_test(i6_a_fork_tree_leaves_room),
		cmocka_unit_test(i6_larger_slots_leave_room),
		cmocka_unit_test(i6_orphans_leave_room),
		cmocka_unit_test(i6_adopted_orphans_leave_room),
		cmocka_unit_test(i7_many_short_lived_processes),
	};

	return run_group(tests);
}
