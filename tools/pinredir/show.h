/* SPDX-License-Identifier: GPL-2.0-only */
/* Arguments and results of calls, for people and as JSON. */
#ifndef SHOW_H
#define SHOW_H

#include <pinredir.h>
#include <stdbool.h>

#include "text.h"

/**
 * show_arguments - pin what a call reads, and show it
 * @text: added to: the arguments with commas between them
 * @call: the call, to be allowed afterwards
 * @syscall: its row
 * @json: as JSON
 *
 * What cannot be pinned stays as the target passed it, and is shown as an
 * address, with the reason for it, if it is not one that the call writes to.
 */
void show_arguments(struct text *text, struct pinredir_call *call,
		    const struct pinredir_syscall *syscall, bool json);

/* The same of a call that nothing can be pinned of, for lack of room */
void show_addresses(struct text *text, struct pinredir_call *call,
		    const struct pinredir_syscall *syscall, bool json);

/* How a call ended */
void show_result(struct text *text,
		 const struct seccomp_pin_completion *completion, bool json);

/* That it could not be let run, by errno (negative) */
void show_failure(struct text *text, int error, bool json);

/* That nobody has told how it ended */
void show_unknown(struct text *text, bool json);

#endif /* SHOW_H */
