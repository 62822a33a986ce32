// SPDX-License-Identifier: GPL-2.0-only
/* I4: what cannot be redirected soundly is refused, and nothing has changed. */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pin.h"
#include "regs.h"

#define X32_BIT		0x40000000
#define ANSWER		123
#define NUMBERS		600	/* more than there are, x32's own included */
#define ALL_ARGS	0x3f

/* Not in every libc yet */
enum {
	NR_URETPROBE = 335,
	NR_FUTEX_WAITV = 449,
	NR_FUTEX_WAKE = 454,
	NR_FUTEX_WAIT,
	NR_FUTEX_REQUEUE,
};

/*
 * The calls that go on using an argument after they have returned, or when they
 * are restarted. For all others the pointer is read before they return.
 */
static const struct {
	long nr;
	unsigned int args;
} remembering[] = {
	{ SYS_rt_sigreturn, ALL_ARGS },		/* not to be redirected at all */
	{ SYS_set_robust_list, ALL_ARGS },
	{ SYS_set_tid_address, ALL_ARGS },
	{ SYS_rseq, ALL_ARGS },
	{ SYS_arch_prctl, ALL_ARGS },
	{ SYS_clone, ALL_ARGS },
	{ SYS_futex, ALL_ARGS },
	{ NR_FUTEX_WAITV, ALL_ARGS },
	{ NR_FUTEX_WAKE, ALL_ARGS },
	{ NR_FUTEX_WAIT, ALL_ARGS },
	{ NR_FUTEX_REQUEUE, ALL_ARGS },
	{ SYS_poll, ALL_ARGS },
	{ SYS_restart_syscall, ALL_ARGS },
	{ SYS_nanosleep, 1 << 1 },		/* the time that is left */
	{ SYS_clock_nanosleep, 1 << 3 },
	{ SYS_io_submit, ALL_ARGS },
	{ SYS_io_uring_setup, ALL_ARGS },
	{ SYS_io_uring_enter, ALL_ARGS },
	{ SYS_io_uring_register, ALL_ARGS },
	{ SYS_vmsplice, ALL_ARGS },
	{ SYS_shmat, ALL_ARGS },
	{ SYS_userfaultfd, ALL_ARGS },
	/* No address is a number that says whether the others are remembered. */
	{ SYS_prctl, 1 << 0 },
	{ SYS_sendmsg, 1 << 2 },
	{ SYS_sendto, 1 << 3 },
	{ SYS_sendmmsg, 1 << 3 },
};

static unsigned int remembered(long nr)
{
	unsigned int i;

	for (i = 0; i < sizeof(remembering) / sizeof(*remembering); i++)
		if (remembering[i].nr == nr)
			return remembering[i].args;
	return 0;
}

/* Whether the call had our answer, and changed no register */
static __attribute__((noinline)) bool answered(long nr,
					       const unsigned long own[6])
{
	return regs_syscall(nr, own) == ANSWER && regs_are(&regs_after, own);
}

/* No filter sees this one, and it has no arguments. */
static bool unfiltered(long nr)
{
	return nr == NR_URETPROBE;
}

/* Makes every call there is; none of them is to run. */
static int run_numbers(void *arg)
{
	static const unsigned long own[6] = { 0, 0, 0, 0, 0, TARGET_MAGIC };
	long nr;

	(void)arg;
	for (nr = 0; nr < NUMBERS; nr++)
		if (!unfiltered(nr) && !answered(nr, own))
			return 1;
	return 0;
}

/* A redirect whose pointer is in no window: that is found out afterwards. */
static int redirect_nowhere(struct pin *pin, uint64_t id, unsigned int arg,
			    struct seccomp_pin_redirect redirect)
{
	redirect.id = id;
	redirect.args_mask |= 1 << arg;
	redirect.ptr_mask = 1 << arg;
	redirect.arena_mask = 1 << arg;
	redirect.args[arg] = pin->size;
	redirect.ptr_len[arg] = 1;
	return pin_redirect(pin, &redirect);
}

static void answer(struct pin *pin, uint64_t id)
{
	assert_true(pin_pending(pin, id));
	assert_int_equal(pin_emulate(pin, id, ANSWER), 0);
}

