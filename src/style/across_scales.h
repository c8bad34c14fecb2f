#pragma once

#include <ATen/core/Tensor.h>

namespace likeness {

/// M·x, M = I + 2 Σ_b U_b·U_bᵀ/b² over b = 8, 16 and 32, where U_b enlarges by b with linear
/// interpolation, 16 and 32 by way of 8 (Bramble, Pasciak and Xu 1990, "Parallel multilevel
/// preconditioners"). x: [1, C, H, W]. M is symmetric, positive definite and stands for the inverse
/// of a cost's second derivatives before any are known: the costs of a painting bend less along
/// what is large in it, because deep layers see it through several poolings, so what is large may
/// move further. Smaller blocks are left out: along them descent finds what a slim network does not
/// see. Safe to call from many threads.
at::Tensor across_scales(const at::Tensor& x);

}  // namespace likeness
