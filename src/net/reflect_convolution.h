#pragma once

/// A 3 × 3 convolution with reflection padding, without a padded copy of its input.
///
/// Padding by reflection is what keeps frames out of painted pictures; but the padded copy costs a
/// pass over memory forward and another one back, more than a slim layer's arithmetic does. Here
/// the convolution pads with zeros, which oneDNN does for nothing, and what the border's ring of
/// reflected values adds is put on top: convolutions of four lines. Backwards the same way: the
/// gradient of the ring is folded onto the lines that it reflects.

#include <array>

#include <torch/types.h>

namespace likeness::net {

/// ReLU(convolution of x with reflection padding). x: [N, in, H, W] with H, W ≥ 2, float32 or
/// bfloat16; weight [out, in, 3, 3]; bias [out]. Differentiable once, in x alone: requires weights
/// that need no gradient.
torch::Tensor reflect_convolution_relu(const torch::Tensor& x, const torch::Tensor& weight,
                                       const torch::Tensor& bias);

/// The lines of filters that meet the ring: top, bottom, left, right.
using RingFilters = std::array<torch::Tensor, 4>;
RingFilters ring_filters(const torch::Tensor& weight);

/// Adds to y, a convolution with zeros around x, what reflected values in their place contribute.
/// `filters`: of its weight, in the dtype of x. Takes no part in gradients.
void add_reflected_ring(const torch::Tensor& y, const torch::Tensor& x, const RingFilters& filters);

/// Convolution of x with reflection padding, by a padded copy: differentiable in everything, twice.
torch::Tensor padded_convolution(const torch::Tensor& x, const torch::Tensor& weight,
                                 const torch::Tensor& bias);

/// ReLU of that.
torch::Tensor padded_convolution_relu(const torch::Tensor& x, const torch::Tensor& weight,
                                      const torch::Tensor& bias);

}  // namespace likeness::net
