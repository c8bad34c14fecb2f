#include <algorithm>

#include <likeness/core/error.h>
#include <likeness/faces/detector.h>

#include "faces/mtcnn_detector.h"

namespace likeness {

struct FaceDetector::Networks {
  MtcnnDetector mtcnn;
};

FaceDetector::FaceDetector(const ModelStore& store, c10::Device device, DetectorOptions options)
    : options_(options) {
  if (options.min_face < 12)
    throw Error(ErrorCode::invalid_argument,
                "smallest face " + std::to_string(options.min_face) + " px: use 12 or more");
  if (!(options.min_score >= 0 && options.min_score <= 1))
    throw Error(ErrorCode::invalid_argument,
                "smallest score " + std::to_string(options.min_score) + ": use 0 to 1");
  networks_ = std::make_unique<const Networks>(Networks{{store.load("mtcnn"), device}});
}

FaceDetector::~FaceDetector() = default;
FaceDetector::FaceDetector(FaceDetector&&) noexcept = default;
FaceDetector& FaceDetector::operator=(FaceDetector&&) noexcept = default;

std::vector<Face> FaceDetector::detect(const Image& image) const {
  if (image.empty()) return {};
  auto faces = networks_->mtcnn.detect(image, options_.min_face, options_.min_score);
  // The pyramid starts at windows of min_face pixels, and the later networks still find smaller
  // faces in them.
  const auto least = static_cast<float>(options_.min_face);
  std::erase_if(
      faces, [&](const Face& face) { return std::min(face.box.width, face.box.height) < least; });
  // Scores of good faces differ in the last digits alone, which vary between processors; where a
  // face is does not.
  const auto center = [](const Face& face) { return 2 * face.box.x + face.box.width; };
  std::stable_sort(faces.begin(), faces.end(),
                   [&](const Face& a, const Face& b) { return center(a) < center(b); });
  return faces;
}

}  // namespace likeness
