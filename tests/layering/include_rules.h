#pragma once

/// The house rules on includes, checked on source text (docs/architecture.md draws the house):
///
/// - a room includes only rooms to its left;
/// - headers in src/ROOM are that room's own, for its sources and its tests;
/// - public headers show nothing but the standard library, Likeness and LibTorch;
/// - every header has `#pragma once`, and public headers lie in a room.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace likeness::layering {

/// One `#include` of a file.
struct Include {
  int line = 0;       ///< from 1
  std::string name;   ///< what stands between the brackets or quotes
  bool angle = true;  ///< <name>, not "name"
};

/// The include directives of `source`, in order; commented ones are left out.
std::vector<Include> find_includes(std::string_view source);

/// What breaks a rule in the project at `root`, one "file:line: what and why" each, sorted.
std::vector<std::string> broken_rules(const std::filesystem::path& root);

/// The .h and .cpp files below `folder`, relative to `root`, sorted; none when it does not exist.
std::vector<std::filesystem::path> source_files(const std::filesystem::path& root,
                                                const std::filesystem::path& folder);

/// The .cpp files in src, apps, tests and examples that `commands`, the text of
/// compile_commands.json and of the unity sources named there, does not name in quotes: sources
/// that no target builds.
std::vector<std::string> uncompiled_sources(const std::filesystem::path& root,
                                            const std::string& commands);

/// Everything in the file. Throws std::runtime_error when it cannot be read.
std::string read_text(const std::filesystem::path& path);

}  // namespace likeness::layering
