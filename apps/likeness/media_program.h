#pragma once

/// The `ffmpeg` program, where there is one: joining films and taking over sound without encoding
/// anew. It is started without a shell, so names may hold anything.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace likeness::cli {

/// The first `ffmpeg` in $PATH that can be run.
std::optional<std::filesystem::path> find_ffmpeg();

struct ProgramResult {
  int exit_code = -1;
  std::string last_line;  ///< of what it wrote on standard error
};

/// Runs `program` in `folder` with nothing to read and standard output closed away, and waits.
/// Throws Error(unavailable) when it cannot be started.
ProgramResult run_program(const std::filesystem::path& program,
                          const std::vector<std::string>& arguments,
                          const std::filesystem::path& log);

}  // namespace likeness::cli
