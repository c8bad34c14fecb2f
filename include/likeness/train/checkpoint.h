#pragma once

/// Everything that a training run needs to go on as if it had never stopped, in one file
/// (safetensors with metadata) that is written beside the old one, flushed and renamed: a kill, a
/// crash or a full disk leaves the old one. Values; pure functions.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include <likeness/model/safetensors.h>

namespace likeness {

/// What a run is: the network, the faces and every option that its result depends on, as text.
using RunSettings = std::map<std::string, std::string>;

struct Checkpoint {
  RunSettings settings;
  /// Counters and other small state: "step", "sampler.next_batch", "best.step"…
  std::map<std::string, std::string> state;
  TensorMap tensors;  ///< "network/…", "average/…", "best/…", "optimiser/…", "memory/…"

  /// An entry of `state`, as it is or as a whole number. Throws Error(corrupt_file).
  const std::string& text(const std::string& key) const;
  std::int64_t number(const std::string& key) const;
  /// The tensors below `prefix`, without it.
  TensorMap below(const std::string& prefix) const;
  void add(const std::string& prefix, const TensorMap& part);
};

/// Throws Error(write_failed): no space, no permission; what was at `path` is untouched.
void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint);

/// Throws Error: as read_safetensors does, corrupt_file for a file that is no checkpoint.
Checkpoint read_checkpoint(const std::filesystem::path& path);

/// Throws Error(invalid_argument) that names each setting which is not what it was when the run
/// began, with both values.
void check_same_run(const RunSettings& began_with, const RunSettings& now);

}  // namespace likeness
