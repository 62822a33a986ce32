// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "show.h"

/* Bytes of data that are shown to people, as by strace(1); of strings, all */
#define SHOWN		32
/* Strings of a vector that are shown to them */
#define SHOWN_STRINGS	256
/* Numbers up to here are the same in every reader of JSON. */
#define JSON_NUMBER	(1LL << 53)
/* The kernel's errors are above */
#define LAST_ERRNO	(-4095)

/* A call's argument on its way into a text */
struct show {
	struct text *text;
	struct pinredir_call *call;
	const struct pinredir_argument *argument;
	unsigned int n;
	bool json;
};

static const char *error_name(int err)
{
	const char *name = strerrorname_np(-err);

	return name ? name : "?";
}

static uint64_t value(const struct show *show)
{
	return pinredir_arg(show->call, show->n);
}

static void show_address(const struct show *show)
{
	if (show->json)
		text_print(show->text, "{\"address\":\"0x%" PRIx64 "\"}",
			   value(show));
	else if (!value(show))
		text_print(show->text, "NULL");
	else
		text_print(show->text, "0x%" PRIx64, value(show));
}

/* The target passes it as it was: what it points to is not known. */
static void show_unpinned(const struct show *show, int err)
{
	pinredir_set_value(show->call, show->n, value(show));
	if (show->json) {
		text_print(show->text,
			   "{\"address\":\"0x%" PRIx64 "\",\"errno\":\"%s\"}",
			   value(show), error_name(err));
		return;
	}
	show_address(show);
	text_print(show->text, " /* %s */", error_name(err));
}

static void show_scalar(const struct show *show)
{
	int64_t v = value(show);

	/* Small negative ones are such in the lower half as well: AT_FDCWD. */
	if ((int32_t)v < 0 && (int32_t)v >= LAST_ERRNO &&
	    (v >> 32 == 0 || v >> 32 == -1))
		v = (int32_t)v;
	if (show->argument->direction == PINREDIR_FD)
		v = (int32_t)v;
	if (!show->json && show->argument->direction == PINREDIR_FD &&
	    v == AT_FDCWD)
		text_print(show->text, "AT_FDCWD");
	else if (v > -JSON_NUMBER && v < (show->json ? JSON_NUMBER : 1024))
		text_print(show->text, "%" PRId64, v);
	else if (show->json)
		text_print(show->text, "\"0x%" PRIx64 "\"", (uint64_t)v);
	else
		text_print(show->text, "0x%" PRIx64, (uint64_t)v);
}

static void show_string(const struct show *show)
{
	const char *string;
	int err = pinredir_get_string(show->call, show->n, &string);

	if (err)
		show_unpinned(show, err);
	else if (!string)
		text_print(show->text, show->json ? "null" : "NULL");
	else if (show->json)
		text_json_element(show->text, string, strlen(string));
	else
		text_quote(show->text, string, strlen(string), 0);
}

static void show_vector(const struct show *show)
{
	const char *string;
	size_t i, count;
	int err = pinredir_get_vector(show->call, show->n, &count);

	if (err) {
		show_unpinned(show, err);
		return;
	}
	if (!value(show)) {
		text_print(show->text, show->json ? "null" : "NULL");
		return;
	}
	text_add(show->text, "[", 1);
	for (i = 0; i < count; i++) {
		string = pinredir_vector_string(show->call, show->n, i);
		if (i)
			text_print(show->text, show->json ? "," : ", ");
		if (!show->json && i == SHOWN_STRINGS) {
			text_print(show->text, "...");
			break;
		}
		if (show->json)
			text_json_element(show->text, string, strlen(string));
		else
			text_quote(show->text, string, strlen(string), 0);
	}
	text_add(show->text, "]", 1);
}

static void show_data(const struct show *show, const void *bytes, size_t len)
{
	const unsigned char *byte = bytes;
	size_t i;

	if (!show->json) {
		text_quote(show->text, bytes, len, SHOWN);
		return;
	}
	text_print(show->text, "{\"bytes\":\"");
	for (i = 0; i < len; i++)
		text_print(show->text, "%02x", byte[i]);
	text_print(show->text, "\"}");
}

