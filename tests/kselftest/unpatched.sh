#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# In the guest, on a kernel without the series: what is missing is named, and no
# call runs. $SECCOMP_PIN_MODULE is a module that was built for one with it.
# Tests are called by their names, and each works in a subshell.
# shellcheck disable=SC2317
# shellcheck source-path=SCRIPTDIR source=../tools/suite.bash
. "$(dirname "$0")/../tools/suite.bash"

test_the_module_is_refused() {
	status 1 insmod "$SECCOMP_PIN_MODULE" 2>err
	grep -q 'Unknown symbol in module' err
	dmesg | grep -q 'seccomp_pin: Unknown symbol seccomp_attend '
	[ ! -e /dev/seccomp-pin ]
}

# says COMMAND...: what the report is then
says() {
	status 1 "$@" "$pinredir" check >out
	grep -qx "kernel: $(uname -r)" out
	grep -qx 'sealed memory: ok' out
	grep -Eqx 'enabling patch: missing \(ENOENT\): the kernel lacks .*patches/' out
	grep -qx 'module: unknown' out
	status 1 "$@" "$pinredir" check --json >json
	jq -e '(.ok | not) and .abi_version == 0 and
		(.items[] | select(.name == "enabling patch") |
			.state == "missing" and .errno == "ENOENT")' json
}

test_the_series_is_missing() {
	says env
	says setpriv --reuid 65534 --regid 65534 --clear-groups
}

test_nothing_is_run() {
	status 125 "$pinredir" run touch file 2>err
	grep -qx 'pinredir run: no supervision: No such file or directory' err
	grep -q '^pinredir run: the kernel lacks the enabling patch' err
	status 125 "$pinredir" trace touch file 2>err
	grep -q '^pinredir trace: the kernel lacks the enabling patch' err
	[ ! -e file ]
}

suite
