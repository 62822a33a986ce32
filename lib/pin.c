// SPDX-License-Identifier: LGPL-2.1-or-later
/* Having everything in the slot that a call reads, as the table has it. */
#define _GNU_SOURCE
#include <limits.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "private.h"

/*
 * Where nothing can be read, whatever is mapped. For arguments that the kernel
 * refuses before it reads them: if it does not, it finds nothing.
 */
#define UNREADABLE	((uint64_t)-4096)

static void arg_unreadable(struct pinredir_call *call, unsigned int n)
{
	pinredir_arg_pass(call, n);
	call->answer.args_mask |= 1U << n;
	call->answer.args[n] = UNREADABLE;
}

/* What another argument says of this one, in the width that the kernel reads */
static uint64_t arg_length(const struct pinredir_call *call,
			   const struct pinredir_argument *argument)
{
	uint64_t value = arg_value(call, argument->length_arg);

	return argument->flags & PINREDIR_INT ? (uint32_t)value : value;
}

int pinredir_copy(struct pinredir_call *call, uint64_t address, size_t len,
		  void **bytes, uint64_t *copy)
{
	uint32_t offset, copied;
	int err = pinredir_slot_fetch(call, address, SECCOMP_PIN_BYTES, len,
				      &offset, &copied);

	if (err)
		return err;
	*bytes = pinredir_slot_bytes(call, offset);
	*copy = pinredir_address(call, *bytes);
	return 0;
}

/*
 * What is pinned stays: somebody may have looked at it. A rule that could not copy
 * it is no reason not to: its maximum need not be the kernel's.
 */
int pinredir_pin_bytes(struct pinredir_call *call, unsigned int n, size_t len)
{
	uint32_t offset, copied;
	int err;

	if (arg_pinned(call, n))
		return len <= call->answer.ptr_len[n] ? 0 : -EINVAL;
	err = pinredir_slot_fetch(call, arg_value(call, n), SECCOMP_PIN_BYTES,
				  len, &offset, &copied);
	if (!err)
		pinredir_arg_pin(call, n, offset, copied, false);
	return err;
}

static int pin_path(struct pinredir_call *call, unsigned int n,
		    const struct pinredir_argument *argument)
{
	uint32_t offset, copied;
	int err;

	if (arg_pinned(call, n))
		return memchr(arg_bytes(call, n), '\0',
			      call->answer.ptr_len[n]) ? 0 : -EINVAL;
	err = pinredir_slot_fetch(call, arg_value(call, n), SECCOMP_PIN_STRING,
				  argument->most ? argument->most : UINT32_MAX,
				  &offset, &copied);
	if (!err)
		pinredir_arg_pin(call, n, offset, copied, true);
	return err;
}

/*
 * Of a string that is longer than the kernel reads it, that much and one byte, and
 * then a NUL: what it makes of that, it says itself.
 */
static int pin_string(struct pinredir_call *call, unsigned int n,
		      const struct pinredir_argument *argument)
{
	uint32_t offset, copied, most = argument->most;
	int err = pin_path(call, n, argument);

	if (err != -ENAMETOOLONG || !most)
		return err;
	err = pinredir_slot_fetch(call, arg_value(call, n), SECCOMP_PIN_BYTES,
				  most + 1, &offset, &copied);
	if (err)
		return err;
	pinredir_slot_bytes(call, offset)[most] = '\0';
	pinredir_arg_pin(call, n, offset, copied, true);
	return 0;
}

static int pin_bytes(struct pinredir_call *call, unsigned int n,
		     const struct pinredir_argument *argument)
{
	return pinredir_pin_bytes(call, n, argument->length);
}

static int pin_sized(struct pinredir_call *call, unsigned int n,
		     const struct pinredir_argument *argument)
{
	uint64_t len = arg_length(call, argument);

	if (argument->most && len > argument->most) {
		arg_unreadable(call, n);
		return 0;
	}
	if (!len && !argument->length)
		return 0;
	if (len > UINT32_MAX - argument->length)
		return -ENOBUFS;
	return pinredir_pin_bytes(call, n, argument->length + len);
}

