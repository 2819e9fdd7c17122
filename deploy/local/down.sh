#!/usr/bin/env bash
# Stops what up.sh started; the data stays. Nothing to stop is not an error.
set -euo pipefail
# shellcheck source=deploy/local/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

mkdir -p "$home/run"
stop_programs gateway assistance infrastructure industry village
