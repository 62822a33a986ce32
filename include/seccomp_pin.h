/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * /dev/seccomp-pin: pinned arguments for seccomp supervisors
 *
 * Every structure can grow: its size is part of the ioctl number, a shorter one
 * of an older program is zero-extended, a longer one of a newer program is
 * accepted as long as what the kernel does not know is zero (E2BIG otherwise).
 * Reserved members must be zero. docs/abi.md has each request and each error.
 */
#ifndef _SECCOMP_PIN_H
#define _SECCOMP_PIN_H

#include <linux/ioctl.h>
#include <linux/seccomp.h>
#include <linux/types.h>

#define SECCOMP_PIN_DEVICE	"/dev/seccomp-pin"

/* Grows when something is added; what is there does not change. */
#define SECCOMP_PIN_ABI_VERSION	1

#define SECCOMP_PIN_ARGS	6

/* Limits; multiples of the page size where they are sizes in bytes */
#define SECCOMP_PIN_MAX_SLOT	(1U << 20)	/* bytes of a slot */
#define SECCOMP_PIN_MAX_SLOTS	64		/* slots in a window */
#define SECCOMP_PIN_MAX_WINDOWS	(1U << 20)	/* windows in an arena */
#define SECCOMP_PIN_MAX_QUEUE	65536		/* completions */
#define SECCOMP_PIN_MAX_RULES	4096
#define SECCOMP_PIN_MAX_NR	1024		/* syscall numbers are below */
#define SECCOMP_PIN_MAX_TIMEOUT	60000		/* milliseconds */
#define SECCOMP_PIN_MAX_VERDICTS	65536	/* remembered verdicts */
#define SECCOMP_PIN_MAX_VERDICT	8192		/* bytes that one is about */
#define SECCOMP_PIN_MAX_ANSWERS	256		/* in one SECCOMP_PIN_NEXT */

/* Features */
#define SECCOMP_PIN_FEATURE_COMPLETIONS	(1ULL << 0)
#define SECCOMP_PIN_FEATURE_KILLABLE	(1ULL << 1)
#define SECCOMP_PIN_FEATURE_NEXT	(1ULL << 2)
#define SECCOMP_PIN_FEATURE_VERDICTS	(1ULL << 3)
#define SECCOMP_PIN_FEATURE_VECTORS	(1ULL << 4)
#define SECCOMP_PIN_FEATURE_ALLOC	(1ULL << 5)
#define SECCOMP_PIN_FEATURE_COPIED	(1ULL << 6)

/**
 * struct seccomp_pin_query - what there is; works before attach as well
 * @abi_version: SECCOMP_PIN_ABI_VERSION of the module
 * @redirect_check: whether redirecting asks for ptrace access to the target
 * @features: SECCOMP_PIN_FEATURE_* bits
 * @targets: mms that have windows in this context's arena
 * @windows: windows in use
 * @slots: slots that calls have, larger slots included
 * @calls: calls known: waiting, redirected and running, or not released
 * @verdicts: verdicts remembered
 * @reserved: 0
 * @hits: calls that ran, or failed, by a remembered verdict
 */
struct seccomp_pin_query {
	__u32 abi_version;
	__u32 redirect_check;
	__u64 features;
	__u32 targets;
	__u32 windows;
	__u32 slots;
	__u32 calls;
	__u32 verdicts;
	__u32 reserved;
	__u64 hits;
};

/* Flags of attach */
#define SECCOMP_PIN_ATTACH_KILLABLE	(1U << 0)
#define SECCOMP_PIN_ATTACH_SOLE		(1U << 1)

