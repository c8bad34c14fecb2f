#pragma once

/// What tests of real faces need and do not always find: weights in the cache, the photos of the
/// demonstration, the shared data sets. A test that misses some is skipped and says so.

#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <string>

#include <gtest/gtest.h>
#include <likeness/model/store.h>

namespace likeness {

inline std::filesystem::path source_folder() {
  return LIKENESS_SOURCE_DIR;
}

/// $LIKENESS_SHARED, else `shared` beside the sources.
inline std::filesystem::path shared_folder() {
  if (const char* folder = std::getenv("LIKENESS_SHARED")) return folder;
  return source_folder().parent_path() / "shared";
}

inline std::filesystem::path photo_folder() {
  return source_folder() / "demo" / "photos";
}

/// "" when all of `models` are in the cache, else what is missing and how to get it. Tests fetch
/// nothing themselves.
inline std::string missing_weights(const ModelStore& store,
                                   std::initializer_list<const char*> models) {
  for (const char* model : models)
    if (store.status(model).state != ModelState::present)
      return std::string("no weights of ") + model + ": run `likeness models pull " + model + "`";
  return {};
}

/// "" when `path` exists, else that it is missing and `hint`.
inline std::string missing_path(const std::filesystem::path& path, const std::string& hint) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored) ? "" : "no " + path.string() + ": " + hint;
}

}  // namespace likeness

/// Skips the test when `reason`, an expression of type std::string, is not empty.
#define LIKENESS_SKIP_WHEN(reason) \
  if (const std::string why = (reason); !why.empty()) GTEST_SKIP() << why
