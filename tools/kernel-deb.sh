#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# kernel-deb.sh DIRECTORY: makes packages of the plain test kernel, the image and the
# headers that modules are built against, and leaves them in DIRECTORY, which is
# emptied first. It has the drivers of the guest and few others: for a real machine,
# see docs/kernel.md.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
out=$(realpath -m "$1")
kernel=$("$top/tests/vm/kernel.sh" plain)
version=$(dpkg-query -W -f '${Version}' linux-source-6.12)

# In a copy, in which nothing is out of date; bindeb-pkg writes beside it as well.
work=$(mktemp -d -p "$(dirname "$kernel")" work.XXXXXX)
trap 'rm -rf "$work"' EXIT
cp -a --reflink=auto "$kernel" "$work/build"
export KDEB_PKGVERSION=$version+pin KDEB_CHANGELOG_DIST=unstable
export DEBFULLNAME='seccomp-pin developers' DEBEMAIL=seccomp-pin@localhost
if ! make -C "$(readlink -f "$kernel/source")" O="$work/build" -j"$(nproc)" \
		bindeb-pkg >"$work/log" 2>&1; then
	tail -n 30 "$work/log" >&2
	exit 1
fi
rm -rf "$out"
mkdir -p "$out"
cp "$work"/linux-image-*.deb "$work"/linux-headers-*.deb "$work/log" "$out"
