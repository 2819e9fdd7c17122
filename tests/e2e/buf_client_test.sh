#!/usr/bin/env bash
# `buf curl`, which knows the servers only by reflection, creates, lists, pages, updates and reads health; no call of it brings a
# deadline. What is wrong in JSON is refused before it is sent, what is wrong in a value by the server, with every violation.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
work="$(mktemp -d)"
mkfifo "$work/until"
/usr/bin/python3 -B "$here/serve.py" <"$work/until" >"$work/ports" &
server=$!
exec 9>"$work/until"
trap 'exec 9>&-; wait "$server" || true; rm -rf "$work"' EXIT
until [[ -s $work/ports ]]; do kill -0 "$server"; sleep 0.05; done
read -r port gateway <"$work/ports"

# curl METHOD JSON: prints the answer.
curl() {
  buf curl --protocol grpc --http2-prior-knowledge -d "$2" "http://127.0.0.1:$port/$1"
}

# refused METHOD JSON WORD...: the call fails, and each word is in the error or its details.
refused() {
  local method="$1" json="$2" word
  shift 2
  if curl "$method" "$json" >"$work/answer" 2>&1; then echo "not refused: $method $json"; return 1; fi
  # The details are base64 without padding.
  jq -r '.details[]?.value' "$work/answer" >"$work/details" 2>/dev/null || true
  while read -r detail; do base64 -d <<<"$detail" 2>/dev/null || true; done <"$work/details" >>"$work/answer"
  for word in "$@"; do
    grep -qaF -- "$word" "$work/answer" || { echo "$method $json: no \"$word\" in"; cat "$work/answer"; return 1; }
  done
}

equal() {
  [[ $1 == "$2" ]] || { echo "expected \"$2\", got \"$1\""; return 1; }
}

parties=jiedui.village.v1.PartyService
person='"village": "villages/120119901201", "birthDate": "1990-05-01", "stage": "DEVELOPMENT_STAGE_FULL", "joinedDate": "2015-07-01"'

created="$(curl $parties/CreatePartyMember "{\"partyMember\": {\"displayName\": \"张三\", $person}}")"
name="$(jq -r .name <<<"$created")"
etag="$(jq -r .etag <<<"$created")"
equal "$(curl $parties/GetPartyMember "{\"name\": \"$name\"}" | jq -S .)" "$(jq -S . <<<"$created")"
update="{\"partyMember\": {\"name\": \"$name\", \"etag\": \"$etag\", \"displayName\": \"李四\"}, \"updateMask\": \"displayName\"}"
equal "$(curl $parties/UpdatePartyMember "$update" | jq -r .displayName)" '李**'
refused $parties/UpdatePartyMember "$update" aborted

for number in 1 2 3 4; do curl $parties/CreatePartyMember "{\"partyMember\": {\"displayName\": \"甲$number\", $person}}" >/dev/null; done
page="$(curl $parties/ListPartyMembers '{"pageSize": 3}')"
equal "$(jq '.partyMembers | length' <<<"$page")" 3
page="$(curl $parties/ListPartyMembers "{\"pageSize\": 3, \"pageToken\": $(jq .nextPageToken <<<"$page")}")"
equal "$(jq '.partyMembers | length' <<<"$page")" 2
equal "$(jq 'has("nextPageToken")' <<<"$page")" false

equal "$(curl grpc.health.v1.Health/Check '{}' | jq -r .status)" SERVING
buf curl --protocol grpc --http2-prior-knowledge --list-services "http://127.0.0.1:$port" >"$work/services"
grep -qx jiedui.village.v1.DivisionService "$work/services"
buf curl --protocol grpc --http2-prior-knowledge --list-methods "http://127.0.0.1:$port" >"$work/methods"
grep -q DivisionService/ListVillages "$work/methods"

scorecard="$(buf curl --protocol grpc --http2-prior-knowledge -d '{}' "http://127.0.0.1:$gateway/jiedui.gateway.v1.ScorecardService/GetScorecard")"
equal "$(jq '.rows | length' <<<"$scorecard")" 38
equal "$(jq -r '[.sources[].freshness] | unique | .[]' <<<"$scorecard")" FRESHNESS_FRESH

refused $parties/CreatePartyMember "{\"partyMember\": {\"nickname\": \"x\", $person}}" nickname
refused $parties/CreatePartyMember "{\"partyMember\": {\"displayName\": 7, $person}}" displayName
refused $parties/CreatePartyMember '{"partyMember": {"birthDate": "1990-13-41", "village": "villages/1", "stage": 99}}' \
  invalid_argument party_member.village party_member.display_name party_member.birth_date party_member.stage
equal "$(curl $parties/ListPartyMembers '{}' | jq '.partyMembers | length')" 5
