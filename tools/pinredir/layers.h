/* SPDX-License-Identifier: GPL-2.0-only */
/* File systems that show directories of others, in which no mount tells that. */
#ifndef LAYERS_H
#define LAYERS_H

#include <stdbool.h>
#include <stddef.h>

/* Whether such a file system is named, and whether layers_next() knows its options */
bool layers_type(const char *type, bool *known);

/**
 * layers_next - the next directory in the options of an overlay
 * @options: what is left of them; begins with all
 * @list: whether the next one is in a list with the last one; begins with false
 * @path: set to it
 * @size: of it
 *
 * Return: 1; 0: there are no more; -ENAMETOOLONG
 */
int layers_next(const char **options, bool *list, char *path, size_t size);

#endif /* LAYERS_H */
