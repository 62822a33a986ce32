// SPDX-License-Identifier: GPL-2.0-only
/*
 * I8: a target reads only bytes meant for its own mm, whatever becomes of it,
 * of its windows, and of those who had them before.
 *
 * The targets here, called peers, are children of one process, so that they
 * share a listener and an arena. Each does what it is told over a socket.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup.h"
#include "pin.h"

#define PAGE	4096
#define PEERS	2
#define NOBODY	65534

/* One that no program makes without being told to */
static const char *const traps[] = { "truncate", NULL };

#define THP_SHMEM	"/sys/kernel/mm/transparent_hugepage/shmem_enabled"
#define PTRACE_SCOPE	"/proc/sys/kernel/yama/ptrace_scope"
#define CORE_PATTERN	"/proc/sys/kernel/core_pattern"

/*
 * Random bytes to be looked for. They are nowhere in memory but where they were
 * put: what is kept of them is something else.
 */
#define MARKER		16
#define MARKER_MASK	0xa5

struct marker {
	unsigned char hidden[MARKER];
};

static struct marker marker_make(void)
{
	struct marker marker;

	assert_int_equal(getrandom(marker.hidden, MARKER, 0), MARKER);
	return marker;
}

static void marker_put(void *to, const struct marker *marker)
{
	volatile unsigned char *p = to;
	unsigned int i;

	for (i = 0; i < MARKER; i++)
		p[i] = marker->hidden[i] ^ MARKER_MASK;
}

static bool marker_find(const void *in, size_t len, const struct marker *marker)
{
	const unsigned char *p = in;
	unsigned char first = marker->hidden[0] ^ MARKER_MASK;
	const unsigned char *end = p + len - MARKER;
	unsigned int i;

	while (p <= end) {
		p = memchr(p, first, end - p + 1);
		if (!p)
			return false;
		for (i = 1; i < MARKER; i++)
			if ((p[i] ^ MARKER_MASK) != marker->hidden[i])
				break;
		if (i == MARKER)
			return true;
		p++;
	}
	return false;
}

/* How a peer leaves its mm */
enum end {
	END_EXIT,
	END_KILLED,
	END_THREAD_EXITS_GROUP,
	END_EXEC,
	END_THREAD_EXEC,
	END_VFORK_EXEC,
	ENDS
};

enum what {
	CALL, END, COUNT_OTHER, INHERIT, WAIT, WAKE, SEARCH, SEARCH_OF, WRITE_OF,
	SETUID, DUMPABLE, PAGEOUT, SEGV,
};

/**
 * struct command - what a peer is told to do
 * @what: this
 * @arg: for CALL, END, COUNT_OTHER, and so on: a detail
 * @pid: of another peer
 * @address: where, in the peer, or in the other one
 * @length: how much
 * @marker: what to look for
 */
struct command {
	enum what what;
	int arg;
	pid_t pid;
	uint64_t address;
	uint64_t length;
	struct marker marker;
};

/* Set in the peer: its end of the socket */
static int peer_socket;

static void exec_peer(void)
{
	char fd[16];

	snprintf(fd, sizeof(fd), "%d", peer_socket);
	execl("/proc/self/exe", "secrecy", fd, NULL);
	_exit(91);
}

static void *thread_exit_group(void *arg)
{
	(void)arg;
	_exit(0);
}

static void *thread_exec(void *arg)
{
	(void)arg;
	exec_peer();
	return NULL;
}

static long peer_end(enum end how)
{
	pthread_t thread;

	switch (how) {
	case END_EXIT:
		_exit(0);
	case END_EXEC:
		exec_peer();
		break;
	case END_THREAD_EXITS_GROUP:
	case END_THREAD_EXEC:
		pthread_create(&thread, NULL, how == END_THREAD_EXEC ?
			       thread_exec : thread_exit_group, NULL);
		break;
	case END_VFORK_EXEC:
		/* The child is the peer from then on. */
		if (!vfork())
			exec_peer();
		_exit(0);
	default:
		break;
	}
	for (;;)
		pause();
}

/* How many bytes there are not this one */
static long peer_count_other(const unsigned char *p, size_t len, int byte)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++)
		n += p[i] != byte;
	return n;
}

