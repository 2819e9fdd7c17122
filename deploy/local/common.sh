# shellcheck shell=bash disable=SC2034
# What up.sh and down.sh share: where things are, and which processes are ours.

repository="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
home="${JIEDUI_HOME:-${HOME:-$(getent passwd "$(id -u)" | cut -d: -f6)}/.local/share/jiedui}"
programs=(village industry infrastructure assistance gateway)
declare -A grpc_port=([gateway]=50050 [village]=50051 [industry]=50052 [infrastructure]=50053 [assistance]=50054)
declare -A http_port=([gateway]=9090 [village]=9091 [industry]=9092 [infrastructure]=9093 [assistance]=9094)
# A second installation on the same machine: every port is so much higher.
offset="${JIEDUI_PORT_OFFSET:-0}"
for program in "${programs[@]}"; do
  grpc_port[$program]=$((grpc_port[$program] + offset))
  http_port[$program]=$((http_port[$program] + offset))
  # The command line finds the programs by these.
  declare -x "JIEDUI_${program^^}_ADDRESS=127.0.0.1:${grpc_port[$program]}"
done

# Prints the process id of a program that up.sh started and that is still that program.
pid_of() {
  local pid executable
  pid="$(cat "$home/run/$1.pid" 2>/dev/null)" || return 1
  # Also true for a binary that a build has replaced: the link then ends in " (deleted)".
  executable="$(readlink "/proc/$pid/exe" 2>/dev/null)" || return 1
  [[ $executable == */jiedui-$1 || $executable == */jiedui-$1" (deleted)" ]] || return 1
  echo "$pid"
}

# Asks the programs to end in order (they finish what they have accepted), and ends by force what is left after 40 s.
stop_programs() {
  local program pid end=$((SECONDS + 40)) left=()
  for program in "$@"; do
    if pid="$(pid_of "$program")"; then kill -TERM "$pid" 2>/dev/null || true; left+=("$program"); fi
  done
  while ((${#left[@]})) && ((SECONDS < end)); do
    sleep 0.1
    local still=()
    for program in "${left[@]}"; do
      if pid_of "$program" >/dev/null; then still+=("$program"); else echo "stopped jiedui-$program"; fi
    done
    left=("${still[@]}")
  done
  for program in "${left[@]}"; do
    if pid="$(pid_of "$program")"; then
      echo "jiedui-$program does not end by itself: killed" >&2
      kill -KILL "$pid" 2>/dev/null || true
    fi
  done
  for program in "$@"; do rm -f "$home/run/$program.pid" "$home/run/$program.started"; done
}
