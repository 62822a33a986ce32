#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# sizes.sh [VARIANT]: the module's structures and how large they are, in bytes, as
# the debugging information of a module with some says
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
kernel=$("$top/tests/vm/kernel.sh" "${1:-plain}")
work=$top/build/bench/sizes

rm -rf "$work"
mkdir -p "$work"
cp -r "$top/module" "$top/include" "$work"
make -C "$kernel" M="$work/module" KCFLAGS=-g modules >"$work/log" 2>&1 || {
	cat "$work/log" >&2
	exit 1
}
find "$work/module" -name '[a-z]*.o' ! -name '*.mod.o' ! -name seccomp_pin.o \
	-exec readelf --debug-dump=info {} + |
awk '
	/Abbrev Number:/ {
		inside = /DW_TAG_structure_type/
		name = ""
	}
	inside && /DW_AT_name/ { name = $NF }
	inside && /DW_AT_byte_size/ && name ~ /^pin_/ { print name, $NF }
' | sort -u
