#!/usr/bin/env bash
# Installs the packages of deploy/packages.txt that are missing: install.sh [section...]; without arguments every section.
# Needs root or sudo only when something is missing.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
list="$here/../packages.txt"

# Prints the packages of the sections given, less those whose command is there already, from whatever package.
wanted() {
  local package command
  awk -v sections=" $* " '
    { sub(/#.*/, "") }
    /^\[.*\][ \t]*$/ { section = substr($1, 2, length($1) - 2); next }
    NF && (sections == "  " || index(sections, " " section " ")) { print $1, $2 }' "$list" |
    while read -r package command; do
      if [[ -z $command ]] || ! command -v "$command" >/dev/null; then echo "$package"; fi
    done
}

installed() {
  dpkg-query -W -f '${db:Status-Status} ${Package}\n' | awk '$1 == "installed" { print $2 }'
}

as_root() {
  if [[ $(id -u) == 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "install.sh: run as root, or install sudo" >&2
    exit 1
  fi
}

for section in "$@"; do
  grep -Eq "^\[$section\][[:space:]]*(#|$)" "$list" || { echo "install.sh: no section $section in deploy/packages.txt" >&2; exit 2; }
done

mapfile -t missing < <(comm -23 <(wanted "$@" | sort -u) <(installed | sort -u))
if [[ ${#missing[@]} == 0 ]]; then
  exit 0
fi

echo "installing: ${missing[*]}"
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
  # The database server is wanted as a program, not as a service: nothing that is installed here may start by itself.
  printf '#!/bin/sh\nexit 101\n' | as_root install -m 755 /dev/stdin "$policy"
  trap 'as_root rm -f "$policy"' EXIT
fi
environment=(DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true)
as_root env "${environment[@]}" apt-get -q -o Acquire::Retries=3 update
as_root env "${environment[@]}" apt-get -q -y -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 \
  install --no-install-recommends "${missing[@]}"