/* Can a child read it, when the mapping is asked to be its, too? */
static long peer_inherit(void *address)
{
	int refused, status;

	refused = madvise(address, PAGE, MADV_DOFORK) ? errno : 0;
	if (!fork()) {
		int pipes[2];

		if (pipe(pipes))
			_exit(EINVAL);
		_exit(write(pipes[1], address, 1) == 1 ? 0 : errno);
	}
	if (wait(&status) < 0 || !WIFEXITED(status))
		return -1;
	return refused << 8 | WEXITSTATUS(status);
}

/* All words of a range: how many waiters there were */
static long peer_wake(uint64_t address, uint64_t length)
{
	long n, woken = 0;

	for (; length; address += 4, length -= 4) {
		n = syscall(SYS_futex, address, FUTEX_WAKE, INT_MAX, NULL, NULL,
			    0);
		if (n < 0)
			return -errno;
		woken += n;
	}
	return woken;
}

static int open_mem(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	return open(path, O_RDWR | O_CLOEXEC);
}

/* In another's memory: -errno, or whether it is there */
static long peer_search_of(const struct command *c)
{
	static char buf[TEST_SLOT];
	int fd = open_mem(c->pid);
	ssize_t n;
	long ret;

	if (fd < 0)
		return -errno;
	n = pread(fd, buf, sizeof(buf), c->address);
	ret = n < 0 ? -errno : marker_find(buf, n, &c->marker);
	explicit_bzero(buf, sizeof(buf));
	close(fd);
	return ret;
}

static long peer_write_of(const struct command *c)
{
	struct iovec local = { .iov_base = "x", .iov_len = 1 }, remote = {
		.iov_base = (void *)(uintptr_t)c->address,
		.iov_len = 1,
	};
	int fd = open_mem(c->pid);

	if (fd < 0)
		return -errno;
	if (pwrite(fd, "x", 1, c->address) >= 0 ||
	    process_vm_writev(c->pid, &local, 1, &remote, 1, 0) >= 0)
		return 0;
	close(fd);
	return -errno;
}

/* In all memory of its own that can be read, as the kernel reads it */
static long peer_search(const struct marker *marker)
{
	static char buf[1 << 16];
	unsigned long start, end;
	char line[512], may;
	FILE *maps = fopen("/proc/self/maps", "r");
	int fd = open_mem(getpid());
	long found = 0, seen = 0;

	if (!maps || fd < 0)
		return -errno;
	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %c", &start, &end, &may) != 3 ||
		    may != 'r')
			continue;
		while (start < end) {
			ssize_t n = pread(fd, buf, sizeof(buf), start);

			if (n <= 0)
				break;
			seen += n;
			found += marker_find(buf, n, marker);
			/* Some overlap, should it lie across */
			start += n == sizeof(buf) ? n - MARKER : n;
		}
	}
	explicit_bzero(buf, sizeof(buf));
	fclose(maps);
	close(fd);
	return seen ? found : -ENODATA;
}

/* Pages that are in no page table are passed over: read them first. */
static long peer_pageout(void *address, size_t length)
{
	volatile char *p = address;
	size_t i;

	for (i = 0; i < length; i += PAGE)
		(void)p[i];
	return madvise(address, length, MADV_PAGEOUT) ? -errno : 0;
}

static long peer_do(const struct command *c)
{
	void *address = (void *)(uintptr_t)c->address;

	switch (c->what) {
	case CALL:
		return syscall(SYS_truncate, "/of the target", 0) ? -errno : 0;
	case END:
		return peer_end(c->arg);
	case COUNT_OTHER:
		return peer_count_other(address, c->length, c->arg);
	case INHERIT:
		return peer_inherit(address);
	case WAIT:
		return syscall(SYS_futex, address, FUTEX_WAIT, 0, NULL, NULL,
			       0) ? -errno : 0;
	case WAKE:
		return peer_wake(c->address, c->length);
	case SEARCH:
		return peer_search(&c->marker);
	case SEARCH_OF:
		return peer_search_of(c);
	case WRITE_OF:
		return peer_write_of(c);
	case SETUID:
		/* Both are lost with the old credentials. */
		return setresuid(NOBODY, NOBODY, NOBODY) ||
		       prctl(PR_SET_DUMPABLE, 1) ||
		       prctl(PR_SET_PDEATHSIG, SIGKILL) ? -errno : 0;
	case DUMPABLE:
		return prctl(PR_SET_DUMPABLE, c->arg) ? -errno : 0;
	case PAGEOUT:
		return peer_pageout(address, c->length);
	case SEGV:
		signal(SIGSEGV, SIG_DFL);
		raise(SIGSEGV);
		break;
	}
	return -EINVAL;
}

