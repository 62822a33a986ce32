#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# the Debian packages: build, lintian, and installed in the guest by a group's member
set -eu
cd "$(dirname "$0")/../.."
top=$PWD
work=$(mktemp -d -p "$(mkdir -p build/packages && realpath build/packages)")
trap 'rm -rf "$work"' EXIT
debs=$work/debs
version=$(sed -n 's/^VERSION := //p' Makefile)

# One version, one list of symbols
[ "$(dpkg-parsechangelog -S Version)" = "$version" ]
grep -qx "PACKAGE_VERSION=\"$version\"" dkms.conf
tools/symbols.sh "$work/symbols"
diff -u debian/libpinredir0.symbols "$work/symbols" || {
	echo "tools/symbols.sh writes it as the map has it"
	exit 1
}

tools/deb.sh "$debs"

# From the source package, by somebody else, elsewhere: the same
as=()
elsewhere=$(mktemp -d)
trap 'rm -rf "$work" "$elsewhere"' EXIT
chmod 755 "$elsewhere"
cp "$debs"/*.dsc "$debs"/*.tar.xz "$elsewhere"
if [ "$(id -u)" = 0 ]; then
	chown nobody "$elsewhere"
	as=(setpriv --reuid nobody --regid nogroup --clear-groups)
fi
(
	cd "$elsewhere"
	umask 027
	export HOME=$elsewhere TZ=Asia/Kathmandu LC_ALL=C.UTF-8
	"${as[@]}" dpkg-source -x ./*.dsc other
	cd other
	"${as[@]}" dpkg-buildpackage -b -us -uc -j1
) >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
for deb in "$debs"/*.deb; do
	cmp "$deb" "$elsewhere/${deb##*/}"
done

# The project has no mail address, and nobody else's is put there.
lintian --allow-root --fail-on error --display-info \
	--suppress-tags bogus-mail-host,bogus-mail-host-in-debian-changelog \
	"$debs"/*.changes

# What the module's package has, as DKMS takes it: for a kernel without the series,
# not at all
kernel=$(tests/vm/kernel.sh plain)
unpatched=$(tests/vm/kernel.sh unpatched)
dpkg-deb -x "$debs"/seccomp-pin-dkms_*.deb "$work/root"
mkdir "$work/tree"
dkms() {
	command dkms "$@" -m seccomp-pin -v "$version" --dkmstree "$work/tree" \
		--sourcetree "$work/root/usr/src" >"$work/log" 2>&1
}
dkms add || { cat "$work/log"; exit 1; }
status=0
dkms build -k "$(cat "$unpatched/include/config/kernel.release")" \
	--kernelsourcedir "$unpatched" || status=$?
[ "$status" = 77 ] || { cat "$work/log"; exit 1; }

# In the guest, it takes two minutes: once for what goes into it. Otherwise, it
# gets what is built here.
stamp=$(dirname "$kernel")/packages-$({
	cat "$debs"/seccomp-pin-dkms_*.deb "$top"/tests/packages/*
	echo "$kernel"
} | sha256sum | cut -c1-16).ok
if [ -e "$stamp" ]; then
	release=$(cat "$kernel/include/config/kernel.release")
	dkms build -k "$release" --kernelsourcedir "$kernel" ||
		{ cat "$work/log"; exit 1; }
	dkms mktarball -k "$release" --binaries-only \
		--archive "$debs/module.tar.gz" || { cat "$work/log"; exit 1; }
fi
rm -f "$debs"/*-dbgsym_*.deb
tests/readme.sh >"$debs/supervisor.c"
tar -C / --ignore-failed-read -cf "$debs/files.tar" etc var/lib/dpkg
tests/vm/run.sh -k "$kernel" -l build/check/console-packages.log -t 1800 -- \
	tests/packages/guest.sh "$debs" "$kernel" "$version"
touch "$stamp"
