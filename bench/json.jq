# SPDX-License-Identifier: GPL-2.0-only
# Makes JSON of what the guest's programs print: a line for each measurement, words
# with tabs in between:
#	cost TABLE ROW COLUMN REPETITION TOOK CALLS
#	missing TABLE ROW COLUMN REASON
# To be called with -Rn and --slurpfile about, which is about the run itself.

def median: sort | .[length / 2 | floor];
def spread: (max - min) / (add / length);
def places($n): . * pow(10; $n) | round | . / pow(10; $n);

# What the others of a row are divided by
def bases: ["blind", "reference", "one"];
# Where little is much
def digits: if . == "unused" then 4 else 3 end;

# The repetitions of one cell
def cell:
	if .[0][0] == "missing" then { missing: .[0][4] }
	else
		map((.[5] | tonumber) / (.[6] | tonumber)) |
		{ cost: (median | places(1)), spread: (spread | places(5)) }
	end;

# By a name, in the order in which the names come first
def groups(name):
	reduce .[] as $line ([];
		(map(.name) | index($line | name)) as $at |
		if $at == null then
			. + [{ name: ($line | name), lines: [$line] }]
		else
			.[$at].lines += [$line]
		end);

def ratios($digits):
	.columns as $columns |
	first(bases[] | $columns[.].cost | values) as $base |
	.columns |= map_values(if .cost then
		.ratio = (.cost / $base | places($digits)) else . end);

def rows($digits):
	groups(.[2]) | map({
		row: .name,
		columns: (.lines | groups(.[3]) |
			map({ key: .name, value: (.lines | cell) }) |
			from_entries)
	} | ratios($digits));

[inputs | split("\t")] |
$about[0] + { tables: (groups(.[1]) | map({
	key: .name,
	value: (.name as $name | .lines | rows($name | digits))
}) | from_entries) }