/**
 * struct seccomp_pin_attach - bind the context to a listener and an arena
 * @listener: a seccomp listener
 * @arena: a memfd, open for reading and writing, sealed with F_SEAL_SHRINK,
 *	F_SEAL_GROW, F_SEAL_FUTURE_WRITE and F_SEAL_SEAL. It serves one context
 *	in its life
 * @slot_size: bytes for one call's arguments, a multiple of the page size
 * @window_size: bytes of a window, a multiple of @slot_size
 * @windows_per_mm: how many windows' worth of the arena one mm can have. A tree
 *	of processes cannot have all of it: a 16th of what a child of the process
 *	that opened the device has with all its descendants must be left, twice
 *	as much for each generation below, and a fourth for all those together
 *	whose ancestors cannot be told
 * @completions: how many redirected calls can be waited for with read(2)
 * @flags: SECCOMP_PIN_ATTACH_KILLABLE: from the trap on, a waiting target is
 *	interrupted by fatal signals alone
 *	SECCOMP_PIN_ATTACH_SOLE: fail if the arena is mapped writable more than
 *	once, as by a child that was forked before MADV_DONTFORK
 * @verdicts: how many verdicts can be remembered, rounded up to a power of two,
 *	up to SECCOMP_PIN_MAX_VERDICTS; 0: none
 */
struct seccomp_pin_attach {
	__s32 listener;
	__s32 arena;
	__u32 slot_size;
	__u32 window_size;
	__u32 windows_per_mm;
	__u32 completions;
	__u32 flags;
	__u32 verdicts;
};

/* Kinds of memory that an argument points to */
#define SECCOMP_PIN_NONE	0	/* no rule */
#define SECCOMP_PIN_STRING	1	/* up to and with a NUL */
#define SECCOMP_PIN_BYTES	2	/* a constant number of bytes */
#define SECCOMP_PIN_BYTES_ARG	3	/* the number is in another argument */
#define SECCOMP_PIN_VECTOR	4	/* pointers to strings, up to a NULL */

/**
 * struct seccomp_pin_rule - what a target copies when it traps
 * @nr: the syscall's number, of the native architecture
 * @arg: which argument is the pointer, from 0
 * @kind: SECCOMP_PIN_STRING, _BYTES, _BYTES_ARG or _VECTOR
 * @max: most bytes to copy, with a string's NUL, and of a vector the array with
 *	its NULL and all strings; not above the slot size
 * @len: SECCOMP_PIN_BYTES: how many; SECCOMP_PIN_BYTES_ARG: which argument has
 *	the number; SECCOMP_PIN_VECTOR: most strings, not 0; SECCOMP_PIN_STRING: 0
 */
struct seccomp_pin_rule {
	__u32 nr;
	__u16 arg;
	__u16 kind;
	__u32 max;
	__u32 len;
};

/**
 * struct seccomp_pin_rules - replace all rules; for calls that trap from now on
 * @rules: address of an array of struct seccomp_pin_rule
 * @count: how many; 0 removes all
 * @reserved: 0
 */
struct seccomp_pin_rules {
	__u64 rules;
	__u32 count;
	__u32 reserved;
};

/**
 * struct seccomp_pin_copy - an argument's bytes in the slot
 * @kind: the rule's, SECCOMP_PIN_NONE if there was none or the pointer is NULL
 * @error: 0, or the errno (negative) for which there are no bytes: EFAULT,
 *	ENAMETOOLONG (no NUL within the rule's maximum), E2BIG (more bytes than
 *	that, or more strings), ENOBUFS (no room in the slot, or no slot), ENOMEM,
 *	EACCES (the receiver has no ptrace access)
 * @offset: from the start of the slot
 * @len: bytes, with a string's NUL; of a vector all of it
 *
 * A vector is an array of 64-bit addresses with a 0 at its end, and the strings
 * behind it. They are addresses of those copies, as the target sees them.
 */
struct seccomp_pin_copy {
	__u32 kind;
	__s32 error;
	__u32 offset;
	__u32 len;
};

/* Flags of receive */
#define SECCOMP_PIN_NONBLOCK	(1U << 0)
#define SECCOMP_PIN_ADOPT	(1U << 1)	/* @id, received by someone else */

