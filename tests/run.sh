#!/usr/bin/env bash
# Installs, builds and runs every test; the last line is "N passed, N failed". With CI=true a skipped test is a failure.
#
#   tests/run.sh [CTest option...]     tests/run.sh -L sql   runs some of the unit tests, and no end-to-end test
#
#   JIEDUI_PRESET        CMake preset: release (default), asan, tsan
#   JIEDUI_BUILD_DIR     default build/<preset>
#   JIEDUI_BUILD_JOBS    parallel compilations and tests; default all processors
#   JIEDUI_SKIP_INSTALL  1: the packages are there
#   JIEDUI_TEST_MYSQL    mysql://root@host:port of a server to use instead of a private one
#
# An end-to-end test is an executable tests/e2e/*_test.sh, *_test.py or *_test.js. It sees JIEDUI_BIN (the programs),
# JIEDUI_BUILD_DIR, JIEDUI_TEST_MYSQL, and buf and the node packages on PATH and NODE_PATH.
set -euo pipefail
repository="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
preset="${JIEDUI_PRESET:-release}"
parallel="${JIEDUI_BUILD_JOBS:-$(nproc)}"
export JIEDUI_BUILD_DIR="${JIEDUI_BUILD_DIR:-$repository/build/$preset}"
export JIEDUI_BIN="$JIEDUI_BUILD_DIR/bin"
results="$JIEDUI_BUILD_DIR/tests/results"
node_packages=(@bufbuild/buf@1.75.0 @grpc/grpc-js@1.14.7 @grpc/proto-loader@0.8.1)
cd "$repository"

stage() {
  echo "== $* (at ${SECONDS}s)"
}

install_node_packages() {
  local folder="$repository/build/npm"
  mkdir -p "$folder"
  export PATH="$folder/node_modules/.bin:$PATH" NODE_PATH="$folder/node_modules"
  if [[ "$(cat "$folder/installed" 2>/dev/null)" == "${node_packages[*]}" ]]; then return; fi
  npm install --prefix "$folder" --no-save --no-package-lock --no-audit --no-fund --loglevel=error "${node_packages[@]}"
  echo "${node_packages[*]}" >"$folder/installed"
}

start_database() {
  if [[ -n ${JIEDUI_TEST_MYSQL:-} ]]; then return; fi
  if [[ ${CI:-} != true ]] && ! PATH="$PATH:/usr/sbin" command -v mariadbd >/dev/null; then
    echo "NOTE: mariadbd is not installed; the tests of MySQL say that they are skipped" >&2
    return
  fi
  database="$(mktemp -d -t jiedui-tests.XXXXXX)"
  chmod 755 "$database"
  trap 'tests/support/mariadb.sh stop "$database" || true; rm -rf "$database"' EXIT
  local setting
  setting="$(tests/support/mariadb.sh start "$database")"
  export "${setting?}"
}

# One result file: "passed", "skipped" (exit status 77) or "failed".
run_one() {
  local test="$1" name log status=0 begin=$SECONDS
  name="$(basename "$test")"
  log="$results/$name.log"
  timeout --kill-after=30 900 "$test" >"$log" 2>&1 </dev/null || status=$?
  case "$status" in
    0) echo passed >"$results/$name.e2e" ;;
    77) echo skipped >"$results/$name.e2e" ;;
    *) echo failed >"$results/$name.e2e"; tail -n 60 "$log" ;;
  esac
  echo "$name: $(cat "$results/$name.e2e"), $((SECONDS - begin)) s"
}

# As many at once as processors; each has servers and folders of its own. The longest first.
run_end_to_end() {
  local test
  for test in tests/e2e/{exactness,fund}_test.py tests/e2e/*_test.{sh,py,js}; do
    if [[ ! -x $test || -e $results/$(basename "$test").log ]]; then continue; fi
    : >"$results/$(basename "$test").log"
    run_one "$test" &
    while (($(jobs -rp | wc -l) >= parallel)); do wait -n || true; done
  done
  wait
}

if [[ ${JIEDUI_SKIP_INSTALL:-0} != 1 ]]; then
  stage install
  deploy/local/install.sh build run test
fi
stage build
cmake --preset "$preset" -B "$JIEDUI_BUILD_DIR" >/dev/null
cmake --build "$JIEDUI_BUILD_DIR" --parallel "$parallel"

rm -rf "$results"
mkdir -p "$results"
stage node packages
install_node_packages
stage database
start_database
stage unit tests
ctest --test-dir "$JIEDUI_BUILD_DIR" --parallel "$parallel" --output-on-failure --no-tests=error \
  --output-junit "$results/ctest.junit" "$@" || true
if [[ $# == 0 ]]; then
  stage end-to-end tests
  run_end_to_end
fi
stage "done"
/usr/bin/python3 tests/support/summary.py "$results"
