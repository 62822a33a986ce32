#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# pinredir trace: what it prints
# Tests are called by their names, and each works in a subshell.
# shellcheck disable=SC2317,SC2030,SC2031,SC2016,SC2012
# shellcheck source-path=SCRIPTDIR source=suite.bash
. "$(dirname "$0")/suite.bash"

test_usage() {
	usage 'pinredir trace: no command' trace
	usage "pinredir trace: unrecognized option '--deny'" trace --deny /a true
	usage 'pinredir trace: --calls: walk: there is no such call' \
		trace --calls openat,walk true
	usage 'pinredir trace: --calls: : there is no such call' \
		trace --calls '' true
	usage 'pinredir trace: --calls: ioctl: it cannot be pinned' \
		trace --calls ioctl true
	usage 'pinredir trace: --log /nonesuch/log: No such file or directory' \
		trace --log /nonesuch/log true
}

test_lines() {
	status 1 trace --log log cat /etc/hostname nonesuch >out
	cmp out /etc/hostname
	grep -Eqx '[0-9]+ execve\("/[^"]*/cat", \["cat", "/etc/hostname", "nonesuch"\], 0x[0-9a-f]+\) = 0' log
	grep -Eqx '[0-9]+ openat\(AT_FDCWD, "/etc/hostname", 0, 0\) = 3' log
	grep -Eqx '[0-9]+ openat\(AT_FDCWD, "nonesuch", 0, 0\) = -1 ENOENT \(No such file or directory\)' log
	# To standard error, without a file
	status 0 trace true 2>err
	grep -q ' execve("/' err
}

test_exit_statuses() {
	status 7 trace --log log sh -c 'exit 7'
	status 137 trace --log log sh -c 'kill -KILL $$'
	status 127 trace --log log nonesuch 2>err
	grep -qx 'pinredir trace: nonesuch: No such file or directory' err
	status 126 trace --log log /etc/passwd 2>err
	grep -qx 'pinredir trace: /etc/passwd: Permission denied' err
	grep -q 'execve("/etc/passwd", .* = -1 EACCES' log
}

test_json() {
	status 1 trace --json --log log cat /etc/hostname nonesuch
	jq -es '
		(map(select(.call == "execve")) | length == 1 and
			.[0].args[1] == ["cat", "/etc/hostname", "nonesuch"] and
			.[0].result == 0) and
		(map(select(.call == "openat" and .args[1] == "nonesuch")) |
			length == 1 and .[0].args[0] == -100 and
			.[0].result == -1 and .[0].errno == "ENOENT") and
		all(.[]; (.pid | type) == "number" and (.time | type) == "number")' log
}

test_names_forge_no_lines() {
	local name=$'a\n1 openat("forged") = 3\n\xff"'
	: >"$name"
	status 0 trace --log log cat "$name"
	grep -Fq '"a\n1 openat(\"forged\") = 3\n\377\""' log
	[ "$(grep -c '^1 ' log)" = 0 ]
	status 0 trace --json --log json cat "$name"
	jq -r 'select(.call == "openat").args[1].hex? // empty' json |
		unhex | cmp - <(printf %s "$name")
}

test_chosen_calls() {
	cat >calls.py <<-'EOT'
	import os, socket
	os.write(1, b"x" * 40)
	def connect(family, address):
	    try:
	        socket.socket(family).connect(address)
	    except OSError:
	        pass
	connect(socket.AF_INET, ("127.0.0.1", 9))
	connect(socket.AF_UNIX, "/nonesuch\n")
	connect(socket.AF_UNIX, b"\0abstract\0name")
	EOT
	status 0 trace --log log --calls write,connect python3 calls.py >out
	grep -Eqx "[0-9]+ write\\(1, \"x{32}\"\\.\\.\\., 40\\) = 40" log
	grep -Eqx '[0-9]+ connect\(3, \{AF_INET, 127\.0\.0\.1, 9\}, 16\) = -1 ECONNREFUSED .*' log
	grep -Fq ' connect(3, {AF_UNIX, "/nonesuch\n"}, 13) = -1 ENOENT ' log
	grep -Fq ' connect(3, {AF_UNIX, "\000abstract\000name"}, 16) = -1 ECONNREFUSED ' log
	# No others
	[ "$(grep -vcE ' (write|connect)\(' log)" = 0 ]
	status 0 trace --json --log json --calls write,connect python3 calls.py >out
	jq -es '
		(map(select(.call == "write"))[0].args[1].bytes ==
			("78" * 40)) and
		(map(select(.call == "connect")) |
			.[0].args[1].family == "AF_INET" and
			.[0].args[1].port == 9 and
			.[1].args[1].path == "/nonesuch\n" and
			.[2].args[1].path == "\u0000abstract\u0000name")' json
}

