#pragma once

/// A file that is written piece by piece and appears complete or not at all.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace likeness::cli {

class OutputFile {
 public:
  /// Opens a temporary file beside `target`; a device or pipe is written in place. Throws
  /// Error(write_failed), as all functions below do.
  explicit OutputFile(std::filesystem::path target);
  /// Removes the temporary file unless it was committed.
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::string_view bytes);
  /// Writes over what stands at the start of the file.
  void overwrite_start(std::string_view bytes);
  /// Flushes to disk and gives the file its name.
  void commit();

 private:
  void flush();
  [[noreturn]] void fail() const;

  std::filesystem::path target_;
  std::string temporary_;  ///< empty when written in place or committed
  int descriptor_ = -1;
  std::string buffer_;
};

}  // namespace likeness::cli
