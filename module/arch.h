/* SPDX-License-Identifier: GPL-2.0-only */
/* Everything that depends on the architecture. */
#ifndef _SECCOMP_PIN_ARCH_H
#define _SECCOMP_PIN_ARCH_H

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <asm/syscall.h>
#include <asm/unistd.h>
#include <uapi/asm/vsyscall.h>

/*
 * Whether a call can be run with other arguments, and the original ones be there
 * again afterwards; and whether it is one for which the numbers in the rules are
 * meant, those of the native ABI. It is false for
 * - calls of another ABI, whose pointers are narrower;
 * - rt_sigreturn(), which has no arguments and replaces every register;
 * - vsyscalls, which are emulated in a page fault and do not return through
 *   the exit work of a system call.
 */
static inline bool pin_arch_native(const struct seccomp_data *sd)
{
	return sd->arch == AUDIT_ARCH_X86_64 &&
	       !(sd->nr & __X32_SYSCALL_BIT) &&
	       sd->nr != __NR_rt_sigreturn &&
	       (sd->instruction_pointer & ~0xfffULL) != VSYSCALL_ADDR;
}

/* Where a call for which pin_arch_native() has its argument @n */
static __always_inline unsigned long *pin_arch_arg(struct pt_regs *regs,
						   unsigned int n)
{
	static const unsigned char offsets[] = {
		offsetof(struct pt_regs, di), offsetof(struct pt_regs, si),
		offsetof(struct pt_regs, dx), offsetof(struct pt_regs, r10),
		offsetof(struct pt_regs, r8), offsetof(struct pt_regs, r9),
	};

	return (unsigned long *)((char *)regs + offsets[n]);
}

#endif /* _SECCOMP_PIN_ARCH_H */
