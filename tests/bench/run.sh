#!/usr/bin/env bash
# Builds and runs the benchmarks: one line per figure, "name value bar ok|short  # details"; ends with 1 when one is short.
#
#   tests/bench/run.sh [rpc|write|import|scorecard|cube ...]     all groups without an argument
#
#   JIEDUI_BUILD_DIR     default build/release
#   JIEDUI_TEST_MYSQL    mysql://root@host:port of a server to use instead of a private one
set -euo pipefail
repository="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
build="${JIEDUI_BUILD_DIR:-$repository/build/release}"
programs=(village industry infrastructure assistance gateway)
declare -A port
cd "$repository"

free_ports() {
  /usr/bin/python3 - "$1" <<'PYTHON'
import socket
import sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for each in sockets:
    each.bind(("127.0.0.1", 0))
print(*(each.getsockname()[1] for each in sockets))
PYTHON
}

# The five programs on SQLite with the sample, for the latency of a scorecard.
start_programs() {
  local program flags ports
  work="$(mktemp -d -t jiedui-bench.XXXXXX)"
  trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"' EXIT
  read -r -a ports <<<"$(free_ports 5)"
  for i in "${!programs[@]}"; do port[${programs[$i]}]="${ports[$i]}"; done
  deploy/local/new_keys.sh "$work/keys"
  for program in "${programs[@]}"; do
    mkdir "$work/$program"
    flags=("--data_dir=$work/$program" "--bind_address=127.0.0.1" "--grpc_port=${port[$program]}" "--http_port=0" "--drain=0s")
    if [[ $program != village ]]; then flags+=("--village_address=127.0.0.1:${port[village]}"); fi
    if [[ $program == industry ]]; then flags+=("--infrastructure_address=127.0.0.1:${port[infrastructure]}"); fi
    if [[ $program != gateway ]]; then flags+=("--keys_dir=$work/keys"); fi
    if [[ $program == gateway ]]; then
      flags+=("--industry_address=127.0.0.1:${port[industry]}" "--infrastructure_address=127.0.0.1:${port[infrastructure]}"
              "--assistance_address=127.0.0.1:${port[assistance]}")
    fi
    "$build/bin/jiedui-$program" --migrate "${flags[@]}" 2>>"$work/log"
    "$build/bin/jiedui-$program" "${flags[@]}" 2>>"$work/log" &
    export "JIEDUI_${program^^}_ADDRESS=127.0.0.1:${port[$program]}"
  done
  "$build/bin/jiedui" sample --out "$work/sample" 2>>"$work/log"
  local attempt
  for attempt in {1..50}; do
    if "$build/bin/jiedui" import "$work/sample" >>"$work/log" 2>&1; then break; fi
    if [[ $attempt == 50 ]]; then tail -n 20 "$work/log" >&2; exit 1; fi
    sleep 0.2
  done
  export JIEDUI_BENCH_GATEWAY="127.0.0.1:${port[gateway]}"
  JIEDUI_BENCH_PIDS="$(jobs -p | tr '\n' ' ')"
  export JIEDUI_BENCH_PIDS
}

cmake --preset release -B "$build" >/dev/null
cmake --build "$build" --target jiedui-bench jiedui "${programs[@]/#/jiedui-}" >/dev/null
if [[ $# == 0 || " $* " == *" scorecard "* ]]; then start_programs; fi
if [[ -n ${JIEDUI_TEST_MYSQL:-} ]]; then
  "$build/tests/jiedui-bench" "$@"
else
  tests/support/mariadb.sh run "$build/tests/jiedui-bench" "$@"
fi
