#pragma once

#include <filesystem>
#include <map>
#include <string>

#include <likeness/model/safetensors.h>

namespace likeness {

/// A painting that was stopped: where it stood, and of which pictures and options it is.
struct PaintingState {
  std::map<std::string, std::string> painting;  ///< what must be the same to go on
  std::size_t stage = 0;                        ///< which of its stages
  int stage_iterations = 0;                     ///< done in that one
  int iterations = 0;                           ///< done in all
  double seconds = 0;                           ///< spent
  TensorMap tensors;                            ///< "picture" and the optimiser's
};

/// Throws Error(write_failed).
void write_painting(const std::filesystem::path& path, const PaintingState& state);

/// Throws Error: not_found, corrupt_file; invalid_argument when it is another painting than
/// `painting`, naming what differs.
PaintingState read_painting(const std::filesystem::path& path,
                            const std::map<std::string, std::string>& painting);

}  // namespace likeness
