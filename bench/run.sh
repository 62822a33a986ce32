#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh [--short|--record|--table NAME] [VARIANT]: what supervision costs, in a guest
# whose clocks count instructions. VARIANT is the kernel's (default: plain).
#
# Prints tables, writes build/bench.json, and fails if something is not as "limits"
# says, or cannot be said because repetitions differ.
#
#   --short   a few calls; fails if a ratio is worse than the recorded one
#   --record  the same, and records its ratios in recorded.json
#   --table   some of all tables, with commas in between: calls, scheduler, unused,
#             work, scale, wall
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/.." && pwd)
vm=$top/tests/vm
mode=full
every=(calls scheduler unused work scale wall)
case ${1:-} in
--table)
	mode=table
	IFS=, read -ra every <<<"${2:?which table}"
	shift 2
	;;
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

# Two kernels under one supervisor are two columns of one row. What may be between them
# is so little that three repetitions do not tell.
unused() {
	measure "unused-$1" -c -k "$2" -- unused -s native,blind -n 9
	awk -F '\t' -v OFS='\t' -v kernel="$1" \
		'{ $3 = $3 "/" $4; $4 = kernel; print }' \
		"$work/unused-$1" >"$work/table-$1"
	tables+=("table-$1")
}

# fill TABLE
fill() {
	local few="openat,connect,execve"
	case $1 in
	calls | scale) measure "$1" "${counting[@]}" -- "$1" ;;
	scheduler) measure "$1" "${counting[@]}" -- "$1" -r "$few" ;;
	wall) measure "$1" -s 2 -k "$kernel" -m "$module" -- "$1" -r "$few" ;;
	work)
		mkdir -p "$top/build/bench/work"
		"$here/root.sh" "$top/build/bench/work"
		measure "$1" "${counting[@]}" -- "$1"
		;;
	unused)
		# Without the series, there is one of the plain configuration
		# only.
		unused reference "$("$vm/kernel.sh" reference)"
		unused patched "$("$vm/kernel.sh" plain)"
		return
		;;
	*)
		echo "run.sh: no such table: $1" >&2
		exit 2
		;;
	esac
	tables+=("$1")
}

short() {
	measure calls "${counting[@]}" -- calls -r openat,connect,execve \
		-s blind,library,next,fastest,remembered
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
counting=(-c -k "$kernel" -m "$module")
tables=()
case $mode in
full | table)
	for table in "${every[@]}"; do
		fill "$table"
	done
	;;
short | record) short ;;
*)
	echo "run.sh: no such option: --$mode" >&2
	exit 2
	;;
esac
about >"$work/about.json"
(cd "$work" && jq -Rn -f "$here/json.jq" --slurpfile about about.json \
	"${tables[@]}") >"$result"
jq -r -L "$here" -f "$here/table.jq" "$result"

# What is wrong with the figures, a line for each
failures() {
	case $mode in
	full | table) jq -r -L "$here" -f "$here/check.jq" \
		--rawfile limits "$work/limits" "$result" ;;
	short) jq -r -L "$here" -f "$here/compare.jq" \
		--slurpfile recorded "$here/recorded.json" "$result" ;;
	record) jq -r -L "$here" 'include "cells"; differing(cells)' \
		"$result" ;;
	esac
}

grep -E "^($(IFS='|' && echo "${every[*]}"))[[:space:]]" "$here/limits" \
	>"$work/limits" || true
failures >"$work/failures"
echo
if [ -s "$work/failures" ]; then
	sed 's/^/bench: not ok - /' "$work/failures"
	exit 1
fi
[ "$mode" != record ] ||
	jq -L "$here" -f "$here/record.jq" "$result" >"$here/recorded.json"
echo "bench: ok"
