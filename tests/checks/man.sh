#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# the manuals are whole and lint-clean, and the examples in them compile
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
make -s install-man DESTDIR="$work/root" PREFIX=/usr B="$work/build"
top=$PWD
cd "$work/root/usr/share/man"

complain() {
	echo "$*"
	exit 1
}

# What of it is not looked at: references, which follow, and that this is no part
# of a BSD.
for page in man*/*.[0-9]; do
	[ "$(head -c 3 "$page")" != .so ] || continue
	mandoc -T lint "$page" 2>/dev/null || [ $? -le 2 ] ||
		complain "$page is no manual" >&2
done >"$work/lint"
if grep -v -e 'referenced manual not found' \
		-e 'operating system explicitly specified' "$work/lint"; then
	complain "mandoc complains"
fi
sed -n 's/^\.so \(.*\)/\1/p; s/^\.Xr \([^ ]*\) \([0-9]\).*/man\2\/\1.\2/p' \
	man*/*.[0-9] | sort -u |
	grep -E '/(libpinredir|pinredir_[_a-z]*|seccomp_pin)\.[0-9]$' >references
[ "$(wc -l <references)" -gt 20 ]
while read -r page; do
	[ -e "$page" ] || complain "$page is referred to, and not there"
done <references

sed -n 's/^\t\(pinredir_.*\);/\1/p' "$top/lib/libpinredir.map" >functions
[ "$(wc -l <functions)" -gt 30 ]
while read -r function; do
	[ -e "man3/$function.3" ] || complain "$function has no page"
done <functions

# As they are shown
examples=0
for page in man*/*.[0-9]; do
	mandoc -T ascii "$page" 2>/dev/null | sed 's/.\x08//g' |
		sed -n '/^EXAMPLES$/,/^[A-Z]/{/^[A-Z]/d;p}' >example.c
	[ -s example.c ] || continue
	grep -q pinredir_ example.c || continue
	gcc -std=gnu11 -Wall -Wextra -Werror -I"$top/include" -c \
		-o example.o example.c || complain "the example in $page"
	examples=$((examples + 1))
done
[ "$examples" -gt "$(find "$top/man/examples" -name '*.c' | wc -l)" ] ||
	complain "only $examples examples"

# fails MESSAGE SED: the header, edited so, is not made pages of
fails() {
	sed "$2" "$top/include/pinredir.h" >header.h
	if cmp -s header.h "$top/include/pinredir.h" ||
			python3 -B "$top/tools/man3.py" header.h \
			"$top/man/examples" out today release 2>message; then
		complain "missed: $1"
	fi
	grep -q "$1" message || complain "$(cat message)"
}
fails 'pinredir_new is not documented' \
	'/^int pinredir_open/i int pinredir_new(int a);'
fails 'pinredir_close is not documented' \
	'/^ \* pinredir_close - /s/^/ */; /pinredir_close - /s/_close/_clos/'
fails '@listener is not documented' '/^ \* @listener: a seccomp/d'
fails '@nothing is not there' '/^ \* @listener: a seccomp/a \ * @nothing: at all'
fails 'pinredir_drop: what does it return' '/^ \* Return: 0, -EINVAL (the context/d'
