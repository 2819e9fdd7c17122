#!/usr/bin/env bash
# new_keys.sh DIR [--rotate] [--sm4]: makes the keys of personal data in DIR (--keys_dir of the programs) where there are none. With
# --rotate it adds the next key for cells, with which the programs write from a few seconds later on and to which they bring over what
# is there. With --sm4 new keys are of SM4 and SM3. Whoever loses the keys loses the data: keep a copy apart from the database.
set -euo pipefail
umask 077
dir="$1"
shift
cell=AES-256-GCM cell_bytes=32 search=HMAC-SHA-256 rotate=
for option in "$@"; do
  case "$option" in
    --rotate) rotate=1 ;;
    --sm4) cell=SM4-CTR-HMAC-SM3 cell_bytes=48 search=HMAC-SM3 ;;
    *) echo "new_keys.sh: unknown option $option" >&2; exit 2 ;;
  esac
done

# add NAME ALGORITHM BYTES: a key file appears whole or not at all.
add() {
  printf '%s %s\n' "$2" "$(head -c "$3" /dev/urandom | od -An -v -tx1 | tr -d ' \n')" >"$dir/.new"
  mv "$dir/.new" "$dir/$1.key"
}

mkdir -p "$dir"
last=0
for file in "$dir"/cell-*.key; do
  [[ -e $file ]] || continue
  number="${file##*/cell-}"
  number="${number%.key}"
  if ((number > last)); then last="$number"; fi
done
if ((last == 0)) || [[ -n $rotate ]]; then add "cell-$((last + 1))" "$cell" "$cell_bytes"; fi
if ! compgen -G "$dir/search-*.key" >/dev/null; then add search-1 "$search" 32; fi
