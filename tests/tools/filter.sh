#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# pinredir run: calls that its filter answers
# Tests are called by their names, and each works in a subshell.
# shellcheck disable=SC2317,SC2016
# shellcheck source-path=SCRIPTDIR source=suite.bash
. "$(dirname "$0")/suite.bash"

# said NR COMMAND...: what call NR comes to where the command runs "number NR". If
# only the kernel has its say, or a filter lets the call through, that is EDOM.
said() {
	local nr=$1
	shift
	"$programs/number" outer "$nr" "$@" "$programs/number" "$nr"
}

# This kernel has none of them, so that by itself it would say ENOSYS, too.
test_unknown_calls() {
	local nr
	# setxattrat, removexattrat, open_tree_attr, file_setattr; what comes; gaps
	for nr in 463 466 467 469 600 9999 336 156; do
		[ "$(said $nr env)" = EDOM ]
		[ "$(said $nr "$pinredir" run -q --deny /nonesuch)" = ENOSYS ]
	done
	# Those that are known: getpid, cachestat, mseal
	for nr in 39 451 462; do
		[ "$(said $nr "$pinredir" run -q --deny /nonesuch)" = EDOM ]
	done
	[ "$(run -q "$programs/number" 39)" = 0 ]
	# No promise of trace is about them.
	[ "$(said 467 "$pinredir" trace --log log)" = EDOM ]
}

# What the kernel makes tasks call: the end of a traced function kills who makes
# that call itself.
test_calls_of_the_kernels() {
	status 132 "$programs/number" 335
	status 132 run -q "$programs/number" 335
	# restart_syscall: a sleep that goes on after a stop
	cat >stop.py <<-'EOT'
	import os, signal, sys
	pid = os.fork()
	if not pid:
	    os.execvp("sleep", ["sleep", "2"])
	while open(f"/proc/{pid}/wchan").read() != "hrtimer_nanosleep":
	    pass
	os.kill(pid, signal.SIGSTOP)
	os.waitpid(pid, os.WUNTRACED)
	os.kill(pid, signal.SIGCONT)
	sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	EOT
	status 0 run -q python3 stop.py
}

suite
