#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# where the instructions of a call go is found out, by function
set -eu
cd "$(dirname "$0")/../.."

# What only the fastest path runs, in the module and in the kernel, and what only
# the listener's own ioctls do; all else is the same to within a few instructions.
bench/profile.sh fastest openat blind | awk -F '\t' '
	{ print; took[$1] = $2 }
	function expect(name, holds) {
		if (holds)
			return
		print "unexpected: " name, took[name]
		wrong = 1
	}
	END {
		expect("pin_notify", took["pin_notify"] > 20)
		expect("pin_next", took["pin_next"] > 20)
		expect("seccomp_notify_ioctl", took["seccomp_notify_ioctl"] < -20)
		expect("do_sys_openat2", took["do_sys_openat2"] ^ 2 < 25)
		exit wrong
	}'
