# Sourced by the scripts beside it: one voice for what they say, and steps that explain themselves.
# shellcheck shell=bash

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
mkdir -p build

# say TEXT: what happens now.
say() { printf 'likeness: %s\n' "$*"; }

# fail TEXT [HINT]: what went wrong and what to do, then the end.
fail() {
  printf '\nlikeness: %s\n' "$1" >&2
  if [ $# -gt 1 ]; then printf 'What to do: %s\n' "$2" >&2; fi
  exit 1
}

# quietly LOG HINT COMMAND…: runs COMMAND with its output in LOG; shows the end of it on failure.
quietly() {
  local log=$1 hint=$2
  shift 2
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 30 "$log" >&2
    fail "'$1' failed; all it said is in $log" "$hint"
  fi
}

# jobs: how many compilers may run at once: one a core, each with 1.5 GB of memory.
jobs_that_fit() {
  local cores memory_kb fitting
  cores=$(nproc)
  memory_kb=$(awk '/^MemAvailable/ {print $2}' /proc/meminfo)
  fitting=$((${memory_kb:-0} / 1500000))
  if [ "$fitting" -lt 1 ]; then fitting=1; fi
  if [ "$fitting" -lt "$cores" ]; then echo "$fitting"; else echo "$cores"; fi
}
