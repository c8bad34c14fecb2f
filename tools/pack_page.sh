#!/usr/bin/env bash
# Packs the files of a folder into one that src/serve/page_bundle.h reads: lines of text with path,
# type, SHA-256, whether it may change, where it lies and how long it is, then the files as gzip.
#
#     tools/pack_page.sh FOLDER OUT
set -euo pipefail

folder=${1:?a folder with index.html}
out=${2:?the file to write}
if [ ! -f "$folder/index.html" ]; then
  echo "likeness: $folder holds no index.html, so it is no page" >&2
  exit 1
fi

type_of() {
  case $1 in
    *.html) echo 'text/html; charset=utf-8' ;;
    *.js) echo 'text/javascript; charset=utf-8' ;;
    *.css) echo 'text/css; charset=utf-8' ;;
    *.svg) echo 'image/svg+xml' ;;
    *.png) echo 'image/png' ;;
    *.webmanifest) echo 'application/manifest+json' ;;
    *.txt) echo 'text/plain; charset=utf-8' ;;
    *)
      echo "likeness: the type of $1 is unknown; add it to tools/pack_page.sh" >&2
      return 1
      ;;
  esac
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
printf 'likeness-page 1\n' >"$work/index"
: >"$work/content"
offset=0
while IFS= read -r -d '' file; do
  path=${file#"$folder"}
  # What the bundler names after its content never changes under that name.
  mutability=changing
  case $path in /assets/*) mutability=immutable ;; esac
  type=$(type_of "$path")
  hash=$(sha256sum <"$file" | cut -d ' ' -f 1)
  gzip -9 -n -c "$file" >"$work/packed"
  length=$(wc -c <"$work/packed")
  printf '%s\t%s\t%s\t%s\t%d\t%d\t%d\n' "$path" "$type" "$hash" "$mutability" "$offset" "$length" \
    "$(wc -c <"$file")" >>"$work/index"
  cat "$work/packed" >>"$work/content"
  offset=$((offset + length))
done < <(find "$folder" -type f -print0 | LC_ALL=C sort -z)
printf '\n' >>"$work/index"

mkdir -p "$(dirname "$out")"
cat "$work/index" "$work/content" >"$work/bundle"
# A build that nothing changed in leaves the time of the file, and what depends on it, alone.
if ! cmp -s "$work/bundle" "$out"; then mv "$work/bundle" "$out"; fi