static int pin_array(struct pinredir_call *call, unsigned int n,
		     const struct pinredir_argument *argument)
{
	uint64_t count = arg_length(call, argument);

	if (argument->most && count > argument->most) {
		arg_unreadable(call, n);
		return 0;
	}
	if (!count)
		return 0;
	if (count > UINT32_MAX / argument->length)
		return -ENOBUFS;
	return pinredir_pin_bytes(call, n, count * argument->length);
}

static int pin_iovec(struct pinredir_call *call, unsigned int n,
		     const struct pinredir_argument *argument)
{
	uint64_t count = arg_length(call, argument);

	if (!count || count > argument->most)
		return pin_array(call, n, argument);
	return pinredir_pin_iovec(call, n, count);
}

static int pin_sockaddr(struct pinredir_call *call, unsigned int n,
			const struct pinredir_argument *argument)
{
	uint64_t len = arg_length(call, argument);

	if (!len || len > argument->most)
		return pin_sized(call, n, argument);
	return pinredir_pin_sockaddr(call, n, len);
}

static int pin_message(struct pinredir_call *call, unsigned int n,
		       const struct pinredir_argument *argument)
{
	(void)argument;
	return pinredir_pin_message(call, n);
}

static int pin_vector(struct pinredir_call *call, unsigned int n,
		      const struct pinredir_argument *argument)
{
	(void)argument;
	return pinredir_pin_vector(call, n);
}

/* Bits, less one, in longs */
static int pin_bitmap(struct pinredir_call *call, unsigned int n,
		      const struct pinredir_argument *argument)
{
	uint64_t bits = arg_length(call, argument) - 1;

	if (bits > argument->most) {
		arg_unreadable(call, n);
		return 0;
	}
	return bits ? pinredir_pin_bytes(call, n, (bits + 63) / 64 * 8) : 0;
}

/*
 * As many bytes as there are, and zeros for the rest: memory that cannot be read
 * begins with a page.
 */
static int pin_readable(struct pinredir_call *call, unsigned int n, size_t len)
{
	size_t page = sysconf(_SC_PAGESIZE);
	uint64_t address = arg_value(call, n);
	size_t first = page - address % page;
	uint32_t offset, at, copied;
	int err = pinredir_pin_bytes(call, n, len);

	if (err != -EFAULT || first >= len)
		return err;
	err = pinredir_slot_fetch(call, address, SECCOMP_PIN_BYTES, first, &at,
				  &copied);
	if (err)
		return err;
	pinredir_slot_drop(call, at);
	err = pinredir_slot_take(call, len, &offset);
	if (err)
		return err;
	memmove(pinredir_slot_bytes(call, offset),
		pinredir_slot_bytes(call, at), first);
	memset(pinredir_slot_bytes(call, offset) + first, 0, len - first);
	pinredir_arg_pin(call, n, offset, len, false);
	return 0;
}

static int pin_partial(struct pinredir_call *call, unsigned int n,
		       const struct pinredir_argument *argument)
{
	uint64_t len = arg_length(call, argument);

	if (len > argument->most)
		len = argument->most;
	return len ? pin_readable(call, n, len) : 0;
}

/*
 * File systems whose data is no text begin it with a version, and have pointers in
 * it, which nobody but they know of.
 */
static int pin_mount_data(struct pinredir_call *call, unsigned int n,
			  const struct pinredir_argument *argument)
{
	int err = pin_readable(call, n, argument->length);

	if (err)
		return err;
	return arg_bytes(call, n)[0] && arg_bytes(call, n)[0] < ' ' ?
	       -EOPNOTSUPP : 0;
}