/**
 * struct seccomp_pin_receive - a notification and the slot of its call
 * @id: the notification's; to be set with SECCOMP_PIN_ADOPT
 * @flags: SECCOMP_PIN_NONBLOCK, SECCOMP_PIN_ADOPT
 * @pid: the thread's, in the receiver's pid namespace, or 0
 * @data: as in struct seccomp_notif
 * @thread: names the thread for as long as it lives, whatever the namespaces
 * @slot_offset: in the arena
 * @slot_address: in the target
 * @slot_size: bytes, 0 if there is no slot
 * @slot_error: 0, or the errno (negative) for which there is none: ENOBUFS (the
 *	arena is full, or the mm or its family of processes has its share),
 *	ENOMEM, EOPNOTSUPP (a call that cannot be redirected), or what mapping
 *	the window returned
 * @copies: what the rules had copied, by argument
 */
struct seccomp_pin_receive {
	__u64 id;
	__u32 flags;
	__u32 pid;
	struct seccomp_data data;
	__u64 thread;
	__u64 slot_offset;
	__u64 slot_address;
	__u32 slot_size;
	__s32 slot_error;
	struct seccomp_pin_copy copies[SECCOMP_PIN_ARGS];
};

/**
 * struct seccomp_pin_fetch - copy more of a parked target's memory to its slot
 * @id: the notification, received or adopted here and not answered
 * @address: in the target
 * @kind: SECCOMP_PIN_STRING or SECCOMP_PIN_BYTES
 * @len: in: how many bytes, or at most for a string; out: how many it were
 * @offset: where to, from the start of the slot. From the slot's size on (from 0
 *	if the call has none) it is in the larger slot that SECCOMP_PIN_ALLOC has
 *	given, as if that came next; in one of them, not across both
 * @timeout: milliseconds, 1 to SECCOMP_PIN_MAX_TIMEOUT
 */
struct seccomp_pin_fetch {
	__u64 id;
	__u64 address;
	__u32 kind;
	__u32 len;
	__u32 offset;
	__u32 timeout;
};

/**
 * struct seccomp_pin_release - let go of a received call without an answer here
 * @id: the notification's
 * @flags: 0
 * @reserved: 0
 */
struct seccomp_pin_release {
	__u64 id;
	__u32 flags;
	__u32 reserved;
};

/**
 * struct seccomp_pin_alloc - a larger slot for a call, besides the one it has
 * @id: the notification, received or adopted here and not answered
 * @offset: in: 0; out: in the arena
 * @address: in: 0; out: in the target
 * @size: in: how many bytes, not 0 and not above the window size; out: how many
 *	it has, a multiple of the slot size
 * @timeout: milliseconds to wait for the target, if one more window has to be
 *	mapped, 1 to SECCOMP_PIN_MAX_TIMEOUT
 * @flags: 0
 * @reserved: 0
 *
 * One for each call. It is the call's for as long as its slot is, which stays
 * where it is: so do what the rules had copied there, and the addresses of that.
 * An answer that points into it is given, but not remembered.
 */
struct seccomp_pin_alloc {
	__u64 id;
	__u64 offset;
	__u64 address;
	__u32 size;
	__u32 timeout;
	__u32 flags;
	__u32 reserved;
};

/**
 * struct seccomp_pin_install - one more window for a parked target's mm
 * @id: the notification, received and not answered
 * @address: in: page-aligned, or 0 for any; out: where it is
 * @length: bytes, a multiple of the page size
 * @offset: in: 0; out: in the arena
 * @flags: 0
 * @timeout: milliseconds to wait for the target, 1 to SECCOMP_PIN_MAX_TIMEOUT
 */
struct seccomp_pin_install {
	__u64 id;
	__u64 address;
	__u64 length;
	__u64 offset;
	__u32 flags;
	__u32 timeout;
};

