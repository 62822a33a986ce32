/* SPDX-License-Identifier: GPL-2.0-only */
/* What depends on the version of the kernel, or of its enabling patch: the latter */
#ifndef _SECCOMP_PIN_COMPAT_H
#define _SECCOMP_PIN_COMPAT_H

#include <linux/seccomp_attend.h>

#if SECCOMP_ATTEND_VERSION != 4
#error "seccomp-pin: the kernel's enabling patch is of another version"
#endif

#endif /* _SECCOMP_PIN_COMPAT_H */
