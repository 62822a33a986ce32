/* SPDX-License-Identifier: GPL-2.0-only */
/* Calls by assembly, with the registers before and after. */
#ifndef REGS_H
#define REGS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/user.h>
#include <ucontext.h>

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

/**
 * struct regs - every general register
 * @ret: rax
 * @args: in the order of a call's arguments
 * @saved: rbx, rbp, r12 to r15
 * @sp: rsp
 * @flags: rflags
 * @cx: rcx, where the processor keeps rip for a call
 * @r11: where it keeps rflags
 * @ip: rip
 */
struct regs {
	long ret;
	unsigned long args[6];
	unsigned long saved[6];
	unsigned long sp;
	unsigned long flags;
	unsigned long cx;
	unsigned long r11;
	unsigned long ip;
};

/* What all registers were after the last regs_syscall() of this process */
extern struct regs regs_after;

/* The instruction behind the one that makes the call */
extern const char regs_return[];
/* The length of that one */
#define REGS_SYSCALL_LEN	2

/*
 * The same with every register known beforehand, and left in regs_after. Not
 * for several threads at a time. A child may come back from it on the stack of
 * its parent, if it leaves by _exit(); so may the parent after it.
 */
long regs_syscall(long nr, const unsigned long args[6])
	__attribute__((returns_twice));

/*
 * Whether these are the registers of regs_syscall() with these arguments;
 * whatever the return value is, and wherever it is between making the call and
 * returning from it.
 */
bool regs_are(const struct regs *regs, const unsigned long args[6]);

/* As signal handlers and tracers see them */
struct regs regs_of_context(const ucontext_t *uc);
struct regs regs_of_user(const struct user_regs_struct *user);

#endif /* REGS_H */
