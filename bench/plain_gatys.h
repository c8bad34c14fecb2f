#pragma once

/// Style transfer as its users write it in PyTorch, with LibTorch's defaults: the reference that
/// ours is timed against. Plain layout, padded copies, pixels that run free and are clipped at the
/// end, torch::optim::LBFGS with a history of 10.

#include <vector>

#include <ATen/core/Tensor.h>
#include <likeness/image/image.h>
#include <likeness/model/safetensors.h>

namespace likeness::bench {

struct PlainResult {
  Image picture;       ///< clipped
  double seconds = 0;  ///< of the iterations
  int iterations = 0;
  std::vector<double> costs;  ///< J of the picture, not clipped, before each iteration
};

/// Minimises content + 30 · style (Gram matrices over positions) from `content` on. `weights`:
/// VGG-19 up to conv4_1 with torchvision's names, input RGB 0…1.
PlainResult paint_plainly(const TensorMap& weights, const Image& content, const Image& style,
                          int iterations);

}  // namespace likeness::bench
