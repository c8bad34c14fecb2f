#pragma once

/// The way of a gradient from one scale of an encoder to the next finer one, in one pass over
/// memory where no gradient of it is asked for.

#include <torch/types.h>

namespace likeness::net {

/// pixel_shuffle(risen, 2) + missed where `seen` is above 0, and 0 elsewhere, of the type of
/// `risen`. risen: [N, 4·C, H, W], float32 or bfloat16; missed, seen: [N, C, 2·H, 2·W], float32,
/// channels-last for speed.
torch::Tensor gated_rise(const torch::Tensor& risen, const torch::Tensor& missed,
                         const torch::Tensor& seen);

}  // namespace likeness::net
