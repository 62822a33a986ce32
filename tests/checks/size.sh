#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# the series and the module stay small, without include cycles and long functions
set -eu
cd "$(dirname "$0")/../.."
bad=0

# What the series adds: all lines, and those that are neither blank nor comments
read -r added code < <(cat patches/6.12/*.patch | awk '
	/^\+\+\+/ { next }
	/^\+/ {
		added++
		line = substr($0, 2)
		gsub(/^[ \t]+/, "", line)
		if (line == "" || line ~ /^(\/\*|\*|\/\/)/)
			next
		code++
	}
	END { print added, code }')
echo "series: $added lines added, $code of them code"
if [ "$added" -gt 550 ] || [ "$code" -gt 380 ]; then
	echo "more than 550, or more than 380 of code"
	bad=1
fi

# What documents say of it
version=$(sed -n 's/^+#define SECCOMP_ATTEND_VERSION[[:space:]]*//p' patches/6.12/*.patch)
says() {
	grep -q "$2" "$1" || {
		echo "$1 does not say: $2"
		bad=1
	}
}
says docs/kernel.md "It adds $added lines"
says docs/reviewers.md "^$added lines are added"
says docs/kernel.md "\`SECCOMP_ATTEND_VERSION\` $version "
says docs/versioning.md "is $version now"
for patch in patches/6.12/*.patch; do
	lines=$(grep -c '^+\([^+]\|$\)' "$patch")
	patch=${patch##*/}
	says docs/kernel.md "^| ${patch%%-*} .* | $lines | "
done

# An evening's reading
lines=$(cat module/*.[ch] | wc -l)
echo "module: $lines lines"
if [ "$lines" -gt 6200 ]; then
	echo "more than 6200"
	bad=1
fi

# A header for each .c file, and no two concepts that include each other, over
# whatever others: tsort(1) names the members of a cycle.
for file in module/*.c; do
	[ "$file" = module/device.c ] || [ -e "${file%.c}.h" ] || {
		echo "$file has no header"
		bad=1
	}
done
if ! grep -H '^#include "' module/*.[ch] |
		sed 's#^module/\(.*\)\.[ch]:.*"\(.*\)\.h"#\1 \2#' |
		awk '$1 != $2' | tsort >/dev/null; then
	echo "an include cycle in the module"
	bad=1
fi
# No header that all of them include
for header in module/*.h; do
	users=$(grep -l "^#include \"${header##*/}\"" module/*.c | wc -l)
	if [ "$users" -ge "$(($(find module -name '*.c' | wc -l) - 2))" ]; then
		echo "$header is included everywhere"
		bad=1
	fi
done

# A function begins with a brace of its own, and ends with another.
awk '
	/^{$/ { start = FNR }
	/^}$/ && start {
		if (FNR - start + 1 > 60) {
			print FILENAME ":" start ": " FNR - start + 1 " lines"
			long = 1
		}
		start = 0
	}
	END { exit long }' module/*.c || bad=1
exit $bad
