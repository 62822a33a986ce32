// SPDX-License-Identifier: LGPL-2.1-or-later
/* Vectors of strings, such as argv: got, copied string by string, and set. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "private.h"

/*
 * What the kernel takes of argv and envp: a string has 32 pages at most, and all
 * of them with their pointers a fourth of the stack, but 128 KiB in any case, and
 * no more than 6 MiB.
 */
#define STRING_MOST	(32 * 4096U)
#define VECTOR_LEAST	(128U << 10)
#define VECTOR_MOST	(6U << 20)

/* Pointers that are read at a time, if their page has as many */
#define POINTERS	512U

/* What the target's own limit is now: the kernel will look again. */
static uint32_t vector_limit(const struct pinredir_call *call)
{
	struct rlimit stack;
	pid_t pid = call_received(call)->pid;
	rlim_t limit;

	if (!pid || prlimit(pid, RLIMIT_STACK, NULL, &stack))
		return VECTOR_MOST;
	limit = stack.rlim_cur / 4;
	if (limit > VECTOR_MOST)
		return VECTOR_MOST;
	return limit < VECTOR_LEAST ? VECTOR_LEAST : limit;
}

/*
 * Pointers that are read together, to where the page ends at most: what comes
 * behind the NULL need not be there.
 */
static size_t pointers_at(uint64_t address)
{
	size_t page = sysconf(_SC_PAGESIZE);
	size_t n = (page - address % page) / sizeof(uint64_t);

	if (!n)
		return 1;
	return n < POINTERS ? n : POINTERS;
}

/*
 * The next pointers, into @to, each read once; how many there are before the NULL.
 * They are in the slot for the time being.
 */
static int pointers_read(struct pinredir_call *call, uint64_t address,
			 uint64_t *to, size_t *n)
{
	size_t i, want = *n;
	uint32_t offset, copied;
	int err = pinredir_slot_fetch(call, address, SECCOMP_PIN_BYTES,
				      want * sizeof(*to), &offset, &copied);

	/* In a slot that is nearly full, one by one */
	if (err == -ENOBUFS && want > 1) {
		want = 1;
		err = pinredir_slot_fetch(call, address, SECCOMP_PIN_BYTES,
					  sizeof(*to), &offset, &copied);
	}
	if (err)
		return err;
	memcpy(to, pinredir_slot_bytes(call, offset), want * sizeof(*to));
	pinredir_slot_drop(call, offset);
	for (i = 0; i < want && to[i]; i++)
		;
	*n = i < want ? i : want;
	return i < want ? 1 : 0;
}

/* All pointers before the NULL; to be freed */
static int pointers_get(struct pinredir_call *call, uint64_t address,
			uint32_t limit, uint64_t **pointers, size_t *count)
{
	size_t n, room = 0;
	uint64_t *more;
	int end = 0;

	*pointers = NULL;
	for (*count = 0; !end; *count += n) {
		/* The kernel counts the pointers as well. */
		if ((*count + 1) * sizeof(uint64_t) >= limit)
			return -E2BIG;
		n = pointers_at(address + *count * sizeof(uint64_t));
		if (!*pointers || *count + n > room) {
			room = 2 * (*count + n);
			more = realloc(*pointers, room * sizeof(uint64_t));
			if (!more)
				return -ENOMEM;
			memset(more + *count, 0,
			       (room - *count) * sizeof(uint64_t));
			*pointers = more;
		}
		end = pointers_read(call, address + *count * sizeof(uint64_t),
				    *pointers + *count, &n);
		if (end < 0)
			return end;
	}
	return 0;
}

/*
 * A string, after it has been charged for: not more than there is room for in
 * @left, from which its length is taken.
 */
static int string_copy(struct pinredir_call *call, uint64_t *pointer,
		       uint32_t *left)
{
	uint32_t offset, copied, most = *left;
	int err;

	if (most > STRING_MOST)
		most = STRING_MOST;
	if (!most)
		return -E2BIG;
	err = pinredir_slot_fetch(call, *pointer, SECCOMP_PIN_STRING, most,
				  &offset, &copied);
	if (err)
		return err == -ENAMETOOLONG ? -E2BIG : err;
	*left -= copied;
	*pointer = pinredir_address(call, pinredir_slot_bytes(call, offset));
	return 0;
}

