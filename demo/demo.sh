#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# demo.sh: boots the patched kernel with the module, and shows the main job there.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
vm=$here/../tests/vm
kernel=$("$vm/kernel.sh" plain)
module=$("$vm/module.sh" plain)
exec "$vm/run.sh" -k "$kernel" -m "$module" -t 900 -- "$here/guest.sh"
