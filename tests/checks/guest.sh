#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# the guest tells what happened in it: status, time limit, complaints of the kernel
set -eu
cd "$(dirname "$0")/../.."
kernel=$(tests/vm/kernel.sh plain)

# run STATUS ARGUMENTS OF run.sh...
run() {
	local want=$1 status=0
	shift
	tests/vm/run.sh -k "$kernel" -l build/check/console-guest.log "$@" ||
		status=$?
	if [ "$status" != "$want" ]; then
		echo "status $status, not $want, of: $*"
		exit 1
	fi
}
run 0 -- true
# All processors are there, and what init has the kernel change first has been changed.
run 0 -- sh -c "[ \$(nproc) = 2 ] && pgrep -x steady"
run 7 -- sh -c 'exit 7'
run 124 -t 10 -- sh -c 'read -r _ </dev/ttyS0'
for line in 'BUG: sleeping function called' 'WARNING: CPU: 0 PID: 1' \
	'kmemleak: 2 new suspected memory leaks'; do
	run 125 -- sh -c "echo '<4>$line' >/dev/kmsg"
done
run 125 -- busybox poweroff -f
