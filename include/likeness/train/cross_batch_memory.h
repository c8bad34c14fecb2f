#pragma once

/// The encodings of the last batches, as further candidates for triplets (cross-batch memory, Wang
/// 2020): encodings drift slowly, so that those of some batches ago are nearly as good as new ones,
/// and hard negatives are found among thousands instead of among a batch. One object belongs to one
/// thread at a time.
///
///     CrossBatchMemory memory(4096, 192, c10::kCPU);
///     MinedLoss mined = mined_triplet_loss(memory.extend(batch, pictures), mining, loss, random);
///     memory.push(encodings, labels, pictures);

#include <cstdint>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <likeness/model/safetensors.h>
#include <likeness/train/triplet_mining.h>

namespace likeness {

class CrossBatchMemory {
 public:
  /// A ring for `capacity` float32 encodings of `dimensions` numbers, empty. Requires both > 0.
  CrossBatchMemory(std::int64_t capacity, std::int64_t dimensions, c10::Device device);

  std::int64_t capacity() const { return encodings_.size(0); }
  std::int64_t size() const { return size_; }

  /// Remembers copies, detached, in place of the oldest: encodings [N, D], labels and pictures
  /// int64 [N] (any number that tells pictures apart). Of more than capacity() the last are kept.
  void push(const at::Tensor& encodings, const at::Tensor& labels, const at::Tensor& pictures);

  /// `batch` with the memory's entries as candidates behind its own; no gradient flows to them. An
  /// entry of the anchor's own picture is no positive of it. `anchor_pictures`: int64 [A].
  MiningBatch extend(const MiningBatch& batch, const at::Tensor& anchor_pictures) const;

  /// Forgets everything.
  void clear();

  /// Everything there is to it, for a checkpoint; copies.
  TensorMap state() const;
  /// Throws Error(corrupt_file) for a state of another capacity or dimension, or a broken one.
  void restore(const TensorMap& state);

 private:
  at::Tensor encodings_;  // [capacity, D]
  at::Tensor labels_;     // [capacity]
  at::Tensor pictures_;   // [capacity]
  std::int64_t next_ = 0;
  std::int64_t size_ = 0;
};

}  // namespace likeness
