#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# every file has its licence in an SPDX line
set -eu
cd "$(dirname "$0")/../.."

# Which licence is for what; patches carry those of the files they change.
want() {
	case $1 in
	include/seccomp_pin.h) echo 'GPL-2.0-only WITH Linux-syscall-note' ;;
	include/pinredir.h | lib/*) echo LGPL-2.1-or-later ;;
	*) echo GPL-2.0-only ;;
	esac
}
bad=0
while IFS= read -r file; do
	case $file in
	patches/* | LICENSES/*) continue ;;
	debian/rules | debian/*.postinst) ;;
	# What has no place for a comment; debian/copyright speaks for it.
	debian/*) continue ;;
	esac
	licence=$(sed -n '1,3s/.*SPDX-License-Identifier: \(.*[^ */",>-]\).*/\1/p' \
		"$file")
	if [ "$licence" != "$(want "$file")" ]; then
		echo "$file: ${licence:-no SPDX line}"
		bad=1
	fi
done < <(git ls-files)
exit $bad
