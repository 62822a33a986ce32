// SPDX-License-Identifier: GPL-2.0-only
/*
 * The program that targets execute: it exits at once, or, with one argument,
 * after an openat. Without a C library, so that what is measured is the execve.
 */
#include <fcntl.h>
#include <sys/syscall.h>

/* What begins a program finds the number of its arguments on top of the stack. */
asm(".globl _start\n"
    "_start:\n"
    "	mov (%rsp), %rdi\n"
    "	call begin\n");

void begin(long argc);

static long call(long nr, long a, long b, long c)
{
	long ret;

	asm volatile("syscall" : "=a"(ret) : "a"(nr), "D"(a), "S"(b), "d"(c)
		     : "rcx", "r11", "memory");
	return ret;
}

void begin(long argc)
{
	long status = 0;

	if (argc == 2)
		status = call(SYS_openat, AT_FDCWD, (long)"/dev/null",
			      O_RDONLY) < 0;
	call(SYS_exit_group, status, 0, 0);
	__builtin_unreachable();
}
