#pragma once

#include <ATen/core/Tensor.h>

namespace likeness {

/// The squared Bures distance of two covariance matrices [C, C],
///
///     tr(A + B − 2·(B^½ A B^½)^½),
///
/// which is the part of the 2-Wasserstein distance of Gaussians beside their means. A small
/// multiple of the identity is added to both, so that it is smooth also where they are singular.
/// Returns a float64 scalar; gradients reach `a` alone.
at::Tensor bures_distance(const at::Tensor& a, const at::Tensor& b);

}  // namespace likeness
