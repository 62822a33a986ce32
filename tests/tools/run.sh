#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# pinredir run: options, policies, logs, statuses
# Tests are called by their names, and each works in a subshell.
# shellcheck disable=SC2317,SC2030,SC2031,SC2016,SC2012
# shellcheck source-path=SCRIPTDIR source=suite.bash
. "$(dirname "$0")/suite.bash"

test_help() {
	local sub
	run --help | grep -q '^usage: pinredir run '
	run -h | cmp - <(run --help)
	for sub in trace check; do
		"$pinredir" $sub --help | grep -q "^usage: pinredir $sub "
	done
	"$pinredir" --help | grep -q '^usage: pinredir run '
	# Every option is in it.
	for option in allow deny rewrite policy absolute remember log json wait \
			quiet help; do
		run --help | grep -q -- "--$option"
	done
	status 125 "$pinredir" run --help >/dev/full
}

test_version() {
	local version
	version=$(sed -n 's/^VERSION := //p' "$top/Makefile")
	[ "$("$pinredir" --version)" = "pinredir $version" ]
}

test_usage() {
	usage 'pinredir: no subcommand'
	usage 'pinredir: no such subcommand: walk' walk
	usage 'pinredir run: no command' run
	usage 'pinredir run: no command' run --deny /a --
	usage "pinredir run: unrecognized option '--nonesuch'" run --nonesuch true
	usage "pinredir run: option '--deny' requires an argument" run --deny
	usage 'pinredir run: --deny etc: the path is not absolute' \
		run --deny etc true
	usage 'pinredir run: --allow : the path is not absolute' \
		run --allow '' true
	usage "pinredir run: --rewrite /a: there is no '='" run --rewrite /a true
	usage 'pinredir run: --rewrite /a=b: the path is not absolute' \
		run --rewrite /a=b true
	usage 'pinredir run: --rewrite /a=/c: the path is rewritten to another one already' \
		run --rewrite /a=/b --rewrite /a=/c true
	usage 'pinredir run: --remember leaves nothing to log' \
		run --remember --json true
	usage 'pinredir run: --remember leaves nothing to log' \
		run --remember --log log true
}

# A limit that a supervisor cannot begin under: it says so, and leaves nobody waiting.
test_limits() {
	local name=$PWD/no-limit
	cp /bin/true "$name"
	(ulimit -v 60000 && status 125 run "$name" 2>err)
	grep -q 'Cannot allocate memory' err
	# It has been reaped, or its parent is init, which reaps it.
	await eval '! pgrep -f "$name"'
}

test_policy_files() {
	usage 'pinredir run: nonesuch: No such file or directory' \
		run --policy nonesuch true
	usage 'pinredir run: .: Is a directory' run --policy . true
	printf 'allow /usr\n\npermit /etc\n' >policy
	usage 'pinredir run: policy:3: the line begins with neither allow, deny nor rewrite' \
		run --policy policy true
	printf '# for cat\nallow /\ndeny "/etc/\\150ostname" # not this\n' >policy
	status 1 run --policy policy cat /etc/hostname 2>err
	grep -q 'hostname: Permission denied' err
	echo 'rewrite /etc/hostname /etc/debian_version' >policy
	status 0 run --policy policy cat /etc/hostname >out
	cmp out /etc/debian_version
	# With rules of the command line
	status 1 run --policy policy --deny /etc/hostname cat /etc/hostname
}

test_exit_statuses() {
	status 0 run true
	status 7 run -- sh -c 'exit 7'
	status 137 run -- sh -c 'kill -KILL $$'
	status 143 run -- sh -c 'kill -TERM $$'
	status 127 run nonesuch 2>err
	grep -qx 'pinredir run: nonesuch: No such file or directory' err
	status 127 run /nonesuch 2>err
	grep -qx 'pinredir run: /nonesuch: No such file or directory' err
	status 126 run /etc/passwd 2>err
	grep -qx 'pinredir run: /etc/passwd: Permission denied' err
	status 126 run --deny /bin /bin/true
	printf 'nothing that runs' >file
	chmod +x file
	status 126 run ./file 2>err
	grep -qx 'pinredir run: ./file: Exec format error' err
}

