#!/usr/bin/env bash
# The schemas and the two accounts of the programs: one migrates, the other reads and writes rows.
#
#   mysql-init.sh FOLDER [HOST]    prints the SQL; FOLDER holds migration_password and program_password, HOST is where the
#                                  accounts call from
#   mysql-init.sh                  inside the container of compose.yaml: runs it
set -euo pipefail

statements() {
  local folder="$1" host="${2:-%}" name
  for name in village industry infrastructure assistance gateway; do
    echo "CREATE DATABASE IF NOT EXISTS jiedui_$name CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;"
  done
  for name in migration program; do
    local account="jiedui_migration" rights="ALL PRIVILEGES" password
    if [[ $name == program ]]; then account="jiedui" rights="SELECT, INSERT, UPDATE, DELETE"; fi
    password="$(sed "s/[\\\\']/\\\\&/g" "$folder/${name}_password")"
    echo "CREATE USER IF NOT EXISTS '$account'@'$host' IDENTIFIED BY '$password';"
    # The underscore is a wildcard of GRANT.
    echo "GRANT $rights ON \`jiedui\\_%\`.* TO '$account'@'$host';"
  done
}

if [[ ${BASH_SOURCE[0]} == "$0" && $# != 0 ]]; then
  statements "$@"
else
  statements /run/secrets | MYSQL_PWD="$(cat /run/secrets/root_password)" mysql --protocol=socket -uroot
fi
