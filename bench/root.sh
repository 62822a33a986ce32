#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# root.sh DIR: makes DIR/root.tar: what the commands of the table "work" need, for a
# root in the guest's memory. What that is, strace tells: they are run here once.
set -eu

dir=$1
here=$(cd "$(dirname "$0")" && pwd)
bench=$here/../build/bench/bench

rm -rf "$dir/root"
mkdir -p "$dir/root/"{dev,tmp,work/{gcc,pipelines,find,python-import}}
dir=$(cd "$dir" && pwd)
work=$dir/root/work
"$here/checkout.sh" "$work/git-status" 50

cat >"$work/gcc/small.c" <<'END'
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (access(argv[i], R_OK))
			fprintf(stderr, "%s: %s\n", argv[i], strerror(errno));
	return EXIT_SUCCESS;
}
END

# 20 times 5 commands, none of which is the shell itself
for _ in {1..20}; do
	echo 'ls / | sort | uniq -c | sort -rn | head -n 1'
done >"$work/pipelines/pipelines"

# A path without links, and the links that were on it
chain() {
	local at='' part parts link
	IFS=/ read -ra parts <<<"$1"
	for part in "${parts[@]}"; do
		case $part in
		'' | .) ;;
		..) at=${at%/*} ;;
		*)
			at=$at/$part
			[ -L "$at" ] || continue
			echo "${at#/}"
			link=$(readlink "$at")
			[ "${link#/}" != "$link" ] || link=${at%/*}/$link
			chain "$link"
			at=$(realpath "$at")
			;;
		esac
	done
	[ -z "$at" ] || echo "${at#/}"
}

# What a command asks for, and is there
touched() {
	(cd "$work/$1" && strace -f -qq -e trace=%file -e status=successful \
		-o "$dir/trace" "$bench" command "$1" >/dev/null)
	sed -n 's/^[^"]*"\(\/[^"]*\)".*/\1/p' "$dir/trace"
}

# Programs' interpreter is opened by no call.
interpreter=/lib64/ld-linux-x86-64.so.2

for name in $("$bench" commands); do
	# Of the files that it finds, names will do.
	if [ "$name" = find ]; then
		touched "$name" | grep -v '^/usr/include'
	else
		touched "$name"
	fi
done | sort -u | grep -Ev "^($dir|/(dev|proc|sys|tmp))(/|\$)" |
{ cat; echo "$interpreter"; } | while read -r path; do
	[ ! -e "$path" ] || chain "$path"
done | sort -u >"$dir/list"

cd /
cp -a --parents --attributes-only -t "$dir/root" usr/include
rm -rf "$work/git-status"
mkdir "$work/git-status"
tar -C "$dir/root" -cf "$dir/root.tar" .
tar --no-recursion -T "$dir/list" -rf "$dir/root.tar"
