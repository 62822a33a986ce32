#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# nothing is pinned where Yama forbids all tracing, which lasts until the next boot
set -eu
cd "$(dirname "$0")/../.."
kernel=$(tests/vm/kernel.sh plain)
module=$(tests/vm/module.sh plain)
tests/vm/run.sh -k "$kernel" -m "$module" -l build/check/console-yama.log -- \
	env YAMA_LOCK=1 tests/tap.sh build/tests/kernel/containers
