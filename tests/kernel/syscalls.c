// SPDX-License-Identifier: GPL-2.0-only
/*
 * I1: a test for each row of the table of syscalls. A call that reads memory is made
 * three times: as it is; on memory full of garbage, which has to have another result,
 * or the test would see nothing; and supervised, with pinredir_pin_all(), where the
 * garbage comes when the supervisor has pinned it. That has to have the first result.
 * A call that cannot be pinned is refused, and does nothing.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/aio_abi.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <mqueue.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

#include <pinredir.h>

#include "pin.h"

/* Newer than the headers that this is built with */
#define NR_cachestat	451
#define NR_fchmodat2	452
#define NR_statmount	457
#define NR_listmount	458

#define ATTRIBUTED	"/sys/kernel"	/* it has extended attributes */
#define GARBAGE		0xa5

/**
 * struct work - a call, shared by the test and who makes it
 * @nr: which
 * @variant: of that, from 0
 * @by_number: it is trapped by its number, not by a mark: it has six arguments; or a
 *	signal comes in it, and rt_sigreturn() would be marked as well
 * @garbage: it is to be made on garbage
 * @go: it may be made
 * @normal: what it returns is a descriptor, or a pid: whether it does is the result
 * @ret: what it has returned
 * @effect: what else came of it
 * @args: of the call
 * @fd: what it is made on
 * @other: and where its effect shows
 * @out_len: of what is in @out, that is an effect
 * @filters: how many there are that see the call
 * @used: of @in
 * @in: what it reads
 * @out: what it writes
 * @source: what stays as it is
 */
struct work {
	long nr;
	int variant;
	bool by_number;
	bool garbage;
	volatile int go;
	bool normal;
	long ret;
	uint64_t effect;
	uint64_t args[6];
	int fd;
	int other;
	size_t out_len;
	int filters;
	size_t used;
	char in[8192] __attribute__((aligned(16)));
	char out[8192] __attribute__((aligned(16)));
	char source[64];
};

static struct work *w;

/*
 * What the kernels here are built without. The trial is made all the same, and has
 * to say that there is no such call: otherwise this list is not true any more.
 */
static const char *const absent[] = {
	"acct", "add_key", "fanotify_mark", "kexec_file_load",
	"keyctl", "landlock_add_rule", "landlock_create_ruleset",
	"quotactl", "quotactl_fd", "request_key", "uselib", NULL
};

/* The same, of the kernels without CONFIG_NUMA */
static const char *const absent_without_nodes[] = {
	"mbind", "migrate_pages", "move_pages", "set_mempolicy", NULL
};

/*
 * What fails, or succeeds, whatever its memory says, here: magic numbers that are not
 * right, for a restart; no module; nobody to be traced; nothing to wait for.
 */
static const char *const blind[] = {
	"delete_module", "finit_module", "init_module", "io_getevents",
	"lsm_set_self_attr", "ptrace", "reboot", NULL
};

static bool listed(const char *const *list, const char *name)
{
	for (; *list; list++)
		if (!strcmp(*list, name))
			return true;
	return false;
}

/* Put something into the memory that the call reads: its address */
static uint64_t put(const void *bytes, size_t len)
{
	char *at = w->in + w->used;

	REQUIRE(w->used + len <= sizeof(w->in) / 2);
	memcpy(at, bytes, len);
	w->used += (len + 15) & ~15UL;
	return (uintptr_t)at;
}

#define P(string)	put(string, strlen(string) + 1)
#define V(type, ...)	put(&(type){ __VA_ARGS__ }, sizeof(type))
#define ARRAY(type, ...) put((type[]){ __VA_ARGS__ }, \
			     sizeof((type[]){ __VA_ARGS__ }))
#define POINTER(address) ((void *)(uintptr_t)(address))
#define OUT		((uintptr_t)w->out)
#define ARGS(...)	memcpy(w->args, ((uint64_t[6]){ __VA_ARGS__ }), \
			       sizeof(w->args))
#define CWD		((uint64_t)AT_FDCWD)

static volatile sig_atomic_t first_signal;

static void on_signal(int signal)
{
	if (!first_signal)
		first_signal = signal;
}

/*
 * Two signals wait, blocked: which comes first depends on the set that the call
 * blocks instead. Garbage has SIGALRM in it, but not SIGUSR1.
 */
static void two_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t set;

	sigfillset(&action.sa_mask);
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGALRM, &action, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	raise(SIGALRM);
}

static uint64_t usr1_blocked(void)
{
	return V(uint64_t, 1ULL << (SIGUSR1 - 1));
}

/* A signal that is queued, with a value */
static uint64_t queued(void)
{
	siginfo_t info = { .si_signo = SIGUSR1, .si_code = SI_QUEUE };
	sigset_t set;

	info.si_value.sival_int = 77;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return put(&info, sizeof(info));
}

static int open_file(void)
{
	w->fd = open("file", O_RDWR);
	return w->fd;
}

static uint64_t iovec_of(uint64_t base, size_t len)
{
	struct iovec iov = { POINTER(base), len };

	return put(&iov, sizeof(iov));
}

/* A socket at "sock", and one to send from */
static void make_sockets(void)
{
	struct sockaddr_un un = { AF_UNIX, "sock" };

	w->other = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	w->fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	REQUIRE(bind(w->other, (struct sockaddr *)&un, sizeof(un)) == 0);
}

static uint64_t address_of(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	strcpy(un.sun_path, path);
	return put(&un, sizeof(un));
}

static uint64_t message_to(const char *path)
{
	struct msghdr header = {
		.msg_name = POINTER(address_of(path)),
		.msg_namelen = sizeof(struct sockaddr_un),
		.msg_iovlen = 1,
	};

	header.msg_iov = POINTER(iovec_of(P("message"), 8));
	return put(&header, sizeof(header));
}

