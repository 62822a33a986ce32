# SPDX-License-Identifier: GPL-2.0-only
# Prints what is not as it has to be in build/bench.json: a line for each. To be
# called with --rawfile limits.
include "cells";

def limits:
	$limits | split("\n")[] | select(test("^[^#]")) |
	[splits("[ \t]+")] | {
		table: .[0], row: .[1], column: .[2], most: .[3], least: .[4]
	};

def named: .row != "*" and .column != "*";

# Of the cells, those that a limit is for
def meant($limit):
	select(.table == $limit.table and
		($limit.row == "*" or .row == $limit.row) and
		($limit.column == "*" or .column == $limit.column));

def violates($limit):
	(if $limit.most | test("^[0-9]") then $limit.most | tonumber
	else .columns[$limit.most].ratio end) as $most |
	if .ratio == null then
		select($limit | named) | "\(name): \(.missing)"
	elif $most == null then
		"\(name): no figure for \($limit.most), which is the limit"
	elif .ratio > $most then
		"\(name): \(.ratio), and at most \($limit.most) is wanted"
	elif .ratio < ($limit.least // "0" | tonumber) then
		"\(name): \(.ratio), and at least \($limit.least) is wanted"
	else empty end;

[cells] as $cells |
differing($cells[]),
(limits as $limit | [$cells[] | meant($limit)] |
	if length == 0 then "\($limit | name): no such figure"
	else .[] | violates($limit) end)
