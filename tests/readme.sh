#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# readme.sh: prints the supervisor of the README, as it stands there.
set -eu
# The quotes are Markdown's.
# shellcheck disable=SC2016
sed -n '/^```c$/,/^```$/p' "$(dirname "$0")/../README.md" | sed '/^```/d'
