#pragma once

#include <ATen/core/Tensor.h>

namespace likeness {

/// matrix · x + offset
struct AffineMap {
  at::Tensor matrix;  ///< [out, in]
  at::Tensor offset;  ///< [out]
};

/// The affine map from x to y with the least squared error over all rows that were added. Sums are
/// float64.
class AffineLeastSquares {
 public:
  /// x: [N, in], y: [N, out], float32.
  void add(const at::Tensor& x, const at::Tensor& y);
  /// `ridge`: what is added to the second moments of x, as a share of their mean.
  AffineMap solve(double ridge) const;

 private:
  at::Tensor moments_;  ///< [in + 1, in + 1]: Σ (x, 1)ᵀ (x, 1)
  at::Tensor both_;     ///< [in + 1, out]: Σ (x, 1)ᵀ y
  double rows_ = 0;
};

}  // namespace likeness
