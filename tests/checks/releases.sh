#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# the series applies to every release of linux-source-6.12 that apt offers
set -eu
cd "$(dirname "$0")/../.."
top=$PWD
line=6.12
package=linux-source-$line
cache=$(dirname "$(tests/vm/kernel.sh plain)")
work=$(mktemp -d -p "$cache" work.XXXXXX)
trap 'rm -rf "$work"' EXIT

# Of each release, what the series changes is kept: a few files of 1.4 GB.
comm -23 <(sed -n "s|^--- a/|$package/|p" patches/$line/*.patch | sort -u) \
	<(sed -n "/^--- \/dev\/null/{n;s|^+++ b/|$package/|p}" \
		patches/$line/*.patch | sort -u) >"$work/files"
[ -s "$work/files" ]
key=$(sha256sum <"$work/files" | cut -c1-16)

# The tarball, to standard output: what is installed need not be fetched
tarball() {
	if [ "$1" = "$(dpkg-query -W -f '${Version}' $package)" ]; then
		cat /usr/src/$package.tar.xz
		return
	fi
	(cd "$work" && apt-get -q download "$package=$1" >log 2>&1) || {
		cat "$work/log" >&2
		return 1
	}
	dpkg-deb --fsys-tarfile "$work/$package"_*.deb |
		tar -xO ./usr/src/$package.tar.xz
	rm "$work/$package"_*.deb
}

bad=0 releases=0
while read -r version; do
	pristine=$cache/pristine-$version-$key
	if [ ! -e "$pristine" ]; then
		mkdir "$work/pristine"
		tarball "$version" | tar -C "$work/pristine" -xJ \
			--strip-components=1 -T "$work/files"
		mv "$work/pristine" "$pristine"
	fi
	touch "$pristine"
	cp -r "$pristine" "$work/source"
	if (cd "$work/source" && QUILT_PATCHES=$top/patches/$line quilt push -a \
			--fuzz=0 --quiltrc -) >"$work/log" 2>&1; then
		echo "$version: applies"
	else
		echo "$version: does not apply"
		cat "$work/log"
		bad=1
	fi
	rm -rf "$work/source"
	releases=$((releases + 1))
done < <(apt-cache madison $package | awk -F ' *[|] *' '{ print $2 }' | sort -uV)
[ "$releases" -gt 0 ]
exit $bad
