#pragma once

/// Instance normalisation with a scale and a shift, and statistics of its own: each channel of each
/// picture is brought to mean 0 and deviation 1 over its positions (Ulyanov et al. 2016), then
/// scaled and shifted. In LibTorch that takes a copy of channels-last pictures and several passes
/// over memory, forward and back; here it is one pass to measure and one to write.

#include <cstdint>

#include <torch/types.h>

namespace likeness::net {

/// Added to variances, so that features that stand still are not blown up: with 1e-5, gradients
/// through a dozen normalisations grew without bounds.
inline constexpr double kVarianceEpsilon = 1e-2;

struct ChannelStatistics {
  torch::Tensor mean;       ///< [N, C] float32
  torch::Tensor deviation;  ///< [N, C]: √(population variance + kVarianceEpsilon)
};

/// x: [N, C, H, W] float32, channels-last on the CPU for speed. Without gradients.
ChannelStatistics channel_statistics(const torch::Tensor& x);

/// scale·(x − mean)/deviation + shift, ReLU of it where asked for; scale, shift: [N, C].
/// Differentiable in x, scale and shift, where mean and deviation are those of x.
torch::Tensor instance_affine(const torch::Tensor& x, const ChannelStatistics& statistics,
                              const torch::Tensor& scale, const torch::Tensor& shift, bool relu);

/// scale·x + shift, ReLU of it where asked for. Differentiable in all three.
torch::Tensor channel_affine(const torch::Tensor& x, const torch::Tensor& scale,
                             const torch::Tensor& shift, bool relu);

}  // namespace likeness::net