static void peer_loop(void)
{
	struct command command;
	long ret;

	while (recv(peer_socket, &command, sizeof(command), 0) ==
	       sizeof(command)) {
		ret = peer_do(&command);
		send(peer_socket, &ret, sizeof(ret), 0);
	}
	_exit(0);
}

/* Ends of sockets: ours, and the peers'; the last is their parent's. */
static int ours[PEERS + 1], theirs[PEERS + 1];

/* Starts the peer of a number, and tells its pid; or waits for one to end. */
static int run_parent(void *arg)
{
	int number, status;
	long ret;

	(void)arg;
	while (recv(theirs[PEERS], &number, sizeof(number), 0) ==
	       sizeof(number)) {
		if (number < 0) {
			ret = wait(&status) < 0 ? -errno : status;
		} else {
			ret = fork();
			if (!ret) {
				prctl(PR_SET_PDEATHSIG, SIGKILL);
				peer_socket = theirs[number];
				peer_loop();
			}
		}
		send(theirs[PEERS], &ret, sizeof(ret), 0);
	}
	return 0;
}

/**
 * struct world - a context, and the parent of its peers
 * @target: the parent
 * @pin: the context
 * @pids: of the peers
 */
struct world {
	struct target target;
	struct pin pin;
	pid_t pids[PEERS];
};

static long answer_of(int socket)
{
	struct pollfd pollfd = { .fd = socket, .events = POLLIN };
	long ret;

	assert_int_equal(poll(&pollfd, 1, TIME_LIMIT_MS), 1);
	assert_int_equal(recv(socket, &ret, sizeof(ret), 0), sizeof(ret));
	return ret;
}

static long ask_parent(int number)
{
	assert_int_equal(send(ours[PEERS], &number, sizeof(number), 0),
			 sizeof(number));
	return answer_of(ours[PEERS]);
}

static void tell(int peer, struct command command)
{
	assert_int_equal(send(ours[peer], &command, sizeof(command), 0),
			 sizeof(command));
}

/* Have a peer do something that it can do at once. */
#define ASK(peer, ...) (tell(peer, (struct command){ __VA_ARGS__ }),	\
			answer_of(ours[peer]))

static void world_open(struct world *world, unsigned int windows)
{
	struct seccomp_pin_attach attach = pin_attach_default();
	int i, sockets[2];

	for (i = 0; i <= PEERS; i++) {
		assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0,
					    sockets), 0);
		ours[i] = sockets[0];
		theirs[i] = sockets[1];
		/* Not for those who execute something */
		fcntl(ours[i], F_SETFD, FD_CLOEXEC);
	}
	assert_int_equal(target_start(&world->target, NULL, traps, run_parent,
				      NULL), 0);
	pin_open_with(&world->pin, world->target.listener,
		      (uint64_t)windows * TEST_WINDOW, &attach);
}

static void world_close(struct world *world)
{
	int i;

	kill(world->target.pid, SIGKILL);
	assert_int_equal(target_wait(&world->target), 128 + SIGKILL);
	AWAIT(pin_query(&world->pin).windows == 0);
	assert_int_equal(pin_query(&world->pin).calls, 0);
	pin_close(&world->pin);
	for (i = 0; i <= PEERS; i++) {
		close(ours[i]);
		close(theirs[i]);
	}
}

static void peer_start(struct world *world, int peer)
{
	world->pids[peer] = ask_parent(peer);
	assert_true(world->pids[peer] > 0);
}

/* One of them has ended, or is about to: its status */
static int peer_wait(void)
{
	return ask_parent(-1);
}

