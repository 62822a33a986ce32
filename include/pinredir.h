/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libpinredir: seccomp supervisors whose checks hold.
 *
 * A supervisor receives a call, looks at its arguments, and lets it run on
 * exactly the bytes that it has looked at, or does not.
 *
 * Functions return 0 (or what they say) on success and a negative errno
 * otherwise. They print nothing, never exit, start no threads and keep no
 * global state. A context may be used by several threads at a time, a call by
 * one at a time. PINREDIR_GONE can come from any function that takes a call:
 * the target was killed, interrupted, or answered by somebody else. That is
 * nothing to worry about; release the call and go on. Further answers to it are
 * PINREDIR_GONE as well; a second answer to a call is -EINPROGRESS.
 *
 * A context is of the process that has opened it. In a child that was forked from
 * that, every function that takes the context, or a call or a loop of it, and can
 * fail is -ECHILD.
 */
#ifndef _PINREDIR_H
#define _PINREDIR_H

#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <seccomp_pin.h>

#ifdef __cplusplus
extern "C" {
#endif

/* -EIDRM: the call does not wait for an answer any more */
#define PINREDIR_GONE	(-43)

struct pinredir;
struct pinredir_call;
struct sock_filter;
struct sockaddr;

/* Flags of struct pinredir_options */
#define PINREDIR_INTERRUPTIBLE	(1U << 0)	/* and of struct pinredir_spawn */
#define PINREDIR_NO_RULES	(1U << 1)
#define PINREDIR_STAY_DUMPABLE	(1U << 2)
#define PINREDIR_FALLBACK	(1U << 3)

/**
 * struct pinredir_options - what can be chosen; 0 in a member is the default
 * @size: sizeof(struct pinredir_options)
 * @flags: PINREDIR_INTERRUPTIBLE: a signal that has a handler ends a target's wait, see
 *	pinredir_open(). PINREDIR_NO_RULES: no rules for the paths of
 *	calls. PINREDIR_STAY_DUMPABLE: do not make this process non-dumpable; who
 *	may write its memory can then write the arena. PINREDIR_FALLBACK: where the
 *	device cannot be used, go on without it, see pinredir_can_pin()
 * @arena_size: bytes of the arena, of which only what is in use takes memory
 *	(default: 16 GiB)
 * @slot_size: bytes for one call's arguments (default: 16 KiB). What a rule copies
 *	has to fit in there. For what is got, fetched or set beyond that, a call is
 *	given a larger slot, once, by itself
 * @window_size: bytes that are mapped into a target at a time (default: 16
 *	slots), and the most that a larger slot can have
 * @windows_per_mm: most windows of one target, its share (default: 64)
 * @completions: how many calls pinredir_want_completion() can be asked for at a
 *	time (default: none)
 * @verdicts: how many verdicts pinredir_remember() can be asked for, rounded up to
 *	a power of two (default: none)
 * @reserved: 0
 * @timeout: milliseconds that a target gets each time that it is asked to hand out more of
 *	its memory, such as one string, or to map what a larger slot takes; for all of one
 *	call together it gets ten times as long (default: 1000)
 * @device: path of the device (default: SECCOMP_PIN_DEVICE)
 */
struct pinredir_options {
	size_t size;
	uint32_t flags;
	uint32_t slot_size;
	uint32_t window_size;
	uint32_t windows_per_mm;
	uint64_t arena_size;
	uint32_t completions;
	uint32_t timeout;
	uint32_t verdicts;
	uint32_t reserved;
	const char *device;
};

/**
 * pinredir_open - supervise the targets of a listener
 * @ctx: set to the context
 * @listener: a seccomp listener; a duplicate is kept until pinredir_close()
 * @options: or NULL
 *
 * Makes, maps, seals and guards the arena. The process is not dumpable any more
 * afterwards, unless asked otherwise: it leaves no core, processes of its user cannot
 * attach to it, and its files in /proc, such as /proc/self/oom_score_adj, are root's.
 * pinredir_close() does not undo that; prctl(PR_SET_DUMPABLE) does.
 *
 * From the trap on, targets wait for answers killable: fatal signals alone end the wait,
 * and all others come when the call is answered. With PINREDIR_INTERRUPTIBLE each signal
 * that has a handler ends it: the call was not made, and is EINTR, or traps once more.
 * Programs meet EINTR then in calls that have never failed so, such as the openat() of
 * a shell whose children end; and one that gets signals faster than the supervisor
 * answers, as Go's scheduler sends them, may never get on. It is for supervisors that
 * answer late, as one that asks a user does: Ctrl-C with a handler, SIGSTOP and a debugger
 * wait for the answer otherwise. Without the device, this is as the filter was installed:
 * see pinredir_spawn().
 *
 * Return: 0 or
 * * -EINVAL: @listener is not one, or options that make no sense
 * * -E2BIG: options of a newer version, with what this library does not know
 * * -EBADF: @listener is not open
 * * -EBUSY: the listener is supervised through another context
 * * -EAGAIN: other threads fork all the time, and their children would have the
 *   arena, which is made anew a few times
 * * -ENOENT, -EACCES, ...: the device cannot be opened: no module, no permission
 * * -EPROTO: the module is older than this library
 * * -EFBIG: the arena is larger than RLIMIT_FSIZE lets this process make it
 * * -ENOMEM, -EMFILE, ...: lack of resources
 */
int pinredir_open(struct pinredir **ctx, int listener,
		  const struct pinredir_options *options);

/**
 * pinredir_close - stop supervising
 * @ctx: the context, or NULL
 *
 * Calls that wait go on waiting if somebody else has the listener open, and
 * fail with ENOSYS otherwise. Calls that run go on.
 *
 * A process that was forked from the one that opened the context has no arena, and
 * can do nothing with the context, its calls and its loops: -ECHILD. Such a process
 * closes the context, and so does its own child: that closes the descriptors and
 * frees memory, and changes nothing for the process that opened it. While the
 * descriptors are open, in a helper that was forked and not executed, targets
 * go on waiting when the supervisor ends, and do not fail with ENOSYS.
 * What vfork() makes shares the memory, and is no such process.
 *
 * Context: MT-Safe race:ctx: no thread uses the context or a call of it any more.
 */
void pinredir_close(struct pinredir *ctx);

/**
 * pinredir_poll_fd - for poll loops: readable when a call can be received
 * @ctx: the context
 *
 * It may be readable for nothing: receive with PINREDIR_NONBLOCK. With POLLHUP
 * there are no targets any more.
 *
 * Return: the file descriptor, which stays the context's
 */
int pinredir_poll_fd(const struct pinredir *ctx);

/**
 * pinredir_completion_fd - for poll loops: readable when a completion is
 * @ctx: the context
 *
 * Return: the file descriptor, which stays the context's; read it with
 * pinredir_read_completions(). -1 if this context does without the device
 */
int pinredir_completion_fd(const struct pinredir *ctx);

/**
 * pinredir_default_rules - rules for the paths of all calls that take some
 * @rules: filled in, as far as there is room; may be NULL if @room is 0
 * @room: how many fit
 * @size: sizeof(*@rules), of each; not looked at if @room is 0
 *
 * As the table of syscalls has them, with the other strings of such calls, and the
 * structures that grow, such as openat2()'s open_how. argv and envp of execve() and
 * execveat() have none: how much of them there may be is to be chosen, together
 * with options.slot_size, for a call with more could not be allowed. With rules of
 * kind PINREDIR_VECTOR they are pinned from the trap on. Without, they are when
 * they are got, and until then the target's to change.
 *
 * Return: how many there are; 0 if @size is below that of the first version
 */
size_t pinredir_default_rules(struct seccomp_pin_rule *rules, size_t room,
			      size_t size);

/* Kinds of rules; see struct seccomp_pin_rule */
#define PINREDIR_STRING		SECCOMP_PIN_STRING
#define PINREDIR_BYTES		SECCOMP_PIN_BYTES
#define PINREDIR_BYTES_ARG	SECCOMP_PIN_BYTES_ARG
#define PINREDIR_VECTOR		SECCOMP_PIN_VECTOR

/* What a call does with an argument */
#define PINREDIR_SCALAR	0	/* a value */
#define PINREDIR_FD	1	/* a file descriptor: a number, which peers can dup2() over */
#define PINREDIR_IN	2	/* it points to what the call reads */
#define PINREDIR_OUT	3	/* ... only writes: never pinned, passed as it is */
#define PINREDIR_INOUT	4	/* ... reads and writes: a pin would be in the way */
#define PINREDIR_KEPT	5	/* ... remembers, or waits at */
#define PINREDIR_VARIES	6	/* one of these, as another argument says */

/*
 * What an argument points to: PINREDIR_STRING, PINREDIR_BYTES, PINREDIR_BYTES_ARG
 * and PINREDIR_VECTOR as in rules, and
 */
#define PINREDIR_PATH		5	/* a string that names a file */
#define PINREDIR_SOCKADDR	6	/* an address, of a length */
#define PINREDIR_ARRAY		7	/* so many elements of a size */
#define PINREDIR_IOVEC		8	/* struct iovec, and what they point to */
#define PINREDIR_MSGHDR		9	/* struct msghdr, for sending */
#define PINREDIR_SIZED		10	/* a structure that grows, its size beside it */
#define PINREDIR_SELF_SIZED	11	/* the same, its size in its first word */
#define PINREDIR_CLONE_ARGS	12	/* struct clone_args, with its set_tid */
#define PINREDIR_PARTIAL	13	/* bytes, as far as they can be read */
#define PINREDIR_MOUNT_DATA	14	/* the same, up to a page */
#define PINREDIR_BITMAP		15	/* so many bits, less one, in longs */
#define PINREDIR_BUFFER		16	/* a pointer to a signal set, and its size */
#define PINREDIR_FPROG		17	/* struct sock_fprog, and its filter */
#define PINREDIR_SIGEVENT	18	/* struct sigevent, with its cookie */
#define PINREDIR_FILE_HANDLE	19	/* struct file_handle */
#define PINREDIR_CAP_HEADER	20	/* struct __user_cap_header_struct */
#define PINREDIR_CAP_DATA	21	/* what capset() is to set, by the header */

#define PINREDIR_NO_ARG		0xff

/* Flags of struct pinredir_argument */
#define PINREDIR_NULLABLE	(1U << 0)	/* NULL is taken as well */
#define PINREDIR_INT		(1U << 1)	/* @length_arg is of 32 bits */

/**
 * struct pinredir_argument - what a call does with an argument
 * @direction: PINREDIR_SCALAR, PINREDIR_FD, PINREDIR_IN and so on
 * @shape: PINREDIR_STRING, ..., PINREDIR_CAP_DATA, with PINREDIR_IN; or 0
 * @length_arg: which argument has the length, the number of elements, of bits, or
 *	the header, or PINREDIR_NO_ARG
 * @flags: PINREDIR_NULLABLE, PINREDIR_INT
 * @length: bytes, where that is constant; those of an element of an array;
 *	those before what @length_arg counts; or what a size of 0 stands for
 * @most: above this, the kernel reads nothing; bytes, or elements; 0: no limit
 *
 * The library alone has such structures, and they can grow at their end: programs use
 * them by the pointers that pinredir_argument() returns.
 */
struct pinredir_argument {
	uint8_t direction;
	uint8_t shape;
	uint8_t length_arg;
	uint8_t flags;
	uint32_t length;
	uint32_t most;
};

/* Flags of struct pinredir_syscall */
#define PINREDIR_REFUSED	(1U << 0)	/* reads what no argument tells of */

/**
 * struct pinredir_syscall - a syscall and its arguments
 * @nr: its number, of the native architecture
 * @flags: PINREDIR_REFUSED
 * @name: the kernel's, which is libseccomp's as well
 * @count: how many arguments it has, see pinredir_argument()
 * @reserved: 0
 *
 * The library alone has such structures, and they can grow at their end.
 */
struct pinredir_syscall {
	int nr;
	uint32_t flags;
	const char *name;
	uint32_t count;
	uint32_t reserved;
};

/**
 * pinredir_syscall - what is known of a syscall
 * @nr: its number, of the native architecture
 *
 * Return: the row of the table, which is constant, or NULL if there is none
 */
const struct pinredir_syscall *pinredir_syscall(int nr);

/**
 * pinredir_syscall_at - walk the table of syscalls
 * @n: from 0
 *
 * In no order that means anything.
 *
 * Return: a row, or NULL behind the last
 */
const struct pinredir_syscall *pinredir_syscall_at(size_t n);

/**
 * pinredir_argument - what a call does with one of its arguments
 * @row: of the table of syscalls
 * @n: which argument, from 0
 *
 * Return: the argument, which is constant, or NULL if the call has no such argument
 */
const struct pinredir_argument *pinredir_argument(const struct pinredir_syscall *row,
						  unsigned int n);

/**
 * pinredir_known_filter - a filter by which unknown calls fail
 * @filter: filled in, as far as there is room, see <linux/filter.h>; may be NULL if
 *	@room is 0
 * @room: how many instructions fit
 *
 * Calls of the native ABI that the table of syscalls does not know fail with ENOSYS, as on
 * a kernel that does not have them; programs do without. A later kernel can have such
 * calls that take paths, and a supervisor that notifies of calls by the table would let
 * them run. All others are let through, those of other ABIs included.
 *
 * pinredir_spawn() installs it with PINREDIR_KNOWN_ONLY. Whoever installs filters
 * otherwise installs this one as well, before the one that notifies: with a listener, that
 * one need not let another seccomp() through.
 *
 * Return: how many instructions there are
 */
size_t pinredir_known_filter(struct sock_filter *filter, size_t room);

/**
 * pinredir_set_rules - what targets copy when they trap, from now on
 * @ctx: the context
 * @rules: one for each pointer argument of a call
 * @count: how many; 0 for none at all
 * @size: sizeof(*@rules), of each
 *
 * Replaces those there were, the default ones included. An argument without a
 * rule is copied when it is asked for, which takes longer.
 *
 * Return: 0, -EINVAL (malformed, or two for one argument), -E2BIG (of a newer version, with
 * what this library does not know), -EOPNOTSUPP (the context does without the device),
 * -ENOMEM, -ECHILD (a forked child)
 */
int pinredir_set_rules(struct pinredir *ctx,
		       const struct seccomp_pin_rule *rules, size_t count,
		       size_t size);

/* Flags of pinredir_receive() */
#define PINREDIR_NONBLOCK	(1U << 0)

/**
 * pinredir_receive - receive a call
 * @ctx: the context
 * @call: set to the call, to be answered and given back to pinredir_release()
 * @flags: PINREDIR_NONBLOCK or 0
 *
 * Return: 0 or
 * * -EAGAIN: PINREDIR_NONBLOCK, and there is none
 * * -EINTR: interrupted by a signal
 * * -ESRCH: there are no targets any more
 * * -EINVAL: unknown flags
 * * -ECHILD: a child that was forked since pinredir_open()
 * * -ENOMEM
 */
int pinredir_receive(struct pinredir *ctx, struct pinredir_call **call,
		     unsigned int flags);

/**
 * pinredir_adopt - take over a call that somebody else has received
 * @ctx: the context
 * @call: set to the call, as by pinredir_receive()
 * @id: the notification's id
 *
 * Return: 0 or
 * * PINREDIR_GONE
 * * -EINPROGRESS: not received by anyone yet, or answered already
 * * -EAGAIN: it began to wait before the context was opened, and its thread did
 *   not come within a second: try again
 * * -EOPNOTSUPP: the context does without the device
 * * -ECHILD: a child that was forked since pinredir_open()
 * * -ENOMEM
 */
int pinredir_adopt(struct pinredir *ctx, struct pinredir_call **call,
		   uint64_t id);

/**
 * pinredir_next - answer: the call runs; and receive the next one
 * @call: the call, to be allowed; still to be given back to pinredir_release()
 * @next: set to the next call, or to NULL
 * @flags: PINREDIR_NONBLOCK or 0, for receiving
 *
 * pinredir_allow() and pinredir_receive() with one entry into the kernel. If the
 * call cannot be allowed, nothing is received, and this is as if
 * pinredir_allow() had failed. If it was, but nothing came, this returns 0 with
 * NULL in @next: pinredir_receive() will say why.
 *
 * Return: as pinredir_allow(), and -EINVAL: unknown flags
 */
int pinredir_next(struct pinredir_call *call, struct pinredir_call **next,
		  unsigned int flags);

/**
 * pinredir_release - give a call back
 * @call: the call, or NULL
 *
 * After an answer, or without one: then the call goes on waiting, and a supervisor can
 * adopt it. Without the device (PINREDIR_FALLBACK) no supervisor can: the call fails with
 * ENOSYS, as if the listener had been closed. What was got of the call must not be looked
 * at any more. A forked child frees the memory alone.
 */
void pinredir_release(struct pinredir_call *call);

/**
 * pinredir_id, pinredir_pid, pinredir_thread, pinredir_nr, pinredir_arch,
 * pinredir_instruction_pointer, pinredir_arg - what is known of a call
 * @call: the call
 * @arg: which register, from 0
 *
 * Constant for as long as there is the call.
 *
 * Context: MT-Safe: can be called by any thread that has the call.
 *
 * Return:
 * * pinredir_id(): the notification's id
 * * pinredir_pid(): the thread, or 0 if it is not in the supervisor's pid namespace
 * * pinredir_thread(): what names the thread for as long as it lives, in
 *   completions as well
 * * pinredir_nr(), pinredir_arch(), pinredir_instruction_pointer(): the syscall's
 *   number, its ABI and where it was made, as in struct seccomp_data
 * * pinredir_arg(): the register, as it was at the trap; 0 for @arg above 5
 */
uint64_t pinredir_id(const struct pinredir_call *call);
int pinredir_pid(const struct pinredir_call *call);
uint64_t pinredir_thread(const struct pinredir_call *call);
int pinredir_nr(const struct pinredir_call *call);
uint32_t pinredir_arch(const struct pinredir_call *call);
uint64_t pinredir_instruction_pointer(const struct pinredir_call *call);
uint64_t pinredir_arg(const struct pinredir_call *call, unsigned int arg);

/**
 * pinredir_get_string - look at a string argument
 * @call: the call
 * @arg: which argument, from 0
 * @string: set to it, or to NULL if the pointer is NULL
 *
 * The string is in the arena, and is what the kernel reads if the call is
 * allowed. It stays there until the call is answered or released. Without a
 * rule, up to PATH_MAX bytes are copied now.
 *
 * After an error the call cannot be allowed, unless the argument is got after
 * all, or set.
 *
 * Return: 0 or
 * * PINREDIR_GONE
 * * -EINPROGRESS: answered already; the slot can be another call's
 * * -ECHILD: a child that was forked since pinredir_open(), without the arena
 * * -EINVAL: no such argument, it has been set to a value, or it has been got as
 *   bytes that are no string
 * * -EFAULT: it points to no readable memory
 * * -ENAMETOOLONG: no NUL within the rule's maximum, or within PATH_MAX
 * * -EACCES: this process may not attach to the target by ptrace
 * * -EOPNOTSUPP: a call of another ABI, such as of a 32-bit program
 * * -ENOBUFS: the arena is full, the target has its share, or there is no room
 *   for so much in the call's slots, see options.slot_size
 * * -ENOMEM: the target has no memory or address space for the pin
 * * -ETIMEDOUT: the target did not copy it in time
 * * -EBUSY: the target has not come back from an earlier attempt, or who had the
 *   call before has used up its larger slot
 */
int pinredir_get_string(struct pinredir_call *call, unsigned int arg,
			const char **string);

/**
 * pinredir_get_bytes - look at the bytes that an argument points to
 * @call: the call
 * @arg: which argument, from 0
 * @bytes: set to them, or to NULL if the pointer is NULL
 * @len: in: how many; 0 for as many as the rule says. Out: how many there are
 *
 * As pinredir_get_string(). What the call reads beyond them is not what the
 * target had there: ask for all.
 *
 * Return: as pinredir_get_string(), and
 * * -EINVAL: 0 bytes of an argument that has no rule
 * * -E2BIG: more than the rule's maximum, or than have been copied
 */
int pinredir_get_bytes(struct pinredir_call *call, unsigned int arg,
		       const void **bytes, size_t *len);

/**
 * pinredir_get_vector - look at a vector of strings, such as argv
 * @call: the call
 * @arg: which argument, from 0
 * @count: set to how many strings there are, without the NULL behind them; 0 if
 *	the pointer is NULL, see pinredir_arg()
 *
 * As pinredir_get_string(): the array and its strings are what the kernel reads if
 * the call is allowed. To change them in another way than in place, use
 * pinredir_set_vector(), or fetch or set what is to be read, and make the array of
 * what pinredir_address() says.
 *
 * Without a rule of kind PINREDIR_VECTOR, the array is copied now, and then string
 * after string, each once for each pointer to it: that takes as many requests as
 * there are strings. No more is copied than the kernel takes: strings of 128 KiB,
 * and with their pointers a fourth of the target's RLIMIT_STACK, at least 128 KiB
 * and at most 6 MiB.
 *
 * Return: as pinredir_get_string(), and
 * * -EINVAL: the argument is pinned as something else, or its array has been
 *   changed so that it has no end, or points to what is no string in the slot
 * * -E2BIG: more strings than the rule allows, or more bytes; or than the kernel
 *   takes
 */
int pinredir_get_vector(struct pinredir_call *call, unsigned int arg,
			size_t *count);

/**
 * pinredir_vector_string - one string of a vector
 * @call: the call
 * @arg: which argument, one that pinredir_get_vector() has returned 0 for
 * @n: which string, from 0
 *
 * Return: the string, in the arena, or NULL if there is none
 */
const char *pinredir_vector_string(const struct pinredir_call *call,
				   unsigned int arg, size_t n);

/**
 * pinredir_get_sockaddr - look at an address, as of connect()
 * @call: the call
 * @arg: which argument, from 0; the next one has its length
 * @address: set to it, or to NULL if there is none: NULL, or of length 0
 * @len: set to its length, at most sizeof(struct sockaddr_storage)
 *
 * As pinredir_get_string(). It is as the target has made it: @len can be less
 * than the address of its family takes, less than 2 even; the path of a Unix
 * socket need not end with a NUL, and that of an abstract one can have some. What
 * is behind @len is 0, up to sizeof(struct sockaddr_storage) and a byte more.
 *
 * Return: as pinredir_get_string(), and
 * * -EINVAL: it is longer than an address can be, which the kernel would say, too
 */
int pinredir_get_sockaddr(struct pinredir_call *call, unsigned int arg,
			  const struct sockaddr **address, size_t *len);

/**
 * pinredir_get_iovec - look at an array of struct iovec, as of writev()
 * @call: the call
 * @arg: which argument, from 0; the next one has the count
 * @count: set to how many pieces there are; 0 if the pointer is NULL
 *
 * As pinredir_get_string(). The array is copied once, and then what it points to;
 * that in the slot points to the copies. For calls that read the pieces: those that
 * fill them need theirs.
 *
 * Return: as pinredir_get_string(), and
 * * -EINVAL: the call does not read what the argument points to; there are more
 *   than IOV_MAX of them; one has a length below 0
 */
int pinredir_get_iovec(struct pinredir_call *call, unsigned int arg,
		       size_t *count);

/**
 * pinredir_iovec_bytes - one piece
 * @call: the call
 * @arg: which argument, one that pinredir_get_iovec() or pinredir_get_message()
 *	has returned 0 for
 * @n: which piece, from 0
 * @len: set to its length, can be 0
 *
 * Return: the bytes, in the arena, or NULL if there are none
 */
const void *pinredir_iovec_bytes(const struct pinredir_call *call,
				 unsigned int arg, size_t n, size_t *len);

/**
 * struct pinredir_message - what sendmsg() is to send
 * @size: in: sizeof(struct pinredir_message)
 * @name: the address, or NULL. As from pinredir_get_sockaddr()
 * @name_len: its length
 * @control: control messages, or NULL
 * @control_len: their length
 * @count: how many pieces of payload there are, see pinredir_iovec_bytes()
 * @flags: of the call, the argument behind @arg
 * @reserved: 0
 */
struct pinredir_message {
	size_t size;
	const void *name;
	size_t name_len;
	const void *control;
	size_t control_len;
	size_t count;
	int flags;
	uint32_t reserved;
};

/**
 * pinredir_get_message - look at a struct msghdr, as of sendmsg()
 * @call: the call
 * @arg: which argument, from 0
 * @message: filled in, but for its size
 *
 * As pinredir_get_string(). The msghdr is copied once, and then what it points to,
 * second level included. File descriptors in control messages are numbers, which
 * peers can dup2() over.
 *
 * Return: as pinredir_get_string(), and
 * * -EINVAL: the call does not send a message, a name has a length below 0, the
 *   argument has been set, or @message is smaller than its first version
 * * -EMSGSIZE: there are more than IOV_MAX pieces
 */
int pinredir_get_message(struct pinredir_call *call, unsigned int arg,
			 struct pinredir_message *message);

/**
 * pinredir_pin_all - have everything that the call reads in the slot
 * @call: the call
 *
 * As the table of syscalls has it, see pinredir_syscall(), and what structures
 * point to as well. What was got, set or copied by a rule stays what it is; all
 * else is copied once. If the call is allowed it reads nothing but that. What it
 * writes is passed as it is.
 *
 * Where the kernel would refuse a length without a look at the bytes (a structure
 * of more than a page, too many pieces), nothing is copied, and the argument
 * points to nothing that can be read: it is the kernel who answers.
 *
 * After an error the call cannot be allowed, unless it is asked again, and works.
 *
 * Return: 0 or
 * * PINREDIR_GONE
 * * -EINPROGRESS: answered already
 * * -ECHILD: a child that was forked since pinredir_open()
 * * -EOPNOTSUPP: the table has no row for it, or a command that it does not know;
 *   the call writes to what it reads (recvmsg(), poll(), the length of accept());
 *   or remembers it (set_robust_list(), futex()); reads what no argument tells of
 *   (ioctl(), io_uring_enter()); binary data of mount(), which can hold pointers.
 *   Such pointers can be NULL. Nothing has been copied then, but for
 *   mount(), and for capget() and capset() of a version that is not known
 * * -EINVAL: a pointer was set to a value, or fewer bytes were got, set or copied
 *   by a rule than the call reads
 * * -EFAULT, -ENAMETOOLONG, -E2BIG, -EINVAL, -EMSGSIZE: as the kernel would fail
 *   the call. Where it would have written a part before it comes to memory that
 *   cannot be read, this is -EFAULT
 * * what pinredir_get_string() returns: -ENOBUFS where there is more to be copied
 *   than fits
 */
int pinredir_pin_all(struct pinredir_call *call);

/**
 * pinredir_fetch - look at memory that no argument points to directly
 * @call: the call
 * @address: in the target
 * @kind: PINREDIR_STRING or PINREDIR_BYTES, no other
 * @bytes: set to a copy in one of the call's slots, or to NULL on an error
 * @len: in: how many, or at most for a string; out: how many, with the NUL. On an error
 *	it stays as it is
 *
 * The copy is the supervisor's to look at. The call reads it only if something
 * that it reads points there, see pinredir_address().
 *
 * Return: as pinredir_get_string()
 */
int pinredir_fetch(struct pinredir_call *call, uint64_t address,
		   unsigned int kind, const void **bytes, size_t *len);

/**
 * pinredir_address - where the target sees a part of the call's slots
 * @call: the call
 * @bytes: what pinredir_get_string(), pinredir_fetch() and their like return
 *
 * Return: the address, or 0 if @bytes is in neither slot
 */
uint64_t pinredir_address(const struct pinredir_call *call, const void *bytes);

/**
 * pinredir_set_string - let the call run with another string
 * @call: the call
 * @arg: which argument, from 0
 * @string: copied into one of the call's slots
 *
 * Return: 0 or
 * * -EINVAL: no such argument
 * * -EINPROGRESS: answered already
 * * -ECHILD: a child that was forked since pinredir_open()
 * * why there is no slot, or, where there is no room in it, why there is none in a
 *   larger one: PINREDIR_GONE, -EOPNOTSUPP (a call of another ABI), -ENOBUFS,
 *   -EACCES, -ENOMEM, -ETIMEDOUT, -EBUSY, as for pinredir_get_string()
 */
int pinredir_set_string(struct pinredir_call *call, unsigned int arg,
			const char *string);

/**
 * pinredir_set_bytes - let the call run with other bytes
 * @call: the call
 * @arg: which argument, from 0
 * @bytes: copied into one of the call's slots
 * @len: how many, not 0
 *
 * Return: as pinredir_set_string()
 */
int pinredir_set_bytes(struct pinredir_call *call, unsigned int arg,
		       const void *bytes, size_t len);

/**
 * pinredir_set_vector - let the call run with another vector of strings
 * @call: the call
 * @arg: which argument, from 0
 * @strings: copied into one of the call's slots
 * @count: how many; there need be no NULL behind them
 *
 * Return: as pinredir_set_string(), and -ENOMEM
 */
int pinredir_set_vector(struct pinredir_call *call, unsigned int arg,
			const char *const *strings, size_t count);

/**
 * pinredir_set_sockaddr - let the call run with another address
 * @call: the call
 * @arg: which argument, from 0; the next one is set to the length
 * @address: copied into one of the call's slots
 * @len: its length, not 0 and at most sizeof(struct sockaddr_storage)
 *
 * Return: as pinredir_set_string(), and -EINVAL: the length
 */
int pinredir_set_sockaddr(struct pinredir_call *call, unsigned int arg,
			  const struct sockaddr *address, size_t len);

/**
 * pinredir_set_value - let the call run with another value in a register
 * @call: the call
 * @arg: which argument, from 0
 * @value: not a pointer: for those there are the functions above. A register
 *	that says how many bytes another argument points to is to be kept to what
 *	was got or set of those
 *
 * Return: 0, -EINVAL, -EINPROGRESS, -ECHILD (a forked child)
 */
int pinredir_set_value(struct pinredir_call *call, unsigned int arg,
		       uint64_t value);

/**
 * pinredir_want_completion - ask to be told how a call ended
 * @call: the call, before it is allowed
 *
 * Return: 0, -EINPROGRESS (answered already), -EINVAL (the context was opened without
 * options.completions), -EOPNOTSUPP (the context does without the device), -ECHILD (a
 * forked child)
 */
int pinredir_want_completion(struct pinredir_call *call);

/**
 * pinredir_allow - answer: the call runs
 * @call: the call
 *
 * Everything that was got or set, and everything that a rule had copied, is
 * pinned: the call reads it from the arena, and nobody but the supervisor can
 * change it there. Arguments that were neither got nor set nor copied are as
 * the target passed them.
 *
 * Return: 0 or
 * * PINREDIR_GONE
 * * what a get or set that failed had returned, or why an argument with a rule
 *   could not be copied, such as -EFAULT; nothing is answered, and to deny the
 *   call with that errno is what the target would expect
 * * -EOPNOTSUPP: a call that cannot be redirected, or that goes on using its
 *   pointers after it has returned
 * * -EACCES: this process may not attach to the target by ptrace
 * * -EINPROGRESS: answered already
 * * -ECHILD: a child that was forked since pinredir_open()
 * * -EINVAL: what was asked for by pinredir_remember() makes no sense, or the NUL
 *   of a string was overwritten in the slot
 * * -ENOBUFS: no place for the completion
 * * -ENOMEM: there was no memory to know the call by
 */
int pinredir_allow(struct pinredir_call *call);

/**
 * pinredir_deny - answer: the call fails
 * @call: the call
 * @error: the errno, positive
 *
 * Return: 0, PINREDIR_GONE, -EINVAL, -EINPROGRESS (answered already), -ECHILD (a forked
 * child)
 */
int pinredir_deny(struct pinredir_call *call, int error);

/* Flags of pinredir_remember() */
#define PINREDIR_FOR_ALL	(1U << 0)

/**
 * pinredir_remember - the answer holds for such calls
 * @call: the call, before it is allowed or denied
 * @any: arguments that may have any value, a bit for each; none that a rule
 *	copies. For all verdicts on this syscall: those that were given with
 *	another mask are forgotten
 * @cookie: names the verdict, for pinredir_drop() and in completions
 * @flags: PINREDIR_FOR_ALL: whichever target makes them; otherwise those of the
 *	same address space, with the credentials that it has now
 *
 * When the same call is made again, with the same bytes where its pointers point
 * and the same values in its other arguments, it runs on what this one runs on,
 * or fails in the same way, and the supervisor does not hear of it. That is for
 * what depends on nothing else: not for relative paths, not for /proc/self and
 * /dev/fd, nor for anything that the working directory, the root, mounts,
 * symbolic links, file descriptors or what is executed have a part in, nor where
 * calls are counted. It is asked for anew, and not what it was for the same call
 * before, with every answer.
 *
 * Arguments that are set must be ones that a rule copies. Whether there is
 * memory to remember it with does not matter to the answer. Nor is the answer
 * remembered where the last verdicts on this syscall went without having
 * answered a call; nor an execve() that is allowed as it is, without
 * PINREDIR_FOR_ALL, since it ends the address space. One that was set when
 * there was no room for it in options.slot_size is not remembered, nor for all
 * targets a vector that was set.
 *
 * That the context was opened without room for verdicts, or a mask in @any that
 * makes no sense, is -EINVAL from the answer.
 *
 * Return: 0, -EINVAL (unknown flags, or no such argument), -EINPROGRESS (answered
 * already), -EOPNOTSUPP (the context does without the device), -ECHILD (a forked child)
 */
int pinredir_remember(struct pinredir_call *call, unsigned int any,
		      uint64_t cookie, unsigned int flags);

/**
 * pinredir_drop - forget the verdicts that have this cookie
 * @ctx: the context
 * @cookie: as given to pinredir_remember()
 *
 * When it returns, no call is answered by one of them any more; calls that were
 * already run on. Nor is an answer remembered to any call that was made before:
 * first change what decides, then drop.
 *
 * Return: 0, -EINVAL (the context was opened without room for verdicts), -EOPNOTSUPP (it
 * does without the device), -ECHILD (a forked child)
 */
int pinredir_drop(struct pinredir *ctx, uint64_t cookie);

/**
 * pinredir_drop_all - forget all verdicts
 * @ctx: the context
 *
 * Return: as pinredir_drop()
 */
int pinredir_drop_all(struct pinredir *ctx);

/**
 * pinredir_emulate - answer: the call has been done for the target
 * @call: the call
 * @value: what it returns
 *
 * Return: 0, PINREDIR_GONE, -EINPROGRESS (answered already), -ECHILD (a forked child)
 */
int pinredir_emulate(struct pinredir_call *call, int64_t value);

/**
 * pinredir_addfd - answer: the call returns a file descriptor
 * @call: the call
 * @fd: the supervisor's
 * @flags: O_CLOEXEC or 0
 *
 * Return: the number that it has in the target, or
 * * PINREDIR_GONE
 * * -EINPROGRESS: answered already
 * * -EINVAL: unknown flags
 * * -EBADF: @fd is not open
 * * -ECHILD: a child that was forked since pinredir_open()
 * * -EMFILE, ...: why it could not be installed; the call still waits
 */
int pinredir_addfd(struct pinredir_call *call, int fd, unsigned int flags);

/**
 * pinredir_read_completions - how calls have ended
 * @ctx: the context
 * @completions: filled in
 * @room: how many fit
 * @size: sizeof(*@completions), of each
 * @flags: PINREDIR_NONBLOCK or 0
 *
 * Return: how many, or
 * * -EAGAIN: PINREDIR_NONBLOCK, and there is none
 * * -EINTR: interrupted by a signal
 * * -EINVAL: @room is 0, @size is below that of the first version, or unknown flags
 * * -EOPNOTSUPP: the context does without the device
 * * -ECHILD: a child that was forked since pinredir_open()
 */
int pinredir_read_completions(struct pinredir *ctx,
			      struct seccomp_pin_completion *completions,
			      size_t room, size_t size, unsigned int flags);

/**
 * pinredir_query - what there is
 * @ctx: the context
 * @query: filled in
 * @size: sizeof(*@query)
 *
 * Return: 0, -EINVAL (@size is below that of the first version), -EOPNOTSUPP (this context
 * does without the device), -ECHILD (a forked child)
 */
int pinredir_query(struct pinredir *ctx, struct seccomp_pin_query *query,
		   size_t size);

/**
 * pinredir_send_listener - pass a listener on over a Unix socket
 * @socket: the socket
 * @listener: stays open here
 *
 * Uses sendmsg(), which the target's own filter must let through.
 *
 * Return: 0 or
 * * what sendmsg() fails with
 */
int pinredir_send_listener(int socket, int listener);

/**
 * pinredir_recv_listener - get a listener over a Unix socket
 * @socket: the socket
 *
 * For a message by pinredir_send_listener(). Of a message that has more descriptors, the
 * first listener is taken, and the others are closed. One byte of the payload is read:
 * pinredir_recv_fds() is for messages whose payload matters.
 *
 * Return: the listener, close-on-exec, or
 * * -EPROTO: something else came
 * * -EPIPE: nothing will come
 * * -EMFILE: this process can have no more descriptors, and the message is lost
 * * what recvmsg() fails with
 */
int pinredir_recv_listener(int socket);

/**
 * pinredir_recv_fds - get a message with descriptors over a Unix socket
 * @socket: the socket
 * @data: set to the payload
 * @len: in: how many bytes @data has, 1 or more; out: how many came
 * @fds: set to the descriptors, in order, close-on-exec
 * @count: in: how many @fds has room for, 253 at most are needed; out: how many came; 0
 *	if none
 *
 * As container runtimes send it to a seccomp.listenerPath: the container's state in JSON,
 * which says what each descriptor is. On a stream socket, what is longer than @len comes
 * with the next message. Credentials and security labels that the socket passes are left
 * out.
 *
 * Return: 0, or
 * * -EINVAL: @len is 0
 * * -EPIPE: nothing will come
 * * -EMSGSIZE: a datagram is longer than @len; the message is lost
 * * -E2BIG: there are more descriptors than @fds has room for; the message is lost
 * * -EMFILE: this process can have no more descriptors; the message is lost
 * * what recvmsg() fails with
 */
int pinredir_recv_fds(int socket, void *data, size_t *len, int *fds,
		      size_t *count);

/**
 * pinredir_is_listener - whether a descriptor is the listener of a seccomp filter
 * @fd: the descriptor
 *
 * The library reads the descriptor's name in /proc. It makes no ioctl: a FUSE server
 * could answer an ioctl on a file of its own, or keep this process waiting.
 *
 * Return: 1 or 0, or
 * * -EBADF: it is not open
 * * -ESRCH: there is no /proc to be asked
 */
int pinredir_is_listener(int fd);

/* Flag of struct pinredir_spawn, beside PINREDIR_INTERRUPTIBLE */
#define PINREDIR_KNOWN_ONLY	(1U << 4)

/**
 * struct pinredir_spawn - what to run, and how; 0 in a member is the default
 * @size: sizeof(struct pinredir_spawn)
 * @flags: PINREDIR_INTERRUPTIBLE: the filter is installed without
 *	SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, by which targets wait killable once their
 *	call is received. A context has its own flag, which counts from the trap on
 *	PINREDIR_KNOWN_ONLY: whatever the filter says of them, calls that the table of
 *	syscalls does not know fail with ENOSYS, see pinredir_known_filter()
 * @reserved: 0
 * @file: the program. With a '/' in it, as it is, from @directory; otherwise
 *	looked for in the PATH of this process (default: argv[0])
 * @argv: its arguments, ended by NULL; at least one
 * @envp: its environment, ended by NULL (default: this process's)
 * @directory: its working directory (default: this process's)
 * @keep_fds: file descriptors that it has besides 0, 1 and 2, close-on-exec here
 *	or not; all others are closed
 * @keep_count: how many
 * @setup: called in the child, before the filter is installed, with everything
 *	above done; it returns 0 or a negative errno, with which pinredir_spawn()
 *	then fails. Only async-signal-safe functions may be called there: this
 *	process may have had threads
 * @setup_data: for @setup
 */
struct pinredir_spawn {
	size_t size;
	uint32_t flags;
	uint32_t reserved;
	const char *file;
	char *const *argv;
	char *const *envp;
	const char *directory;
	const int *keep_fds;
	size_t keep_count;
	int (*setup)(void *data);
	void *setup_data;
};

struct pinredir_child;

/**
 * pinredir_spawn - run a program under a filter
 * @child: set to the child, for pinredir_child_free()
 * @filter: libseccomp's, with an action SCMP_ACT_NOTIFY somewhere; not loaded,
 *	and unchanged. Its attributes count, but for SCMP_FLTATR_CTL_TSYNC, and
 *	SCMP_FLTATR_CTL_WAITKILL where that is 0: see @flags of @how
 * @how: what to run
 *
 * The listener comes back whatever the filter does: once it is installed, the
 * child's only syscall is execve, or, if that fails, exit_group. So the call that
 * is received first can be that execve; the child waits in it. What execve came to
 * is known later: pinredir_child_wait().
 *
 * As with posix_spawn(): signals that are ignored stay so, those with a handler
 * get the default action, and the mask is this thread's. The program has
 * the file descriptors that were asked for, and nothing else of this process.
 *
 * The child is a copy of this process until its execve. If this process is not
 * dumpable and lacks CAP_SYS_PTRACE, it could not answer that execve; so the copy
 * is made dumpable, once its file descriptors are closed. It has no arena, but
 * whatever else is in this process's memory; see MADV_DONTFORK. Processes of the
 * same user that Yama does not stop can attach to it.
 *
 * The function forks twice: for a process with much memory, the kernel copies its page
 * tables twice. It blocks until the program has been found and the filter is installed,
 * as long as @setup takes.
 *
 * Context: MT-Safe env: it reads this process's environment, and PATH in it, where @how
 * names neither.
 *
 * Return: 0 or
 * * -EINVAL: an @how that makes no sense, or a filter that notifies of nothing
 * * -E2BIG: an @how of a newer version, with what this library does not know
 * * -EACCES: the filter is installed without SCMP_FLTATR_CTL_NNP, which takes
 *   CAP_SYS_ADMIN
 * * -EBUSY: there is a filter with a listener already, whoever installed it
 * * -ENOENT, -EACCES, -ENOTDIR, ...: no such program in PATH, or no @directory
 * * -EBADF: one of @keep_fds is not open, or @setup has closed what it does not own
 * * -ESRCH: the child was killed before it had the filter
 * * what @setup returned
 * * -EAGAIN, -ENOMEM, -EMFILE, ...: lack of resources
 * * -ENOSYS, -EPERM: a filter of this process's own refuses what is needed
 */
int pinredir_spawn(struct pinredir_child **child, scmp_filter_ctx filter,
		   const struct pinredir_spawn *how);

/**
 * pinredir_child_listener, pinredir_child_pid, pinredir_child_pidfd - what is known
 * of a child
 * @child: the child
 *
 * Context: MT-Safe: can be called by any thread that has the child.
 *
 * Return:
 * * pinredir_child_listener(): the listener, which stays the child's;
 *   pinredir_open() duplicates it
 * * pinredir_child_pid(): the process; its number is its own until
 *   pinredir_child_wait() has returned 0
 * * pinredir_child_pidfd(): its pidfd, which stays the child's: readable when it
 *   has ended
 */
int pinredir_child_listener(const struct pinredir_child *child);
int pinredir_child_pid(const struct pinredir_child *child);
int pinredir_child_pidfd(const struct pinredir_child *child);

/**
 * pinredir_child_wait - wait for the end of a child
 * @child: the child
 * @status: set to its status, as by waitpid(); may be NULL
 * @flags: PINREDIR_NONBLOCK or 0
 *
 * May be called again; it says the same.
 *
 * Return: 0 or
 * * -ENOENT, -EACCES, -ENOEXEC, ...: execve failed, by itself or by the
 *   supervisor's answer; the child has ended and has no status
 * * -EAGAIN: PINREDIR_NONBLOCK, and it has not ended
 * * -EINTR: interrupted by a signal
 * * -ECHILD: somebody else has waited for it, or SIGCHLD is ignored
 * * -EINVAL: unknown flags
 */
int pinredir_child_wait(struct pinredir_child *child, int *status,
			unsigned int flags);

/**
 * pinredir_child_free - give a child back
 * @child: the child, or NULL
 *
 * Closes the file descriptors; the process is neither killed nor waited for.
 */
void pinredir_child_free(struct pinredir_child *child);

/* What a handler returns, if it is not a negative errno to deny the call with */
#define PINREDIR_ANSWERED	0
#define PINREDIR_ALLOW		1
#define PINREDIR_DEFER		2
#define PINREDIR_ALLOW_ALL	3

/**
 * typedef pinredir_handler - decides on a call
 * @call: the call; not to be released
 * @data: as given to pinredir_loop_handle()
 *
 * It may call everything that takes a call, but pinredir_next() and
 * pinredir_release().
 *
 * Return:
 * * PINREDIR_ALLOW: have pinredir_allow() called
 * * PINREDIR_ALLOW_ALL: have pinredir_pin_all() and pinredir_allow() called
 * * a negative errno: have the call denied with it
 * * PINREDIR_ANSWERED: it is answered
 * * PINREDIR_DEFER: pinredir_loop_done() will be called, or has been. From the
 *   moment that another thread can do so, the handler does not touch the call
 *
 * A C++ exception may come out of it: the call is denied, and pinredir_loop_run() and its
 * like are left by the exception. A longjmp() out of a handler is not supported: the call
 * is then neither denied nor released.
 *
 * What pinredir_pin_all() or pinredir_allow() fails with, the call is denied with.
 * If nothing of this answers it, it is denied all the same, and that is told: a
 * target never waits for what will not come.
 */
typedef int (*pinredir_handler)(struct pinredir_call *call, void *data);

/**
 * struct pinredir_loop_options - what can be chosen; 0 is the default
 * @size: sizeof(struct pinredir_loop_options)
 * @flags: 0
 * @timeout: milliseconds that a call may wait for its answer, in its handler or
 *	deferred (default: for ever). Then it is denied, whatever is being done
 *	with it, and answers are PINREDIR_GONE from then on. What was got of it stays
 *	as it is until its handler has returned, or, if it is deferred, until
 *	pinredir_loop_done() or pinredir_loop_free(); for so long the target has a slot
 *	less. Takes a thread that is in the loop, or in its caller's poll(), while others
 *	handle calls
 * @deny_error: what calls are denied with that have no handler, or no answer in
 *	time, or of a handler that has forgotten it (default: EPERM: with ENOSYS,
 *	programs would conclude that the kernel lacks the call, for ever)
 * @reserved: 0
 * @trouble: told of what does not go as it should, in the thread that finds it,
 *	after the call was denied, if it was; of the call, only what
 *	is constant may be asked then. @error is
 *	* -EPROTO: the handler has forgotten to answer, or returned what means
 *	  nothing
 *	* -EINPROGRESS: it has answered, and wanted it answered once more
 *	* -ETIMEDOUT: see @timeout
 *	* -ECANCELED: its thread has ended in it, or the loop was freed
 *	* others: why a call that it allowed could not be
 * @data: for @trouble
 */
struct pinredir_loop_options {
	size_t size;
	uint32_t flags;
	uint32_t timeout;
	int32_t deny_error;
	uint32_t reserved;
	void (*trouble)(struct pinredir_call *call, int error, void *data);
	void *data;
};

struct pinredir_loop;

/**
 * pinredir_loop_new - serve a context's calls by handlers
 * @loop: set to the loop
 * @ctx: the context, which outlives the loop. Calls may be received from it
 *	elsewhere as well
 * @options: or NULL
 *
 * Return: 0, -EINVAL (options that make no sense), -E2BIG (options of a newer version, with
 * what this library does not know), -ECHILD (a child that was forked since
 * pinredir_open()), -ENOMEM, -EMFILE
 */
int pinredir_loop_new(struct pinredir_loop **loop, struct pinredir *ctx,
		      const struct pinredir_loop_options *options);

/**
 * pinredir_loop_free - give a loop back
 * @loop: the loop, or NULL
 *
 * Calls that are deferred are denied, and released. In a child that was forked since
 * pinredir_open(), they are the parent's, and the child only closes descriptors.
 *
 * Context: MT-Safe race:loop: no thread is in it any more, nor will call it.
 */
void pinredir_loop_free(struct pinredir_loop *loop);

/**
 * pinredir_loop_handle - who decides on calls
 * @loop: the loop
 * @nr: the syscall's number, or -1: for all that have no handler of their own
 * @handler: the handler, or NULL for none; several threads can be in it
 * @data: for it
 *
 * Calls of another ABI than the native one, such as those of 32-bit programs,
 * have numbers that mean something else, and are denied without being asked
 * about.
 *
 * Context: MT-Safe race:loop: before the loop serves calls.
 *
 * Return: 0 or -EINVAL: no such number
 */
int pinredir_loop_handle(struct pinredir_loop *loop, int nr,
			 pinredir_handler handler, void *data);

/**
 * pinredir_loop_run - serve calls
 * @loop: the loop
 *
 * Returns when there are no targets any more, or after pinredir_loop_stop(). May
 * be called by as many threads as shall serve calls at a time. A thread that is
 * cancelled or ends in a handler has its call denied.
 *
 * Return: 0 or
 * * -ENOMEM: call it again
 * * -ECHILD: a child that was forked since pinredir_open(), in a handler for one
 */
int pinredir_loop_run(struct pinredir_loop *loop);

/**
 * pinredir_loop_fd - for poll loops: readable when there is something to do
 * @loop: the loop
 *
 * Return: the file descriptor, which stays the loop's
 */
int pinredir_loop_fd(const struct pinredir_loop *loop);

/**
 * pinredir_loop_dispatch - serve what is there, without waiting
 * @loop: the loop
 *
 * A bounded number of calls: if there are more, pinredir_loop_fd() stays readable.
 *
 * Return: 0 or
 * * -ESRCH: there are no targets any more
 * * -ECANCELED: pinredir_loop_stop() was called
 * * -ECHILD: a child that was forked since pinredir_open()
 * * -ENOMEM
 */
int pinredir_loop_dispatch(struct pinredir_loop *loop);

/**
 * pinredir_loop_adopt - serve a call that somebody else has received
 * @loop: the loop
 * @id: the notification's id
 *
 * Its handler is called here and now.
 *
 * Return: 0 or as pinredir_adopt()
 */
int pinredir_loop_adopt(struct pinredir_loop *loop, uint64_t id);

/**
 * pinredir_loop_done - decide on a call that was deferred
 * @loop: the loop
 * @call: the call, which is released
 * @verdict: what its handler could have returned, but PINREDIR_DEFER
 *
 * From any thread, even before the handler that has deferred it returns, and
 * after pinredir_loop_stop() as well.
 *
 * Return: 0 or
 * * PINREDIR_GONE: it was too late, or has been answered by somebody else
 * * -ECHILD: a child that was forked since pinredir_open(); the call is not released
 * * what has gone wrong, as told to options.trouble
 */
int pinredir_loop_done(struct pinredir_loop *loop, struct pinredir_call *call,
		       int verdict);

/**
 * pinredir_loop_stop - have the loop end
 * @loop: the loop
 *
 * From any thread, or a signal handler. Each pinredir_loop_run() returns after
 * the call that it is at, and so do later ones at once. Calls that have not been
 * received wait on: for another loop or receiver, or for pinredir_close(). Called by a
 * child that was forked since pinredir_open(), it does nothing.
 */
void pinredir_loop_stop(struct pinredir_loop *loop);

/* Flag of pinredir_open_beneath(), beside the kernel's RESOLVE_* */
#define PINREDIR_AS_SUPERVISOR	(1ULL << 63)

/**
 * pinredir_open_beneath - answer: open a file beneath a directory for the target
 * @call: open(), openat(), openat2() or creat(); its flags and mode count,
 *	replaced by pinredir_set_value() or not
 * @root: this process's file descriptor of the directory, O_PATH or not
 * @path: from there; not looked at again once this has returned
 * @resolve: RESOLVE_* to add to the call's own, and to RESOLVE_BENEATH and
 *	RESOLVE_NO_MAGICLINKS, which are always there; with RESOLVE_IN_ROOT, it is
 *	that instead of RESOLVE_BENEATH. PINREDIR_AS_SUPERVISOR
 *
 * The path is walked here, so that nothing that the target renames or links in
 * the meantime leads out of @root. The target gets the file, and nothing more.
 *
 * It is this process that opens the file: with its credentials, its Landlock or
 * AppArmor domain, and its limits, from its mounts. If the target's user, groups
 * or capabilities are less than this process's, that is refused, unless
 * PINREDIR_AS_SUPERVISOR says that every file beneath @root is the target's to
 * open in any case. The target's umask is kept to.
 *
 * Only files and directories are opened, and /dev/null and its like: a FIFO
 * would keep this process waiting, opening a terminal or another device does
 * something to it, and what is in /proc depends on who opens it. A file system
 * below @root can keep this process waiting as well, such as FUSE;
 * RESOLVE_NO_XDEV excludes it. fs.protected_regular is not kept to. With a
 * directory, the target can go on from there, by calls to be looked at in
 * their turn.
 *
 * After an error the call still waits, and the file can have been created or truncated: the
 * target may have no descriptor left for it, or have gone.
 *
 * Return: 0, and the call is answered, or
 * * PINREDIR_GONE
 * * -EINPROGRESS: answered already
 * * -ECHILD: a child that was forked since pinredir_open()
 * * -EINVAL: another call, or flags that make no sense
 * * -EPERM: the target has less rights than this process, see above
 * * -EXDEV: @path leads out of @root, or to another mount where it must not
 * * -EOPNOTSUPP: O_PATH, which cannot be handed over; a file that is not opened
 *   here; RESOLVE_BENEATH or RESOLVE_IN_ROOT of the call itself, which are about
 *   another directory; creating a file by way of a symbolic link
 * * -EAGAIN: somebody else has a lease on the file, or renames all the time
 * * -ESRCH: the target is in another pid namespace, or there is no /proc here that shows it
 * * -ENOENT, -EACCES, -ELOOP, -EMFILE, ...: why it cannot be opened: what the
 *   target should be told
 */
int pinredir_open_beneath(struct pinredir_call *call, int root,
			  const char *path, uint64_t resolve);

/**
 * pinredir_absolute - where a path of a call leads from
 * @call: the call
 * @dirfd: the call's argument, or AT_FDCWD
 * @path: the call's
 * @buf: set to the path, from this process's root
 * @size: of it
 *
 * Puts the target's working directory, directory or root in front of the path.
 * What is in @path stays: "..", symbolic links. That is something to judge by and
 * to log, and no promise: another thread of the target can change its working
 * directory, put another directory at that number, or rename, before the
 * call runs. pinredir_open_beneath() is what holds.
 *
 * The file systems on the way are asked. One that does not answer, such as a
 * target's own FUSE, keeps this thread waiting: where targets can have such a one
 * below a directory that this process sees, others should go on serving calls.
 *
 * Return: 0 or
 * * PINREDIR_GONE
 * * -EBADF, -ENOTDIR: @dirfd is not open, or no directory
 * * -ENAMETOOLONG: longer than @size
 * * -EXDEV: the target has other mounts than this process, where the path would
 *   mean something else; or the directory is not reachable from this root
 * * -ESTALE: the directory has been removed or moved
 * * -EACCES: this process may not look at the target
 * * -ESRCH: the target is in another pid namespace, or there is no /proc here that shows it
 * * -EINPROGRESS: answered already
 * * -ECHILD: a child that was forked since pinredir_open()
 */
int pinredir_absolute(struct pinredir_call *call, int dirfd, const char *path,
		      char *buf, size_t size);

/**
 * pinredir_can_pin - whether calls can be allowed
 * @ctx: the context
 *
 * Without the device, a context that was opened with PINREDIR_FALLBACK has only
 * the listener. Calls are received, denied, emulated, and answered with file
 * descriptors. What they point to can be looked at, in a copy that is made when it
 * is asked for, which is nothing that the call would run on; so pinredir_allow()
 * and whatever takes the device is -EOPNOTSUPP. There is no way to let them run.
 *
 * Return: whether there is the device
 */
bool pinredir_can_pin(const struct pinredir *ctx);

/* What can be in the way of pinning, by pinredir_probe() */
enum pinredir_problem {
	PINREDIR_NO_PROBLEM,
	PINREDIR_NO_SECCOMP,		/* kernel without user notifications */
	PINREDIR_NO_MEMFD,		/* no sealed memfd */
	PINREDIR_NO_PATCH,		/* kernel without the series */
	PINREDIR_NO_DEVICE,		/* module not loaded */
	PINREDIR_NO_NODE,		/* module loaded, but no node here */
	PINREDIR_NO_PERMISSION,		/* mode of the node, or a nodev mount */
	PINREDIR_NO_DEVICE_CGROUP,	/* the device is not let into the cgroup */
	PINREDIR_NOT_THE_DEVICE,	/* the node is something else's */
	PINREDIR_WRONG_ABI,		/* older module than the library */
	PINREDIR_FILTERED,		/* a seccomp filter refuses what is needed */
	PINREDIR_NESTED,		/* under a filter with a listener itself */
	PINREDIR_NO_PTRACE,		/* no ptrace access, not even to a child */
	PINREDIR_OTHER_PROBLEM,		/* see the errno */
};

/**
 * struct pinredir_report - what pinredir_probe() has found
 * @size: in: sizeof(struct pinredir_report)
 * @problem: an enum pinredir_problem
 * @error: the errno, negative, that tells it; 0 if there was none
 * @yama_scope: kernel.yama.ptrace_scope, or -1 without Yama
 * @abi_version: of the module, or 0
 * @features: of the module, SECCOMP_PIN_FEATURE_*
 * @kernel: the kernel's release
 */
struct pinredir_report {
	size_t size;
	int32_t problem;
	int32_t error;
	int32_t yama_scope;
	uint32_t abi_version;
	uint64_t features;
	char kernel[72];
};

/**
 * pinredir_probe - whether calls can be pinned here, and if not, why
 * @report: filled in, but for its size
 * @device: path of the device, or NULL: SECCOMP_PIN_DEVICE
 *
 * Tries it, with a child of its own. What is in the way first is reported; when it
 * is out of the way there may be more.
 *
 * Return: 0, whatever was found, or -EINVAL: @report is smaller than its first version
 */
int pinredir_probe(struct pinredir_report *report, const char *device);

/**
 * pinredir_problem_string - a problem in words
 * @problem: an enum pinredir_problem
 *
 * Return: a sentence or two that say what it is and what to do; constant
 */
const char *pinredir_problem_string(int problem);

#ifdef __cplusplus
}
#endif

#endif /* _PINREDIR_H */