test_deny() {
	echo secret >secret
	status 1 run --deny "$PWD/secret" cat "$PWD/secret" >out 2>err
	grep -q 'secret: Permission denied' err
	[ ! -s out ]
	# However it is written, and relative to whatever
	status 1 run --deny "$PWD/secret" cat "$PWD//./x/../secret"
	status 1 run --deny "$PWD/secret" cat secret
	status 1 run --deny "$PWD/secret" cat ./secret
	status 1 run --deny "$PWD/secret" sh -c 'cd / && cat ".$1"' sh "$PWD/secret"
	# What is below it, and not what only begins like it
	mkdir dir
	echo x >dir/x
	echo x >dirx
	status 1 run --deny "$PWD/dir" cat dir/x
	status 0 run --deny "$PWD/dir" cat dirx
}

test_allow() {
	local base=(--allow /usr --allow /bin --allow /lib --allow /lib64
		--allow /etc/ld.so.cache)
	echo x >x
	echo y >y
	status 0 run "${base[@]}" --allow "$PWD/x" cat x
	status 1 run "${base[@]}" --allow "$PWD/x" cat y 2>err
	grep -q 'y: Permission denied' err
	status 0 run "${base[@]}" --allow "$PWD" --deny "$PWD/x" cat y
	status 1 run "${base[@]}" --allow "$PWD" --deny "$PWD/x" cat x
	# The longest decides, in any order.
	status 0 run --deny "$PWD" --allow "$PWD/x" --allow / cat x
	status 1 run --allow / --allow "$PWD/x" --deny "$PWD" cat y
	# Nothing is allowed by itself: not even the program.
	status 126 run --allow "$PWD" cat x
}

test_rewrite() {
	mkdir real
	echo file >real/file
	echo secret >real/secret
	status 0 run --rewrite "/nonesuch=$PWD/real" cat /nonesuch/file >out
	[ "$(cat out)" = file ]
	status 0 run --rewrite "/nonesuch=$PWD/real" ls /nonesuch/ >out
	grep -qx secret out
	status 1 run --rewrite "/nonesuch=$PWD/real" \
		--deny "$PWD/real/secret" cat /nonesuch/secret
	# A slash at the end wants a directory, still.
	status 1 run --rewrite "/nonesuch=$PWD/real" cat /nonesuch/file/ 2>err
	grep -q 'Not a directory' err
	# What becomes too long
	status 1 run --rewrite "/n=/$(printf 'x%.0s' {1..300})" \
		cat "/n/$(printf '/x%.0s' {1..1990})" 2>err
	grep -q 'File name too long' err
}

test_two_paths() {
	echo x >x
	mkdir new
	status 1 run --deny "$PWD/new" mv x new/x 2>err
	grep -q 'Permission denied' err
	status 1 run --deny "$PWD/x" mv x y
	status 1 run --deny "$PWD/y" ln x y
	[ -e x ] && [ ! -e y ] && [ ! -e new/x ]
	status 0 run --rewrite "$PWD/y=$PWD/new/z" mv x y
	[ "$(cat new/z)" = x ]
	# The text of a symbolic link is no path yet; where it is made is.
	status 0 run --deny /nonesuch ln -s /nonesuch link
	[ "$(readlink link)" = /nonesuch ]
	status 1 run --deny "$PWD/other" ln -s x other
}

test_directory_fds() {
	mkdir dir
	echo x >dir/x
	cat >at.py <<-'EOT'
	import errno, os, sys
	dir = os.open(sys.argv[1], os.O_RDONLY)
	path = os.open(sys.argv[1], os.O_PATH)
	file = os.open("/etc/hostname", os.O_RDONLY)
	def result(call):
	    try:
	        call()
	        return "0"
	    except OSError as e:
	        return errno.errorcode[e.errno]
	for fd in dir, path:
	    print(result(lambda: os.open("x", os.O_RDONLY, dir_fd=fd)))
	    print(result(lambda: os.open("../dir/x", os.O_RDONLY, dir_fd=fd)))
	    print(result(lambda: os.open("y", os.O_RDONLY, dir_fd=fd)))
	print(result(lambda: os.open("x", os.O_RDONLY, dir_fd=999)))
	print(result(lambda: os.open("x", os.O_RDONLY, dir_fd=file)))
	EOT
	status 0 python3 at.py dir >out
	printf '0\n0\nENOENT\n0\n0\nENOENT\nEBADF\nENOTDIR\n' | cmp - out
	status 0 run --deny "$PWD/dir/x" python3 at.py dir >out
	printf 'EACCES\nEACCES\nENOENT\nEACCES\nEACCES\nENOENT\nEBADF\nENOTDIR\n' |
		cmp - out
}

