// SPDX-License-Identifier: GPL-2.0-only
/*
 * round ring|int80|x32: tries what would get round a filter for native calls.
 * Exit status: 9 if it works, 0 if the kernel says that there is no such call
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/io_uring.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WORKS	9

#define X32_BIT		0x40000000
#define I386_GETPID	20

static int ring(void)
{
	struct io_uring_params params = { 0 };

	if (syscall(SYS_io_uring_setup, 1, &params) >= 0)
		return WORKS;
	return errno == ENOSYS ? 0 : 1;
}

static int int80(void)
{
	int ret;

	__asm__ volatile("int $0x80" : "=a" (ret) : "0" (I386_GETPID)
			 : "memory", "r8", "r9", "r10", "r11");
	return ret == getpid() ? WORKS : 1;
}

static int x32(void)
{
	if (syscall(X32_BIT | SYS_getpid) >= 0)
		return WORKS;
	return errno == ENOSYS ? 0 : 1;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 2;
	if (!strcmp(argv[1], "ring"))
		return ring();
	if (!strcmp(argv[1], "int80"))
		return int80();
	if (!strcmp(argv[1], "x32"))
		return x32();
	return 2;
}