/* A peer's call is received; it is in its first slot, and so in its window. */
static void peer_trap(struct world *world, int peer,
		      struct seccomp_pin_receive *r)
{
	tell(peer, (struct command){ .what = CALL });
	pin_receive_call(&world->pin, r, "truncate");
	assert_int_equal(r->slot_error, 0);
	assert_int_equal(r->slot_offset % TEST_WINDOW, 0);
}

/* It has a window afterwards, and waits for what else it is told. */
static void peer_window(struct world *world, int peer,
			struct seccomp_pin_receive *r)
{
	peer_trap(world, peer, r);
	assert_int_equal(pin_deny(&world->pin, r->id, EPERM), 0);
	assert_int_equal(answer_of(ours[peer]), -EPERM);
}

static long shmem_huge_kb(void)
{
	char line[128];
	FILE *file = fopen("/proc/meminfo", "r");
	long kb = -1;

	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		sscanf(line, "ShmemHugePages: %ld", &kb);
	fclose(file);
	return kb;
}

/* With pages of the ordinary size, or with huge ones behind the arena */
static void world_open_huge(struct world *world, bool huge)
{
	long before = shmem_huge_kb();

	assert_int_equal(write_file(THP_SHMEM, huge ? "always" : "never"), 0);
	world_open(world, 64);
	world->pin.arena[0] = 0;
	assert_int_equal(write_file(THP_SHMEM, "never"), 0);
	if (huge)
		assert_true(shmem_huge_kb() > before);
}

static long count_other(int peer, const struct seccomp_pin_receive *r, int byte)
{
	return ASK(peer, .what = COUNT_OTHER, .arg = byte,
		   .address = r->slot_address, .length = TEST_WINDOW);
}

/*
 * A window with nothing in it; the supervisor fills all of it, and the target
 * sees that. So it would see what others have left there.
 */
static void check_and_fill(struct world *world, int peer,
			   const struct seccomp_pin_receive *r, int byte)
{
	assert_int_equal(count_other(peer, r, 0), 0);
	memset(pin_slot(&world->pin, r), byte, TEST_WINDOW);
	assert_int_equal(count_other(peer, r, byte), 0);
	assert_int_equal(count_other(peer, r, 0), TEST_WINDOW);
}

/* One owner of the window: it comes, and it leaves in one of many ways. */
static void one_owner(struct world *world, enum end how, int byte)
{
	struct seccomp_pin_receive r;

	peer_start(world, 0);
	peer_window(world, 0, &r);
	assert_int_equal(r.slot_offset, 0);
	check_and_fill(world, 0, &r, byte);
	/* No child of it sees the pin. */
	assert_int_equal(ASK(0, .what = INHERIT, .address = r.slot_address),
			 EINVAL << 8 | EFAULT);

	if (how == END_KILLED)
		assert_int_equal(kill(world->pids[0], SIGKILL), 0);
	else
		tell(0, (struct command){ .what = END, .arg = how });
	if (how >= END_EXEC) {
		/* The mm is another one, and has the same window. */
		AWAIT(pin_query(&world->pin).windows == 0);
		peer_window(world, 0, &r);
		assert_int_equal(r.slot_offset, 0);
		check_and_fill(world, 0, &r, byte + 1);
		tell(0, (struct command){ .what = END, .arg = END_EXIT });
	}
	assert_int_equal(peer_wait(), how == END_KILLED ? SIGKILL : 0);
	AWAIT(pin_query(&world->pin).windows == 0);
}

static void windows_change_hands(bool huge)
{
	int i, rounds = debug_kernel() ? 2 : 4;
	struct world world;
	enum end how;

	world_open_huge(&world, huge);
	for (i = 0; i < rounds; i++)
		for (how = 0; how < ENDS; how++)
			one_owner(&world, how, 1 + 2 * (i * ENDS + how));
	world_close(&world);
}

static void i8_windows_change_hands_empty(void **state)
{
	(void)state;
	windows_change_hands(false);
}

static void i8_parts_of_huge_pages_change_hands_empty(void **state)
{
	(void)state;
	windows_change_hands(true);
}

