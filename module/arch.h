/* SPDX-License-Identifier: GPL-2.0-only */
/* Everything that depends on the architecture. */
#ifndef _SECCOMP_PIN_ARCH_H
#define _SECCOMP_PIN_ARCH_H

#include <asm/syscall.h>
#include <asm/unistd.h>

/*
 * syscall_can_redirect() comes with the enabling patch. In the same way it says
 * for which calls the numbers in the rules and below are meant: those of the
 * native ABI.
 */
static inline bool pin_arch_native(const struct seccomp_data *sd)
{
	return syscall_can_redirect(sd);
}

#endif /* _SECCOMP_PIN_ARCH_H */
