#pragma once

/// What detector_bench measures: how well a method finds faces and landmarks, and what that means
/// for verification.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <likeness/evaluate/pairs.h>
#include <likeness/faces/encoder.h>
#include <likeness/faces/face.h>
#include <likeness/image/image.h>

namespace likeness::bench {

/// A way to find faces with their landmarks. `detect` is called from many threads.
struct Method {
  std::string name;
  std::function<std::vector<Face>(const Image&)> detect;
};

/// One face with known points in the picture at `path` below a folder.
struct ReferenceFace {
  std::string path;
  Face face;
};

/// Every `step`-th line "path score x y width height" and five points "x y" of the file.
/// Throws Error(corrupt_file) with the line that is something else.
std::vector<ReferenceFace> read_references(const std::filesystem::path& file, int step);

/// The mean distance of the five points in units of the reference's distance between the eyes,
/// which counts as at least 0.3 of its box's width so that profiles do not explode.
double landmark_error(const Landmarks& landmarks, const Face& reference);

/// A face counts as found below this landmark_error.
inline constexpr double kFoundError = 0.5;

/// The smallest landmark_error of all faces; infinite when there are none.
double best_error(const std::vector<Face>& faces, const Face& reference);

struct FindingMeasures {
  std::int64_t pictures = 0;
  double recall = 0;
  double extra_faces = 0;  ///< a picture; other people in the picture are among them
  /// Of the found faces, in distances between the eyes.
  double error_mean = 0;
  double error_median = 0;
  double error_p95 = 0;
  double milliseconds = 0;  ///< of processor time a picture, after a warm-up
};

/// Sequential, on the calling thread. Throws as read_image does.
FindingMeasures measure_finding(const Method& method, const std::filesystem::path& folder,
                                const std::vector<ReferenceFace>& references);

struct VerificationQuality {
  std::string encoder;
  double best_accuracy = 0;  ///< over all thresholds; pairs without a face are wrong
  double fnmr = 0;           ///< at FMR 1e-3 over all pairs of the pictures
};

struct VerificationSummary {
  std::int64_t pictures = 0;
  std::int64_t without_face = 0;
  std::vector<VerificationQuality> encoders;  ///< mobilefacenet, resnet, duo
};

/// Main face, alignment and encoding of all pictures of `list`. `duo`: the encoder of that model.
VerificationSummary measure_verification(const Method& method, const FaceEncoder& duo,
                                         const std::filesystem::path& folder, const PairList& list,
                                         int threads);

}  // namespace likeness::bench
