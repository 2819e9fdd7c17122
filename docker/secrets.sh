#!/usr/bin/env bash
# Makes the passwords and the keys of personal data that compose.yaml mounts, once: docker/secrets/*, which git ignores.
#   docker/secrets.sh [--rotate] [--rotate-search]     as deploy/local/new_keys.sh: newer keys beside those that are there
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
mkdir -p secrets
for name in root_password migration_password program_password; do
  if [[ -s secrets/$name ]]; then continue; fi
  # Readable for the containers' account, closed to others by the folder.
  head -c 24 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n' >"secrets/$name"
  chmod 644 "secrets/$name"
done
chmod 700 secrets
../deploy/local/new_keys.sh secrets/keys "$@"
chmod 755 secrets/keys
chmod 644 secrets/keys/*.key