# What the kernel would say to it, it says.
test_odd_paths() {
	"$programs/odd" >native
	status 0 run --deny /never "$programs/odd" >pinned
	cmp native pinned
	grep -q ENAMETOOLONG native
	grep -q EFAULT native
}

test_removed_directories() {
	# Who is in one cannot be judged.
	cat >removed.sh <<-'EOT'
	mkdir gone && cd gone && rmdir ../gone
	cat "../../../../../../../../../$1" && exit 9
	cat /etc/hostname
	EOT
	status 9 sh removed.sh etc/debian_version
	status 0 run --deny /etc/debian_version sh removed.sh etc/debian_version
	# If nothing is denied, there is nothing to get round.
	status 9 run --rewrite /a=/b sh removed.sh etc/debian_version
}

# An i386 program that exits with 9 if getpid() works. Elsewhere that is writev().
i386_program() {
	# Its header: 32 bits, an executable, one segment. That segment: all of it, to
	# be read and executed. Then: getpid(); exit(%eax > 0 ? 9 : 0)
	unhex >"$1" <<-'EOT'
	7f454c46 01010100 00000000 00000000 0200 0300 01000000 54800408
	34000000 00000000 00000000 3400 2000 0100 0000 0000 0000
	01000000 00000000 00800408 00800408 6d000000 6d000000 05000000 00100000
	b814000000 cd80 31db 85c0 7e05 bb09000000 b801000000 cd80
	EOT
	chmod +x "$1"
}

test_what_would_get_round_it_does_not_run() {
	i386_program i386
	status 9 ./i386
	status 159 run ./i386
	status 0 run "$programs/round" ring
	status 159 run "$programs/round" int80
	status 159 run "$programs/round" x32
	# They do without, where the kernel knows them.
	status 9 "$programs/round" ring
	status 9 "$programs/round" int80
}

test_summary() {
	echo x >x
	run --deny "$PWD/x" --rewrite "$PWD/y=$PWD/z" \
		sh -c 'cat x; cat y; exit 0' 2>err
	grep -Eqx 'pinredir run: [0-9]+ calls: [0-9]+ allowed, 1 rewritten, 1 denied, 0 failed' err
	# The numbers add up.
	sed -n 's/^pinredir run: //p' err | tr -dc '0-9 \n' |
		while read -r calls allowed rewritten denied failed; do
			[ "$calls" -gt 2 ]
			[ "$calls" = $((allowed + rewritten + denied + failed)) ]
		done
	run -q true 2>err
	[ ! -s err ]
	run --quiet --json true 2>err
	grep -qv summary err
	[ "$(grep -c summary err)" = 0 ]
}

test_log() {
	echo x >x
	status 1 run --log log --deny "$PWD/x" --rewrite "$PWD/y=$PWD/z" \
		cat "$PWD/x" y
	local when='[0-9]{10}\.[0-9]{6} [0-9]+'
	grep -Eqx "$when execve allow \"/[^\"]*/cat\"" log
	grep -Eqx "$when openat deny \"$PWD/x\" by \"$PWD/x\" EACCES" log
	grep -Eqx "$when openat rewrite \"y\" = \"$PWD/y\" -> \"$PWD/z\"" log
	# Appended to
	local lines
	lines=$(wc -l <log)
	run --log log true
	[ "$(wc -l <log)" -gt "$lines" ]
	head -n "$lines" log | grep -q EACCES
	usage 'pinredir run: --log /nonesuch/log: No such file or directory' \
		run --log /nonesuch/log true
}

test_json() {
	echo x >x
	status 1 run --json --log log --deny "$PWD/x" \
		--rewrite "$PWD/y=$PWD/z" cat "$PWD/x" y 2>err
	grep -qv pinredir err
	jq -es --arg dir "$PWD" '
		(map(select(.decision == "deny")) | length == 1 and
			.[0].call == "openat" and .[0].errno == "EACCES" and
			.[0].paths[0].path == $dir + "/x" and
			.[0].paths[0].rule == $dir + "/x" and
			(.[0].pid | type) == "number" and
			(.[0].time | type) == "number") and
		(map(select(.decision == "rewrite")) | length == 1 and
			.[0].paths[0].path == "y" and
			.[0].paths[0].absolute == $dir + "/y" and
			.[0].paths[0].to == $dir + "/z") and
		(last.summary | .denied == 1 and .rewritten == 1 and
			.failed == 0 and .allowed > 2)' log
	# To standard error, without a file
	run --json true 2>err
	jq -es 'length > 2 and (map(select(.call == "execve")) | length > 0)' err
}

