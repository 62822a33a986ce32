// SPDX-License-Identifier: GPL-2.0-only
/*
 * pinredir_pin_all() and the shapes, on the host: the target is this process, its
 * memory is copied here as the module would, and what the call would run on is
 * looked at.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <linux/reboot.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <pinredir.h>
#include <seccomp.h>

#define PAGE		4096U
#define SLOT		(1U << 20)
#define SLOT_OFFSET	(2 * SLOT)
#define SLOT_ADDRESS	0x7f0000000000ULL
#define UNREADABLE	((uint64_t)-4096)

static struct {
	struct seccomp_pin_receive receive;
	struct seccomp_pin_redirect redirect;
	unsigned int redirects;
	unsigned int fetches;
	int fetch_error;
	void (*fetched)(unsigned int n);	/* a peer, after each */
} fake;

/* The supervisor's mapping of the slot */
static unsigned char *slot;

static int error(int err)
{
	errno = -err;
	return err ? -1 : 0;
}

static int read_memory(void *to, uint64_t address, size_t len)
{
	struct iovec local = { to, len };
	struct iovec remote = { (void *)(uintptr_t)address, len };

	return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) ==
	       (ssize_t)len ? 0 : -EFAULT;
}

static int fetch_string(struct seccomp_pin_fetch *fetch)
{
	uint32_t n;

	for (n = 0; n < fetch->len; n++) {
		if (read_memory(slot + fetch->offset + n, fetch->address + n,
				1))
			return -EFAULT;
		if (!slot[fetch->offset + n]) {
			fetch->len = n + 1;
			return 0;
		}
	}
	return -ENAMETOOLONG;
}

/* Its slot only: a mistake shows as EINVAL. */
static int fake_fetch(struct seccomp_pin_fetch *fetch)
{
	int err;

	fake.fetches++;
	if (fake.fetch_error)
		return fake.fetch_error;
	if (!fetch->len || fetch->len > SLOT || fetch->offset > SLOT - fetch->len)
		return -EINVAL;
	err = fetch->kind == SECCOMP_PIN_STRING ? fetch_string(fetch) :
	      read_memory(slot + fetch->offset, fetch->address, fetch->len);
	if (!err && fake.fetched)
		fake.fetched(fake.fetches);
	return err;
}

int __wrap_ioctl(int fd, unsigned long request, void *arg);
int __wrap_ioctl(int fd, unsigned long request, void *arg)
{
	(void)fd;
	switch (request) {
	case SECCOMP_PIN_QUERY:
		((struct seccomp_pin_query *)arg)->abi_version =
			SECCOMP_PIN_ABI_VERSION;
		return 0;
	case SECCOMP_PIN_RECEIVE:
		*(struct seccomp_pin_receive *)arg = fake.receive;
		return 0;
	case SECCOMP_PIN_FETCH:
		return error(fake_fetch(arg));
	case SECCOMP_PIN_REDIRECT:
		fake.redirects++;
		fake.redirect = *(struct seccomp_pin_redirect *)arg;
		return 0;
	case SECCOMP_PIN_ATTACH:
	case SECCOMP_PIN_RULES:
	case SECCOMP_PIN_RELEASE:
		return 0;
	default:
		return error(-ENOTTY);
	}
}

static struct pinredir *ctx;
static struct pinredir_call *call;

#define ADDRESS(pointer)	((uint64_t)(uintptr_t)(pointer))

/* Receive another call in place of the one there was. */
static void receive_as(uint32_t arch, int nr, const uint64_t args[6])
{
	pinredir_release(call);
	fake.receive.data.nr = nr;
	fake.receive.data.arch = arch;
	memcpy(fake.receive.data.args, args, 6 * sizeof(*args));
	fake.fetches = 0;
	fake.redirects = 0;
	assert_int_equal(pinredir_receive(ctx, &call, 0), 0);
}

#define RECEIVE(nr, ...) receive_as(SCMP_ARCH_X86_64, nr, \
				    (const uint64_t[6]){ __VA_ARGS__ })

/* What the call reads where an argument points to, after it has been allowed */
static void *pinned(unsigned int arg, size_t len)
{
	const struct seccomp_pin_redirect *r = &fake.redirect;

	assert_true(r->ptr_mask & r->arena_mask & 1U << arg);
	assert_int_equal(r->ptr_len[arg], len);
	assert_in_range(r->args[arg], SLOT_OFFSET, SLOT_OFFSET + SLOT - len);
	return slot + (r->args[arg] - SLOT_OFFSET);
}

/* What is at an address that it reads from the slot */
static void *pinned_at(uint64_t address, size_t len)
{
	assert_in_range(address, SLOT_ADDRESS, SLOT_ADDRESS + SLOT - len);
	return slot + (address - SLOT_ADDRESS);
}

static void assert_unreadable(unsigned int arg)
{
	assert_true(fake.redirect.args_mask & 1U << arg);
	assert_false(fake.redirect.ptr_mask & 1U << arg);
	assert_true(fake.redirect.args[arg] == UNREADABLE);
}

