# SPDX-License-Identifier: GPL-2.0-only
# Prints the tables of build/bench.json.

def titles: {
	calls: "Instructions per call, and their ratio to blind CONTINUE",
	scheduler: "The same where the scheduler decides who runs, and when",
	unused: "Instructions per call where nothing of it is used: the plain configuration",
	scale: "Instructions per openat where there is one, and where there are many",
	work: "Thousands of instructions per command, and their ratio to blind CONTINUE",
	asked: "Calls that the supervisor was asked about, and times what the command costs alone",
	wall: "Nanoseconds per call on two processors: indicative, as busy as the host is"
};

def left($n): . + " " * ([$n - length, 0] | max);
def right($n): " " * ([$n - length, 0] | max) + .;
def fixed($n):
	(. * pow(10; $n) | round | tostring) |
	("0" * ([$n + 1 - length, 0] | max)) + . |
	.[:-$n] + "." + .[-$n:];

# What a table shows of a cell: a number, and a ratio with so many digits
def shows($name):
	if $name == "work" then [.cost / 1000, .ratio, 2]
	elif $name == "asked" then [.asked, .times, 2]
	elif $name == "unused" then [.cost, .ratio, 4]
	else [.cost, .ratio, 2] end;

def figure($name):
	if .missing then "n/a"
	elif .cost then
		shows($name) | (.[0] | round | tostring) + "  " +
			(.[2] as $digits | .[1] | fixed($digits))
	else "" end;

# Why figures are missing, and what was refused: each reason once
def remarks:
	[.[] | .row as $row | .columns | to_entries[] |
		.key as $column | .value |
		(select(.missing) | { why: "n/a, \($column): \(.missing)", $row }),
		(.refused // {} | to_entries[] |
			{ why: "\($column): \(.value) refused, \(.key)", $row })] |
	group_by(.why)[] | "  \(.[0].why) (\(map(.row) | join(", ")))";

def table($name):
	([18, ([.[].columns[] | figure($name) | length] | max) + 2] | max) as $wide |
	(map(.row | length) | max) as $first |
	(reduce .[].columns as $columns ([];
		. + (($columns | keys_unsorted) - .))) as $columns |
	"", titles[$name] // $name,
	("" | left($first)) + ($columns | map(right($wide)) | add),
	(.[] | . as $row | (.row | left($first)) + ($columns |
		map($row.columns[.] // {} | figure($name) | right($wide)) |
		add)),
	remarks;

"Linux \(.kernel), \(.variant); commit \(.commit[:12])" +
	(if .dirty then ", changed" else "" end),
(.tables | to_entries[] | .key as $name | .value |
	table($name), if $name == "work" then table("asked") else empty end)
