#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# what make install installs is what a supervisor can be built with
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

make -s install DESTDIR="$work" PREFIX=/opt/pinredir B="$work/build"
export PKG_CONFIG_PATH=$work/opt/pinredir/lib/pkgconfig
export PKG_CONFIG_SYSROOT_DIR=$work
flags=$(pkg-config --cflags --libs pinredir)
static=$(pkg-config --static --cflags --libs pinredir)

tests/readme.sh >"$work/supervisor.c"
[ "$(wc -l <"$work/supervisor.c")" -gt 20 ]
# The flags are words.
# shellcheck disable=SC2086
gcc -Wall -Wextra -Werror -o "$work/supervisor" "$work/supervisor.c" $flags \
	-lseccomp
# shellcheck disable=SC2086
gcc -Wall -Wextra -Werror -static-libgcc -o "$work/static" \
	"$work/supervisor.c" -Wl,-Bstatic $static -Wl,-Bdynamic
echo '#include <pinredir.h>' >"$work/cxx.c"
gcc -std=c99 -pedantic -Wall -Wextra -Werror -I"$work/opt/pinredir/include" \
	-c -o "$work/cxx.o" "$work/cxx.c"

so=$work/opt/pinredir/lib/libpinredir.so
readelf -d "$so" | grep -q 'SONAME.*\[libpinredir.so.0\]'
# Another PREFIX, without make clean
make -s install DESTDIR="$work/usr" PREFIX=/usr B="$work/build"
grep -qx prefix=/usr "$work/usr/usr/lib/pkgconfig/pinredir.pc"
# What is linked with the archive meets no other names, but for the compiler's weak one
# for the sake of exceptions.
if nm -g --defined-only "$work/opt/pinredir/lib/libpinredir.a" |
		grep -E '^[0-9a-f]+ [A-Z] ' | grep -v ' pinredir_\| V DW\.ref\.__gcc_personality_v0$'; then
	exit 1
fi
# Nothing but what the map names, and all of it
diff <(nm -D --defined-only "$so" | sed -n 's/.* T \(.*\)@@.*/\1/p' | sort) \
	<(sed -n 's/^\t\(pinredir_.*\);/\1/p' lib/libpinredir.map | sort)
diff <(grep -oE '^[a-z].*\bpinredir_[a-z0-9_]+\(' include/pinredir.h |
		grep -oE 'pinredir_[a-z0-9_]+\(' | tr -d '(' | sort) \
	<(sed -n 's/^\t\(pinredir_.*\);/\1/p' lib/libpinredir.map | sort)

# The tool, and its completion
[ "$("$work/opt/pinredir/bin/pinredir" --version)" = \
	"pinredir $(sed -n 's/^VERSION := //p' Makefile)" ]
cmp tools/pinredir.bash \
	"$work/opt/pinredir/share/bash-completion/completions/pinredir"
