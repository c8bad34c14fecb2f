/// This project's own tree: its includes, and that no source is left out of the build.

#include <filesystem>

#include <gtest/gtest.h>

#include "layering/include_rules.h"

namespace likeness::layering {
namespace {

const std::filesystem::path kRoot = LIKENESS_SOURCE_DIR;

TEST(SourceTree, IncludesPointOnlyToTheLeft) {
  for (const std::string& line : broken_rules(kRoot)) ADD_FAILURE() << line;
}

TEST(SourceTree, EverySourceIsCompiled) {
  const auto commands =
      read_text(std::filesystem::path(LIKENESS_BINARY_DIR) / "compile_commands.json");
  for (const std::string& file : uncompiled_sources(kRoot, commands))
    ADD_FAILURE() << file << " is built by no target; tests are named tests/ROOM/*_test.cpp";
}

}  // namespace
}  // namespace likeness::layering
