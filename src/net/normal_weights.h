#pragma once

#include <likeness/core/random.h>
#include <torch/types.h>

namespace likeness::net {

/// Fills float32 `tensor` with normally distributed numbers (Box and Muller 1958) that every
/// platform draws alike.
void fill_normal(const torch::Tensor& tensor, double deviation, Random& random);

}  // namespace likeness::net