static uint64_t filter_all(void)
{
	struct sock_fprog prog = { .len = 1 };

	prog.filter = POINTER(V(struct sock_filter, .code = BPF_RET | BPF_K,
				.k = SECCOMP_RET_ALLOW));
	return put(&prog, sizeof(prog));
}

static uint64_t strings(const char *a, const char *b, const char *c)
{
	char *vector[4] = { POINTER(P(a)) };

	if (b)
		vector[1] = POINTER(P(b));
	if (c)
		vector[2] = POINTER(P(c));
	return put(vector, sizeof(vector));
}

static int make_queue(void)
{
	struct mq_attr attr = { .mq_maxmsg = 2, .mq_msgsize = 16 };

	w->fd = mq_open("/queue", O_RDWR | O_CREAT | O_NONBLOCK, 0600, &attr);
	REQUIRE(w->fd >= 0);
	return w->fd;
}

static void mount_dir(void)
{
	REQUIRE(mount("none", "dir", "tmpfs", 0, NULL) == 0);
}

static uint64_t soon(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return V(struct timespec, time.tv_sec + 5, 0);
}

/* What is behind a seccomp_data's back: capabilities, all but one */
static void capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	REQUIRE(syscall(SYS_capget, &header, data) == 0);
	data[0].effective &= ~(1U << CAP_SYS_BOOT);
	ARGS(put(&header, sizeof(header)), put(data, sizeof(data)));
}

static void make_handle(void)
{
	struct {
		struct file_handle handle;
		char bytes[128];
	} handle = { .handle.handle_bytes = 128 };
	int id;

	REQUIRE(name_to_handle_at(AT_FDCWD, "file", &handle.handle,
					   &id, 0) == 0);
	w->normal = true;
	ARGS(open(".", O_RDONLY), put(&handle, sizeof(handle)), O_RDONLY);
}

static uint64_t make_context(void)
{
	aio_context_t context = 0;

	REQUIRE(syscall(SYS_io_setup, 4, &context) == 0);
	return context;
}

static void make_timer(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_NONE };

	REQUIRE(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event,
				 &w->other) == 0);
}

/* Calls of paths; false if this is none of them */
static bool prepare_paths(void)
{
	switch (w->nr) {
	case SYS_access: ARGS(P("file"), F_OK); break;
	case SYS_faccessat: ARGS(CWD, P("file"), F_OK); break;
	case SYS_faccessat2: ARGS(CWD, P("file"), F_OK, 0); break;
	case SYS_acct: ARGS(P("file")); break;
	case SYS_chdir: ARGS(P("dir")); break;
	case SYS_chroot: ARGS(P("dir")); break;
	case SYS_chmod: ARGS(P("file"), 0604); break;
	case SYS_fchmodat: ARGS(CWD, P("file"), 0604); break;
	case NR_fchmodat2: ARGS(CWD, P("file"), 0604, 0); break;
	case SYS_chown: ARGS(P("file"), 7, 8); break;
	case SYS_lchown: ARGS(P("file"), 7, 8); break;
	case SYS_fchownat: ARGS(CWD, P("file"), 7, 8, 0); break;
	case SYS_creat: w->normal = true; ARGS(P("new"), 0604); break;
	case SYS_open: w->normal = true; ARGS(P("file"), O_RDWR); break;
	case SYS_openat: w->normal = true; ARGS(CWD, P("file"), O_RDWR); break;
	case SYS_openat2:
		w->normal = true;
		ARGS(CWD, P("file"), V(struct open_how, .flags = O_TRUNC |
				       O_RDWR), sizeof(struct open_how));
		break;
	case SYS_link: ARGS(P("file"), P("new")); break;
	case SYS_linkat: ARGS(CWD, P("file"), CWD, P("new"), 0); break;
	case SYS_symlink: ARGS(P("to"), P("new")); break;
	case SYS_symlinkat: ARGS(P("to"), CWD, P("new")); break;
	case SYS_mkdir: ARGS(P("new"), 0705); break;
	case SYS_mkdirat: ARGS(CWD, P("new"), 0705); break;
	case SYS_mknod: ARGS(P("new"), S_IFIFO | 0604, 0); break;
	case SYS_mknodat: ARGS(CWD, P("new"), S_IFIFO | 0604, 0); break;
	case SYS_readlink: w->out_len = 4; ARGS(P("link"), OUT, 64); break;
	case SYS_readlinkat:
		w->out_len = 4;
		ARGS(CWD, P("link"), OUT, 64);
		break;
	case SYS_rename: ARGS(P("file"), P("new")); break;
	case SYS_renameat: ARGS(CWD, P("file"), CWD, P("new")); break;
	case SYS_renameat2: ARGS(CWD, P("file"), CWD, P("new"), 0); break;
	case SYS_rmdir: ARGS(P("dir")); break;
	case SYS_unlink: ARGS(P("file")); break;
	case SYS_unlinkat: ARGS(CWD, P("file"), 0); break;
	case SYS_truncate: ARGS(P("file"), 3); break;
	case SYS_stat: ARGS(P("file"), OUT); break;
	case SYS_lstat: ARGS(P("file"), OUT); break;
	case SYS_newfstatat: ARGS(CWD, P("file"), OUT, 0); break;
	case SYS_statx: ARGS(CWD, P("file"), 0, 0, OUT); break;
	case SYS_statfs: ARGS(P("file"), OUT); break;
	case SYS_uselib: ARGS(P("file")); break;
	case SYS_utime: ARGS(P("file"), V(struct utimbuf, 11, 12)); break;
	case SYS_utimes:
		ARGS(P("file"), ARRAY(struct timeval, { 11, 0 }, { 12, 0 }));
		break;
	case SYS_futimesat:
		ARGS(CWD, P("file"),
		     ARRAY(struct timeval, { 11, 0 }, { 12, 0 }));
		break;
	case SYS_utimensat:
		ARGS(CWD, P("file"),
		     ARRAY(struct timespec, { 11, 0 }, { 12, 0 }), 0);
		break;
	case SYS_swapon: ARGS(P("file"), 0); break;
	case SYS_swapoff: ARGS(P("file")); break;
	case SYS_inotify_add_watch:
		ARGS(syscall(SYS_inotify_init1, 0), P("file"), 2);
		break;
	case SYS_fanotify_mark:
		ARGS(syscall(SYS_fanotify_init, 0, 0), 1, 2, CWD, P("file"));
		break;
	case SYS_execve:
		ARGS(P("/bin/sh"), strings("sh", "-c", "exit $N"),
		     strings("N=7", NULL, NULL));
		break;
	case SYS_execveat:
		ARGS(CWD, P("/bin/sh"), strings("sh", "-c", "exit $N"),
		     strings("N=7", NULL, NULL), 0);
		break;
	default:
		return false;
	}
	return true;
}

