// SPDX-License-Identifier: GPL-2.0-only
/*
 * I7: everything goes, in any order, with calls in flight. Rounds of targets
 * that call, fork, exec and exit, of supervisors that answer in every way, and
 * of this process, which ends them, takes their fds away and unloads the module
 * when it can. With SEED=N in the environment each does again what it did with
 * that seed, as far as the scheduler lets it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pin.h"
#include "storm.h"

#define TARGETS		3	/* at a time */
#define SUPERVISORS	2	/* for each of them */
#define THREADS		3	/* in each process */
#define CONTEXTS	4	/* in a supervisor's life */
#define EVENTS		60	/* in a round */
#define MAX_TARGETS	4096	/* in all rounds */

static const char *const traps[] = {
	"openat", "read", "clone", "execve", NULL
};

/* What has to have happened, or nothing is proved */
enum {
	CALLED, FORKED, EXECUTED, REDIRECTED, SUBSTITUTED, COMPLETED, FETCHED,
	INSTALLED, ADOPTED, LOST, DENIED, CONTINUED, DEVICE_CLOSED,
	LISTENER_CLOSED, ARENA_UNMAPPED, SUPERVISOR_FORKED, SUPERVISOR_KILLED,
	TARGET_KILLED, SIGNALLED, INTERRUPTED, STOPPED, UNLOAD_REFUSED, UNLOADED,
	CHECKED, SERVED, DROPPED, ALLOCATED, COUNTERS
};

static const char *const names[COUNTERS] = {
	"calls", "forks", "execs", "redirects", "substitutions", "completions",
	"fetches", "installs", "adoptions", "calls left to others", "denials",
	"continued calls", "devices closed", "listeners closed",
	"arenas unmapped", "supervisors that forked", "supervisors killed",
	"targets killed", "signals", "interrupted calls", "stops",
	"unloads refused", "unloads", "contexts found empty at their end",
	"calls by a verdict", "drops of verdicts", "larger slots",
};

/**
 * struct shared - what all processes see
 * @count: by the above
 * @over: by target: nobody is to begin anything more
 */
struct shared {
	atomic_uint count[COUNTERS];
	atomic_bool over[MAX_TARGETS];
};

static struct shared *shared;
static uint64_t seed;
static atomic_uint actors;	/* in this process, to number them */

/* A target, as this process knows it */
struct slot {
	unsigned int number;
	struct target target;
	pid_t supervisors[SUPERVISORS];
};

static struct slot slots[TARGETS];
static unsigned int targets;
static int pipe_fds[2];		/* what targets read from */

static void count(unsigned int what)
{
	atomic_fetch_add(&shared->count[what], 1);
}

/* Who has been forked has only what is meant for it. */
static void leave_parent(int listener)
{
	unsigned int i;

	close(pipe_fds[1]);
	for (i = 0; i < TARGETS; i++)
		if (slots[i].target.listener >= 0 &&
		    slots[i].target.listener != listener)
			close(slots[i].target.listener);
}

/*
 * Targets
 */
struct caller {
	struct chance chance;
	unsigned int number;
};

static void count_call(long ret)
{
	count(CALLED);
	if (ret == -EINTR)
		count(INTERRUPTED);
}

static void call_openat(void)
{
	unsigned long args[6] = { AT_FDCWD, (uintptr_t)"/dev/null", O_RDONLY,
				  0xa3, 0xa4, 0xa5 };
	struct stat st;
	long fd = own_call(SYS_openat, args);

	count_call(fd);
	if (fd < 0) {
		/* Denied, interrupted, or the listener was closed. */
		ONE_OF(fd, EAGAIN, EINTR, ENOSYS, ENOENT);
		return;
	}
	HOLDS(!fstat(fd, &st) && S_ISCHR(st.st_mode));
	/* null, or the supervisor's zero */
	HOLDS(st.st_rdev == makedev(1, 3) || st.st_rdev == makedev(1, 5));
	close(fd);
}

