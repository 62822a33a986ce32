#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# pinredir run: signals, job control and terminals
# Tests are called by their names, and each works in a subshell.
# shellcheck disable=SC2317,SC2016
# shellcheck source-path=SCRIPTDIR source=suite.bash
. "$(dirname "$0")/suite.bash"

# Passed on, whatever the command makes of it
test_signals_are_passed_on() {
	local signal got
	# bash(1) forgets a SIGINT that comes while it stops waiting for a child.
	cat >signals.py <<-'EOT'
	import signal, sys
	name, limit = sys.argv[1:]
	which = [getattr(signal, "SIG" + name)]
	signal.pthread_sigmask(signal.SIG_BLOCK, which)
	open("ready", "w").close()
	if signal.sigtimedwait(which, int(limit)):
	    print(name)
	    sys.exit(9)
	EOT
	for signal in HUP INT QUIT TERM USR1 USR2 ALRM; do
		# Otherwise a job in the background ignores SIGINT and SIGQUIT.
		set -m
		"$pinredir" run -q python3 signals.py $signal "$LIMIT" >out &
		set +m
		await test -e ready
		rm ready
		kill -$signal $!
		got=0
		wait $! || got=$?
		[ "$got" = 9 ]
		[ "$(cat out)" = $signal ]
	done
}

test_signals_that_kill() {
	local got=0
	"$pinredir" run -q sh -c ': >ready; exec sleep 100' &
	await test -e ready
	kill -TERM $!
	wait $! || got=$?
	[ "$got" = 143 ]
}

# A target that signals its group has signalled the command.
test_signals_to_the_group_come_once() {
	cat >group.sh <<-'EOT'
	trap 'echo got' TERM
	kill -TERM 0
	sleep 1
	echo end
	EOT
	status 0 setsid -w "$pinredir" run -q bash group.sh >out
	printf 'got\nend\n' | cmp - out
}

test_terminals() {
	local line
	# Each line of it is a check that has passed.
	timeout -k 5 "$LIMIT" python3 "$top/tests/tools/terminal.py" \
		"$pinredir" "$PWD" >out || { cat out; return 1; }
	for line in 'same group and foreground' 'interrupted once' 'stopped' \
			'continued' 'quit from the keyboard' 'shell with jobs' \
			'window size' 'hung up'; do
		grep -qx "ok $line" out || { cat out; return 1; }
	done
}

suite