static bool prepare_mounts(void)
{
	switch (w->nr) {
	case SYS_mount:
		ARGS(P("none"), P("dir"), P("tmpfs"), 0, P("size=8k"));
		break;
	case SYS_umount2: mount_dir(); ARGS(P("dir"), 0); break;
	case SYS_pivot_root: mount_dir(); ARGS(P("dir"), P("dir")); break;
	case SYS_open_tree:
		w->normal = true;
		ARGS(CWD, P("dir"), OPEN_TREE_CLONE);
		break;
	case SYS_move_mount:
		mount_dir();
		w->fd = syscall(SYS_open_tree, AT_FDCWD, "dir",
				OPEN_TREE_CLONE);
		ARGS(w->fd, P(""), CWD, P("dir"), MOVE_MOUNT_F_EMPTY_PATH);
		break;
	case SYS_fsopen: w->normal = true; ARGS(P("tmpfs"), 0); break;
	case SYS_fspick:
		mount_dir();
		w->normal = true;
		ARGS(CWD, P("dir"), 0);
		break;
	case SYS_mount_setattr:
		mount_dir();
		ARGS(CWD, P("dir"), 0,
		     V(struct mount_attr, .attr_set = MOUNT_ATTR_RDONLY),
		     sizeof(struct mount_attr));
		break;
	case SYS_fsconfig:
		w->fd = syscall(SYS_fsopen, "tmpfs", 0);
		ARGS(w->fd, FSCONFIG_SET_STRING, P("size"), P("8k"), 0);
		break;
	case SYS_quotactl: ARGS(0x800007 << 8, P("none"), 0, OUT); break;
	case SYS_quotactl_fd:
		ARGS(open_file(), 0x800008 << 8, 0, V(struct timespec, 0));
		break;
	case NR_statmount:
		ARGS(ARRAY(uint64_t, 24, 1ULL << 40, 1), OUT, 64, 0);
		break;
	case NR_listmount:
		w->normal = true;
		ARGS(ARRAY(uint64_t, 24, UINT64_MAX, 0), OUT, 64, 0);
		break;
	case SYS_sysfs: ARGS(1, P("tmpfs")); break;
	case SYS_setxattr:
	case SYS_lsetxattr:
		ARGS(P(ATTRIBUTED), P("trusted.trial"), P("value"), 5, 0);
		break;
	case SYS_fsetxattr:
		ARGS(open(ATTRIBUTED, O_RDONLY), P("trusted.trial"), P("value"),
		     5, 0);
		break;
	case SYS_getxattr:
	case SYS_lgetxattr:
		setxattr(ATTRIBUTED, "trusted.trial", "got", 3, 0);
		w->out_len = 3;
		ARGS(P(ATTRIBUTED), P("trusted.trial"), OUT, 64);
		break;
	case SYS_fgetxattr:
		setxattr(ATTRIBUTED, "trusted.trial", "got", 3, 0);
		w->out_len = 3;
		ARGS(open(ATTRIBUTED, O_RDONLY), P("trusted.trial"), OUT, 64);
		break;
	case SYS_listxattr:
	case SYS_llistxattr:
		setxattr(ATTRIBUTED, "trusted.trial", "got", 3, 0);
		ARGS(P(ATTRIBUTED), OUT, 64);
		break;
	case SYS_removexattr:
	case SYS_lremovexattr:
		setxattr(ATTRIBUTED, "trusted.trial", "got", 3, 0);
		ARGS(P(ATTRIBUTED), P("trusted.trial"));
		break;
	case SYS_fremovexattr:
		setxattr(ATTRIBUTED, "trusted.trial", "got", 3, 0);
		ARGS(open(ATTRIBUTED, O_RDONLY), P("trusted.trial"));
		break;
	case SYS_open_by_handle_at: make_handle(); break;
	case SYS_name_to_handle_at:
		ARGS(CWD, P("file"), 0, OUT, 0);
		break;
	default:
		return false;
	}
	return true;
}