static void call_read(void)
{
	char buf[8];
	unsigned long args[6] = { pipe_fds[0], (uintptr_t)buf, sizeof(buf),
				  0xb3, 0xb4, 0xb5 };
	long ret = own_call(SYS_read, args);

	count_call(ret);
	if (ret < 0)
		ONE_OF(ret, EAGAIN, EINTR, ENOSYS);
}

static void call_execve(void)
{
	static char *const argv[] = { "chaos", "executed", NULL };
	unsigned long args[6] = { (uintptr_t)"/proc/self/exe", (uintptr_t)argv,
				  (uintptr_t)environ, 0xc3, 0xc4, 0xc5 };
	int fd = syscall(SYS_open, "/dev/null", O_WRONLY | O_CLOEXEC);
	long ret;

	/* What the loader says when it is denied a file is of no interest. */
	if (fd >= 0)
		dup2(fd, STDERR_FILENO);
	ret = own_call(SYS_execve, args);
	count_call(ret);
	ONE_OF(ret, EAGAIN, EINTR, ENOSYS, ENOENT);
}

static void call_fork(struct chance *chance)
{
	unsigned long args[6] = { SIGCHLD, 0, 0, 0, 0, 0xd5 };
	bool exec = chance_hit(chance, 2);
	long pid = own_call(SYS_clone, args);
	int i;

	count_call(pid);
	if (!pid) {
		count(FORKED);
		for (i = 0; i < 4; i++)
			call_openat();
		if (exec)
			call_execve();
		_exit(exec ? 127 : 0);
	}
	if (pid < 0)
		ONE_OF(pid, EAGAIN, EINTR, ENOSYS);
	while (pid > 0 && waitpid(pid, &i, 0) < 0 && errno == EINTR)
		;
	if (pid <= 0)
		return;
	HOLDS(!i || i == 127 << 8 || i == SIGKILL);
	if (exec && !i)
		count(EXECUTED);
}

static void *call_thread(void *arg)
{
	struct caller *caller = arg;
	struct chance *chance = &caller->chance;
	unsigned int n = 10 + chance_below(chance, 40);

	while (n-- && !shared->over[caller->number]) {
		switch (chance_below(chance, 8)) {
		case 0:
			call_fork(chance);
			break;
		case 1:
		case 2:
			call_read();
			break;
		default:
			call_openat();
		}
	}
	/* One that is not the leader becomes another program, or ends it. */
	if (chance_hit(chance, 40))
		call_execve();
	if (chance_hit(chance, 40))
		_exit(0);
	return NULL;
}

static void nothing(int sig)
{
	(void)sig;
}

static int run_target(void *arg)
{
	struct sigaction action = { .sa_handler = nothing };
	struct caller callers[THREADS];
	unsigned int number = (uintptr_t)arg, i;
	pthread_t threads[THREADS];
	sigset_t urgent;

	leave_parent(-1);
	for (i = 0; i < THREADS; i++) {
		callers[i].number = number;
		chance_init(&callers[i].chance, seed, number * 100 + i);
	}
	action.sa_flags = number % 2 ? SA_RESTART : 0;
	/* Where there is no handler, as after an execve, it is ignored. */
	sigaction(SIGURG, &action, NULL);
	sigemptyset(&urgent);
	sigaddset(&urgent, SIGURG);
	while (!shared->over[number]) {
		/* It is for them, not for who waits for them. */
		pthread_sigmask(SIG_UNBLOCK, &urgent, NULL);
		for (i = 0; i < THREADS; i++)
			HOLDS(!pthread_create(&threads[i], NULL, call_thread,
					      &callers[i]));
		pthread_sigmask(SIG_BLOCK, &urgent, NULL);
		for (i = 0; i < THREADS; i++)
			pthread_join(threads[i], NULL);
	}
	return 0;
}

/* This program, executed by a target */
static int run_executed(void)
{
	int i;

	shared = shared_memory(sizeof(*shared));
	for (i = 0; i < 4; i++)
		call_openat();
	return 0;
}

/*
 * Supervisors
 */
struct context {
	int fd;
	unsigned char *arena;
	atomic_int promised;	/* completions, and not read yet */
};

