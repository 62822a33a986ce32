// SPDX-License-Identifier: GPL-2.0-only
#include "supervisor.h"

void supervise(const struct supervisor *with, void *opened)
{
	void *call = NULL;

	if (with->run) {
		with->run(opened);
	} else if (with->next) {
		do
			call = with->next(opened, call);
		while (call);
	}
}