/* The other side of INHERIT: an ordinary mapping is inherited when it is asked. */
static void i8_control_inherited_on_request(void **state)
{
	struct world world;
	char *page;

	(void)state;
	page = shared_memory(PAGE);
	assert_int_equal(madvise(page, PAGE, MADV_DONTFORK), 0);
	assert_int_equal(peer_inherit(page), 0);
	/* Nor without MADV_DOFORK, which peer_inherit() has tried */
	assert_int_equal(madvise(page, PAGE, MADV_DONTFORK), 0);
	world_open(&world, 1);
	peer_start(&world, 0);
	assert_int_equal(ASK(0, .what = INHERIT, .address = (uintptr_t)page),
			 ENOMEM << 8 | EFAULT);
	world_close(&world);
	munmap(page, PAGE);
}

/* A supervisor's thread that goes on with a call, whose target is gone */
struct holder {
	unsigned char *slot;
	volatile int stop;
	volatile long passes;
	volatile long others;
};

static void *hold(void *arg)
{
	struct holder *holder = arg;
	unsigned int i;

	while (!holder->stop) {
		for (i = 0; i < TEST_SLOT; i++)
			holder->others += holder->slot[i] != 0xdd;
		memset(holder->slot, 0xdd, TEST_SLOT);
		holder->passes++;
	}
	return NULL;
}

/*
 * It sees its own bytes alone, and nobody sees them, as long as it has not let
 * go; who comes next in that window finds it empty.
 */
static void i8_held_calls_of_the_dead(void **state)
{
	struct seccomp_pin_receive dead, r;
	struct seccomp_pin_fetch fetch = {
		.kind = SECCOMP_PIN_BYTES,
		.len = 16,
	};
	struct holder holder = { 0 };
	struct world world;
	pthread_t thread;
	long passes;
	int i;

	(void)state;
	world_open(&world, 2);
	peer_start(&world, 0);
	peer_trap(&world, 0, &dead);
	holder.slot = (void *)pin_slot(&world.pin, &dead);
	memset(holder.slot, 0xdd, TEST_SLOT);
	assert_int_equal(pthread_create(&thread, NULL, hold, &holder), 0);
	assert_int_equal(kill(world.pids[0], SIGKILL), 0);
	assert_int_equal(peer_wait(), SIGKILL);

	for (i = 1; i <= 8; i++) {
		peer_start(&world, 1);
		peer_window(&world, 1, &r);
		assert_int_not_equal(r.slot_offset, dead.slot_offset);
		check_and_fill(&world, 1, &r, i);
		/* The holder has been at it while that one looked. */
		passes = holder.passes;
		AWAIT(holder.passes > passes + 1);
		assert_int_equal(count_other(1, &r, i), 0);
		fetch.id = dead.id;
		fetch.address = dead.data.args[0];
		assert_int_equal(pin_fetch(&world.pin, &fetch), -ENOENT);
		tell(1, (struct command){ .what = END, .arg = END_EXIT });
		assert_int_equal(peer_wait(), 0);
		AWAIT(pin_query(&world.pin).windows == 1);
	}
	holder.stop = 1;
	pthread_join(thread, NULL);
	assert_int_equal(holder.others, 0);
	assert_int_equal(pin_release(&world.pin, dead.id), 0);
	AWAIT(pin_query(&world.pin).windows == 0);

	peer_start(&world, 1);
	peer_window(&world, 1, &r);
	assert_int_equal(r.slot_offset, dead.slot_offset);
	check_and_fill(&world, 1, &r, 1);
	world_close(&world);
}

/* A page as a pin would be if it were nothing special: of a memfd, read-only */
struct plain {
	char *page;
	char *seen;
};

static struct plain plain_make(void)
{
	int fd = memfd_create("plain", MFD_CLOEXEC);
	struct plain plain;

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, PAGE), 0);
	plain.page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	plain.seen = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	assert_true(plain.page != MAP_FAILED && plain.seen != MAP_FAILED);
	/* The targets have the other one. */
	assert_int_equal(madvise(plain.page, PAGE, MADV_DONTFORK), 0);
	close(fd);
	return plain;
}

static void plain_free(struct plain *plain)
{
	munmap(plain->page, PAGE);
	munmap(plain->seen, PAGE);
}

