#include "style/bures.h"

#include <cmath>
#include <tuple>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <torch/csrc/autograd/custom_function.h>

namespace likeness {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// A lower bound on variances in every direction: a spread of 0.01 where activations are about 1.
constexpr double kEpsilon = 1e-4;

/// tr((Lᵀ A L)^½) for B = L·Lᵀ. Lᵀ A L has the eigenvalues of B^½ A B^½, and the gradient
/// ½·L (Lᵀ A L)^-½ Lᵀ is ½·B^½ (B^½ A B^½)^-½ B^½, whatever the root. As it is written out, equal
/// eigenvalues do no harm, which the differences of eigenvalues in eigh's own gradient divide by.
struct RootTrace : torch::autograd::Function<RootTrace> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& a, const at::Tensor& root) {
    const auto [values, vectors] = at::linalg_eigh(at::mm(at::mm(root.t(), a), root));
    // No eigenvalue of A, nor of B, is below epsilon but by rounding.
    const at::Tensor roots = values.clamp_min(kEpsilon * kEpsilon).sqrt();
    const at::Tensor sides = at::mm(root, vectors / roots.sqrt());
    context->save_for_backward({at::mm(sides, sides.t()) / 2});
    return roots.sum();
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    return {gradients[0] * context->get_saved_variables()[0], at::Tensor()};
  }
};

/// L and epsilon with b + epsilon·1 = L·Lᵀ; rounding may make a larger epsilon necessary.
std::tuple<at::Tensor, double> cholesky_root(const at::Tensor& b) {
  const at::Tensor identity = at::eye(b.size(0), b.options());
  for (double epsilon = kEpsilon;; epsilon *= 10) {
    const auto [root, info] = at::linalg_cholesky_ex(b + epsilon * identity);
    if (info.item<int>() == 0) return {root, epsilon};
    LIKENESS_CHECK(epsilon < 1e30);  // not finite
  }
}

}  // namespace

at::Tensor bures_distance(const at::Tensor& a, const at::Tensor& b) {
  const auto [root, epsilon] = cholesky_root(b.detach().to(at::kDouble));
  const at::Tensor first = a.to(at::kDouble) + epsilon * at::eye(a.size(0), root.options());
  if (at::Tensor sum = first.sum(); !std::isfinite(sum.item<double>()))
    return sum;  // eigh would throw; whoever optimises wants to see it
  return first.trace() + root.square().sum() - 2 * RootTrace::apply(first, root);
}

}  // namespace likeness
