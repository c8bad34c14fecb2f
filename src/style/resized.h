#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

namespace likeness {

/// `picture` [1, C, H, W] at height × width by bicubic interpolation, smoothed first where it gets
/// smaller; a copy, channels-last.
at::Tensor resized(const at::Tensor& picture, std::int64_t height, std::int64_t width);

}  // namespace likeness
