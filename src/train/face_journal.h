#pragma once

/// What became of each picture of a data set, written down as it comes (FILE.partial), so that a
/// run that is killed loses nothing but the pictures it was at.
///
/// File: 80 bytes that say whose journal it is, then records in the order of their end: 24 bytes of
/// header, the crop's pixels or the reason why there is none, 16 bytes of checksum. Opening reads
/// and checks them all and cuts off whatever follows the last sound one.

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "train/posix_file.h"

namespace likeness {

class FaceJournal {
 public:
  enum class Outcome : std::uint32_t { face = 1, no_face = 2, undecodable = 3 };

  /// Opens or creates the journal. A file that belongs to another key (64 characters), size of crop
  /// or number of pictures is emptied. Throws Error(write_failed).
  FaceJournal(const std::filesystem::path& path, const std::string& key, int crop_size,
              std::size_t pictures);

  /// What became of a picture, nothing when it has no record yet.
  std::optional<Outcome> outcome(std::size_t picture) const { return records_[picture].outcome; }
  std::size_t finished() const { return finished_; }
  /// Bytes of a crop.
  std::size_t crop_bytes() const { return crop_bytes_; }

  /// Writes a record down; safe to call from many threads. `content`: crop_bytes() of pixels for a
  /// face, else the reason. Throws Error(write_failed).
  void add(std::size_t picture, Outcome outcome, ConstBytes content);

  /// The content of a record. Requires that there is one and that nobody adds.
  std::vector<std::uint8_t> content(std::size_t picture) const;

 private:
  struct Record {
    std::optional<Outcome> outcome;
    std::uint64_t offset = 0;  ///< of the content
    std::uint64_t bytes = 0;
  };

  void read_records();
  bool read_record(std::uint64_t offset, std::uint64_t file_bytes);
  void keep(std::size_t picture, const Record& record);

  PosixFile file_;
  std::size_t crop_bytes_;
  std::vector<Record> records_;
  std::size_t finished_ = 0;
  std::uint64_t end_ = 0;
  std::mutex mutex_;
};

}  // namespace likeness
