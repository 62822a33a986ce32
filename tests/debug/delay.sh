#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# delay.sh KERNEL: builds the kernel module of tests/debug/delay for a kernel, whose
# directory tests/vm/kernel.sh has printed, and prints the path of the .ko.
set -eu

kernel=$1
here=$(cd "$(dirname "$0")" && pwd)
out=$(cd "$here/../.." && pwd)/build/delay/$(basename "$kernel")

mkdir -p "$out"
cp "$here"/delay/* "$out"
if ! make -C "$kernel" M="$out" modules >"$out/log" 2>&1; then
	cat "$out/log" >&2
	exit 1
fi
echo "$out/pin_delay.ko"
