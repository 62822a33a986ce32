// SPDX-License-Identifier: GPL-2.0-only
/* Calls that use a pointer, or the memory behind it, after they have returned. */
#include <linux/bits.h>
#include <linux/prctl.h>
#include <linux/socket.h>

#include "arch.h"
#include "lasting.h"

const u8 pin_lasting_nrs[SECCOMP_PIN_MAX_NR] = {
	[__NR_set_robust_list] = PIN_LASTS,
	[__NR_set_tid_address] = PIN_LASTS,
	[__NR_rseq] = PIN_LASTS,
	[__NR_arch_prctl] = PIN_LASTS,
	[__NR_clone] = PIN_LASTS,
	[__NR_futex] = PIN_LASTS,
	[__NR_futex_waitv] = PIN_LASTS,
	[__NR_futex_wait] = PIN_LASTS,
	[__NR_futex_wake] = PIN_LASTS,
	[__NR_futex_requeue] = PIN_LASTS,
	/* A restarted poll() reads its set from the address it was first given. */
	[__NR_poll] = PIN_LASTS,
	[__NR_io_submit] = PIN_LASTS,
	[__NR_io_uring_setup] = PIN_LASTS,
	[__NR_io_uring_enter] = PIN_LASTS,
	[__NR_io_uring_register] = PIN_LASTS,
	[__NR_vmsplice] = PIN_LASTS,
	[__NR_shmat] = PIN_LASTS,
	[__NR_userfaultfd] = PIN_LASTS,
	[__NR_restart_syscall] = PIN_LASTS,
	[__NR_nanosleep] = PIN_LASTS_ARG1,
	[__NR_clock_nanosleep] = PIN_LASTS_ARG3,
	[__NR_prctl] = PIN_LASTS_OPTION,
	[__NR_sendmsg] = PIN_LASTS_FLAGS2,
	[__NR_sendto] = PIN_LASTS_FLAGS3,
	[__NR_sendmmsg] = PIN_LASTS_FLAGS3,
};

static u8 pin_lasting_kind(u32 nr)
{
	return nr < SECCOMP_PIN_MAX_NR ? pin_lasting_nrs[nr] : PIN_LASTS_NOT;
}

/* On which arguments' values pin_lasting() depends, a bit for each */
u8 pin_lasting_values(u32 nr)
{
	switch (pin_lasting_kind(nr)) {
	case PIN_LASTS_OPTION:
		return BIT(0);
	case PIN_LASTS_FLAGS2:
		return BIT(2);
	case PIN_LASTS_FLAGS3:
		return BIT(3);
	default:
		return 0;
	}
}

/* As pin_lasting(), for those that are in the table */
bool pin_lasting_look(const struct seccomp_data *sd, u8 mask, const u64 *args,
		      u8 ptr_mask)
{
	u8 values = pin_lasting_values(sd->nr);
	u64 value = 0;

	/* A pointer in the place of the value: nobody can say which it will be. */
	if (ptr_mask & values)
		return true;
	if (values)
		value = mask & values ? args[__ffs(values)] :
					sd->args[__ffs(values)];
	switch (pin_lasting_kind(sd->nr)) {
	case PIN_LASTS:
		return true;
	case PIN_LASTS_ARG1:
		return ptr_mask & BIT(1);
	case PIN_LASTS_ARG3:
		return ptr_mask & BIT(3);
	case PIN_LASTS_OPTION:
		/* The option is an int. */
		return (u32)value == PR_SET_MM || (u32)value == PR_SET_VMA ||
		       (u32)value == PR_SET_SYSCALL_USER_DISPATCH;
	case PIN_LASTS_FLAGS2:
	case PIN_LASTS_FLAGS3:
		return value & MSG_ZEROCOPY;
	default:
		return false;
	}
}
