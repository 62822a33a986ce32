# SPDX-License-Identifier: GPL-2.0-only
# Makes JSON of what the guest's programs print: a line for each measurement, words
# with tabs in between. Called with -Rn and --slurpfile about, which has what is to
# be known of the run itself.

def mean: add / length;
def spread: (max - min) / mean;
def places($n): . * pow(10; $n) | round / pow(10; $n);

# The repetitions of one cell
def cell:
	if .[0][0] == "missing" then { missing: .[0][4] }
	else
		map((.[5] | tonumber) / (.[6] | tonumber)) |
		{ cost: (mean | places(1)), spread: (spread | places(5)) }
	end;

# In the order in which they were printed first
def groups(f):
	reduce .[] as $line ([]; (map(.name) | index($line | f)) as $at |
		if $at == null then . + [{ name: ($line | f), lines: [$line] }]
		else .[$at].lines += [$line] end);

def ratios:
	.columns.blind.cost as $blind |
	if $blind then
		.columns |= map_values(if .cost then
			.ratio = (.cost / $blind | places(3)) else . end)
	else . end;

def table:
	groups(.[2]) | map({
		row: .name,
		columns: (.lines | groups(.[3]) |
			map({ key: .name, value: (.lines | cell) }) |
			from_entries)
	} | ratios);

[inputs | split("\t") | select(.[0] == "cost" or .[0] == "missing")] |
$about[0] + { tables: (groups(.[1]) |
	map({ key: .name, value: (.lines | table) }) | from_entries) }
