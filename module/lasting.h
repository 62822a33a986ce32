/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls that use a pointer, or the memory behind it, after they have returned. */
#ifndef _SECCOMP_PIN_LASTING_H
#define _SECCOMP_PIN_LASTING_H

#include <linux/seccomp.h>

#include <seccomp_pin.h>

extern const u8 pin_lasting_nrs[SECCOMP_PIN_MAX_NR];

bool pin_lasting_look(const struct seccomp_data *sd, u8 mask, const u64 *args,
		      u8 ptr_mask);

/*
 * Whether a call goes on using its pointers after it has returned: the slot is
 * another call's by then. @mask: which arguments are replaced, by those of @args;
 * @ptr_mask: which of those are pointers, whose values are not known yet.
 */
static __always_inline bool pin_lasting(const struct seccomp_data *sd, u8 mask,
					const u64 *args, u8 ptr_mask)
{
	u32 nr = sd->nr;

	if (nr >= SECCOMP_PIN_MAX_NR || likely(!pin_lasting_nrs[nr]))
		return false;
	return ptr_mask && pin_lasting_look(sd, mask, args, ptr_mask);
}

#endif /* _SECCOMP_PIN_LASTING_H */
