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

# The kernel's own answer to calls without arguments is another one.
test_closed_calls() {
	local nr
	# open_by_handle_at, bpf, perf_event_open, quotactl
	for nr in 304 321 298 179; do
		[ "$(said $nr "$pinredir" run -q --deny /nonesuch)" = EPERM ]
		[ "$(said $nr "$pinredir" run -q)" != EPERM ]
	done
	# fsopen, fsconfig, fspick; and mount(8) does without them
	for nr in 430 431 433; do
		[ "$(said $nr "$pinredir" run -q --deny /nonesuch)" = ENOSYS ]
		[ "$(said $nr "$pinredir" run -q)" != ENOSYS ]
	done
	mkdir dir
	status 0 run -q --deny /nonesuch unshare -m sh -c \
		'mount -t tmpfs -o size=1m none dir && grep -q "$PWD/dir " /proc/mounts'
	# Nothing is closed where nothing is denied.
	[ "$(run -q --rewrite /a=/b "$programs/number" 321)" != EPERM ]
	[ "$("$pinredir" trace --log log "$programs/number" 321)" != EPERM ]
}

# Keys into the terminal of the shell
test_typing() {
	cat >type.py <<-'EOT'
	import ctypes, errno, os, pty, sys, termios
	pid, terminal = pty.fork()
	if not pid:
	    libc = ctypes.CDLL(None, use_errno=True)
	    for request in termios.TIOCSTI, termios.TIOCSTI | 1 << 40, 0x541c:
	        ret = libc.syscall(16, 0, ctypes.c_ulong(request), b"x")
	        print(ret, errno.errorcode.get(ctypes.get_errno()))
	    print(os.isatty(0), flush=True)
	    os._exit(0)
	out = b""
	try:
	    while True:
	        out += os.read(terminal, 4096)
	except OSError:
	    pass
	print(out.decode().replace("\r", ""), end="")
	EOT
	sysctl -qw dev.tty.legacy_tiocsti=1 || :
	python3 type.py >native
	cat native
	[ "$(grep -c '^x*0 ' native)" = 2 ]
	status 0 run -q --deny /nonesuch python3 type.py >out
	cat out
	[ "$(grep -c '^-1 EPERM$' out)" = 3 ]
	grep -qx True out
}

# The log cannot be forged, nor the device be opened.
test_what_is_pinredirs() {
	status 2 run -q --log log sh -c 'echo forged >>log'
	grep -q 'deny "log"' log
	[ "$(grep -c '^forged' log)" = 0 ]
	ln -s log link
	status 2 run -q --log link sh -c 'echo forged >>log'
	status 1 run -q --deny /nonesuch cat /dev/seccomp-pin 2>err
	grep -q 'Permission denied' err
	# A pipe or a terminal is nobody's alone.
	status 0 run -q --log /dev/null sh -c 'echo x >/dev/null'
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
