#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/net/product.h>
#include <likeness/style/costs.h>
#include <torch/csrc/autograd/custom_function.h>

#include "style/gram_factor.h"
#include "style/positions.h"

namespace likeness {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Σ dᵀ·K·d over rows d, K symmetric: K·d, which the value takes, is half the gradient.
struct SumOfSquares : torch::autograd::Function<SumOfSquares> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& rows,
                            const at::Tensor& metric) {
    const at::Tensor moved = net::product(rows, metric);
    context->save_for_backward({moved});
    return (rows * moved).sum();
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    return {context->get_saved_variables()[0] * (gradients[0] * 2), at::Tensor()};
  }
};

}  // namespace

LiftMetric metric_of(const Lift& lift, std::int64_t channels) {
  if (lift.is_identity()) return {.channels = channels};
  LIKENESS_CHECK(lift.matrix.size(1) == channels);
  // In float64: sums of squares of the teacher's channels are what costs are small differences of.
  const at::Tensor m = lift.matrix.to(at::kDouble);
  const at::Tensor o = lift.offset.to(at::kDouble);
  const auto type = lift.matrix.scalar_type();
  return {.channels = m.size(0),
          .matrix = at::mm(m.t(), m).to(type),
          .mixed = at::mv(m.t(), o).to(type),
          .offset_square = o.square().sum().item<double>()};
}

at::Tensor lifted_content_cost(const at::Tensor& generated, const at::Tensor& content,
                               const LiftMetric& metric) {
  if (!metric.matrix.defined()) return content_cost(generated, content);
  LIKENESS_CHECK(generated.sizes() == content.sizes());
  const at::Tensor difference =
      at_least_float(positions(generated)) - at_least_float(positions(content));
  return SumOfSquares::apply(difference, metric.matrix) /
         static_cast<double>(difference.size(0) * metric.channels);
}

at::Tensor lifted_gram_cost(const Moments& generated, const Moments& style,
                            const LiftMetric& metric, GramScale scale) {
  if (!metric.matrix.defined()) return style_cost(generated, style, StyleLoss::gram, scale);
  LIKENESS_CHECK(generated.mean.sizes() == style.mean.sizes());
  const at::Tensor d = generated.second - style.second;
  const at::Tensor v = generated.mean - style.mean;
  const at::Tensor moved = net::product(metric.matrix, d);  // K·D
  const at::Tensor squares = (moved * moved.t()).sum() + v.dot(moved.mv(metric.mixed)) * 4 +
                             v.dot(metric.matrix.mv(v)) * (2 * metric.offset_square) +
                             v.dot(metric.mixed).square() * 2;
  return squares * (gram_factor(scale, metric.channels) /
                    static_cast<double>(metric.channels * metric.channels));
}

}  // namespace likeness
