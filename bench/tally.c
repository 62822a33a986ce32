// SPDX-License-Identifier: GPL-2.0-only
#include <stddef.h>

#include "tally.h"

struct tally *tally;
