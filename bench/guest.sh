#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# guest.sh ARGUMENTS...: the bench, in the guest
set -eu

here=$(cd "$(dirname "$0")" && pwd)
programs=$(cd "$here/../build/bench" && pwd)
# What is executed is not to come over 9p.
cp "$programs/execed" /tmp
# Where a stack begins decides how many pages the strings of an execve need.
echo 0 >/proc/sys/kernel/randomize_va_space
# Those who take turns have the processor to themselves.
echo -1 >/proc/sys/kernel/sched_rt_runtime_us
if [ "$1" = work ]; then
	# Nothing of it is to come over 9p either.
	mkdir /tmp/root
	tar -C /tmp/root -xf "$programs/work/root.tar"
	mount --bind /dev /tmp/root/dev
	"$here/checkout.sh" /tmp/root/work/git-status 2000
fi
exec "$programs/bench" "$@"