static bool prepare_files(void)
{
	switch (w->nr) {
	case SYS_write: ARGS(open_file(), P("written"), 7); break;
	case SYS_pwrite64: ARGS(open_file(), P("written"), 7, 2); break;
	case SYS_writev:
		ARGS(open_file(), iovec_of(P("written"), 7), 1);
		break;
	case SYS_pwritev:
	case SYS_pwritev2:
		ARGS(open_file(), iovec_of(P("written"), 7), 1, 2, 0, 0);
		break;
	case SYS_readv:
		w->out_len = 7;
		ARGS(open_file(), iovec_of(OUT, 7), 1);
		break;
	case SYS_preadv:
	case SYS_preadv2:
		w->out_len = 5;
		ARGS(open_file(), iovec_of(OUT, 5), 1, 2, 0, 0);
		break;
	case SYS_process_vm_readv:
		w->out_len = 6;
		ARGS(getpid(), iovec_of(OUT, 6), 1,
		     iovec_of((uintptr_t)w->source, 6), 1, 0);
		break;
	case SYS_process_vm_writev:
		w->out_len = 7;
		ARGS(getpid(), iovec_of(P("written"), 7), 1, iovec_of(OUT, 7),
		     1, 0);
		break;
	case SYS_process_madvise:
		ARGS(syscall(SYS_pidfd_open, getpid(), 0),
		     iovec_of(OUT & ~4095UL, 4096), 1, MADV_COLD, 0);
		break;
	case SYS_epoll_ctl:
		w->other = epoll_create1(0);
		ARGS(w->other, EPOLL_CTL_ADD, syscall(SYS_eventfd, 1),
		     V(struct epoll_event, EPOLLIN, .data.u32 = 77));
		break;
	case SYS_fcntl:
		if (w->variant == 0)
			ARGS(open_file(), F_SETLK,
			     V(struct flock, .l_type = F_RDLCK));
		else if (w->variant == 1)
			ARGS(open_file(), F_SETOWN_EX,
			     V(struct f_owner_ex, F_OWNER_PID, getpid()));
		else
			ARGS(open_file(), F_SET_RW_HINT, V(uint64_t, 2));
		break;
	case SYS_memfd_create: w->normal = true; ARGS(P("name"), 0); break;
	case SYS_signalfd:
	case SYS_signalfd4:
		w->normal = true;
		ARGS(-1UL, V(uint64_t, 0x1200), 8, 0);
		break;
	case NR_cachestat:
		w->out_len = 8;
		ARGS(open_file(), ARRAY(uint64_t, 0, 0), OUT, 0);
		break;
	case SYS_io_getevents:
		ARGS(make_context(), 0, 1, OUT,
		     V(struct timespec, 0, 1));
		break;
	case SYS_io_pgetevents:
		ARGS(make_context(), 0, 1, OUT,
		     V(struct timespec, 0, 1),
		     ARRAY(uint64_t, usr1_blocked(), 8));
		break;
	case SYS_init_module: ARGS(P("module"), 7, P("a=b")); break;
	case SYS_finit_module: ARGS(open_file(), P("a=b"), 0); break;
	case SYS_delete_module: ARGS(P("no_such"), 0); break;
	case SYS_kexec_file_load: ARGS(-1UL, -1UL, 2, P("a"), 0); break;
	default:
		return false;
	}
	return true;
}

static bool prepare_sockets(void)
{
	switch (w->nr) {
	case SYS_bind:
		w->fd = socket(AF_UNIX, SOCK_DGRAM, 0);
		ARGS(w->fd, address_of("new"), sizeof(struct sockaddr_un));
		break;
	case SYS_connect:
		make_sockets();
		ARGS(w->fd, address_of("sock"), sizeof(struct sockaddr_un));
		break;
	case SYS_sendto:
		make_sockets();
		ARGS(w->fd, P("message"), 8, 0, address_of("sock"),
		     sizeof(struct sockaddr_un));
		break;
	case SYS_sendmsg:
		make_sockets();
		ARGS(w->fd, message_to("sock"), 0);
		break;
	case SYS_setsockopt:
		make_sockets();
		if (w->variant)
			ARGS(w->other, SOL_SOCKET, SO_ATTACH_FILTER,
			     filter_all(), sizeof(struct sock_fprog));
		else
			ARGS(w->other, SOL_SOCKET, SO_RCVBUF, V(int, 8192), 4);
		break;
	case SYS_mq_open:
		w->normal = true;
		ARGS(P("new"), O_RDWR | O_CREAT, 0604,
		     V(struct mq_attr, .mq_maxmsg = 3, .mq_msgsize = 16));
		break;
	case SYS_mq_unlink: make_queue(); ARGS(P("queue")); break;
	case SYS_mq_timedsend:
		ARGS(make_queue(), P("message"), 8, 1, soon(CLOCK_REALTIME));
		break;
	case SYS_mq_timedreceive:
		make_queue();
		mq_send(w->fd, "received", 8, 1);
		w->out_len = 8;
		ARGS(w->fd, OUT, 16, 0, soon(CLOCK_REALTIME));
		break;
	case SYS_mq_notify:
		ARGS(make_queue(),
		     V(struct sigevent, .sigev_notify = SIGEV_NONE));
		break;
	case SYS_mq_getsetattr:
		ARGS(make_queue(), V(struct mq_attr, .mq_flags = 0), 0);
		break;
	case SYS_semop:
	case SYS_semtimedop:
		w->other = semget(IPC_PRIVATE, 1, 0600);
		ARGS(w->other, V(struct sembuf, 0, 3, 0), 1,
		     w->nr == SYS_semop ? 0 : V(struct timespec, 1, 0));
		break;
	case SYS_msgsnd:
		w->other = msgget(IPC_PRIVATE, 0600);
		ARGS(w->other, put("\1\0\0\0\0\0\0\0message", 15), 7, 0);
		break;
	case SYS_msgctl:
		w->other = msgget(IPC_PRIVATE, 0600);
		ARGS(w->other, IPC_SET, V(struct msqid_ds, .msg_qbytes = 4711,
					  .msg_perm.mode = 0640));
		break;
	case SYS_shmctl:
		w->other = shmget(IPC_PRIVATE, 4096, 0600);
		ARGS(w->other, IPC_SET,
		     V(struct shmid_ds, .shm_perm.mode = 0640));
		break;
	case SYS_semctl:
		w->other = semget(IPC_PRIVATE, 1, 0600);
		ARGS(w->other, 0, IPC_SET,
		     V(struct semid_ds, .sem_perm.mode = 0640));
		break;
	default:
		return false;
	}
	return true;
}

