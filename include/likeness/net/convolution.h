#pragma once

/// A convolution with bias and activation, the one block that all face networks are made of.
///
/// Batch norm and scale layers are folded into weight and bias when weights are converted, so the
/// block has none. `pack()` prepares it for inference: oneDNN keeps the filters in the layout that
/// suits the processor, fused with ReLU. A packed block is safe to run from many threads; packing
/// is not.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

namespace likeness::net {

enum class Activation { none, relu, prelu };

/// Zero padding of each side. TensorFlow's SAME with stride 2 on an even size is {0, 1}.
struct Padding {
  std::int64_t before = 0;  ///< left and top
  std::int64_t after = 0;   ///< right and bottom
};

struct ConvolutionOptions {
  std::int64_t in = 0;      ///< channels
  std::int64_t out = 0;     ///< channels
  std::int64_t kernel = 3;  ///< width and height
  std::int64_t stride = 1;
  Padding padding = {};
  bool reflect = false;  ///< padding shows the picture mirrored; 3 × 3, stride 1, padding 1 only
  std::int64_t groups = 1;  ///< groups == in == out: depthwise
  Activation activation = Activation::none;
};

class PackedConvolution;

struct ConvolutionImpl : torch::nn::Module {
  explicit ConvolutionImpl(const ConvolutionOptions& options);

  /// x: [N, in, H, W], channels-last for speed → [N, out, H', W'].
  torch::Tensor forward(const torch::Tensor& x);

  /// Prepares for inference on the CPU in float32 or bfloat16; does nothing on other devices and
  /// dtypes. Call again after the weights changed. `size` is the expected height and width of the
  /// input, `type` its dtype where that is not the weights'. Returns whether there is something
  /// prepared.
  bool pack(std::int64_t size, c10::optional<at::ScalarType> type = {});

  ConvolutionOptions options;
  torch::Tensor weight;  ///< [out, in / groups, kernel, kernel]
  torch::Tensor bias;    ///< [out]
  torch::Tensor slope;   ///< [out], only with Activation::prelu

 private:
  std::shared_ptr<const PackedConvolution> packed_;
  std::array<torch::Tensor, 4> ring_;  ///< lines of filters that meet reflected values; packed
};
TORCH_MODULE(Convolution);

}  // namespace likeness::net
