#!/usr/bin/env bash
# Tests the web page: types, units, then every room in Chromium against the program that was built.
#
#     tools/test_web.sh [NAME…]      names of browser tests: verify, people, studio, …; default all
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

tools/setup.sh build weights page browser
tools/build.sh release --target likeness
tools/weights.sh || fail "the browser tests need the networks' weights" \
  "is there a network, and does 'npm ping' answer? then run this again"
if [ ! -e web/node_modules/.package-lock.json ] ||
  [ web/package-lock.json -nt web/node_modules/.package-lock.json ]; then
  say "fetching what tests the web page: npm ci"
  quietly build/web-test.log "is there a network, and does 'npm ping' answer? then run this again" \
    npm --prefix web ci --ignore-scripts
fi
npm --prefix web run --silent check || fail "the types of the web page do not fit" "see above"
npm --prefix web run --silent test || fail "unit tests of the web page failed" "see above"
node web/e2e/run.mjs --server build/release/likeness "$@" ||
  fail "browser tests failed" "what was seen lies in build/web-screenshots/failed-*.png"
