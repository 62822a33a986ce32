#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# guest.sh PROGRAMS DIRECTORY [ATTEND]: in the guest, runs what the list PROGRAMS
# names, as built in DIRECTORY. What they say of a test is printed behind their name,
# then their exit status; all else they say is printed behind a "#".
#
# With ATTEND, which is attend.c's library, those of seccomp are run again, with each
# listener attended, in each of its modes: "attended MODE " is before their name. How
# many listeners were attached, and if any was not, why, is printed then.
set -eu

list=$1 built=$2 attend=${3:-}
limit=600
huge=128

# What some of them need: swap, huge pages, ptrace among children of another.
for disk in /dev/ram[0-9]*; do
	mkswap -q "$disk"
	swapon "$disk"
done
echo "$huge" >/proc/sys/vm/nr_hugepages
[ "$(cat /proc/sys/vm/nr_hugepages)" = "$huge" ]
echo 0 >/proc/sys/kernel/yama/ptrace_scope
# They write where they are.
cp -r "$built" /tmp/kselftest

# run NAME COMMAND...: the pipe is read until the last of a program's processes has
# closed it.
run() {
	local name=$1
	shift
	{
		status=0 start=$SECONDS
		timeout -k 5 "$limit" "$@" </dev/null || status=$?
		printf '\nexit %s\ntook %s s\n' "$status" $((SECONDS - start))
	} 2>&1 | NAME=$name awk '
		# Some name a test after what they measured.
		{ sub(/Extra pages .*/, "Extra pages") }
		{ sub(/[0-9]+MB of memory/, "memory") }
		# A child may print what its parent had yet to print.
		/^[ \t]*(not )?ok [0-9]/ && seen[$0]++ { next }
		/^[ \t]*(not )?ok [0-9]/ || /^Bail out!/ || /^Testing / ||
		/^\[(OK|FAIL|SKIP)\]/ || /^exit / {
			print ENVIRON["NAME"] ": " $0
			next
		}
		{ print "# " $0 }'
}

# run_attended NAME COMMAND...: in each mode
run_attended() {
	local name=$1 mode log=/tmp/attended
	shift
	for mode in made gone parked received; do
		: >"$log"
		# Tests run as others than root.
		chmod 666 "$log"
		run "attended $mode $name" env LD_PRELOAD="$attend" \
			ATTEND="$mode" ATTEND_LOG="$log" "$@"
		sort "$log" | uniq -c | while read -r count what; do
			echo "listeners $mode: $count $what"
		done
	done
}

while read -r directory program arguments; do
	[ "$directory" != "#" ] || continue
	name="$directory/$program${arguments:+ $arguments}"
	how=()
	# Root has no limit, and where things lie decides a test of mremap.
	case $program in
	on-fault-limit) how=(setpriv --reuid 65534 --clear-groups) ;;
	mremap_test) how=(setarch -R) ;;
	esac
	cd "/tmp/kselftest/$directory"
	# $arguments is a list of words.
	# shellcheck disable=SC2086
	run "$name" "${how[@]}" "./$program" $arguments
	[ "${attend:+$directory}" = seccomp ] || continue
	# shellcheck disable=SC2086
	run_attended "$name" "./$program" $arguments
done <"$list"
