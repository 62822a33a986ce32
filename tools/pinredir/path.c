// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "path.h"

void path_normalise(char *path)
{
	const char *from = path;
	char *to = path;
	size_t len;

	while (*from) {
		while (*from == '/')
			from++;
		len = strcspn(from, "/");
		if (len == 2 && !strncmp(from, "..", 2)) {
			while (to > path && *--to != '/')
				;
		} else if (len && !(len == 1 && *from == '.')) {
			*to++ = '/';
			memmove(to, from, len);
			to += len;
		}
		from += len;
	}
	if (to == path)
		*to++ = '/';
	*to = '\0';
}

bool path_below(const char *path, const char *top, size_t len)
{
	if (len == 1)
		return true;
	return !strncmp(path, top, len) && (!path[len] || path[len] == '/');
}

bool path_wants_directory(const char *path)
{
	size_t len = strlen(path);

	return (len >= 1 && path[len - 1] == '/') ||
	       (len >= 2 && !strcmp(path + len - 2, "/."));
}
