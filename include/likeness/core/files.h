#pragma once

/// Reading and writing whole files, safely: sizes are checked before memory is taken, and a file
/// that is written appears complete or not at all. All functions are safe to call from many
/// threads.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace likeness {

using Bytes = std::vector<std::uint8_t>;

/// The content of `path`, at most `max_bytes`. Pipes and devices are read until the limit.
/// Throws Error: not_found, unreadable (a directory, no permission), too_large.
Bytes read_file(const std::filesystem::path& path, std::size_t max_bytes);

/// Standard input until its end, at most `max_bytes`. Throws Error: unreadable, too_large.
Bytes read_standard_input(std::size_t max_bytes);

/// Replaces `path` with `content`: written beside it, flushed to disk, then renamed, so that a
/// reader (or a crash) sees the old file or the new one, never half. A symbolic link stays and what
/// it points to is replaced; a file that is replaced keeps its permissions. Devices and pipes are
/// written in place. Throws Error(write_failed) and leaves no temporary file behind. (OutputFile
/// writes piece by piece.)
void write_file(const std::filesystem::path& path, std::span<const std::uint8_t> content);
void write_file(const std::filesystem::path& path, std::string_view content);

/// Throws Error(write_failed) now if a later write_file(path) could not work (missing or read-only
/// folder, path is a folder), so that long work does not end in vain.
void check_writable(const std::filesystem::path& path);

/// Lower-case hexadecimal SHA-256 of `content` (64 characters).
std::string sha256(std::span<const std::uint8_t> content);

/// Holds an exclusive lock on `path` (created if needed) between processes and threads until it is
/// destroyed; waits for other holders. Throws Error(write_failed) if the file cannot be created.
class FileLock {
 public:
  explicit FileLock(const std::filesystem::path& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace likeness
