#pragma once

/// The derivative as it is defined, to hold automatic differentiation against.

#include <cstdint>
#include <functional>

#include <ATen/ATen.h>

namespace likeness {

/// Central differences of the scalar function `f` at `x` (float64), one coordinate at a time.
inline at::Tensor numerical_gradient(const std::function<double(const at::Tensor&)>& f,
                                     const at::Tensor& x, double step = 1e-6) {
  at::Tensor point = x.detach().clone().contiguous();
  at::Tensor gradient = at::zeros_like(point);
  auto* value = point.data_ptr<double>();
  auto* slope = gradient.data_ptr<double>();
  for (std::int64_t i = 0; i < point.numel(); ++i) {
    const double middle = value[i];
    value[i] = middle + step;
    const double above = f(point);
    value[i] = middle - step;
    const double below = f(point);
    value[i] = middle;
    slope[i] = (above - below) / (2 * step);
  }
  return gradient;
}

}  // namespace likeness
