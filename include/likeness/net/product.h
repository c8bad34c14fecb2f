#pragma once

/// Matrix products of activations on LibTorch's own threads: convolutions of one pixel, which
/// oneDNN computes. The BLAS takes one thread where there are few (set_thread_count says why), and
/// the others would wait. Pure functions, safe to call from many threads; gradients flow through
/// `product`, any number of times.

#include <ATen/core/Tensor.h>

namespace likeness::net {

/// a·b + addend for a [m, k] and b [k, n] of one type; `addend` [n] on every row, undefined: 0.
at::Tensor product(const at::Tensor& a, const at::Tensor& b, const at::Tensor& addend = {});

/// aᵀ·b for a [k, m] and b [k, n] of one type: the gradient of a convolution's filters.
at::Tensor product_of_columns(const at::Tensor& a, const at::Tensor& b);

}  // namespace likeness::net
