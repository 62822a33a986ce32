#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# docs/security.md names each program that tests a promise, and no other
set -eu
cd "$(dirname "$0")/../.."

# "I1 redirect" and so on, by the names of the tests and by the document
tested() {
	local file n
	for file in tests/*/*.c; do
		for n in 1 2 3 4 5 6 7 8; do
			if grep -Eq "\bi${n}(_[a-z0-9]|: )" "$file"; then
				echo "I$n $(basename "$file" .c)"
			fi
		done
	done
}
documented() {
	sed -n 's/^| \(I[1-8]\) |[^|]*|\(.*\)|$/\1 \2/p' docs/security.md |
		while read -r promise programs; do
			for program in ${programs//[\`,]/ }; do
				echo "$promise $program"
			done
		done
}

diff -u --label tests --label docs/security.md \
	<(tested | sort -u) <(documented | sort -u)
for n in 1 2 3 4 5 6 7 8; do
	documented | grep -q "^I$n " || { echo "nothing for I$n"; exit 1; }
done
