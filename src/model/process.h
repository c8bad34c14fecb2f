#pragma once

/// Running another program.

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace likeness {

struct ProcessResult {
  int exit_code = 0;       ///< 128 + signal for a program that a signal ended
  bool timed_out = false;  ///< it was stopped because it took too long
  std::string output;      ///< the last 16 KiB of its standard output and error together
};

/// Runs the program `arguments[0]`, found on the PATH, in `folder` and waits for its end; no shell
/// is involved, its standard input is empty. After `timeout` it is stopped.
/// Throws Error(unavailable) when the program is not there or cannot be started.
ProcessResult run_process(const std::vector<std::string>& arguments,
                          const std::filesystem::path& folder, std::chrono::milliseconds timeout);

}  // namespace likeness
