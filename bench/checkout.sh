#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# checkout.sh DIR FILES: makes a git checkout of so many small files
set -eu

mkdir -p "$1"
cd "$1"
git init -q
i=0
while [ "$i" -lt "$2" ]; do
	dir=directory-$((i % 50))
	[ "$i" -ge 50 ] || mkdir "$dir"
	echo "what is in file $i" >"$dir/file-$i"
	i=$((i + 1))
done
git add .
git -c user.name=bench -c user.email=bench@localhost -c gc.auto=0 \
	-c maintenance.auto=0 commit -q -m "All files"
# What is as old as the index would be read each time.
sleep 2
git status --porcelain