/* A setting of the system; what it was comes back. */
static void read_setting(const char *path, char buf[128])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	assert_true(fd >= 0);
	n = read(fd, buf, 127);
	assert_true(n >= 0);
	buf[n] = '\0';
	close(fd);
}

static bool file_has(const char *path, const struct marker *marker)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *map;
	bool ret;

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_true(st.st_size > PAGE);
	map = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	assert_true(map != MAP_FAILED);
	ret = marker_find(map, st.st_size, marker);
	munmap(map, st.st_size);
	close(fd);
	return ret;
}

/* A target dies with a core dump: it has the plain page, and not the pin. */
static void core_dump(struct world *world, const struct plain *plain,
		      const char *filter)
{
	struct marker pinned = marker_make(), dumped = marker_make();
	struct seccomp_pin_receive r;
	char path[64];
	int status;

	peer_start(world, 0);
	snprintf(path, sizeof(path), "/proc/%d/coredump_filter",
		 world->pids[0]);
	assert_int_equal(write_file(path, filter), 0);
	peer_window(world, 0, &r);
	marker_put(pin_slot(&world->pin, &r), &pinned);
	marker_put(plain->page, &dumped);
	/* Both are there, and it has touched both. */
	assert_true(ASK(0, .what = SEARCH, .marker = pinned) > 0);
	assert_true(ASK(0, .what = SEARCH, .marker = dumped) > 0);
	count_other(0, &r, 0);

	tell(0, (struct command){ .what = SEGV });
	status = peer_wait();
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSEGV);
	assert_true(WCOREDUMP(status));
	snprintf(path, sizeof(path), "/tmp/core.%d", world->pids[0]);
	assert_true(file_has(path, &dumped));
	assert_false(file_has(path, &pinned));
	unlink(path);
}

static void i8_core_dumps(void **state)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY }, old;
	struct plain plain = plain_make();
	struct world world;
	char pattern[128];

	(void)state;
	read_setting(CORE_PATTERN, pattern);
	assert_int_equal(write_file(CORE_PATTERN, "/tmp/core.%p"), 0);
	assert_int_equal(getrlimit(RLIMIT_CORE, &old), 0);
	assert_int_equal(setrlimit(RLIMIT_CORE, &limit), 0);
	world_open(&world, 4);
	/* By default, and with everything that can be asked for */
	core_dump(&world, &plain, "0x33");
	core_dump(&world, &plain, "0x1ff");
	world_close(&world);
	assert_int_equal(setrlimit(RLIMIT_CORE, &old), 0);
	assert_int_equal(write_file(CORE_PATTERN, pattern), 0);
	plain_free(&plain);
}

/*
 * What one target may read of another's memory is a matter of ptrace, for a pin
 * as for the rest. It cannot change a pin by that, nor is another's to be found
 * in its own memory.
 */
static void i8_memory_of_another_target(void **state)
{
	struct marker marker = marker_make();
	struct seccomp_pin_receive a, b;
	struct world world;
	char scope[128];
	int i;

	(void)state;
	read_setting(PTRACE_SCOPE, scope);
	assert_int_equal(write_file(PTRACE_SCOPE, "0"), 0);
	world_open(&world, 4);
	for (i = 0; i < 2; i++) {
		peer_start(&world, i);
		assert_int_equal(ASK(i, .what = SETUID), 0);
		peer_window(&world, i, i ? &b : &a);
	}
	marker_put(pin_slot(&world.pin, &a), &marker);

#define OF_A .pid = world.pids[0], .address = a.slot_address, .marker = marker
	/* Its owner finds it, the other one does not. */
	assert_int_equal(ASK(0, .what = SEARCH, .marker = marker), 1);
	assert_int_equal(ASK(1, .what = SEARCH, .marker = marker), 0);
	/* With ptrace access it is shown, and cannot be written. */
	assert_int_equal(ASK(1, .what = SEARCH_OF, OF_A), 1);
	assert_true(ASK(1, .what = WRITE_OF, OF_A) < 0);
	assert_true(ASK(0, .what = WRITE_OF, OF_A) < 0);
	assert_int_equal(ASK(0, .what = SEARCH, .marker = marker), 1);
	/* Without, it is not. */
	assert_int_equal(write_file(PTRACE_SCOPE, "1"), 0);
	assert_true(ASK(1, .what = SEARCH_OF, OF_A) < 0);
	assert_int_equal(write_file(PTRACE_SCOPE, "0"), 0);
	assert_int_equal(ASK(0, .what = DUMPABLE, .arg = 0), 0);
	assert_true(ASK(1, .what = SEARCH_OF, OF_A) < 0);
	assert_int_equal(ASK(1, .what = SEARCH, .marker = marker), 0);
	world_close(&world);
	assert_int_equal(write_file(PTRACE_SCOPE, scope), 0);
}

