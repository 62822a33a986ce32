#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh [record|compare]: runs those of the kernel's own tests that "programs"
# lists on the kernel with the series, and compares what they say, test by test,
# with what they said without it, which is in "expected". Those of seccomp are run
# again there, with a context attached to each listener, in all the ways of attend.c:
# they have to say the same.
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
attend=$top/build/tests/kselftest/attend.so

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

# results VARIANT [MODULE]: what they say on a kernel, to build/kselftest/VARIANT;
# what those say that are attended by the module, to VARIANT-attended
results() {
	local variant=$1 module=${2:-} kernel
	kernel=$("$top/tests/vm/kernel.sh" "$variant")
	if ! "$top/tests/vm/run.sh" -k "$kernel" ${module:+-m "$module"} -t 1800 \
			-l "$work/console-$variant.log" -- "$here/guest.sh" \
			"$here/programs" "$work/bin" ${module:+"$attend"} \
			>"$work/$variant.log"; then
		tail -n 30 "$work/$variant.log"
		echo "kselftest: no end to it on the $variant kernel"
		exit 1
	fi
	grep -Ev '^(#|attended |listeners )' "$work/$variant.log" \
		>"$work/$variant"
	grep -E '^(attended|listeners) ' "$work/$variant.log" \
		>"$work/$variant-attended" || [ -z "$module" ]
}

# attended FILE: as the same tests in FILE, in each mode, and all listeners were
attended() {
	local told=$work/plain-attended status=0 mode
	grep '^seccomp/' "$1" >"$work/unattended"
	for mode in made gone parked received; do
		sed -n "s/^attended $mode //p" "$told" >"$work/attended-$mode"
		compare "$work/unattended" "$work/attended-$mode" \
			"unattended and attended ($mode)" || status=1
		if ! grep -Eqx "listeners $mode: [0-9]+ attached" "$told"; then
			echo "kselftest: no listener was attached ($mode)"
			status=1
		fi
	done
	if grep '^listeners ' "$told" | grep -v ' attached$'; then
		echo "kselftest: not all listeners were attached"
		status=1
	fi
	return $status
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
if ! { build "$kernel" && make -C "$top" kselftest-programs; } \
		>"$top/build/kselftest.log" 2>&1; then
	tail -n 30 "$top/build/kselftest.log" >&2
	exit 1
fi

grep -v '^#' "$here/expected" >"$work/expected"

case $mode in
check)
	# They have time limits of their own, which a busy machine can exceed.
	module=$("$top/tests/vm/module.sh" plain)
	for _ in once again; do
		results plain "$module"
		status=0
		compare "$work/expected" "$work/plain" \
			"the recorded and these" || status=1
		attended "$work/expected" || status=1
		[ $status -ne 0 ] || exit 0
	done
	exit 1
	;;
compare)
	status=0
	unpatched || status=1
	module=$("$top/tests/vm/module.sh" plain)
	results reference
	results plain "$module"
	attended "$work/reference" || status=1
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
