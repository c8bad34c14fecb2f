#pragma once

/// Weights into networks.

#include <string>

#include <likeness/model/safetensors.h>
#include <torch/nn/module.h>

namespace likeness {

/// Copies `weights` into the parameters of `network` by name (those that start with `prefix`, which
/// is left out) and switches it to evaluation. Throws Error(corrupt_file) that names the first
/// parameter which is missing, has another shape ("got […], expected […]"), is not of a
/// floating-point type or holds a NaN or an infinity.
void load_parameters(torch::nn::Module& network, const TensorMap& weights,
                     const std::string& prefix = "");

}  // namespace likeness