/* Swap on a RAM disk, which can be searched */
#define SWAP_DEVICE	"/dev/ram0"

/* A swap area, as swapon() wants to find it */
static void swap_make(void)
{
	static unsigned char page[PAGE];
	uint32_t *header = (uint32_t *)(page + 1024);
	int fd = open(SWAP_DEVICE, O_RDWR | O_CLOEXEC);
	off_t size;

	assert_true(fd >= 0);
	size = lseek(fd, 0, SEEK_END);
	assert_true(size >= 16 * PAGE);
	header[0] = 1;
	header[1] = size / PAGE - 1;
	memcpy(page + PAGE - 10, "SWAPSPACE2", 10);
	assert_int_equal(pwrite(fd, page, PAGE, 0), PAGE);
	assert_int_equal(fsync(fd), 0);
	close(fd);
	assert_int_equal(swapon(SWAP_DEVICE, 0), 0);
}

/* Not through the page cache, which would not show what comes later */
static bool swap_has(const struct marker *marker)
{
	int fd = open(SWAP_DEVICE, O_RDONLY | O_DIRECT | O_CLOEXEC);
	void *buf = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool found = false;

	assert_true(fd >= 0);
	assert_true(buf != MAP_FAILED);
	while (!found && read(fd, buf, PAGE) == PAGE)
		found = marker_find(buf, PAGE, marker);
	/* Or it could be swapped out from here. */
	explicit_bzero(buf, PAGE);
	munmap(buf, PAGE);
	close(fd);
	return found;
}

/* As much as there is; less is an error, which it always is. */
static bool reclaim_until(const struct cgroup *cgroup,
			  const struct marker *marker)
{
	int err = cgroup_write(cgroup, "memory.reclaim", 64 << 20);

	assert_true(!err || err == -EAGAIN);
	return swap_has(marker);
}

/*
 * The arena is not written to swap, neither on a target's request nor when
 * memory is short. What differs from the plain page is that alone: nobody else
 * has either of them in page tables.
 */
static void i8_not_swapped_out(void **state)
{
	struct marker pinned = marker_make(), swapped = marker_make();
	struct plain plain;
	struct seccomp_pin_receive r;
	struct cgroup cgroup;
	struct world world;

	(void)state;
	swap_make();
	cgroup_start(&cgroup);
	cgroup_enter(&cgroup, getpid());
	plain = plain_make();
	world_open(&world, 4);
	peer_start(&world, 0);
	peer_window(&world, 0, &r);
	marker_put(pin_slot(&world.pin, &r), &pinned);
	marker_put(plain.page, &swapped);

#define PAGE_OUT(at) ({							\
	assert_int_equal(madvise(plain.page, PAGE, MADV_DONTNEED), 0);	\
	assert_int_equal(madvise(world.pin.arena, world.pin.size,	\
				 MADV_DONTNEED), 0);			\
	ASK(0, .what = PAGEOUT, .address = (uintptr_t)(at),		\
	    .length = PAGE);						\
})
	AWAIT(PAGE_OUT(plain.seen) == 0 && swap_has(&swapped));
	/* The request is not refused; nothing comes of it. */
	assert_int_equal(PAGE_OUT(r.slot_address), 0);
	assert_false(swap_has(&pinned));
	assert_true(ASK(0, .what = SEARCH, .marker = swapped) > 0);

	/* When memory is short: a page that is not on the device yet */
	swapped = marker_make();
	marker_put(plain.page, &swapped);
	assert_false(swap_has(&swapped));
	assert_int_equal(madvise(plain.page, PAGE, MADV_DONTNEED), 0);
	AWAIT(reclaim_until(&cgroup, &swapped));
	assert_false(swap_has(&pinned));
	assert_true(ASK(0, .what = SEARCH, .marker = pinned) > 0);

	world_close(&world);
	plain_free(&plain);
	cgroup_leave(&cgroup, getpid());
	cgroup_end(&cgroup);
	assert_int_equal(swapoff(SWAP_DEVICE), 0);
}

