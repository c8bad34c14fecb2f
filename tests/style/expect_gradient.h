#pragma once

#include <functional>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include "style/feature_maps.h"
#include "support/numerical_gradient.h"

namespace likeness {

/// Holds the gradient of `f` at `x` (float64) against central differences.
inline void expect_gradient(const std::function<at::Tensor(const at::Tensor&)>& f,
                            const at::Tensor& x) {
  const at::Tensor point = x.detach().clone().requires_grad_();
  f(point).backward();
  const at::Tensor expected =
      numerical_gradient([&](const at::Tensor& at) { return f(at).item<double>(); }, x);
  EXPECT_GT(expected.abs().max().item<double>(), 1e-4);
  EXPECT_LT(largest_difference(point.grad(), expected),
            1e-6 * (1 + expected.abs().max().item<double>()));
}

}  // namespace likeness