static bool prepare_signals(void)
{
	switch (w->nr) {
	case SYS_rt_sigaction:
		ARGS(SIGUSR1, ARRAY(uint64_t, (uintptr_t)SIG_IGN, 0, 0, 0), 0,
		     8);
		break;
	case SYS_rt_sigprocmask: ARGS(SIG_BLOCK, usr1_blocked(), 0, 8); break;
	case SYS_rt_sigsuspend: two_signals(); ARGS(usr1_blocked(), 8); break;
	case SYS_rt_sigtimedwait:
		two_signals();
		ARGS(usr1_blocked(), 0, V(struct timespec, 5, 0), 8);
		break;
	case SYS_pselect6:
		two_signals();
		ARGS(0, 0, 0, 0, 0, ARRAY(uint64_t, usr1_blocked(), 8));
		break;
	case SYS_ppoll:
		two_signals();
		ARGS(0, 0, 0, usr1_blocked(), 8);
		break;
	case SYS_epoll_pwait:
		two_signals();
		ARGS(epoll_create1(0), OUT, 1, 5000, usr1_blocked(), 8);
		break;
	case SYS_epoll_pwait2:
		two_signals();
		ARGS(epoll_create1(0), OUT, 1, V(struct timespec, 5, 0),
		     usr1_blocked(), 8);
		break;
	case SYS_rt_sigqueueinfo: ARGS(getpid(), SIGUSR1, queued()); break;
	case SYS_rt_tgsigqueueinfo:
		ARGS(getpid(), getpid(), SIGUSR1, queued());
		break;
	case SYS_pidfd_send_signal:
		ARGS(syscall(SYS_pidfd_open, getpid(), 0), SIGUSR1, queued(),
		     0);
		break;
	case SYS_sigaltstack:
		ARGS(V(stack_t, w->out, 0, sizeof(w->out)), 0);
		break;
	case SYS_nanosleep: ARGS(V(struct timespec, 0, 1), 0); break;
	case SYS_clock_nanosleep:
		ARGS(CLOCK_MONOTONIC, 0, V(struct timespec, 0, 1), 0);
		break;
	case SYS_setitimer:
		ARGS(ITIMER_REAL, V(struct itimerval, { 0, 0 }, { 1000, 0 }),
		     0);
		break;
	case SYS_timer_create:
		ARGS(CLOCK_MONOTONIC,
		     V(struct sigevent, .sigev_notify = SIGEV_NONE), OUT);
		break;
	case SYS_timer_settime:
		make_timer();
		ARGS(w->other, 0, V(struct itimerspec, .it_value = { 9, 0 }),
		     0);
		break;
	case SYS_timerfd_settime:
		w->fd = syscall(SYS_timerfd_create, CLOCK_MONOTONIC, 0);
		ARGS(w->fd, 0, V(struct itimerspec, .it_value = { 9, 0 }), 0);
		break;
	case SYS_clock_settime:
		ARGS(CLOCK_REALTIME, soon(CLOCK_REALTIME));
		break;
	case SYS_settimeofday: ARGS(soon(CLOCK_REALTIME), 0); break;
	default:
		return false;
	}
	return true;
}

static bool prepare_processes(void)
{
	switch (w->nr) {
	case SYS_setrlimit:
		ARGS(RLIMIT_CORE, V(struct rlimit, 4096, 8192));
		break;
	case SYS_prlimit64:
		ARGS(0, RLIMIT_CORE, V(struct rlimit, 4096, 8192), 0);
		break;
	case SYS_sched_setparam: ARGS(0, V(int, 0)); break;
	case SYS_sched_setscheduler: ARGS(0, SCHED_BATCH, V(int, 0)); break;
	case SYS_sched_setattr:
		ARGS(0, ARRAY(uint32_t, 48, SCHED_BATCH, 0, 0, 5, 0, 0, 0, 0, 0,
			      0, 0), 0);
		break;
	case SYS_sched_setaffinity: ARGS(0, 8, V(uint64_t, 2)); break;
	case SYS_setgroups: ARGS(2, ARRAY(gid_t, 5, 6)); break;
	case SYS_sethostname: ARGS(P("trial"), 5); break;
	case SYS_setdomainname: ARGS(P("trial"), 5); break;
	case SYS_capget: capabilities(); w->args[1] = OUT; break;
	case SYS_capset: capabilities(); break;
	case SYS_clone3:
		w->normal = true;
		ARGS(V(struct clone_args, .exit_signal = SIGCHLD),
		     sizeof(struct clone_args));
		break;
	case SYS_prctl:
		if (!w->variant)
			ARGS(PR_SET_NAME, P("trial"));
		else
			ARGS(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter_all());
		break;
	case SYS_seccomp:
		if (!w->variant)
			ARGS(SECCOMP_SET_MODE_FILTER, 0, filter_all());
		else
			ARGS(SECCOMP_GET_ACTION_AVAIL, 0,
			     V(uint32_t, SECCOMP_RET_ALLOW));
		break;
	case SYS_modify_ldt:
		ARGS(1, ARRAY(uint32_t, 0, 0, 0, 0x51), 16);
		break;
	case SYS_reboot: ARGS(1, 2, 0xa1b2c3d4, P("now")); break;
	case SYS_ptrace:
		ARGS(PTRACE_SETSIGMASK, 0, 8, V(uint64_t, 0));
		break;
	case SYS_add_key:
		ARGS(P("user"), P("trial"), P("key"), 3, -3UL);
		break;
	case SYS_request_key: ARGS(P("user"), P("trial"), 0, 0); break;
	case SYS_keyctl: ARGS(1, P("trial")); break;
	case SYS_landlock_create_ruleset:
		ARGS(V(struct landlock_ruleset_attr, 1), 8, 0);
		break;
	case SYS_landlock_add_rule:
		ARGS(-1UL, LANDLOCK_RULE_PATH_BENEATH,
		     V(struct landlock_path_beneath_attr, 1, 0), 0);
		break;
	case 460: ARGS(100, P("a"), 1, 0); break;
	case SYS_mbind: ARGS(OUT & ~4095UL, 4096, 2, V(uint64_t, 1), 64); break;
	case SYS_set_mempolicy: ARGS(2, V(uint64_t, 1), 64); break;
	case SYS_migrate_pages:
		ARGS(0, 64, V(uint64_t, 1), V(uint64_t, 1));
		break;
	case SYS_move_pages:
		ARGS(0, 1, V(uint64_t, OUT), V(int, 0), OUT, 0);
		break;
	default:
		return false;
	}
	return true;
}

