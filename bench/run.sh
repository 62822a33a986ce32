#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh [VARIANT]: what supervision costs, in a guest whose clock counts
# instructions; VARIANT is the kernel's (default: plain). Prints tables and writes
# build/bench.json.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/.." && pwd)
variant=${1:-plain}
work=$top/build/bench/results
vm=$top/tests/vm
kernel=$("$vm/kernel.sh" "$variant")
module=$("$vm/module.sh" "$variant")
mkdir -p "$work"

"$vm/run.sh" -c -k "$kernel" -m "$module" -l "$work/console.log" -- \
	"$here/guest.sh" >"$work/calls"

jq -n --arg kernel "$(cat "$kernel/include/config/kernel.release")" \
	--arg variant "$variant" \
	--arg commit "$(git -C "$top" rev-parse HEAD)" \
	--argjson dirty "$([ -z "$(git -C "$top" status --porcelain)" ] &&
		echo false || echo true)" \
	'{ kernel: $kernel, variant: $variant, commit: $commit, dirty: $dirty,
	   unit: "instructions" }' >"$work/about.json"
jq -Rn -f "$here/json.jq" --slurpfile about "$work/about.json" \
	"$work/calls" >"$top/build/bench.json"
jq -r -f "$here/table.jq" "$top/build/bench.json"
