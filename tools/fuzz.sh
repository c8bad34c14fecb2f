#!/usr/bin/env bash
# Builds the fuzz targets (tests/*/*_fuzz.cpp) with Clang and lets each one search for input that
# breaks it, one after the other, beginning with its corpus in the repository.
#
#     tools/fuzz.sh [SECONDS [NAME…]]      for example: tools/fuzz.sh 300 safetensors tflite
#
# What was found to reach new code is kept in build/fuzz/corpus, so that the next run goes on there.
# What broke a target is kept in build/fuzz/found: it belongs into the corpus in the repository.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

seconds=${1:-60}
shift || true
names=("$@")
tools/setup.sh build fuzz
tools/build.sh fuzz --target fuzzers
if [ ${#names[@]} -eq 0 ]; then
  for source in tests/*/*_fuzz.cpp; do names+=("$(basename "$source" _fuzz.cpp)"); done
fi

broken=()
mkdir -p build/fuzz/found
for name in "${names[@]}"; do
  program=build/fuzz/tests/${name}_fuzz
  [ -x "$program" ] || fail "there is no fuzz target '$name'" "see tests/*/*_fuzz.cpp"
  kept=build/fuzz/corpus/$name
  mkdir -p "$kept"
  say "fuzzing $name for $seconds s"
  log=build/fuzz/$name.log
  if ! "$program" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=3000 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/found/$name-" "$kept" tests/*/corpus/"$name" >"$log" 2>&1; then
    broken+=("$name")
    grep -m 3 -E 'ERROR|runtime error|not true|SUMMARY|written to' "$log" >&2 || tail -n 5 "$log" >&2
  fi
  grep -E 'DONE|number_of_executed_units' "$log" | tail -n 2 || true
done
if [ ${#broken[@]} -gt 0 ]; then
  fail "broken: ${broken[*]}" "the input lies in build/fuzz/found, all that was said in build/fuzz/NAME.log"
fi
say "no target could be broken"
