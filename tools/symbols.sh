#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# symbols.sh [FILE]: writes debian/libpinredir0.symbols as lib/libpinredir.map has it. A
# symbol is as old as the version that it is listed under: of PINREDIR_0.1, 0.1.0.
set -eu
cd "$(dirname "$0")/.."

{
	echo 'libpinredir.so.0 libpinredir0 #MINVER#'
	echo '* Build-Depends-Package: libpinredir-dev'
	awk '
	/^PINREDIR_[0-9.]* \{/ {
		node = $1
		since = substr(node, length("PINREDIR_") + 1) ".0"
		print " " node "@" node " " since
	}
	/^\tpinredir_.*;$/ {
		sub(/;/, "", $1)
		print " " $1 "@" node " " since
	}' lib/libpinredir.map | LC_ALL=C sort
} >"${1:-debian/libpinredir0.symbols}"
