#pragma once

#include <string>
#include <vector>

#include <likeness/model/safetensors.h>
#include <likeness/model/tflite.h>
#include <torch/nn/module.h>

namespace likeness::convert {

/// One convolution or dense layer as a source file has it, in our layout.
struct Layer {
  torch::Tensor weight;  ///< [out, in / groups, height, width]
  torch::Tensor bias;    ///< [out]
  torch::Tensor slope;   ///< [out] PReLU slope, undefined without
};

/// Convolution, depthwise and dense layers of `model` in the order in which they run. PReLU, which
/// these exports spell out with other operators, is recognised behind a layer by its constant.
/// `dense_sizes`: the height (= width) of the map that each dense layer flattens, in order.
std::vector<Layer> tflite_layers(const TfliteModel& model,
                                 const std::vector<std::int64_t>& dense_sizes,
                                 const std::string& name);

/// Stores `layers` under `names` (name.weight, name.bias, name.slope).
/// Throws Error(corrupt_file) when their number differs.
void store_layers(TensorMap& weights, const std::vector<std::string>& names,
                  const std::vector<Layer>& layers, const std::string& source);

/// The tensor called `name`. Throws Error(corrupt_file) when it is missing.
const torch::Tensor& require(const TensorMap& tensors, const std::string& name,
                             const std::string& source);

/// Names of all Convolution modules of a network, in the order of registration.
std::vector<std::string> convolution_names(const torch::nn::Module& network);

}  // namespace likeness::convert