static void i4_calls_that_remember_pointers(void **state)
{
	const struct seccomp_pin_redirect none = { 0 };
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;
	unsigned int arg;
	long nr;
	int err;

	(void)state;
	assert_int_equal(target_start(&target, NULL, NULL, run_numbers, NULL),
			 0);
	pin_open(&pin, target.listener);
	for (nr = 0; nr < NUMBERS; nr++) {
		if (unfiltered(nr))
			continue;
		pin_receive(&pin, &r);
		assert_int_equal(r.data.nr, nr);
		for (arg = 0; arg < 6; arg++) {
			err = remembered(nr) & 1 << arg ? -EOPNOTSUPP : -EFAULT;
			if (redirect_nowhere(&pin, r.id, arg, none) != err)
				fail_msg("argument %u of call %ld", arg, nr);
		}
		answer(&pin, r.id);
	}
	assert_int_equal(target_wait(&target), 0);
	assert_int_equal(pin_query(&pin).calls, 0);
	pin_close(&pin);
}

/*
 * Calls for which it depends on another argument: what the target asked for,
 * and what the supervisor makes of it.
 */
static const struct variant {
	long nr;
	unsigned int arg;	/* on which it depends */
	unsigned long asked;	/* its value */
	bool redirected;	/* and that of the redirect, if there is one */
	unsigned long value;
	int error;
} variants[] = {
	{ SYS_prctl, 0, PR_SET_NAME, false, 0, -EFAULT },
	{ SYS_prctl, 0, PR_SET_MM, false, 0, -EOPNOTSUPP },
	/* It is an int. */
	{ SYS_prctl, 0, 1UL << 32 | PR_SET_MM, false, 0, -EOPNOTSUPP },
	{ SYS_prctl, 0, PR_SET_VMA, false, 0, -EOPNOTSUPP },
	{ SYS_prctl, 0, PR_SET_SYSCALL_USER_DISPATCH, false, 0, -EOPNOTSUPP },
	{ SYS_prctl, 0, PR_SET_NAME, true, PR_SET_MM, -EOPNOTSUPP },
	{ SYS_prctl, 0, PR_SET_MM, true, PR_SET_NAME, -EFAULT },
	{ SYS_sendto, 3, MSG_DONTWAIT, false, 0, -EFAULT },
	{ SYS_sendto, 3, MSG_ZEROCOPY, false, 0, -EOPNOTSUPP },
	{ SYS_sendto, 3, 0, true, MSG_ZEROCOPY, -EOPNOTSUPP },
	{ SYS_sendto, 3, MSG_ZEROCOPY, true, 0, -EFAULT },
	{ SYS_sendmsg, 2, MSG_DONTWAIT, false, 0, -EFAULT },
	{ SYS_sendmsg, 2, MSG_ZEROCOPY, false, 0, -EOPNOTSUPP },
	{ SYS_sendmmsg, 3, MSG_DONTWAIT, false, 0, -EFAULT },
	{ SYS_sendmmsg, 3, MSG_ZEROCOPY, false, 0, -EOPNOTSUPP },
};

#define VARIANTS	(sizeof(variants) / sizeof(*variants))

static int run_variants(void *arg)
{
	unsigned int i;

	(void)arg;
	for (i = 0; i < VARIANTS; i++) {
		unsigned long own[6] = { 0, 0, 0, 0, 0, TARGET_MAGIC };

		own[variants[i].arg] = variants[i].asked;
		if (!answered(variants[i].nr, own))
			return 1;
	}
	return 0;
}

static void i4_it_depends_on_another_argument(void **state)
{
	struct seccomp_pin_redirect redirect;
	const struct variant *variant;
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;
	unsigned int i;

	(void)state;
	assert_int_equal(target_start(&target, NULL, NULL, run_variants, NULL),
			 0);
	pin_open(&pin, target.listener);
	for (i = 0; i < VARIANTS; i++) {
		variant = &variants[i];
		memset(&redirect, 0, sizeof(redirect));
		if (variant->redirected) {
			redirect.args_mask = 1 << variant->arg;
			redirect.args[variant->arg] = variant->value;
		}
		pin_receive(&pin, &r);
		assert_int_equal(r.data.nr, variant->nr);
		if (redirect_nowhere(&pin, r.id, 1, redirect) != variant->error)
			fail_msg("variant %u", i);
		answer(&pin, r.id);
	}
	assert_int_equal(target_wait(&target), 0);
	pin_close(&pin);
}

static int run_remembering(void *arg)
{
	static const unsigned long own[6] = { 0, 24, 0, 0, 0, TARGET_MAGIC };

	(void)arg;
	return regs_syscall(SYS_set_robust_list, own) ||
	       !regs_are(&regs_after, own);
}

/* Without pointers they may run, with other scalars or as they are. */
static void i4_calls_that_remember_scalars(void **state)
{
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;

	(void)state;
	assert_int_equal(target_start(&target, NULL, NULL, run_remembering,
				      NULL), 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &r, "set_robust_list");
	assert_int_equal(pin_allow_string(&pin, &r, 0, "x"), -EOPNOTSUPP);
	assert_true(pin_pending(&pin, r.id));
	assert_int_equal(pin_allow(&pin, r.id), 0);
	assert_int_equal(target_wait(&target), 0);
	pin_close(&pin);
}

