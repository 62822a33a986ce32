// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Structures that a program allocates, and that grow: the program may have been built
 * against a header that knows less of them, or more.
 */
#include <string.h>

#include "private.h"

int pinredir_sized_in(void *to, size_t known, const void *from, size_t size,
		      size_t least)
{
	const unsigned char *bytes = from;
	size_t i;

	if (size < least)
		return -EINVAL;
	for (i = known; i < size; i++)
		if (bytes[i])
			return -E2BIG;
	memset(to, 0, known);
	memcpy(to, from, size < known ? size : known);
	return 0;
}

void pinredir_sized_out(void *to, size_t size, const void *from, size_t known)
{
	size_t len = size < known ? size : known;

	memmove(to, from, len);
	memset((unsigned char *)to + len, 0, size - len);
}
