#!/usr/bin/env bash
# Installs the Debian packages that are missing, and nothing else.
#
#     tools/setup.sh GROUP…      groups: build weights page browser test bench lint fuzz format
#
# What is there stays as it is: a second run looks, finds nothing to do and needs no network. An
# npm that did not come from Debian is kept.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

packages_of() {
  case $1 in
    # docs/dependencies.md says what each is for. LibTorch links whatever BLAS the system chose:
    # without OpenBLAS that is the reference BLAS, many times slower.
    build)
      echo g++ cmake ninja-build make ccache pkg-config \
        libtorch-dev libgloo-dev libopenblas0-pthread libopencv-dev libjpeg-dev libpng-dev libtiff-dev \
        libwebp-dev liblcms2-dev nlohmann-json3-dev libcli11-dev libsodium-dev libarchive-dev \
        libsqlite3-dev libpqxx-dev libhnswlib-dev libcpp-httplib-dev prometheus-cpp-dev zlib1g-dev \
        libjemalloc-dev
      ;;
    weights)
      echo ca-certificates
      if ! command -v npm >/dev/null; then echo npm; fi
      ;;
    page) if ! command -v npm >/dev/null; then echo npm; fi ;;
    browser) echo chromium ;;
    test) echo libgtest-dev openmpi-bin ;;
    bench) echo libbenchmark-dev libdlib-dev ;;
    format) echo clang-format ;;
    lint) echo clang clang-format clang-tidy shellcheck ;;
    fuzz) echo clang libclang-rt-dev libgtest-dev ;;
    *) fail "unknown group of packages '$1'" "use build, weights, page, browser, test, bench, lint, fuzz or format" ;;
  esac
}

wanted=()
for group in "$@"; do
  packages=$(packages_of "$group")
  # shellcheck disable=SC2206  # the names hold no spaces
  wanted+=($packages)
done
if [ ${#wanted[@]} -eq 0 ]; then
  fail "no group of packages given" "run for example: tools/setup.sh build test"
fi

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  say "this is not a Debian system; what is needed goes by these names there: ${wanted[*]}"
  exit 0
fi

installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null || true)
missing=()
for package in "${wanted[@]}"; do
  if ! grep -qx "installed $package" <<<"$installed"; then missing+=("$package"); fi
done
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    fail "missing packages: ${missing[*]}" \
      "you are not root and there is no sudo; ask an administrator to run: apt-get install ${missing[*]}"
  fi
  as_root=(sudo)
  # sudo may ask for a password, which the log below would hide.
  sudo -v || fail "sudo was refused" "as root, run: apt-get install ${missing[*]}"
fi

hint="look at the network and at /etc/apt/sources.list, then run this again"
apt() {
  quietly build/setup.log "$hint" ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 "$@"
}
say "installing Debian packages with what they need (one to three minutes): ${missing[*]}"
apt update
apt install -y --no-install-recommends "${missing[@]}"