/* getppid, as a 32-bit program would */
static int run_int80(void *arg)
{
	long ret;

	(void)arg;
	__asm__ volatile("lea	-128(%%rsp), %%rsp\n"
			 "push	%%rbp\n"
			 "mov	%2, %%ebp\n"
			 "int	$0x80\n"
			 "pop	%%rbp\n"
			 "lea	128(%%rsp), %%rsp\n"
			 : "=a" (ret) : "0" (64L), "i" (TARGET_MAGIC)
			 : "memory", "r8", "r9", "r10", "r11");
	return ret != ANSWER;
}

static int run_x32(void *arg)
{
	static const unsigned long own[6] = { 0, 0, 0, 0, 0, TARGET_MAGIC };

	(void)arg;
	return !answered(SYS_getppid | X32_BIT, own);
}

/* Not out of a handler; like this it has no arguments either. */
static int run_sigreturn(void *arg)
{
	static const unsigned long own[6] = { 0, 0, 0, 0, 0, TARGET_MAGIC };

	(void)arg;
	return !answered(SYS_rt_sigreturn, own);
}

/* A call to the page where system calls were once made by calling */
static int run_vsyscall(void *arg)
{
	long ret;

	__asm__ volatile("lea	-128(%%rsp), %%rsp\n"
			 "mov	%2, %%r9d\n"
			 "call	*%%rax\n"
			 "xor	%%r9d, %%r9d\n"
			 "lea	128(%%rsp), %%rsp\n"
			 : "=a" (ret)
			 : "0" (arg), "i" (TARGET_MAGIC), "D" (0), "S" (0), "d" (0)
			 : "memory", "rcx", "r9", "r11", "cc");
	return ret != ANSWER;
}

/* The least that is a program: it makes one call, and exits with its result. */
struct program {
	Elf32_Ehdr ehdr;
	Elf32_Phdr phdr;
	unsigned char code[32];
};

static int run_program(int machine, const unsigned char *code, size_t len)
{
	const Elf32_Addr base = 0x8048000;
	struct program program = {
		.ehdr = {
			.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3,
				     ELFCLASS32, ELFDATA2LSB, EV_CURRENT },
			.e_type = ET_EXEC,
			.e_machine = machine,
			.e_version = EV_CURRENT,
			.e_entry = base + offsetof(struct program, code),
			.e_phoff = offsetof(struct program, phdr),
			.e_ehsize = sizeof(Elf32_Ehdr),
			.e_phentsize = sizeof(Elf32_Phdr),
			.e_phnum = 1,
		},
		.phdr = {
			.p_type = PT_LOAD,
			.p_vaddr = base,
			.p_filesz = sizeof(program),
			.p_memsz = sizeof(program),
			.p_flags = PF_R | PF_X,
			.p_align = 4096,
		},
	};
	char *argv[] = { "program", NULL }, *envp[] = { NULL };
	int fd = memfd_create("program", MFD_CLOEXEC);

	memcpy(program.code, code, len);
	if (write(fd, &program, sizeof(program)) != sizeof(program))
		return 90;
	fexecve(fd, argv, envp);
	return 91;
}

#define LITTLE_ENDIAN32(n)	(n) & 0xff, (n) >> 8 & 0xff, \
				(n) >> 16 & 0xff, (n) >> 24 & 0xff

static int run_i386_program(void *arg)
{
	static const unsigned char code[] = {
		0xb8, LITTLE_ENDIAN32(64),		/* mov getppid, %eax */
		0xbd, LITTLE_ENDIAN32(TARGET_MAGIC),	/* mov magic, %ebp */
		0xcd, 0x80,				/* int $0x80 */
		0x89, 0xc3,				/* mov %eax, %ebx */
		0x31, 0xed,				/* xor %ebp, %ebp */
		0xb8, LITTLE_ENDIAN32(1),		/* mov exit, %eax */
		0xcd, 0x80,				/* int $0x80 */
	};

	(void)arg;
	return run_program(EM_386, code, sizeof(code));
}

static int run_x32_program(void *arg)
{
	static const unsigned char code[] = {
		0xb8, LITTLE_ENDIAN32(SYS_getppid | X32_BIT),
		0x41, 0xb9, LITTLE_ENDIAN32(TARGET_MAGIC), /* mov magic, %r9d */
		0x0f, 0x05,				/* syscall */
		0x89, 0xc7,				/* mov %eax, %edi */
		0x45, 0x31, 0xc9,			/* xor %r9d, %r9d */
		0xb8, LITTLE_ENDIAN32(SYS_exit | X32_BIT),
		0x0f, 0x05,				/* syscall */
	};

	(void)arg;
	return run_program(EM_X86_64, code, sizeof(code));
}

