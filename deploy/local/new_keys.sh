#!/usr/bin/env bash
# new_keys.sh DIR [--rotate] [--rotate-search] [--sm4]: makes the keys of personal data in DIR (--keys_dir of the programs) where there
# are none. With --rotate it adds the next key for cells, with --rotate-search that for search hashes: the programs write with it from a
# few seconds later on and bring over what is there. `jiedui verify` tells how much is still under which key; one under which
# nothing is any more may be deleted. A search key that is deleted before lets values in twice. Where several replicas of a program run,
# name the keys to write with in DIR/active before, and delete that file once every replica has the new key. With --sm4 new keys are of
# SM4 and SM3. Whoever loses the keys loses the data: keep a copy apart from the database.
set -euo pipefail
umask 077
dir="$1"
shift
cell=AES-256-GCM cell_bytes=32 search=HMAC-SHA-256 rotate='' rotate_search=''
for option in "$@"; do
  case "$option" in
    --rotate) rotate=1 ;;
    --rotate-search) rotate_search=1 ;;
    --sm4) cell=SM4-CTR-HMAC-SM3 cell_bytes=48 search=HMAC-SM3 ;;
    *) echo "new_keys.sh: unknown option $option" >&2; exit 2 ;;
  esac
done

# add KIND ROTATE ALGORITHM BYTES: the next key of a kind, where there is none or ROTATE is set. A key file appears whole or not at all.
add() {
  local last=0 file number
  for file in "$dir/$1"-*.key; do
    [[ -e $file ]] || continue
    number="${file##*/"$1"-}"
    number="${number%.key}"
    if ((number > last)); then last="$number"; fi
  done
  if ((last > 0)) && [[ -z $2 ]]; then return; fi
  printf '%s %s\n' "$3" "$(head -c "$4" /dev/urandom | od -An -v -tx1 | tr -d ' \n')" >"$dir/.new"
  mv "$dir/.new" "$dir/$1-$((last + 1)).key"
}

mkdir -p "$dir"
add cell "$rotate" "$cell" "$cell_bytes"
add search "$rotate_search" "$search" 32
