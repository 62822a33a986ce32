#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# tap.sh PROGRAM...: runs CMocka programs one after the other, and counts. A
# program that ends before its last test, or that skips one, has failed there.
# The last line is "tap: N passed, M failed"; the exit status says the same. With
# SECONDS_EACH in the environment, that is how long a program may take.
set -u
export CMOCKA_MESSAGE_OUTPUT=TAP

passed=0 failed=0
out=$(mktemp)
trap 'rm -f "$out"' EXIT
for program; do
	echo "# $program"
	timeout -k 5 "${SECONDS_EACH:-1200}" "$program" >"$out" 2>&1
	status=$?
	cat "$out"
	planned=$(sed -n 's/^[[:space:]]*1\.\.\([0-9][0-9]*\)$/\1/p' "$out" |
		head -n 1)
	ok=$(grep -E '^[[:space:]]*ok [0-9]+' "$out" | grep -vic '# skip')
	if [ -z "$planned" ]; then
		echo "# $program: no plan, exit status $status"
		planned=1 ok=0
	elif [ "$ok" -gt "$planned" ]; then
		echo "# $program: $ok tests of $planned"
		ok=0
	elif [ "$status" -ne 0 ] && [ "$ok" -eq "$planned" ]; then
		echo "# $program: exit status $status"
		ok=$((ok - 1))
	fi
	passed=$((passed + ok))
	failed=$((failed + planned - ok))
done
echo "tap: $passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
