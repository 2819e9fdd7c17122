#!/usr/bin/env bash
# up.sh builds, starts, loads the sample and prints the scorecard of 1,041 villages; a second run is quick and changes nothing;
# down.sh stops, and what was written is there after the next up.sh. With its own home and ports (above those that the kernel hands
# out), so that a running installation is left alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
JIEDUI_HOME="$(mktemp -d)"
export JIEDUI_HOME JIEDUI_SKIP_INSTALL=1 JIEDUI_PORT_OFFSET=$((11000 + RANDOM % 4000)) LANG=C.UTF-8
out="$JIEDUI_HOME.out"
trap 'deploy/local/down.sh >/dev/null || true; rm -rf "$JIEDUI_HOME" "$out"' EXIT

fail() {
  echo "$*" >&2
  cat "$out" >&2
  exit 1
}

process_ids() {
  cat "$JIEDUI_HOME"/run/*.pid
}

deploy/local/up.sh >"$out" 2>&1 || fail "up.sh failed"
grep -q '1041' "$out" || fail "no scorecard of 1041 villages"
for name in village industry infrastructure assistance gateway; do
  grep -q "started jiedui-$name" "$out" || fail "jiedui-$name was not started"
done
grep -q 'deploy/local/down.sh' "$out" || fail "how to stop is not said"
ids="$(process_ids)"
[[ $(wc -l <<<"$ids") == 5 ]] || fail "not five programs: $ids"

begin=$SECONDS
deploy/local/up.sh >"$out" 2>&1 || fail "the second up.sh failed"
((SECONDS - begin < 30)) || fail "the second up.sh took $((SECONDS - begin)) s"
grep -q '1041' "$out" || fail "the second up.sh printed no scorecard"
[[ $(process_ids) == "$ids" ]] || fail "the second up.sh restarted what was running"
if grep -q 'loading the sample' "$out"; then fail "the second up.sh loaded the sample again"; fi

deploy/local/down.sh >"$out" 2>&1 || fail "down.sh failed"
for id in $ids; do
  # A process that has ended stays as a zombie where nobody waits for it (a container without an init).
  state="$(cut -d ' ' -f 3 "/proc/$id/stat" 2>/dev/null || echo gone)"
  [[ $state == [ZX] || $state == gone ]] || fail "process $id is still there ($state)"
done
deploy/local/down.sh >"$out" 2>&1 || fail "the second down.sh failed"
mv "$JIEDUI_HOME/keys" "$JIEDUI_HOME/keys.away"
if deploy/local/up.sh >"$out" 2>&1; then fail "up.sh made new keys for the data of others"; fi
grep -q 'bring them back' "$out" || fail "what is missing is not said"
rm -rf "$JIEDUI_HOME/keys"
mv "$JIEDUI_HOME/keys.away" "$JIEDUI_HOME/keys"
deploy/local/up.sh >"$out" 2>&1 || fail "up.sh after down.sh failed"
grep -q '1041' "$out" || fail "the data is gone"
