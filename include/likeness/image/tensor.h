#pragma once

/// Picture ↔ tensor. All functions copy and are safe to call from many threads.

#include <array>
#include <span>

#include <ATen/core/Tensor.h>
#include <likeness/image/image.h>

namespace likeness {

/// How samples 0…255 become numbers: (sample − mean[c]) · scale, in RGB order (or BGR).
struct Normalization {
  std::array<float, 3> mean = {0, 0, 0};  ///< in the order R, G, B
  float scale = 1.0F / 255.0F;
  bool bgr = false;  ///< planes in the order B, G, R
};

/// float32 [N, 3, H, W], channels-last, from pictures of one size (alpha is dropped). Requires at
/// least one picture and equal sizes.
at::Tensor to_tensor(std::span<const Image> images, const Normalization& normalization = {});
at::Tensor to_tensor(const Image& image, const Normalization& normalization = {});

/// The picture of a float [3, H, W] or [1, 3, H, W] tensor with values 0…1 (RGB); rounds and clips,
/// NaN becomes 0.
Image to_image(const at::Tensor& tensor);

}  // namespace likeness
