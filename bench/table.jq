# SPDX-License-Identifier: GPL-2.0-only
# Prints the tables of build/bench.json.

def titles: {
	calls: "Instructions per call, and their ratio to blind CONTINUE",
	scheduler: "The same where the scheduler decides who runs, and when",
	unused: "Instructions per call where nothing of it is used: the plain configuration",
	scale: "Instructions per openat where there is one, and where there are many",
	wall: "Nanoseconds per call on two processors: indicative, as busy as the host is"
};

def left($n): . + " " * ([$n - length, 0] | max);
def right($n): " " * ([$n - length, 0] | max) + .;
def fixed($n):
	(. * pow(10; $n) | round | tostring) |
	("0" * ([$n + 1 - length, 0] | max)) + . |
	.[:-$n] + "." + .[-$n:];

def figure($digits):
	if .missing then "n/a"
	elif .cost then
		(.cost | round | tostring | right(8)) + "  " +
			(.ratio | fixed($digits))
	else "" end;

def table($digits):
	(map(.row | length) | max) as $first |
	(reduce .[].columns as $columns ([];
		. + (($columns | keys_unsorted) - .))) as $columns |
	("" | left($first)) + ($columns | map(right(12 + $digits)) | add),
	(.[] | . as $row | (.row | left($first)) + ($columns |
		map($row.columns[.] // {} | figure($digits) |
			right(12 + $digits)) | add)),
	# Why figures are missing
	([.[] | .row as $row | .columns | to_entries[] |
		select(.value.missing) |
		{ why: "n/a, \(.key): \(.value.missing)", row: $row }] |
		group_by(.why)[] |
		"  \(.[0].why) (\(map(.row) | join(", ")))");

"Linux \(.kernel), \(.variant); commit \(.commit[:12])" +
	(if .dirty then ", changed" else "" end),
(.tables | to_entries[] | "", (titles[.key] // .key),
	(.key as $name | .value |
		table(if $name == "unused" then 4 else 2 end)))
