#pragma once

/// What a program costs from its start to its end, as its user sees it.

#include <filesystem>
#include <string>
#include <vector>

namespace likeness::bench {

struct ProcessCost {
  int exit_code = 0;  ///< 128 + signal for a program that a signal ended
  double wall_ms = 0;
  double processor_ms = 0;  ///< of all its threads, in the system too
  double peak_mb = 0;       ///< largest resident memory, 10⁶ bytes
  std::string output;       ///< its standard output
};

/// Runs `arguments[0]`, a path, and waits for its end. What it prints on standard output is kept in
/// `folder` meanwhile. The system counts this process as part of the memory of the child that it
/// starts, so `peak_mb` is at least what this process holds. Throws Error(unavailable) when the
/// program cannot be started.
ProcessCost run_whole(const std::vector<std::string>& arguments,
                      const std::filesystem::path& folder);

}  // namespace likeness::bench