/* What is made of no call, whatever the supervisor asks for */
static void refused(int (*run)(void *arg), void *arg, int status)
{
	struct seccomp_pin_redirect redirect = {
		.args_mask = 2,
		.ptr_mask = 2,
		.args = { 0, 0x1000 },
		.ptr_len = { 0, 1 },
	};
	struct seccomp_pin_install install = {
		.length = 4096,
		.timeout = SECCOMP_PIN_MAX_TIMEOUT,
	};
	struct seccomp_pin_receive r;
	struct seccomp_pin_alloc alloc;
	struct target target;
	struct pin pin;

	assert_int_equal(target_start(&target, NULL, NULL, run, arg), 0);
	pin_open(&pin, target.listener);
	pin_receive(&pin, &r);
	assert_int_equal(r.slot_error, -EOPNOTSUPP);
	assert_int_equal(r.slot_size, 0);
	redirect.id = r.id;
	assert_int_equal(pin_redirect(&pin, &redirect), -EOPNOTSUPP);
	redirect.ptr_mask = 0;
	redirect.ptr_len[1] = 0;
	assert_int_equal(pin_redirect(&pin, &redirect), -EOPNOTSUPP);
	assert_int_equal(pin_allow(&pin, r.id), -EOPNOTSUPP);
	install.id = r.id;
	assert_int_equal(pin_ioctl(pin.fd, SECCOMP_PIN_INSTALL, &install),
			 -EOPNOTSUPP);
	assert_int_equal(pin_alloc(&pin, r.id, TEST_SLOT, &alloc), -EOPNOTSUPP);
	answer(&pin, r.id);
	assert_int_equal(target_wait(&target), status);
	assert_int_equal(pin_query(&pin).calls, 0);
	pin_close(&pin);
}

/* int 0x80 from a 64-bit program: an address would lose its upper half. */
static void i4_int80(void **state)
{
	(void)state;
	refused(run_int80, NULL, 0);
}

static void i4_x32_call(void **state)
{
	(void)state;
	refused(run_x32, NULL, 0);
}

static void i4_i386_program(void **state)
{
	(void)state;
	refused(run_i386_program, NULL, ANSWER);
}

static void i4_x32_program(void **state)
{
	(void)state;
	refused(run_x32_program, NULL, ANSWER);
}

static void i4_vsyscalls(void **state)
{
	(void)state;
	/* gettimeofday, time, getcpu */
	refused(run_vsyscall, (void *)0xffffffffff600000, 0);
	refused(run_vsyscall, (void *)0xffffffffff600400, 0);
	refused(run_vsyscall, (void *)0xffffffffff600800, 0);
}

static void i4_rt_sigreturn(void **state)
{
	(void)state;
	refused(run_sigreturn, NULL, 0);
}

static volatile sig_atomic_t handled;

static void on_signal(int sig)
{
	(void)sig;
	handled++;
}

static int run_handler(void *arg)
{
	(void)arg;
	signal(SIGUSR1, on_signal);
	raise(SIGUSR1);
	return handled != 1;
}

/* The way it is meant to be made: let go on, the handler returns. */
static void i4_return_from_a_handler(void **state)
{
	static const char *const traps[] = { "rt_sigreturn", NULL };
	struct seccomp_pin_receive r;
	struct target target;
	struct pin pin;

	(void)state;
	assert_int_equal(target_start(&target, NULL, traps, run_handler, NULL),
			 0);
	pin_open(&pin, target.listener);
	pin_receive_call(&pin, &r, "rt_sigreturn");
	assert_int_equal(pin_allow(&pin, r.id), -EOPNOTSUPP);
	assert_int_equal(pin_continue(&pin, r.id), 0);
	assert_int_equal(target_wait(&target), 0);
	pin_close(&pin);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(i4_calls_that_remember_pointers),
		cmocka_unit_test(i4_it_depends_on_another_argument),
		cmocka_unit_test(i4_calls_that_remember_scalars),
		cmocka_unit_test(i4_int80),
		cmocka_unit_test(i4_x32_call),
		cmocka_unit_test(i4_i386_program),
		cmocka_unit_test(i4_x32_program),
		cmocka_unit_test(i4_vsyscalls),
		cmocka_unit_test(i4_rt_sigreturn),
		cmocka_unit_test(i4_return_from_a_handler),
	};

	return run_group(tests);
}
