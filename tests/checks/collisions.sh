#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# remembered verdicts tell calls apart by more than a hash
set -eu
cd "$(dirname "$0")/../.."
kernel=$(tests/vm/kernel.sh plain)
mkdir -p build/check
# Not in /tmp: the guest has its own.
work=$(mktemp -d -p "$PWD/build/check")
trap 'rm -rf "$work"' EXIT
programs=build/tests/kernel/verdict

# build [WHAT WITH]...: the module in which all hashes are the same, and WHAT replaced
build() {
	rm -rf "$work/module"
	cp -r module include "$work"
	while [ $# -gt 0 ]; do
		if [ "$(grep -cF "$1" "$work/module/verdict.c")" != 1 ]; then
			echo "not once in module/verdict.c: $1"
			exit 1
		fi
		WHAT=$1 WITH=$2 perl -pi -e 's/\Q$ENV{WHAT}\E/$ENV{WITH}/' \
			"$work/module/verdict.c"
		shift 2
	done
	if ! make -C "$work/module" KDIR="$kernel" \
			KCFLAGS=-DSECCOMP_PIN_TEST_COLLISIONS \
			modules >"$work/log" 2>&1; then
		cat "$work/log"
		exit 1
	fi
}

run() {
	tests/vm/run.sh -k "$kernel" -m "$work/module/seccomp_pin.ko" -t 300 \
		-l build/check/console-collisions.log -- "$@"
}

build
run tests/tap.sh "${programs}"_{bytes,scope,ends}

# fails PROGRAM TEST [WHAT WITH]...: without these comparisons, TEST sees it
fails() {
	local program=${programs}_$1 test=$2 status=0
	shift 2
	build "$@"
	run "$program" "$test" >"$work/out" 2>&1 || status=$?
	if [ "$status" != 1 ] || ! grep -q "^.  FAILED  . $test" "$work/out"; then
		echo "status $status of $test without $1"
		cat "$work/out"
		exit 1
	fi
}
fails bytes i1_calls_are_told_apart \
	'for (i = 0; i < words; i++)' 'for (i = words; i < words; i++)'
fails bytes i1_bytes_and_how_many \
	'for (left = (u8)counts;' 'for (left = (u8)counts & ~call->copied;'
fails bytes i1_null_is_no_empty_string \
	'verdict->copied != call->copied' 'false'
fails scope i1_other_scalars 'for (left = (u8)counts;' 'for (left = 0;'
# It is looked at once more with the lock.
fails scope i1_another_mask 'verdict->counts != counts' 'false' \
	'verdict->counts == ctx->verdicts->counts[verdict->nr]' 'true'
fails scope i1_rules_replaced 'verdict->rules != call->rules' 'false'
fails scope i2_another_syscall 'verdict->nr != call->told.data.nr' 'false'
