#!/usr/bin/env bash
# Builds the web page (web/) into build/web and packs it into one file for the program. Sources that
# did not change are not built again; the packages are fetched by npm as web/package-lock.json pins
# them.
#
#     tools/web.sh [OUT]      OUT: the packed page, default build/web/page.bundle
set -euo pipefail
case ${1:-} in
  '' | /*) out=${1:-} ;;
  *) out=$PWD/$1 ;;
esac
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

out=${out:-$PWD/build/web/page.bundle}
work=build/web
sources=(.npmrc index.html package.json package-lock.json public src tsconfig.json vite.config.ts)
option="or build without the page: -DLIKENESS_BUILD_PAGE=OFF"

command -v npm >/dev/null ||
  fail "the web page is built by npm, which is not installed" "tools/setup.sh page installs it, $option"
node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 18 ? 0 : 1)' ||
  fail "the web page needs Node.js 18 or newer, here is $(node --version)" "install a newer one, $option"

# Several builds may run at once, each in a folder of its own, and all want the page.
mkdir -p "$work"
exec 9>"$work/lock"
flock 9

now=$( (cd web && find "${sources[@]}" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum) |
  sha256sum | cut -d ' ' -f 1)
if [ ! -f "$work/dist/index.html" ] || [ "$(cat "$work/built" 2>/dev/null)" != "$now" ]; then
  rm -f "$work/built"
  # Beside the packages that are there from the last time.
  rm -rf "$work/src" "$work/public" "$work/dist"
  for source in "${sources[@]}"; do cp -R "web/$source" "$work/"; done
  if [ "$(cat "$work/node_modules/fetched" 2>/dev/null)" != "$(sha256sum <web/package-lock.json)" ]; then
    say "fetching what builds the web page: npm ci"
    quietly "$work/npm.log" "is there a network, and does 'npm ping' answer? then run this again, $option" \
      npm --prefix "$work" ci --omit=dev --ignore-scripts
    sha256sum <web/package-lock.json >"$work/node_modules/fetched"
  fi
  say "building the web page"
  quietly "$work/build.log" "if the message above is of no help: rm -rf build/web, then run this again" \
    npm --prefix "$work" run build
  printf '%s\n' "$now" >"$work/built"
fi
tools/pack_page.sh "$work/dist" "$out"
