#pragma once

/// The encodings of all pictures of a list, each computed once, on several threads.
///
///     const PictureSteps steps = face_steps(detector, encoder);
///     const EncodedPictures encoded =
///         encode_pictures("lfw/images", pictures_of({list}), steps, {.threads = 0}, progress);
///     const VerificationMeasures measures = measure_verification(score_pairs(list, encoded));

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <likeness/core/progress.h>
#include <likeness/evaluate/pairs.h>
#include <likeness/evaluate/verification.h>
#include <likeness/faces/detector.h>
#include <likeness/faces/encoder.h>
#include <likeness/image/image.h>

namespace likeness {

struct EncodedPicture {
  Face face;  ///< the one that was encoded
  Encoding encoding;
};

/// By the picture's path in the list. Without a value no face was found in the picture.
using EncodedPictures = std::map<std::string, std::optional<EncodedPicture>>;

struct LocatedFace {
  Face face;
  AlignedFace aligned;
};

/// What is done to a picture. Both steps are called from many threads at once.
struct PictureSteps {
  /// The face that the picture is about, ready to be encoded; nothing when there is none.
  std::function<std::optional<LocatedFace>(const Image&)> locate;
  /// One encoding a face, in the same order.
  std::function<std::vector<Encoding>(std::span<const AlignedFace>)> encode;
};

/// Detects, takes the main face (faces/face.h), aligns and encodes. Keeps references: detector and
/// encoder must outlive the result.
PictureSteps face_steps(const FaceDetector& detector, const FaceEncoder& encoder);

struct EncodeOptions {
  /// Pictures that are worked on at the same time; 0 means one for each core. While it runs, each
  /// tensor operation uses a single thread: that keeps all cores busier than sharing operations.
  int threads = 0;
  const Cancellation* cancellation = nullptr;
};

/// Encodes the pictures below `folder`. A picture that cannot be decoded counts as one without a
/// face and is named by progress.note. The first other error stops the work and is thrown.
/// Throws Error: not_found (a missing picture, most likely the wrong folder), cancelled, and what
/// the steps throw.
EncodedPictures encode_pictures(const std::filesystem::path& folder,
                                std::span<const std::string> pictures, const PictureSteps& steps,
                                const EncodeOptions& options, Progress& progress);

/// The distance of each pair, in the order of the list. Requires all its pictures in `encoded`.
std::vector<ScoredPair> score_pairs(const PairList& list, const EncodedPictures& encoded);

}  // namespace likeness
