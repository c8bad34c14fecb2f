#pragma once

/// A small face encoder made to be trained from scratch on few cores (at most 1.5 million
/// parameters): residual blocks (He et al. 2015) of dense 3 × 3 convolutions, which reach a CPU's
/// arithmetic speed, behind a quick fall to a quarter of the picture's size, so that little memory
/// is moved.
///
/// It has two forms with the same layers. The trainable one normalises every convolution over the
/// batch (Ioffe 2015), the encoding too: its mean over a batch is 0, so that encodings cannot all
/// fall onto one point, the common death of hard triplets. The other one has that normalisation
/// folded into weights and biases, and is what encodes faces.
///
///     TrainableCompactEncoder network(CompactEncoderOptions{.size = 64});
///     network->initialise(seed);
///     …
///     CompactEncoder encoder = folded(*network);

#include <cstdint>
#include <string>

#include <likeness/net/convolution.h>
#include <likeness/net/shared_batch_norm.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

namespace likeness::net {

struct CompactEncoderOptions {
  std::int64_t size = 64;         ///< of the input, height and width: 32 to 112, a multiple of 16
  std::int64_t dimensions = 128;  ///< of the encoding: 8 to 512
};

/// Convolution, batch norm, activation, with the arguments of Convolution.
struct NormalizedConvolutionImpl : torch::nn::Module {
  explicit NormalizedConvolutionImpl(const ConvolutionOptions& options);
  /// x: as Convolution. In training mode it is normalised with the statistics of the batch, which
  /// the running ones then follow; else with those.
  torch::Tensor forward(const torch::Tensor& x);

  ConvolutionOptions options;
  /// Where it is set the batch is that of all processes (shared_batch_norm.h).
  SumOverProcesses sum;
  torch::Tensor weight;            ///< as Convolution
  torch::Tensor scale;             ///< [out]
  torch::Tensor shift;             ///< [out]
  torch::Tensor running_mean;      ///< [out], buffer
  torch::Tensor running_variance;  ///< [out], buffer
};
TORCH_MODULE(NormalizedConvolution);

/// ReLU(x + convolution(convolution(x))).
template <class Unit>
struct CompactBlockImpl : torch::nn::Module {
  explicit CompactBlockImpl(std::int64_t channels);
  torch::Tensor forward(const torch::Tensor& x);

  Unit conv1{nullptr};
  Unit conv2{nullptr};
};

template <class Unit>
struct CompactEncoderBody : torch::nn::Module {
  /// Throws std::logic_error for options out of range.
  explicit CompactEncoderBody(const CompactEncoderOptions& options = {});

  /// x: [N, 3, size, size], (RGB 0…255 − 127.5) / 128 → [N, dimensions], not normalised.
  torch::Tensor forward(const torch::Tensor& x);

  CompactEncoderOptions options;
  Unit stem{nullptr};
  torch::nn::ModuleList layers;  ///< units that halve the size, and blocks
  Unit reduce{nullptr};          ///< 1 × 1, before the map becomes one point
  Unit projection{nullptr};      ///< over the whole map, linear
};

/// The form that encodes. Weights are zero until they are loaded.
struct CompactEncoderImpl : CompactEncoderBody<Convolution> {
  using CompactEncoderBody::CompactEncoderBody;
  void pack();
};
TORCH_MODULE(CompactEncoder);

/// The form that is trained.
struct TrainableCompactEncoderImpl : CompactEncoderBody<NormalizedConvolution> {
  using CompactEncoderBody::CompactEncoderBody;
  /// Random weights (He et al. 2015, "Delving Deep into Rectifiers"), the same for the same seed on
  /// every platform. Each block starts as the identity (Goyal 2017: its last scale is 0).
  void initialise(std::uint64_t seed);
  /// Normalises over the batches of all processes from now on.
  void share_statistics(const SumOverProcesses& sum);
};
TORCH_MODULE(TrainableCompactEncoder);

/// The same network with batch norm, in its running statistics, folded into the convolutions. A
/// copy, in evaluation mode.
CompactEncoder folded(const TrainableCompactEncoderImpl& network);

}  // namespace likeness::net