struct supervisor {
	unsigned int number;	/* its target's */
	int listener;
	int null;
	struct context contexts[CONTEXTS];
	_Atomic(struct context *) now;
	unsigned int opened;
	_Atomic uint64_t lost;	/* a call that another thread may adopt */
	bool fork;		/* of another */
};

static struct supervisor self;

/* A thread of it; the first has to see when all is over, and never blocks. */
struct server {
	struct chance chance;
	bool blocks;
};

/* To be told apart from one that others have, an fd stays occupied. */
static void drop_fd(int fd)
{
	HOLDS(dup2(self.null, fd) == fd);
}

#define ARENA	(64ULL * TEST_WINDOW)

static void open_context(void)
{
	static const struct seccomp_pin_rule rules[] = {
		{ SYS_openat, 1, SECCOMP_PIN_STRING, 4096, 0 },
		{ SYS_execve, 0, SECCOMP_PIN_STRING, 4096, 0 },
	};
	struct seccomp_pin_rules set = { (uintptr_t)rules, 2, 0 };
	struct seccomp_pin_attach attach = pin_attach_default();
	struct context *context = &self.contexts[self.opened];
	int err;

	if (self.opened == CONTEXTS)
		return;
	context->fd = open(SECCOMP_PIN_DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (context->fd < 0) {
		/* The module is not there, or going or coming. */
		ONE_OF(-errno, ENOENT, ENODEV, ENXIO);
		return;
	}
	attach.listener = self.listener;
	attach.arena = memfd_create("arena", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	HOLDS(attach.arena >= 0 && !ftruncate(attach.arena, ARENA));
	context->arena = mmap(NULL, ARENA, PROT_READ | PROT_WRITE, MAP_SHARED,
			      attach.arena, 0);
	HOLDS(context->arena != MAP_FAILED);
	HOLDS(!fcntl(attach.arena, F_ADD_SEALS, ARENA_SEALS));
	attach.windows_per_mm = 4;
	attach.completions = 16;
	attach.verdicts = 4;
	attach.flags = self.number % 3 ? 0 : SECCOMP_PIN_ATTACH_KILLABLE;
	err = pin_ioctl(context->fd, SECCOMP_PIN_ATTACH, &attach);
	close(attach.arena);
	/* The other supervisor has it, or our listener is closed. */
	ONE_OF(err, EBUSY, EINVAL);
	if (err) {
		close(context->fd);
		munmap(context->arena, ARENA);
		return;
	}
	HOLDS(!pin_ioctl(context->fd, SECCOMP_PIN_RULES, &set));
	self.opened++;
	self.now = context;
}

/* Where in the arena, and for FETCH, there is room: in the slot, or a larger one */
static uint64_t have_room(struct context *context, struct chance *chance,
			  const struct seccomp_pin_receive *r, uint32_t *offset)
{
	struct seccomp_pin_alloc alloc = {
		.id = r->id,
		.size = TEST_SLOT * (1 + chance_below(chance, 8)),
		.timeout = SECCOMP_PIN_MAX_TIMEOUT,
	};
	int err;

	*offset = 4096;
	if (!chance_hit(chance, 3))
		return r->slot_offset + 4096;
	err = pin_ioctl(context->fd, SECCOMP_PIN_ALLOC, &alloc);
	/* It has one, if it was left to us. */
	ONE_OF(err, ENOENT, ENOTTY, ENOBUFS, ESRCH, EINTR, EBUSY);
	if (err)
		return r->slot_offset + 4096;
	count(ALLOCATED);
	*offset = r->slot_size;
	return alloc.offset;
}

/* A string that the call is to run on is in its slot, or gets there. */
static bool have_string(struct context *context, struct chance *chance,
			const struct seccomp_pin_receive *r, unsigned int arg,
			struct seccomp_pin_redirect *redirect)
{
	struct seccomp_pin_fetch fetch = {
		.id = r->id,
		.address = r->data.args[arg],
		.kind = SECCOMP_PIN_STRING,
		.len = 4096,
		.timeout = SECCOMP_PIN_MAX_TIMEOUT,
	};
	uint64_t offset = r->slot_offset + r->copies[arg].offset, room;
	uint64_t len = r->copies[arg].len;
	char *string;
	int err;

	if (r->slot_error)
		return false;
	if (!len || chance_hit(chance, 4)) {
		room = have_room(context, chance, r, &fetch.offset);
		err = pin_ioctl(context->fd, SECCOMP_PIN_FETCH, &fetch);
		ONE_OF(err, ENOENT, ENOTTY);
		if (err)
			return false;
		count(FETCHED);
		offset = room;
		len = fetch.len;
	}
	string = (char *)context->arena + offset;
	if (!strcmp(string, "/dev/null") && chance_hit(chance, 2)) {
		memcpy(string, "/dev/zero", 9);
		count(SUBSTITUTED);
	}
	redirect->args_mask |= 1 << arg;
	redirect->ptr_mask = 1 << arg;
	redirect->arena_mask = 1 << arg;
	redirect->str_mask = 1 << arg;
	redirect->args[arg] = offset;
	redirect->ptr_len[arg] = len;
	return true;
}

static int redirect_call(struct context *context, struct chance *chance,
			 const struct seccomp_pin_receive *r)
{
	struct seccomp_pin_redirect redirect = { .id = r->id };
	unsigned int i, unused = r->data.nr == SYS_clone ? 5 : 3;
	int err;

	/* What the rules had copied, or what there is to be said without */
	if (chance_hit(chance, 4)) {
		redirect.flags = SECCOMP_PIN_COPIED;
		err = pin_ioctl(context->fd, SECCOMP_PIN_REDIRECT_SHORT,
				&redirect);
		if (err != -EFAULT && err != -EACCES && err != -EOPNOTSUPP) {
			ONE_OF(err, ENOENT, ENOTTY);
			if (!err)
				count(REDIRECTED);
			return err;
		}
		redirect.flags = 0;
	}
	for (i = unused; i < 6; i++) {
		redirect.args_mask |= 1 << i;
		redirect.args[i] = chance_draw(chance);
	}
	/* For its mm alone: with that it has to go. */
	if (r->data.nr == SYS_openat &&
	    have_string(context, chance, r, 1, &redirect) &&
	    r->copies[1].kind && chance_hit(chance, 4)) {
		redirect.flags = SECCOMP_PIN_REMEMBER;
		redirect.any_mask = 0x38;
	}
	if (r->data.nr == SYS_execve)
		have_string(context, chance, r, 0, &redirect);
	/*
	 * Whoever has been forked has no part in its parent's books, nor are there
	 * books of calls that nobody is asked about.
	 */
	if (!self.fork && !redirect.flags && chance_hit(chance, 2))
		redirect.flags = SECCOMP_PIN_COMPLETION;
	err = pin_ioctl(context->fd, SECCOMP_PIN_REDIRECT, &redirect);
	if (err == -ENOBUFS) {
		HOLDS(redirect.flags & SECCOMP_PIN_COMPLETION);
		redirect.flags = 0;
		err = pin_ioctl(context->fd, SECCOMP_PIN_REDIRECT, &redirect);
	}
	ONE_OF(err, ENOENT, ENOTTY);
	if (err)
		return err;
	count(REDIRECTED);
	if (redirect.flags & SECCOMP_PIN_COMPLETION)
		context->promised++;
	return 0;
}

static void release(struct context *context, uint64_t id)
{
	struct seccomp_pin_release release = { .id = id };

	ONE_OF(pin_ioctl(context->fd, SECCOMP_PIN_RELEASE, &release), ENOENT,
	       ENOTTY);
}

static int send_answer(struct context *context, uint64_t id, int error,
		       unsigned int flags)
{
	struct seccomp_notif_resp resp = {
		.id = id,
		.error = error,
		.flags = flags,
	};
	int err = pin_ioctl(self.listener, SECCOMP_IOCTL_NOTIF_SEND, &resp);

	ONE_OF(err, ENOENT, ENOTTY);
	/* The listener's answer is not one of those that hold the call. */
	if (!err)
		release(context, id);
	return err;
}

static void install(struct context *context, uint64_t id)
{
	struct seccomp_pin_install install = {
		.id = id,
		.length = 4096,
		.timeout = SECCOMP_PIN_MAX_TIMEOUT,
	};
	int err = pin_ioctl(context->fd, SECCOMP_PIN_INSTALL, &install);

	/* Signals are drawn as well. */
	ONE_OF(err, ENOENT, ENOTTY, ENOBUFS, ESRCH, EINTR);
	if (!err)
		count(INSTALLED);
}

static int answer(struct context *context, struct chance *chance,
		  const struct seccomp_pin_receive *r)
{
	int err;

	switch (chance_below(chance, 12)) {
	case 0:
		err = send_answer(context, r->id, -EAGAIN, 0);
		if (!err)
			count(DENIED);
		return err;
	case 1:
		err = send_answer(context, r->id, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
		if (!err)
			count(CONTINUED);
		return err;
	case 2:
		count(LOST);
		return -ENOTTY;
	case 3:
		install(context, r->id);
		break;
	}
	return redirect_call(context, chance, r);
}

/* Returns whether there was any. */
static bool read_completions(struct context *context)
{
	struct seccomp_pin_completion completions[4];
	ssize_t n = read(context->fd, completions, sizeof(completions));

	if (n <= 0) {
		/* Nothing at all from what the fd may have become */
		HOLDS(!n || errno == EAGAIN);
		return false;
	}
	for (; n >= (ssize_t)sizeof(*completions); n -= sizeof(*completions)) {
		count(COMPLETED);
		context->promised--;
	}
	return true;
}

/* One call: received, or adopted from whoever left it. False if there is none */
static bool serve(struct context *context, struct server *server)
{
	struct chance *chance = &server->chance;
	struct pollfd pollfd = { .fd = self.listener, .events = POLLIN };
	struct seccomp_pin_receive r = { 0 };
	int err;

	r.id = atomic_exchange(&self.lost, 0);
	if (r.id) {
		r.flags = SECCOMP_PIN_ADOPT;
		err = pin_ioctl(context->fd, SECCOMP_PIN_RECEIVE, &r);
		/* Of a later context, it may be answered by nobody yet. */
		ONE_OF(err, ENOENT, EINPROGRESS, EAGAIN, ENOTTY);
		if (err == -EAGAIN)
			self.lost = r.id;
		if (!err)
			count(ADOPTED);
	} else {
		if (!server->blocks || !chance_hit(chance, 8)) {
			r.flags = SECCOMP_PIN_NONBLOCK;
			poll(&pollfd, 1, 10);
		}
		err = pin_ioctl(context->fd, SECCOMP_PIN_RECEIVE, &r);
		ONE_OF(err, EAGAIN, EBADF, ESRCH, ENOTTY);
	}
	if (err)
		return false;
	err = answer(context, chance, &r);
	if (!err)
		return true;
	release(context, r.id);
	if (err == -ENOTTY)
		self.lost = r.id;
	return true;
}

static bool finished(void)
{
	return shared->over[self.number];
}

static void drop_verdicts(struct context *context)
{
	struct seccomp_pin_drop drop = { .flags = SECCOMP_PIN_DROP_ALL };
	int err = pin_ioctl(context->fd, SECCOMP_PIN_DROP, &drop);

	ONE_OF(err, ENOTTY);
	if (!err)
		count(DROPPED);
}

static void serve_while(struct server *server, unsigned int times)
{
	struct context *context;
	bool served;

	while (!finished() && times--) {
		context = self.now;
		if (!context) {
			poll(NULL, 0, 1);
			continue;
		}
		served = serve(context, server);
		if (!self.fork && chance_hit(&server->chance, 4))
			read_completions(context);
		/* More often, and there would be none for a call to be made by. */
		if (served && chance_hit(&server->chance, 16))
			drop_verdicts(context);
	}
}

static void *serve_thread(void *arg)
{
	serve_while(arg, UINT32_MAX);
	return NULL;
}

/* What a supervisor does to itself */
static void upset(struct server *server)
{
	struct context *context = self.now;
	void *cover;

	switch (chance_below(&server->chance, 40)) {
	case 0:
		self.now = NULL;
		drop_fd(context->fd);
		count(DEVICE_CLOSED);
		break;
	case 1:
		drop_fd(self.listener);
		count(LISTENER_CLOSED);
		break;
	case 2:
		/* Another thread may write there this moment. */
		cover = mmap(context->arena, ARENA, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
			     MAP_FIXED, -1, 0);
		HOLDS(cover == context->arena);
		count(ARENA_UNMAPPED);
		break;
	case 3:
		count(SUPERVISOR_FORKED);
		if (fork())
			break;
		self.fork = true;
		/* That is its parent's to adopt. */
		self.lost = 0;
		serve_while(server, 20);
		_exit(0);
	}
}

static bool empty(struct context *context)
{
	struct seccomp_pin_query query;

	HOLDS(!pin_ioctl(context->fd, SECCOMP_PIN_QUERY, &query));
	return !query.calls && !query.slots && !query.targets &&
	       !query.windows && !query.verdicts;
}

/* All that this context knew is over: nothing is left, nothing was lost. */
static void check_context(struct context *context)
{
	struct seccomp_pin_query query;

	AWAIT_HOLDS(empty(context));
	while (read_completions(context))
		;
	HOLDS(!pin_ioctl(context->fd, SECCOMP_PIN_QUERY, &query));
	shared->count[SERVED] += query.hits;
	HOLDS(!context->promised);
	count(CHECKED);
}

static void supervise(struct slot *slot, unsigned int who)
{
	struct server servers[THREADS];
	pthread_t threads[THREADS];
	unsigned int i;

	leave_parent(slot->target.listener);
	self.number = slot->number;
	self.listener = slot->target.listener;
	self.null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (i = 0; i < THREADS; i++) {
		chance_init(&servers[i].chance, seed, (who << 20) + i);
		servers[i].blocks = i > 0;
	}
	for (i = 1; i < THREADS; i++)
		HOLDS(!pthread_create(&threads[i], NULL, serve_thread,
				      &servers[i]));
	while (!finished()) {
		if (self.now)
			upset(&servers[0]);
		else
			open_context();
		serve_while(&servers[0], 1);
	}
	drop_fd(self.listener);
	for (i = 1; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	if (self.now)
		check_context(self.now);
	_exit(0);
}

/*
 * Who ends them
 */
static void start_supervisor(struct slot *slot, unsigned int i)
{
	unsigned int who = atomic_fetch_add(&actors, 1);

	if (slot->target.listener < 0)
		return;
	slot->supervisors[i] = fork();
	assert_true(slot->supervisors[i] >= 0);
	if (!slot->supervisors[i])
		supervise(slot, who);
}

static void start_target(struct slot *slot)
{
	unsigned int i;

	assert_true(targets < MAX_TARGETS);
	slot->number = targets++;
	assert_int_equal(target_start(&slot->target, NULL, traps, run_target,
				      (void *)(uintptr_t)slot->number), 0);
	for (i = 0; i < SUPERVISORS; i++)
		start_supervisor(slot, i);
}

static void close_listener(struct slot *slot)
{
	if (slot->target.listener < 0)
		return;
	close(slot->target.listener);
	slot->target.listener = -1;
}

/* Nobody is killed: supervisors look at what is left, and end. */
static void end_target(struct slot *slot)
{
	shared->over[slot->number] = true;
	close_listener(slot);
	memset(slot->supervisors, 0, sizeof(slot->supervisors));
	slot->target.pid = 0;
}

/* Those that have ended are not to be signalled, nor counted on. */
static void reap_some(void)
{
	unsigned int i, j;
	pid_t pid;

	while (reap(&pid) > 0) {
		for (i = 0; i < TARGETS; i++) {
			if (slots[i].target.pid == pid)
				slots[i].target.pid = 0;
			for (j = 0; j < SUPERVISORS; j++)
				if (slots[i].supervisors[j] == pid)
					slots[i].supervisors[j] = 0;
		}
	}
}

static void signal_process(pid_t pid, int sig, unsigned int what)
{
	if (!pid)
		return;
	assert_int_equal(kill(pid, sig), 0);
	count(what);
}

static bool try_unload(void)
{
	int err = module_unload();

	if (err) {
		assert_int_equal(err, -EWOULDBLOCK);
		count(UNLOAD_REFUSED);
		return false;
	}
	count(UNLOADED);
	return true;
}

static void event(struct chance *chance)
{
	struct slot *slot = &slots[chance_below(chance, TARGETS)];
	unsigned int i = chance_below(chance, SUPERVISORS);

	switch (chance_below(chance, 12)) {
	case 0:
		signal_process(slot->target.pid, SIGKILL, TARGET_KILLED);
		break;
	case 1:
		signal_process(slot->supervisors[i], SIGKILL,
			       SUPERVISOR_KILLED);
		break;
	case 2:
		close_listener(slot);
		count(LISTENER_CLOSED);
		break;
	case 3:
		end_target(slot);
		break;
	case 4:
		signal_process(slot->target.pid, SIGSTOP, STOPPED);
		signal_process(slot->target.pid, SIGCONT, STOPPED);
		break;
	case 5:
		if (try_unload())
			module_load();
		break;
	case 6:
	case 7:
		assert_int_equal(write(pipe_fds[1], "0123456789abcdef", 16),
				 16);
		break;
	default:
		signal_process(slot->target.pid, SIGURG, SIGNALLED);
	}
}

/*
 * As much happens between two events as there are calls, but not for ever. Where
 * something has not happened at all, things are given more time.
 */
static void pace(struct chance *chance, bool longer)
{
	unsigned int until = shared->count[CALLED] + chance_below(chance, 30);
	unsigned int most = (debug_kernel() ? 150 : 50) * (longer ? 4 : 1);
	uint64_t start = now_ms();

	while ((int)(until - shared->count[CALLED]) > 0 &&
	       now_ms() - start < most)
		poll(NULL, 0, 1);
}

static void replace_ended(void)
{
	unsigned int i, j;

	reap_some();
	for (i = 0; i < TARGETS; i++) {
		if (!slots[i].target.pid) {
			end_target(&slots[i]);
			start_target(&slots[i]);
		}
		for (j = 0; j < SUPERVISORS; j++)
			if (!slots[i].supervisors[j])
				start_supervisor(&slots[i], j);
	}
}

/*
 * All processes of a round have been told to end, or been killed, and do. On
 * odd rounds the module goes as soon as nothing of it is in use, while they
 * are at it; on even ones, nothing of it is in use when they are gone.
 */
static void end_round(unsigned int round)
{
	unsigned int i;

	for (i = 0; i < TARGETS; i++)
		end_target(&slots[i]);
	/* Whoever reads from it reads its end. */
	close(pipe_fds[1]);
	if (round % 2) {
		AWAIT(try_unload());
		reap_all();
	} else {
		reap_all();
		assert_int_equal(module_refs(), 0);
		assert_true(try_unload());
	}
	close(pipe_fds[0]);
	module_load();
}

static unsigned int missing(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < COUNTERS; i++)
		n += !shared->count[i];
	return n;
}

static void i7_any_order(void **state)
{
	unsigned int rounds = debug_kernel() ? 4 : 6, round, i;
	uint64_t start = now_ms();
	struct chance chance;

	(void)state;
	shared = shared_memory(sizeof(*shared));
	seed = chance_seed();
	chance_init(&chance, seed, UINT64_MAX);
	reap_orphans();
	/* What is rare may take longer. */
	for (round = 0; round < rounds ||
	     (missing() && now_ms() - start < 5 * TIME_LIMIT_MS); round++) {
		assert_int_equal(pipe(pipe_fds), 0);
		for (i = 0; i < TARGETS; i++)
			start_target(&slots[i]);
		for (i = 0; i < EVENTS; i++) {
			pace(&chance, round >= rounds);
			event(&chance);
			replace_ended();
		}
		end_round(round);
	}
}

/* The above was what it says. */
static void chaos_was_complete(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < COUNTERS; i++)
		printf("# %8u %s\n", shared->count[i], names[i]);
	assert_int_equal(missing(), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(i7_any_order),
		cmocka_unit_test(chaos_was_complete),
	};

	if (argc > 1 && !strcmp(argv[1], "executed"))
		return run_executed();
	return run_group(tests);
}
