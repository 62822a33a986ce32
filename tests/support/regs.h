/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls by inline assembly, with all argument registers before and after. */
#ifndef REGS_H
#define REGS_H

/**
 * regs_call - make a call, and see the registers afterwards
 * @nr: its number
 * @args: the six argument registers; afterwards what they were then
 *
 * Return: the raw return value
 */
static inline __attribute__((always_inline)) long
regs_call(long nr, unsigned long args[6])
{
	register unsigned long rdi __asm__("rdi") = args[0];
	register unsigned long rsi __asm__("rsi") = args[1];
	register unsigned long rdx __asm__("rdx") = args[2];
	register unsigned long r10 __asm__("r10") = args[3];
	register unsigned long r8 __asm__("r8") = args[4];
	register unsigned long r9 __asm__("r9") = args[5];
	long ret;

	__asm__ volatile("syscall"
			 : "=a" (ret), "+r" (rdi), "+r" (rsi), "+r" (rdx),
			   "+r" (r10), "+r" (r8), "+r" (r9)
			 : "0" (nr)
			 : "rcx", "r11", "memory", "cc");
	args[0] = rdi;
	args[1] = rsi;
	args[2] = rdx;
	args[3] = r10;
	args[4] = r8;
	args[5] = r9;
	return ret;
}

#endif /* REGS_H */
