#pragma once

/// The one network of a face encoder in the open, as it must be to be trained further: float32, not
/// packed for inference, with what it takes in. One object belongs to one thread at a time.
///
///     EncoderNetwork network = encoder_network(store, "mobilefacenet");
///     network.module->train();
///     const auto y = network.forward(normalised(crops, network.normalization));

#include <functional>
#include <memory>
#include <string>

#include <likeness/faces/alignment.h>
#include <likeness/image/tensor.h>
#include <likeness/model/store.h>
#include <torch/nn/module.h>
#include <torch/types.h>

namespace likeness {

struct EncoderNetwork {
  AlignmentTemplate target;
  Normalization normalization;
  int dimensions = 0;
  /// Its parameters have the names of the weights' file, in the order of their layers.
  std::shared_ptr<torch::nn::Module> module;
  /// [N, 3, size, size] → [N, dimensions], not normalised; with gradients where they are on.
  std::function<torch::Tensor(const torch::Tensor&)> forward;
};

/// With the weights of `model`, on the CPU. Throws Error: as ModelStore::load does,
/// invalid_argument for a combination of several networks and for what is no face encoder,
/// corrupt_file when settings or weights are not what its architecture needs.
EncoderNetwork encoder_network(const ModelStore& store, const std::string& model);

}  // namespace likeness