static void assert_passed(unsigned int arg)
{
	assert_false(fake.redirect.args_mask & 1U << arg);
}

static void pin_and_allow(void)
{
	assert_int_equal(pinredir_pin_all(call), 0);
	assert_int_equal(pinredir_allow(call), 0);
}

/* Not allowed, whatever is tried */
static void assert_refused(int err)
{
	assert_int_equal(pinredir_pin_all(call), err);
	assert_int_equal(pinredir_allow(call), err);
	assert_int_equal(fake.redirects, 0);
}

static int setup(void **state)
{
	struct pinredir_options options = {
		.size = sizeof(options),
		.flags = PINREDIR_STAY_DUMPABLE,
		.slot_size = SLOT,
		.arena_size = 64 * SLOT,
		.device = "/dev/null",
		/* The fake target copies megabytes, under valgrind too. */
		.timeout = SECCOMP_PIN_MAX_TIMEOUT,
	};
	const char *path;

	(void)state;
	memset(&fake, 0, sizeof(fake));
	call = NULL;
	if (pinredir_open(&ctx, STDIN_FILENO, &options))
		return -1;
	fake.receive = (struct seccomp_pin_receive){
		.id = 42,
		.slot_offset = SLOT_OFFSET,
		.slot_address = SLOT_ADDRESS,
		.slot_size = SLOT,
		.copies[0] = { SECCOMP_PIN_STRING, 0, 0, 5 },
	};
	/* Where the library has mapped it */
	RECEIVE(SYS_open, 1);
	if (pinredir_get_string(call, 0, &path))
		return -1;
	slot = (unsigned char *)path;
	memset(fake.receive.copies, 0, sizeof(fake.receive.copies));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pinredir_release(call);
	pinredir_close(ctx);
	return 0;
}

/* Every row makes sense by itself. */
static void rows_are_sound(void **state)
{
	const struct pinredir_argument *arg;
	const struct pinredir_syscall *row;
	unsigned int i;
	size_t n;

	(void)state;
	for (n = 0; (row = pinredir_syscall_at(n)); n++) {
		assert_ptr_equal(pinredir_syscall(row->nr), row);
		assert_int_not_equal(strlen(row->name), 0);
		assert_in_range(row->count, 0, 6);
		for (i = 0; i < 6; i++) {
			arg = pinredir_argument(row, i);
			if (i >= row->count) {
				assert_null(arg);
				continue;
			}
			if (arg->direction != PINREDIR_IN) {
				assert_int_equal(arg->shape, 0);
				continue;
			}
			assert_int_not_equal(arg->shape, 0);
			if (arg->length_arg != PINREDIR_NO_ARG) {
				assert_true(arg->length_arg < row->count);
				assert_int_not_equal(arg->length_arg, i);
			}
		}
	}
	assert_true(n > 350);
	assert_null(pinredir_syscall(-1));
	assert_null(pinredir_syscall(INT_MAX));
	assert_null(pinredir_syscall(SYS_openat | 0x40000000));
}

/*
 * By the table, for each row: what it writes as well, remembers, or has no word for
 * is refused before anything is copied, and NULL is not.
 */
static void rows_that_cannot_be_pinned(void **state)
{
	const struct pinredir_syscall *row;
	uint64_t args[6];
	unsigned int i, refused = 0;
	size_t n;

	(void)state;
	for (n = 0; (row = pinredir_syscall_at(n)); n++) {
		for (i = 0; i < row->count; i++) {
			if (!(row->flags & PINREDIR_REFUSED) &&
			    pinredir_argument(row, i)->direction != PINREDIR_INOUT &&
			    pinredir_argument(row, i)->direction != PINREDIR_KEPT)
				continue;
			memset(args, 0, sizeof(args));
			args[i] = ADDRESS(args);
			receive_as(SCMP_ARCH_X86_64, row->nr, args);
			assert_refused(-EOPNOTSUPP);
			assert_int_equal(fake.fetches, 0);
			refused++;
		}
	}
	assert_true(refused > 50);
	RECEIVE(SYS_accept, 3);
	pin_and_allow();
	RECEIVE(SYS_recvfrom, 3, ADDRESS(&refused), 4);
	pin_and_allow();
	/* No such call, not this ABI, no such command */
	RECEIVE(1023);
	assert_refused(-EOPNOTSUPP);
	receive_as(SCMP_ARCH_X86, SYS_getppid, (uint64_t[6]){ 0 });
	assert_refused(-EOPNOTSUPP);
	RECEIVE(SYS_prctl, 0x7fffffff);
	assert_refused(-EOPNOTSUPP);
}

