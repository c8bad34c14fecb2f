#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include <likeness/core/timer.h>
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

/// Keeps a painting's state in a file.
class StateKeeper {
 public:
  /// `path` empty: nowhere. `every`: seconds between two on the way; 0: none there.
  StateKeeper(std::filesystem::path path, double every, std::function<PaintingState()> state)
      : path_(std::move(path)), every_(every), state_(std::move(state)) {}

  /// Writes when it is time. Writing takes a twentieth of the time at most.
  void on_the_way();
  /// Writes the state of a painting that was stopped, removes that of one that is done.
  void at_end(bool stopped) const;

 private:
  std::filesystem::path path_;
  double every_;
  std::function<PaintingState()> state_;
  Timer since_written_;
  double seconds_ = 0;  ///< that the last one took
};

}  // namespace likeness
