#!/usr/bin/env bash
# services/*/WORKFLOWS.md are what the declarations say. After a change of a workflow:
#   jiedui workflows --program village >services/village/WORKFLOWS.md
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
jiedui="${JIEDUI_BIN:-build/release/bin}/jiedui"
documents=0
for program in village industry infrastructure assistance gateway; do
  document="services/$program/WORKFLOWS.md"
  if ! "$jiedui" workflows --program "$program" -o csv | tail -n +2 | grep -q .; then
    [[ ! -e $document ]] || { echo "$document: the program has no workflow"; exit 1; }
    continue
  fi
  diff -u "$document" <("$jiedui" workflows --program "$program") || { echo "$document is out of date: see the head of this test"; exit 1; }
  documents=$((documents + 1))
done
((documents >= 2))
echo "$documents documents agree with the declarations"
