# SPDX-License-Identifier: GPL-2.0-only
# For the tests of the tool, in the guest: each function whose name begins with
# "test_" is one, in a directory and a shell of its own, where every command has to
# succeed. Counted as CMocka's are, for tests/tap.sh.
set -u

top=$(cd "$(dirname "$0")/../.." && pwd)
pinredir=$top/build/tools/pinredir
# shellcheck disable=SC2034
programs=$top/build/tests/tools
export LC_ALL=C

# The guest's /dev is the kernel's alone.
[ -e /dev/fd ] || ln -s /proc/self/fd /dev/fd

# What is not over by then hangs.
LIMIT=240

run() {
	"$pinredir" run "$@"
}

trace() {
	"$pinredir" trace "$@"
}

# status N COMMAND...: it has to exit with that; "run" and "trace" as above
status() {
	local want=$1 got=0
	shift
	case $1 in
	run | trace) set -- "$pinredir" "$@" ;;
	esac
	timeout --foreground -k 5 "$LIMIT" "$@" || got=$?
	[ "$got" = "$want" ] || { echo "status $got, not $want: $*"; return 1; }
}

# usage TEXT ARGUMENT...: the tool fails with this as its first line
usage() {
	local want=$1 got
	shift
	status 125 "$pinredir" "$@" >out 2>err
	read -r got <err
	[ "$got" = "$want" ] || { echo "it says: $got"; return 1; }
	[ ! -s out ]
}

# Bytes from hexadecimal
unhex() {
	python3 -c 'import sys
sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))'
}

# await COMMAND...: until it succeeds
await() {
	local end=$((SECONDS + LIMIT))
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || { echo "in vain: $*"; return 1; }
		sleep 0.1
	done
}

suite() {
	local name number=0 failed=0 dir got
	# With $TEST: those alone whose names match it
	for name in $(declare -F | sed -n 's/^declare -f \(test_.*\)$/\1/p' |
			grep -E "${TEST:-}"); do
		number=$((number + 1))
		dir=$(mktemp -d)
		(
			set -e
			cd "$dir"
			"$name"
		) >"$dir.out" 2>&1 </dev/null
		got=$?
		if [ "$got" = 0 ]; then
			echo "ok $number - ${name#test_}"
		else
			echo "not ok $number - ${name#test_}"
			sed 's/^/# /' "$dir.out"
			failed=$((failed + 1))
		fi
		rm -rf "$dir" "$dir.out"
	done
	echo "1..$number"
	[ "$failed" = 0 ]
}