static void commands_decide(void **state)
{
	struct epoll_event event = { .events = EPOLLIN };

	(void)state;
	RECEIVE(SYS_epoll_ctl, 3, EPOLL_CTL_ADD, 4, ADDRESS(&event));
	pin_and_allow();
	assert_memory_equal(pinned(3, sizeof(event)), &event, sizeof(event));
	RECEIVE(SYS_epoll_ctl, 3, EPOLL_CTL_DEL, 4, 16);
	pin_and_allow();
	assert_passed(3);
	/* Only 32 bits of a command are one. */
	RECEIVE(SYS_epoll_ctl, 3, 1ULL << 32 | EPOLL_CTL_ADD, 4,
		ADDRESS(&event));
	pin_and_allow();
	pinned(3, sizeof(event));
	RECEIVE(SYS_reboot, 0, 0, LINUX_REBOOT_CMD_RESTART2, ADDRESS("now"));
	pin_and_allow();
	assert_string_equal(pinned(3, 4), "now");
	RECEIVE(SYS_reboot, 0, 0, LINUX_REBOOT_CMD_RESTART, 16);
	pin_and_allow();
	assert_passed(3);
	RECEIVE(SYS_setsockopt, 3, SOL_SOCKET, SO_RCVBUF, ADDRESS(&event), 4);
	pin_and_allow();
	pinned(3, 4);
	RECEIVE(SYS_setsockopt, 3, 0, 128, ADDRESS(&event), 4);
	assert_refused(-EOPNOTSUPP);
	RECEIVE(SYS_setsockopt, 3, SOL_RDS, 1, ADDRESS(&event), 4);
	assert_refused(-EOPNOTSUPP);
}

static char text[2 * PAGE];

static void paths(void **state)
{
	(void)state;
	RECEIVE(SYS_rename, ADDRESS("/a\xff\xfe"), ADDRESS(""));
	pin_and_allow();
	assert_memory_equal(pinned(0, 5), "/a\xff\xfe", 5);
	assert_string_equal(pinned(1, 1), "");
	RECEIVE(SYS_newfstatat, 3, 0, ADDRESS(text));
	pin_and_allow();
	assert_passed(1);
	assert_passed(2);
	memset(text, 'x', PATH_MAX);
	RECEIVE(SYS_rename, ADDRESS("/a"), ADDRESS(text));
	assert_refused(-ENAMETOOLONG);
	RECEIVE(SYS_rename, ADDRESS("/a"), 16);
	assert_refused(-EFAULT);
	/* Set, it can go on. */
	assert_int_equal(pinredir_set_string(call, 1, "/b"), 0);
	assert_int_equal(pinredir_allow(call), -EFAULT);
	pin_and_allow();
	assert_string_equal(pinned(1, 3), "/b");
}

/* One byte more than the kernel takes, for it to say so */
static void strings(void **state)
{
	(void)state;
	memset(text, 'x', sizeof(text));
	RECEIVE(SYS_memfd_create, ADDRESS(text));
	pin_and_allow();
	assert_int_equal(strlen(pinned(0, 251)), 250);
	text[249] = '\0';
	RECEIVE(SYS_memfd_create, ADDRESS(text));
	pin_and_allow();
	assert_int_equal(strlen(pinned(0, 250)), 249);
}

/* The kernel refuses these without a look, and is to be the one who does. */
static void lengths_that_are_too_long(void **state)
{
	const uint64_t at = ADDRESS(text);

	(void)state;
	RECEIVE(SYS_openat2, 3, ADDRESS("/a"), at, PAGE + 1);
	pin_and_allow();
	assert_unreadable(2);
	RECEIVE(SYS_setxattr, ADDRESS("/a"), ADDRESS("b"), at, 65537);
	pin_and_allow();
	assert_unreadable(2);
	RECEIVE(SYS_connect, 3, at, 129);
	pin_and_allow();
	assert_unreadable(1);
	RECEIVE(SYS_connect, 3, at, UINT32_MAX);
	pin_and_allow();
	assert_unreadable(1);
	RECEIVE(SYS_writev, 3, at, IOV_MAX + 1);
	pin_and_allow();
	assert_unreadable(1);
	RECEIVE(SYS_set_mempolicy, 0, at, 0);
	pin_and_allow();
	assert_unreadable(1);
	RECEIVE(SYS_clone3, at, 1 << 20);
	pin_and_allow();
	assert_unreadable(0);
	assert_int_equal(fake.fetches, 0);
	/* Twice is not once more. */
	RECEIVE(SYS_clone3, at, 1 << 20);
	assert_int_equal(pinredir_pin_all(call), 0);
	pin_and_allow();
	assert_unreadable(0);
	/* Above what there is room for */
	RECEIVE(SYS_write, 3, at, SLOT + 1);
	assert_refused(-ENOBUFS);
	RECEIVE(SYS_write, 3, at, UINT64_MAX);
	assert_refused(-ENOBUFS);
	RECEIVE(SYS_write, 3, at, 0);
	pin_and_allow();
	assert_passed(1);
	/* An int has 32 bits, whatever else is in the register. */
	RECEIVE(SYS_connect, 3, at, 1ULL << 40 | 2);
	pin_and_allow();
	pinned(1, 2);
}

