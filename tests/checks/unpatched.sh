#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# a build against an unpatched kernel stops with one line that says why
set -eu
cd "$(dirname "$0")/../.."
kernel=$(tests/vm/kernel.sh unpatched)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r module include "$work"
if make -C "$work/module" KDIR="$kernel" modules >"$work/log" 2>&1; then
	echo "it was built"
	exit 1
fi
cat "$work/log"
[ "$(grep -c seccomp-pin: "$work/log")" = 1 ]
grep -q 'lacks the enabling patch: apply the series in patches/6.12' "$work/log"
! grep -Eq 'fatal error|\.c:[0-9]+' "$work/log"