# What is longer than the tool's rules take runs as it is, and that is said; but of
# the first call, which may come before there are rules.
# shellcheck disable=SC2046
test_long_argv() {
	local args=(short) i
	for i in 1 2 3 4 5 6; do
		args+=("$(printf "%0100000d" $i)")
	done
	status 0 trace --log log sh -c '/bin/true "$@"' sh "${args[@]}"
	grep -Eq ' execve\("/bin/true", 0x[0-9a-f]+ /\* [A-Z0-9]+ \*/, ' log
	status 0 trace --json --log json sh -c '/bin/true "$@"' sh "${args[@]}"
	jq -es 'map(select(.call == "execve")) | last.args[1] |
		.address and .errno' json
	# A long one that is not that long is whole.
	status 0 trace --json --log whole true $(seq 5000)
	cut -c1-200 whole
	jq -es 'map(select(.call == "execve"))[0].args[1] |
		length == 5001 and .[5000] == "5000"' whole
}

test_odd_paths() {
	"$programs/odd" >native
	status 0 trace --log log "$programs/odd" >traced
	cmp native traced
	grep -Eq ' access\(0x8 /\* EFAULT \*/, 0\) = -1 EFAULT ' log
}

test_calls_of_killed_threads() {
	mkfifo fifo
	cat >dies.py <<-'EOT'
	import os, signal, threading, time
	pid = os.fork()
	if not pid:
	    os.open("fifo", os.O_RDONLY)
	# It waits for somebody to write, no longer for an answer.
	while open(f"/proc/{pid}/wchan").read() != "wait_for_partner":
	    time.sleep(0.05)
	os.kill(pid, signal.SIGKILL)
	os.wait()
	EOT
	status 0 trace --log log python3 dies.py
	grep -q 'openat(AT_FDCWD, "fifo", .* = -1 EINTR (Interrupted system call)' log
}

# over FRONT: its command has ended: what that left is the supervisor's child now
over() {
	local supervisor
	supervisor=$(ps -o pid= --ppid "$1" | tr -d ' ')
	[ -n "$supervisor" ] && [ -s left ] &&
		[ "$(ps -o ppid= --pid "$(cat left)" | tr -d ' ')" = "$supervisor" ]
}

# The signal comes when the command has ended, and that is not known yet.
test_told_to_end_as_it_ends() {
	local got front
	mkfifo fifo go
	cat >leaves.sh <<-'EOT'
	: >ready
	read -r _ <go
	(sh -c 'echo $PPID' >left; exec cat fifo) >/dev/null 2>&1 &
	exit 4
	EOT
	"$pinredir" trace --log log sh leaves.sh &
	front=$!
	await test -e ready
	kill -STOP $front
	timeout "$LIMIT" sh -c 'echo >go'
	await over $front
	kill -TERM $front
	kill -CONT $front
	got=0
	timeout "$LIMIT" tail --pid=$front -f /dev/null
	wait $front || got=$?
	[ "$got" = 4 ]
	kill "$(cat left)"
}

# It ends with all of them, unless it is told to end sooner.
test_it_waits_for_all() {
	local got
	mkfifo fifo
	cat >later.sh <<-'EOT'
	(sh -c 'echo $PPID' >left; read -r line <fifo; cat /etc/debian_version >/dev/null) >/dev/null 2>&1 &
	exit 4
	EOT
	"$pinredir" trace --log log sh later.sh &
	timeout "$LIMIT" sh -c 'echo go >fifo'
	got=0
	wait $! || got=$?
	[ "$got" = 4 ]
	grep -q '"/etc/debian_version"' log
	rm left
	"$pinredir" trace --log log sh later.sh &
	await over $!
	kill -TERM $!
	got=0
	wait $! || got=$?
	[ "$got" = 4 ]
	# What is left is still there, and goes on.
	timeout "$LIMIT" sh -c 'echo go >fifo'
}

suite