static void sizes_are_read_once(void **state)
{
	uint32_t attr[PAGE / 4] = { 56, 1 };

	(void)state;
	RECEIVE(SYS_sched_setattr, 0, ADDRESS(attr));
	pin_and_allow();
	assert_memory_equal(pinned(1, 56), attr, 56);
	attr[0] = 0;
	RECEIVE(SYS_sched_setattr, 0, ADDRESS(attr));
	pin_and_allow();
	assert_memory_equal(pinned(1, 48), attr, 48);
	attr[0] = PAGE + 1;
	RECEIVE(SYS_sched_setattr, 0, ADDRESS(attr));
	pin_and_allow();
	assert_memory_equal(pinned(1, 4), attr, 4);
	/* Capabilities: by version */
	attr[0] = _LINUX_CAPABILITY_VERSION_3;
	RECEIVE(SYS_capset, ADDRESS(attr), ADDRESS(attr));
	pin_and_allow();
	pinned(0, 8);
	pinned(1, 24);
	attr[0] = 0;
	RECEIVE(SYS_capget, ADDRESS(attr), 0);
	assert_refused(-EOPNOTSUPP);
}

static struct {
	uint32_t size;
	uint32_t rest[31];
} grows;

static void grow_size(unsigned int n)
{
	if (n == 1)
		grows.size = 120;
}

static void i1_a_size_stays_what_it_was(void **state)
{
	(void)state;
	grows.size = 56;
	fake.fetched = grow_size;
	RECEIVE(SYS_sched_setattr, 0, ADDRESS(&grows));
	pin_and_allow();
	assert_int_equal(grows.size, 120);
	assert_int_equal(*(uint32_t *)pinned(1, 56), 56);
}

static struct {
	uint32_t handle_bytes;
	int32_t type;
	char bytes[128];
} handle;

static void grow_handle(unsigned int n)
{
	(void)n;
	handle.handle_bytes = 128;
}

static void i1_a_handle_stays_what_it_was(void **state)
{
	(void)state;
	handle.handle_bytes = 8;
	fake.fetched = grow_handle;
	RECEIVE(SYS_open_by_handle_at, 3, ADDRESS(&handle));
	pin_and_allow();
	assert_int_equal(*(uint32_t *)pinned(1, 16), 8);
	handle.handle_bytes = 129;
	fake.fetched = NULL;
	RECEIVE(SYS_open_by_handle_at, 3, ADDRESS(&handle));
	pin_and_allow();
	assert_int_equal(*(uint32_t *)pinned(1, 8), 129);
}

static void clone_args(void **state)
{
	pid_t tids[] = { 7, 8 };
	struct clone_args args = {
		.pidfd = 0x1000, .child_tid = 0x2000, .parent_tid = 0x3000,
		.stack = 0x4000, .tls = 0x5000,
		.set_tid = ADDRESS(tids), .set_tid_size = 2,
	}, *got;

	(void)state;
	RECEIVE(SYS_clone3, ADDRESS(&args), sizeof(args));
	pin_and_allow();
	got = pinned(0, sizeof(args));
	assert_memory_equal(pinned_at(got->set_tid, sizeof(tids)), tids,
			    sizeof(tids));
	got->set_tid = args.set_tid;
	assert_memory_equal(got, &args, sizeof(args));
	/* Ends within the member: the kernel takes the rest of it for 0. */
	RECEIVE(SYS_clone3, ADDRESS(&args), CLONE_ARGS_SIZE_VER1 - 7);
	pin_and_allow();
	got = pinned(0, CLONE_ARGS_SIZE_VER1 - 7);
	pinned_at(got->set_tid, sizeof(tids));
	RECEIVE(SYS_clone3, ADDRESS(&args), CLONE_ARGS_SIZE_VER0);
	pin_and_allow();
	pinned(0, CLONE_ARGS_SIZE_VER0);
	args.set_tid_size = 33;
	RECEIVE(SYS_clone3, ADDRESS(&args), sizeof(args));
	pin_and_allow();
	got = pinned(0, sizeof(args));
	assert_true(got->set_tid == UNREADABLE);
}

