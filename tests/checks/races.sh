#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# of KCSAN's reports, those of the module and the series count, and nothing else is lost
set -eu
cd "$(dirname "$0")/../.."

# report FRAME...: a data race with these frames in one of its stacks
report() {
	echo ==================================================================
	echo 'BUG: KCSAN: data-race in one / other'
	echo
	echo 'write to 0xff11000000000000 of 8 bytes by task 70 on cpu 0:'
	printf ' %s\n' "$@"
	echo
	echo 'read to 0xff11000000000000 of 8 bytes by interrupt on cpu 1:'
	echo ' other+0x1/0x2'
	echo ==================================================================
}
kept() {
	tests/vm/races.awk <(cat) 2>/dev/null
}
same() {
	[ "$(kept <<<"$1")" = "$1" ] || { echo "lost: $1"; exit 1; }
}

same "$(report 'one+0x1/0x2 [seccomp_pin]' 'pin_read+0x1/0x2 [seccomp_pin]')"
same "$(report 'one+0x1/0x2' '__seccomp_filter+0x1/0x2')"
same "$(report 'one+0x1/0x2' 'vm_mmap_seal_remote+0x1/0x2')"
same "$(report 'one+0x1/0x2' | head -n 5)"
same "$(printf '%.0s=' {1..66}; echo; echo 'BUG: KASAN: use-after-free in one')"
same '[    1.0] WARNING: CPU: 0 PID: 1 at one'

others=$(report 'one+0x1/0x2' 'do_idle+0x1/0x2'
	report 'one+0x1/0x2' 'asm_sysvec_call_function+0x1/0x2' \
		'__seccomp_filter+0x1/0x2'
	report 'pollwake+0x1/0x2' '__wake_up_common+0x1/0x2' \
		'__wake_up+0x1/0x2' '__seccomp_filter+0x1/0x2')
[ -z "$(kept <<<"$others")" ]
# What another processor says meanwhile is not part of the report.
[ "$(report 'one+0x1/0x2' | sed '5a WARNING: at two' | kept)" = \
	'WARNING: at two' ]
