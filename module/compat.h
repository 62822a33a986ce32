/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Everything that depends on the version of the kernel, or of its enabling
 * patch. So far that is one.
 */
#ifndef _SECCOMP_PIN_COMPAT_H
#define _SECCOMP_PIN_COMPAT_H

#include <linux/seccomp_attend.h>

#if SECCOMP_ATTEND_VERSION != 3
#error "seccomp-pin: the kernel's enabling patch is of another version"
#endif

#endif /* _SECCOMP_PIN_COMPAT_H */