static void second_levels(void **state)
{
	uint64_t filter[] = { 1, 2, 3 }, set = 4, *got;
	struct { uint16_t len; uint64_t filter; } prog = { 3, ADDRESS(filter) };
	uint64_t buffer[] = { ADDRESS(&set), 8 };
	struct sigevent event = {
		.sigev_notify = SIGEV_THREAD,
		.sigev_value.sival_ptr = text,
	};

	(void)state;
	RECEIVE(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, ADDRESS(&prog));
	pin_and_allow();
	got = pinned(2, 16);
	assert_memory_equal(pinned_at(got[1], 24), filter, 24);
	prog.len = 4097;
	RECEIVE(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, ADDRESS(&prog));
	pin_and_allow();
	got = pinned(2, 16);
	assert_true(got[1] == UNREADABLE);

	RECEIVE(SYS_pselect6, 0, 0, 0, 0, 0, ADDRESS(buffer));
	pin_and_allow();
	got = pinned(5, 16);
	assert_memory_equal(pinned_at(got[0], 8), &set, 8);
	buffer[1] = 9;
	RECEIVE(SYS_pselect6, 0, 0, 0, 0, 0, ADDRESS(buffer));
	pin_and_allow();
	got = pinned(5, 16);
	assert_true(got[0] == UNREADABLE && got[1] == 9);

	RECEIVE(SYS_mq_notify, 3, ADDRESS(&event));
	pin_and_allow();
	got = pinned(1, sizeof(event));
	pinned_at(got[0], 32);
	event.sigev_notify = SIGEV_SIGNAL;
	RECEIVE(SYS_mq_notify, 3, ADDRESS(&event));
	pin_and_allow();
	got = pinned(1, sizeof(event));
	assert_true(got[0] == ADDRESS(text));
}

/* Two pages, the second of which cannot be read */
static char *short_page(void)
{
	char *map = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(map != MAP_FAILED);
	assert_int_equal(mprotect(map + PAGE, PAGE, PROT_NONE), 0);
	return map;
}

static void mount_data(void **state)
{
	char *page = short_page(), *got;

	(void)state;
	strcpy(page + PAGE - 8, "size=4k");
	RECEIVE(SYS_mount, 0, ADDRESS("/a"), ADDRESS("tmpfs"), 0,
		ADDRESS(page + PAGE - 8));
	pin_and_allow();
	assert_passed(0);
	got = pinned(4, PAGE);
	assert_string_equal(got, "size=4k");
	assert_int_equal(got[PAGE - 1], 0);
	RECEIVE(SYS_mount, 0, ADDRESS("/a"), ADDRESS("tmpfs"), 0,
		ADDRESS(page + PAGE));
	assert_refused(-EFAULT);
	page[0] = 1;
	RECEIVE(SYS_mount, 0, ADDRESS("/a"), ADDRESS("nfs4"), 0, ADDRESS(page));
	assert_refused(-EOPNOTSUPP);
	page[0] = '\0';
	RECEIVE(SYS_sched_setaffinity, 0, 1 << 20, ADDRESS(page + PAGE - 128));
	pin_and_allow();
	pinned(2, 1024);
	munmap(page, 2 * PAGE);
}

static void vectors(void **state)
{
	char *page = short_page();
	char **array = (char **)(page + PAGE - 3 * sizeof(char *));
	char *argv[] = { "one", "", "one", NULL };
	const char *set[] = { "x", "yz" };
	uint64_t *got;
	size_t count;

	(void)state;
	array[0] = argv[0];
	array[1] = argv[0];
	array[2] = NULL;
	RECEIVE(SYS_execve, ADDRESS("/a"), ADDRESS(argv), ADDRESS(array));
	assert_int_equal(pinredir_get_vector(call, 1, &count), 0);
	assert_int_equal(count, 3);
	assert_string_equal(pinredir_vector_string(call, 1, 0), "one");
	assert_string_equal(pinredir_vector_string(call, 1, 1), "");
	assert_null(pinredir_vector_string(call, 1, 3));
	pin_and_allow();
	got = pinned(1, 4 * sizeof(*got));
	assert_string_equal(pinned_at(got[2], 4), "one");
	assert_true(!got[3]);
	got = pinned(2, 3 * sizeof(*got));
	assert_string_equal(pinned_at(got[1], 4), "one");
	assert_true(got[0] != got[1] && !got[2]);

	/* None at all; not even an end; a string that is nowhere */
	RECEIVE(SYS_execve, ADDRESS("/a"), 0, ADDRESS(&array[2]));
	pin_and_allow();
	assert_passed(1);
	pinned(2, sizeof(*got));
	array[2] = argv[0];
	RECEIVE(SYS_execve, ADDRESS("/a"), ADDRESS(array), 0);
	assert_refused(-EFAULT);
	array[2] = (char *)16;
	RECEIVE(SYS_execve, ADDRESS("/a"), ADDRESS(&array[2]), 0);
	assert_refused(-EFAULT);

	RECEIVE(SYS_execve, ADDRESS("/a"), 16, 0);
	assert_int_equal(pinredir_set_vector(call, 1, set, 2), 0);
	assert_int_equal(pinredir_get_vector(call, 1, &count), 0);
	assert_int_equal(count, 2);
	pin_and_allow();
	got = pinned(1, 3 * sizeof(*got));
	assert_string_equal(pinned_at(got[1], 3), "yz");
	RECEIVE(SYS_execve, ADDRESS("/a"), 16, 0);
	assert_int_equal(pinredir_set_vector(call, 1, NULL, 0), 0);
	assert_int_equal(pinredir_get_vector(call, 1, &count), 0);
	assert_int_equal(count, 0);
	munmap(page, 2 * PAGE);
}

