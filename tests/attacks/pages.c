// SPDX-License-Identifier: GPL-2.0-only
/* Attacks on the pages behind the mapping: userfaultfd, io_uring, pipes. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/userfaultfd.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "attack.h"

/* Newer than some headers */
#define FEATURE_MOVE	(1ULL << 16)
#define UFFD_MOVE	_IOWR(UFFDIO, 0x05, struct uffd_move)

struct uffd_move {
	uint64_t dst;
	uint64_t src;
	uint64_t len;
	uint64_t mode;
	int64_t move;
};

/* Without privilege it is for faults of user mode alone; no hindrance here. */
static int uffd_open(uint64_t features)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };
	int fd = syscall(SYS_userfaultfd, getuid() ? UFFD_USER_MODE_ONLY : 0);

	return fd < 0 || ioctl(fd, UFFDIO_API, &api) ? -1 : fd;
}

static void uffd_register(struct attack_run *a, int fd, uint64_t mode)
{
	struct uffdio_register reg = {
		.range = { .start = (uintptr_t)a->path, .len = PAGE },
		.mode = mode,
	};

	attack_step(a, ioctl(fd, UFFDIO_REGISTER, &reg));
}

static void uffd_copy(struct attack_run *a, int fd, uint64_t mode)
{
	struct uffdio_copy copy = {
		.dst = (uintptr_t)a->path,
		.src = (uintptr_t)attack_page(),
		.len = PAGE,
		.mode = mode,
	};

	attack_step(a, ioctl(fd, UFFDIO_COPY, &copy));
}

static void fault_copy(struct attack_run *a)
{
	int fd = uffd_open(0);

	attack_step(a, madvise(a->path, PAGE, MADV_REMOVE));
	uffd_register(a, fd, UFFDIO_REGISTER_MODE_MISSING);
	uffd_copy(a, fd, 0);
	close(fd);
}

static void fault_zeropage(struct attack_run *a)
{
	struct uffdio_zeropage zero = {
		.range = { .start = (uintptr_t)a->path, .len = PAGE },
	};
	int fd = uffd_open(0);

	attack_step(a, madvise(a->path, PAGE, MADV_REMOVE));
	uffd_register(a, fd, UFFDIO_REGISTER_MODE_MISSING);
	attack_step(a, ioctl(fd, UFFDIO_ZEROPAGE, &zero));
	close(fd);
}

static void fault_protect(struct attack_run *a)
{
	struct uffdio_writeprotect protect = {
		.range = { .start = (uintptr_t)a->path, .len = PAGE },
		.mode = UFFDIO_WRITEPROTECT_MODE_WP,
	};
	int fd = uffd_open(UFFD_FEATURE_WP_HUGETLBFS_SHMEM);

	uffd_register(a, fd, UFFDIO_REGISTER_MODE_MISSING |
		      UFFDIO_REGISTER_MODE_WP);
	attack_step(a, ioctl(fd, UFFDIO_WRITEPROTECT, &protect));
	attack_step(a, madvise(a->path, PAGE, MADV_REMOVE));
	uffd_copy(a, fd, UFFDIO_COPY_MODE_WP);
	close(fd);
}

/* What is in the file is mapped when the attacker says so. */
static void fault_continue(struct attack_run *a)
{
	struct uffdio_continue cont = {
		.range = { .start = (uintptr_t)a->path, .len = PAGE },
	};
	int fd = uffd_open(UFFD_FEATURE_MINOR_SHMEM);

	uffd_register(a, fd, UFFDIO_REGISTER_MODE_MINOR);
	attack_step(a, madvise(a->path, PAGE, MADV_DONTNEED));
	attack_step(a, pwrite(a->fd, PLANTED, sizeof(PLANTED), a->offset));
	attack_step(a, ioctl(fd, UFFDIO_CONTINUE, &cont));
	close(fd);
}

static void fault_move(struct attack_run *a)
{
	struct uffd_move move = {
		.dst = (uintptr_t)a->path,
		.src = (uintptr_t)attack_page(),
		.len = PAGE,
	};
	int fd = uffd_open(FEATURE_MOVE);

	uffd_register(a, fd, UFFDIO_REGISTER_MODE_MISSING);
	attack_step(a, madvise(a->path, PAGE, MADV_DONTNEED));
	attack_step(a, ioctl(fd, UFFD_MOVE, &move));
	close(fd);
}

static void *ring_map(int fd, size_t size, off_t what)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_POPULATE, fd, what);
}

/* One request through a ring that has room for one; -1 or its result */
static long ring_submit(int fd, const struct io_uring_params *p,
			const struct io_uring_sqe *request)
{
	char *ring = ring_map(fd, PAGE, IORING_OFF_SQ_RING);
	struct io_uring_sqe *sqe = ring_map(fd, PAGE, IORING_OFF_SQES);
	struct io_uring_cqe *cqe;

	if (ring == MAP_FAILED || sqe == MAP_FAILED)
		return -1;
	*sqe = *request;
	*(unsigned int *)(ring + p->sq_off.array) = 0;
	__atomic_store_n((unsigned int *)(ring + p->sq_off.tail), 1,
			 __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, fd, 1, 1, IORING_ENTER_GETEVENTS, NULL,
		    0) != 1)
		return -1;
	cqe = (struct io_uring_cqe *)(ring + p->cq_off.cqes);
	if (cqe->res >= 0)
		return cqe->res;
	errno = -cqe->res;
	return -1;
}