/* A task that sleeps in this call */
static bool sleeps_in(pid_t pid, long nr)
{
	char path[64], buf[128];

	snprintf(path, sizeof(path), "/proc/%d/syscall", pid);
	read_setting(path, buf);
	return *buf != 'r' && strtol(buf, NULL, 10) == nr;
}

static void futex_wait(struct world *world, int peer, uint64_t address)
{
	tell(peer, (struct command){ .what = WAIT, .address = address });
	AWAIT(sleeps_in(world->pids[peer], SYS_futex));
}

static long wake(int peer, uint64_t address, size_t length)
{
	return ASK(peer, .what = WAKE, .address = address, .length = length);
}

/* The supervisor wakes a peer: it did wait, whoever else tried to wake it. */
static void futex_still_waits(int peer, void *address)
{
	assert_int_equal(peer_wake((uintptr_t)address, 4), 1);
	assert_int_equal(answer_of(ours[peer]), 0);
}

/* Two targets with a page in common pass each other messages without a byte. */
static void futex_is_a_channel(struct world *world, const struct plain *plain)
{
	futex_wait(world, 0, (uintptr_t)plain->seen);
	assert_int_equal(wake(1, (uintptr_t)plain->seen, PAGE), 1);
	assert_int_equal(answer_of(ours[0]), 0);
}

static void futex_on_pins(bool huge)
{
	struct seccomp_pin_receive a, b, next;
	struct plain plain = plain_make();
	struct world world;

	world_open_huge(&world, huge);
	peer_start(&world, 0);
	peer_start(&world, 1);
	futex_is_a_channel(&world, &plain);

	/* At one address in both, and all around it */
	peer_window(&world, 0, &a);
	peer_window(&world, 1, &b);
	assert_int_equal(a.slot_address, b.slot_address);
	futex_wait(&world, 0, a.slot_address);
	assert_int_equal(wake(1, b.slot_address, TEST_WINDOW), 0);
	futex_still_waits(0, pin_slot(&world.pin, &a));

	/* Who waits is killed, and another has the window. */
	futex_wait(&world, 0, a.slot_address);
	assert_int_equal(kill(world.pids[0], SIGKILL), 0);
	assert_int_equal(peer_wait(), SIGKILL);
	AWAIT(pin_query(&world.pin).windows == 1);
	peer_start(&world, 0);
	peer_window(&world, 0, &next);
	assert_int_equal(next.slot_offset, a.slot_offset);
	assert_int_equal(wake(0, next.slot_address, TEST_WINDOW), 0);
	futex_wait(&world, 0, next.slot_address);
	assert_int_equal(wake(1, b.slot_address, TEST_WINDOW), 0);
	futex_still_waits(0, pin_slot(&world.pin, &next));
	world_close(&world);
	plain_free(&plain);
}

static void i8_futexes_are_no_channel(void **state)
{
	(void)state;
	futex_on_pins(false);
}

static void i8_futexes_in_a_huge_page_are_no_channel(void **state)
{
	(void)state;
	futex_on_pins(true);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(i8_windows_change_hands_empty),
		cmocka_unit_test(i8_parts_of_huge_pages_change_hands_empty),
		cmocka_unit_test(i8_control_inherited_on_request),
		cmocka_unit_test(i8_held_calls_of_the_dead),
		cmocka_unit_test(i8_core_dumps),
		cmocka_unit_test(i8_memory_of_another_target),
		cmocka_unit_test(i8_not_swapped_out),
		cmocka_unit_test(i8_futexes_are_no_channel),
		cmocka_unit_test(i8_futexes_in_a_huge_page_are_no_channel),
	};

	/* A peer that has executed another program: this one */
	if (argc == 2) {
		peer_socket = atoi(argv[1]);
		peer_loop();
	}
	return run_group(tests);
}
