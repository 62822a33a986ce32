#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# clang-tidy, cppcheck and gcc -fanalyzer have nothing to say of what is for users
set -eu
cd "$(dirname "$0")/../.."
bad=0
flags=(-std=gnu11 -Iinclude '-DVERSION="0"')
mapfile -t files < <(git ls-files 'lib/*.c' 'tools/*.c' 'examples/*.c')

# It counts the warnings in other people's headers, too.
clang-tidy --quiet "${files[@]}" -- "${flags[@]}" \
	2> >(grep -v ' generated\.$' >&2) || bad=1
# cppcheck gives up on macros with variable arguments: the table of syscalls.
cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 \
	--enable=warning,performance,portability \
	--suppress=missingIncludeSystem --suppress=preprocessorErrorDirective -Iinclude "${files[@]}" || bad=1
for file in "${files[@]}"; do
	gcc "${flags[@]}" -O2 -Wall -Wextra -Werror -fanalyzer -c -o /dev/null \
		"$file" || bad=1
done
exit $bad
