#include <algorithm>
#include <string>

#include <likeness/core/error.h>
#include <likeness/faces/detector.h>

#include "faces/landmark_refiner.h"
#include "faces/mtcnn_detector.h"

namespace likeness {
namespace {

constexpr char kDetector[] = "mtcnn";
constexpr char kLandmarks[] = "landmark68";

/// Faces of at least `min_face` pixels. The pyramid starts at windows of that size, and the later
/// networks still find smaller faces in them.
std::vector<Face> look(const MtcnnDetector& detector, const Image& image, int min_face,
                       const MtcnnThresholds& thresholds) {
  auto faces = detector.detect(image, min_face, thresholds);
  const auto least = static_cast<float>(min_face);
  std::erase_if(
      faces, [&](const Face& face) { return std::min(face.box.width, face.box.height) < least; });
  return faces;
}

}  // namespace

struct FaceDetector::Networks {
  MtcnnDetector mtcnn;
  LandmarkRefiner landmarks;
};

FaceDetector::FaceDetector(const ModelStore& store, c10::Device device, DetectorOptions options)
    : options_(options) {
  if (options.min_face < 12)
    throw Error(ErrorCode::invalid_argument,
                "smallest face " + std::to_string(options.min_face) + " px: use 12 or more");
  if (!(options.min_score >= 0 && options.min_score <= 1))
    throw Error(ErrorCode::invalid_argument,
                "smallest score " + std::to_string(options.min_score) + ": use 0 to 1");
  networks_ = std::make_unique<const Networks>(
      Networks{{store.load(kDetector), device}, {store.load(kLandmarks), device}});
}

FaceDetector::~FaceDetector() = default;
FaceDetector::FaceDetector(FaceDetector&&) noexcept = default;
FaceDetector& FaceDetector::operator=(FaceDetector&&) noexcept = default;

std::vector<Face> FaceDetector::detect(const Image& image) const {
  if (image.empty()) return {};
  const MtcnnDetector& mtcnn = networks_->mtcnn;
  auto faces = look(mtcnn, image, options_.min_face, {.accept = options_.min_score});
  // Heads seen from the side, and faces half hidden, often fail the first two networks alone. Where
  // nothing else is found, more candidates may come to the last one, which decides as ever.
  constexpr float kSecondLook = 0.3F;
  if (faces.empty())
    faces = look(mtcnn, image, options_.min_face,
                 {.propose = kSecondLook, .refine = kSecondLook, .accept = options_.min_score});
  if (options_.refine_landmarks) networks_->landmarks.refine(image, faces);
  // Scores of good faces differ in the last digits alone, which vary between processors; where a
  // face is does not.
  const auto center = [](const Face& face) { return 2 * face.box.x + face.box.width; };
  std::stable_sort(faces.begin(), faces.end(),
                   [&](const Face& a, const Face& b) { return center(a) < center(b); });
  return faces;
}

std::optional<Landmarks> FaceDetector::mean_face(const Image& image,
                                                 const Landmarks& landmarks) const {
  return networks_->landmarks.mean_face(image, landmarks);
}

std::string detector_id(const Manifest& manifest) {
  const auto weights = [&](const char* model) {
    return std::string(model) + "-" + weights_fingerprint(manifest, model);
  };
  return weights(kDetector) + ", " + weights(kLandmarks) + ", second look";
}

}  // namespace likeness
