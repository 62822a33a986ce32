# SPDX-License-Identifier: GPL-2.0-only
# Prints the tables of build/bench.json.

def left($n): . + " " * ([$n - length, 0] | max);
def right($n): " " * ([$n - length, 0] | max) + .;
def fixed($n): (. * pow(10; $n) | round | tostring) |
	("0" * ([$n + 1 - length, 0] | max)) + . |
	.[:-$n] + "." + .[-$n:];

def figure:
	if .missing then "n/a"
	else (.cost | round | tostring) +
		(if .ratio then " " + (.ratio | fixed(2) | right(6)) else "" end)
	end;

def table:
	(map(.row | length) | max) as $first |
	(map(.columns | keys_unsorted[]) |
		reduce .[] as $c ([]; if index($c) then . else . + [$c] end))
		as $columns |
	("" | left($first)) + ($columns | map(right(16)) | add),
	(.[] | . as $row | (.row | left($first)) + ($columns |
		map($row.columns[.] // { missing: "" } | figure | right(16)) |
		add));

"kernel \(.kernel) (\(.variant)), commit \(.commit[:12])" +
	(if .dirty then ", changed" else "" end),
(.tables | to_entries[] | "", .key, (.value | table))
