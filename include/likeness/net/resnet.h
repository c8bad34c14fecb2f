#pragma once

/// dlib's face recognition network: a residual network of 29 convolutions (He et al. 2015, with
/// half the filters), 150 × 150 pixels → 128 numbers. See dlib's dnn_face_recognition_ex.cpp.

#include <memory>

#include <likeness/net/convolution.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/pimpl.h>

namespace likeness::net {

/// Two 3 × 3 convolutions and a shortcut. When it halves the size, the first convolution has stride
/// 2 without padding, and the shortcut is a 2 × 2 average, padded with zeros in channels and
/// pixels.
struct ResidualBlockImpl : torch::nn::Module {
  ResidualBlockImpl(std::int64_t in, std::int64_t out, bool halve);
  torch::Tensor forward(const torch::Tensor& x);
  /// As Convolution::pack; returns the size of the output.
  std::int64_t pack(std::int64_t size);

  Convolution conv1{nullptr};
  Convolution conv2{nullptr};
  bool halve;
};
TORCH_MODULE(ResidualBlock);

struct ResNetImpl : torch::nn::Module {
  static constexpr std::int64_t kInputSize = 150;
  static constexpr std::int64_t kDimensions = 128;

  ResNetImpl();
  /// x: [N, 3, 150, 150], (RGB 0…255 − (122.782, 117.001, 104.298)) / 256 → [N, 128], not
  /// normalised.
  torch::Tensor forward(const torch::Tensor& x);
  void pack();

  Convolution stem{nullptr};
  torch::nn::ModuleList blocks;
  torch::Tensor projection;  ///< [128, 256]

 private:
  std::shared_ptr<const PackedConvolution> packed_projection_;
};
TORCH_MODULE(ResNet);

}  // namespace likeness::net
