#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# the examples build by the line that they tell, and documents show them as they are
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

make -s install DESTDIR="$work" PREFIX=/opt/pinredir B="$work/build"
export PKG_CONFIG_PATH=$work/opt/pinredir/lib/pkgconfig
export PKG_CONFIG_SYSROOT_DIR=$work
mkdir "$work/examples"
cp examples/*.c "$work/examples"
for file in examples/*.c; do
	line=$(sed -n 's/^ \* \(gcc .*\)/\1/p' "$file")
	name=$(basename "$file" .c)
	case $line in
	gcc*" -o $name $name.c "*) ;;
	*) echo "$file: no line to build it by"; exit 1 ;;
	esac
	(cd "$work/examples" && sh -c "${line/gcc/gcc -Wall -Wextra -Werror}")
	[ -x "$work/examples/$name" ]
done

# What is behind the comment at the start
sed '1,/^ \*\/$/d' examples/smallest.c | diff -u --label examples/smallest.c \
	--label README.md - <(tests/readme.sh)
if diff -U 2 --label racy.c --label sound.c examples/racy.c examples/sound.c \
		>"$work/diff"; then
	exit 1
fi
# The quotes are Markdown's.
# shellcheck disable=SC2016
diff -u --label 'what is shown' --label 'what is so' \
	<(sed -n '/^```diff$/,/^```$/p' docs/porting.md | sed '/^```/d') "$work/diff"
