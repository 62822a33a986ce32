#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# kernel.sh [plain|debug|kcsan|debianlike|unpatched|reference]: makes the guest's
# kernel, and prints the directory that it was built in, which is also what modules
# are built against. The last two are without the series: the reference kernel is
# otherwise the plain one, of the unpatched one there is what modules need.
#
# The source is Debian's linux-source-6.12 as apt installs it, with the series
# in patches/6.12 applied. Everything stays in a cache outside the checkout,
# under a name made of all that went into it.
set -eu

variant=${1:-plain}
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
line=6.12
series=$top/patches/$line
cache=${SECCOMP_PIN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/seccomp-pin}
tarball=/usr/src/linux-source-$line.tar.xz

configs=("$here/config/base")
patches=("$series"/series "$series"/*.patch)
targets=(bzImage modules_prepare)
case $variant in
plain) ;;
debug | kcsan | debianlike) configs+=("$here/config/$variant") ;;
reference) patches=() ;;
unpatched)
	patches=()
	targets=(modules_prepare)
	;;
*)
	echo "kernel.sh: no such variant: $variant" >&2
	exit 2
	;;
esac

if ! version=$(dpkg-query -W -f '${Version}' "linux-source-$line"); then
	echo "kernel.sh: linux-source-$line is not installed: make setup" >&2
	exit 1
fi

key() {
	sha256sum | cut -c1-16
}
src_key=$({
	echo "$version"
	[ ${#patches[@]} = 0 ] || cat "${patches[@]}"
} | key)
out_key=$({
	echo "$src_key"
	gcc --version
	cat "$0" "${configs[@]}"
} | key)
src=$cache/linux-$line-$src_key
out=$cache/build-$line-$variant-$out_key

mkdir -p "$cache"
if [ -e "$out/.done" ]; then
	touch "$src" "$out"
	echo "$out"
	exit
fi
# What has not been used for two weeks is not what anybody works on.
find "$cache" -mindepth 1 -maxdepth 1 -type d -mtime +14 -exec rm -rf {} +

# Others may want the same; what is there is not waited for.
exec 9>"$src.lock"
flock 9
if [ ! -e "$src/.done" ]; then
	echo "kernel.sh: unpacking linux-source-$line $version" >&2
	rm -rf "$src"
	mkdir -p "$src"
	tar -xf "$tarball" -C "$src" --strip-components=1
	if [ ${#patches[@]} != 0 ]; then
		(cd "$src" && QUILT_PATCHES=$series QUILT_PC=.pc \
			quilt push -a --fuzz=0 --quiltrc - >&2)
	fi
	touch "$src/.done"
fi
touch "$src"
exec 9>"$out.lock"
flock 9
if [ ! -e "$out/.done" ]; then
	echo "kernel.sh: building the $variant kernel" >&2
	rm -rf "$out"
	mkdir -p "$out"
	{
		make -C "$src" O="$out" allnoconfig
		"$src/scripts/kconfig/merge_config.sh" -m -O "$out" \
			"$out/.config" "${configs[@]}"
		make -C "$src" O="$out" olddefconfig
	} >"$out/config.log"
	# What one fragment says, a later one can say otherwise.
	if missing=$(awk -F= '/^CONFIG_/ { last[$1] = $0 }
			END { for (name in last) print last[name] }' \
			"${configs[@]}" | grep -vxF -f "$out/.config"); then
		echo "kernel.sh: refused by kconfig: $missing" >&2
		exit 1
	fi
	if ! make -C "$src" O="$out" -j"$(nproc)" "${targets[@]}" \
			>"$out/build.log" 2>&1; then
		tail -n 30 "$out/build.log" >&2
		exit 1
	fi
	if [ "$variant" != unpatched ]; then
		# modules_prepare leaves no Module.symvers
		cp "$out/vmlinux.symvers" "$out/Module.symvers"
		cp "$out/arch/x86/boot/bzImage" "$out/bzImage"
	fi
	touch "$out/.done"
fi
touch "$out"
echo "$out"
