#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# supervising calls costs what it is recorded to cost, or less
set -eu
cd "$(dirname "$0")/../.."
bench/run.sh --short
