/* SPDX-License-Identifier: GPL-2.0-only */
/* The listener's own requests */
#ifndef _SECCOMP_PIN_NOTIF_H
#define _SECCOMP_PIN_NOTIF_H

#include "listener.h"

long pin_notif_ioctl(struct seccomp_attendant *attendant, unsigned int cmd,
		     unsigned long arg);
__poll_t pin_notif_poll(struct seccomp_attendant *attendant);

#endif /* _SECCOMP_PIN_NOTIF_H */
