#pragma once

/// Training that goes on where a face encoder's weights are: which of its layers learn, how fast,
/// and how closely its encodings stay what they were. Safe to call from many threads.
///
///     EncoderNetwork encoder = encoder_network(store, "mobilefacenet");
///     auto network = fine_tuned_network(std::move(encoder), entry,
///                                       {.freeze = "blocks.7", .layer_decay = 0.9}, c10::kCPU);

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <likeness/faces/encoder_network.h>
#include <likeness/model/manifest.h>
#include <likeness/train/siamese_network.h>
#include <torch/nn/module.h>

namespace likeness {

struct FineTuningOptions {
  std::string freeze = {};  ///< the last layer that does not learn; empty: all learn
  double layer_decay = 1;   ///< learning rate of each layer as a share of that of the next
  /// Weight of mean ‖f(x') − f₀(x)‖² in the loss, where x' is a variation of face x, and f₀ the
  /// network as it was (distillation, Hinton 2015, from a network into itself): what it can do is
  /// kept, and what a variation does to an encoding is unlearned.
  double distil = 0;
  at::Tensor targets = {};  ///< with distil: f₀(x), float32 [N, D] of length 1 for all N faces
  bool bf16 = false;        ///< convolutions in bfloat16, the rest in float32
};

/// The layers of a network from the input to the output: "stem", "blocks.0", "blocks.1", …
std::vector<std::string> layers_of(const torch::nn::Module& module);
/// The layer that a parameter belongs to: "blocks.0" of "blocks.0.expand.weight".
std::string layer_of(const std::string& parameter);

/// Share of the learning rate of each layer, in the order of layers_of: decay^(layers behind it),
/// and 0 up to `freeze`. Throws Error(invalid_argument) for a layer that is not there (lists them),
/// the last layer (nothing would learn) and a decay outside (0, 1].
std::vector<double> layer_rates(const std::vector<std::string>& layers, const std::string& freeze,
                                double decay);

/// The network in training; what it exports has the architecture and settings of `entry`. Throws as
/// layer_rates does. Requires targets where distil > 0.
std::unique_ptr<SiameseNetwork> fine_tuned_network(EncoderNetwork network, const ModelEntry& entry,
                                                   const FineTuningOptions& options,
                                                   c10::Device device);

}  // namespace likeness
