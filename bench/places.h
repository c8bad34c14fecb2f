#pragma once

/// Where the benchmarks find what they need.

#include <cstdlib>
#include <filesystem>

namespace likeness::bench {

inline std::filesystem::path source_folder() {
  return LIKENESS_SOURCE_DIR;
}

/// $LIKENESS_SHARED, else `shared` beside the sources; it need not exist.
inline std::filesystem::path shared_folder() {
  if (const char* folder = std::getenv("LIKENESS_SHARED")) return folder;
  return source_folder().parent_path() / "shared";
}

}  // namespace likeness::bench
