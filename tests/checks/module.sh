#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# the module is clean under W=1 and sparse
set -eu
cd "$(dirname "$0")/../.."
kernel=$(tests/vm/kernel.sh plain)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r module include "$work"
make -C "$kernel" M="$work/module" W=1 C=2 CF=-D__CHECK_ENDIAN__ modules \
	>"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
# The kernel's own headers have their say as well; ours is what counts.
! grep -E "^($work/module/|$work/include/|WARNING: modpost).*" "$work/log"