/* Its size is in its first word, and stays what it was when it was read first. */
static int pin_self_sized(struct pinredir_call *call, unsigned int n,
			  const struct pinredir_argument *argument)
{
	uint32_t size, len, offset, copied;
	int err;

	if (arg_pinned(call, n)) {
		if (call->answer.ptr_len[n] < sizeof(size))
			return -EINVAL;
		memcpy(&size, arg_bytes(call, n), sizeof(size));
		len = size ? size : argument->length;
		return len > argument->most || len <= call->answer.ptr_len[n] ?
		       0 : -EINVAL;
	}
	err = pinredir_slot_fetch(call, arg_value(call, n), SECCOMP_PIN_BYTES,
				  sizeof(size), &offset, &copied);
	if (err)
		return err;
	memcpy(&size, pinredir_slot_bytes(call, offset), sizeof(size));
	len = size ? size : argument->length;
	/* Not a size, for the kernel: it reads no more than this. */
	if (len <= sizeof(size) || len > argument->most) {
		pinredir_arg_pin(call, n, offset, copied, false);
		return 0;
	}
	pinredir_slot_drop(call, offset);
	err = pinredir_pin_bytes(call, n, len);
	if (!err)
		memcpy(arg_bytes(call, n), &size, sizeof(size));
	return err;
}

/*
 * A member of a structure that is pinned is a pointer to so many bytes; it points
 * to a copy of them afterwards.
 */
static int pin_member(struct pinredir_call *call, void *member, size_t len)
{
	uint64_t address, copy;
	void *bytes;
	int err;

	memcpy(&address, member, sizeof(address));
	if (!address)
		return 0;
	err = pinredir_copy(call, address, len, &bytes, &copy);
	if (!err)
		memcpy(member, &copy, sizeof(copy));
	return err;
}

/* The same for a length that the kernel refuses before it reads anything */
static void unreadable_member(void *member)
{
	uint64_t address;

	memcpy(&address, member, sizeof(address));
	if (!address)
		return;
	address = UNREADABLE;
	memcpy(member, &address, sizeof(address));
}

#define MOST_TIDS	32	/* levels of pid namespaces */

/*
 * What it points to, for the call to write there, is left alone. A structure that
 * ends in the middle of a member has zeros behind that, for the kernel.
 */
static int pin_clone_args(struct pinredir_call *call, unsigned int n,
			  const struct pinredir_argument *argument)
{
	struct clone_args args = { 0 };
	uint64_t len = arg_length(call, argument);
	unsigned char *member;
	int err = pin_sized(call, n, argument);

	if (err || call->shaped & 1U << n || len > argument->most ||
	    len <= offsetof(struct clone_args, set_tid_size))
		return err;
	member = arg_bytes(call, n);
	memcpy(&args, member, len < sizeof(args) ? len : sizeof(args));
	member += offsetof(struct clone_args, set_tid);
	if (!args.set_tid_size || args.set_tid_size > MOST_TIDS)
		unreadable_member(member);
	else
		err = pin_member(call, member,
				 args.set_tid_size * sizeof(pid_t));
	if (!err)
		call->shaped |= 1U << n;
	return err;
}

/* A signal set, and its size: the kernel reads no other than its own. */
static int pin_buffer(struct pinredir_call *call, unsigned int n,
		      const struct pinredir_argument *argument)
{
	unsigned char *buffer;
	uint64_t size;
	int err = pin_bytes(call, n, argument);

	if (err || call->shaped & 1U << n)
		return err;
	buffer = arg_bytes(call, n);
	memcpy(&size, buffer + sizeof(uint64_t), sizeof(size));
	if (size == _NSIG / 8)
		err = pin_member(call, buffer, size);
	else
		unreadable_member(buffer);
	if (!err)
		call->shaped |= 1U << n;
	return err;
}

#define FPROG_FILTER	8	/* offset of the pointer */
#define FPROG_INSN	8	/* bytes */
#define FPROG_MOST	4096	/* instructions */

