#!/usr/bin/env bash
# Configures and builds one of the presets of CMakePresets.json.
#
#     tools/build.sh PRESET [-DOPTION=VALUE…] [--target TARGET…]
#
# JOBS sets how many compilers run at once.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

preset=${1:?preset, for example release}
shift
options=()
while [ $# -gt 0 ] && [ "$1" != --target ]; do
  options+=("$1")
  shift
done

folder=build/$preset
hint="if the message above is of no help: rm -rf $folder, then run this again"
if ! command -v cmake >/dev/null; then
  fail "CMake is not installed" "run tools/setup.sh build"
fi
quietly "build/$preset-configure.log" "$hint" \
  cmake --preset "$preset" ${options[@]+"${options[@]}"}
cmake --build "$folder" --parallel "${JOBS:-$(jobs_that_fit)}" "$@" ||
  fail "the build in $folder failed; the first error is above" "$hint"
