// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>

#include "layers.h"

bool layers_type(const char *type, bool *known)
{
	*known = !strcmp(type, "overlay");
	return *known || !strcmp(type, "ecryptfs");
}

/* Behind a character, and what a backslash takes along */
static const char *skip(const char *at)
{
	return at + (*at == '\\' && at[1] ? 2 : 1);
}

/*
 * The value of the next option that is about directories, or NULL. Of lowerdir= it is
 * a list.
 */
static const char *next_value(const char *at, bool *list)
{
	const char *name = at;

	for (; *at; at = skip(at)) {
		if (*at == ',') {
			name = at + 1;
		} else if (*at == '=' && memmem(name, at - name, "dir", 3)) {
			*list = !strncmp(name, "lowerdir=", 9);
			return at + 1;
		}
	}
	return NULL;
}

int layers_next(const char **options, bool *list, char *path, size_t size)
{
	const char *at = *options;
	size_t len = 0;

	if (!*list)
		at = next_value(at, list);
	if (!at)
		return 0;
	for (; *at && *at != ',' && !(*list && *at == ':'); at = skip(at)) {
		if (len + 1 == size)
			return -ENAMETOOLONG;
		path[len++] = *at == '\\' && at[1] ? at[1] : *at;
	}
	path[len] = '\0';
	*list = *at == ':';
	*options = *list ? at + 1 : at;
	return 1;
}
