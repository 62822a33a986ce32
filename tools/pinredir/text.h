/* SPDX-License-Identifier: GPL-2.0-only */
/* Lines of output; what comes from targets can forge none of them. */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct text - a text that grows; all zero is an empty one
 * @bytes: with a NUL behind them, or NULL as long as there are none
 * @len: without it
 * @room: allocated
 * @failed: there was no memory; what is there is cut off
 */
struct text {
	char *bytes;
	size_t len;
	size_t room;
	bool failed;
};

void text_add(struct text *text, const char *bytes, size_t len);
void text_print(struct text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * In double quotes, as in C: what is no printable ASCII is \n, \t, \r or \ooo.
 * Of more than @most bytes (0: all of them), the first, and "..." behind.
 */
void text_quote(struct text *text, const char *bytes, size_t len, size_t most);

/*
 * A JSON member "NAME":"BYTES". If they are not UTF-8, what is none of it reads
 * U+FFFD, and a second member "NAME_hex" has them as they are.
 */
void text_json_string(struct text *text, const char *name, const char *bytes,
		      size_t len);

/* The same without a name, for arrays; bytes that are no UTF-8 are {"hex":"..."} */
void text_json_element(struct text *text, const char *bytes, size_t len);

void text_clear(struct text *text);
void text_free(struct text *text);

#endif /* TEXT_H */