/* The array, of where the target sees its strings in the slot */
static int vector_pin_array(struct pinredir_call *call, unsigned int arg,
			    uint64_t *pointers, size_t count)
{
	size_t len = (count + 1) * sizeof(*pointers);
	uint32_t offset;
	int err = pinredir_slot_take(call, len, &offset);

	if (err)
		return err;
	if (count)
		memcpy(pinredir_slot_bytes(call, offset), pointers,
		       count * sizeof(*pointers));
	memset(pinredir_slot_bytes(call, offset) + count * sizeof(*pointers), 0,
	       sizeof(*pointers));
	pinredir_arg_pin(call, arg, offset, len, false);
	return 0;
}

static int vector_fetch(struct pinredir_call *call, unsigned int arg)
{
	uint32_t limit = vector_limit(call), left;
	uint64_t *pointers;
	size_t i, count = 0;
	int err = pointers_get(call, arg_value(call, arg), limit, &pointers,
			       &count);

	left = limit - (count + 1) * sizeof(*pointers);
	for (i = 0; i < count && !err; i++)
		err = string_copy(call, &pointers[i], &left);
	if (!err)
		err = vector_pin_array(call, arg, pointers, count);
	free(pointers);
	return err;
}

/* An entry of an array that is pinned: where the target sees the string */
static uint64_t vector_entry(const unsigned char *array, size_t n)
{
	uint64_t address;

	memcpy(&address, array + n * sizeof(address), sizeof(address));
	return address;
}

/*
 * How many strings there are. The supervisor can have changed them: there has to
 * be a NULL, and before it nothing but strings that are in the slot.
 */
static int vector_count(const struct pinredir_call *call, unsigned int arg,
			size_t *count)
{
	size_t n, most = call->answer.ptr_len[arg] / sizeof(uint64_t);
	const unsigned char *array = arg_bytes(call, arg);
	uint64_t address;

	for (n = 0; n < most; n++) {
		address = vector_entry(array, n);
		if (!address) {
			*count = n;
			return 0;
		}
		if (!pinredir_slot_string(call, address))
			return -EINVAL;
	}
	return -EINVAL;
}

int pinredir_pin_vector(struct pinredir_call *call, unsigned int arg)
{
	size_t count;
	int err = 0;

	if (!arg_pinned(call, arg))
		err = vector_fetch(call, arg);
	if (!err)
		err = vector_count(call, arg, &count);
	if (err)
		return err;
	call->shaped |= 1U << arg;
	call->count[arg] = count;
	return 0;
}

int pinredir_get_vector(struct pinredir_call *call, unsigned int n,
			size_t *count)
{
	const struct seccomp_pin_copy *copy;
	int err = arg_check(call, n);

	*count = 0;
	if (err)
		return err;
	if (arg_valued(call, n))
		return -EINVAL;
	if (!arg_pinned(call, n) && !arg_value(call, n))
		return 0;
	copy = &call_received(call)->copies[n];
	call->shaped &= ~(1U << n);
	if (!arg_pinned(call, n) && copy->kind != SECCOMP_PIN_NONE)
		err = copy->error;
	if (!err)
		err = pinredir_pin_vector(call, n);
	if (!err)
		*count = call->count[n];
	return pinredir_arg_mark(call, n, err);
}

const char *pinredir_vector_string(const struct pinredir_call *call,
				   unsigned int arg, size_t n)
{
	if (arg_check(call, arg) || !(call->shaped & 1U << arg) ||
	    n >= call->count[arg] ||
	    n >= call->answer.ptr_len[arg] / sizeof(uint64_t))
		return NULL;
	return pinredir_slot_string(call, vector_entry(arg_bytes(call, arg),
						       n));
}

int pinredir_set_vector(struct pinredir_call *call, unsigned int arg,
			const char *const *strings, size_t count)
{
	uint64_t *pointers;
	uint32_t offset;
	size_t i, len;
	int err = arg_check(call, arg);

	if (err)
		return err;
	pointers = calloc(count + 1, sizeof(*pointers));
	if (!pointers)
		return pinredir_arg_mark(call, arg, -ENOMEM);
	for (i = 0; i < count && !err; i++) {
		len = strlen(strings[i]) + 1;
		err = pinredir_slot_take(call, len, &offset);
		if (err)
			break;
		memcpy(pinredir_slot_bytes(call, offset), strings[i], len);
		pointers[i] = pinredir_address(call,
				pinredir_slot_bytes(call, offset));
	}
	if (!err)
		err = vector_pin_array(call, arg, pointers, count);
	free(pointers);
	return pinredir_arg_mark(call, arg, err);
}
