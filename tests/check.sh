#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check.sh: everything that has to hold for a change to be taken. Closes with
# one line, "N passed, M failed", over all tests and checks. With KERNEL in the
# environment, only what runs on that variant of the kernel.
set -u

top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1
mkdir -p build/check
passed=0 failed=0

# One check that passes or fails as a whole
check() {
	local name=$1 start=$SECONDS
	shift
	if "$@" >build/check/out 2>&1; then
		passed=$((passed + 1))
		echo "ok - $name ($((SECONDS - start)) s)"
	else
		failed=$((failed + 1))
		echo "not ok - $name"
		sed 's/^/# /' build/check/out
	fi
}

# CMocka programs, which count for themselves; how to run them comes first
suite() {
	local name=$1 counts
	shift
	echo "# $name"
	"$@" 2>&1 | tee build/check/out
	# What ran them has its own say: the guest's console, for one.
	if [ "${PIPESTATUS[0]}" -ne 0 ] &&
			! grep -q '^tap: .* [1-9][0-9]* failed' build/check/out; then
		failed=$((failed + 1))
		echo "not ok - $name: the run as a whole"
	fi
	counts=$(sed -n 's/^tap: \([0-9]*\) passed, \([0-9]*\) failed.*/\1 \2/p' \
		build/check/out | tail -n 1)
	if [ -z "$counts" ]; then
		failed=$((failed + 1))
		return
	fi
	passed=$((passed + ${counts% *}))
	failed=$((failed + ${counts#* }))
}

# What of the module has been run: a .gcda file for each object
module_coverage() {
	local objects
	objects=$(dirname "$(realpath "$1")")
	cp -r "$2$objects/." "$objects"
	check 'nine of ten lines of the module are run by these tests' \
		gcovr --root "$objects" --fail-under-line 90 \
		--txt build/check/module-coverage "$objects"
	sed 's/^/# /' build/check/module-coverage
}

# The module that delays page migration, for the variant with tests of that
delay_module() {
	[ "$1" != debug ] || tests/debug/delay.sh "$2"
}

# The kernel with the series, the module by dkms, and all that runs on them
variant() {
	local kernel module delay programs=(build/tests/{kernel/*,attacks/attacks})
	local out=build/check/out-$1 limit=3600 each=1200
	rm -rf "$out"
	# What these start takes minutes elsewhere, and most of it shows nothing more.
	[ "$1" != plain ] || programs+=(tests/tools/*.sh build/tests/examples/*)
	# Faults can be injected there alone; the fuzzer has most to find there, and
	# so have supervisors with several threads whose targets race them.
	[ "$1" != debug ] || programs+=(build/tests/{debug/*,fuzz/fuzz,examples/*}
		tests/tools/races.sh)
	if ! kernel=$(tests/vm/kernel.sh "$1") ||
			! module=$(tests/vm/module.sh "$1") ||
			! delay=$(delay_module "$1" "$kernel"); then
		failed=$((failed + 1))
		echo "not ok - the $1 kernel and its module"
		return
	fi
	passed=$((passed + 1))
	echo "ok - the $1 kernel and its module, by dkms"
	# Each access in fifty waits there, to see whether there is another.
	[ "$1" != kcsan ] || limit=9000 each=3600
	suite "tests on the $1 kernel" tests/vm/run.sh -k "$kernel" \
		-m "$module" -t "$limit" -l "build/check/console-$1.log" \
		-o "$out" -- env SECONDS_EACH="$each" SECCOMP_PIN_DELAY="$delay" \
		tests/tap.sh "${programs[@]}"
	[ ! -d "$out/gcov" ] || module_coverage "$module" "$out/gcov"
}

if [ -n "${KERNEL:-}" ]; then
	variant "$KERNEL"
else
	for check in tests/checks/*.sh; do
		check "$(sed -n '3s/^# //p' "$check")" "$check"
	done
	suite "unit tests" tests/tap.sh build/tests/unit/*
	variant plain
	check "demo" demo/demo.sh
	check "the kernel's own tests say what they say without the series" \
		tests/kselftest/run.sh
	variant debug
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