static int path_file(void)
{
	int fd = memfd_create("planted", MFD_CLOEXEC);

	return write(fd, PLANTED, sizeof(PLANTED)) < 0 ? -1 : fd;
}

static void ring_madvise(struct attack_run *a)
{
	struct io_uring_sqe sqe = {
		.opcode = IORING_OP_MADVISE,
		.addr = (uintptr_t)a->path,
		.len = PAGE,
		.fadvise_advice = a->attack->arg,
	};
	struct io_uring_params p = { 0 };
	int fd = syscall(SYS_io_uring_setup, 1, &p);

	attack_step(a, ring_submit(fd, &p, &sqe));
	close(fd);
}

static void ring_read(struct attack_run *a)
{
	struct iovec iov = { .iov_base = a->path, .iov_len = PAGE };
	struct io_uring_sqe sqe = {
		.opcode = a->attack->arg,
		.fd = path_file(),
		.addr = (uintptr_t)a->path,
		.len = sizeof(PLANTED),
	};
	struct io_uring_params p = { 0 };
	int fd = syscall(SYS_io_uring_setup, 1, &p);

	if (sqe.opcode == IORING_OP_READ_FIXED)
		attack_step(a, syscall(SYS_io_uring_register, fd,
				       IORING_REGISTER_BUFFERS, &iov, 1));
	attack_step(a, ring_submit(fd, &p, &sqe));
	close(sqe.fd);
	close(fd);
}

static void splice_into(struct attack_run *a)
{
	struct iovec iov = { .iov_base = a->path, .iov_len = sizeof(PLANTED) };
	int ends[2];

	attack_step(a, pipe(ends));
	attack_step(a, write(ends[1], PLANTED, sizeof(PLANTED)));
	attack_step(a, vmsplice(ends[0], &iov, 1, 0));
	close(ends[0]);
	close(ends[1]);
}

/* Its page goes through a pipe, is written behind, and goes into a file. */
static void splice_out(struct attack_run *a)
{
	struct iovec iov = { .iov_base = a->path, .iov_len = PAGE };
	int ends[2], file = memfd_create("file", MFD_CLOEXEC);

	attack_step(a, pipe(ends));
	attack_step(a, vmsplice(ends[1], &iov, 1, SPLICE_F_GIFT));
	attack_step(a, write(ends[1], PLANTED, sizeof(PLANTED)));
	attack_step(a, splice(ends[0], NULL, file, NULL, PAGE, SPLICE_F_MOVE));
	attack_step(a, pwrite(file, PLANTED, sizeof(PLANTED), 0));
	close(file);
	close(ends[0]);
	close(ends[1]);
}

static void send_zerocopy(struct attack_run *a)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(addr);
	int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int one = 1;

	if (bind(server, (void *)&addr, len) || listen(server, 1) ||
	    getsockname(server, (void *)&addr, &len))
		return;
	attack_step(a, setsockopt(client, SOL_SOCKET, SO_ZEROCOPY, &one,
				  sizeof(one)));
	attack_step(a, connect(client, (void *)&addr, len));
	attack_step(a, send(client, a->path, PAGE, MSG_ZEROCOPY));
	attack_step(a, send(client, PLANTED, sizeof(PLANTED), 0));
	close(client);
	close(server);
}

/* Root's userfaultfd is for the kernel's faults as well. */
#define FAULTS	(SHARING | AT(ROOT_PEER))

const struct attack page_attacks[] = {
	{ "userfaultfd missing: MADV_REMOVE, register, COPY", fault_copy, 0,
	  FAULTS, SEALED, NULL, "EACCES EINVAL ENOENT" },
	{ "userfaultfd missing: MADV_REMOVE, register, ZEROPAGE",
	  fault_zeropage, 0, FAULTS, SEALED, NULL, "EACCES EINVAL ENOENT" },
	{ "userfaultfd wp: register, protect, MADV_REMOVE, COPY", fault_protect,
	  0, FAULTS, SEALED, NULL, "EINVAL ENOENT EACCES ENOENT" },
	{ "userfaultfd minor: register, DONTNEED, pwrite(), CONTINUE",
	  fault_continue, 0, FAULTS, MEMFD, NULL, "EINVAL 0 EBADF ENOENT" },
	{ "userfaultfd missing: register, DONTNEED, MOVE", fault_move, 0,
	  FAULTS, PRIVATE, NULL, "EINVAL 0 EINVAL" },
	{ "io_uring: MADV_REMOVE", ring_madvise, MADV_REMOVE, SHARING, SEALED,
	  NULL, "EACCES" },
	{ "io_uring: MADV_DONTNEED", ring_madvise, MADV_DONTNEED, SHARING,
	  PRIVATE, NULL, "0" },
	{ "io_uring: read into it", ring_read, IORING_OP_READ, SHARING, PRIVATE,
	  NULL, "EFAULT" },
	{ "io_uring: fixed buffer, read into it", ring_read,
	  IORING_OP_READ_FIXED, SHARING, PRIVATE, NULL, "EFAULT EFAULT" },
	{ "vmsplice() from a pipe into it", splice_into, 0, SHARING, PRIVATE,
	  NULL, "0 0 EFAULT" },
	{ "vmsplice() into a pipe, written behind, moved to a file", splice_out,
	  0, SHARING, NONE, "a pipe only reads its pages",
	  "0 0 0 0 0" },
	{ "MSG_ZEROCOPY of it", send_zerocopy, 0, SHARING, NONE,
	  "sending only reads", "0 0 0 0" },
	{ }
};
