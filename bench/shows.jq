# SPDX-License-Identifier: GPL-2.0-only
# What tables show of the cells of build/bench.json.

def fixed($n):
	(. * pow(10; $n) | round | tostring) |
	("0" * ([$n + 1 - length, 0] | max)) + . |
	.[:-$n] + "." + .[-$n:];

# A number, and a ratio, as words
def shows($table):
	if $table == "work" then [.cost / 1000, (.ratio | fixed(2))]
	elif $table == "asked" then [.asked, (.times // nan | fixed(2))]
	elif $table == "unused" then [.cost, (.ratio | fixed(4))]
	else [.cost, (.ratio | fixed(2))] end |
	.[0] |= (round | tostring);

def columns: reduce .[].columns as $columns ([];
	. + (($columns | keys_unsorted) - .));

# Why figures are missing, and what was refused: each reason once
def remarks:
	[.[] | .row as $row | .columns | to_entries[] |
		.key as $column | .value |
		(select(.missing) | { why: "n/a, \($column): \(.missing)", $row }),
		(.refused // {} | to_entries[] |
			{ why: "\($column): \(.value) refused, \(.key)", $row })] |
	group_by(.why)[] | "\(.[0].why) (\(map(.row) | join(", ")))";