static int pin_fprog(struct pinredir_call *call, unsigned int n,
		     const struct pinredir_argument *argument)
{
	unsigned char *prog;
	uint16_t insns;
	int err = pin_bytes(call, n, argument);

	if (err || call->shaped & 1U << n)
		return err;
	prog = arg_bytes(call, n);
	memcpy(&insns, prog, sizeof(insns));
	if (insns && insns <= FPROG_MOST)
		err = pin_member(call, prog + FPROG_FILTER, insns * FPROG_INSN);
	else
		unreadable_member(prog + FPROG_FILTER);
	if (!err)
		call->shaped |= 1U << n;
	return err;
}

#define COOKIE	32

/* mq_notify() reads a cookie, where the others have a value. */
static int pin_sigevent(struct pinredir_call *call, unsigned int n,
			const struct pinredir_argument *argument)
{
	struct sigevent *event;
	int err = pin_bytes(call, n, argument);

	if (err || call->shaped & 1U << n)
		return err;
	event = (struct sigevent *)arg_bytes(call, n);
	if (event->sigev_notify == SIGEV_THREAD)
		err = pin_member(call, &event->sigev_value.sival_ptr, COOKIE);
	if (!err)
		call->shaped |= 1U << n;
	return err;
}

static int pin_file_handle(struct pinredir_call *call, unsigned int n,
			   const struct pinredir_argument *argument)
{
	uint32_t header[2], offset, copied;
	int err;

	if (arg_pinned(call, n)) {
		if (call->answer.ptr_len[n] < sizeof(header))
			return -EINVAL;
		memcpy(header, arg_bytes(call, n), sizeof(header));
		return header[0] > argument->most - sizeof(header) ||
		       header[0] + sizeof(header) <= call->answer.ptr_len[n] ?
		       0 : -EINVAL;
	}
	err = pinredir_slot_fetch(call, arg_value(call, n), SECCOMP_PIN_BYTES,
				  sizeof(header), &offset, &copied);
	if (err)
		return err;
	memcpy(header, pinredir_slot_bytes(call, offset), sizeof(header));
	if (!header[0] || header[0] > argument->most - sizeof(header)) {
		pinredir_arg_pin(call, n, offset, copied, false);
		return 0;
	}
	pinredir_slot_drop(call, offset);
	err = pinredir_pin_bytes(call, n, sizeof(header) + header[0]);
	if (!err)
		memcpy(arg_bytes(call, n), header, sizeof(header));
	return err;
}

/* How much data goes with a header, or 0: the kernel writes there which it knows. */
static size_t capability_data(uint32_t version)
{
	switch (version) {
	case _LINUX_CAPABILITY_VERSION_1:
		return _LINUX_CAPABILITY_U32S_1 *
		       sizeof(struct __user_cap_data_struct);
	case _LINUX_CAPABILITY_VERSION_2:
	case _LINUX_CAPABILITY_VERSION_3:
		return _LINUX_CAPABILITY_U32S_3 *
		       sizeof(struct __user_cap_data_struct);
	default:
		return 0;
	}
}

static int pin_cap_header(struct pinredir_call *call, unsigned int n,
			  const struct pinredir_argument *argument)
{
	uint32_t version;
	int err = pin_bytes(call, n, argument);

	if (err)
		return err;
	memcpy(&version, arg_bytes(call, n), sizeof(version));
	return capability_data(version) ? 0 : -EOPNOTSUPP;
}

/* Its header is an argument before it, and pinned already, if it is not NULL. */
static int pin_cap_data(struct pinredir_call *call, unsigned int n,
			const struct pinredir_argument *argument)
{
	uint32_t version;

	if (!arg_pinned(call, argument->length_arg))
		return 0;
	memcpy(&version, arg_bytes(call, argument->length_arg),
	       sizeof(version));
	return pinredir_pin_bytes(call, n, capability_data(version));
}

