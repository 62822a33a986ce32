#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# guest.sh ARGUMENTS...: the bench, in the guest
set -eu

programs=$(cd "$(dirname "$0")/../build/bench" && pwd)
# What is executed is not to come over 9p.
cp "$programs/execed" /tmp
exec "$programs/bench" "$@"
