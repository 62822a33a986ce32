#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# pinredir run: its own processes, and those of its command
# Tests are called by their names, and each works in a subshell.
# shellcheck disable=SC2317,SC2016
# shellcheck source-path=SCRIPTDIR source=suite.bash
. "$(dirname "$0")/suite.bash"

NOBODY=65534

# as_nobody COMMAND...: who may not look at others' processes, but at the device
as_nobody() {
	chmod 666 /dev/seccomp-pin
	setpriv --reuid $NOBODY --regid $NOBODY --clear-groups "$@"
}

# Whom a target would attach to: the supervisor, and its parent, the front
parents.sh() {
	cat >parents.sh <<-'EOT'
	supervisor=$PPID
	front=$(sed -n 's/^PPid:[[:space:]]*//p' /proc/$supervisor/status)
	for pid in $supervisor $front; do
		"$1" $pid
	done
	EOT
}

none() {
	printf '%s EPERM\n' getfd read seize getfd read seize |
		cmp - <(grep -v mem "$1")
	[ "$(grep -c '^mem E' "$1")" = 2 ]
}

test_no_target_attaches() {
	chmod 755 .
	parents.sh
	# Where nobody defends it: a process of the same user, and of root's
	sleep 1000 &
	other=$!
	trap 'kill $other' EXIT
	[ "$("$programs/attach" $other | grep -c ' 0$')" = 4 ]
	[ "$("$programs/attach" $other $NOBODY | grep -c ' 0$')" = 0 ]
	status 0 run -q sh parents.sh "$programs/attach" >root
	cat root
	none root
	as_nobody "$pinredir" run -q sh parents.sh "$programs/attach" >nobody
	cat nobody
	none nobody
}

# It is given up for good, and what does not take it is as it was.
test_rights() {
	status 0 run -q sh -c 'grep CapEff /proc/self/status; unshare -U true
		grep CapPrm /proc/self/status; exec setpriv --inh-caps=-all true' >out
	cat out
	while read -r _ caps; do
		[ $((0x$caps >> 19 & 1)) = 0 ]
		[ $((0x$caps >> 21 & 1)) = 1 ]
	done <out
	[ "$(wc -l <out)" = 2 ]
	# A debugger among targets
	status 0 run -q strace -o strace.out true
	grep -q execve strace.out
	# No promise of trace
	status 0 trace --log log grep CapEff /proc/self/status >out
	read -r _ caps <out
	[ $((0x$caps >> 19 & 1)) = 1 ]
}

# An orphan that has the command's number, after the command
test_orphans_with_its_number() {
	status 4 run -q --wait "$programs/reuse"
	[ -e over ]
}

suite
