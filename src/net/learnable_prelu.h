#pragma once

/// PReLU (He et al. 2015) as a step of training.

#include <torch/types.h>

namespace likeness::net {

/// x where x > 0, else slope[c]·x, with gradients to both. x: [N, C, H, W] in float32 or bfloat16;
/// slope: float32 [C]. Channels-last tensors on the CPU stay so and are worked on by all threads;
/// LibTorch's own needs four times as long for the way back, and cannot mix the two types. Others
/// are left to LibTorch. The result does not depend on the number of threads.
torch::Tensor learnable_prelu(const torch::Tensor& x, const torch::Tensor& slope);

}  // namespace likeness::net
