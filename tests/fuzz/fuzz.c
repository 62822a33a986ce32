// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz [SECONDS]: threads make random requests of contexts with live targets,
 * which are ended and made anew all the time. With SEED=N in the environment
 * each thread and target draws the same numbers again.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

#define FUZZERS		4
#define TICK_MS		20

struct board *board;
uint64_t fuzz_seed;

static unsigned int seconds = 60;
static struct lane lanes[LANES];
/* When each is attached, gets another context, and ends */
static uint64_t lane_attaches[LANES];
static uint64_t lane_renewed[LANES];
static uint64_t lane_until[LANES];
static struct fuzzer fuzzers[FUZZERS];
static atomic_bool stop;
static int gone_fd;
static unsigned int lanes_checked, lanes_drained, contexts_renewed, late_attaches;

static void nothing(int sig)
{
	(void)sig;
}

/*
 * One thread has no privileges and no ptrace access; one lacks what mapping at
 * low addresses takes.
 */
static void become(unsigned int index)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	if (index == 1) {
		HOLDS(!syscall(SYS_capget, &header, data));
		data[0].effective &= ~(1U << CAP_SYS_RAWIO);
		HOLDS(!syscall(SYS_capset, &header, data));
	} else if (index == 2) {
		/* Of this thread alone, unlike the library's function */
		HOLDS(!syscall(SYS_setresuid, 65534, 65534, 65534));
	}
}

static void *fuzz_thread(void *arg)
{
	struct fuzzer *f = arg;
	struct lane *lane;

	become(f->index);
	while (!stop) {
		lane = &lanes[chance_below(&f->chance, LANES)];
		pthread_rwlock_rdlock(&lane->lock);
		fuzz_request(f, lane);
		pthread_rwlock_unlock(&lane->lock);
	}
	return NULL;
}

/* A context that is to be the lane's, and the arena that it is to have */
static void lane_prepare(struct lane *lane, struct chance *chance)
{
	static const unsigned int completions[] = { 0, 1, 64 };
	struct seccomp_pin_attach attach = pin_attach_default();

	attach.slot_size = 4096 * (1 + chance_below(chance, 3));
	attach.window_size = attach.slot_size * (1 + chance_below(chance, 8));
	attach.windows_per_mm = 1 + chance_below(chance, 6);
	attach.completions = completions[chance_below(chance, 3)];
	attach.flags = chance_below(chance, 2);
	attach.verdicts = 16 * chance_below(chance, 3);
	attach.listener = lane->target.listener;
	lane->pin.listener = lane->target.listener;
	lane->pin.size = attach.window_size * (4 + chance_below(chance, 16));
	lane->pin.fd = open(SECCOMP_PIN_DEVICE,
			    O_RDWR | O_CLOEXEC | O_NONBLOCK);
	assert_true(lane->pin.fd >= 0);
	attach.arena = pin_memfd(lane->pin.size, ARENA_SEALS, &lane->pin.arena);
	lane->attach = attach;
	lane_renewed[lane->index] = now_ms() + 200 + chance_below(chance, 1500);
}

static bool lane_attached(const struct lane *lane)
{
	return lane->attach.arena == -1;
}

/*
 * Whether it could be attached: a request may have attached another to the
 * listener, or a process that is about to be a target have one open still.
 */
static bool lane_attach(struct lane *lane)
{
	struct seccomp_pin_rules rules = { (uintptr_t)&fuzz_rule, 1, 0 };
	int err = fuzz_attach(lane->pin.fd, &lane->attach);

	if (err == -EBUSY)
		return false;
	assert_int_equal(err, 0);
	assert_int_equal(pin_ioctl(lane->pin.fd, SECCOMP_PIN_RULES, &rules), 0);
	close(lane->attach.arena);
	lane->attach.arena = -1;
	return true;
}

/* At once, or when calls wait and requests are under way */
static void lane_begin(struct lane *lane, struct chance *chance)
{
	lane_prepare(lane, chance);
	lane_attaches[lane->index] = now_ms();
	if (chance_hit(chance, 3))
		lane_attaches[lane->index] += chance_below(chance, 100);
	else
		AWAIT(lane_attach(lane));
}

