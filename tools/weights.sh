#!/usr/bin/env bash
# Fetches the weights of all networks into the cache; those that are there are left alone, so that
# a second run needs no network.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

build/release/likeness models pull all || {
  say "not all weights could be fetched; a network and npm are needed the first time"
  exit 1
}
