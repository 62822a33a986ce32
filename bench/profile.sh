#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# profile.sh SUPERVISOR ROW [OTHER]: by function, how many instructions a call takes
# under a supervisor; or how many more than under the other.
#
# A row is one of the table "calls", a supervisor one of its columns. KERNEL=NAME: on
# another variant of the kernel.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
vm=$here/../tests/vm
supervisor=${1:?which supervisor} row=${2:?which row} other=${3:-}
kernel=$("$vm/kernel.sh" "${KERNEL:-plain}")
module=$("$vm/module.sh" "${KERNEL:-plain}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# profile SUPERVISOR: function, instructions per call
profile() {
	mkfifo "$work/trace"
	"$here/profile.py" "$kernel/System.map" "$work" \
		"$vm/run.sh" -c -k "$kernel" -m "$module" -t 600 -l "$work/log" \
		-a -qmp -a "unix:$work/qmp,server=on,wait=off" \
		-a -D -a "$work/trace" -- \
		bash -c 'grep seccomp_pin /proc/kallsyms; exec "$@"' bash \
		"$here/guest.sh" calls -r "$row" -s "$1" -n 99
	rm "$work/trace"
}

profile "$supervisor" >"$work/profile"
if [ -z "$other" ]; then
	sort -t "$(printf '\t')" -k 2,2nr "$work/profile"
	exit
fi
profile "$other" >"$work/other"
awk -F '\t' -v OFS='\t' '
	NR == FNR { other[$1] = $2; next }
	{ print $1, $2 - other[$1]; delete other[$1] }
	END { for (name in other) print name, -other[name] }
' "$work/other" "$work/profile" | sort -t "$(printf '\t')" -k 2,2nr
