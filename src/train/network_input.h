#pragma once

#include <ATen/core/Tensor.h>
#include <likeness/image/tensor.h>

namespace likeness {

/// uint8 [N, S, S, 3] → [N, 3, S, S] in channels-last order, normalised, in float32 or bfloat16.
at::Tensor network_input(const at::Tensor& crops, const Normalization& normalization, bool bf16);

}  // namespace likeness
