#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# each patch applies without fuzz and builds on its own, without a warning
set -eu
cd "$(dirname "$0")/../.."
top=$PWD
pristine=$(readlink -f "$(tests/vm/kernel.sh unpatched)/source")
config=$(tests/vm/kernel.sh plain)/.config
cache=$(dirname "$pristine")

# It takes a minute, and says the same as long as these are the same.
stamp=$cache/series-$(cat patches/6.12/* "$config" "$0" | sha256sum |
	cut -c1-16).ok
[ ! -e "$stamp" ] || exit 0

work=$(mktemp -d -p "$cache" work.XXXXXX)
trap 'rm -rf "$work"' EXIT
cp -a --reflink=auto "$pristine" "$work/src"
mkdir "$work/out"
cp "$config" "$work/out/.config"
make -s -C "$work/src" O="$work/out" olddefconfig prepare

# What the series changes, directly or by a header of its own
objects=(mm/madvise.o mm/mseal.o fs/file.o kernel/seccomp.o kernel/fork.o
	kernel/ptrace.o kernel/sched/core.o kernel/cgroup/freezer.o
	kernel/entry/common.o)
cd "$work/src"
export QUILT_PATCHES=$top/patches/6.12
while quilt push --fuzz=0 --quiltrc -; do
	make -s -C "$work/src" O="$work/out" olddefconfig
	make -s -C "$work/src" O="$work/out" -j"$(nproc)" W=1 \
		"${objects[@]}" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
	if grep -E '(warning|error):' "$work/log"; then
		exit 1
	fi
done
[ -z "$(quilt unapplied --quiltrc - 2>/dev/null)" ]
scripts/kernel-doc -none -Werror include/linux/seccomp_attend.h
touch "$stamp"
