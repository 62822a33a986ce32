// SPDX-License-Identifier: GPL-2.0-only
/*
 * The program that targets execute: it exits at once. Without a C library, so
 * that what is measured is the execve.
 */
#include <sys/syscall.h>

void _start(void);

void _start(void)
{
	long ret;

	asm volatile("syscall" : "=a"(ret) : "a"(SYS_exit_group), "D"(0)
		     : "rcx", "r11", "memory");
	__builtin_unreachable();
}
