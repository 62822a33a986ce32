#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh [record|compare]: runs those of the kernel's own tests that "programs"
# lists on the kernel with the series, and compares what they say, test by test,
# with what they said without it, which is in "expected".
#
#   compare  runs them without the series as well, and compares all three; and
#            looks at what is said there of what is missing (unpatched.sh)
#   record   runs them without the series only, and writes "expected"
set -eu

mode=${1:-check}
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
work=$top/build/kselftest
selftests=tools/testing/selftests

# Into a tree of their own: some write beside their source, whatever they are told.
build() {
	local src directory names
	src=$(readlink -f "$1/source")
	if [ "$(cat "$work/source" 2>/dev/null)" != "$src" ]; then
		rm -rf "$work"
		mkdir -p "$work/src" "$work/headers"
		make -C "$src" O="$work/headers" -j"$(nproc)" headers_install \
			INSTALL_HDR_PATH="$work/src/usr" || return 1
		(cd "$src" && rsync -aR mm/gup_test.h tools/include \
			"$selftests"/{lib.mk,kselftest.h,kselftest_harness.h} \
			"${directories[@]/#/$selftests/}" "$work/src") ||
			return 1
		echo "$src" >"$work/source"
	fi
	for directory in "${directories[@]}"; do
		mapfile -t names < <(awk -v d="$directory" \
			'$1 == d && !seen[$2]++ { print $2 }' "$here/programs")
		mkdir -p "$work/bin/$directory"
		# One of the 64-bit programs is made only where 32-bit ones are.
		make -C "$work/src/$selftests/$directory" -j"$(nproc)" \
			CAN_BUILD_I386=1 OUTPUT="$work/bin/$directory" \
			"${names[@]/#/$work/bin/$directory/}" || return 1
	done
}

# What they say on a kernel, to build/kselftest/VARIANT
results() {
	local variant=$1 kernel
	kernel=$("$top/tests/vm/kernel.sh" "$variant")
	if ! "$top/tests/vm/run.sh" -k "$kernel" -t 1800 \
			-l "$work/console-$variant.log" -- "$here/guest.sh" \
			"$here/programs" "$work/bin" >"$work/$variant.log"; then
		tail -n 30 "$work/$variant.log"
		echo "kselftest: no end to it on the $variant kernel"
		exit 1
	fi
	grep -v '^#' "$work/$variant.log" >"$work/$variant"
}

# On the kernel without the series, the tool says that it is missing.
unpatched() {
	local kernel module
	kernel=$("$top/tests/vm/kernel.sh" reference)
	module=$("$top/tests/vm/module.sh" plain)
	"$top/tests/vm/run.sh" -k "$kernel" -l "$work/console-unpatched.log" -- \
		env SECCOMP_PIN_MODULE="$module" "$top/tests/tap.sh" \
		"$here/unpatched.sh"
}

# compare FILE FILE WHAT
compare() {
	if ! diff -U0 "$1" "$2"; then
		echo "kselftest: $3 differ; all they said: $work/*.log"
		return 1
	fi
	echo "kselftest: $3 are the same: $(wc -l <"$2") results"
}

mapfile -t directories < <(grep -v '^#' "$here/programs" | cut -d' ' -f1 | sort -u)
kernel=$("$top/tests/vm/kernel.sh" plain)
mkdir -p "$work"
if ! build "$kernel" >"$top/build/kselftest.log" 2>&1; then
	tail -n 30 "$top/build/kselftest.log" >&2
	exit 1
fi

grep -v '^#' "$here/expected" >"$work/expected"

case $mode in
check)
	# They have time limits of their own, which a busy machine can exceed.
	for _ in once again; do
		results plain
		compare "$work/expected" "$work/plain" \
			"the recorded and these" && exit
	done
	exit 1
	;;
compare)
	status=0
	unpatched || status=1
	results reference
	results plain
	compare "$work/reference" "$work/plain" \
		"without and with the series" || status=1
	compare "$work/expected" "$work/reference" \
		"the recorded and those without the series" || status=1
	exit $status
	;;
record)
	results reference
	{
		sed -n '/^#/p' "$here/expected"
		cat "$work/reference"
	} >"$work/expected"
	mv "$work/expected" "$here/expected"
	;;
*)
	echo "run.sh: no such mode: $mode" >&2
	exit 2
	;;
esac
