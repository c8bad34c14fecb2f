#pragma once

#include <ATen/core/Tensor.h>
#include <likeness/core/random.h>

namespace likeness {

/// Standard normal numbers (Box and Muller 1958), the same on all platforms: float32, on the CPU.
at::Tensor normal_numbers(at::IntArrayRef sizes, Random& random);

}  // namespace likeness
