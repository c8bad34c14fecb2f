#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/net/product.h>
#include <likeness/style/moments.h>
#include <torch/csrc/autograd/custom_function.h>

#include "style/positions.h"

namespace likeness {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr double kVarianceEpsilon = 1e-5;

/// Mean and second moment of rows with weights [rows, 1]. Plain automatic differentiation would
/// take two matrix products back, and keep a float copy of activations in bfloat16; one product and
/// the activations themselves are enough. Can be differentiated twice.
struct RowMoments : torch::autograd::Function<RowMoments> {
  static variable_list forward(AutogradContext* context, const at::Tensor& rows,
                               const c10::optional<at::Tensor>& weights) {
    const at::Tensor f = at_least_float(rows);
    const at::Tensor weighted = weights ? f * *weights : f;
    const at::Tensor total =
        weights ? weights->sum() : at::scalar_tensor(rows.size(0), f.options());
    context->save_for_backward({rows, total, weights.value_or(at::Tensor())});
    return {weighted.sum(0) / total, net::product_of_columns(f, weighted) / total};
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor& rows = saved[0];
    const at::Tensor& total = saved[1];
    const at::Tensor& weights = saved[2];
    const at::Tensor of_second = (gradients[1] + gradients[1].t()) / total;
    const auto type = rows.scalar_type();
    at::Tensor g = net::product(rows, of_second.to(type), (gradients[0] / total).to(type));
    if (weights.defined()) g = g * weights.to(type);
    return {g, at::Tensor()};
  }
};

}  // namespace

Moments moments(const at::Tensor& features, const at::Tensor& weights) {
  const at::Tensor rows = positions(features);
  c10::optional<at::Tensor> row_weights;
  if (weights.defined()) {
    LIKENESS_CHECK(weights.dim() == 2 && weights.size(0) == features.size(2) &&
                   weights.size(1) == features.size(3));
    row_weights = weights.detach().reshape({-1, 1});
  }
  const variable_list result = RowMoments::apply(rows, row_weights);
  return {.mean = result[0], .second = result[1]};
}

Moments lifted(const Moments& moments, const Lift& lift) {
  if (lift.is_identity()) return moments;
  const at::Tensor moved = at::mv(lift.matrix, moments.mean);
  const at::Tensor mixed = at::outer(moved, lift.offset);
  return {.mean = moved + lift.offset,
          .second = net::product(net::product(lift.matrix, moments.second), lift.matrix.t()) +
                    mixed + mixed.t() + at::outer(lift.offset, lift.offset)};
}

at::Tensor lifted(const at::Tensor& features, const Lift& lift) {
  if (lift.is_identity()) return at_least_float(features);
  const at::Tensor rows =
      net::product(at_least_float(positions(features)), lift.matrix.t(), lift.offset);
  return rows.view({1, features.size(2), features.size(3), rows.size(1)}).permute({0, 3, 1, 2});
}

at::Tensor lifted_variance(const Moments& moments, const Lift& lift) {
  const at::Tensor own = covariance(moments);
  if (lift.is_identity()) return own.diagonal();
  return (net::product(lift.matrix, own) * lift.matrix).sum(1);
}

at::Tensor standard_deviation(const Moments& moments) {
  const at::Tensor variance = moments.second.diagonal() - moments.mean.square();
  return (variance.clamp_min(0) + kVarianceEpsilon).sqrt();  // rounding can leave it below 0
}

at::Tensor covariance(const Moments& moments) {
  return moments.second - at::outer(moments.mean, moments.mean);
}

}  // namespace likeness
