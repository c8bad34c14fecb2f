#pragma once

/// A scale and a shift for each channel of each picture. LibTorch takes several passes over memory
/// for it, forward and back; here it is one pass each way.

#include <torch/types.h>

namespace likeness::net {

/// scale·x + shift, ReLU of it where asked for. x: [N, C, H, W] float32, channels-last on the CPU
/// for speed; scale, shift: [N, C]. Differentiable in all three.
torch::Tensor channel_affine(const torch::Tensor& x, const torch::Tensor& scale,
                             const torch::Tensor& shift, bool relu);

/// The same in place of x, float32 or bfloat16, without gradients.
void channel_affine_(const torch::Tensor& x, const torch::Tensor& scale, const torch::Tensor& shift,
                     bool relu);

/// sum ← sum + scale·x + shift, without gradients. sum: float32; x: float32 or bfloat16, of the
/// same shape.
void add_channel_affine_(const torch::Tensor& sum, const torch::Tensor& x,
                         const torch::Tensor& scale, const torch::Tensor& shift);

}  // namespace likeness::net