static void lane_open(struct lane *lane, struct chance *chance)
{
	assert_int_equal(target_start(&lane->target, NULL, fuzz_traps,
				      fuzz_target, lane), 0);
	lane_begin(lane, chance);
	lane_until[lane->index] = now_ms() + 500 + chance_below(chance, 1500);
}

/* Wakes up whoever waits, and reaps whoever has ended. */
static void tick(void)
{
	unsigned int i;
	pid_t pid;

	for (i = 0; i < FUZZERS; i++)
		if (fuzzers[i].thread)
			pthread_kill(fuzzers[i].thread, SIGURG);
	while (reap(&pid) > 0)
		for (i = 0; i < LANES; i++)
			if (lanes[i].target.pid == pid)
				lanes[i].target.pid = 0;
	poll(NULL, 0, TICK_MS);
}

static void lane_lock(struct lane *lane)
{
	struct timespec now;

	for (;;) {
		clock_gettime(CLOCK_REALTIME, &now);
		now.tv_nsec += TICK_MS * 1000000;
		now.tv_sec += now.tv_nsec / 1000000000;
		now.tv_nsec %= 1000000000;
		if (!pthread_rwlock_timedwrlock(&lane->lock, &now))
			return;
		tick();
	}
}

static bool lane_empty(struct lane *lane)
{
	struct seccomp_pin_query query = pin_query(&lane->pin);

	tick();
	return !query.calls && !query.slots && !query.targets && !query.windows;
}

static void lane_forget(struct lane *lane)
{
	check_known(lane);
	forget_known(lane);
	check_none_known(lane);
}

static void lane_lose(struct lane *lane)
{
	pin_close(&lane->pin);
	if (!lane_attached(lane))
		close(lane->attach.arena);
}

/*
 * The listener gets another context. The old one goes with requests under way, or
 * in peace; calls wait, are known, and run by its redirects meanwhile.
 */
static void lane_renew(struct lane *lane, struct chance *chance)
{
	if (chance_hit(chance, 2)) {
		assert_true(dup2(gone_fd, lane->pin.fd) >= 0);
		tick();
	}
	lane_lock(lane);
	if (chance_hit(chance, 4))
		lane_forget(lane);
	else
		check_known(lane);
	lane_lose(lane);
	check_known(lane);
	lane_begin(lane, chance);
	check_known(lane);
	pthread_rwlock_unlock(&lane->lock);
	contexts_renewed++;
}

static bool lane_over(struct lane *lane)
{
	tick();
	return !deny_all(lane);
}

/* With requests under way, one of its parts goes; then, in peace, the rest. */
static void lane_close(struct lane *lane, struct chance *chance)
{
	bool lost = false, drain = chance_hit(chance, 2);

	switch (chance_below(chance, 4)) {
	case 0:
		drain = false;
		if (lane->target.pid)
			assert_int_equal(kill(lane->target.pid, SIGKILL), 0);
		break;
	case 1:
		assert_true(dup2(gone_fd, lane->pin.fd) >= 0);
		lost = true;
		break;
	case 2:
		drain = false;
		assert_true(dup2(gone_fd, lane->pin.listener) >= 0);
		break;
	}
	tick();
	board->generation[lane->index]++;
	lane_lock(lane);
	lane_forget(lane);
	/* Each call can be answered, and then targets end by themselves. */
	if (drain && !board->stuck[lane->index]) {
		AWAIT(lane_over(lane) || board->stuck[lane->index]);
		lanes_drained++;
	}
	board->stuck[lane->index] = false;
	close(lane->pin.listener);
	if (lane->target.pid)
		assert_int_equal(kill(lane->target.pid, SIGKILL), 0);
	if (!lost) {
		AWAIT(lane_empty(lane));
		lanes_checked++;
	}
	lane_lose(lane);
}

