#!/usr/bin/env bash
# Builds the benchmarks (bench/*_bench.cpp) in Release and runs them: each checks its answer against
# the reference before it times anything.
#
#     tools/bench.sh [-DOPTION=VALUE…]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

tools/setup.sh build weights bench
tools/build.sh release -DLIKENESS_BUILD_BENCH=ON "$@"
tools/weights.sh || fail "the benchmarks need the networks' weights" "see above"
for program in build/release/bench/*_bench; do
  say "$program"
  "$program" || fail "$program failed" "its message is above"
done