static bool prepare(void)
{
	return prepare_paths() || prepare_mounts() || prepare_files() ||
	       prepare_sockets() || prepare_signals() || prepare_processes();
}

static void mix(const void *bytes, size_t len)
{
	const unsigned char *at = bytes;

	while (len--)
		w->effect = (w->effect ^ *at++) * 0x100000001b3ULL;
}

#define MIX(value)	do { uint64_t v_ = (value); mix(&v_, sizeof(v_)); } \
			while (0)

/* What is in the directory; of times only those that somebody has set */
static void mix_entry(const char *name)
{
	char bytes[64] = "";
	struct stat st;
	int fd;

	if (lstat(name, &st))
		return;
	mix(name, strlen(name));
	MIX(st.st_mode);
	MIX(st.st_uid);
	MIX(st.st_nlink);
	MIX(S_ISDIR(st.st_mode) ? 0 : st.st_size);
	MIX(st.st_mtime < 1000 ? st.st_mtime : 0);
	if (S_ISLNK(st.st_mode)) {
		mix(bytes, readlink(name, bytes, sizeof(bytes)));
	} else if (S_ISREG(st.st_mode)) {
		fd = open(name, O_RDONLY);
		mix(bytes, read(fd, bytes, sizeof(bytes)));
		close(fd);
	}
}

static void mix_directory(void)
{
	struct dirent **entries;
	int i, n = scandir(".", &entries, NULL, alphasort);

	for (i = 0; i < n; i++) {
		if (strcmp(entries[i]->d_name, ".."))
			mix_entry(entries[i]->d_name);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

/* A line of what /proc says of a descriptor */
static void mix_fdinfo(int fd, const char *key)
{
	char path[64], line[128];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, key, strlen(key)))
			mix(line, strlen(line));
	if (file)
		fclose(file);
}

static void mix_received(int fd)
{
	char bytes[64];
	ssize_t n = read(fd, bytes, sizeof(bytes));

	if (n > 0)
		mix(bytes, n);
}

static void mix_signals(void)
{
	struct timespec none = { 0 };
	siginfo_t info = { .si_value.sival_int = 0 };
	struct sigaction action;
	sigset_t set;

	MIX(first_signal);
	sigaction(SIGUSR1, NULL, &action);
	MIX(action.sa_handler == SIG_IGN);
	sigprocmask(SIG_BLOCK, NULL, &set);
	MIX(sigismember(&set, SIGUSR1));
	MIX(sigismember(&set, SIGALRM));
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigtimedwait(&set, &info, &none);
	MIX(info.si_value.sival_int);
}

static void mix_ipc(void)
{
	struct { long type; char text[64]; } message = { 0 };
	struct mq_attr attr = { 0 };
	struct msqid_ds queue;
	struct shmid_ds shared;
	struct semid_ds set;
	char text[16] = "";

	switch (w->nr) {
	case SYS_semop:
	case SYS_semtimedop:
		MIX(semctl(w->other, 0, GETVAL));
		break;
	case SYS_semctl:
		MIX(semctl(w->other, 0, IPC_STAT, &set) ? 0 :
		    set.sem_perm.mode);
		break;
	case SYS_shmctl:
		MIX(shmctl(w->other, IPC_STAT, &shared) ? 0 :
		    shared.shm_perm.mode);
		break;
	case SYS_msgctl:
		MIX(msgctl(w->other, IPC_STAT, &queue) ? 0 :
		    queue.msg_perm.mode);
		MIX(queue.msg_qbytes);
		break;
	case SYS_msgsnd:
		MIX(msgrcv(w->other, &message, 64, 0, IPC_NOWAIT));
		mix(&message, sizeof(message));
		break;
	case SYS_mq_timedsend:
		MIX(mq_receive(w->fd, text, sizeof(text), NULL));
		mix(text, sizeof(text));
		break;
	case SYS_mq_open:
		mq_getattr(w->ret, &attr);
		MIX(attr.mq_maxmsg);
		break;
	case SYS_mq_getsetattr:
		mq_getattr(w->fd, &attr);
		MIX(attr.mq_flags);
		break;
	}
}

/* How many filters this process has; -1 where there is no /proc */
static int filters(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[128];
	int n = -1;

	while (file && n < 0 && fgets(line, sizeof(line), file))
		if (sscanf(line, "Seccomp_filters: %d", &n) != 1)
			n = -1;
	if (file)
		fclose(file);
	return n;
}

static void mix_process(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = { 0 };
	struct itimerval timer = { 0 };
	struct rlimit limit;
	char text[64] = "";
	cpu_set_t cpus;
	gid_t groups[8] = { 0 };
	stack_t stack;
	int n;

	getrlimit(RLIMIT_CORE, &limit);
	mix(&limit, sizeof(limit));
	MIX(sched_getscheduler(0));
	MIX(getpriority(PRIO_PROCESS, 0));
	CPU_ZERO(&cpus);
	sched_getaffinity(0, sizeof(cpus), &cpus);
	mix(&cpus, 8);
	MIX(getgroups(8, groups));
	mix(groups, sizeof(groups));
	if (w->nr == SYS_sethostname || w->nr == SYS_setdomainname) {
		gethostname(text, sizeof(text));
		mix(text, sizeof(text));
		if (!getdomainname(text, sizeof(text)))
			mix(text, strlen(text));
	}
	syscall(SYS_capget, &header, data);
	MIX(data[0].effective);
	prctl(PR_GET_NAME, text);
	mix(text, 16);
	getitimer(ITIMER_REAL, &timer);
	MIX(timer.it_value.tv_sec > 900);
	sigaltstack(NULL, &stack);
	MIX(stack.ss_size);
	n = filters();
	MIX(n < 0 ? 0 : n - w->filters);
}

