#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# guest.sh PROGRAMS DIRECTORY: in the guest, runs what the list PROGRAMS names, as
# built in DIRECTORY. What they say of a test is printed behind their name, then
# their exit status; all else they say is printed behind a "#".
set -eu

list=$1 built=$2
limit=120
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

while read -r directory program arguments; do
	[ "$directory" != "#" ] || continue
	name="$directory/$program${arguments:+ $arguments}"
	user=()
	# Root has no limit.
	[ "$program" != on-fault-limit ] ||
		user=(setpriv --reuid 65534 --clear-groups)
	cd "/tmp/kselftest/$directory"
	# $arguments is a list of words. The pipe is read until the last of a
	# program's processes has closed it.
	# shellcheck disable=SC2086
	{
		status=0 start=$SECONDS
		timeout -k 5 "$limit" "${user[@]}" "./$program" $arguments \
			</dev/null 2>&1 || status=$?
		printf '\nexit %s\ntook %s s\n' "$status" $((SECONDS - start))
	} | NAME=$name awk '
		# One names its test after what it measured.
		{ sub(/Extra pages .*/, "Extra pages") }
		/^[ \t]*(not )?ok [0-9]/ || /^Bail out!/ || /^Testing / ||
		/^\[(OK|FAIL|SKIP)\]/ || /^exit / {
			print ENVIRON["NAME"] ": " $0
			next
		}
		{ print "# " $0 }'
done <"$list"
