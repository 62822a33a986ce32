// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <pinredir.h>
#include <unistd.h>

/*
 * The supervisor opens the file, and the target is given it. No number that another
 * thread could put something else at is in play.
 */
int answer_with(struct pinredir_call *call, const char *path)
{
	int ret, fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	ret = pinredir_addfd(call, fd, pinredir_arg(call, 2) & O_CLOEXEC);
	close(fd);
	return ret < 0 ? ret : 0;
}
