#!/usr/bin/env bash
# From a fresh clone to a scorecard: installs what is missing, builds, starts the five programs with SQLite files, loads the
# sample once and prints the scorecard. Running it again is quick: what runs the same build stays as it is.
#
#   JIEDUI_HOME          data, keys, logs and process ids; default ~/.local/share/jiedui
#   JIEDUI_PORT_OFFSET   is added to every port; default 0
#   JIEDUI_BUILD_DIR     default build/release
#   JIEDUI_BUILD_JOBS    parallel compilations; default all processors
#   JIEDUI_SKIP_INSTALL  1: the packages are there
set -euo pipefail
# shellcheck source=deploy/local/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
build_dir="${JIEDUI_BUILD_DIR:-$repository/build/release}"
bin="$build_dir/bin"

build() {
  local targets=(jiedui) program
  for program in "${programs[@]}"; do targets+=("jiedui-$program"); done
  cd "$repository"
  cmake --preset release -B "$build_dir" >"$home/log/build.log" 2>&1 || { cat "$home/log/build.log" >&2; return 1; }
  cmake --build "$build_dir" --parallel "${JIEDUI_BUILD_JOBS:-$(nproc)}" --target "${targets[@]}"
}

# Sets `flags` for one program.
set_flags() {
  local program="$1" other
  # This machine alone: callers are believed (README, Deploy it).
  flags=("--bind_address=127.0.0.1" "--data_dir=$home/data/$program" "--grpc_port=${grpc_port[$program]}" "--http_port=${http_port[$program]}")
  if [[ $program != gateway ]]; then flags+=("--keys_dir=$home/keys"); fi
  case "$program" in
    village) ;;
    gateway)
      for other in village industry infrastructure assistance; do
        flags+=("--${other}_address=127.0.0.1:${grpc_port[$other]}")
      done
      ;;
    *)
      flags+=("--village_address=127.0.0.1:${grpc_port[village]}")
      if [[ $program == industry ]]; then flags+=("--infrastructure_address=127.0.0.1:${grpc_port[infrastructure]}"); fi
      ;;
  esac
}

# What a running program must have been started from to be left alone.
fingerprint() {
  sha256sum "$bin/jiedui-$1" | cut -d ' ' -f 1
  printf '%s\n' "${flags[@]}"
}

start() {
  local program="$1" flags log="$home/log/$1.log"
  set_flags "$program"
  if pid_of "$program" >/dev/null; then
    if [[ "$(fingerprint "$program")" == "$(cat "$home/run/$program.started" 2>/dev/null)" ]]; then return; fi
    echo "jiedui-$program has changed: restarting"
    stop_programs "$program"
  fi
  mkdir -p "$home/data/$program"
  if [[ -e $log ]]; then mv "$log" "$log.1"; fi
  if ! "$bin/jiedui-$program" --migrate "${flags[@]}" >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "up.sh: jiedui-$program --migrate failed" >&2
    return 1
  fi
  setsid "$bin/jiedui-$program" "${flags[@]}" >>"$log" 2>&1 </dev/null 9>&- &
  echo $! >"$home/run/$program.pid"
  fingerprint "$program" >"$home/run/$program.started"
  echo "started jiedui-$program: gRPC ${grpc_port[$program]}, health and metrics ${http_port[$program]}"
}

wait_ready() {
  local program="$1" end=$((SECONDS + 60))
  until curl -fs --noproxy '*' --max-time 2 -o /dev/null "http://127.0.0.1:${http_port[$program]}/readyz"; do
    if ! pid_of "$program" >/dev/null || ((SECONDS >= end)); then
      tail -n 20 "$home/log/$program.log" >&2
      echo "up.sh: jiedui-$program is not ready, its log is $home/log/$program.log" >&2
      return 1
    fi
    sleep 0.1
  done
}

# The mark lies with the data, so that deleting the data brings the sample back.
load_sample() {
  if [[ -e $home/data/sample.loaded ]]; then return; fi
  echo "loading the sample"
  "$bin/jiedui" sample --out "$home/sample"
  "$bin/jiedui" import "$home/sample"
  touch "$home/data/sample.loaded"
}

explain() {
  cat <<TEXT

Call it:
  $bin/jiedui scorecard
  $bin/jiedui scorecard --division 120119 -o json
  $bin/jiedui list villages --page_size 5
  npx @bufbuild/buf curl --protocol grpc --http2-prior-knowledge -d '{}' \\
    http://127.0.0.1:${grpc_port[gateway]}/jiedui.gateway.v1.ScorecardService/GetScorecard
Health and metrics:  curl http://127.0.0.1:${http_port[gateway]}/readyz   (village ${http_port[village]} ... assistance ${http_port[assistance]})
Data and logs:       $home
Stop:                deploy/local/down.sh
TEXT
}

mkdir -p "$home/run" "$home/log" "$home/data"
exec 9>"$home/lock"
flock -n 9 || { echo "up.sh: another one is running" >&2; exit 1; }
if [[ ${JIEDUI_SKIP_INSTALL:-0} != 1 ]]; then "$repository/deploy/local/install.sh" build run; fi
build
if ! compgen -G "$home/keys/cell-*.key" >/dev/null && compgen -G "$home/data/*/*.db" >/dev/null; then
  # With new ones nothing would be readable, and what is written now would not be once the old ones are back.
  echo "up.sh: the keys of the data in $home/data are gone from $home/keys: bring them back" >&2
  exit 1
fi
"$repository/deploy/local/new_keys.sh" "$home/keys"
for program in "${programs[@]}"; do start "$program"; done
for program in "${programs[@]}"; do wait_ready "$program"; done
load_sample
"$bin/jiedui" scorecard
explain
