#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# the library's table of syscalls is that of the kernel's own prototypes
set -eu
cd "$(dirname "$0")/../.."
source=$(tests/vm/kernel.sh plain)/source
library=$(echo build/lib/libpinredir.so.*.*)

tests/checks/syscalls.py "$source" "$library"
