#pragma once

/// MobileFaceNet (Chen et al. 2018): inverted residual blocks with depthwise convolutions and
/// PReLU, 112 × 112 pixels → 192 numbers. Padding is that of TensorFlow, from which the weights
/// come.

#include <likeness/net/convolution.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/pimpl.h>

namespace likeness::net {

/// Expand with 1 × 1, filter each channel with 3 × 3, project with 1 × 1; plus the input where the
/// size stays the same.
struct InvertedResidualImpl : torch::nn::Module {
  InvertedResidualImpl(std::int64_t in, std::int64_t inner, std::int64_t out, bool halve);
  torch::Tensor forward(const torch::Tensor& x);
  /// As Convolution::pack; returns the size of the output.
  std::int64_t pack(std::int64_t size);

  Convolution expand{nullptr};
  Convolution filter{nullptr};
  Convolution project{nullptr};
  bool shortcut;
};
TORCH_MODULE(InvertedResidual);

struct MobileFaceNetImpl : torch::nn::Module {
  static constexpr std::int64_t kInputSize = 112;
  static constexpr std::int64_t kDimensions = 192;

  MobileFaceNetImpl();
  /// x: [N, 3, 112, 112], (RGB 0…255 − 127.5) / 128 → [N, 192], not normalised.
  torch::Tensor forward(const torch::Tensor& x);
  void pack();

  Convolution stem{nullptr};
  Convolution stem_filter{nullptr};   ///< depthwise
  Convolution stem_project{nullptr};  ///< 1 × 1, linear
  torch::nn::ModuleList blocks;
  Convolution head{nullptr};         ///< 1 × 1 → 512
  Convolution head_filter{nullptr};  ///< depthwise over the whole 7 × 7 map
  Convolution head_mix{nullptr};     ///< 1 × 1, linear
  Convolution projection{nullptr};   ///< 1 × 1, linear → 192
};
TORCH_MODULE(MobileFaceNet);

}  // namespace likeness::net
