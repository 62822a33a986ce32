// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Running a program under a filter, and getting the filter's listener.
 *
 * From the moment that the filter is there, the child may not be able to make a
 * single syscall before its listener is served; so it cannot send the listener to
 * anyone. A third process does: the courier. It is made first, makes the child
 * with CLONE_FILES, which gives both the same file descriptors, and with
 * CLONE_PARENT, so that the child is this process's; and it has no filter. All
 * that the child does with the filter on is to store the listener's number in
 * shared memory, and execve, which parts it from the courier's file descriptors.
 * This takes no right to attach to the child, which pidfd_getfd() would.
 *
 * Nothing wakes this process when the number is stored: the child has no syscall
 * left for that. It looks at the memory, at growing intervals, in which it
 * waits for the child's end.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "private.h"
#include "spawn.h"

/* libseccomp 2.6; older ones know no such attribute, and say so. */
#define ATTR_WAITKILL	((enum scmp_filter_attr)10)

#define DEFAULT_PATH	"/bin:/usr/bin"

#define FIRST_INTERVAL	20000L		/* nanoseconds */
#define LAST_INTERVAL	10000000L

struct pinredir_child {
	struct spawn_shared *shared;
	pid_t pid;
	int pidfd;
	int listener;
	bool ended;
	int status;
};

/* The child has a filter, or never will. */
static int child_await(struct pinredir_child *child)
{
	struct pollfd pollfd = { .fd = child->pidfd, .events = POLLIN };
	struct timespec interval = { .tv_nsec = FIRST_INTERVAL };
	bool ended = false;

	for (;;) {
		if (told(&child->shared->listener))
			return 0;
		if (told(&child->shared->error))
			return told(&child->shared->error);
		/* Whatever it has told, it has told before. */
		if (ended)
			return -ESRCH;
		ended = ppoll(&pollfd, 1, &interval, NULL) == 1;
		if (interval.tv_nsec < LAST_INTERVAL)
			interval.tv_nsec *= 2;
	}
}

/* Wait for a message of the courier's, or its end: it may be killed. */
static void courier_await(int socket, int courier)
{
	struct pollfd pollfds[] = {
		{ .fd = socket, .events = POLLIN },
		{ .fd = courier, .events = POLLIN },
	};

	while (poll(pollfds, 2, -1) < 0 && errno == EINTR)
		;
}

/*
 * Learn of the child, and have the courier send its listener. The socket does not
 * block: while there is a child, it may hold the other end without the courier.
 */
static int child_meet(struct pinredir_child *child, int socket, int courier)
{
	const struct spawn_shared *shared = child->shared;
	char byte = 0;
	int err;

	courier_await(socket, courier);
	/* Without it there can be a child, whose error is still to come. */
	(void)!recv(socket, &byte, 1, 0);
	child->pid = told(&shared->pid);
	if (child->pid <= 0)
		return child->pid ? child->pid : -ESRCH;
	child->pidfd = syscall(SYS_pidfd_open, child->pid, 0);
	if (child->pidfd < 0) {
		/* It can be gone where SIGCHLD is ignored. */
		err = -errno;
		return told(&shared->error) ? told(&shared->error) : err;
	}
	err = child_await(child);
	if (err)
		return err;
	if (send(socket, &byte, 1, MSG_NOSIGNAL) != 1)
		return -ESRCH;
	courier_await(socket, courier);
	do {
		child->listener = pinredir_recv_listener(socket);
	} while (child->listener == -EINTR);
	if (child->listener == -EPIPE || child->listener == -EAGAIN)
		return -ESRCH;
	return child->listener < 0 ? child->listener : 0;
}

/*
 * As waitpid(): 0, -EAGAIN, or -errno. By the pidfd: if somebody else has waited for the
 * process, its number may be another child's. __WALL: the courier ends without SIGCHLD.
 */
static int reap(int pidfd, int *status, int options)
{
	siginfo_t info = { .si_pid = 0 };

	if (waitid(P_PIDFD, pidfd, &info, WEXITED | __WALL | options))
		return -errno;
	if (!info.si_pid)
		return -EAGAIN;
	*status = info.si_code == CLD_EXITED ? W_EXITCODE(info.si_status, 0) :
		  info.si_code == CLD_DUMPED ? info.si_status | WCOREFLAG :
					       info.si_status;
	return 0;
}

static void kill_and_reap(int pidfd)
{
	int status;

	syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	while (reap(pidfd, &status, 0) == -EINTR)
		;
}

/* There may be no descriptor for a pidfd. Nobody knows of the process, to wait for it. */
static void kill_by_number(pid_t pid)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
		;
}

static struct pinredir_child *child_alloc(void)
{
	struct pinredir_child *child = calloc(1, sizeof(*child));

