#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# nine of ten lines of the library are run by its tests
set -eu
cd "$(dirname "$0")/../.."
work=build/coverage
counts=$PWD/$work/out
rm -rf "$counts"
find build -path "$work/*" -name '*.gcda' -delete

# The library is counted, its tests are not; by several threads at a time.
make -s B="$work" "$work/lib/libpinredir.a" \
	CFLAGS='-O0 -g --coverage -fprofile-update=atomic'
make -s B="$work" unit-programs library-programs CFLAGS='-O0 -g' LDLIBS=-lgcov
for source in tests/unit/*.c tests/unit/*.cc; do
	GCOV_PREFIX=$counts "$work/${source%.*}"
done
# The guest sees the programs at the same place, and adds to the same counts.
tests/vm/run.sh -k "$(tests/vm/kernel.sh plain)" -m "$(tests/vm/module.sh plain)" \
	-l build/check/console-coverage.log -o "$counts" -- \
	env GCOV_PREFIX=/mnt/out tests/tap.sh "$work"/tests/kernel/*
# What runs in children that execute something else cannot be counted.
cp -r "$counts$PWD/$work/." "$work"
gcovr --root . --filter lib/ --exclude lib/spawn_child.c --fail-under-line 90 "$work"
