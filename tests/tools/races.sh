#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# pinredir run: targets that race it
# Tests are called by their names, and each works in a subshell.
# shellcheck disable=SC2317,SC2016
# shellcheck source-path=SCRIPTDIR source=suite.bash
. "$(dirname "$0")/suite.bash"

CALLS=3000
# The debug kernel has other things to look at, and takes its time for each.
[ ! -e /sys/kernel/debug/kmemleak ] || CALLS=500

# count COMMAND...: how many calls opened what is denied. A failure ends no shell
# that is there for its output.
count() {
	local calls forbidden
	if ! status 0 "$@" >count.out || ! read -r calls forbidden <count.out ||
			[ "$calls" != $CALLS ]; then
		cat count.out >&2
		return 1
	fi
	echo "$forbidden"
}

# won COMMAND...: the race can be won, if not always with so few calls
won() {
	local tries=10
	until [ "$(count "$@")" -gt 0 ]; do
		[ $((tries -= 1)) -gt 0 ]
	done
}

paths() {
	mkdir race
	echo a >race/a
	echo f >race/f
}

test_a_racing_path_is_denied() {
	local forbidden
	paths
	# The race can be won, against who checks and continues.
	won "$top/build/demo/supervise" --unpinned --only "$PWD/race/a" \
		"$top/build/demo/race" "$PWD/race" $CALLS
	forbidden=$(count "$pinredir" run --deny "$PWD/race/f" \
		"$top/build/demo/race" "$PWD/race" $CALLS)
	[ "$forbidden" = 0 ]
	forbidden=$(count "$pinredir" run --remember --deny "$PWD/race/f" \
		"$top/build/demo/race" "$PWD/race" $CALLS)
	[ "$forbidden" = 0 ]
	forbidden=$(count "$pinredir" run --allow / --deny "$PWD/race" \
		--allow "$PWD/race/a" \
		"$top/build/demo/race" "$PWD/race" $CALLS)
	[ "$forbidden" = 0 ]
}

# Pinned bytes do not help where they are relative to what changes.
test_a_racing_directory_is_denied_by_absolute() {
	local forbidden
	mkdir -p top/dir top/other
	echo a >top/dir/file
	echo f >top/other/file
	won "$pinredir" run --deny "$PWD/top/other/file" \
		"$programs/directory" top/dir top/other $CALLS
	forbidden=$(count "$pinredir" run --absolute \
		--deny "$PWD/top/other/file" \
		"$programs/directory" top/dir top/other $CALLS)
	[ "$forbidden" = 0 ]
}

# A record is of the bytes that ran.
test_a_racing_path_is_logged_as_it_ran() {
	local allowed opened
	paths
	status 0 run --log log --deny "$PWD/race/f" \
		"$top/build/demo/race" "$PWD/race" $CALLS
	allowed=$(grep -c "openat allow \"$PWD/race/a\"" log)
	opened=$(grep -c "openat deny \"$PWD/race/f\"" log)
	[ $((allowed + opened)) = $CALLS ]
	[ "$opened" -gt 0 ]
}

test_a_racing_path_is_traced_as_it_ran() {
	local forbidden
	paths
	forbidden=$(count "$pinredir" trace --log trace \
		"$top/build/demo/race" "$PWD/race" $CALLS)
	[ "$forbidden" -gt 0 ]
	[ "$(grep -Ec "openat\(AT_FDCWD, \"$PWD/race/f\", 0, 0\) = [0-9]+$" \
		trace)" = "$forbidden" ]
	[ "$(grep -Ec "openat\(AT_FDCWD, \"$PWD/race/[af]\", 0, 0\) = [0-9]+$" \
		trace)" = $CALLS ]
}

suite
