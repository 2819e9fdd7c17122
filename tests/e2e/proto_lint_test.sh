#!/usr/bin/env bash
# The protos keep buf's rules, everything in them has a comment, and nothing breaks against the last release, once there is one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# Prints the problems of a copy of the protos in which the command given has spoilt division.proto.
problems_after() {
  rm -rf "$work/proto"
  cp -r proto "$work/proto"
  "$@" "$work/proto/jiedui/village/v1/division.proto"
  buf lint "$work/proto" || true
}

buf lint proto
buf build proto -o "$work/all.binpb"

# The rules bite: each spoilt copy is refused for the reason meant.
problems_after sed -i 's,^  // One village\..*,,' | grep -q 'RPC "GetVillage" should have a non-empty comment'
problems_after sed -i 's,^  // Statistical code.*,,' | grep -q 'Field "code" should have a non-empty comment'
problems_after sed -i 's,^// A city\, district or township.*,,' | grep -q 'Message "Division" should have a non-empty comment'
problems_after sed -i 's,SUPPORT_LEVEL_CITY,SUPPORT_CITY,' | grep -q 'SUPPORT_LEVEL_'

release="$(git describe --tags --abbrev=0 2>/dev/null || true)"
if [[ -n $release ]]; then
  mkdir "$work/release"
  git archive "$release" proto | tar -x -C "$work/release"
  buf breaking proto --against "$work/release/proto"
else
  buf breaking proto --against "$work/all.binpb"
fi
