#pragma once

/// A gradient's way back through ReLUs, without gradients of its own: one pass over memory where
/// LibTorch takes up to four.

#include <torch/types.h>

namespace likeness::net {

/// `gradient` where `features`, what a ReLU gave, are above 0, else 0; as `type`. All [N, C, H, W],
/// float32 or bfloat16. Differentiable where gradients are on.
torch::Tensor gated(const torch::Tensor& gradient, const torch::Tensor& features,
                    at::ScalarType type);

/// Whether gated_rise takes tensors like `features`.
bool has_gated_rise(const torch::Tensor& features);

/// gated(`risen` at twice its size + `gradient`, `features`), as the dtype of `features`. risen:
/// [N, 4·C, H, W], channel (2·dy + dx)·C + c for pixel (dy, dx) of four, of that dtype; gradient:
/// [N, C, 2·H, 2·W] float32. Requires has_gated_rise(features). Takes no part in gradients.
torch::Tensor gated_rise(const torch::Tensor& risen, const torch::Tensor& gradient,
                         const torch::Tensor& features);

}  // namespace likeness::net
