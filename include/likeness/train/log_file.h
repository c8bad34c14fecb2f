#pragma once

/// A training run's log: one JSON object with its "step" a line. One object belongs to one thread
/// at a time.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>

namespace likeness {

class LogFile {
 public:
  /// Goes on in the file at `path` behind what belongs to the steps up to `last_step`: lines of
  /// later steps, which a run that was stopped may have left, are removed (0: everything is).
  /// Throws Error: write_failed, corrupt_file (a line that is no JSON object with a step, other
  /// than a torn last one).
  LogFile(std::filesystem::path path, std::int64_t last_step);

  /// Writes a line at once. Throws Error(write_failed).
  void write(const std::string& json);

 private:
  std::filesystem::path path_;
  std::ofstream file_;
};

/// Calls `take` with each line of a log but a torn last one. Throws Error: as read_file does,
/// corrupt_file with the line's number where `take` throws an exception of the JSON library.
void for_each_log_line(const std::filesystem::path& path,
                       const std::function<void(std::string_view line)>& take);

}  // namespace likeness
