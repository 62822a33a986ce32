// SPDX-License-Identifier: GPL-2.0-only
#define _GNU_SOURCE
#include <string.h>

#include "regs.h"

/* All flags that a program can set without consequences, even DF */
#define FLAGS	0x200cd5UL
/* Always set: interrupts, and a bit that is 1 */
#define FLAGS_SET	0x202UL

struct regs regs_after;

/*
 * What the caller wants back, and its return address. Not on the stack: vfork()
 * has two tasks return from here on the same one.
 */
unsigned long regs_kept[8];

/* The call has a stack of its own, so that rsp is known to other processes. */
unsigned char regs_stack[65536] __attribute__((aligned(16)));

static const unsigned long saved[6] = {
	0xb0b0b0b0b0b0b0b0, 0xb1b1b1b1b1b1b1b1, 0xc2c2c2c2c2c2c2c2,
	0xc3c3c3c3c3c3c3c3, 0xc4c4c4c4c4c4c4c4, 0xc5c5c5c5c5c5c5c5,
};

_Static_assert(offsetof(struct regs, args) == 8 &&
	       offsetof(struct regs, saved) == 56 &&
	       offsetof(struct regs, sp) == 104 &&
	       offsetof(struct regs, ip) == 136, "as in the assembly");

__asm__(
"	.text\n"
"	.globl	regs_syscall, regs_return\n"
"	.type	regs_syscall, @function\n"
"regs_syscall:\n"
"	movq	%rbx, 0+regs_kept(%rip)\n"
"	movq	%rbp, 8+regs_kept(%rip)\n"
"	movq	%r12, 16+regs_kept(%rip)\n"
"	movq	%r13, 24+regs_kept(%rip)\n"
"	movq	%r14, 32+regs_kept(%rip)\n"
"	movq	%r15, 40+regs_kept(%rip)\n"
"	movq	%rsp, 48+regs_kept(%rip)\n"
"	movq	(%rsp), %rax\n"
"	movq	%rax, 56+regs_kept(%rip)\n"
"	movq	%rdi, %rax\n"
"	movq	%rsi, %r11\n"
"	movq	0(%r11), %rdi\n"
"	movq	8(%r11), %rsi\n"
"	movq	16(%r11), %rdx\n"
"	movq	24(%r11), %r10\n"
"	movq	32(%r11), %r8\n"
"	movq	40(%r11), %r9\n"
"	movabsq	$0xb0b0b0b0b0b0b0b0, %rbx\n"
"	movabsq	$0xb1b1b1b1b1b1b1b1, %rbp\n"
"	movabsq	$0xc2c2c2c2c2c2c2c2, %r12\n"
"	movabsq	$0xc3c3c3c3c3c3c3c3, %r13\n"
"	movabsq	$0xc4c4c4c4c4c4c4c4, %r14\n"
"	movabsq	$0xc5c5c5c5c5c5c5c5, %r15\n"
"	leaq	65536+regs_stack(%rip), %rsp\n"
"	pushq	$0x200cd5\n"
"	popfq\n"
"	syscall\n"
"regs_return:\n"
"	nop\n"	/* it runs with the copy of a probed call */
"	movq	%rax, 0+regs_after(%rip)\n"
"	movq	%rdi, 8+regs_after(%rip)\n"
"	movq	%rsi, 16+regs_after(%rip)\n"
"	movq	%rdx, 24+regs_after(%rip)\n"
"	movq	%r10, 32+regs_after(%rip)\n"
"	movq	%r8, 40+regs_after(%rip)\n"
"	movq	%r9, 48+regs_after(%rip)\n"
"	movq	%rbx, 56+regs_after(%rip)\n"
"	movq	%rbp, 64+regs_after(%rip)\n"
"	movq	%r12, 72+regs_after(%rip)\n"
"	movq	%r13, 80+regs_after(%rip)\n"
"	movq	%r14, 88+regs_after(%rip)\n"
"	movq	%r15, 96+regs_after(%rip)\n"
"	movq	%rsp, 104+regs_after(%rip)\n"
"	movq	%rcx, 120+regs_after(%rip)\n"
"	movq	%r11, 128+regs_after(%rip)\n"
"	pushfq\n"
"	popq	112+regs_after(%rip)\n"
"	cld\n"
"	xorl	%r9d, %r9d\n"	/* what traps by its value is to do so once */
"	leaq	regs_return(%rip), %rcx\n"
"	movq	%rcx, 136+regs_after(%rip)\n"
"	movq	0+regs_kept(%rip), %rbx\n"
"	movq	8+regs_kept(%rip), %rbp\n"
"	movq	16+regs_kept(%rip), %r12\n"
"	movq	24+regs_kept(%rip), %r13\n"
"	movq	32+regs_kept(%rip), %r14\n"
"	movq	40+regs_kept(%rip), %r15\n"
"	movq	48+regs_kept(%rip), %rsp\n"
"	addq	$8, %rsp\n"
"	jmpq	*56+regs_kept(%rip)\n"
"	.size	regs_syscall, . - regs_syscall\n"
);

bool regs_are(const struct regs *regs, const unsigned long args[6])
{
	unsigned long sp = (unsigned long)regs_stack + sizeof(regs_stack);
	unsigned long ip = (unsigned long)regs_return;

	return !memcmp(regs->args, args, sizeof(regs->args)) &&
	       !memcmp(regs->saved, saved, sizeof(saved)) &&
	       regs->sp == sp &&
	       regs->flags == (FLAGS | FLAGS_SET) &&
	       regs->cx == ip && regs->r11 == regs->flags &&
	       (regs->ip == ip || regs->ip == ip - REGS_SYSCALL_LEN);
}

struct regs regs_of_context(const ucontext_t *uc)
{
	const greg_t *r = uc->uc_mcontext.gregs;

	return (struct regs){
		.ret = r[REG_RAX],
		.args = { r[REG_RDI], r[REG_RSI], r[REG_RDX], r[REG_R10],
			  r[REG_R8], r[REG_R9] },
		.saved = { r[REG_RBX], r[REG_RBP], r[REG_R12], r[REG_R13],
			   r[REG_R14], r[REG_R15] },
		.sp = r[REG_RSP],
		.flags = r[REG_EFL],
		.cx = r[REG_RCX],
		.r11 = r[REG_R11],
		.ip = r[REG_RIP],
	};
}

struct regs regs_of_user(const struct user_regs_struct *user)
{
	return (struct regs){
		.ret = user->rax,
		.args = { user->rdi, user->rsi, user->rdx, user->r10, user->r8,
			  user->r9 },
		.saved = { user->rbx, user->rbp, user->r12, user->r13,
			   user->r14, user->r15 },
		.sp = user->rsp,
		.flags = user->eflags,
		.cx = user->rcx,
		.r11 = user->r11,
		.ip = user->rip,
	};
}
