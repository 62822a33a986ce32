#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh [--short|--record] [VARIANT]: what supervision costs, in a guest whose
# clocks count instructions. VARIANT is the kernel's (default: plain).
#
# Prints tables, writes build/bench.json, and fails if something is not as "limits"
# says, or cannot be said because repetitions differ.
#
#   --short   a few calls; fails if a ratio is worse than the recorded one
#   --record  the same, and records its ratios in recorded.json
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/.." && pwd)
vm=$top/tests/vm
mode=full
case ${1:-} in
--*)
	mode=${1#--}
	shift
	;;
esac
variant=${1:-plain}
work=$top/build/bench/$mode-$variant
result=$top/build/bench.json
[ "$mode" = full ] || result=$work/bench.json

# measure NAME RUN.SH'S ARGUMENTS... -- THE BENCH'S ARGUMENTS...: to a file NAME
measure() {
	local name=$1 guest=()
	shift
	while [ "$1" != -- ]; do
		guest+=("$1")
		shift
	done
	shift
	echo "bench: $name" >&2
	if ! "$vm/run.sh" "${guest[@]}" -t 1800 -l "$work/console-$name.log" \
			-- "$here/guest.sh" "$@" >"$work/$name"; then
		cat "$work/$name" >&2
		exit 1
	fi
}

# Two kernels under one supervisor are two columns of one row.
unused() {
	measure "unused-$1" -c -k "$2" -- unused -s native,blind
	awk -F '\t' -v OFS='\t' -v kernel="$1" \
		'{ $3 = $3 "/" $4; $4 = kernel; print }' \
		"$work/unused-$1" >"$work/table-$1"
}

full() {
	measure calls -c -k "$kernel" -m "$module" -- calls
	measure scheduler -c -k "$kernel" -m "$module" -- scheduler \
		-r openat,connect,execve
	# Without the series, there is one of the plain configuration only.
	unused patched "$("$vm/kernel.sh" plain)"
	unused reference "$("$vm/kernel.sh" reference)"
	measure scale -c -k "$kernel" -m "$module" -- scale
	measure wall -s 2 -k "$kernel" -m "$module" -- wall \
		-r openat,connect,execve
	tables=(calls scheduler table-reference table-patched scale wall)
}

short() {
	measure calls -c -k "$kernel" -m "$module" -- calls \
		-r openat,connect,execve -s blind,library,fastest,remembered
	tables=(calls)
}

# What is known of this run, for the JSON
about() {
	local changes
	changes=$(git -C "$top" status --porcelain)
	jq -n --arg kernel "$(cat "$kernel/include/config/kernel.release")" \
		--arg variant "$variant" \
		--arg commit "$(git -C "$top" rev-parse HEAD)" \
		--arg changes "$changes" --arg compiler "$(gcc -dumpversion)" \
		'{ $kernel, $variant, $commit, dirty: ($changes != ""),
		   $compiler }'
}

mkdir -p "$work"
kernel=$("$vm/kernel.sh" "$variant")
module=$("$vm/module.sh" "$variant")
tables=()
case $mode in
full) full ;;
short | record) short ;;
*)
	echo "run.sh: no such option: --$mode" >&2
	exit 2
	;;
esac
about >"$work/about.json"
(cd "$work" && jq -Rn -f "$here/json.jq" --slurpfile about about.json \
	"${tables[@]}") >"$result"
jq -r -f "$here/table.jq" "$result"

# What is wrong with the figures, a line for each
failures() {
	case $mode in
	full) jq -r -L "$here" -f "$here/check.jq" \
		--rawfile limits "$here/limits" "$result" ;;
	short) jq -r -L "$here" -f "$here/compare.jq" \
		--slurpfile recorded "$here/recorded.json" "$result" ;;
	record) jq -r -L "$here" 'include "cells"; differing(cells)' \
		"$result" ;;
	esac
}

failures >"$work/failures"
echo
if [ -s "$work/failures" ]; then
	sed 's/^/bench: not ok - /' "$work/failures"
	exit 1
fi
[ "$mode" != record ] ||
	jq -L "$here" -f "$here/record.jq" "$result" >"$here/recorded.json"
echo "bench: ok"
