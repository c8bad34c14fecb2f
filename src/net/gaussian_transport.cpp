#include "net/gaussian_transport.h"

#include <limits>
#include <tuple>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <likeness/core/error.h>
#include <likeness/net/product.h>
#include <torch/csrc/autograd/custom_function.h>

namespace likeness::net {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr double kRidge = 0.02;
/// Eigenvalues are at least this share of the largest.
constexpr double kLeast = 1e-12;

/// Eigenvalues [N, C], ascending, and eigenvectors [N, C, C] as columns; NaN for what is not
/// finite, which LAPACK would not come back from.
std::tuple<torch::Tensor, torch::Tensor> eigen(const torch::Tensor& matrices) {
  if (!at::isfinite(matrices).all().item<bool>()) {
    constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
    return {at::full_like(matrices.select(2, 0), kNan), at::full_like(matrices, kNan)};
  }
  const auto [values, vectors] = at::linalg_eigh(matrices, "L");
  return {at::maximum(values, values.select(1, -1).unsqueeze(1) * kLeast), vectors};
}

/// Σ a·bᵀ over positions [N, H·W, C]: [N, C, C]. Gradients do not flow through product_of_columns.
torch::Tensor second_moments(const torch::Tensor& a, const torch::Tensor& b) {
  if (at::GradMode::is_enabled()) return at::bmm(a.transpose(1, 2), b);
  std::vector<torch::Tensor> all;
  for (std::int64_t n = 0; n < a.size(0); ++n) all.push_back(product_of_columns(a[n], b[n]));
  return at::stack(all);
}

/// C^½ or C^(−½). Backward by the divided differences of the function at the eigenvalues (Daleckii
/// and Krein 1965), which stay finite where eigenvalues coincide.
struct Root : torch::autograd::Function<Root> {
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& matrices,
                               bool inverse) {
    const auto [values, vectors] = eigen(matrices.to(at::kDouble));
    const torch::Tensor root = values.sqrt();
    context->save_for_backward({root, vectors});
    context->saved_data["inverse"] = inverse;
    const torch::Tensor image = inverse ? root.reciprocal() : root;
    return at::bmm(vectors * image.unsqueeze(1), vectors.transpose(1, 2))
        .to(matrices.scalar_type());
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const torch::Tensor& root = saved[0];
    const torch::Tensor& vectors = saved[1];
    const torch::Tensor one = root.unsqueeze(1);
    const torch::Tensor other = root.unsqueeze(2);
    torch::Tensor differences = (one + other).reciprocal();
    if (context->saved_data["inverse"].toBool()) differences = -differences / (one * other);
    const torch::Tensor g = gradients[0].to(at::kDouble);
    const torch::Tensor symmetric = (g + g.transpose(1, 2)) / 2;
    const torch::Tensor inner = at::bmm(at::bmm(vectors.transpose(1, 2), symmetric), vectors);
    return {at::bmm(at::bmm(vectors, inner * differences), vectors.transpose(1, 2))
                .to(gradients[0].scalar_type()),
            {}};
  }
};

}  // namespace

FeatureMoments feature_moments(const torch::Tensor& x, const torch::Tensor& mask) {
  LIKENESS_CHECK(x.dim() == 4);
  const torch::Tensor rows = x.permute({0, 2, 3, 1}).flatten(1, 2);
  FeatureMoments moments;
  torch::Tensor weighted = rows;
  auto total = static_cast<double>(rows.size(1));
  if (mask.defined()) {
    torch::Tensor weights =
        at::adaptive_avg_pool2d(mask.unsqueeze(0).unsqueeze(0), {x.size(2), x.size(3)})
            .view({1, -1, 1});
    weights = weights / weights.sum();
    weighted = rows * weights;
    total = 1;
  }
  moments.mean = weighted.sum(1) / total;
  const torch::Tensor second = second_moments(weighted, rows) / total;
  moments.covariance = second - at::bmm(moments.mean.unsqueeze(2), moments.mean.unsqueeze(1));
  return moments;
}

torch::Tensor ridged(const torch::Tensor& covariance) {
  const torch::Tensor mean = covariance.diagonal(0, 1, 2).mean(1).view({-1, 1, 1});
  return covariance +
         at::eye(covariance.size(1), covariance.options()) * (mean * kRidge + kVarianceEpsilon);
}

torch::Tensor square_root(const torch::Tensor& matrices) {
  return Root::apply(matrices, false);
}

torch::Tensor inverse_square_root(const torch::Tensor& matrices) {
  return Root::apply(matrices, true);
}

torch::Tensor transport(const torch::Tensor& covariance, const torch::Tensor& style_root) {
  const torch::Tensor given = style_root.to(at::kDouble);
  const torch::Tensor root = (given + given.transpose(1, 2)) / 2;
  const torch::Tensor own = ridged(covariance.to(at::kDouble)).expand_as(root);
  const torch::Tensor middle = at::bmm(at::bmm(root, own), root);
  return at::bmm(at::bmm(root, inverse_square_root(middle)), root).to(style_root.scalar_type());
}

Carrying carrying_to(const FeatureMoments& moments, const torch::Tensor& roots,
                     const torch::Tensor& means) {
  const torch::Tensor map = transport(moments.covariance, roots);
  return {.matrices = map, .shifts = means - at::matmul(map, moments.mean.unsqueeze(2)).squeeze(2)};
}

Carrying followed_by(const Carrying& first, const torch::Tensor& weight,
                     const torch::Tensor& bias) {
  return {.matrices = at::matmul(weight, first.matrices),
          .shifts = at::matmul(first.shifts, weight.t()) + bias};
}

torch::Tensor carried(const torch::Tensor& rows, const Carrying& carrying, std::int64_t style) {
  return product(rows, carrying.matrices[style].t(), carrying.shifts[style]);
}

}  // namespace likeness::net