	if (!child)
		return NULL;
	child->pidfd = -1;
	child->listener = -1;
	child->shared = mmap(NULL, sizeof(*child->shared),
			     PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			     -1, 0);
	if (child->shared == MAP_FAILED) {
		free(child);
		return NULL;
	}
	return child;
}

/* A copy of what is to be kept, in order, with room for one more */
static int sorted_keep(const struct pinredir_spawn *how, int **out)
{
	int *keep = calloc(how->keep_count + 1, sizeof(*keep));
	size_t i;

	if (!keep)
		return -ENOMEM;
	for (i = 0; i < how->keep_count; i++) {
		if (fcntl(how->keep_fds[i], F_GETFD) < 0) {
			free(keep);
			return -EBADF;
		}
		pinredir_sorted_add(keep, i, how->keep_fds[i]);
	}
	*out = keep;
	return 0;
}

/* No handler of this process's runs in the copies of it. */
static pid_t courier_start(struct spawn_plan *plan, int *keep, int socket,
			   int *pidfd)
{
	sigset_t all;
	pid_t courier;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &plan->mask);
	/* Without a signal at its end: it is nobody's affair. */
	courier = syscall(SYS_clone, CLONE_PIDFD, 0, pidfd, 0, 0);
	if (!courier)
		pinredir_courier_main(plan, keep, socket);
	if (courier < 0)
		courier = -errno;
	pthread_sigmask(SIG_SETMASK, &plan->mask, NULL);
	return courier;
}

/*
 * Who may not be attached to by us could not be answered. A child of a process
 * that has CAP_SYS_PTRACE is better left as it is: setup() may make it another
 * user's, and it has this process's memory.
 */
static bool spawn_make_dumpable(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 1)
		return false;
	return syscall(SYS_capget, &header, data) ||
	       !(data[0].effective & 1U << CAP_SYS_PTRACE);
}

int pinredir_spawn_plan(struct pinredir_child **out, struct spawn_plan *plan)
{
	struct pinredir_child *child;
	int err, sockets[2], *keep, pidfd;
	pid_t courier;

	err = sorted_keep(plan->how, &keep);
	if (err)
		return err;
	child = child_alloc();
	if (!child) {
		err = -ENOMEM;
		goto out_keep;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets)) {
		err = -errno;
		goto out_child;
	}
	plan->shared = child->shared;
	plan->make_dumpable = spawn_make_dumpable();
	plan->flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	fcntl(sockets[0], F_SETFL, O_NONBLOCK);
	courier = courier_start(plan, keep, sockets[1], &pidfd);
	close(sockets[1]);
	err = courier < 0 ? courier : child_meet(child, sockets[0], pidfd);
	close(sockets[0]);
	/*
	 * The courier has done its work, or there is none. It would not notice that its
	 * socket is closed: it can hold the other end itself, if that is one of the
	 * descriptors that it leaves alone (0 to 2), and so can a process that another
	 * thread has forked meanwhile.
	 */
	if (courier > 0) {
		kill_and_reap(pidfd);
		close(pidfd);
	}
	if (err && child->pidfd >= 0)
		kill_and_reap(child->pidfd);
	else if (err && child->pid > 0)
		kill_by_number(child->pid);

out_child:
	if (err)
		pinredir_child_free(child);
	else
		*out = child;
out_keep:
	free(keep);
	return err;
}

static bool filter_notifies(const struct sock_fprog *prog)
{
	unsigned int i;

	for (i = 0; i < prog->len; i++)
		if (prog->filter[i].code == (BPF_RET | BPF_K) &&
		    (prog->filter[i].k & SECCOMP_RET_ACTION_FULL) ==
		    SECCOMP_RET_USER_NOTIF)
			return true;
	return false;
}

/* libseccomp before 2.6 exports to a file only. */
static int filter_read(int fd, struct sock_fprog *prog)
{
	struct stat st;
	int err = 0;

	if (fstat(fd, &st))
		return -errno;
	if (!st.st_size || st.st_size / sizeof(*prog->filter) > BPF_MAXINSNS)
		return -EINVAL;
	prog->len = st.st_size / sizeof(*prog->filter);
	prog->filter = malloc(st.st_size);
	if (!prog->filter)
		return -ENOMEM;
	if (pread(fd, prog->filter, st.st_size, 0) != st.st_size)
		err = -EIO;
	else if (!filter_notifies(prog))
		err = -EINVAL;
	if (err)
		free(prog->filter);
	return err;
}

static int filter_export(scmp_filter_ctx filter, struct sock_fprog *prog)
{
	int err, fd = memfd_create("filter", MFD_CLOEXEC);

	if (fd < 0)
		return -errno;
	err = seccomp_export_bpf(filter, fd);
	if (!err)
		err = filter_read(fd, prog);
	close(fd);
	return err;
}

