#pragma once

/// Pictures as blocks of 2 × 2 pixels, which a painter works on, and back: at::pixel_unshuffle and
/// at::pixel_shuffle, in one pass over memory where no gradient is asked for.

#include <torch/types.h>

namespace likeness::net {

/// x + `offset`. x: [N, C, 2·H, 2·W] → [N, 4·C, H, W], channels-last, channel 4·c + 2·dy + dx.
torch::Tensor blocks_of_pixels(const torch::Tensor& x, double offset);

/// The way back: [N, 4·C, H, W] → [N, C, 2·H, 2·W].
torch::Tensor pixels_of_blocks(const torch::Tensor& x);

}  // namespace likeness::net
