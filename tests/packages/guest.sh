#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# guest.sh DIRECTORY KERNEL VERSION: in the guest, without the module: installs the packages
# in DIRECTORY, for the kernel built in KERNEL, and is a user of what they bring. Of
# that, DKMS builds the module, or takes it from the tarball in DIRECTORY, if any.
set -eu
debs=("$1"/*.deb) kernel=$2
release=$(uname -r)

say() {
	echo "packages: $*"
}

fail() {
	say "$*" >&2
	exit 1
}

# The host's files are not to be written. dpkg renames directories, which an overlay
# refuses, so /usr is made anew: directories that something is put into, with links to
# all else.
mkdir /mnt/host /mnt/new
mount --bind / /mnt/host
directories=$(for deb in "${debs[@]}"; do
	dpkg-deb --fsys-tarfile "$deb" | tar -t
done | sed -n 's|^\.\(/usr/.*\)/$|\1|p' | sort -u)
for dir in /usr $directories; do
	[ -d "/mnt/host$dir" ] || continue
	rm -f "/mnt/new$dir"
	mkdir "/mnt/new$dir"
	find "/mnt/host$dir" -mindepth 1 -maxdepth 1 \
		-exec ln -s -t "/mnt/new$dir" {} +
done
rm -f /mnt/new/usr/lib/modules
mkdir -p "/mnt/new/usr/lib/modules/$release"
ln -s "$kernel" "/mnt/new/usr/lib/modules/$release/build"
mount --bind /mnt/new/usr /usr
for dir in /etc /var/lib/dkms /var/lib/dpkg /var/cache /var/log; do
	mount -t tmpfs tmpfs "$dir"
done
# One file is read much sooner than three thousand.
tar -C / -xf "$1/files.tar"
ln -s /proc/self/fd /dev/fd
export DEBIAN_FRONTEND=noninteractive

# Where the package's postinst has DKMS look for a module that is built already
if [ -e "$1/module.tar.gz" ]; then
	mkdir /usr/share/seccomp-pin-dkms
	cp "$1/module.tar.gz" \
		/usr/share/seccomp-pin-dkms/seccomp-pin-"$3".dkms.tar.gz
fi

# A system that runs when they are installed
/lib/systemd/systemd-udevd --daemon
say "installing"
dpkg -i "${debs[@]}"
dkms status -m seccomp-pin -k "$release" | grep -q ': installed$' ||
	fail "the module is not installed"
/lib/systemd/systemd-modules-load
udevadm settle
mode=$(stat -c '%a %U %G' /dev/seccomp-pin)
say "/dev/seccomp-pin: $mode"
[ "$mode" = '660 root seccomp-pin' ] || fail "not as it should be"

# The group's member, and somebody else; both could read the file that the
# README's supervisor denies.
useradd -m -b /tmp -G seccomp-pin member
useradd -m -b /tmp other
chmod 644 /etc/shadow
as() {
	local user=$1
	shift
	(cd /tmp && exec setpriv --reuid "$user" --regid "$user" --init-groups "$@")
}
# The flags are words.
# shellcheck disable=SC2046
gcc -Wall -Wextra -Werror -o /tmp/supervisor "$1/supervisor.c" \
	$(pkg-config --cflags --libs pinredir) -lseccomp
say "supervising"
as member cat /etc/shadow >/dev/null
as member /tmp/supervisor cat /etc/group >/tmp/out
cmp /etc/group /tmp/out
as member /tmp/supervisor cat /etc/shadow >/tmp/out 2>/tmp/err || true
[ ! -s /tmp/out ] || fail "/etc/shadow was read"
grep -q 'Permission denied' /tmp/err || fail "cat says $(cat /tmp/err)"
if as other sh -c ': <>/dev/seccomp-pin' 2>/tmp/err; then
	fail "somebody else can open the device"
fi
grep -q 'Permission denied' /tmp/err || fail "sh says $(cat /tmp/err)"

as member pinredir run --deny /etc/shadow -- cat /etc/shadow \
	>/tmp/out 2>/tmp/err || true
[ ! -s /tmp/out ] || fail "/etc/shadow was read under pinredir"
grep -q 'Permission denied' /tmp/err || fail "under pinredir, cat says $(cat /tmp/err)"
[ "$(as member pinredir run --deny /etc/shadow -- echo there 2>/tmp/err)" = there ] ||
	fail "pinredir says $(cat /tmp/err)"

"$(dirname "$0")/../vm/unload.sh"
say "removing"
dpkg --purge pinredir-tools seccomp-pin-dkms libpinredir-dev libpinredir0
[ -z "$(find /lib/modules -name 'seccomp_pin.ko*')" ] ||
	fail "the module is still there"
[ -z "$(dkms status -m seccomp-pin)" ] || fail "DKMS still has it"
say "done"
