#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# pinredir run: real programs do what they do without it
# Tests are called by their names, and each works in a subshell.
# shellcheck disable=SC2317,SC2016
# shellcheck source-path=SCRIPTDIR source=suite.bash
. "$(dirname "$0")/suite.bash"

LIMIT=400

# same COMMAND...: output, errors, status and files, without it and with it
same() {
	local native=0 pinned=0
	mkdir native pinned
	(cd native && timeout "$LIMIT" "$@" >../native.out 2>../native.err) ||
		native=$?
	(cd pinned && timeout "$LIMIT" "$pinredir" run -q "$@" >../pinned.out \
		2>../pinned.err) || pinned=$?
	diff native.err pinned.err
	diff native.out pinned.out
	[ "$native" = "$pinned" ]
	diff -r native pinned
	[ -s native.out ]
	rm -rf native pinned
	# And under a policy that has something to do
	mkdir native
	(cd native && timeout "$LIMIT" "$pinredir" run -q --allow / \
		--deny /nonesuch --rewrite /nowhere=/nonesuch --absolute "$@" \
		>../pinned.out 2>../pinned.err) || pinned=$?
	diff native.err pinned.err
	diff native.out pinned.out
	[ "$native" = "$pinned" ]
}

test_login_shell() {
	same bash -lc 'echo "$0 $-"; shopt login_shell; type -t ls; cd /; pwd
		for i in 1 2 3; do echo $i; done | tac | (read -r x; echo "$x")
		printf "%s\n" /etc/host*; (exit 3); echo $?; trap "echo bye" EXIT
		nonesuch; exit 5'
}

test_git_clone() {
	git init -q origin
	seq 1 1000 >origin/file
	mkdir origin/dir
	echo x >origin/dir/file
	git -C origin add .
	git -C origin -c user.name=x -c user.email=x@example.org commit -qm one
	git -C origin rm -q --cached file
	git -C origin -c user.name=x -c user.email=x@example.org commit -qm two
	same sh -c 'git clone -q ../origin clone && git -C clone log --format=%H%s &&
		git -C clone status --short && git -C clone fsck 2>&1 &&
		cat clone/dir/file && rm -rf clone/.git'
}

test_make() {
	# A part of this, which takes a minute here
	local makefile
	mkdir source
	cp -r "$top/Makefile" "$top/lib" "$top/include" source
	for makefile in "$top"/*/build.mk; do
		install -D -t "source/$(basename "${makefile%/*}")" "$makefile"
	done
	same sh -c 'cp -r ../source . && cd source &&
		make -s -j2 CFLAGS=-O0 build/lib/arena.o \
		build/lib/completion.o build/lib/listener.o build/lib/pinredir.pc &&
		sha256sum build/lib/*'
}

test_python_threads() {
	cat >threads.py <<-'EOT'
	import concurrent.futures, hashlib, os, subprocess, sys, threading
	def work(n):
	    name = f"file{n}"
	    with open(name, "w") as f:
	        f.write(str(n) * 1000)
	    os.rename(name, name + ".new")
	    try:
	        os.stat(name)
	    except FileNotFoundError as e:
	        missing = str(e)
	    with open(name + ".new", "rb") as f:
	        return missing, hashlib.sha256(f.read()).hexdigest()
	with concurrent.futures.ThreadPoolExecutor(8) as pool:
	    for result in pool.map(work, range(64)):
	        print(result)
	print(subprocess.run(["sh", "-c", "echo child; exit 3"],
	                     capture_output=True))
	print(sorted(os.listdir("."))[:5])
	sys.exit(7)
	EOT
	same python3 ../threads.py
}

# What is left behind goes on, under the same policy.
test_daemons() {
	mkfifo fifo
	echo secret >secret
	cat >daemon.sh <<-'EOT'
	(
		read -r line <fifo
		cat secret >stolen 2>denied
		cat /etc/hostname >copied
		echo done >over
	) </dev/null >/dev/null 2>&1 &
	exit 3
	EOT
	status 3 run --deny "$PWD/secret" sh daemon.sh
	echo go >fifo
	await test -e over
	cmp copied /etc/hostname
	grep -q 'Permission denied' denied
	[ ! -s stolen ]
	# Waited for
	(sleep 1; echo go >fifo) &
	rm over
	status 3 run --wait --deny "$PWD/secret" sh daemon.sh
	[ -e over ]
}

# The command is the process that sockets are passed to.
test_passed_sockets() {
	local listens='[ "$LISTEN_PID" = $$ ]'
	status 0 sh -c 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"' sh \
		"$pinredir" run -q sh -c "$listens"
	# Others are left as they are.
	status 0 env LISTEN_PID=1 "$pinredir" run -q sh -c '[ $LISTEN_PID = 1 ]'
	status 0 run -q sh -c '[ -z "$LISTEN_PID" ]'
}

# A supervisor that is killed lets nothing through.
test_killed_supervisors() {
	mkfifo fifo
	"$pinredir" run -q sh -c 'read -r line <fifo; cat /etc/hostname >copied; echo $? >status' \
		2>err &
	local front=$! supervisor
	exec 6>fifo
	supervisor=$(ps -o pid= --ppid $front | tr -d ' ')
	kill -KILL "$supervisor"
	local got=0
	wait $front || got=$?
	[ "$got" = 125 ]
	grep -qx 'pinredir: the supervisor was killed; what it supervised cannot go on' err
	echo go >&6
	exec 6>&-
	[ ! -s copied ]
}

suite
