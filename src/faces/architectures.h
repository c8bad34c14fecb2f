#pragma once

/// The networks that a FaceEncoder can run, by the architecture that the manifest names, each with
/// its input contract.

#include <cstddef>
#include <functional>

#include <c10/core/Device.h>
#include <likeness/faces/alignment.h>
#include <likeness/image/tensor.h>
#include <likeness/model/store.h>
#include <torch/types.h>

namespace likeness {

/// Runs a prepared network. Safe to call from many threads.
using Forward = std::function<torch::Tensor(const torch::Tensor&)>;

/// One network from aligned crops to encodings.
struct EncoderBranch {
  AlignmentTemplate target;
  Normalization normalization;
  int dimensions = 0;
  double share = 1;  ///< of this branch in the squared distance
  /// Pictures that go through it at once on one core. Fewer read the filters more often, more do
  /// not fit the cache.
  std::size_t batch = 1;
  Forward forward;  ///< [N, 3, size, size] → [N, dimensions], not normalised
};

/// What turns the joined encodings of an entry's parts into others (train/projection_head.h).
struct EncoderHead {
  int dimensions = 0;
  Forward forward;  ///< [N, D], rows of length 1 → [N, dimensions], not normalised; on the CPU
};

/// Throws Error: invalid_argument when `entry` is no such network, corrupt_file when its settings
/// or weights are not what its architecture needs; and as ModelStore::load does.
EncoderBranch load_branch(const ModelStore& store, const ModelEntry& entry, double share,
                          c10::Device device, bool bf16);

/// For an entry with parts and weights of its own, whose parts have `dimensions` together. Always
/// in float32. Throws as load_branch does.
EncoderHead load_head(const ModelStore& store, const ModelEntry& entry, int dimensions);

}  // namespace likeness
