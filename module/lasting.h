/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls that use a pointer, or the memory behind it, after they have returned. */
#ifndef _SECCOMP_PIN_LASTING_H
#define _SECCOMP_PIN_LASTING_H

#include <linux/seccomp.h>
#include <linux/types.h>

#include <seccomp_pin.h>

/**
 * enum pin_lasting - which calls outlast their return
 * @PIN_LASTS_NOT: none
 * @PIN_LASTS: all
 * @PIN_LASTS_ARG1: those with a pointer in argument 1: a restarted sleep writes
 *	there how long is left
 * @PIN_LASTS_ARG3: those with one in argument 3
 * @PIN_LASTS_OPTION: by the option in argument 0
 * @PIN_LASTS_FLAGS2: with MSG_ZEROCOPY in argument 2
 * @PIN_LASTS_FLAGS3: with it in argument 3
 */
enum pin_lasting {
	PIN_LASTS_NOT,
	PIN_LASTS,
	PIN_LASTS_ARG1,
	PIN_LASTS_ARG3,
	PIN_LASTS_OPTION,
	PIN_LASTS_FLAGS2,
	PIN_LASTS_FLAGS3,
};

extern const u8 pin_lasting_nrs[SECCOMP_PIN_MAX_NR];

u8 pin_lasting_values(u32 nr);
bool pin_lasting_look(const struct seccomp_data *sd, u8 mask, const u64 *args,
		      u8 ptr_mask);

/**
 * pin_lasting - whether a call goes on using its pointers after it has returned
 * @sd: the call, as its task made it
 * @mask: which arguments are replaced, a bit for each
 * @args: by what
 * @ptr_mask: which of those are pointers, whose values are not known yet
 *
 * The slot is another call's by then.
 */
static __always_inline bool pin_lasting(const struct seccomp_data *sd, u8 mask,
					const u64 *args, u8 ptr_mask)
{
	u32 nr = sd->nr;

	if (likely(nr < SECCOMP_PIN_MAX_NR && !pin_lasting_nrs[nr]))
		return false;
	return ptr_mask && pin_lasting_look(sd, mask, args, ptr_mask);
}

#endif /* _SECCOMP_PIN_LASTING_H */
