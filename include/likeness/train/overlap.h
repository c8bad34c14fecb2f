#pragma once

/// People who are both in a training set and in a benchmark. Training on them would make the
/// benchmark's figures worthless, so they are found, by name and by face, and left out.
/// Pure functions, safe to call from many threads.
///
///     const std::vector<Overlap> found = find_overlap(training, benchmark, {});
///     const AlignedFaces clean = without_identities(faces, identities_of(found));

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>
#include <likeness/core/progress.h>
#include <likeness/evaluate/encoded_pictures.h>
#include <likeness/faces/encoder.h>
#include <likeness/train/aligned_faces.h>

namespace likeness {

/// Encodings of a set of faces, with who they show.
struct EncodedFaces {
  at::Tensor encodings;                 ///< float32 [N, D] on the CPU, rows of length 1
  std::vector<std::int64_t> labels;     ///< N indices into `identities`
  std::vector<std::string> identities;  ///< names
  std::vector<std::string> pictures;    ///< N paths
};

/// Encodes aligned faces on several threads. `encoder` must be a single network, and the crops
/// aligned to its template, with or without a margin, which is cut off.
/// Throws Error(invalid_argument) for an encoder of several networks or crops that are too small;
/// cancelled.
EncodedFaces encode_faces(const AlignedFaces& faces, const FaceEncoder& encoder,
                          const EncodeOptions& options, Progress& progress);

/// The pictures of a benchmark that show a face; whom, tells person_of (evaluate/pairs.h).
EncodedFaces encoded_faces(const EncodedPictures& pictures);

enum class OverlapReason {
  same_name,        ///< the names agree (comparable_name)
  similar_picture,  ///< two pictures, copies perhaps, are as close as photos of one person
  similar_person,   ///< the mean encodings are as close as those of one person's photos
};

/// "same name", "similar picture", "similar person".
std::string to_string(OverlapReason reason);

/// An identity of the training set that the benchmark has, most likely, as well; its best match.
struct Overlap {
  std::string identity;  ///< of the training set
  OverlapReason reason = OverlapReason::same_name;
  std::string benchmark_name;  ///< whom it matches
  /// Squared distance that decided: of the two pictures, or of the means; 0 for names.
  float distance = 0;
  std::string picture;            ///< for similar_picture: of the training set
  std::string benchmark_picture;  ///< for similar_picture: of the benchmark
};

/// Thresholds on the squared distance, in [0, 4]; 0 switches a test off. They depend on the
/// encoder. The defaults are for mobilefacenet, where the means of different people are seldom
/// closer than 0.7, and those of half the photos of a person each are at 0.1 to 0.5. A single
/// picture matters as well: wrong labels put people of the benchmark into folders of others.
struct OverlapOptions {
  bool names = true;
  float similar_picture = 0.6F;
  float similar_person = 0.6F;
};

/// The identities of `training` that are in `benchmark`, in the order of `training`, each once with
/// its strongest reason (name, then picture, then person) and best match. O(N · M · D) time for N
/// and M faces, O(M) memory beside the encodings. Requires equal D.
std::vector<Overlap> find_overlap(const EncodedFaces& training, const EncodedFaces& benchmark,
                                  const OverlapOptions& options);

/// By name alone, without encodings.
std::vector<Overlap> find_overlap_by_name(std::span<const std::string> training,
                                          std::span<const std::string> benchmark);

/// The name as it is compared: ASCII letters small, words (split at anything but letters and
/// digits; other bytes of UTF-8 count as letters) in alphabetical order:
/// "Lee_Ann", "ann lee" → "ann lee".
std::string comparable_name(std::string_view name);

/// The training identities to leave out.
std::vector<std::string> identities_of(std::span<const Overlap> overlaps);

/// One line for a log: who, why, whom, how close.
std::string to_string(const Overlap& overlap);

}  // namespace likeness
