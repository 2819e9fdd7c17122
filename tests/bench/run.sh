#!/usr/bin/env bash
# Builds and runs the benchmarks: one line per figure, "name value bar ok|short  # details"; ends with 1 when one is short.
#
#   tests/bench/run.sh [rpc|write|...]     all groups without an argument
#
#   JIEDUI_BUILD_DIR     default build/release
#   JIEDUI_TEST_MYSQL    mysql://root@host:port of a server to use instead of a private one
set -euo pipefail
repository="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
build="${JIEDUI_BUILD_DIR:-$repository/build/release}"
cd "$repository"
cmake --preset release -B "$build" >/dev/null
cmake --build "$build" --target jiedui-bench >/dev/null
if [[ -n ${JIEDUI_TEST_MYSQL:-} ]]; then
  exec "$build/tests/jiedui-bench" "$@"
fi
exec tests/support/mariadb.sh run "$build/tests/jiedui-bench" "$@"
