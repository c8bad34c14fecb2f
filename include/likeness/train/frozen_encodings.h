#pragma once

/// What frozen networks make of the faces of a data set, computed once and kept: of each face as it
/// is, and of some variations of it. A head that is trained on them (projection_head.h) never waits
/// for a network. Safe to call from many threads.
///
///     const FrozenEncodings frozen =
///         frozen_encodings(store, encoder, crops, source, {.views = 8}, {}, progress);
///     const auto faces = encoded_training_faces(only_identities(crops[0], names), frozen);

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <ATen/core/Tensor.h>
#include <likeness/core/progress.h>
#include <likeness/evaluate/encoded_pictures.h>
#include <likeness/faces/encoder.h>
#include <likeness/model/store.h>
#include <likeness/train/aligned_faces.h>
#include <likeness/train/augmentation.h>
#include <likeness/train/training_faces.h>

namespace likeness {

struct FrozenEncodings {
  at::Tensor
      encodings;    ///< float32 [R, 1 + V, D], rows as in AlignedFaces::pixels; view 0: as it is
  std::string key;  ///< SHA-256 of everything that they depend on
};

struct ViewOptions {
  int views = 8;  ///< variations of each face, V
  /// Flips are left out: an encoding is the average of a face and its mirror image anyway.
  AugmentationOptions augmentation = {};
  std::uint64_t seed = 1;
};

/// Encodes all rows of `crops`, which holds the same faces once for each network of `encoder`,
/// aligned to its template (a margin is cut off, or shown by a shift). A variation is the same for
/// all networks: one turned head, seen twice.
/// Throws Error(invalid_argument) when `crops` differ in their pictures or are too small;
/// cancelled.
at::Tensor encode_views(std::span<const AlignedFaces> crops, const FaceEncoder& encoder,
                        const ViewOptions& views, const EncodeOptions& options, Progress& progress);

/// The same, kept in a file below store.root(), which is read when it is there. `store` is the
/// encoder's; `source` stands for the crops: their cache keys (cache_key), for example.
/// Throws Error as encode_views does, write_failed.
FrozenEncodings frozen_encodings(const ModelStore& store, const FaceEncoder& encoder,
                                 std::span<const AlignedFaces> crops, const std::string& source,
                                 const ViewOptions& views, const EncodeOptions& options,
                                 Progress& progress);

/// `faces` as their encodings: varied() chooses one of each face's views, views() is the face as it
/// is: float32 [N, D].
std::unique_ptr<TrainingFaces> encoded_training_faces(const AlignedFaces& faces,
                                                      const FrozenEncodings& frozen);

}  // namespace likeness
