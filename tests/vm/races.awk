#!/usr/bin/awk -f
# SPDX-License-Identifier: GPL-2.0-only
# races.awk LOG: prints a console log without KCSAN's reports of data races that
# are neither the module's nor the series'; how many of which there were goes to
# standard error. The rest of the kernel has its own, and they are known there.

function flush(	i)
{
	if (ours || !race) {
		for (i = 1; i <= n; i++)
			print held[i]
	} else {
		others[race]++
	}
	n = ours = frame = 0
	race = ""
}

{
	line = $0
	sub(/^\[[ 0-9.]*\] */, "", line)
	sub(/\r$/, "", line)
}

# A report lies between two such lines. Other tools' reports do so as well.
line ~ /^====================/ && !inside {
	inside = 1
	held[++n] = $0
	next
}

!inside {
	print
	next
}

# What is no part of the report stays, wherever it got between.
line ~ /^BUG: KCSAN: / { race = substr(line, 13) }
line !~ /^BUG: KCSAN: / && race && line ~ /^(BUG:|WARNING:|Oops|INFO:)/ {
	print
	next
}
# It is ours if the access is, or is made by a function that we called for it. What
# lies further down has called something with a race of its own, or was interrupted.
line ~ / by (task|interrupt)/ { frame = NR }
frame && NR > frame && NR <= frame + 2 &&
line ~ /seccomp|vm_mmap_seal_remote|syscall_set_arg/ { ours = 1 }

{ held[++n] = $0 }

line ~ /^====================/ {
	inside = 0
	flush()
}

END {
	# A report that was cut short could be anybody's.
	ours = 1
	flush()
	for (race in others)
		printf "races.awk: not ours, %d times: %s\n", others[race], race \
			| "cat >&2"
}
