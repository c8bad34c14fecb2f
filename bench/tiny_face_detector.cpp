#include "tiny_face_detector.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/faces/non_maximum_suppression.h>
#include <likeness/image/tensor.h>
#include <torch/types.h>

namespace likeness::bench {
namespace {

constexpr int kSize = 416;
constexpr int kSeparable = 5;
constexpr int kValues = 5;  // x, y, log width, log height, logit of a face
constexpr float kMostOverlap = 0.4F;
constexpr Normalization kNormalization{.mean = {117.001F, 114.697F, 97.404F}, .scale = 1 / 255.0F};

/// Width and height of the typical boxes, in cells.
constexpr std::array<std::array<float, 2>, 5> kAnchors = {{{1.603231F, 2.094468F},
                                                           {6.041143F, 7.080126F},
                                                           {2.882459F, 3.518061F},
                                                           {4.266906F, 5.178857F},
                                                           {9.041765F, 10.66308F}}};

float sigmoid(float x) {
  return 1 / (1 + std::exp(-x));
}

at::Tensor leaky(const at::Tensor& x) {
  return at::leaky_relu(x, 0.1);
}

/// 2 × 2 with stride 2, a last odd row and column included.
at::Tensor halved(const at::Tensor& x) {
  return at::max_pool2d(x, 2, 2, 0, 1, true);
}

/// 2 × 2 with stride 1, beyond the right and lower edge nothing.
at::Tensor pooled(const at::Tensor& x) {
  const auto padded = at::constant_pad_nd(x, {0, 1, 0, 1}, -std::numeric_limits<float>::infinity());
  return at::max_pool2d(padded, 2, 1);
}

}  // namespace

TinyFaceDetector::TinyFaceDetector(const std::filesystem::path& folder) {
  const TfjsModel model(folder, "tiny_face_detector_model");
  stem_ = model.layer("conv0", {.valid = true, .size = kSize});
  std::int64_t size = kSize;
  for (int i = 1; i <= kSeparable; ++i) {
    size /= 2;
    layers_.push_back(model.separable("conv" + std::to_string(i), 1, size));
  }
  output_ = model.layer("conv8", {.size = size});
}

at::Tensor TinyFaceDetector::predictions(const at::Tensor& x) const {
  auto y = leaky(stem_->forward(x));
  for (const auto& layer : layers_) y = leaky(layer.forward(halved(y)));
  return output_->forward(pooled(y))[0].permute({1, 2, 0}).contiguous();
}

std::vector<DetectedBox> TinyFaceDetector::detect(const Image& image, float min_score) const {
  const torch::NoGradGuard no_gradients;
  const auto found = predictions(to_tensor(letterbox(image, kSize), kNormalization));
  const std::int64_t cells = found.size(0);
  const float cell =
      static_cast<float>(std::max(image.width(), image.height())) / static_cast<float>(cells);
  const float* values = found.data_ptr<float>();
  std::vector<DetectedBox> boxes;
  for (std::int64_t row = 0; row < cells; ++row)
    for (std::int64_t column = 0; column < cells; ++column)
      for (const auto& anchor : kAnchors) {
        const float* v = values;
        values += kValues;
        const float score = sigmoid(v[4]);
        if (!(score > min_score)) continue;
        const float width = std::exp(v[2]) * anchor[0] * cell;
        const float height = std::exp(v[3]) * anchor[1] * cell;
        const float x = (static_cast<float>(column) + sigmoid(v[0])) * cell;
        const float y = (static_cast<float>(row) + sigmoid(v[1])) * cell;
        boxes.push_back({{x - width / 2, y - height / 2, width, height}, score});
      }
  return suppress_overlaps(std::move(boxes), kMostOverlap, Overlap::over_union);
}

}  // namespace likeness::bench
