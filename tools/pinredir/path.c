// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "path.h"

static bool is_dots(const char *component, size_t len)
{
	return len == 2 && !strncmp(component, "..", 2);
}

void path_normalise(char *path)
{
	bool absolute = *path == '/';
	/* ".." goes no further than this. */
	char *start = path + absolute, *to = start, *last;
	const char *from = path;
	size_t len;

	while (*from) {
		from += strspn(from, "/");
		len = strcspn(from, "/");
		last = to;
		while (last > start && last[-1] != '/')
			last--;
		if (is_dots(from, len) && to > start &&
		    !is_dots(last, to - last)) {
			to = last > start ? last - 1 : start;
		} else if (len && !(len == 1 && *from == '.') &&
			   !(absolute && is_dots(from, len))) {
			if (to > start)
				*to++ = '/';
			memmove(to, from, len);
			to += len;
		}
		from += len;
	}
	if (to == path)
		*to++ = '.';
	*to = '\0';
}

size_t path_dots(const char *path)
{
	const char *at = path;
	size_t len, dots = 0;
	bool name = false;

	for (; *at; at += len) {
		at += strspn(at, "/");
		len = strcspn(at, "/");
		if (!is_dots(at, len))
			name = name || (len && !(len == 1 && *at == '.'));
		else if (name)
			dots = at + len - path;
	}
	return dots;
}

bool path_below(const char *path, const char *top, size_t len)
{
	if (len == 1)
		return true;
	return !strncmp(path, top, len) && (!path[len] || path[len] == '/');
}

bool path_ends_in_dots(const char *path)
{
	size_t len = strlen(path);

	return (len == 2 || (len > 2 && path[len - 3] == '/')) &&
	       is_dots(path + len - 2, 2);
}

bool path_wants_directory(const char *path)
{
	size_t len = strlen(path);

	return (len >= 1 && path[len - 1] == '/') ||
	       (len >= 2 && !strcmp(path + len - 2, "/.")) ||
	       path_ends_in_dots(path);
}
