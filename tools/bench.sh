#!/usr/bin/env bash
# Builds the benchmarks (bench/*_bench.cpp) in Release and runs them. Each says what it compares
# with; one that lacks photos or data sets says so and is skipped.
#
#     tools/bench.sh [-DOPTION=VALUE…]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

tools/setup.sh build weights page bench
tools/build.sh release -DLIKENESS_BUILD_BENCH=ON "$@"
tools/weights.sh || fail "the benchmarks need the networks' weights" "see above"
tools/photos.sh || say "without photos 'likeness verify' is not measured"

# The detectors that ours is compared with; only worth fetching where the data sets are.
package=@vladmandic/face-api@1.7.15
if [ -d "${LIKENESS_SHARED:-../shared}/data/faces" ] && [ ! -d build/face-api/package/model ]; then
  say "fetching the detectors to compare with: npm pack $package"
  mkdir -p build/face-api
  quietly build/face-api.log "is there a network, and does 'npm ping' answer? then run this again" \
    npm pack "$package" --silent --pack-destination build/face-api
  tar -xzf build/face-api/*.tgz -C build/face-api package/model package/demo
fi

for program in build/release/bench/*_bench; do
  say "$program"
  "$program" || fail "$program failed" "its message is above; $program --help explains it"
done
