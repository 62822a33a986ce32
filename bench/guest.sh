#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# guest.sh ARGUMENTS...: the bench, in the guest
set -eu

programs=$(cd "$(dirname "$0")/../build/bench" && pwd)
# What is executed is not to come over 9p.
cp "$programs/execed" /tmp
# Where a stack begins decides how many pages the strings of an execve need.
echo 0 >/proc/sys/kernel/randomize_va_space
# Those who take turns have the processor to themselves.
echo -1 >/proc/sys/kernel/sched_rt_runtime_us
exec "$programs/bench" "$@"