/* The kernel's limits are seen to before anything is copied for it. */
static void i6_vectors_do_not_amplify(void **state)
{
	size_t most = 131072, i, n = 1 << 20;
	char *string = malloc(most + 1), **array = malloc(n * sizeof(*array));

	(void)state;
	memset(string, 'x', most);
	string[most] = '\0';
	array[0] = string + 1;
	array[1] = NULL;
	RECEIVE(SYS_execve, ADDRESS("/a"), ADDRESS(array), 0);
	pin_and_allow();
	array[0] = string;
	RECEIVE(SYS_execve, ADDRESS("/a"), ADDRESS(array), 0);
	assert_refused(-E2BIG);

	/* So often that it would be 128 GiB: the array itself is too long. */
	for (i = 0; i < n; i++)
		array[i] = string + 1;
	RECEIVE(SYS_execve, ADDRESS("/a"), ADDRESS(array), 0);
	assert_refused(-E2BIG);
	assert_true(fake.fetches < 2000);
	/* Not the array, but what it would take: the slot is full first. */
	array[64] = NULL;
	RECEIVE(SYS_execve, ADDRESS("/a"), ADDRESS(array), 0);
	assert_refused(-ENOBUFS);
	assert_true(fake.fetches < 16);
	free(array);
	free(string);
}

/* With as small a stack as can be, 128 KiB are taken. */
static void i6_vectors_by_the_targets_stack(void **state)
{
	struct rlimit old, limit;
	char string[1000], *array[141];
	unsigned int i;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_STACK, &old), 0);
	limit = old;
	limit.rlim_cur = 64 << 10;
	memset(string, 'x', sizeof(string));
	string[999] = '\0';
	for (i = 0; i < 140; i++)
		array[i] = string;
	array[140] = NULL;
	fake.receive.pid = getpid();
	RECEIVE(SYS_execve, ADDRESS("/a"), ADDRESS(array), 0);
	assert_int_equal(setrlimit(RLIMIT_STACK, &limit), 0);
	assert_refused(-E2BIG);
	array[129] = NULL;
	RECEIVE(SYS_execve, ADDRESS("/a"), ADDRESS(array), 0);
	pin_and_allow();
	assert_int_equal(setrlimit(RLIMIT_STACK, &old), 0);
	array[129] = string;
	RECEIVE(SYS_execve, ADDRESS("/a"), ADDRESS(array), 0);
	pin_and_allow();
}

static void addresses(void **state)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	const struct sockaddr *address;
	size_t len;

	(void)state;
	memset(un.sun_path, 'x', sizeof(un.sun_path));
	/* Dirt from an earlier call */
	memset(slot, 0xee, PAGE);
	RECEIVE(SYS_connect, 3, ADDRESS(&un), sizeof(un));
	assert_int_equal(pinredir_get_sockaddr(call, 1, &address, &len), 0);
	assert_int_equal(len, sizeof(un));
	assert_memory_equal(address, &un, sizeof(un));
	assert_int_equal(strlen(((struct sockaddr_un *)address)->sun_path),
			 sizeof(un.sun_path));
	assert_int_equal(fake.fetches, 1);
	pin_and_allow();
	assert_int_equal(fake.fetches, 1);
	pinned(1, sizeof(un));

	RECEIVE(SYS_sendto, 3, 0, 0, 0, ADDRESS(&un), 1);
	assert_int_equal(pinredir_get_sockaddr(call, 4, &address, &len), 0);
	assert_int_equal(len, 1);
	assert_int_equal(address->sa_family, AF_UNIX);
	assert_int_equal(((struct sockaddr_storage *)address)->__ss_padding[99],
			 0);

	RECEIVE(SYS_connect, 3, ADDRESS(&un), 0);
	assert_int_equal(pinredir_get_sockaddr(call, 1, &address, &len), 0);
	assert_null(address);
	RECEIVE(SYS_connect, 3, ADDRESS(&un), 129);
	assert_int_equal(pinredir_get_sockaddr(call, 1, &address, &len),
			 -EINVAL);
	assert_int_equal(pinredir_get_sockaddr(call, 5, &address, &len),
			 -EINVAL);
	assert_int_equal(pinredir_allow(call), -EINVAL);

	/* Another one, with its length */
	assert_int_equal(pinredir_set_sockaddr(call, 1, (void *)&un, 0),
			 -EINVAL);
	assert_int_equal(pinredir_set_sockaddr(call, 1, (void *)&un, 12), 0);
	assert_int_equal(pinredir_get_sockaddr(call, 1, &address, &len), 0);
	assert_int_equal(len, 12);
	pin_and_allow();
	assert_memory_equal(pinned(1, 12), &un, 12);
	assert_int_equal(fake.redirect.args[2], 12);
}

