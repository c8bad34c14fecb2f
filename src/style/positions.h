#pragma once

/// Activations as a table with one row a position.

#include <ATen/core/Tensor.h>

namespace likeness {

/// [1, C, H, W] as [H·W, C]: a view where the activations are channels-last.
at::Tensor positions(const at::Tensor& features);

/// float32, unless it is float64 already: sums of bfloat16 would lose what they add.
at::Tensor at_least_float(const at::Tensor& tensor);

}  // namespace likeness
