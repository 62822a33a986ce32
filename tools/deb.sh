#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# deb.sh DIRECTORY: builds the Debian packages from what git has, or would have, of
# this checkout, and leaves them in DIRECTORY, which is emptied first.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
out=$(realpath -m "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# In a copy: the checkout's own build is none of a package's, and goes on.
mkdir "$work/source"
git -C "$top" ls-files -co --exclude-standard -z |
	tar -C "$top" --null --ignore-failed-read -T - -cf - |
	tar -C "$work/source" -xf -
if ! (cd "$work/source" && dpkg-buildpackage -us -uc) >"$work/log" 2>&1; then
	cat "$work/log" >&2
	exit 1
fi
rm -rf "$out"
mkdir -p "$out"
cp "$work"/*.* "$out"
cp "$work/log" "$out"
