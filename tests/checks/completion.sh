#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# the completion for bash knows each option that --help names, and no other
set -eu
cd "$(dirname "$0")/../.."
make -s tools
# shellcheck source=tools/pinredir.bash
. tools/pinredir.bash

# complete_words WORD...: what the last one, begun, can become
complete_words() {
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	COMPREPLY=()
	_pinredir
	printf '%s\n' "${COMPREPLY[@]}" | sort
}
# expect WANTED WORD...
expect() {
	local want=$1
	shift
	[ "$(complete_words "$@" | paste -sd ' ')" = "$want" ] || {
		echo "$*: $(complete_words "$@" | paste -sd ' '), not $want"
		exit 1
	}
}

for sub in run trace check; do
	diff --label "completion of $sub" --label help -u \
		<(complete_words pinredir $sub --) \
		<(build/tools/pinredir $sub --help |
			sed -n 's/^  \(-., \)\?\(--[a-z]*\).*/\2/p' | sort)
done
expect 'check' pinredir c
expect '--help --version' pinredir --
expect '--deny' pinredir run --allow / --d
# After an option that takes a path, a path
expect 'README.md' pinredir run --policy READM
expect 'README.md' pinredir run --rewrite /a = READM
expect 'README.md' pinredir trace --log READM
# A command, and what it is given
complete_words pinredir run --deny /a -- sh | grep -qx sh
complete_words pinredir run --rewrite /a = /b sh | grep -qx sh
complete_words pinredir trace sh | grep -qx sh
expect 'README.md' pinredir run -- cat READM
expect '' pinredir walk --
