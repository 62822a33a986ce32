#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# patches and module are clean under checkpatch.pl --strict
set -eu
cd "$(dirname "$0")/../.."
src=$(tests/vm/kernel.sh plain)/source

# What checkpatch does not like, and why it stays:
# ENOSYS: what seccomp has always returned where a listener is gone.
series=ENOSYS
# BIT_MACRO: a header for user space has no BIT().
abi=BIT_MACRO
bad=0
for patch in patches/6.12/*.patch; do
	# Through standard input: it takes a file that git knows for a source.
	"$src/scripts/checkpatch.pl" --no-tree --strict --quiet \
		--ignore "$series" - <"$patch" || bad=1
done
for file in $(git ls-files 'module/*.[ch]'); do
	"$src/scripts/checkpatch.pl" --no-tree --strict --quiet \
		--ignore "$series" --file "$file" || bad=1
done
"$src/scripts/checkpatch.pl" --no-tree --strict --quiet --ignore "$abi" --file \
	include/seccomp_pin.h || bad=1
exit $bad
