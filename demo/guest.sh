#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# guest.sh: the demo, in the guest. Exits with 0 only if all of it held.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
bin=$here/../build/demo
work=$(mktemp -d)
cd "$work"

say() {
	echo "demo: $*"
}

# Run a command without and with a supervisor; what it prints must be the same.
same() {
	local what=$1
	shift
	"$@" >native.out 2>native.err
	"$bin/supervise" "$@" >pinned.out 2>pinned.err
	if ! cmp native.out pinned.out; then
		say "$what: the output is not the same"
		cat pinned.err
		exit 1
	fi
	say "$what: $(sed -n 's/^supervise: //p' pinned.err)," \
		"output as without ($(wc -c <pinned.out) bytes)"
}

cat >script.py <<'EOF'
import ctypes, os, struct, subprocess, sys

for name in ("/etc/passwd", "/etc/group", sys.argv[0]):
    with open(name) as f:
        print(name, len(f.read()))
libc = ctypes.CDLL(None, use_errno=True)
how = struct.pack("QQQ", os.O_RDONLY | os.O_CLOEXEC, 0, 0)
fd = libc.syscall(437, -100, b"/etc/passwd", how, len(how))  # openat2
print("openat2", os.fstat(fd).st_size)
print(subprocess.run(["cat", "/etc/debian_version"], capture_output=True).stdout)
with open("scratch", "w") as f:
    f.write("x")
os.unlink("scratch")
print(os.path.exists("scratch"))
EOF

cat >hello.c <<'EOF'
#include <stdio.h>

int main(void)
{
	puts("compiled under supervision");
	return 0;
}
EOF

cat >clone.sh <<'EOF'
set -eu
rm -rf clone
git clone -q origin clone
git -C clone log --format=%H
git -C clone status --short
cat clone/file
EOF

cat >compile.sh <<'EOF'
set -eu
gcc -O2 -o hello hello.c
./hello
EOF

git init -q origin
seq 1 1000 >origin/file
git -C origin add file
git -C origin -c user.name=demo -c user.email=demo@example.org commit -qm file

same cat cat /etc/hostname
same python3 python3 script.py
same git sh clone.sh
same gcc sh compile.sh

echo "the supervisor's bytes" >other
"$bin/supervise" --rewrite "/etc/hostname=$work/other" cat /etc/hostname \
	>rewritten.out 2>rewritten.err
cmp other rewritten.out
say "cat /etc/hostname, rewritten: $(cat rewritten.out)"

mkdir race
echo a >race/a
echo f >race/f
# Runs the race under a supervisor, and prints what came of it.
race() {
	local calls forbidden
	"$bin/supervise" "--$1" --only "$work/race/a" "$bin/race" \
		"$work/race" 20000 >race.out 2>race.err || {
		cat race.out race.err >&2
		return 1
	}
	read -r calls forbidden <race.out
	say "$1 supervisor: $calls racing calls, $forbidden ran on bytes it had not checked"
	ran=$forbidden
}
race unpinned
unpinned=$ran
race pinned
[ "$unpinned" -gt 0 ] && [ "$ran" -eq 0 ]
