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
  const std::filesystem::path build = LIKENESS_BINARY_DIR;
  std::string commands = read_text(build / "compile_commands.json");
  // A unity build compiles files that include the sources.
  for (const auto& entry : std::filesystem::recursive_directory_iterator(build))
    if (entry.path().extension() == ".cxx" && entry.path().parent_path().filename() == "Unity")
      commands += read_text(entry.path());
  for (const std::string& file : uncompiled_sources(kRoot, commands))
    ADD_FAILURE() << file << " is built by no target; tests are named tests/ROOM/*_test.cpp";
}

}  // namespace
}  // namespace likeness::layering