static void mix_all(void)
{
	struct sockaddr_un un = { 0 };
	socklen_t len = sizeof(un);
	struct epoll_event event = { 0 };
	struct statfs fs;
	char bytes[64] = "", path[64];
	int value = 0;

	mix(w->out, w->out_len);
	mix_signals();
	mix_ipc();
	mix_process();
	switch (w->nr) {
	case SYS_connect:
		getpeername(w->fd, (struct sockaddr *)&un, &len);
		mix(&un, len);
		break;
	case SYS_sendto:
	case SYS_sendmsg:
		mix_received(w->other);
		break;
	case SYS_setsockopt:
		len = sizeof(value);
		getsockopt(w->other, SOL_SOCKET, SO_RCVBUF, &value, &len);
		MIX(value);
		break;
	case SYS_epoll_ctl:
		epoll_wait(w->other, &event, 1, 0);
		MIX(event.data.u32);
		break;
	case SYS_signalfd:
	case SYS_signalfd4:
		mix_fdinfo(w->ret, "sigmask:");
		break;
	case SYS_memfd_create:
		snprintf(path, sizeof(path), "/proc/self/fd/%ld", w->ret);
		if (readlink(path, bytes, sizeof(bytes)) > 0)
			mix(bytes, sizeof(bytes));
		break;
	case SYS_mount:
	case SYS_mount_setattr:
		statfs("dir", &fs);
		MIX(fs.f_blocks < 100 ? fs.f_blocks : 0);
		MIX(fs.f_flags);
		break;
	case SYS_setxattr:
	case SYS_lsetxattr:
	case SYS_fsetxattr:
	case SYS_removexattr:
	case SYS_lremovexattr:
	case SYS_fremovexattr:
		MIX(getxattr(ATTRIBUTED, "trusted.trial", bytes, 64));
		mix(bytes, sizeof(bytes));
		break;
	}
	mix_directory();
}

static void make_file(const char *name, const char *content)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);

	REQUIRE(write(fd, content, strlen(content)) > 0);
	close(fd);
}

/* A place of its own, and what can be of its own besides */
static void make_place(void)
{
	char name[] = "/tmp/trial.XXXXXX";

	umask(0);
	REQUIRE(unshare(CLONE_NEWNS | CLONE_NEWIPC) == 0);
	REQUIRE(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	REQUIRE(mkdtemp(name));
	REQUIRE(chdir(name) == 0);
	make_file("file", "content");
	REQUIRE(mkdir("dir", 0700) == 0);
	REQUIRE(symlink("file", "link") == 0);
	removexattr(ATTRIBUTED, "trusted.trial");
}

/*
 * What is trapped has a mark in its last argument, or all six. The mark would stay in
 * the register, for the next call to be trapped as well.
 */
static void call_it(void)
{
	const uint64_t *a = w->args;
	long nr = w->nr;
	long ret = syscall(nr, a[0], a[1], a[2], a[3], a[4],
			   w->by_number ? a[5] : TARGET_MAGIC);

	int err = errno;

	syscall(SYS_getppid, 0, 0, 0, 0, 0, 0);
	if (nr == SYS_clone3 && !ret)
		_exit(0);
	if (nr == SYS_clone3 && ret > 0)
		waitpid(ret, NULL, 0);
	w->ret = ret < 0 ? -err : ret;
}

/* Who makes the call: a target, or a child without a filter */
static int make_call(void *arg)
{
	(void)arg;
	make_place();
	if (!prepare())
		return 99;
	w->filters = filters();
	await_word(&w->go, 1);
	if (w->garbage)
		memset(w->in, GARBAGE, w->used);
	call_it();
	mix_all();
	if (w->normal && w->ret > 0)
		w->ret = 1;
	return 0;
}

/* What came of a call */
struct result {
	long ret;
	uint64_t effect;
	int status;
};

#define NO_TRIAL	99

static void reset(const struct pinredir_syscall *row, int variant)
{
	memset(w, 0, sizeof(*w));
	w->nr = row->nr;
	w->by_number = row->count == 6 || row->nr == SYS_rt_sigsuspend ||
		       row->nr == SYS_ppoll;
	w->variant = variant;
	w->effect = 0xcbf29ce484222325ULL;
	strcpy(w->source, "source");
	/* A call that does not return */
	w->ret = 4711;
}

static struct result get_result(int status)
{
	assert_true(WIFEXITED(status));
	assert_int_not_equal(WEXITSTATUS(status), 98);
	return (struct result){ w->ret, w->effect, WEXITSTATUS(status) };
}

static bool same(const struct result *a, const struct result *b)
{
	return a->ret == b->ret && a->effect == b->effect &&
	       a->status == b->status;
}

/* Nobody looks. */
static struct result make_freely(const struct pinredir_syscall *row,
				 int variant, bool garbage)
{
	pid_t child;

	reset(row, variant);
	w->garbage = garbage;
	w->go = 1;
	child = fork();
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(make_call(NULL));
	}
	return get_result(await_exit(child));
}

static struct target target;
static struct pinredir *ctx;

static struct pinredir_call *receive(const struct pinredir_syscall *row,
				     int (*run)(void *arg))
{
	struct pollfd pollfd = { .events = POLLIN };
	char number[16];
	const char *const traps[] = { number, NULL };
	struct pinredir_call *call;
	int err;

	snprintf(number, sizeof(number), "#%d", row->nr);
	assert_int_equal(target_start(&target, NULL, w->by_number ? traps : NULL, run,
				      NULL), 0);
	assert_int_equal(pinredir_open(&ctx, target.listener, NULL), 0);
	w->go = 1;
	pollfd.fd = pinredir_poll_fd(ctx);
	do {
		assert_int_equal(poll(&pollfd, 1, TIME_LIMIT_MS), 1);
		err = pinredir_receive(ctx, &call, PINREDIR_NONBLOCK);
	} while (err == -EAGAIN);
	assert_int_equal(err, 0);
	assert_int_equal(pinredir_nr(call), row->nr);
	return call;
}

