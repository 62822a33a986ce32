# SPDX-License-Identifier: GPL-2.0-only
# Prints the tables of build/bench.json.
include "shows";

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

def figure($name):
	if .missing then "n/a"
	elif .cost then shows($name) | join("  ")
	else "" end;

def table($name):
	(columns | map(length) | max) as $widest |
	([$widest, ([.[].columns[] | figure($name) | length] | max)] | max + 2) as $wide |
	(map(.row | length) | max) as $first |
	columns as $columns |
	"", titles[$name] // $name,
	("" | left($first)) + ($columns | map(right($wide)) | add),
	(.[] | . as $row | (.row | left($first)) + ($columns |
		map($row.columns[.] // {} | figure($name) | right($wide)) |
		add)),
	"  " + remarks;

"Linux \(.kernel), \(.variant); commit \(.commit[:12])" +
	(if .dirty then ", changed" else "" end),
(.tables | to_entries[] | .key as $name | .value |
	table($name), if $name == "work" then table("asked") else empty end)