/* Unknown calls fail before the filter has its say. */
static int filter_known_only(struct sock_fprog *prog)
{
	/* Its last instruction lets through what the filter is to judge. */
	size_t more = pinredir_known_filter(NULL, 0) - 1;
	struct sock_filter *filter;

	if (prog->len + more > BPF_MAXINSNS)
		return -EINVAL;
	filter = reallocarray(prog->filter, prog->len + more, sizeof(*filter));
	if (!filter)
		return -ENOMEM;
	memmove(filter + more, filter, prog->len * sizeof(*filter));
	pinredir_known_filter(filter, more);
	prog->filter = filter;
	prog->len += more;
	return 0;
}

static bool filter_attr(scmp_filter_ctx filter, enum scmp_filter_attr attr)
{
	uint32_t value = 0;

	return !seccomp_attr_get(filter, attr, &value) && value;
}

/* What seccomp_load() would do, but for TSYNC: there is one thread. */
static void filter_attrs(scmp_filter_ctx filter, struct spawn_plan *plan)
{
	plan->no_new_privs = filter_attr(filter, SCMP_FLTATR_CTL_NNP);
	if (filter_attr(filter, SCMP_FLTATR_CTL_LOG))
		plan->flags |= SECCOMP_FILTER_FLAG_LOG;
	if (filter_attr(filter, SCMP_FLTATR_CTL_SSB))
		plan->flags |= SECCOMP_FILTER_FLAG_SPEC_ALLOW;
	if (filter_attr(filter, ATTR_WAITKILL) ||
	    !(plan->how->flags & PINREDIR_INTERRUPTIBLE))
		plan->flags |= SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
}

int pinredir_spawn(struct pinredir_child **child, scmp_filter_ctx filter,
		   const struct pinredir_spawn *how)
{
	struct spawn_plan plan = { 0 };
	struct pinredir_spawn h;
	int err;

	if (!how)
		return -EINVAL;
	err = pinredir_sized_in(&h, sizeof(h), how, how->size,
				SIZE_TO(struct pinredir_spawn, setup_data));
	if (err)
		return err;
	if (h.flags & ~(PINREDIR_INTERRUPTIBLE | PINREDIR_KNOWN_ONLY) || h.reserved ||
	    !h.argv || !h.argv[0] ||
	    (h.keep_count && !h.keep_fds))
		return -EINVAL;
	if (!h.file)
		h.file = h.argv[0];
	if (!*h.file)
		return -ENOENT;
	plan.how = &h;
	plan.envp = h.envp ? h.envp : environ;
	if (!strchr(h.file, '/')) {
		plan.search = getenv("PATH");
		if (!plan.search)
			plan.search = DEFAULT_PATH;
	}
	err = filter_export(filter, &plan.prog);
	if (err)
		return err;
	filter_attrs(filter, &plan);
	if (h.flags & PINREDIR_KNOWN_ONLY)
		err = filter_known_only(&plan.prog);
	if (!err)
		err = pinredir_spawn_plan(child, &plan);
	free(plan.prog.filter);
	return err;
}

int pinredir_child_listener(const struct pinredir_child *child)
{
	return child->listener;
}

int pinredir_child_pid(const struct pinredir_child *child)
{
	return child->pid;
}

int pinredir_child_pidfd(const struct pinredir_child *child)
{
	return child->pidfd;
}

int pinredir_child_wait(struct pinredir_child *child, int *status,
			unsigned int flags)
{
	int options = flags & PINREDIR_NONBLOCK ? WNOHANG : 0, err;

	if (flags & ~PINREDIR_NONBLOCK)
		return -EINVAL;
	if (!child->ended) {
		/* Its exit_group may be waiting for an answer. */
		if (told(&child->shared->exec_error)) {
			syscall(SYS_pidfd_send_signal, child->pidfd, SIGKILL,
				NULL, 0);
			options = 0;
		}
		err = reap(child->pidfd, &child->status, options);
		if (err)
			return err;
		child->ended = true;
	}
	if (told(&child->shared->exec_error))
		return told(&child->shared->exec_error);
	if (status)
		*status = child->status;
	return 0;
}

/* Whatever it is at, it is over. */
void pinredir_child_end(struct pinredir_child *child)
{
	kill_and_reap(child->pidfd);
	pinredir_child_free(child);
}

void pinredir_child_free(struct pinredir_child *child)
{
	if (!child)
		return;
	if (child->listener >= 0)
		close(child->listener);
	if (child->pidfd >= 0)
		close(child->pidfd);
	munmap(child->shared, sizeof(*child->shared));
	free(child);
}
