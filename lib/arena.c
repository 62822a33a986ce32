// SPDX-License-Identifier: LGPL-2.1-or-later
/* The arena: a sparse memfd that only this mapping of it can write. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "private.h"

#ifndef MFD_NOEXEC_SEAL		/* Linux 6.3, glibc 2.38 */
#define MFD_NOEXEC_SEAL	0x0008U
#endif

#define ARENA_SEALS	(F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | \
			 F_SEAL_SEAL)

static int arena_memfd(void)
{
	unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd = memfd_create("pinredir", flags | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("pinredir", flags);
	return fd < 0 ? -errno : fd;
}

/*
 * Returns the memfd, which is needed no longer than for attaching. A child must
 * not inherit the mapping, nor a core dump show it; that the seals come after
 * it is what makes it the only one that can be written.
 */
int pinredir_arena_make(struct pinredir *ctx, uint64_t size)
{
	struct rlimit limit;
	int err, fd;

	/* ftruncate() would send a SIGXFSZ. */
	if (getrlimit(RLIMIT_FSIZE, &limit))
		return -errno;
	if (limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < size)
		return -EFBIG;
	fd = arena_memfd();
	if (fd < 0)
		return fd;
	if (ftruncate(fd, size))
		goto fail;
	ctx->arena = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_NORESERVE, fd, 0);
	if (ctx->arena == MAP_FAILED) {
		ctx->arena = NULL;
		goto fail;
	}
	ctx->arena_size = size;
	if (madvise(ctx->arena, size, MADV_DONTFORK) ||
	    madvise(ctx->arena, size, MADV_DONTDUMP) ||
	    fcntl(fd, F_ADD_SEALS, ARENA_SEALS))
		goto fail;
	return fd;

fail:
	err = -errno;
	pinredir_arena_unmap(ctx);
	close(fd);
	return err;
}

void pinredir_arena_unmap(struct pinredir *ctx)
{
	if (ctx->arena)
		munmap(ctx->arena, ctx->arena_size);
	ctx->arena = NULL;
}
