#!/usr/bin/env bash
# Looks the sources over without changing them.
#
#     tools/lint.sh           format, scripts, includes, clang-tidy with a Clang build
#     tools/lint.sh format    the format alone (seconds)
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# All C++ files that are, or would be, tracked.
sources() {
  if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    git ls-files --cached --others --exclude-standard -- '*.h' '*.cpp'
  else
    find include src apps tests bench examples -name '*.h' -o -name '*.cpp'
  fi
}

check_format() {
  local program=clang-format
  if command -v clang-format-14 >/dev/null; then program=clang-format-14; fi
  case $("$program" --version) in
    *"version 14."*) ;;
    *) say "the format is that of clang-format 14; another version may see differences" ;;
  esac
  # A file may have been removed since git listed it.
  sources | while read -r file; do if [ -f "$file" ]; then echo "$file"; fi; done |
    xargs "$program" --dry-run -Werror ||
    fail "these files are not formatted" "run: make format"
  say "format: fine"
}

check_scripts() {
  local scripts=(tools/*.sh .ci/run)
  local script
  for script in "${scripts[@]}"; do bash -n "$script"; done
  if command -v shellcheck >/dev/null; then
    shellcheck -x -P tools "${scripts[@]}" || fail "shellcheck has remarks on the scripts"
  fi
  say "scripts: fine"
}

check_sources() {
  say "compiling with Clang and clang-tidy (up to an hour the first time)"
  tools/build.sh lint --target likeness layering_tests plain_headers network_headers
  build/lint/tests/layering/layering_tests --gtest_brief=1 ||
    fail "an include points the wrong way" "docs/architecture.md shows the rooms and their order"
  say "includes and clang-tidy: fine"
}

check_format
if [ "${1:-all}" != format ]; then
  check_scripts
  check_sources
fi
