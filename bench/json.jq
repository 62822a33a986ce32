# SPDX-License-Identifier: GPL-2.0-only
# Makes JSON of what the guest's programs print: a line for each measurement, words
# with tabs in between:
#	cost TABLE ROW COLUMN REPETITION TOOK CALLS
#	missing TABLE ROW COLUMN REASON
#	asked TABLE ROW COLUMN REPETITION CALLS
#	refused TABLE ROW COLUMN REPETITION ERRNO CALLS
# To be called with -Rn and --slurpfile about, which is about the run itself.

def median: sort | .[length / 2 | floor];
def spread: (max - min) / (add / length);
def places($n): . * pow(10; $n) | round | . / pow(10; $n);

# What the others of a row are divided by
def bases: ["blind", "reference", "one"];
# Where little is much
def digits: if . == "unused" then 4 else 3 end;

def lines(kind): map(select(.[0] == kind));

# Calls that a supervisor was asked about, in the repetition that has most
def asked:
	lines("asked") | if length == 0 then {} else
		{ asked: (map(.[5] | tonumber) | max) } end;

def refused:
	lines("refused") | if length == 0 then {} else
		{ refused: (group_by(.[5]) | map({
			key: .[0][5],
			value: (map(.[6] | tonumber) | max)
		}) | from_entries) } end;

# The repetitions of one cell
def cell:
	asked + refused + (lines("missing") as $missing |
	if $missing | length > 0 then { missing: $missing[0][4] }
	else
		lines("cost") | map((.[5] | tonumber) / (.[6] | tonumber)) |
		{ cost: (median | places(1)), spread: (spread | places(5)) }
	end);

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
		.ratio = (.cost / $base | places($digits)) |
		if $columns.native.cost then
			.times = (.cost / $columns.native.cost | places($digits))
		else . end
	else . end);

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
