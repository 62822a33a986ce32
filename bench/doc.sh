#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# doc.sh [JSON [DEBIANLIKE]]: writes what a run of the bench has found (default:
# build/bench.json) into docs/performance.md, between lines that say what goes there,
# and draws docs/performance.svg. DEBIANLIKE is of a run on that variant; without, what
# is there of one stays.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/.." && pwd)
json=${1:-$top/build/bench.json}
page=$top/docs/performance.md
work=$top/build/bench/doc

# The module's structures that there are many of
sizes() {
	echo '| structure | bytes |'
	echo '| --- | ---: |'
	"$here/sizes.sh" | awk '
		/^pin_(ctx|listener|mm|family|window|call|verdict) / {
			print "| `" $1 "` | " $2 " |"
		}'
}

rm -rf "$work"
mkdir -p "$work"
for name in run calls scheduler unused scale work asked wall; do
	jq -r -L "$here" -f "$here/doc.jq" --arg name "$name" "$json" \
		>"$work/$name"
done
sizes >"$work/sizes"
[ $# -lt 2 ] || {
	jq -r -L "$here" -f "$here/doc.jq" --arg name run "$2"
	echo
	jq -r -L "$here" -f "$here/doc.jq" --arg name calls "$2"
} >"$work/debianlike"

awk -v dir="$work" '
	/^<!-- end -->$/ { inside = 0 }
	!inside { print }
	/^<!-- (run|calls|scheduler|unused|scale|work|asked|wall|sizes|debianlike) -->$/ {
		file = dir "/" $2
		while ((getline line < file) > 0) {
			print line
			inside = 1
		}
	}
' "$page" >"$work/page"
cp "$work/page" "$page"
"$here/chart.py" "$json" >"$top/docs/performance.svg"
