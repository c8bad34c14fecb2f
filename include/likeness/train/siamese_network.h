#pragma once

/// A network in training: both halves of the Siamese network at once, since they share all weights.
/// What a trainer needs of it, and what becomes of it when it is done. Belongs to one thread at a
/// time.
///
///     auto network = compact_network({.size = 64}, seed, c10::kCPU);
///     at::Tensor encodings = network->encode(crops);

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <likeness/model/local_model.h>
#include <likeness/net/compact_encoder.h>
#include <likeness/net/shared_batch_norm.h>
#include <torch/nn/module.h>

namespace likeness {

class SiameseNetwork {
 public:
  virtual ~SiameseNetwork() = default;

  /// What it is and what it started from, in one line: a run is not resumed with another one.
  virtual std::string description() const = 0;
  virtual torch::nn::Module& module() = 0;
  virtual std::int64_t dimensions() const = 0;
  /// An input of TrainingFaces, on any device → float32 [N, D], not normalised.
  virtual at::Tensor encode(const at::Tensor& input) = 0;
  /// Share of the learning rate for a parameter of the module; 0 freezes it.
  virtual double rate(const std::string& parameter) const = 0;
  /// From now on what is computed over a whole batch (batch normalisation) is computed over the
  /// batches of all processes. A network without such layers has nothing to do.
  virtual void share_statistics([[maybe_unused]] const net::SumOverProcesses& sum) {}
  /// A scalar that is added to the loss of a batch, such as one that keeps the network near what it
  /// started from; undefined for none. `faces`: their numbers in TrainingFaces; `encodings`:
  /// float32 [N, D] of length 1, with gradients.
  virtual at::Tensor penalty([[maybe_unused]] std::span<const std::int64_t> faces,
                             [[maybe_unused]] const at::Tensor& encodings) {
    return {};
  }
  /// What FaceEncoder needs to run it: weights as they are now (copies), architecture, settings.
  virtual LocalModel exported() = 0;
};

/// net::CompactEncoder from scratch. `bf16`: convolutions in bfloat16, the rest in float32.
std::unique_ptr<SiameseNetwork> compact_network(const net::CompactEncoderOptions& options,
                                                std::uint64_t seed, c10::Device device, bool bf16);

}  // namespace likeness
