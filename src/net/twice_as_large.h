#pragma once

/// Features twice as large, and others added to them: what a decoder with ways around it does at
/// each scale. LibTorch takes four passes over the large ones for it; here it is one.

#include <torch/types.h>

namespace likeness::net {

/// ReLU of `fine` + each value of `coarse` four times. coarse: [N, C, H, W], fine: [N, C, 2·H,
/// 2·W], float32, both channels-last for speed. Differentiable; without gradients `fine` is written
/// to, and returned.
torch::Tensor add_twice_as_large(const torch::Tensor& coarse, const torch::Tensor& fine);

}  // namespace likeness::net
