#pragma once

/// A file read and written piece by piece at given places. Errors are thrown as Error with the
/// path. One object belongs to one thread at a time.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace likeness {

using ConstBytes = std::span<const std::uint8_t>;

class PosixFile {
 public:
  enum class Mode {
    read,       ///< must exist; Error: not_found, unreadable
    update,     ///< created when missing; Error(write_failed)
    overwrite,  ///< created or emptied; Error(write_failed)
  };

  PosixFile(const std::filesystem::path& path, Mode mode);
  ~PosixFile();
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;

  std::uint64_t size() const;
  /// Fills `target` from `offset` on; false when the file ends before. Throws Error(unreadable).
  bool read_at(std::uint64_t offset, std::span<std::uint8_t> target) const;
  /// Throws Error(write_failed), for example when the disk is full.
  void write_at(std::uint64_t offset, ConstBytes content);
  void truncate(std::uint64_t bytes);
  /// Returns once everything is on the disk.
  void flush();

  /// The first `bytes` of the file as memory that may be read (writes would stay private). It
  /// lives on when the file is closed, renamed or removed. Requires 0 < bytes ≤ size().
  std::shared_ptr<std::uint8_t> map(std::uint64_t bytes) const;

 private:
  [[noreturn]] void fail_to_write(int error) const;

  std::string name_;
  int descriptor_;
};

/// Replaces `to` by `from`. Throws Error(write_failed).
void rename_file(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace likeness
