#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# module.sh [plain|debug]: builds the module for that kernel the way that its
# users do, by dkms add and dkms build, and prints the path of the .ko. If the kernel
# can count what of a module is run, it is one that is counted, built after dkms's.
set -eu

variant=${1:-plain}
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
kernel=$("$here/kernel.sh" "$variant")
release=$(cat "$kernel/include/config/kernel.release")
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$top/dkms.conf")
tree=$top/build/dkms/$variant
name=seccomp-pin

# What dkms gets is what a release has: the files it names, at their places.
rm -rf "$tree"
mkdir -p "$tree/tree" "$tree/src/$name-$version"
cp -r "$top/dkms.conf" "$top/include" "$top/module" "$tree/src/$name-$version"
make -C "$tree/src/$name-$version/module" KDIR="$kernel" clean >/dev/null

dkms() {
	if ! command dkms "$@" --dkmstree "$tree/tree" \
			--sourcetree "$tree/src" >"$tree/log" 2>&1; then
		cat "$tree/log" >&2
		find "$tree/tree" -name make.log -exec cat {} + >&2
		exit 1
	fi
}
dkms add -m "$name" -v "$version"
dkms build -m "$name" -v "$version" -k "$release" \
	--kernelsourcedir "$kernel" --no-depmod

ko=$(find "$tree/tree/$name/$version/$release" -name seccomp_pin.ko)
[ -f "$ko" ]
if grep -q '^CONFIG_GCOV_KERNEL=y' "$kernel/.config"; then
	counted=$tree/counted
	mkdir "$counted"
	cp -r "$tree/src/$name-$version/." "$counted"
	if ! make -C "$counted/module" KDIR="$kernel" GCOV_PROFILE=y \
			KCFLAGS=-fprofile-update=atomic modules \
			>"$tree/log" 2>&1; then
		cat "$tree/log" >&2
		exit 1
	fi
	ko=$counted/module/seccomp_pin.ko
fi
echo "$ko"