static void pieces(void **state)
{
	char bytes[] = "0123456789", other[] = "abc";
	struct iovec iov[] = {
		{ bytes, 4 }, { bytes + 4, 2 }, { (void *)16, 0 }, { other, 3 },
	}, *got;
	size_t count, len;

	(void)state;
	RECEIVE(SYS_writev, 3, ADDRESS(iov), 4);
	assert_int_equal(pinredir_get_iovec(call, 1, &count), 0);
	assert_int_equal(count, 4);
	/* The array, those that follow each other, the last */
	assert_int_equal(fake.fetches, 3);
	assert_memory_equal(pinredir_iovec_bytes(call, 1, 1, &len), "45", 2);
	assert_int_equal(len, 2);
	assert_null(pinredir_iovec_bytes(call, 1, 2, &len));
	assert_null(pinredir_iovec_bytes(call, 1, 4, &len));
	assert_null(pinredir_iovec_bytes(call, 2, 0, &len));
	pin_and_allow();
	assert_int_equal(fake.fetches, 3);
	got = pinned(1, sizeof(iov));
	assert_memory_equal(pinned_at(ADDRESS(got[0].iov_base), 4), "0123", 4);
	assert_memory_equal(pinned_at(ADDRESS(got[3].iov_base), 3), "abc", 3);
	assert_null(got[2].iov_base);

	/* What is filled is not copied, nor are the pieces. */
	RECEIVE(SYS_readv, 3, ADDRESS(iov), 4);
	assert_int_equal(pinredir_get_iovec(call, 1, &count), -EINVAL);
	pin_and_allow();
	got = pinned(1, sizeof(iov));
	assert_ptr_equal(got[0].iov_base, bytes);

	iov[3].iov_len = -1;
	RECEIVE(SYS_writev, 3, ADDRESS(iov), 4);
	assert_refused(-EINVAL);
	iov[3].iov_len = 1ULL << 40;
	RECEIVE(SYS_writev, 3, ADDRESS(iov), 4);
	assert_refused(-ENOBUFS);
	iov[3] = (struct iovec){ (void *)16, 1 };
	RECEIVE(SYS_writev, 3, ADDRESS(iov), 4);
	assert_int_equal(pinredir_get_iovec(call, 1, &count), -EFAULT);
	assert_refused(-EFAULT);
	RECEIVE(SYS_writev, 3, ADDRESS(iov), IOV_MAX + 1);
	assert_int_equal(pinredir_get_iovec(call, 1, &count), -EINVAL);
	RECEIVE(SYS_writev, 3, ADDRESS(iov), 0);
	assert_int_equal(pinredir_get_iovec(call, 1, &count), 0);
	assert_int_equal(count, 0);
}

static struct iovec changing[2];
static char wanted[] = "wanted", unwanted[] = "unwanted";

static void change_pieces(unsigned int n)
{
	(void)n;
	changing[0] = (struct iovec){ unwanted, 8 };
	changing[1] = (struct iovec){ unwanted, 8 };
}

/* One snapshot of the array, and all is read through that. */
static void i1_pieces_are_those_of_the_first_read(void **state)
{
	size_t len;

	(void)state;
	changing[0] = (struct iovec){ wanted, 6 };
	changing[1] = (struct iovec){ wanted, 3 };
	fake.fetched = change_pieces;
	RECEIVE(SYS_writev, 3, ADDRESS(changing), 2);
	assert_int_equal(pinredir_pin_all(call), 0);
	assert_ptr_equal(changing[0].iov_base, unwanted);
	assert_memory_equal(pinredir_iovec_bytes(call, 1, 0, &len), "wanted",
			    6);
	assert_int_equal(len, 6);
	assert_memory_equal(pinredir_iovec_bytes(call, 1, 1, &len), "wan", 3);
	assert_int_equal(len, 3);
}

static void messages(void **state)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "\0a" };
	char control[64] = "control", bytes[] = "payload";
	struct iovec iov = { bytes, 7 };
	struct msghdr header = {
		.msg_name = &un, .msg_namelen = 5, .msg_iov = &iov,
		.msg_iovlen = 1, .msg_control = control, .msg_controllen = 64,
	}, *got;
	struct pinredir_message message = { .size = sizeof(message) };
	size_t len;

	(void)state;
	RECEIVE(SYS_sendmsg, 3, ADDRESS(&header), MSG_DONTWAIT);
	assert_int_equal(pinredir_get_message(call, 1, &message), 0);
	assert_int_equal(message.name_len, 5);
	assert_memory_equal(message.name, &un, 5);
	assert_int_equal(message.control_len, 64);
	assert_memory_equal(message.control, control, 64);
	assert_int_equal(message.count, 1);
	assert_int_equal(message.flags, MSG_DONTWAIT);
	assert_memory_equal(pinredir_iovec_bytes(call, 1, 0, &len), bytes, 7);
	pin_and_allow();
	assert_int_equal(fake.fetches, 5);
	got = pinned(1, sizeof(header));
	pinned_at(ADDRESS(got->msg_name), 5);
	pinned_at(ADDRESS(got->msg_control), 64);
	got = pinned_at(ADDRESS(got->msg_iov), sizeof(iov));
	pinned_at(*(uint64_t *)got, 7);

	RECEIVE(SYS_recvmsg, 3, ADDRESS(&header), 0);
	assert_int_equal(pinredir_get_message(call, 1, &message), -EINVAL);
	assert_refused(-EOPNOTSUPP);
	RECEIVE(SYS_sendmsg, 3, 0, 0);
	assert_int_equal(pinredir_get_message(call, 1, &message), -EFAULT);
	header = (struct msghdr){ .msg_namelen = 5 };
	RECEIVE(SYS_sendmsg, 3, ADDRESS(&header), 0);
	assert_int_equal(pinredir_get_message(call, 1, &message), 0);
	assert_null(message.name);
	assert_int_equal(message.name_len, 0);
	assert_int_equal(message.count, 0);
	header.msg_namelen = -1;
	RECEIVE(SYS_sendmsg, 3, ADDRESS(&header), 0);
	assert_refused(-EINVAL);
	header = (struct msghdr){ .msg_iovlen = IOV_MAX + 1 };
	RECEIVE(SYS_sendmsg, 3, ADDRESS(&header), 0);
	assert_refused(-EMSGSIZE);
	header = (struct msghdr){ .msg_controllen = 1ULL << 31 };
	RECEIVE(SYS_sendmsg, 3, ADDRESS(&header), 0);
	assert_refused(-ENOBUFS);
}