static void show_unix(const struct show *show, const struct sockaddr_un *un,
		      size_t len)
{
	size_t room = len - offsetof(struct sockaddr_un, sun_path);

	/* A name that begins with NUL may have more of them, another ends. */
	if (room && un->sun_path[0])
		room = strnlen(un->sun_path, room);
	if (show->json) {
		text_print(show->text, "{\"family\":\"AF_UNIX\",");
		text_json_string(show->text, "path", un->sun_path, room);
	} else {
		text_print(show->text, "{AF_UNIX, ");
		text_quote(show->text, un->sun_path, room, 0);
	}
	text_add(show->text, "}", 1);
}

static void show_inet(const struct show *show, int family,
		      const void *address, in_port_t port)
{
	char name[INET6_ADDRSTRLEN];

	inet_ntop(family, address, name, sizeof(name));
	text_print(show->text, show->json ?
		   "{\"family\":\"%s\",\"address\":\"%s\",\"port\":%u}" :
		   "{%s, %s, %u}", family == AF_INET ? "AF_INET" : "AF_INET6",
		   name, ntohs(port));
}

static void show_address_of(const struct show *show, const void *address,
			    size_t len)
{
	struct sockaddr_storage copy = { 0 };
	const struct sockaddr_in *in = (const void *)&copy;
	const struct sockaddr_in6 *in6 = (const void *)&copy;

	memcpy(&copy, address, len < sizeof(copy) ? len : sizeof(copy));
	if (copy.ss_family == AF_UNIX &&
	    len >= offsetof(struct sockaddr_un, sun_path))
		show_unix(show, address, len);
	else if (copy.ss_family == AF_INET && len >= sizeof(*in))
		show_inet(show, AF_INET, &in->sin_addr, in->sin_port);
	else if (copy.ss_family == AF_INET6 && len >= sizeof(*in6))
		show_inet(show, AF_INET6, &in6->sin6_addr, in6->sin6_port);
	else
		show_data(show, address, len);
}

static void show_sockaddr(const struct show *show)
{
	const struct sockaddr *address;
	size_t len;
	int err = pinredir_get_sockaddr(show->call, show->n, &address, &len);

	if (err)
		show_unpinned(show, err);
	else if (!address)
		show_address(show);
	else
		show_address_of(show, address, len);
}

/* The pieces of an array of struct iovec, or of a message */
static void show_pieces(const struct show *show, size_t count)
{
	const void *bytes;
	size_t i, len;

	text_add(show->text, "[", 1);
	for (i = 0; i < count; i++) {
		if (i)
			text_print(show->text, show->json ? "," : ", ");
		if (!show->json && i == SHOWN_STRINGS) {
			text_print(show->text, "...");
			break;
		}
		bytes = pinredir_iovec_bytes(show->call, show->n, i, &len);
		show_data(show, bytes ? bytes : "", len);
	}
	text_add(show->text, "]", 1);
}

static void show_iovec(const struct show *show)
{
	size_t count;
	int err = pinredir_get_iovec(show->call, show->n, &count);

	if (err)
		show_unpinned(show, err);
	else if (!value(show))
		show_address(show);
	else
		show_pieces(show, count);
}

static void show_message(const struct show *show)
{
	struct pinredir_message message = { .size = sizeof(message) };
	int err = pinredir_get_message(show->call, show->n, &message);

	if (err) {
		show_unpinned(show, err);
		return;
	}
	text_print(show->text, show->json ? "{\"name\":" : "{");
	if (message.name)
		show_address_of(show, message.name, message.name_len);
	else
		text_print(show->text, show->json ? "null" : "NULL");
	text_print(show->text, show->json ? ",\"pieces\":" : ", ");
	show_pieces(show, message.count);
	text_print(show->text, show->json ? ",\"control\":" : ", ");
	if (message.control)
		show_data(show, message.control, message.control_len);
	else
		text_print(show->text, show->json ? "null" : "NULL");
	text_add(show->text, "}", 1);
}

/* How many bytes it points to; false: that is not so simple */
static bool length(const struct show *show, size_t *len)
{
	const struct pinredir_argument *argument = show->argument;
	uint64_t count = 0;

	if (argument->length_arg != PINREDIR_NO_ARG)
		count = pinredir_arg(show->call, argument->length_arg);
	if (argument->flags & PINREDIR_INT)
		count = (uint32_t)count;
	switch (argument->shape) {
	case PINREDIR_BYTES:
		*len = argument->length;
		return true;
	case PINREDIR_BYTES_ARG:
		*len = argument->length + count;
		return count <= SECCOMP_PIN_MAX_SLOT;
	case PINREDIR_ARRAY:
		*len = argument->length * count;
		return count <= SECCOMP_PIN_MAX_SLOT;
	case PINREDIR_SIZED:
	case PINREDIR_CLONE_ARGS:
		*len = count;
		return count <= SECCOMP_PIN_MAX_SLOT;
	default:
		return false;
	}
}

