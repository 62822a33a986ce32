# SPDX-License-Identifier: GPL-2.0-only
# Makes what is recorded of a run.
include "cells";

{
	licence: "SPDX-License-Identifier: GPL-2.0-only",
	kernel: .kernel,
	compiler: .compiler,
	ratios: ([cells | select(.ratio and .column != "blind")] |
		group_by(.row) | map({
			key: .[0].row,
			value: (map({ key: .column, value: .ratio }) |
				from_entries)
		}) | from_entries)
}