/* What somebody has looked at is not replaced, nor is less than is read allowed. */
static void i1_what_was_got_stays(void **state)
{
	struct timespec time = { 1, 2 };
	struct rlimit limit = { 3, 4 };
	const void *bytes;
	size_t len = sizeof(limit);

	(void)state;
	RECEIVE(SYS_setrlimit, 1, ADDRESS(&limit));
	assert_int_equal(pinredir_get_bytes(call, 1, &bytes, &len), 0);
	limit.rlim_cur = 5;
	pin_and_allow();
	assert_ptr_equal(pinned(1, sizeof(limit)), bytes);
	assert_int_equal(*(uint64_t *)bytes, 3);
	RECEIVE(SYS_setrlimit, 1, ADDRESS(&limit));
	len = 8;
	assert_int_equal(pinredir_get_bytes(call, 1, &bytes, &len), 0);
	assert_refused(-EINVAL);
	/* A value is no pointer, but for NULL. */
	RECEIVE(SYS_mq_timedsend, 1, ADDRESS("x"), 1, 0, ADDRESS(&time));
	assert_int_equal(pinredir_set_value(call, 4, 16), 0);
	assert_refused(-EINVAL);
	assert_int_equal(pinredir_set_value(call, 4, 0), 0);
	pin_and_allow();
	assert_int_equal(pinredir_pin_all(call), -EINPROGRESS);
}

/* By a rule that has less room than the kernel takes: copied anew */
static void rules_are_not_the_kernels_limits(void **state)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	(void)state;
	fake.receive.copies[1] = (struct seccomp_pin_copy){
		SECCOMP_PIN_BYTES_ARG, -E2BIG, 0, 0
	};
	RECEIVE(SYS_connect, 3, ADDRESS(&un), sizeof(un));
	assert_int_equal(pinredir_allow(call), -E2BIG);
	pin_and_allow();
	pinned(1, sizeof(un));
}

static void gone_is_an_outcome(void **state)
{
	(void)state;
	fake.fetch_error = PINREDIR_GONE;
	RECEIVE(SYS_chdir, ADDRESS("/a"));
	assert_refused(PINREDIR_GONE);
	fake.fetch_error = -ETIMEDOUT;
	assert_refused(-ETIMEDOUT);
	fake.fetch_error = 0;
	pin_and_allow();
	/* Nor does the next call have anything of it. */
	RECEIVE(SYS_getppid, 0);
	assert_int_equal(pinredir_allow(call), 0);
}

#define CALL_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CALL_TEST(rows_are_sound),
		CALL_TEST(rows_that_cannot_be_pinned),
		CALL_TEST(commands_decide),
		CALL_TEST(paths),
		CALL_TEST(strings),
		CALL_TEST(lengths_that_are_too_long),
		CALL_TEST(sizes_are_read_once),
		CALL_TEST(i1_a_size_stays_what_it_was),
		CALL_TEST(i1_a_handle_stays_what_it_was),
		CALL_TEST(clone_args),
		CALL_TEST(second_levels),
		CALL_TEST(mount_data),
		CALL_TEST(vectors),
		CALL_TEST(i6_vectors_do_not_amplify),
		CALL_TEST(i6_vectors_by_the_targets_stack),
		CALL_TEST(addresses),
		CALL_TEST(pieces),
		CALL_TEST(i1_pieces_are_those_of_the_first_read),
		CALL_TEST(messages),
		CALL_TEST(i1_what_was_got_stays),
		CALL_TEST(rules_are_not_the_kernels_limits),
		CALL_TEST(gone_is_an_outcome),
	};

	return cmocka_run_group_tests_name(__FILE__, tests, NULL, NULL);
}
