#pragma once

/// A scale and a shift for each channel of each picture. LibTorch takes several passes over memory
/// for it, forward and back; here it is one pass each way.

#include <torch/types.h>

namespace likeness::net {

/// scale·x + shift, ReLU of it where asked for. x: [N, C, H, W] float32, channels-last on the CPU
/// for speed; scale, shift: [N, C]. Differentiable in all three.
torch::Tensor channel_affine(const torch::Tensor& x, const torch::Tensor& scale,
                             const torch::Tensor& shift, bool relu);

}  // namespace likeness::net
