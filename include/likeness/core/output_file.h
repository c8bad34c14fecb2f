#pragma once

/// A file that is written piece by piece and appears complete or not at all. For content that is in
/// memory already, write_file of files.h is shorter. One object belongs to one thread; two threads
/// or processes that write the same path at once leave the whole file of one of them.
///
///     OutputFile file("faces.jsonl");
///     for (const Line& line : lines) file.write(line.text);
///     file.commit();  // without it, the old file stays

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace likeness {

class OutputFile {
 public:
  /// Opens a hidden temporary file beside `target`. A symbolic link is followed: what it points to
  /// is replaced, the link stays. Devices and pipes are written in place. Throws
  /// Error(write_failed), as all functions below do.
  explicit OutputFile(const std::filesystem::path& target);
  /// Removes the temporary file unless it was committed.
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::span<const std::uint8_t> bytes);
  void write(std::string_view text);
  /// Writes over what stands at the start of the file; not for pipes.
  void overwrite_start(std::string_view bytes);
  /// Flushes to disk and gives the file its name: a new file has the permissions that the process
  /// gives to all its files (umask), a replaced one keeps its own. Nothing may be written after.
  void commit();

 private:
  void open_temporary();
  void flush();
  void write_through(std::span<const std::uint8_t> bytes);
  [[noreturn]] void fail(int error) const;

  std::string name_;              ///< as the caller gave it, for errors
  std::filesystem::path target_;  ///< what will be replaced
  std::string temporary_;         ///< empty when written in place or committed
  int descriptor_ = -1;
  std::vector<std::uint8_t> buffer_;
};

}  // namespace likeness
