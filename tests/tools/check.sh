#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# pinredir check, and what the others say where there is nothing to pin with
# Tests are called by their names, and each works in a subshell.
# shellcheck disable=SC2317,SC2016
# shellcheck source-path=SCRIPTDIR source=suite.bash
. "$(dirname "$0")/suite.bash"

unloaded() {
	"$top/tests/vm/unload.sh"
	local status=0
	"$@" || status=$?
	insmod "$SECCOMP_PIN_MODULE"
	return $status
}

test_usage() {
	usage 'pinredir check: it takes no arguments: x' check x
	usage "pinredir check: unrecognized option '--deny'" check --deny
}

test_all_there() {
	status 0 "$pinredir" check >out
	grep -qx "kernel: $(uname -r)" out
	grep -qx 'enabling patch: ok' out
	grep -qx 'module: ok' out
	grep -qx 'call of a child, on trial: ok' out
	[ "$(grep -cE 'missing|unknown' out)" = 0 ]
	status 0 "$pinredir" check --json >out
	jq -e '.ok and .abi_version >= 1 and (.items | length == 8 and
		all(.[]; .state == "ok"))' out
	status 125 "$pinredir" check >/dev/full
}

no_module() {
	status 1 "$pinredir" check >out
	status 1 "$pinredir" check --json >json
	status 125 "$pinredir" run true 2>err
}

test_no_module() {
	unloaded no_module
	grep -qx 'enabling patch: ok' out
	grep -Eqx 'module: missing \(ENOENT\): the module is not loaded.*' out
	grep -qx 'device node: unknown' out
	jq -e '(.ok | not) and
		(.items[] | select(.name == "module") |
			.state == "missing" and .errno == "ENOENT" and
			(.problem | test("modprobe")))' json
	grep -qx 'pinredir run: no supervision: No such file or directory' err
	grep -q '^pinredir run: the module is not loaded' err
}

test_no_node() {
	status 1 "$pinredir" check --device /nonesuch >out
	grep -qx 'module: ok' out
	grep -Eqx 'device node: missing \(ENOENT\): the module is loaded, but .*' out
	grep -qx 'permission to open it: unknown' out
}

test_not_the_device() {
	status 1 "$pinredir" check --device /dev/null >out
	grep -q '^ABI of the module: missing (ENOTTY): ' out
	grep -qx 'permission to open it: ok' out
}

test_no_permission() {
	chmod 700 .
	local nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	status 1 "${nobody[@]}" "$pinredir" check >out
	grep -q '^permission to open it: missing (EACCES): ' out
	grep -qx 'call of a child, on trial: unknown' out
	status 125 "${nobody[@]}" "$pinredir" run true 2>err
	grep -qx 'pinredir run: no supervision: Permission denied' err
	# With it, all works, as any user.
	chmod 666 /dev/seccomp-pin
	chmod 755 .
	status 0 "${nobody[@]}" "$pinredir" check
	status 0 "${nobody[@]}" "$pinredir" run -q cat /etc/hostname >out
	cmp out /etc/hostname
	chmod 600 /dev/seccomp-pin
}

# They may not trace their own children there.
test_yama() {
	local scope=/proc/sys/kernel/yama/ptrace_scope was got=0
	was=$(cat $scope)
	chmod 666 /dev/seccomp-pin
	echo 2 >$scope
	status 1 setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$pinredir" check >out || got=$?
	status 0 "$pinredir" check || got=$?
	echo "$was" >$scope
	chmod 600 /dev/seccomp-pin
	[ "$got" = 0 ]
	grep -qx 'Yama ptrace_scope: 2' out
	grep -qx 'ABI of the module: ok' out
	grep -Eqx 'call of a child, on trial: missing \(EACCES\): .*ptrace_scope.*' out
}

test_nested() {
	status 125 "$pinredir" run -q "$pinredir" run true 2>err
	grep -q '^pinredir run: true: Device or resource busy' err
	status 1 "$pinredir" run -q "$pinredir" check >out
	grep -q '^call of a child, on trial: missing (EBUSY): ' out
}

suite
