#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# scripts are clean under shellcheck
set -eu
cd "$(dirname "$0")/../.."
git ls-files -z '*.sh' '*.bash' 'debian/*.postinst' .ci/run tests/vm/init |
	xargs -0 shellcheck
