#pragma once

/// The tiny detector (a small YOLOv2, Redmon and Farhadi 2017, of separable convolutions) of the
/// npm package @vladmandic/face-api: a candidate for finding faces, measured by detector_bench.
/// Safe to call from many threads.

#include <filesystem>
#include <vector>

#include <likeness/image/image.h>

#include "tfjs_layers.h"

namespace likeness::bench {

class TinyFaceDetector {
 public:
  /// Reads tiny_face_detector_model from `folder`. Throws as TfjsModel does.
  explicit TinyFaceDetector(const std::filesystem::path& folder);

  /// Boxes with a score above `min_score`, the best first; they may reach beyond the picture.
  std::vector<DetectedBox> detect(const Image& image, float min_score = 0.5F) const;

 private:
  at::Tensor predictions(const at::Tensor& x) const;

  Layer stem_;
  std::vector<SeparableLayer> layers_;
  Layer output_;
};

}  // namespace likeness::bench