static int (*const shapes[])(struct pinredir_call *call, unsigned int n,
			     const struct pinredir_argument *argument) = {
	[PINREDIR_STRING] = pin_string,
	[PINREDIR_BYTES] = pin_bytes,
	[PINREDIR_BYTES_ARG] = pin_sized,
	[PINREDIR_VECTOR] = pin_vector,
	[PINREDIR_PATH] = pin_path,
	[PINREDIR_SOCKADDR] = pin_sockaddr,
	[PINREDIR_ARRAY] = pin_array,
	[PINREDIR_IOVEC] = pin_iovec,
	[PINREDIR_MSGHDR] = pin_message,
	[PINREDIR_SIZED] = pin_sized,
	[PINREDIR_SELF_SIZED] = pin_self_sized,
	[PINREDIR_CLONE_ARGS] = pin_clone_args,
	[PINREDIR_PARTIAL] = pin_partial,
	[PINREDIR_MOUNT_DATA] = pin_mount_data,
	[PINREDIR_BITMAP] = pin_bitmap,
	[PINREDIR_BUFFER] = pin_buffer,
	[PINREDIR_FPROG] = pin_fprog,
	[PINREDIR_SIGEVENT] = pin_sigevent,
	[PINREDIR_FILE_HANDLE] = pin_file_handle,
	[PINREDIR_CAP_HEADER] = pin_cap_header,
	[PINREDIR_CAP_DATA] = pin_cap_data,
};

/* Whether a pointer is NULL, to stay that, or points to nothing already */
static bool arg_nothing(const struct pinredir_call *call, unsigned int n)
{
	return !arg_pinned(call, n) && (!arg_value(call, n) ||
	       (arg_valued(call, n) && arg_value(call, n) == UNREADABLE));
}

/* Before anything is copied: what cannot be done */
static int arg_refusal(const struct pinredir_call *call, unsigned int n,
		       const struct pinredir_argument *argument)
{
	switch (argument->direction) {
	case PINREDIR_SCALAR:
	case PINREDIR_FD:
	case PINREDIR_OUT:
		return 0;
	case PINREDIR_IN:
		return arg_valued(call, n) && !arg_nothing(call, n) ?
		       -EINVAL : 0;
	case PINREDIR_INOUT:
	case PINREDIR_KEPT:
		return arg_nothing(call, n) ? 0 : -EOPNOTSUPP;
	default:
		return -EOPNOTSUPP;
	}
}

/* The row, and what its arguments are, or NULL */
static const struct pinredir_argument *
call_arguments(const struct pinredir_call *call, unsigned int *count)
{
	const struct seccomp_data *data = &call_received(call)->data;
	const struct pinredir_syscall *row;
	uint64_t args[SECCOMP_PIN_ARGS];
	unsigned int i;

	if (!pinredir_is_native(data))
		return NULL;
	row = pinredir_syscall(data->nr);
	if (!row || row->flags & PINREDIR_REFUSED)
		return NULL;
	for (i = 0; i < SECCOMP_PIN_ARGS; i++)
		args[i] = arg_value(call, i);
	*count = row->count;
	return pinredir_arguments(row, args);
}

static int call_pin(struct pinredir_call *call)
{
	const struct pinredir_argument *arguments;
	unsigned int i, count;
	int err = 0;

	arguments = call_arguments(call, &count);
	if (!arguments)
		return -EOPNOTSUPP;
	for (i = 0; i < count && !err; i++)
		err = arg_refusal(call, i, &arguments[i]);
	for (i = 0; i < count && !err; i++) {
		if (arguments[i].direction != PINREDIR_IN ||
		    arg_nothing(call, i))
			continue;
		err = shapes[arguments[i].shape](call, i, &arguments[i]);
		pinredir_arg_mark(call, i, err);
	}
	return err;
}

int pinredir_pin_all(struct pinredir_call *call)
{
	int err = arg_check(call, 0);

	if (err)
		return err;
	call->refused = call_pin(call);
	return call->refused;
}
