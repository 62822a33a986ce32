/* SPDX-License-Identifier: GPL-2.0-only */
/* Paths as text: nothing here looks at a file system. */
#ifndef PATH_H
#define PATH_H

#include <stdbool.h>
#include <stddef.h>

/**
 * path_normalise - the shortest way to write a path
 * @path: not empty; changed in place
 *
 * Empty components and "." go, ".." takes the component before it along, and
 * there is no slash at the end, but for "/" itself. A relative path can begin with "..",
 * or be ".". That is about the text alone: where a component is a symbolic link, the
 * kernel's ".." leads elsewhere.
 */
void path_normalise(char *path);

/**
 * path_dots - where a path depends on whether a component is a symbolic link
 * @path: absolute or not
 *
 * Return: how many bytes of it end in the last ".." that follows a name; 0: none does
 */
size_t path_dots(const char *path);

/* Whether its last component is ".." */
bool path_ends_in_dots(const char *path);

/**
 * path_below - whether a path is another one, or below it
 * @path: normalised
 * @top: normalised
 * @len: of @top
 */
bool path_below(const char *path, const char *top, size_t len);

/* Whether it can only be a directory: it ends in "/", "/." or ".." */
bool path_wants_directory(const char *path);

#endif /* PATH_H */
