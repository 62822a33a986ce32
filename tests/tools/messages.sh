#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# pinredir: what it says where it cannot do what it is to do, and under limits
# Tests are called by their names, and each works in a subshell.
# shellcheck disable=SC2317,SC2016
# shellcheck source-path=SCRIPTDIR source=suite.bash
. "$(dirname "$0")/suite.bash"

test_a_listener_that_is_there() {
	status 125 run -q "$pinredir" run -q true 2>err
	cat err
	grep -qx 'pinredir run: true: Device or resource busy' err
	grep -q '^pinredir run: it is under a seccomp filter with a listener already' err
}

test_killed_by_sigsys() {
	status 159 run "$programs/round" int80 2>err
	cat err
	grep -q '^pinredir run: the command was killed by SIGSYS, as are 32-bit programs' err
	status 1 run sh -c 'exit 1' 2>err
	grep -q SIGSYS err && return 1
	:
}

# A program with a long name leaves room for the summary.
test_long_names() {
	status 126 run --deny / "/$(printf 'x%.0s' {1..2000})" 2>err
	cat err
	grep -q '^pinredir run: .* denied' err
}

# Who kills the command kills what has run it: shells end their loops then.
test_death_by_a_signal() {
	cat >dies.py <<-'EOT'
	import subprocess, sys
	print(subprocess.run(sys.argv[1:]).returncode)
	EOT
	[ "$(python3 dies.py "$pinredir" run -q sh -c 'kill -INT $$')" = -2 ]
	[ "$(python3 dies.py "$pinredir" run -q sh -c 'kill -KILL $$')" = -9 ]
	[ "$(python3 dies.py "$pinredir" run -q sh -c 'exit 130')" = 130 ]
	[ "$(python3 dies.py "$pinredir" trace --log log sh -c \
		'kill -TERM $$')" = -15 ]
	# Nor does it leave a core.
	(ulimit -c unlimited; python3 dies.py "$pinredir" run -q sh -c \
		'ulimit -c 0; kill -QUIT $$') >out
	[ "$(cat out)" = -3 ]
	[ ! -e core ]
}

# What cannot be run after all is one call.
test_numbers_add_up() {
	cat >fails.py <<-'EOT'
	import ctypes, errno
	libc = ctypes.CDLL(None, use_errno=True)
	# An address of what is no string, behind a path that is: mount(2)
	libc.mount(b"/a", b"/b", ctypes.c_void_p(8), 0, None)
	print(errno.errorcode[ctypes.get_errno()])
	EOT
	status 0 run --json --log log python3 fails.py >out
	cat out
	[ "$(cat out)" = EFAULT ]
	jq -es '(map(select(.decision)) | map(select(.call == "mount"))) as $m |
		(map(select(.decision and .paths)) | length) as $n |
		last.summary | (.allowed + .rewritten + .denied + .failed) == $n and
		.failed == 1' log
}

# With a smaller arena, until that is too small for anything
test_limits_of_memory() {
	(ulimit -v 6000000; status 0 run -q --deny /nonesuch cat /etc/hostname >out)
	cmp out /etc/hostname
	(ulimit -f 1000000; status 0 run -q cat /etc/hostname >out)
	cmp out /etc/hostname
	(ulimit -f 1000; status 125 run -q true 2>err)
	cat err
	grep -q '64 MiB of address space.*(ulimit -f)' err
	(ulimit -v 60000; status 125 run -q true 2>err)
	cat err
	grep -q 'Cannot allocate memory\|(ulimit -v)' err
}

test_deep_trees() {
	cat >deep.sh <<-'EOT'
	[ "$1" != 0 ] || exec cat /etc/hostname
	sh deep.sh $(($1 - 1))
	exit $?
	EOT
	status 0 run -q --deny /nonesuch sh deep.sh 64 >out
	cmp out /etc/hostname
	# And with a small arena
	(ulimit -f 200000; status 0 run -q --deny /nonesuch sh deep.sh 64 >out)
	cmp out /etc/hostname
}

# More processes than its arena has room for: they run, and it says what it can.
test_trace_denies_nothing() {
	cat >many.py <<-'EOT'
	import os
	r, w = os.pipe()
	pids = []
	for i in range(64):
	    pid = os.fork()
	    if not pid:
	        ok = os.access("/etc/hostname", os.R_OK)
	        os.read(r, 1)
	        os._exit(not (ok and os.access("/etc/hostname", os.R_OK)))
	    pids.append(pid)
	os.write(w, b"x" * 64)
	print(sum(os.waitpid(pid, 0)[1] for pid in pids))
	EOT
	(ulimit -f 100000; status 0 trace --log log python3 many.py) >out
	cat out
	[ "$(cat out)" = 0 ]
	grep -q 'access(0x[0-9a-f]* /\* ENOBUFS \*/, 4) = 0' log
}

test_trace_of_closed_calls() {
	usage 'pinredir trace: --calls: io_uring_setup: it fails with ENOSYS' \
		trace --calls io_uring_setup true
}

test_trace_of_messages() {
	cat >messages.py <<-'EOT'
	import ctypes, os, socket, subprocess
	os.writev(1, [b"one", b"", b"two\n"])
	u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	u.sendmsg([b"ab", b"c"], [], 0, ("127.0.0.1", 9))
	a, b = socket.socketpair()
	a.sendmsg([b"d"])
	libc = ctypes.CDLL(None)
	libc.syscall(435, b"\1" + bytes(63), 64)
	libc.syscall(20, 1, None, 0)
	EOT
	status 0 trace --log log --calls writev,sendmsg,clone3 python3 messages.py
	cat log
	grep -Fq ' writev(1, ["one", "", "two\n"], 3) = 7' log
	grep -Fq ' sendmsg(3, {{AF_INET, 127.0.0.1, 9}, ["ab", "c"], NULL}, 0) = 3' log
	grep -Fq ', {NULL, ["d"], NULL}, 0) = 1' log
	grep -Fq ' clone3("\001\000' log
	grep -Fq ' writev(1, NULL, 0) = 0' log
	status 0 trace --json --log json --calls writev,sendmsg python3 messages.py
	jq -es '(map(select(.call == "writev"))[0].args[1] | length == 3 and
			.[0].bytes == "6f6e65") and
		(map(select(.call == "sendmsg"))[0].args[1] |
			.name.port == 9 and .pieces[1].bytes == "63" and
			.control == null)' json
}

# A directory is not held on to.
test_working_directory() {
	mkdir dir
	mount -t tmpfs none dir
	mkfifo fifo
	(cd dir; status 0 run -q sh -c 'cd /; (read -r _ <"$1") >/dev/null 2>&1 & :' \
		sh "$PWD/../fifo")
	umount dir
	timeout "$LIMIT" sh -c 'echo >fifo'
}

suite
