#pragma once

/// The faces that a trainer learns from, as the network takes them: crops, augmented anew each
/// time, or features that frozen networks made of them once. Immutable, safe to use from many
/// threads.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>
#include <likeness/train/aligned_faces.h>
#include <likeness/train/augmentation.h>

namespace likeness {

class TrainingFaces {
 public:
  virtual ~TrainingFaces() = default;

  /// The identity of each face.
  virtual const std::vector<std::int64_t>& labels() const = 0;
  /// The picture a face comes from, for people.
  virtual const std::string& picture(std::int64_t face) const = 0;
  /// A digest of all of it, so that a run is not resumed with other faces.
  virtual std::string fingerprint() const = 0;

  /// The input for `faces`, which stand in a batch from place `first` on, with variations that
  /// depend on `seed` and the place in the batch alone, made on up to `threads` threads.
  virtual at::Tensor varied(std::span<const std::int64_t> faces, std::uint64_t seed, int threads,
                            std::int64_t first = 0) const = 0;
  /// The inputs for `faces` without variation, whose encodings are to be averaged: the faces and
  /// their mirror images, for example.
  virtual std::vector<at::Tensor> views(std::span<const std::int64_t> faces, int threads) const = 0;

  std::int64_t size() const { return static_cast<std::int64_t>(labels().size()); }
};

/// Crops as `target` has them: uint8 [N, size, size, 3]. Requires crops of at least that size.
std::unique_ptr<TrainingFaces> training_crops(AlignedFaces faces,
                                              const AugmentationOptions& augmentation,
                                              const AlignmentTemplate& target);
/// The same on the template of ArcFace, at `size` × `size` pixels.
std::unique_ptr<TrainingFaces> training_crops(AlignedFaces faces,
                                              const AugmentationOptions& augmentation, int size);

}  // namespace likeness
