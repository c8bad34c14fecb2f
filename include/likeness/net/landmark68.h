#pragma once

/// The 68 landmarks of a face (the scheme of 300-W, Sagonas et al. 2013: jaw, brows, nose, eyes,
/// mouth) by a small network of depthwise separable convolutions with dense sums (face-api's, after
/// Huang et al. 2017 and Howard et al. 2017). Padding is that of TensorFlow, from which the weights
/// come. Safe to run from many threads once packed.

#include <vector>

#include <likeness/net/convolution.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/pimpl.h>

namespace likeness::net {

/// 3 × 3 on each channel, then 1 × 1 over all; linear.
struct SeparableConvolutionImpl : torch::nn::Module {
  SeparableConvolutionImpl(std::int64_t in, std::int64_t out, std::int64_t stride);
  torch::Tensor forward(const torch::Tensor& x);
  /// `size`: of the input.
  void pack(std::int64_t size);

  Convolution filter{nullptr};
  Convolution mix{nullptr};
};
TORCH_MODULE(SeparableConvolution);

struct Landmark68Impl : torch::nn::Module {
  static constexpr std::int64_t kInputSize = 112;
  static constexpr std::int64_t kPoints = 68;

  Landmark68Impl();
  /// x: [N, 3, 112, 112], (RGB 0…255 − (122.782, 117.001, 104.298)) / 255 → [N, 136]: x and y of
  /// each point in turn, as shares of the crop's side (0 is the outer edge of its first pixel).
  torch::Tensor forward(const torch::Tensor& x);
  void pack();

  Convolution stem{nullptr};
  torch::nn::ModuleList halving;  ///< SeparableConvolution, into blocks 1 to 3
  torch::nn::ModuleList inner;    ///< SeparableConvolution, three in each of the four blocks
  Convolution points{nullptr};    ///< 1 × 1 on the mean over all places
};
TORCH_MODULE(Landmark68);

}  // namespace likeness::net
