# A thin front over CMake presets (CMakePresets.json). `make` alone explains the targets.
#
# Every target first installs the Debian packages that it needs and that are missing.

PREFIX ?= /usr/local
# How long each parser is fuzzed
SECONDS ?= 60
# Options for CMake, for example: make test CMAKE_OPTIONS=-DLIKENESS_WERROR=ON
CMAKE_OPTIONS ?=

.DEFAULT_GOAL := help
.PHONY: help setup build demo test test-web bench bench-mining bench-style lint fuzz format install clean

help:
	@echo 'Likeness: do two photos show the same person?'
	@echo
	@echo '  make demo      set up, build, and compare real photos (pictures in demo/)'
	@echo '  make test      build and run all tests'
	@echo '  make test-web  test the web page in Chromium, against the program'
	@echo '  make build     the program alone: build/release/likeness'
	@echo '  make install   the program, the library and find_package(likeness); PREFIX=$(PREFIX)'
	@echo '  make bench     measure speed against dlib'
	@echo '  make bench-mining  random triplets against hard ones, trained on $$LIKENESS_SHARED/data/faces'
	@echo '  make bench-style   paintings against plain LibTorch code, judged by VGG-19 of $$LIKENESS_SHARED/data/style'
	@echo '  make lint      format, includes, clang-tidy'
	@echo '  make fuzz      search for input that breaks a parser; SECONDS=$(SECONDS) for each'
	@echo '  make format    put all sources into the project'"'"'s format'
	@echo '  make setup     install every Debian package that any of these needs'
	@echo '  make clean     remove build/ and demo/ (fetched weights stay in their cache)'
	@echo
	@echo 'Missing Debian packages are installed on the way (as root or with sudo).'
	@echo 'JOBS=N sets how many compilers run at once. CONTRIBUTING.md says more.'

setup:
	@tools/setup.sh build weights page test bench lint fuzz

build:
	@tools/setup.sh build page
	@tools/build.sh release $(CMAKE_OPTIONS) --target likeness
	@echo 'likeness: built build/release/likeness'

demo:
	@tools/demo.sh

test:
	@tools/test.sh $(CMAKE_OPTIONS)

test-web:
	@tools/test_web.sh

bench:
	@tools/bench.sh $(CMAKE_OPTIONS)

bench-mining:
	@tools/setup.sh build weights bench
	@tools/build.sh release -DLIKENESS_BUILD_BENCH=ON $(CMAKE_OPTIONS) --target mining
	@build/release/bench/mining --out build/mining

bench-style:
	@tools/setup.sh build weights bench
	@tools/build.sh release -DLIKENESS_BUILD_BENCH=ON $(CMAKE_OPTIONS) --target style_contest
	@build/release/bench/style --out build/style

lint:
	@tools/setup.sh build test lint
	@tools/lint.sh

fuzz:
	@tools/fuzz.sh $(SECONDS)

format:
	@tools/setup.sh format
	@git ls-files --cached --others --exclude-standard -- '*.h' '*.cpp' | xargs clang-format -i

install: build
	@cmake --install build/release --prefix '$(PREFIX)' >build/install.log || \
	  { echo 'likeness: could not install into $(PREFIX); try sudo, or PREFIX=$$HOME/.local' >&2; exit 1; }
	@echo 'likeness: installed into $(PREFIX)'

clean:
	rm -rf build demo
