# SPDX-License-Identifier: GPL-2.0-only
# Makes one table of build/bench.json for the documentation. To be called with
# --arg name: a table's name, or "run", what is known of the run itself.
include "shows";

def figure($name):
	if .missing then "n/a"
	elif .cost then shows($name) | "\(.[0]), **\(.[1])**"
	else "" end;

def line: "| " + join(" | ") + " |";

def table($name):
	columns as $columns |
	([""] + $columns | line),
	(["---"] + ($columns | map("---:")) | line),
	(.[] | . as $row | [.row] +
		($columns | map($row.columns[.] // {} | figure($name))) | line),
	([remarks] | if length > 0 then "", join(";\n") + "." else empty end);

if $name == "run" then
	"Linux \(.kernel), \(.variant) configuration, gcc \(.compiler), commit " +
	"\(.commit[:12])" + (if .dirty then " with changes" else "" end) + "."
else
	.tables[if $name == "asked" then "work" else $name end] |
	if . then table($name) else "Not measured in that run." end
end
