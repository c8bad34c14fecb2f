#pragma once

#include <ATen/core/Tensor.h>

namespace likeness {

/// M·x, M = I + U (2/8²·I + Σ_b 2/(8b)²·V_b·V_bᵀ) Uᵀ over b = 2 and 4, where U enlarges by 8 and
/// V_b by b with linear interpolation: scales of 8, 16 and 32 pixels (Bramble, Pasciak and Xu 1990,
/// "Parallel multilevel preconditioners"). x: [1, C, H, W]. M is symmetric, positive definite and
/// stands for the inverse of a cost's second derivatives before any are known: the costs of a
/// painting bend less along what is large in it, because deep layers see it through several
/// poolings, so what is large may move further. Smaller blocks are left out: along them descent
/// finds what a slim network does not see. Safe to call from many threads.
at::Tensor across_scales(const at::Tensor& x);

}  // namespace likeness
