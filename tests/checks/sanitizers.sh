#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# the library's own tests find no mistake under valgrind, nor with gcc's sanitizers
set -eu
cd "$(dirname "$0")/../.."

# undefined behaviour is to end the program, or nobody would notice it
make -s B=build/sanitized unit-programs \
	CFLAGS='-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all'
# What it makes of a broken program, so that it is known to work
cat >build/sanitized/broken.c <<'C'
int main(int argc, char **argv) { (void)argv; return (int[1]){ 0 }[argc]; }
C
gcc -g -fsanitize=address,undefined -fno-sanitize-recover=all \
	-o build/sanitized/broken build/sanitized/broken.c
if build/sanitized/broken 2>/dev/null; then
	echo 'the sanitizers see nothing'
	exit 1
fi

make -s unit-programs
for program in build/tests/unit/*; do
	"build/sanitized/${program#build/}"
	valgrind --quiet --error-exitcode=1 --leak-check=full \
		--errors-for-leak-kinds=definite,indirect "$program"
done
