#pragma once

/// The three networks of MTCNN (Zhang et al. 2016, "Joint Face Detection and Alignment using
/// Multi-task Cascaded Convolutional Networks"): P-Net proposes, R-Net refines, O-Net refines again
/// and finds five landmarks. Input of all: (RGB 0…255 − 127.5) / 128. Weights that were trained on
/// transposed pictures are transposed when they are converted, so pictures here are upright.
///
/// On a CPU and without gradients, forward() works in pieces that fit the cache of a core, on the
/// threads of run_side_by_side.

#include <likeness/net/convolution.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

namespace likeness::net {

/// What every stage says about each window or crop.
struct FaceProposals {
  torch::Tensor score;   ///< probability of a face in [0, 1]: [N] or, for P-Net, [N, H, W]
  torch::Tensor offset;  ///< x1, y1, x2, y2 corrections as shares of the window's size: [N, 4, …]
  torch::Tensor points;  ///< O-Net: x of 5 points, then y, as shares of the window: [N, 10]
};

/// Fully convolutional, 12 × 12 windows at stride 2. Requires a picture of at least one window.
struct PNetImpl : torch::nn::Module {
  PNetImpl();
  FaceProposals forward(const torch::Tensor& x);
  void pack();

  Convolution conv1{nullptr}, conv2{nullptr}, conv3{nullptr}, face{nullptr}, box{nullptr};

 private:
  FaceProposals forward_whole(const torch::Tensor& x);
};
TORCH_MODULE(PNet);

/// 24 × 24 crops.
struct RNetImpl : torch::nn::Module {
  static constexpr std::int64_t kInputSize = 24;
  RNetImpl();
  FaceProposals forward(const torch::Tensor& x);
  void pack();

  Convolution conv1{nullptr}, conv2{nullptr}, conv3{nullptr}, dense{nullptr}, face{nullptr},
      box{nullptr};

 private:
  FaceProposals forward_whole(const torch::Tensor& x);
};
TORCH_MODULE(RNet);

/// 48 × 48 crops.
struct ONetImpl : torch::nn::Module {
  static constexpr std::int64_t kInputSize = 48;
  ONetImpl();
  FaceProposals forward(const torch::Tensor& x);
  void pack();

  Convolution conv1{nullptr}, conv2{nullptr}, conv3{nullptr}, conv4{nullptr}, dense{nullptr},
      face{nullptr}, box{nullptr}, points{nullptr};

 private:
  FaceProposals forward_whole(const torch::Tensor& x);
};
TORCH_MODULE(ONet);

}  // namespace likeness::net
