// SPDX-License-Identifier: GPL-2.0-only
/* Calls that use a pointer, or the memory behind it, after they have returned. */
#include <linux/bits.h>
#include <linux/prctl.h>
#include <linux/socket.h>

#include "arch.h"
#include "call.h"
#include "lasting.h"

/*
 * Which pointers a call may go on using, a bit for each argument. With PIN_BY_VALUE:
 * any, which depends on the value of the argument that has its bit here.
 */
#define PIN_LASTS	PIN_ALL_ARGS
#define PIN_BY_VALUE	BIT(7)

const u8 pin_lasting_nrs[SECCOMP_PIN_MAX_NR] = {
	[__NR_set_robust_list] = PIN_LASTS,
	[__NR_set_tid_address] = PIN_LASTS,
	[__NR_rseq] = PIN_LASTS,
	[__NR_arch_prctl] = PIN_LASTS,
	[__NR_clone] = PIN_LASTS,
	[__NR_futex] = PIN_LASTS,
	[__NR_futex_waitv] = PIN_LASTS,
	[__NR_futex_wake ... __NR_futex_requeue] = PIN_LASTS,
	/* A restarted poll() reads its set from the address it was first given. */
	[__NR_poll] = PIN_LASTS,
	[__NR_io_submit] = PIN_LASTS,
	[__NR_io_uring_setup ... __NR_io_uring_register] = PIN_LASTS,
	[__NR_vmsplice] = PIN_LASTS,
	[__NR_shmat] = PIN_LASTS,
	[__NR_userfaultfd] = PIN_LASTS,
	[__NR_restart_syscall] = PIN_LASTS,
	/* A restarted sleep writes there how long is left. */
	[__NR_nanosleep] = BIT(1),
	[__NR_clock_nanosleep] = BIT(3),
	/* The option, or the flags with MSG_ZEROCOPY */
	[__NR_prctl] = PIN_BY_VALUE | BIT(0),
	[__NR_sendmsg] = PIN_BY_VALUE | BIT(2),
	[__NR_sendto] = PIN_BY_VALUE | BIT(3),
	[__NR_sendmmsg] = PIN_BY_VALUE | BIT(3),
};

/* As pin_lasting(), for those that are in the table */
bool pin_lasting_look(const struct seccomp_data *sd, u8 mask, const u64 *args,
		      u8 ptr_mask)
{
	u8 lasts = pin_lasting_nrs[sd->nr];
	unsigned int i = __ffs(lasts);
	u64 value;

	/* A pointer in the place of a value: nobody can say which it will be. */
	if (ptr_mask & lasts)
		return true;
	if (!(lasts & PIN_BY_VALUE))
		return false;
	value = mask & BIT(i) ? args[i] : sd->args[i];
	if (sd->nr != __NR_prctl)
		return value & MSG_ZEROCOPY;
	/* The option is an int. */
	return (u32)value == PR_SET_MM || (u32)value == PR_SET_VMA ||
	       (u32)value == PR_SET_SYSCALL_USER_DISPATCH;
}
