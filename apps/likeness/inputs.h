#pragma once

/// From what stands on the command line to a list of photos.

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <likeness/core/error.h>

namespace likeness::cli {

/// An input that was reported and skipped.
struct Failure {
  std::filesystem::path path;
  ErrorCode code = ErrorCode::not_found;
  std::string message;
};

struct Inputs {
  std::vector<std::filesystem::path> photos;
  std::vector<Failure> failures;  ///< arguments that name nothing, folders that cannot be listed
  bool partial = false;           ///< other processes, or an earlier run, have the rest
};

/// Photos in the order of the arguments. A folder stands for all pictures in it and below (by their
/// ending, in the order of their names; hidden ones are left out), a pattern with * ? [ ] that
/// names no file for the files that match, "-" for standard input. What names no photo becomes a
/// failure; when nothing is left, the first one is thrown.
Inputs expand_inputs(std::span<const std::string> arguments);

}  // namespace likeness::cli
