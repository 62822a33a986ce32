// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

static bool text_grow(struct text *text, size_t more)
{
	size_t room = text->room ? text->room : 256;
	char *bytes;

	while (room - text->len <= more)
		room *= 2;
	if (room == text->room)
		return true;
	bytes = realloc(text->bytes, room);
	if (!bytes) {
		text->failed = true;
		return false;
	}
	text->bytes = bytes;
	text->room = room;
	return true;
}

void text_add(struct text *text, const char *bytes, size_t len)
{
	if (!text_grow(text, len))
		return;
	memcpy(text->bytes + text->len, bytes, len);
	text->len += len;
	text->bytes[text->len] = '\0';
}

void text_print(struct text *text, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0 || !text_grow(text, len))
		return;
	va_start(args, format);
	vsnprintf(text->bytes + text->len, len + 1, format, args);
	va_end(args);
	text->len += len;
}

static bool printable(unsigned char c)
{
	return c >= ' ' && c < 0x7f;
}

void text_quote(struct text *text, const char *bytes, size_t len, size_t most)
{
	static const char plain[] = "\"\\\n\t\r", escaped[] = "\"\\ntr";
	size_t i, shown = most && most < len ? most : len;
	const char *known;
	unsigned char c;

	text_add(text, "\"", 1);
	for (i = 0; i < shown; i++) {
		c = bytes[i];
		known = c ? strchr(plain, c) : NULL;
		if (known)
			text_print(text, "\\%c", escaped[known - plain]);
		else if (printable(c))
			text_add(text, &bytes[i], 1);
		else
			text_print(text, "\\%03o", c);
	}
	text_print(text, "\"%s", shown < len ? "..." : "");
}

/* How many bytes of UTF-8 make the character here; 0: none do */
static size_t utf8_length(const unsigned char *s, size_t len)
{
	/* By length: the bits of the first byte, and the least that it is for */
	static const struct {
		unsigned char mask, lead;
		uint32_t least;
	} forms[] = {
		{ 0x80, 0x00, 0 },
		{ 0xe0, 0xc0, 0x80 },
		{ 0xf0, 0xe0, 0x800 },
		{ 0xf8, 0xf0, 0x10000 },
	};
	uint32_t point;
	size_t i, n;

	for (n = 1; n <= 4; n++)
		if ((s[0] & forms[n - 1].mask) == forms[n - 1].lead)
			break;
	if (n > 4 || n > len)
		return 0;
	point = s[0] & (unsigned char)~forms[n - 1].mask;
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (s[i] & 0x3f);
	}
	if (point < forms[n - 1].least || point > 0x10ffff ||
	    (point >= 0xd800 && point < 0xe000))
		return 0;
	return n;
}

/* Beyond ASCII only what is no control: terminals know those of C1 as well. */
static bool utf8_shown(const unsigned char *s, size_t n)
{
	return n != 2 || s[0] != 0xc2 || s[1] >= 0xa0;
}

/* Returns whether it was all UTF-8. */
static bool json_string(struct text *text, const char *bytes, size_t len)
{
	const unsigned char *s = (const unsigned char *)bytes;
	bool good = true;
	size_t n;

	text_add(text, "\"", 1);
	for (; len; s += n, len -= n) {
		n = utf8_length(s, len);
		if (!n) {
			good = false;
			n = 1;
			text_print(text, "\\ufffd");
		} else if (n == 1 && (*s == '"' || *s == '\\')) {
			text_print(text, "\\%c", *s);
		} else if (n == 1 && !printable(*s)) {
			text_print(text, "\\u%04x", *s);
		} else if (!utf8_shown(s, n)) {
			text_print(text, "\\u%04x", s[1]);
		} else {
			text_add(text, (const char *)s, n);
		}
	}
	text_add(text, "\"", 1);
	return good;
}

static void json_hex(struct text *text, const char *bytes, size_t len)
{
	text_add(text, "\"", 1);
	for (; len; bytes++, len--)
		text_print(text, "%02x", (unsigned char)*bytes);
	text_add(text, "\"", 1);
}

void text_json_string(struct text *text, const char *name, const char *bytes,
		      size_t len)
{
	text_print(text, "\"%s\":", name);
	if (json_string(text, bytes, len))
		return;
	text_print(text, ",\"%s_hex\":", name);
	json_hex(text, bytes, len);
}

void text_json_element(struct text *text, const char *bytes, size_t len)
{
	size_t start = text->len;

	if (json_string(text, bytes, len))
		return;
	if (text->failed)
		return;
	text->len = start;
	text_print(text, "{\"hex\":");
	json_hex(text, bytes, len);
	text_add(text, "}", 1);
}

void text_clear(struct text *text)
{
	text->len = 0;
	text->failed = false;
}

void text_free(struct text *text)
{
	free(text->bytes);
	*text = (struct text){ 0 };
}
