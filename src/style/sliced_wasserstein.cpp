#include <tuple>

#include <ATen/ATen.h>
#include <likeness/core/error.h>
#include <likeness/style/costs.h>

#include "style/positions.h"

namespace likeness {
namespace {

/// [K, positions], ascending: lifted activations along each direction. Directions are taken back
/// through the lift, which is cheaper than lifting the activations.
at::Tensor sorted_projections(const at::Tensor& features, const Lift& lift,
                              const at::Tensor& directions) {
  const at::Tensor rows = at_least_float(positions(features));
  at::Tensor projected;
  if (lift.is_identity()) {
    projected = at::mm(directions, rows.t());
  } else {
    projected = at::addmm(at::mv(directions, lift.offset).unsqueeze(1),
                          at::mm(directions, lift.matrix), rows.t());
  }
  return std::get<0>(projected.sort(1));
}

/// Sorted values [K, N] as `count` quantiles at the levels (i + ½) / count, between the values
/// linearly.
at::Tensor quantiles(const at::Tensor& sorted, std::int64_t count) {
  if (sorted.size(1) == count) return sorted;
  return at::upsample_linear1d(sorted.unsqueeze(0), {count}, false).squeeze(0);
}

}  // namespace

SlicedStyle sliced_style(const at::Tensor& features, const Lift& lift, const at::Tensor& directions,
                         std::int64_t count) {
  LIKENESS_CHECK(count > 0);
  return {.directions = directions,
          .quantiles = quantiles(sorted_projections(features, lift, directions), count)};
}

at::Tensor sliced_style_cost(const at::Tensor& generated, const Lift& lift,
                             const SlicedStyle& style) {
  const at::Tensor sorted = sorted_projections(generated, lift, style.directions);
  return at::mse_loss(sorted, quantiles(style.quantiles, sorted.size(1)));
}

}  // namespace likeness
