#pragma once

/// The cache file of aligned faces.
///
/// File: "LKFACES1", the length of the index (u64) and its SHA-256 (64 characters), the index (key,
/// size of the crops, names of identities, labels, pictures, skipped pictures), zeros up to the
/// next multiple of 4,096, then the crops row by row. Numbers are little-endian.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <likeness/train/aligned_faces.h>

#include "train/posix_file.h"

namespace likeness {

/// Maps the file; nothing when there is none. The index is checked by its sum and number by number,
/// the pixels by their number. Throws Error(corrupt_file) with what is wrong, unreadable.
std::optional<AlignedFaces> read_face_cache(const std::filesystem::path& path,
                                            const std::string& key);

/// Writes a cache file beside its place and moves it there when it is whole.
class FaceCacheWriter {
 public:
  /// `index`: everything but the pixels, with one label and picture for each row to come.
  FaceCacheWriter(std::filesystem::path path, const std::string& key, int crop_size,
                  const AlignedFaces& index);
  ~FaceCacheWriter();
  FaceCacheWriter(const FaceCacheWriter&) = delete;
  FaceCacheWriter& operator=(const FaceCacheWriter&) = delete;

  /// The next row. Throws Error(write_failed).
  void add(ConstBytes crop);
  /// Requires that all rows were added. Throws Error(write_failed).
  void finish();

 private:
  std::filesystem::path path_;
  std::filesystem::path unfinished_;
  PosixFile file_;
  std::uint64_t offset_ = 0;
  std::uint64_t end_ = 0;
  bool finished_ = false;
};

}  // namespace likeness
