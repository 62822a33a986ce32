#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# unload.sh: in the guest: unloads the module as soon as nobody uses it. The last
# supervisor can be about to end when what it supervised has ended.
set -eu
deadline=$((SECONDS + 60))
until why=$(rmmod seccomp_pin 2>&1); do
	[ "$SECONDS" -lt "$deadline" ] || { echo "$why" >&2; exit 1; }
	sleep 0.1
done
