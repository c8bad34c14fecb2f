#!/usr/bin/env bash
# Sets up, builds everything in Release and runs all tests; ends with CTest's summary.
#
#     tools/test.sh [-DOPTION=VALUE…]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

tools/setup.sh build weights page test browser
tools/build.sh release -DLIKENESS_BUILD_TESTS=ON "$@"
tools/weights.sh || say "the tests that need the missing weights will be skipped"
say "$(awk '/^# [0-9]+ cases$/ { cases += $2 } END { print cases + 0 }' \
  build/release/tests/*_suites.cmake build/release/tests/*/*_suites.cmake) cases; a test below is a suite of them"
# Tests run side by side: threads that spin while they wait would take the others' time.
export OPENBLAS_NUM_THREADS="${OPENBLAS_NUM_THREADS:-1}" OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}"
ctest --preset release --parallel "${JOBS:-$(nproc)}" ||
  fail "tests failed" "their output is above; one alone: ctest --preset release -R NAME"