static void show_bytes(const struct show *show)
{
	const void *bytes;
	size_t len = 0;
	int err;

	if (!length(show, &len)) {
		show_unpinned(show, -EOPNOTSUPP);
		return;
	}
	if (!len) {
		show_data(show, "", 0);
		return;
	}
	err = pinredir_get_bytes(show->call, show->n, &bytes, &len);
	if (err)
		show_unpinned(show, err);
	else if (!bytes)
		show_address(show);
	else
		show_data(show, bytes, len);
}

static void show_in(const struct show *show)
{
	switch (show->argument->shape) {
	case PINREDIR_STRING:
	case PINREDIR_PATH:
		show_string(show);
		break;
	case PINREDIR_VECTOR:
		/* The second one is the environment: long, and seldom of interest. */
		if (show->n && show->argument[-1].shape == PINREDIR_VECTOR)
			show_address(show);
		else
			show_vector(show);
		break;
	case PINREDIR_SOCKADDR:
		show_sockaddr(show);
		break;
	case PINREDIR_IOVEC:
		show_iovec(show);
		break;
	case PINREDIR_MSGHDR:
		show_message(show);
		break;
	default:
		show_bytes(show);
	}
}

void show_arguments(struct text *text, struct pinredir_call *call,
		    const struct pinredir_syscall *syscall, bool json)
{
	struct show show = { .text = text, .call = call, .json = json };

	for (show.n = 0; show.n < syscall->count; show.n++) {
		show.argument = pinredir_argument(syscall, show.n);
		if (show.n)
			text_print(text, json ? "," : ", ");
		switch (show.argument->direction) {
		case PINREDIR_SCALAR:
		case PINREDIR_FD:
			show_scalar(&show);
			break;
		case PINREDIR_IN:
			show_in(&show);
			break;
		default:
			show_address(&show);
		}
	}
}

void show_addresses(struct text *text, struct pinredir_call *call,
		    const struct pinredir_syscall *syscall, bool json)
{
	struct show show = { .text = text, .call = call, .json = json };

	for (show.n = 0; show.n < syscall->count; show.n++) {
		show.argument = pinredir_argument(syscall, show.n);
		if (show.n)
			text_print(text, json ? "," : ", ");
		if (show.argument->direction == PINREDIR_IN)
			show_unpinned(&show, -ENOBUFS);
		else if (show.argument->direction == PINREDIR_SCALAR ||
			 show.argument->direction == PINREDIR_FD)
			show_scalar(&show);
		else
			show_address(&show);
	}
}

static void show_error(struct text *text, int error, bool json)
{
	if (json)
		text_print(text, "\"result\":-1,\"errno\":\"%s\"",
			   error_name(error));
	else
		text_print(text, "-1 %s (%s)", error_name(error),
			   strerror(-error));
}

static void show_how(struct text *text, const char *how, bool json)
{
	text_print(text, json ? "\"result\":null,\"how\":\"%s\"" : "? (%s)",
		   how);
}

void show_result(struct text *text,
		 const struct seccomp_pin_completion *completion, bool json)
{
	int64_t ret = completion->retval;

	switch (completion->how) {
	case SECCOMP_PIN_EXECUTED:
		ret = 0;
		break;
	case SECCOMP_PIN_DIED:
		show_how(text, "its thread ended", json);
		return;
	case SECCOMP_PIN_SKIPPED:
		show_how(text, "another filter did not let it run", json);
		return;
	case SECCOMP_PIN_INTERRUPTED:
		show_how(text, "a signal came before it", json);
		return;
	}
	if (ret < 0 && ret >= LAST_ERRNO)
		show_error(text, ret, json);
	else
		text_print(text, json ? "\"result\":%" PRId64 : "%" PRId64,
			   ret);
}

void show_failure(struct text *text, int error, bool json)
{
	show_error(text, error, json);
	text_print(text, json ? ",\"how\":\"it could not be let run\"" :
		   " (it could not be let run)");
}

void show_unknown(struct text *text, bool json)
{
	show_how(text, "not known", json);
}
