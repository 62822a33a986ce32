#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# setup.sh: installs the Debian packages that building, testing and the demo
# need, if they are not there. Works on Debian 12 and 13.
set -eu

packages='
	bc binutils bison bubblewrap build-essential busybox-static
	ca-certificates clang-tidy cpio cppcheck debhelper dh-dkms dkms file
	flex gcc gcovr git jq kmod libc6-dbg libc6-dev libcap-dev
	libcmocka-dev libelf-dev libseccomp-dev libssl-dev liburing-dev
	lintian linux-source-6.12 make mandoc passwd patch pkgconf procps
	python3 qemu-system-x86 quilt rsync seabios shellcheck sparse strace
	systemd udev util-linux valgrind xz-utils
'
missing=
for package in $packages; do
	state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) ||
		state=
	[ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ]; then
	echo "setup.sh: as root: apt-get install --no-install-recommends$missing" >&2
	exit 1
fi
# apt's output is of interest only if it fails.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "setup.sh: installing$missing" >&2
export DEBIAN_FRONTEND=noninteractive
# $missing is a list of words.
# shellcheck disable=SC2086
if ! { apt-get -q update && apt-get -q -y install --no-install-recommends \
	$missing; } >"$log" 2>&1; then
	tail -n 30 "$log" >&2
	exit 1
fi
