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
  return networks_->mtcnn.detect(image, options_.min_face, options_.min_score);
}

}  // namespace likeness