/* Flags of redirect */
#define SECCOMP_PIN_COMPLETION	(1U << 0)	/* tell by read(2) how it ends */
#define SECCOMP_PIN_DENY	(1U << 1)	/* it fails, with @error */
#define SECCOMP_PIN_REMEMBER	(1U << 2)	/* the answer for such calls */
#define SECCOMP_PIN_FOR_ALL	(1U << 3)	/* whichever target makes them */
#define SECCOMP_PIN_COPIED	(1U << 4)	/* with what the rules had copied */

/* Bytes of a struct seccomp_pin_redirect up to its @args */
#define SECCOMP_PIN_SHORT	16

/**
 * struct seccomp_pin_redirect - let a call run, with other arguments
 * @id: the notification, received and not answered
 * @flags: SECCOMP_PIN_COMPLETION
 *	SECCOMP_PIN_DENY: the call fails; no arguments are given
 *	SECCOMP_PIN_REMEMBER: calls that are the same, down to the bytes that the
 *	rules had copied, are answered in the same way without being asked about:
 *	with the same values and the bytes that the slot holds now: what the rules
 *	had copied is to be substituted, if the call runs. For this mm
 *	with its present credentials, or, with SECCOMP_PIN_FOR_ALL, for every
 *	target. A call of a target that nobody has had ptrace access to yet is
 *	always asked about. It is up to the kernel whether it does remember: not
 *	if there are more bytes than SECCOMP_PIN_MAX_VERDICT, or no memory, or if
 *	verdicts were dropped since the call was made, or if the last verdicts on
 *	this syscall went without having answered a call, or if a pointer points
 *	into the slot of SECCOMP_PIN_ALLOC, or if bytes that were put into the slot look
 *	like an address in a window, but of none of these bytes; for every target,
 *	of none that were copied. Every target gets what was copied, and what is
 *	within @ptr_len of a pointer; the rest of the slot is zero for it
 *	SECCOMP_PIN_COPIED: every argument that a rule has copied is substituted by
 *	its copy, with the bytes that the slot holds now. Nothing else is given: all
 *	that follows is 0, and may be left out from @args on, with
 *	SECCOMP_PIN_REDIRECT_SHORT, or a @size of SECCOMP_PIN_SHORT in struct
 *	seccomp_pin_next. Goes with SECCOMP_PIN_COMPLETION alone
 * @args_mask: which arguments to substitute, bit 0 for the first
 * @ptr_mask: which of those point into a window of the target's mm
 * @arena_mask: which of those are given as an offset in the arena
 * @str_mask: which of those in @ptr_mask are strings, with a NUL in their length
 * @args: the values
 * @ptr_len: how many bytes a pointer is good for; 0 exactly where it is none
 * @cookie: with SECCOMP_PIN_REMEMBER: names the verdict, for its completions and
 *	for SECCOMP_PIN_DROP; several can have the same
 * @error: with SECCOMP_PIN_DENY: the errno, positive
 * @any_mask: with SECCOMP_PIN_REMEMBER: which arguments may have any value. None
 *	for which there is a rule. It holds for all verdicts on this syscall: those
 *	that were given with another are forgotten
 * @reserved: 0
 */
struct seccomp_pin_redirect {
	__u64 id;
	__u32 flags;
	__u8 args_mask;
	__u8 ptr_mask;
	__u8 arena_mask;
	__u8 str_mask;
	__u64 args[SECCOMP_PIN_ARGS];
	__u64 ptr_len[SECCOMP_PIN_ARGS];
	__u64 cookie;
	__u32 error;
	__u8 any_mask;
	__u8 reserved[3];
};

/**
 * struct seccomp_pin_next - answer calls and receive the next one
 * @answers: address of an array of struct seccomp_pin_redirect
 * @size: of one of them, in bytes; SECCOMP_PIN_SHORT if all are SECCOMP_PIN_COPIED
 * @count: how many; 0 for none, up to SECCOMP_PIN_MAX_ANSWERS
 * @answered: out: how many of them were given. If one fails, the request fails
 *	as it would have, the others are not looked at, and nothing is received
 * @reserved: 0
 * @receive: as SECCOMP_PIN_RECEIVE. If that fails the answers have been given
 */
