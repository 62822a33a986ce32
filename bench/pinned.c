// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "fail.h"
#include "pinned.h"
#include "reads.h"

#define DEFAULT_SLOT	(16U << 10)
#define PAGE		4096U
#define VECTOR_PIECE	64U	/* pointers fetched together */
#define VECTOR_MOST	1024U

static bool has_rule(const struct seccomp_pin_rule *rules, size_t count,
		     unsigned int nr, unsigned int arg)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (rules[i].nr == nr && rules[i].arg == arg)
			return true;
	return false;
}

/* What the library has no rule for by itself, if a rule can say it */
static bool rule_for(struct seccomp_pin_rule *rule, unsigned int nr,
		     const struct reads *reads, size_t slot)
{
	*rule = (struct seccomp_pin_rule){
		.nr = nr,
		.arg = reads->arg,
		.kind = SECCOMP_PIN_BYTES_ARG,
		.max = slot / 2,
		.len = reads->len,
	};
	if (reads->kind == READS_MESSAGE) {
		rule->kind = SECCOMP_PIN_BYTES;
		rule->max = sizeof(struct msghdr);
		rule->len = sizeof(struct msghdr);
	}
	return reads->kind == READS_BYTES_ARG || reads->kind == READS_MESSAGE;
}

static void set_rules(struct pinredir *ctx, const struct row *row, size_t slot)
{
	size_t count = pinredir_default_rules(NULL, 0);
	struct seccomp_pin_rule *rules = calloc(count + 16, sizeof(*rules));
	const int *nr;
	unsigned int i;

	need(rules, "calloc");
	pinredir_default_rules(rules, count);
	for (nr = row->traps; *nr >= 0; nr++) {
		const struct reads_list *list = reads_of(*nr);

		for (i = 0; i < list->count; i++)
			if (!has_rule(rules, count, *nr, list->items[i].arg) &&
			    rule_for(&rules[count], *nr, &list->items[i], slot))
				count++;
	}
	if (pinredir_set_rules(ctx, rules, count))
		fail("%s: rules", row->name);
	free(rules);
}

struct pinredir *pinned_open(int listener, const struct row *row)
{
	struct pinredir_options options = {
		.size = sizeof(options),
		.slot_size = row->slot ? row->slot : DEFAULT_SLOT,
	};
	struct pinredir *ctx;
	int err = pinredir_open(&ctx, listener, &options);

	if (err)
		fail("pinredir_open: %s", strerror(-err));
	set_rules(ctx, row, options.slot_size);
	return ctx;
}

/* The vector itself, up to and with the NULL: how many pointers, or -errno */
static int fetch_vector(struct pinredir_call *call, uint64_t from,
			uint64_t *vector)
{
	unsigned int count = 0, i, n;
	const void *bytes;
	size_t len;
	int err;

	for (;;) {
		/* Up to the page's end: behind it there may be nothing. */
		len = PAGE - ((from + count * 8) & (PAGE - 1));
		if (len > VECTOR_PIECE * 8)
			len = VECTOR_PIECE * 8;
		n = len / 8;
		if (!n || count + n > VECTOR_MOST)
			return -E2BIG;
		len = n * 8;
		err = pinredir_fetch(call, from + count * 8, PINREDIR_BYTES,
				     &bytes, &len);
		if (err)
			return err;
		memcpy(vector + count, bytes, len);
		for (i = 0; i < n; i++)
			if (!vector[count++])
				return count;
	}
}

int pinned_strings(struct pinredir_call *call, unsigned int arg)
{
	uint64_t vector[VECTOR_MOST], from = pinredir_arg(call, arg);
	const void *string;
	int count, i, err;
	size_t len;

	if (!from)
		return 0;
	count = fetch_vector(call, from, vector);
	if (count < 0)
		return count;
	for (i = 0; i < count - 1; i++) {
		len = PATH_MAX;
		err = pinredir_fetch(call, vector[i], PINREDIR_STRING, &string,
				     &len);
		if (err)
			return err;
		vector[i] = pinredir_address(call, string);
	}
	return pinredir_set_bytes(call, arg, vector, count * sizeof(*vector));
}

/* Something that a pointer points to; the pointer is the slot's afterwards. */
static int fetch_part(struct pinredir_call *call, void *pointer, size_t len,
		      const void **part)
{
	uint64_t at;
	int err;

	memcpy(&at, pointer, sizeof(at));
	if (!at || !len)
		return 0;
	err = pinredir_fetch(call, at, PINREDIR_BYTES, part, &len);
	if (err)
		return err;
	at = pinredir_address(call, *part);
	memcpy(pointer, &at, sizeof(at));
	return 0;
}

/* The parts of a message: their order in the slot does not matter. */
static int fetch_parts(struct pinredir_call *call, struct msghdr *msg)
{
	const void *name, *control, *vector = NULL, *payload;
	struct iovec *iov;
	size_t i;
	int err;

	err = fetch_part(call, &msg->msg_name, msg->msg_namelen, &name);
	if (!err)
		err = fetch_part(call, &msg->msg_control, msg->msg_controllen,
				 &control);
	if (!err)
		err = fetch_part(call, &msg->msg_iov,
				 msg->msg_iovlen * sizeof(*iov), &vector);
	/* The slot is ours to write, and this part of it was fetched for that. */
	iov = (struct iovec *)vector;
	for (i = 0; iov && i < msg->msg_iovlen && !err; i++)
		err = fetch_part(call, &iov[i].iov_base, iov[i].iov_len,
				 &payload);
	return err;
}

int pinned_message(struct pinredir_call *call, unsigned int arg)
{
	const void *bytes;
	struct msghdr msg;
	size_t len = sizeof(msg);
	int err = pinredir_get_bytes(call, arg, &bytes, &len);

	if (err || !bytes)
		return err;
	memcpy(&msg, bytes, sizeof(msg));
	err = fetch_parts(call, &msg);
	return err ? err : pinredir_set_bytes(call, arg, &msg, sizeof(msg));
}
