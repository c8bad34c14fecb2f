#pragma once

#include <cmath>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <torch/nn/module.h>
#include <torch/types.h>

namespace likeness::net {

/// Gives every parameter of `network` random values, the same in each run, of a size that lets
/// signals through many layers neither die nor explode.
inline void randomise(torch::nn::Module& network) {
  const torch::NoGradGuard no_gradients;
  torch::manual_seed(7);
  for (auto& parameter : network.parameters()) {
    const auto inputs = parameter.dim() > 1 ? parameter.numel() / parameter.size(0) : 4;
    parameter.normal_(0, std::sqrt(1.0 / static_cast<double>(inputs)));
  }
}

inline torch::Tensor random_input(at::IntArrayRef shape) {
  torch::manual_seed(8);
  return torch::randn(shape).contiguous(at::MemoryFormat::ChannelsLast);
}

/// The largest difference, as a share of the largest value.
inline double relative_difference(const torch::Tensor& a, const torch::Tensor& b) {
  EXPECT_EQ(a.sizes(), b.sizes());
  if (a.sizes() != b.sizes()) return INFINITY;
  return ((a - b).abs().max() / b.abs().max()).item<double>();
}

/// What `network` makes of `x` without gradients, so that packed filters are used.
template <class Network>
auto infer(Network& network, const torch::Tensor& x) {
  const torch::NoGradGuard no_gradients;
  return network->forward(x);
}

}  // namespace likeness::net
