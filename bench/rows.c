// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fail.h"
#include "row.h"

#define TRAPS(nr)	((const int[]){ nr, -1 })

static void call_openat(void)
{
	int fd = openat(AT_FDCWD, "/dev/null", O_RDONLY | O_CLOEXEC);

	need(fd >= 0, "openat");
	close(fd);
}

const struct row rows[] = {
	{
		.name = "openat",
		.traps = TRAPS(SYS_openat),
		.calls = 1000,
		.call = call_openat,
	},
};

const size_t row_count = sizeof(rows) / sizeof(*rows);