static int finish(struct pinredir_call *call)
{
	int status;

	pinredir_release(call);
	status = await_exit(target.pid);
	close(target.listener);
	pinredir_close(ctx);
	return status;
}

/* Pinned, and then changed */
static struct result make_pinned(const struct pinredir_syscall *row,
				 int variant)
{
	struct pinredir_call *call;

	reset(row, variant);
	call = receive(row, make_call);
	assert_int_equal(pinredir_pin_all(call), 0);
	memset(w->in, GARBAGE, w->used);
	assert_int_equal(pinredir_allow(call), 0);
	return get_result(finish(call));
}

/* Garbage is seen, or it is known why not. */
static void check_garbage(const struct pinredir_syscall *row, int variant,
			  const struct result *plain)
{
	struct result garbage = make_freely(row, variant, true);

	assert_int_equal(same(plain, &garbage), listed(blind, row->name));
}

static bool is_absent(const char *name)
{
	bool nodes = !access("/sys/devices/system/node", F_OK);

	return listed(absent, name) ||
	       (!nodes && listed(absent_without_nodes, name));
}

static void check_trial(const struct pinredir_syscall *row, int variant)
{
	struct result plain = make_freely(row, variant, false);
	struct result pinned;

	/* A row without a trial has none here yet. */
	assert_int_not_equal(plain.status, NO_TRIAL);
	pinned = make_pinned(row, variant);
	if (!same(&plain, &pinned))
		print_message("# %s %d: %ld %lx %d, pinned %ld %lx %d\n",
			      row->name, variant, plain.ret, plain.effect,
			      plain.status, pinned.ret, pinned.effect,
			      pinned.status);
	assert_true(same(&plain, &pinned));
	assert_int_equal(plain.ret == -ENOSYS, is_absent(row->name));
	/* That says something of the trial: one kernel is enough to see it on. */
	if (plain.ret != -ENOSYS && !debug_kernel())
		check_garbage(row, variant, &plain);
}

/* Commands that have a trial each */
static int variants(int nr)
{
	switch (nr) {
	case SYS_fcntl:
		return 3;
	case SYS_setsockopt:
	case SYS_prctl:
	case SYS_seccomp:
		return 2;
	default:
		return 1;
	}
}

static void i1_runs_on_what_was_pinned(void **state)
{
	const struct pinredir_syscall *row = *state;
	int variant;

	for (variant = 0; variant < variants(row->nr); variant++)
		check_trial(row, variant);
}

static int make_refused(void *arg)
{
	(void)arg;
	await_word(&w->go, 1);
	call_it();
	return 0;
}

/* Nothing to read; something to write; and no descriptor, command or pid */
static uint64_t refusing(const struct pinredir_argument *argument)
{
	switch (argument->direction) {
	case PINREDIR_IN:
		return 0;
	case PINREDIR_OUT:
	case PINREDIR_INOUT:
	case PINREDIR_KEPT:
		return OUT;
	default:
		return INT_MAX;
	}
}

static void is_refused(void **state)
{
	const struct pinredir_syscall *row = *state;
	struct pinredir_call *call;
	char before[sizeof(w->out)];
	unsigned int i;

	reset(row, 0);
	memset(w->out, GARBAGE, sizeof(w->out));
	memcpy(before, w->out, sizeof(before));
	for (i = 0; i < row->count; i++)
		w->args[i] = refusing(pinredir_argument(row, i));
	call = receive(row, make_refused);
	assert_int_equal(pinredir_pin_all(call), -EOPNOTSUPP);
	assert_int_equal(pinredir_allow(call), -EOPNOTSUPP);
	assert_int_equal(pinredir_deny(call, EOPNOTSUPP), 0);
	assert_int_equal(finish(call), 0);
	assert_int_equal(w->ret, -EOPNOTSUPP);
	assert_memory_equal(w->out, before, sizeof(before));
}

/* Calls that the table does not know: above its last, and of other ABIs */
static void unknown_is_refused(void **state)
{
	const struct pinredir_syscall row = { .nr = 1000, .count = 0 };
	const struct pinredir_syscall *rows = &row;

	(void)state;
	assert_null(pinredir_syscall(row.nr));
	is_refused((void **)&rows);
}

static bool has(const struct pinredir_syscall *row, unsigned int direction)
{
	unsigned int i;

	for (i = 0; i < row->count; i++)
		if (pinredir_argument(row, i)->direction == direction)
			return true;
	return false;
}

#define MAX_TESTS	512

static struct CMUnitTest tests[MAX_TESTS];
static size_t nr_tests;

static void add_test(const char *kind, const struct pinredir_syscall *row,
		     CMUnitTestFunction function)
{
	char *name;

	assert_true(nr_tests < MAX_TESTS);
	assert_true(asprintf(&name, "%s%s", kind, row ? row->name : "") > 0);
	tests[nr_tests++] = (struct CMUnitTest){
		.name = name,
		.test_func = function,
		.initial_state = (void *)row,
	};
}

/* With an argument: only tests of this name, which can have a '*' */
int main(int argc, char **argv)
{
	const struct pinredir_syscall *row;
	size_t n;

	w = shared_memory(sizeof(*w));
	for (n = 0; (row = pinredir_syscall_at(n)); n++) {
		/* arch_prctl() reads nothing, by any command. */
		if (!(row->flags & PINREDIR_REFUSED) &&
		    (has(row, PINREDIR_IN) || (has(row, PINREDIR_VARIES) &&
					       strcmp(row->name, "arch_prctl"))))
			add_test("i1_", row, i1_runs_on_what_was_pinned);
		if (row->flags & PINREDIR_REFUSED || has(row, PINREDIR_INOUT) ||
		    has(row, PINREDIR_KEPT) || has(row, PINREDIR_VARIES))
			add_test("refused: ", row, is_refused);
	}
	add_test("refused: unknown", NULL, unknown_is_refused);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	alarm(PROGRAM_LIMIT);
	return _cmocka_run_group_tests(__FILE__, tests, nr_tests, NULL, NULL);
}