struct seccomp_pin_next {
	__u64 answers;
	__u32 size;
	__u32 count;
	__u32 answered;
	__u32 reserved;
	struct seccomp_pin_receive receive;
};

/**
 * struct seccomp_pin_drop - forget verdicts
 * @cookie: which
 * @flags: SECCOMP_PIN_DROP_ALL: whatever their cookies; @cookie is 0
 * @reserved: 0
 *
 * When this has returned, no call is answered by one of them any more, and no
 * answer to a call that was made before is remembered.
 */
struct seccomp_pin_drop {
	__u64 cookie;
	__u32 flags;
	__u32 reserved;
};

/* Flags of drop */
#define SECCOMP_PIN_DROP_ALL	(1U << 0)

/* How a redirected call ended */
#define SECCOMP_PIN_RETURNED	0	/* it ran: @retval */
#define SECCOMP_PIN_EXECUTED	1	/* it was a successful execve */
#define SECCOMP_PIN_DIED	2	/* its thread ended in it */
#define SECCOMP_PIN_SKIPPED	3	/* an outer filter did not let it run */
#define SECCOMP_PIN_INTERRUPTED	4	/* a signal came first: it did not run */

/**
 * struct seccomp_pin_completion - what read(2) returns, one after the other
 * @id: the notification's; 0 if there was none, but a remembered verdict
 * @thread: as in struct seccomp_pin_receive
 * @retval: the call's return value or errno (negative); a call that was
 *	interrupted, to be restarted or not, is EINTR
 * @cookie: of the verdict, or 0
 * @how: SECCOMP_PIN_RETURNED and so on
 * @reserved: 0
 */
struct seccomp_pin_completion {
	__u64 id;
	__u64 thread;
	__s64 retval;
	__u64 cookie;
	__u32 how;
	__u32 reserved;
};

#define SECCOMP_PIN_IOC		0xBE
#define SECCOMP_PIN_QUERY	_IOR(SECCOMP_PIN_IOC, 0, struct seccomp_pin_query)
#define SECCOMP_PIN_ATTACH	_IOW(SECCOMP_PIN_IOC, 1, struct seccomp_pin_attach)
#define SECCOMP_PIN_RULES	_IOW(SECCOMP_PIN_IOC, 2, struct seccomp_pin_rules)
#define SECCOMP_PIN_RECEIVE	_IOWR(SECCOMP_PIN_IOC, 3, struct seccomp_pin_receive)
#define SECCOMP_PIN_FETCH	_IOWR(SECCOMP_PIN_IOC, 4, struct seccomp_pin_fetch)
#define SECCOMP_PIN_RELEASE	_IOW(SECCOMP_PIN_IOC, 5, struct seccomp_pin_release)
#define SECCOMP_PIN_INSTALL	_IOWR(SECCOMP_PIN_IOC, 6, struct seccomp_pin_install)
#define SECCOMP_PIN_REDIRECT	_IOW(SECCOMP_PIN_IOC, 7, struct seccomp_pin_redirect)
#define SECCOMP_PIN_REDIRECT_SHORT	\
	_IOC(_IOC_WRITE, SECCOMP_PIN_IOC, 7, SECCOMP_PIN_SHORT)
#define SECCOMP_PIN_NEXT	_IOWR(SECCOMP_PIN_IOC, 8, struct seccomp_pin_next)
#define SECCOMP_PIN_DROP	_IOW(SECCOMP_PIN_IOC, 9, struct seccomp_pin_drop)
#define SECCOMP_PIN_ALLOC	_IOWR(SECCOMP_PIN_IOC, 10, struct seccomp_pin_alloc)

#endif /* _SECCOMP_PIN_H */
