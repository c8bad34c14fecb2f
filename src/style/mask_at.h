#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

namespace likeness {

/// `mask` [H, W], scaled by averaging to a tap's size; undefined stays so.
at::Tensor mask_at(const at::Tensor& mask, std::int64_t height, std::int64_t width);

}  // namespace likeness
