#pragma once

/// The single-shot detector (Liu et al. 2016) on MobileNetV1 (Howard et al. 2017) of the npm
/// package
/// @vladmandic/face-api: a candidate for finding faces, measured by detector_bench.
/// Safe to call from many threads.

#include <filesystem>
#include <vector>

#include <likeness/image/image.h>

#include "tfjs_layers.h"

namespace likeness::bench {

class SsdMobileNet {
 public:
  /// Reads ssd_mobilenetv1_model from `folder`. Throws as TfjsModel does.
  explicit SsdMobileNet(const std::filesystem::path& folder);

  /// Boxes with a score above `min_score`, the best first, cut at the picture's edges.
  std::vector<DetectedBox> detect(const Image& image, float min_score = 0.5F) const;

 private:
  /// Offsets from a prior and logits of background, face (and a third class, unused) at each place
  /// of a feature map.
  struct Predictor {
    Layer offsets;
    Layer classes;
  };

  std::vector<at::Tensor> feature_maps(const at::Tensor& x) const;

  std::vector<Layer> body_;       // stem, then depthwise and 1 × 1 in turn
  std::vector<Layer> extension_;  // 1 × 1 and 3 × 3 with stride 2 in turn
  std::vector<Predictor> predictors_;
  at::Tensor priors_;  // [5118, 4]: y1, x1, y2, x2 as shares of the square
};

}  // namespace likeness::bench