# Names make no records.
test_names_forge_no_records() {
	local name=$'a\n1234567890.123456 1 openat allow "forged"\n\e[2J\xff"'
	: >"$name"
	status 0 run --log log cat "$name"
	[ "$(grep -c forged log)" = 1 ]
	grep -F '"a\n1234567890.123456 1 openat allow \"forged\"\n\033[2J\377\""' log
	status 0 run --json --log json cat "$name"
	jq -es 'map(select(.paths and .paths[0].path_hex)) | length == 1' json
	jq -r 'select(.paths).paths[0].path_hex // empty' json | unhex |
		cmp - <(printf %s "$name")
	LC_ALL=C grep -q '[^ -~]' log json && return 1
	:
}

# Who does not read the log keeps nobody waiting.
test_slow_logs() {
	mkfifo fifo
	usage 'pinredir run: --log fifo: nobody reads it' run --log fifo true
	# Open for reading, never read: more than the pipe and the ring hold
	exec 5<>fifo
	status 0 run --log fifo sh -c 'for i in $(seq 600); do [ -e "$1" ]; done
		exit 0' sh "/nonesuch$(printf '/xxxxxxx%.0s' {1..400})" 2>err
	grep -Eqx 'pinredir run: [0-9]+ records are not in the log' err
	exec 5>&-
	status 0 run --log /dev/full cat /etc/hostname 2>err
	grep -qx 'pinredir run: writing the log: No space left on device' err
	grep -Eq 'pinredir run: [0-9]+ records are not in the log' err
}

test_remembered() {
	local i
	echo x >x
	cat >again.sh <<-'EOT'
	i=0
	while [ $i -lt 50 ]; do
		[ -r "$1/x" ] && echo x
		[ -r "$1/y" ] && echo y
		i=$((i + 1))
	done
	EOT
	status 0 run --remember --deny "$PWD/y" --rewrite "$PWD/x=/etc/hostname" \
		sh again.sh "$PWD" >out 2>err
	[ "$(grep -c x out)" = 50 ]
	grep -q y out && return 1
	# Most are not asked about.
	cat err
	i=$(sed -n 's/^pinredir run: .*; \([0-9]*\) more as remembered$/\1/p' err)
	[ "$i" -ge 90 ]
	# Relative ones are, each time.
	mkdir a b
	echo a >a/x
	echo b >b/x
	cat >relative.sh <<-'EOT'
	for i in 1 2 3; do
		cd a; cat x; cd ../b; cat x; cd ..
	done
	EOT
	status 0 run --remember --deny "$PWD/b/x" sh relative.sh >out 2>err
	cat out err
	[ "$(cat out)" = $'a\na\na' ]
}

test_open_files_are_the_commands() {
	local out
	echo five >five
	exec 5<five
	status 0 run cat /dev/fd/5 >out
	[ "$(cat out)" = five ]
	# The same as without, and nothing of pinredir's
	exec 5<five
	ls -l /proc/self/fd | sed 's/.* \([0-9]*\) -> .*/\1/' | sort >native
	run -q ls -l /proc/self/fd | sed 's/.* \([0-9]*\) -> .*/\1/' | sort >pinned
	cmp native pinned
	exec 5<&-
	# What is closed is closed, and nothing else is there.
	status 0 run -q sh -c '[ ! -e /proc/self/fd/0 ]' <&-
	status 0 run -q --log log sh -c '[ ! -e /proc/$$/fd/2 ]' 2>&-
	# Process substitution
	[ "$(run -q cat <(echo substituted))" = substituted ]
	out=$(echo piped | run -q cat | cat)
	[ "$out" = piped ]
}

test_surroundings_are_the_commands() {
	cat >surroundings.sh <<-'EOT'
	grep -E 'Sig(Blk|Ign|Cgt)' /proc/self/status
	ulimit -a
	umask
	pwd
	env | grep -vE '^(_|SHLVL)=' | sort
	ps -o pgid= -p $$ | tr -d ' ' | sed "s/^$GROUP\$/same group/"
	EOT
	GROUP=$(ps -o pgid= -p $$ | tr -d ' ')
	export GROUP
	bash surroundings.sh >native
	run -q bash surroundings.sh >pinned
	diff native pinned
	grep -q 'same group' native
	# As nohup(1) has it
	(trap '' HUP; bash surroundings.sh) >native
	(trap '' HUP; run -q bash surroundings.sh) >pinned
	diff native pinned
}

suite
