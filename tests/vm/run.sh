#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh [-k KERNEL] [-m MODULE] [-t SECONDS] [-l LOG] [-o DIRECTORY]
#        [-s CPUS | -c] [-a ARG]... [-i] [--] COMMAND...
#
# Boots a kernel with the host's files as its root, read-only, runs COMMAND in
# it as root, in the same directory, and exits with its status. What it writes
# to /tmp and the like is gone afterwards.
#
#   -k  directory of the kernel, from kernel.sh (default: the plain one)
#   -m  kernel module to load first
#   -t  time limit (default: 600)
#   -l  where to keep the console log (default: build/vm/console.log)
#   -o  a directory that can be written to, at /mnt/out in the guest. If the module
#       counts what of it is run, the counts are in DIRECTORY/gcov afterwards
#   -s  how many processors it has (default: 2)
#   -c  one processor, whose clocks count instructions: one for a nanosecond
#   -a  one more argument for qemu; may be repeated
#   -i  interactive: standard input is the terminal, and there is no time limit
#
# Exit status: the command's; 124 if time ran out; 125 if the guest did not get
# as far as to tell one, or the console log holds an oops, a warning or a report
# of one of the kernel's debugging aids, whatever the command said.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
kernel='' module='' out='' limit=600 interactive='' log=$top/build/vm/console.log
processors=(-accel "tcg,thread=multi" -smp 2)
# The others are started by init, see there.
several="maxcpus=1 noreplace-smp"
extra=()

while getopts k:m:t:l:o:a:s:ci opt; do
	case $opt in
	k) kernel=$OPTARG ;;
	m) module=$(realpath "$OPTARG") ;;
	t) limit=$OPTARG ;;
	l) log=$OPTARG ;;
	o) out=$OPTARG ;;
	a) extra+=("$OPTARG") ;;
	s) processors=(-accel "tcg,thread=multi" -smp "$OPTARG") ;;
	c) processors=(-accel "tcg,thread=single" -smp 1
		-icount "shift=0,sleep=off")
		several='' ;;
	i) interactive=1 ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
if [ $# -eq 0 ]; then
	echo "run.sh: no command" >&2
	exit 2
fi
[ -n "$kernel" ] || kernel=$("$here/kernel.sh" plain)

mkdir -p "$top/build/vm" "$(dirname "$log")"
dir=$(mktemp -d "$top/build/vm/run.XXXXXX")
trap 'rm -rf "$dir"' EXIT
"${CC:-cc}" -O2 -o "$dir/steady" "$here/steady.c"

{
	printf 'top=%q\n' "$top"
	printf 'module=%q\n' "$module"
	printf 'out=%q\n' "$out"
	printf 'interactive=%q\n' "$interactive"
	printf 'directory=%q\n' "$PWD"
	printf 'command=('
	printf ' %q' "$@"
	printf ' )\n'
} >"$dir/run"
: >"$dir/status"
: >"$log"

# Where the host is very busy, the ACPI tables of the older machine type have loops
# that the guest gives up on, and its timer seems not to work: q35, no_timer_check.
args=(
	-machine q35 "${processors[@]}" -cpu max -m 3072
	-display none -monitor none -net none -no-reboot
	-kernel "$kernel/bzImage"
	-fsdev "local,id=host,path=/,security_model=none,readonly=on,multidevs=remap"
	-device "virtio-9p-pci,fsdev=host,mount_tag=hostfs"
	-chardev "file,id=console,path=$log" -serial chardev:console
	-chardev "stdio,id=tty,signal=off" -serial chardev:tty
	-chardev "file,id=status,path=$dir/status" -serial chardev:status
	-append "console=ttyS0 root=hostfs rootfstype=9p rootflags=trans=virtio,version=9p2000.L,msize=262144,cache=loose ro init=$here/init panic=-1 oops=panic loglevel=6 notsc no_timer_check $several seccomp_pin_run=$dir/run"
)

if [ -n "$out" ]; then
	mkdir -p "$out"
	args+=(-fsdev "local,id=out,path=$out,security_model=none"
		-device "virtio-9p-pci,fsdev=out,mount_tag=out")
fi

status=0
if [ -n "$interactive" ]; then
	stty -icanon -echo -isig -icrnl
	trap 'stty sane; rm -rf "$dir"' EXIT
	qemu-system-x86_64 "${args[@]}" "${extra[@]}" || status=$?
else
	timeout -k 5 "$limit" qemu-system-x86_64 "${args[@]}" "${extra[@]}" \
		</dev/null || status=$?
fi

if [ "$status" = 124 ] || [ "$status" = 137 ]; then
	echo "run.sh: the guest ran for more than $limit s; console log: $log" >&2
	tail -n 30 "$log" >&2
	exit 124
fi
complaints=$dir/complaints
"$here/races.awk" "$log" >"$complaints"
# A report says what it is at the start of a line, behind a time stamp if any.
bad='^(\[[ 0-9.]*\] *)?(BUG:|WARNING:|UBSAN:|Oops|Kernel panic|general protection|INFO: (rcu|task|trying|possible)|kmemleak: [0-9]+ new|ODEBUG:|Unable to handle|unreferenced object|={20,}$)'
if grep -Eq "$bad" "$complaints"; then
	echo "run.sh: the kernel complained; console log: $log" >&2
	grep -E -A25 "$bad" "$complaints" | head -n 120 >&2
	exit 125
fi
told=$(tr -d '\r' <"$dir/status" | sed -n 's/^exit \([0-9][0-9]*\)$/\1/p')
if [ -z "$told" ]; then
	echo "run.sh: the guest told no exit status; console log: $log" >&2
	od -c "$dir/status" >&2
	tail -n 30 "$log" >&2
	exit 125
fi
exit "$told"
