#pragma once

/// A network with the layers of AdaIN (Huang and Belongie 2017) as its users run them in PyTorch:
/// VGG-19 up to relu4_1 for content and style, and its mirror image as the decoder. Random weights:
/// it stands for AdaIN's time, which does not depend on them.

#include <vector>

#include <ATen/core/Tensor.h>

namespace likeness::bench {

class AdainShape {
 public:
  AdainShape();
  /// [1, 512, H/8, W/8] of a picture [1, 3, H, W].
  at::Tensor encode(const at::Tensor& picture) const;
  /// A picture from content and style features.
  at::Tensor decode(const at::Tensor& content, const at::Tensor& style) const;

 private:
  struct Layer {
    at::Tensor weight;
    at::Tensor bias;
  };
  static at::Tensor run(const Layer& layer, const at::Tensor& x);
  std::vector<Layer> encoder_;
  std::vector<Layer> decoder_;
};

}  // namespace likeness::bench
