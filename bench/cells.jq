# SPDX-License-Identifier: GPL-2.0-only
# The cells of build/bench.json, one after the other.

# Between repetitions; above, a figure says nothing.
def most_spread: 0.01;

def cells:
	.tables | to_entries[] | .key as $table | .value[] | .row as $row |
	.columns as $columns | $columns | to_entries[] |
	{ $table, $row, column: .key, $columns } + .value;

def name: "\(.table), \(.row), \(.column)";

# What to say of a cell whose repetitions differ
def differing(cells):
	cells | select(.table != "wall" and .spread > most_spread) |
	"\(name): its repetitions differ by \(.spread * 100) %";
