# SPDX-License-Identifier: GPL-2.0-only
# Prints which ratios are worse than the recorded ones. To be called with
# --slurpfile recorded.
include "cells";

def most_worse: 1.02;

[cells] as $cells |
differing($cells[]),
($recorded[0].ratios | to_entries[] | .key as $row | .value | to_entries[] |
	.key as $column | .value as $was |
	first($cells[] | select(.row == $row and .column == $column))
		// { row: $row, column: $column } |
	if .ratio == null then "\($row), \($column): no such figure any more"
	elif .ratio > $was * most_worse then
		"\($row), \($column): \(.ratio), and it was \($was)"
	else empty end),
($cells[] | select(.ratio and .column != "blind" and
		$recorded[0].ratios[.row][.column] == null) |
	"\(.row), \(.column): nothing recorded: bench/run.sh --record")