static void start(struct chance *chance)
{
	struct sigaction action = { .sa_handler = nothing };
	const struct rlimit fds = { FDS, FDS };
	pthread_rwlockattr_t attr;
	unsigned int i;

	assert_int_equal(setrlimit(RLIMIT_NOFILE, &fds), 0);
	sigaction(SIGURG, &action, NULL);
	board = shared_memory(sizeof(*board));
	fuzz_seed = chance_seed();
	chance_init(chance, fuzz_seed, UINT64_MAX);
	reap_orphans();
	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	/* For there to be low addresses at all */
	assert_int_equal(write_file("/proc/sys/vm/mmap_min_addr", "65536"), 0);
	gone_fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	pthread_rwlockattr_init(&attr);
	pthread_rwlockattr_setkind_np(&attr,
		PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	for (i = 0; i < LANES; i++) {
		lanes[i].index = i;
		pthread_rwlock_init(&lanes[i].lock, &attr);
		pthread_mutex_init(&lanes[i].untold_lock, NULL);
		pthread_mutex_init(&lanes[i].known_lock, NULL);
		lane_open(&lanes[i], chance);
	}
	for (i = 0; i < FUZZERS; i++) {
		chance_init(&fuzzers[i].chance, fuzz_seed, i);
		fuzzers[i].index = i;
		fuzzers[i].readonly = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE |
					   MAP_ANONYMOUS, -1, 0);
		assert_true(fuzzers[i].readonly != MAP_FAILED);
		assert_int_equal(pthread_create(&fuzzers[i].thread, NULL,
						fuzz_thread, &fuzzers[i]), 0);
	}
}

/* What is rare gets more time than was asked for, on a slow machine. */
static bool go_on(uint64_t since)
{
	uint64_t ms = now_ms() - since;

	return ms < seconds * 1000ULL ||
	       (ms < seconds * 10000ULL &&
		(fuzz_lacks() || !board->pinned || !board->races ||
		 !board->marks));
}

/* What is due of a lane */
static void lane_turn(struct lane *lane, struct chance *chance)
{
	uint64_t now = now_ms();

	if (now >= lane_until[lane->index] || !lane->target.pid) {
		lane_close(lane, chance);
		lane_open(lane, chance);
		pthread_rwlock_unlock(&lane->lock);
	} else if (now >= lane_renewed[lane->index]) {
		lane_renew(lane, chance);
	} else if (!lane_attached(lane) && now >= lane_attaches[lane->index]) {
		late_attaches += lane_attach(lane);
	}
}

static void fuzz_requests(void **state)
{
	uint64_t since = now_ms();
	struct chance chance;
	unsigned int i;

	(void)state;
	alarm(seconds * 10 + 200);
	start(&chance);
	while (go_on(since)) {
		tick();
		for (i = 0; i < LANES; i++)
			lane_turn(&lanes[i], &chance);
	}
	stop = true;
	for (i = 0; i < FUZZERS; i++) {
		while (pthread_tryjoin_np(fuzzers[i].thread, NULL))
			tick();
		fuzzers[i].thread = 0;
	}
	for (i = 0; i < LANES; i++)
		lane_close(&lanes[i], &chance);
	reap_all();
	printf("# %u contexts were renewed, %u attached with requests under way\n",
	       contexts_renewed, late_attaches);
	printf("# of %u lanes %u ended by answers\n", lanes_checked,
	       lanes_drained);
	assert_true(lanes_checked > 0);
	assert_true(lanes_drained > 0);
	assert_true(contexts_renewed > 0);
	assert_true(late_attaches > 0);
}

static void every_request_was_done_and_refused(void **state)
{
	(void)state;
	fuzz_report();
	assert_int_equal(fuzz_lacks(), 0);
}

/* Targets have looked for themselves, and would have seen it. */
static void i1_i8_targets_saw_their_own_bytes(void **state)
{
	(void)state;
	printf("# %lu writes ran on pinned bytes; of %lu others %lu lost the race; %lu not judged\n",
	       board->pinned, board->loose, board->races, board->unjudged);
	printf("# %lu scans found %lu marks\n", board->scans, board->marks);
	assert_true(board->pinned > 0);
	assert_true(board->races > 0);
	assert_true(board->scans > 0);
	assert_true(board->marks > 0);
}

static void i7_nothing_is_left(void **state)
{
	(void)state;
	assert_int_equal(module_refs(), 0);
	assert_int_equal(module_unload(), 0);
	module_load();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fuzz_requests),
		cmocka_unit_test(every_request_was_done_and_refused),
		cmocka_unit_test(i1_i8_targets_saw_their_own_bytes),
		cmocka_unit_test(i7_nothing_is_left),
	};

	/* However a target executes this, it is a target. */
	if (prctl(PR_GET_SECCOMP) == 2)
		return fuzz_executed();
	if (argc > 1)
		seconds = strtoul(argv[1], NULL, 10);
	return run_group(tests);
}
