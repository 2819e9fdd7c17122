#!/usr/bin/env bash
# A private MariaDB on loopback, for tests.
#
#   mariadb.sh start DIR [option...]   starts a server with its data in DIR (made and filled when it is new), waits until it
#                                      answers and prints JIEDUI_TEST_MYSQL=mysql://root@127.0.0.1:PORT (empty password).
#                                      A second start in the same DIR keeps the port. Options go to mariadbd: --log-bin.
#   mariadb.sh stop DIR                stops it in order.
#   mariadb.sh kill DIR                SIGKILL, as a crash would.
#   mariadb.sh run COMMAND...          runs COMMAND with a server in a temporary folder and JIEDUI_TEST_MYSQL set.
set -euo pipefail
PATH="$PATH:/usr/sbin:/sbin"

fail() {
  echo "mariadb.sh: $*" >&2
  exit 1
}

# Whom the server runs as: root gives up its rights when the account can reach the folder.
account() {
  if [[ $(id -u) != 0 ]]; then
    id -un
  elif id mysql >/dev/null 2>&1 && setpriv --reuid=mysql --clear-groups --regid=mysql test -x "$(dirname "$1")"; then
    echo mysql
  else
    echo root
  fi
}

free_port() {
  /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

fill() {
  local dir="$1" user="$2"
  mkdir -p "$dir/data" "$dir/tmp"
  if [[ $(id -u) == 0 ]]; then chown -R "$user" "$dir"; fi
  # --force: also where the machine's own name does not resolve, as in a bare container.
  mariadb-install-db --no-defaults --user="$user" --datadir="$dir/data" --auth-root-authentication-method=normal \
    --force --skip-test-db --innodb-fast-shutdown=1 >"$dir/install.log" 2>&1 || { cat "$dir/install.log" >&2; fail "cannot create $dir/data"; }
  touch "$dir/filled"
}

# A process that has ended but that nobody has waited for (a container without an init) counts as gone.
alive() {
  [[ -r /proc/$1/stat && $(cut -d ' ' -f 3 "/proc/$1/stat" 2>/dev/null) != [ZX] ]]
}

running() {
  [[ -s "$1/pid" ]] && alive "$(cat "$1/pid")"
}

# True once it answers; false when it has died or has not answered within a minute.
wait_ready() {
  local dir="$1" port="$2" pid="$3" end=$((SECONDS + 60))
  while ((SECONDS < end)); do
    if mariadb-admin --no-defaults --protocol=tcp -h 127.0.0.1 -P "$port" -u root ping >/dev/null 2>&1; then return 0; fi
    alive "$pid" || return 1
    sleep 0.1
  done
  return 1
}

launch() {
  local dir="$1" port="$2" user="$3"
  shift 3
  # Commits are durable because tests kill the server. The character set's default collation ignores case: a table that forgets
  # its binary collation is caught.
  setsid mariadbd --no-defaults --user="$user" --datadir="$dir/data" --tmpdir="$dir/tmp" --socket="$dir/socket" \
    --pid-file="$dir/server.pid" --bind-address=127.0.0.1 --port="$port" --skip-name-resolve \
    --character-set-server=utf8mb4 --collation-server=utf8mb4_general_ci \
    --innodb-flush-log-at-trx-commit=1 --innodb-buffer-pool-size=256M --innodb-log-file-size=256M \
    --performance-schema=OFF --skip-log-bin --max-connections=500 --max-allowed-packet=80M \
    "$@" >>"$dir/server.log" 2>&1 </dev/null &
  echo $! >"$dir/pid"
}

start() {
  local dir="$1" user port attempt
  shift
  command -v mariadbd >/dev/null || fail "mariadbd is not installed (deploy/local/install.sh test)"
  mkdir -p "$dir"
  dir="$(cd "$dir" && pwd)"
  if running "$dir"; then fail "already running in $dir"; fi
  user="$(account "$dir")"
  if [[ ! -e "$dir/filled" ]]; then fill "$dir" "$user"; fi
  for attempt in 1 2 3 4 5; do
    if [[ -s "$dir/port" ]]; then port="$(cat "$dir/port")"; else port="$(free_port)"; fi
    launch "$dir" "$port" "$user" "$@"
    if wait_ready "$dir" "$port" "$(cat "$dir/pid")"; then
      echo "$port" >"$dir/port"
      echo "JIEDUI_TEST_MYSQL=mysql://root@127.0.0.1:$port"
      return
    fi
    stop "$dir"
    # Another process may have taken the port in between; nothing else is worth a second try.
    grep -q "Can't start server: Bind on TCP/IP port" "$dir/server.log" || break
    echo "mariadb.sh: port $port is taken (attempt $attempt)" >&2
    sleep 0.2
  done
  tail -n 30 "$dir/server.log" >&2
  fail "the server in $dir did not start"
}

# Waits up to $2 seconds for process $1 to be gone.
wait_gone() {
  local end=$((SECONDS + $2))
  while alive "$1"; do
    ((SECONDS < end)) || return 1
    sleep 0.05
  done
}

stop() {
  local pid
  running "$1" || { rm -f "$1/pid"; return 0; }
  pid="$(cat "$1/pid")"
  kill -TERM "$pid" 2>/dev/null || true
  wait_gone "$pid" 60 || kill_now "$1"
  rm -f "$1/pid"
}

kill_now() {
  local pid
  running "$1" || return 0
  pid="$(cat "$1/pid")"
  kill -KILL "$pid" 2>/dev/null || true
  wait_gone "$pid" 20 || fail "process $pid does not end"
  rm -f "$1/pid"
}

run() {
  local dir setting status=0
  dir="$(mktemp -d -t jiedui-mariadb.XXXXXX)"
  chmod 755 "$dir"
  # shellcheck disable=SC2064
  trap "stop '$dir'; rm -rf '$dir'" EXIT
  setting="$(start "$dir")"
  env "$setting" "$@" || status=$?
  return "$status"
}

command="${1:-}"
case "$command" in
  start) [[ $# -ge 2 ]] || fail "start DIR [option...]"; start "${@:2}" ;;
  stop) [[ $# == 2 ]] || fail "stop DIR"; stop "$2" ;;
  kill) [[ $# == 2 ]] || fail "kill DIR"; kill_now "$2" ;;
  run) [[ $# -ge 2 ]] || fail "run COMMAND..."; run "${@:2}" ;;
  *) sed -n '2,/^set -/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
